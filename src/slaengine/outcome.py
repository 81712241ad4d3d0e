"""The answer to one case, with the steps that led to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from slaengine.case import Case
from slaengine.days import to_date, to_datetime
from slaengine.events import MICRO, NEVER_ENDED, Event, Kind
from slaengine.rule import Rule, TimeLimit
from slaengine.vocabulary import Problem, Status, Unit

__all__ = ["Outcome", "Stage", "Steps", "Told"]

KINDS = {Kind.STOP: "stop", Kind.RESTART: "restart", Kind.EXTENSION: "extension"}
UNITS = tuple(Unit)


class Steps(NamedTuple):
    """How the due date came about, in the kernel's numbers: days and seconds since 1970-01-01.

    The deemed receipt, the first counted day, the last day before and after rolling; `late` where the receipt came
    after the cut-off.
    """

    deemed: int
    first: int
    last: int
    rolled: int
    late: bool

    @property
    def deemed_at(self) -> datetime:
        """When the case counts as received."""
        return to_datetime(self.deemed)

    @property
    def first_counted(self) -> date:
        """The first day that counts."""
        return to_date(self.first)

    @property
    def last_day(self) -> date:
        """The last day that counts."""
        return to_date(self.last)

    @property
    def rolled_day(self) -> date:
        """The due day."""
        return to_date(self.rolled)


class Told(NamedTuple):
    """What one event did to the clock: whether it counted, and the due second that it left.

    In the kernel's numbers: seconds since `origin`, which is a second since 1970-01-01. `due` is None where the clock
    stands still, or nobody knows when it is due.
    """

    event: Event
    counted: bool
    due: int | None
    origin: int

    @property
    def kind(self) -> str:
        """A stop, restart or extension."""
        return KINDS[self.event.kind]

    @property
    def at(self) -> datetime:
        """When it took effect."""
        return to_datetime(self.event.time + self.origin)

    @property
    def end(self) -> datetime | None:
        """When a stop ended; None if it has not."""
        ended = self.event.kind == Kind.STOP and self.event.end < NEVER_ENDED
        return to_datetime(self.event.end + self.origin) if ended else None

    @property
    def due_at(self) -> datetime | None:
        """When the case was due after it."""
        return None if self.due is None else to_datetime(self.due + self.origin)

    @property
    def text(self) -> str:
        """By how much an extension made the limit longer."""
        longer = self.event.kind == Kind.EXTENSION
        return f"{self.event.amount / MICRO:g} {UNITS[self.event.unit]}" if longer else ""


class Stage(NamedTuple):
    """One part of a limit as it was counted: its first and its last day, before rolling."""

    limit: TimeLimit
    first: date
    last: date


class Outcome(NamedTuple):
    """What the engine says of a case; parts that are not known are None, and `problem` says why.

    `due_at` is the last lawful second, aware where `received_at` was; a suspended case has none. `margin`,
    `days_saved`, `days_late`, `elapsed` and `remaining` (to the due day) are working days of the rule's calendar,
    `days_late_calendar` calendar days. Of limits in hours `elapsed` and `remaining` are open minutes, as is
    `margin_minutes`. An unfinished case has no margin, a running one no lateness either. `commitment` is the answer by
    the other basis, where the case has a rule of it.
    """

    case: Case
    today: date | None
    rule: Rule | None
    status: Status
    problem: Problem
    due_at: datetime | None = None
    due_date: date | None = None
    margin: int | None = None
    days_saved: int | None = None
    days_late: int | None = None
    days_late_calendar: int | None = None
    elapsed: int | None = None
    provisional: bool = False
    steps: Steps | None = None
    remaining: int | None = None
    margin_minutes: int | None = None
    flags: tuple[str, ...] = ()
    promise_status: Status | None = None
    commitment: Outcome | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def used_percent(self) -> int | None:
        """How much of the limit is used, in whole per cent, rounded down.

        Measured in the working days (for limits in hours: the open minutes) from the first counted day to the due day.
        """
        if self.elapsed is None or self.remaining is None:
            return None
        total = self.elapsed + self.remaining
        return 100 * self.elapsed // total if total > 0 else 100

    @property
    def next_change_at(self) -> datetime | None:
        """When the status changes if nothing happens: the second after the due time of a running case."""
        if self.status is not Status.RUNNING or self.due_at is None:
            return None
        return self.due_at + timedelta(seconds=1)

    @property
    def rule_id(self) -> str | None:
        """Which version of which rule was applied."""
        return self.rule.id if self.rule else None
