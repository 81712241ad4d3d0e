"""The engine: one pack, one basis, and the kernel's driver for one record."""

from __future__ import annotations

import hashlib
from datetime import date, tzinfo
from functools import cached_property
from typing import Literal

from slaengine import kernel
from slaengine.case import Case
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY, end_seconds, is_instant, last_second, to_datetime, wall_seconds
from slaengine.errors import InputError, raise_problem
from slaengine.explain import Explanation
from slaengine.kernel import NEVER, Count, Due, Judgement, Start
from slaengine.outcome import Outcome, Steps
from slaengine.pack import RulePack
from slaengine.rule import Rule, RuleKey
from slaengine.tables import Row, Tables, Trait, compile_tables
from slaengine.verdict import JUDGED, VERDICTS, Fact, refusal
from slaengine.vocabulary import Basis, Problem

__all__ = ["Engine", "last_of"]


def last_of(today: date | None, zone: tzinfo) -> int | None:
    """The second to judge on; `InputError` where `today` is neither a date nor a datetime."""
    if today is not None and not isinstance(today, date):
        raise InputError(f"today is {today!r}", hint="give a datetime.date or a datetime.datetime")
    return None if today is None else last_second(today, zone)


class _Refusal(Exception):  # noqa: N818  # not an error: how a problem leaves the driver
    """A problem found before the case could be judged."""

    def __init__(self, problem: int, row: int = -1) -> None:
        self.problem = Problem(problem)
        self.row = row


