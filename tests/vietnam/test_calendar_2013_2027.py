"""The calendar of vn-national against the notices, day by day, and against the installed package `holidays`."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import slaengine as sla
from slaengine.cli import main
from vietnam_notices import PARTS, WORKED, YEARS, is_working, parts

CALENDAR = sla.load_pack("vn-national").calendars["vn-public"]
LACKED_AS_DAYS_OFF = {"2014-01-28", "2014-02-05", "2026-01-02"}
LACKED_AS_MADE_UP = {"2013-01-05", "2013-02-23", "2014-01-25", "2014-02-08", "2026-01-10"}
"""What `holidays` 0.109 does not have, as it stands in the notices."""


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(i) for i in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_the_count_by_hand_adds_up(year: int) -> None:
    weekdays, tet, others, swapped, worked, total = PARTS[year]
    assert weekdays - tet - others - swapped + worked == total
    assert parts(year) == PARTS[year]


@pytest.mark.parametrize("year", YEARS)
def test_the_pack_has_the_working_days_of_the_notices(year: int) -> None:
    days = days_of(year)
    assert [day for day in days if CALENDAR.is_working_day(day)] == [day for day in days if is_working(day)]
    assert sum(map(CALENDAR.is_working_day, days)) == PARTS[year][-1]


def test_every_day_worked_for_a_swap_is_a_rest_day() -> None:
    assert {day.weekday() for day in WORKED} == {5}


def test_the_new_day_off_is_known_from_its_resolution() -> None:
    day = date(2026, 11, 24)
    assert not CALENDAR.is_working_day(day)
    assert CALENDAR.known_at(date(2026, 4, 23)).is_working_day(day)
    assert not CALENDAR.known_at(date(2026, 4, 24)).is_working_day(day)


def test_drift_lists_exactly_the_days_that_the_installed_package_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "drift", "vn-national", "--country", "VN", "-q"]) == 1
    found = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line}
    assert found == LACKED_AS_DAYS_OFF | LACKED_AS_MADE_UP
