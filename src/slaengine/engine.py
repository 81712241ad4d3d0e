"""The engine: one pack, one basis, one state of knowledge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.case import Case
from slaengine.errors import InputError, raise_problem
from slaengine.explain import Explanation
from slaengine.facts import Refusal
from slaengine.outcome import Outcome
from slaengine.pack import RulePack
from slaengine.record import assess_record, told_of
from slaengine.rule import Rule, RuleKey
from slaengine.steps import StepOutcome, step_outcomes
from slaengine.tables import Tables, compile_tables
from slaengine.verdict import VERDICTS, refusal
from slaengine.vocabulary import Basis, Problem

__all__ = ["Engine", "RuleIds"]


class RuleIds(NamedTuple):
    """The names of an engine's rules, and the number of the one that each row of the tables holds."""

    words: tuple[str, ...]
    number: NDArray[np.int32]


class Engine:
    """Judges cases by the rules of one pack and one basis.

    `early_from` is how many whole working days saved make a finish `early` rather than `on_time`, for limits in hours
    `early_minutes_from` how many open minutes. `known_at` reads the pack as it was known on a day, notices of that day
    included, or with `"received"` on the day of each receipt.
    """

    def __init__(
        self,
        pack: RulePack,
        *,
        basis: Basis | str = Basis.STATUTORY,
        early_from: int = 1,
        early_minutes_from: int = 1,
        known_at: date | Literal["received"] | None = None,
    ) -> None:
        self.pack = pack
        if not isinstance(pack, RulePack):
            raise InputError(f"a pack is wanted, not a {type(pack).__name__}", hint="load one with load_pack")
        for name, least in (("early_from", early_from), ("early_minutes_from", early_minutes_from)):
            if not isinstance(least, int) or least < 1:
                raise InputError(f"{name} is {least!r}", hint="give a whole number, 1 at least")
        if basis not in set(Basis):
            raise InputError(f"{basis!r} is no basis", hint=f"choose {', '.join(Basis)}")
        self.basis = Basis(basis)
        self.early_from = early_from
        self.early_minutes_from = early_minutes_from
        self.known_at = known_at
        self.tables: Tables = compile_tables(pack, self.basis, known_at)

    def __reduce__(self) -> tuple[Any, ...]:
        """An engine is sent as its pack and settings, and compiled again where it arrives."""
        made = partial(Engine, self.pack, basis=str(self.basis), known_at=self.known_at)
        return partial(made, early_from=self.early_from, early_minutes_from=self.early_minutes_from), ()

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything an answer depends on: the pack's content and the engine's settings."""
        early = f"early_from={self.early_from} early_minutes_from={self.early_minutes_from}"
        settings = f"{self.pack.digest} basis={self.basis} {early} known_at={self.known_at}"
        return hashlib.sha256(settings.encode()).hexdigest()

    @cached_property
    def only_level(self) -> str:
        """The level of a pack that has a single one, which records need not name; else ""."""
        return self.pack.levels[0] if len(self.pack.levels) == 1 else ""

    def assess(self, case: Case, *, today: date | None = None, errors: Literal["raise", "return"] = "raise") -> Outcome:
        """When the case is due, whether it was in time, and by how many working days.

        `today` (a date means its last second) judges unfinished cases; facts dated after it are ignored. A problem that
        leaves no answer raises its exception, or with `errors="return"` comes back in the outcome as in a batch row.
        """
        if errors not in {"raise", "return"}:
            raise InputError(f"errors is {errors!r}", hint="choose raise or return")
        if not isinstance(case, Case):
            raise InputError(f"a case is wanted, not a {type(case).__name__}", hint="make one with sla.Case")
        outcome = self._beside(self._assess(case, today))
        if errors == "raise" and outcome.problem:
            raise_problem(outcome.problem, case.record, self._hint(outcome))
        return outcome

    def explain(self, outcome: Outcome) -> Explanation:
        """How an outcome came about, day by day."""
        case, beside = outcome.case, outcome.rule is not None and outcome.rule.basis is not self.basis
        tables = self.other.tables if beside and self.other else self.tables
        told = told_of(tables, case, case.level or self.only_level, outcome.today)
        return Explanation(outcome, told, self.pack, self.tables.calendars, self.digest)

    @cached_property
    def rule_ids(self) -> RuleIds:
        """The names of the rules, and which one a row of the tables holds."""
        names = [line.rule.id if line else "" for line in self.tables.own]
        words = sorted({name for name in names if name})
        number = {name: i for i, name in enumerate(words)}
        return RuleIds(tuple(words), np.array([number.get(name, 0) for name in names], dtype=np.int32))

    @cached_property
    def other(self) -> Engine | None:
        """The engine of the other basis, where the pack has rules of it."""
        basis = Basis.COMMITMENT if self.basis is Basis.STATUTORY else Basis.STATUTORY
        if not any(rule.basis is basis for rule in self.pack.rules):
            return None
        settings = {"early_from": self.early_from, "early_minutes_from": self.early_minutes_from}
        return Engine(self.pack, basis=basis, known_at=self.known_at, **settings)

    def _beside(self, outcome: Outcome) -> Outcome:
        """The outcome with that of the other basis beside it, where the pack has a rule of it for the case."""
        if self.other is None:
            return outcome
        beside = self.other._assess(outcome.case, outcome.today)  # noqa: SLF001  # its own class
        if beside.rule is None:
            return outcome
        promise, law = (beside, outcome) if self.basis is Basis.STATUTORY else (outcome, beside)
        longer = promise.due_at is not None and law.due_at is not None and promise.due_at > law.due_at
        return outcome._replace(commitment=beside, flags=(*outcome.flags, *["commitment_after_due"] * longer))

    def steps(self, case: Case, done: Mapping[int, date], *, today: date | None = None) -> list[StepOutcome]:
        """How each step inside the limit of a case went, the one that used up the time marked.

        `done` says when which step was done. A step starts where the one before was done, the first at the receipt.
        """
        outcome = self._assess(case, today)
        if outcome.rule is None:
            raise_problem(outcome.problem, case.record, self._hint(outcome))
            return []
        return step_outcomes(self.pack, outcome, done, self.early_from)

    def _assess(self, case: Case, today: date | None) -> Outcome:
        try:
            level = case.level or self.only_level
            return assess_record(self.tables, case, level, today, self.early_from, self.early_minutes_from)
        except Refusal as refused:
            line = self.tables.own[refused.row] if refused.row >= 0 else None
            verdict = VERDICTS[refusal(refused.problem)]
            rule = line.rule if line else None
            return Outcome(case=case, today=today, rule=rule, status=verdict.status, problem=verdict.problem)

    def _hint(self, outcome: Outcome) -> str:
        """What to do about a problem of this case."""
        case, problem = outcome.case, outcome.problem
        key = RuleKey(case.procedure, case.level or self.only_level, case.variant)
        if problem is Problem.NOT_IN_FORCE:
            versions = [r for r in self.tables.versions.rules if r and r.key == key]
            return f"received {case.received_at}; it is in force {', '.join(map(_validity, versions))}"
        if problem is Problem.CALENDAR_NOT_COVERED and outcome.rule:
            first, end = self.tables.calendars[outcome.rule.calendar].coverage
            return f"calendar {outcome.rule.calendar} covers {first} to {end} (exclusive)"
        if problem is Problem.ATTRIBUTE_NEEDED and outcome.rule:
            cut_off = outcome.rule.convention.cut_off
            asked = [m.attribute for m in outcome.rule.modifiers] + ([cut_off.applies_if] if cut_off else [])
            missing = [repr(name) for name in asked if name and case.attributes.get(name) is None]
            return f"give {', '.join(missing)} as true or false in attributes"
        if problem is Problem.START_EVENT_MISSING and outcome.rule:
            return f"give the time of {outcome.rule.start_event!r} in event_times"
        return self._known_words(problem, key)

    def _known_words(self, problem: Problem, key: RuleKey) -> str:
        rules = [r for r in self.tables.versions.rules if r]
        at = [r.key for r in rules if r.key.procedure == key.procedure]
        here = [k for k in at if k.level == key.level]
        if problem is Problem.PROCEDURE_UNKNOWN:
            import difflib  # noqa: PLC0415  # only a misspelt name needs it

            near = difflib.get_close_matches(key.procedure, sorted({r.key.procedure for r in rules}), n=3)
            return f"pack {self.pack.id} has no {key.procedure!r}" + (f"; near ones: {', '.join(near)}" if near else "")
        if problem in {Problem.LEVEL_UNKNOWN, Problem.LEVEL_MISSING}:
            return f"given {key.level!r}; {key.procedure} has " + ", ".join(
                sorted({k.level for k in at} or self.pack.levels)
            )
        if problem in {Problem.VARIANT_UNKNOWN, Problem.VARIANT_NEEDED}:
            return f"given {key.variant!r}; there is " + ", ".join(sorted({repr(k.variant) for k in here}))
        return HINTS.get(problem, "")


HINTS = {
    Problem.PROCEDURE_MISSING: "give the code of a procedure",
    Problem.NONEXISTENT_TIME: "give a wall-clock time that existed in the pack's zone, or an aware one",
    Problem.TIME_NEEDED: "give a datetime, not a date",
    Problem.FINISHED_UNREADABLE: "give a wall-clock time that existed in the pack's zone",
    Problem.FINISHED_BEFORE_RECEIVED: "check the two times; they are never swapped",
    Problem.RECEIVED_AFTER_TODAY: "check today and the time of receipt",
    Problem.EVENT_UNREADABLE: "check the times of its suspensions, extensions, restarts and supplements",
    Problem.STOP_BEFORE_EXTENSION: "no text says how such a stop moves what was extended; check both dates",
    Problem.SUPPLEMENT_UNRULED: "give it as a suspension or a restart, or add supplement_effect to the rule",
    Problem.NO_SUCH_DAY: "the convention's month_end refuses to choose",
    Problem.NO_CLOSING_TIME: "the due day is a day off; the convention rolls nowhere",
}


def _validity(rule: Rule) -> str:
    read = " (the day it was read; since when was not read)" if rule.valid_from_unknown else ""
    return f"from {rule.effective_from}{read}" + (
        f" until {rule.effective_until} (exclusive)" if rule.effective_until else ""
    )