class Engine:
    """Judges cases by the rules of one pack and one basis.

    `early_from` is how many whole working days saved make a finish `early` rather than `on_time`.
    """

    def __init__(self, pack: RulePack, *, basis: Basis | str = Basis.STATUTORY, early_from: int = 1) -> None:
        self.pack = pack
        if not isinstance(pack, RulePack):
            raise InputError(f"a pack is wanted, not a {type(pack).__name__}", hint="load one with load_pack")
        if not isinstance(early_from, int) or early_from < 1:
            raise InputError(f"early_from is {early_from!r}", hint="give whole working days, 1 at least")
        if basis not in set(Basis):
            raise InputError(f"{basis!r} is no basis", hint=f"choose {', '.join(Basis)}")
        self.basis = Basis(basis)
        self.early_from = early_from
        self.tables: Tables = compile_tables(pack, self.basis)

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything an answer depends on: the pack's content and the engine's settings."""
        settings = f"{self.pack.digest} basis={self.basis} early_from={self.early_from}"
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
        outcome = self._assess(case, today)
        if errors == "raise" and outcome.problem:
            raise_problem(outcome.problem, case.record, self._hint(outcome))
        return outcome

    def explain(self, outcome: Outcome) -> Explanation:
        """How an outcome came about, day by day."""
        return Explanation(outcome, self.pack, self.digest)

    def _assess(self, case: Case, today: date | None) -> Outcome:
        try:
            return self._judged(case, today)
        except _Refusal as refused:
            rule = self.tables.versions.rules[refused.row] if refused.row >= 0 else None
            verdict = VERDICTS[refusal(refused.problem)]
            return Outcome(case=case, today=today, rule=rule, status=verdict.status, problem=verdict.problem)

    def _judged(self, case: Case, today: date | None) -> Outcome:
        t = self.tables
        row, held, received = self._receipt(case)
        start, late = self._start(case, row, held, received)
        due = self._due(row, held, start)
        finished, unreadable = self._finished(case)
        begun = received if case.finished_at is None or is_instant(case.finished_at) else received // DAY * DAY
        last = last_of(today, t.zone)
        now = NEVER if last is None else min(max(last - t.first_day * DAY, 0), NEVER - 1)
        rule = held.rule
        found = kernel.judge(t.scalar_ops, rule, start.first, due, begun, finished, now, self.early_from)
        verdict = refusal(Problem.FINISHED_UNREADABLE) if unreadable else found.verdict
        until = due.day - found.gap_calendar
        low = start.first if start.first < until else until
        high = due.day if due.day > until else until
        if not unreadable and t.at_an_edge(low, high, received, now):
            verdict += kernel.seldom(t.scalar_ops, rule, start.first, due.day, until, received, now)
        return self._outcome(case, today, row, held.rule, received, start, late, due, found, verdict)

    def _start(self, case: Case, row: int, held: Row, received: int) -> tuple[Start[int], bool]:
        """When the case counts as received, and whether it came after a cut-off that applies."""
        t = self.tables
        _, rule, how = held
        day, second = divmod(received, DAY)
        if how is None:
            return kernel.as_received(rule, day, second), False
        applies = _applies(case, t.attributes[how.attribute])
        start, late = kernel.receive(t.scalar_ops, rule, how, day, second, int(applies or 0))
        if start.day < 0 or (late and applies is None):
            raise _Refusal(-start.day if start.day < 0 else Problem.ATTRIBUTE_NEEDED, row)
        return start, bool(late and applies)

    def _due(self, row: int, held: Row, start: Start[int]) -> Due[int]:
        t = self.tables
        traits, rule, _ = held
        due = kernel.due(t.scalar_ops, rule, start)
        if traits & Trait.CLOSES:
            due = kernel.close(t.scalar_ops, rule, due)
        if due.end < 0:
            raise _Refusal(-due.end, row)
        gap = t.gaps.get(due.day + t.first_day) if t.gaps else None
        if gap is not None and gap.start <= due.second < gap.end:
            return due._replace(second=gap.start - 1)  # the last second there was
        return due

    def _receipt(self, case: Case) -> tuple[int, Row, int]:
        """The number of the rule's row, the row, and the second of receipt on the tables' own line."""
        t = self.tables
        group = t.versions.codes.group(case.procedure, case.level or self.only_level, case.variant)
        if group < 0:
            raise _Refusal(-group)
        seconds = wall_seconds(case.received_at, t.zone)
        if t.gaps and is_instant(case.received_at) and self._in_gap(seconds):
            raise _Refusal(Problem.NONEXISTENT_TIME)
        day = seconds // DAY
        row = t.versions.row(group, day - t.first_day)
        held = t.row(row)
        traits, known, _ = held
        if traits & Trait.NO_RULE:
            raise _Refusal(Problem.NOT_IN_FORCE)
        if traits & Trait.NEEDS_TIME and not is_instant(case.received_at):
            raise _Refusal(Problem.TIME_NEEDED, row)
        first, end = (known.covered_from, known.covered_until) if traits & Trait.NEEDS_COVER else (NEIGHBOURS, t.size)
        if not first <= day - t.first_day < end:
            raise _Refusal(Problem.CALENDAR_NOT_COVERED, row)
        return row, held, seconds - t.first_day * DAY

    def _finished(self, case: Case) -> tuple[int, bool]:
        """The second of the finish, and whether that is a reading which never was."""
        if case.finished_at is None:
            return NEVER + 1, False
        seconds = end_seconds(case.finished_at, self.tables.zone)
        missing = bool(self.tables.gaps) and is_instant(case.finished_at) and self._in_gap(seconds)
        since = seconds - self.tables.first_day * DAY
        return since if 0 <= since < NEVER else 0 if since < 0 else NEVER - 1, missing

    def _in_gap(self, seconds: int) -> bool:
        gap = self.tables.gaps.get(seconds // DAY)
        return gap is not None and gap.start <= seconds % DAY < gap.end

    def _outcome(
        self,
        case: Case,
        today: date | None,
        row: int,
        rule: Count[int],
        received: int,
        start: Start[int],
        late: bool,  # noqa: FBT001  # a fact, not a switch
        due: Due[int],
        found: Judgement[int],
        number: int,
    ) -> Outcome:
        t, origin, gap, lag = self.tables, self.tables.first_day, found.gap, -found.gap_calendar
        status, problem, _, _, has_margin, has_lateness, has_elapsed = VERDICTS[number]
        last = due.end
        if start.end != rule.unrolled:
            last = kernel.advance(t.scalar_ops, start.line, rule.unrolled, start.first)
        due_at = to_datetime((due.day + origin) * DAY + due.second)
        if getattr(case.received_at, "tzinfo", None) is not None:
            due_at = due_at.replace(tzinfo=t.zone)
        provisional = t.foresees and self._provisional(rule, received, due, lag, number)
        deemed = (start.day + origin) * DAY + start.second
        return Outcome(  # by position, which takes half the time: the order of its fields
            case,
            today,
            t.versions.rules[row],
            status,
            problem,
            due_at,
            due_at.date(),
            gap if has_margin else None,
            (gap if gap > 0 else 0) if has_margin else None,
            (-gap if gap < 0 else 0) if has_lateness else None,
            (lag if lag > 0 else 0) if has_lateness else None,
            (found.elapsed if found.elapsed > 0 else 0) if has_elapsed else None,
            provisional,
            Steps(deemed, start.first + origin, last + origin, due.day + origin, late),
        )

    def _provisional(self, rule: Count[int], received: int, due: Due[int], lag: int, number: int) -> bool:
        """Whether a foreseen year lies between the receipt and the later of due and finish."""
        open_yet = number & Fact.OPEN or number >= JUDGED
        end = due.day if open_yet or lag < 0 else due.day + lag
        return kernel.measure(self.tables.scalar_ops, rule.foreseen, received // DAY, end + 1) > 0

    def _hint(self, outcome: Outcome) -> str:
        """What to do about a problem of this case."""
        case, problem = outcome.case, outcome.problem
        key = RuleKey(case.procedure, case.level or self.only_level, case.variant)
        if problem is Problem.NOT_IN_FORCE:
            versions = [r for r in self.tables.versions.rules if r and r.key == key]
            return f"received {case.received_at}; it is in force {', '.join(map(_validity, versions))}"
        if problem is Problem.CALENDAR_NOT_COVERED and outcome.rule:
            first, end = self.pack.calendars[outcome.rule.calendar].coverage
            return f"calendar {outcome.rule.calendar} covers {first} to {end} (exclusive)"
        if problem is Problem.ATTRIBUTE_NEEDED and outcome.rule and outcome.rule.convention.cut_off:
            return f"give {outcome.rule.convention.cut_off.applies_if!r} as true or false in attributes"
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
    Problem.NO_SUCH_DAY: "the convention's month_end refuses to choose",
    Problem.NO_CLOSING_TIME: "the due day is a day off; the convention rolls nowhere",
}


def _validity(rule: Rule) -> str:
    return f"from {rule.effective_from}" + (
        f" until {rule.effective_until} (exclusive)" if rule.effective_until else ""
    )


def _applies(case: Case, attribute: str) -> bool | None:
    """Whether the case's attribute lets the cut-off apply; None where it is not given."""
    return True if not attribute else case.attributes.get(attribute)
