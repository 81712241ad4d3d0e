"""What the facts of a case add up to: one small number, and the table that says what it means."""

from __future__ import annotations

from typing import NamedTuple

from slaengine.errors import PROBLEMS, Empties
from slaengine.vocabulary import Problem, Status

__all__ = ["VERDICTS", "Fact", "Verdict", "refusal"]


class Fact:
    """What the kernel finds true of a case, each a bit of the verdict."""

    OPEN = 1
    PAST_DUE = 2
    EARLY = 4
    MARGIN_UNCOVERED = 8
    ELAPSED_UNCOVERED = 16
    FINISHED_BEFORE_RECEIVED = 32
    RECEIVED_AFTER_TODAY = 64
    TODAY_MISSING = 128
    SUSPENDED = 256
    EXACT = 512
    """Early or not is measured without the calendar: in elapsed seconds."""


JUDGED = 1024
"""Verdicts below this are sums of facts."""


class Verdict(NamedTuple):
    """The status, the problem, and which parts of the answer are known."""

    status: Status
    problem: Problem
    has_rule: bool
    has_due: bool
    has_margin: bool
    has_lateness: bool
    has_elapsed: bool
    has_minutes: bool


def refusal(problem: int) -> int:
    """The verdict on a case that cannot be judged, because of a problem."""
    return JUDGED + problem


def _refused(problem: Problem, *, suspended: bool = False) -> Verdict:
    has_due = PROBLEMS[problem].empties < Empties.EVERYTHING and not suspended
    return Verdict(
        status=Status.UNKNOWN,
        problem=problem,
        has_rule=problem > Problem.NOT_IN_FORCE,
        has_due=has_due,
        has_margin=False,
        has_lateness=False,
        has_elapsed=False,
        has_minutes=False,
    )


def _judged(facts: int) -> Verdict:
    """Facts in the order in which they count: what cannot be judged, then the finish, then today."""
    suspended = bool(facts & Fact.SUSPENDED)
    if facts & Fact.RECEIVED_AFTER_TODAY:
        return _refused(Problem.RECEIVED_AFTER_TODAY, suspended=suspended)
    if facts & Fact.FINISHED_BEFORE_RECEIVED:
        return _refused(Problem.FINISHED_BEFORE_RECEIVED, suspended=suspended)
    if facts & Fact.OPEN and facts & Fact.TODAY_MISSING:
        return _refused(Problem.TODAY_NEEDED, suspended=suspended)
    if facts & Fact.OPEN and suspended:
        none = _refused(Problem.NONE, suspended=True)
        return none._replace(status=Status.SUSPENDED, has_rule=True, has_elapsed=_has_elapsed(facts))
    finished, past_due, covered = not facts & Fact.OPEN, bool(facts & Fact.PAST_DUE), not facts & Fact.MARGIN_UNCOVERED
    counts = finished or past_due
    return Verdict(
        status=_status(facts, covered=covered),
        problem=Problem.MARGIN_NOT_COVERED if counts and not covered else Problem.NONE,
        has_rule=True,
        has_due=True,
        has_margin=covered and finished,
        has_lateness=covered and counts,
        has_elapsed=_has_elapsed(facts),
        has_minutes=finished and (covered or bool(facts & Fact.EXACT)),
    )


def _has_elapsed(facts: int) -> bool:
    return not facts & Fact.ELAPSED_UNCOVERED or bool(facts & Fact.EXACT)


def _status(facts: int, *, covered: bool) -> Status:
    """A finish in time whose margin the calendar does not know is early if the part it knows is enough for that."""
    if facts & Fact.OPEN:
        return Status.OVERDUE if facts & Fact.PAST_DUE else Status.RUNNING
    if facts & Fact.PAST_DUE:
        return Status.LATE
    if facts & Fact.EARLY:
        return Status.EARLY
    return Status.ON_TIME if covered or facts & Fact.EXACT else Status.UNKNOWN


VERDICTS = (*(_judged(facts) for facts in range(JUDGED)), *(_refused(problem) for problem in Problem))
"""What each verdict means: below `JUDGED` sums of facts, from there on problems found before judging."""
