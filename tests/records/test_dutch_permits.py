"""Deadlines of Dutch environmental permits: the plain date that is practised, and the rolled one of the law."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from records.test_other_records import SHARED, assess, rows_of

EIGHT_WEEKS = timedelta(days=56)
HOLIDAYS = {date(2011, *day) for day in ((4, 22), (4, 25), (5, 5), (6, 2), (6, 13), (12, 26))}
"""Art. 3(1) and (2) of the Algemene termijnenwet, the days that are no weekend, from November 2010 to March 2012."""


class Permit(NamedTuple):
    start: datetime
    deadline: datetime
    end: datetime | None

    @property
    def added(self) -> int:
        return (self.deadline.date() - self.start.date() - EIGHT_WEEKS).days


def permits() -> list[Permit]:
    rows = rows_of(SHARED / "coselog_receipt" / "cases.csv.gz")
    read = datetime.fromisoformat
    return [
        Permit(read(r["startdate"]), read(r["deadline"]), read(r["enddate"]) if r["enddate"] else None) for r in rows
    ]


def due_dates(cases: list[Permit], **columns: list[Any]) -> list[date]:
    starts = [case.start for case in cases]
    procedures = ["environmental-permit"] * len(cases)
    found = assess("nl-wabo-receipt", procedure=procedures, received_at=starts, **columns)
    due: list[date] = found["due_date"].tolist()
    return due


def added_days(cases: list[Permit]) -> list[list[dict[str, Any]] | None]:
    """What each case adds to the eight weeks, or takes off, as one extension granted at its start."""
    return [
        [{"amount": case.added, "unit": "calendar_day", "granted_at": case.start}] if case.added else None
        for case in cases
    ]


def by_law(case: Permit) -> date:
    day = case.start.date() + EIGHT_WEEKS
    while day.weekday() >= 5 or day in HOLIDAYS:
        day += timedelta(days=1)
    return day


def test_three_deadlines_of_four_are_the_plain_date_eight_weeks_on() -> None:
    cases = permits()
    due = due_dates(cases)
    assert due == [case.start.date() + EIGHT_WEEKS for case in cases]
    same = [mine == case.deadline.date() for mine, case in zip(due, cases, strict=True)]
    assert (len(cases), sum(same)) == (727, 543)
    assert f"{sum(same) / len(cases):.1%}" == "74.7%"
    crossed = [case.start.utcoffset() != case.deadline.utcoffset() for case in cases]
    assert sum(np.array(same) & np.array(crossed)) == 181  # a clock change between moves no date


def test_with_the_days_that_a_case_adds_every_deadline_is_reproduced() -> None:
    cases = permits()
    assert due_dates(cases, extensions=added_days(cases)) == [case.deadline.date() for case in cases]
    added = [case.added for case in cases]
    assert (sum(days > 0 for days in added), sum(days < 0 for days in added)) == (173, 11)
    assert (min(added), max(added), added.count(42)) == (-51, 366, 31)


def test_the_law_would_roll_what_practice_leaves() -> None:
    cases = permits()
    due = due_dates(cases, variant=["statute"] * len(cases))
    assert due == list(map(by_law, cases))
    assert sum(mine == case.deadline.date() for mine, case in zip(due, cases, strict=True)) == 491
    moved = [n for n, case in enumerate(cases) if due[n] != case.start.date() + EIGHT_WEEKS]
    assert len(moved) == 60
    assert sum(cases[n].added == 0 for n in moved) == 52
    assert [n for n in moved if due[n] == cases[n].deadline.date()] == []


def test_finished_permits_are_judged_by_their_recorded_deadline() -> None:
    cases = [case for case in permits() if case.end]
    found = assess(
        "nl-wabo-receipt",
        procedure=["environmental-permit"] * len(cases),
        received_at=[case.start for case in cases],
        finished_at=[case.end for case in cases],
        extensions=added_days(cases),
    )
    status = found["status"].tolist()
    backwards = [case.end is not None and case.end < case.start for case in cases]
    assert (len(cases), sum(backwards)) == (680, 1)
    assert (found["problem"] == "finished_before_received").tolist() == backwards
    for case, mine, wrong in zip(cases, status, backwards, strict=True):
        if case.end and not wrong:
            assert (mine == "late") == (case.end.date() > case.deadline.date()), case
    assert (status.count("early") + status.count("on_time"), status.count("late")) == (530, 149)
