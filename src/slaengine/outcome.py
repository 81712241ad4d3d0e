"""The answer to one case, with the steps that led to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from slaengine.case import Case
from slaengine.days import to_date, to_datetime
from slaengine.rule import Rule
from slaengine.vocabulary import Problem, Status

__all__ = ["Outcome", "Steps"]


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


class Outcome(NamedTuple):
    """What the engine says of a case; parts that are not known are None, and `problem` says why.

    `due_at` is the last lawful second, aware where `received_at` was. `margin`, `days_saved`, `days_late` and `elapsed`
    are working days of the rule's calendar, `days_late_calendar` calendar days. An unfinished case has no margin, a
    running one no lateness either.
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

    @property
    def rule_id(self) -> str | None:
        """Which version of which rule was applied."""
        return self.rule.id if self.rule else None
