"""Three promises kept apart: the first appointment, the last one, and who was told when; none of them moves the law."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from slaengine.case import Case, Promise

__all__ = ["promise_flags", "promises_of"]

FEW = 2
"""The first appointment and one new one: more than that is one re-appointment too many."""


def promises_of(case: Case, today: date | None) -> list[Promise]:
    """The appointments of a case in the order of telling; the first and the last one alone where no list is given.

    One that was told after `today` was not made yet.
    """
    if case.promises:
        return [p for p in case.promises if today is None or p.told_at is None or _day(p.told_at) <= _day(today)]
    first, last = case.first_promised_at, case.promised_at
    return [Promise(day) for day in ((first, last) if first != last else (last,)) if day is not None]


def promise_flags(promises: list[Promise], due: date | None) -> list[str]:
    """What is odd about the promises of a case that is due on a day, or has no due day."""
    told = [_day(promise.told_at) for promise in promises[1:] if promise.told_at is not None]
    flags = ["promise_after_due"] * (due is not None and any(_day(p.promised_at) > due for p in promises))
    flags += ["second_reappointment"] * (len(promises) > FEW)
    late = due is not None and any(day > due - timedelta(days=1) for day in told)
    return flags + ["late_apology"] * late


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
