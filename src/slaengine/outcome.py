"""The answer to one case, with the steps that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from slaengine.case import Case
from slaengine.rule import Rule
from slaengine.vocabulary import Problem, Status

__all__ = ["Outcome", "Steps"]


class Steps(NamedTuple):
    """How the due date came about: deemed receipt, first counted day, last day before and after rolling."""

    deemed_at: datetime
    first_counted: date
    last_day: date
    rolled_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the engine says of a case; parts that are not known are None, and `problem` says why.

    `due_at` is the last lawful second. `margin`, `days_saved`, `days_late` and `elapsed` are working days of the rule's
    calendar, `days_late_calendar` calendar days. An unfinished case has no margin, a running one no lateness either.
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
