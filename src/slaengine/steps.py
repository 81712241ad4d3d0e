"""Steps inside a whole limit: each with its own time, checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from slaengine.case import Case
from slaengine.facts import Refusal
from slaengine.outcome import Outcome
from slaengine.pack import RulePack
from slaengine.record import assess_record
from slaengine.rule import Rule, Step
from slaengine.tables import compile_tables
from slaengine.vocabulary import Problem, Status

__all__ = ["StepOutcome", "step_outcomes"]


class StepOutcome(NamedTuple):
    """How one step went; `used_up` marks the one that took most beyond its own limit, of a limit that was missed."""

    number: int
    name_en: str
    name_vi: str
    started_at: date | None
    due_at: datetime | None
    done_at: date | None
    status: Status
    problem: Problem
    over: timedelta
    used_up: bool = False


def step_outcomes(pack: RulePack, outcome: Outcome, done: Mapping[int, date], early: int) -> list[StepOutcome]:
    """The steps of a case's rule one after the other, each from where the one before was done."""
    rule = outcome.rule
    found: list[StepOutcome] = []
    started: date | None = outcome.case.received_at
    for step in rule.steps if rule else ():
        found.append(_judged(pack, outcome, step, started, done.get(step.number), early))
        started = done.get(step.number)
    return _marked(found) if outcome.status in {Status.LATE, Status.OVERDUE} else found


def _judged(
    pack: RulePack, outcome: Outcome, step: Step, started: date | None, done: date | None, early: int
) -> StepOutcome:
    named = (step.number, step.name_en, step.name_vi)
    if started is None or outcome.rule is None:
        return StepOutcome(*named, None, None, done, Status.UNKNOWN, Problem.NONE, timedelta(0))
    alone = replace(pack, rules=(_alone(outcome.rule, step),))
    case = Case(procedure="step", level="step", received_at=started, finished_at=done)
    try:
        t = compile_tables(alone, outcome.rule.basis)
        own = assess_record(t, case, "step", outcome.today, early, 1)
    except Refusal as refused:
        return StepOutcome(*named, started, None, done, Status.UNKNOWN, refused.problem, timedelta(0))
    return StepOutcome(*named, started, own.due_at, done, own.status, own.problem, _over(own, done, outcome.today))


def _alone(rule: Rule, step: Step) -> Rule:
    """A step as a limit of its own, which holds whenever it is started."""
    key = rule.key._replace(procedure="step", level="step", variant="")
    return replace(
        rule,
        key=key,
        limit=step.limit,
        convention=step.convention,
        calendar=step.calendar,
        effective_from=date(1900, 1, 1),
        effective_until=None,
        citations=step.citations,
        further=(),
        modifiers=(),
        steps=(),
        start_event="received",
    )


def _over(own: Outcome, done: date | None, today: date | None) -> timedelta:
    """By how long a step was late; one that is not done yet, by today."""
    end = done or today
    if own.due_at is None or end is None or own.status not in {Status.LATE, Status.OVERDUE}:
        return timedelta(0)
    at = end if isinstance(end, datetime) else datetime.combine(end, own.due_at.time())
    return max(at.replace(tzinfo=None) - own.due_at.replace(tzinfo=None), timedelta(0))


def _marked(steps: list[StepOutcome]) -> list[StepOutcome]:
    worst = max((step.over for step in steps), default=timedelta(0))
    return [step._replace(used_up=step.over == worst > timedelta(0)) for step in steps]
