"""A calendar alone: which days are working days, adding them, and measuring with them."""

from __future__ import annotations

import os
from datetime import date, timedelta

import numpy as np
import pytest

import slaengine as sla

TUE_DEC_31, THU_JAN_2 = date(2024, 12, 31), date(2025, 1, 2)
FRI_APR_25, SAT_APR_26, SUN_APR_27, MON_APR_28, TUE_APR_29 = (date(2025, 4, day) for day in range(25, 30))
WED_APR_30, THU_MAY_1, FRI_MAY_2, SAT_MAY_3, SUN_MAY_4, MON_MAY_5, TUE_MAY_6 = (
    date(2025, 4, 30) + timedelta(days=n) for n in range(7)
)
OFFICE = sla.Calendar(
    id="office",
    coverage=(date(2024, 12, 1), date(2025, 6, 1)),
    weekly_rest=("saturday", "sunday"),
    days_off={date(2025, 1, 1): "New Year", WED_APR_30: "Victory Day", THU_MAY_1: "Labour Day", FRI_MAY_2: "swap"},
    make_up_days={SAT_APR_26: "make-up for 2 May"},
)
ALL_DAYS = [date(2025, 1, 5) + timedelta(days=n) for n in range(115)]
PAIRS = 1_000_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 20_000


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (FRI_APR_25, True),
        (SAT_APR_26, True),
        (SUN_APR_27, False),
        (WED_APR_30, False),
        (FRI_MAY_2, False),
        (SAT_MAY_3, False),
        (MON_MAY_5, True),
    ],
)
def test_make_up_days_work_and_days_off_rest(day: date, works: bool) -> None:
    assert OFFICE.is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "n", "found"),
    [
        (FRI_APR_25, 1, SAT_APR_26),
        (FRI_APR_25, 2, MON_APR_28),
        (TUE_APR_29, 1, MON_MAY_5),
        (TUE_APR_29, 2, TUE_MAY_6),
        (WED_APR_30, 1, MON_MAY_5),
        (SUN_MAY_4, 2, TUE_MAY_6),
        (SUN_APR_27, -1, SAT_APR_26),
        (MON_MAY_5, -1, TUE_APR_29),
        (MON_MAY_5, -3, SAT_APR_26),
        (THU_MAY_1, -1, TUE_APR_29),
        (MON_APR_28, 0, MON_APR_28),
        (SAT_APR_26, 0, SAT_APR_26),
        (WED_APR_30, 0, MON_MAY_5),
        (TUE_DEC_31, 1, THU_JAN_2),
        (THU_JAN_2, -1, TUE_DEC_31),
    ],
)
def test_the_nth_working_day_lies_strictly_beyond_the_start(start: date, n: int, found: date) -> None:
    assert OFFICE.add_working_days(start, n) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (FRI_APR_25, MON_APR_28, 2),
        (MON_APR_28, FRI_APR_25, -2),
        (TUE_APR_29, MON_MAY_5, 1),
        (WED_APR_30, SUN_MAY_4, 0),
        (SUN_MAY_4, TUE_APR_29, 0),
        (MON_MAY_5, MON_MAY_5, 0),
        (TUE_DEC_31, THU_JAN_2, 1),
    ],
)
def test_working_days_between_leave_out_the_start_and_take_the_end(start: date, end: date, found: int) -> None:
    assert OFFICE.working_days_between(start, end) == found
    assert OFFICE.working_days_between(end, start) == -found


def test_measuring_inverts_adding() -> None:
    for start in ALL_DAYS:
        for n in (1, 2, 5, 17):
            assert OFFICE.working_days_between(start, OFFICE.add_working_days(start, n)) == n
            if OFFICE.is_working_day(start):
                assert OFFICE.working_days_between(start, OFFICE.add_working_days(start, -n)) == -n


def test_the_next_working_day_lies_strictly_after() -> None:
    assert OFFICE.next_working_day(FRI_APR_25) == SAT_APR_26
    assert OFFICE.next_working_day(TUE_APR_29) == MON_MAY_5
    assert OFFICE.next_working_day(SUN_MAY_4) == MON_MAY_5


def test_arrays_and_dates_agree() -> None:
    days, n = np.array(ALL_DAYS, dtype="datetime64[D]"), np.arange(115) % 19 - 9
    assert OFFICE.is_working_day(days).tolist() == [OFFICE.is_working_day(day) for day in ALL_DAYS]
    assert OFFICE.next_working_day(days).tolist() == [OFFICE.next_working_day(day) for day in ALL_DAYS]
    added = [OFFICE.add_working_days(day, int(k)) for day, k in zip(ALL_DAYS, n, strict=True)]
    assert OFFICE.add_working_days(days, n).tolist() == added
    between = [OFFICE.working_days_between(day, MON_MAY_5) for day in ALL_DAYS]
    assert OFFICE.working_days_between(days, MON_MAY_5).tolist() == between
    assert OFFICE.working_days_between(days.astype("datetime64[s]"), MON_MAY_5).tolist() == between


@pytest.mark.parametrize(
    "ask",
    [
        lambda: OFFICE.is_working_day(date(2024, 11, 30)),
        lambda: OFFICE.is_working_day(date(2025, 6, 1)),
        lambda: OFFICE.add_working_days(date(2025, 5, 30), 1),
        lambda: OFFICE.add_working_days(date(2024, 12, 2), -1),
        lambda: OFFICE.add_working_days(MON_MAY_5, 10_000),
        lambda: OFFICE.working_days_between(MON_MAY_5, date(2026, 1, 1)),
        lambda: OFFICE.is_working_day(np.array([MON_MAY_5, date(2030, 1, 1)], dtype="datetime64[D]")),
        lambda: OFFICE.is_working_day(np.array(["2025-05-05", "NaT"], dtype="datetime64[D]")),
    ],
)
def test_past_the_coverage_there_is_no_answer(ask) -> None:
    with pytest.raises(sla.CoverageError, match="calendar office") as caught:
        ask()
    assert caught.value.problem is sla.Problem.CALENDAR_NOT_COVERED
    assert caught.value.hint == "it covers 2024-12-01 to 2025-05-31"


def test_a_day_is_not_both_off_and_made_up() -> None:
    with pytest.raises(sla.InputError, match="2025-05-05 is both a day off and a make-up day; keep one"):
        sla.Calendar(
            id="x", coverage=(WED_APR_30, TUE_MAY_6), days_off={MON_MAY_5: "off"}, make_up_days={MON_MAY_5: "on"}
        )


@pytest.mark.parametrize("until", [WED_APR_30, TUE_APR_29])
def test_a_coverage_holds_a_day(until: date) -> None:
    with pytest.raises(sla.InputError, match="holds no day"):
        sla.Calendar(id="x", coverage=(WED_APR_30, until))


def test_a_misspelt_weekday_is_refused() -> None:
    with pytest.raises(sla.InputError, match="saterday"):
        sla.Calendar(id="x", coverage=(WED_APR_30, TUE_MAY_6), weekly_rest=("saterday",)).is_working_day(MON_MAY_5)


def test_a_weekly_rest_holds_from_its_date_on() -> None:
    sundays = sla.WeeklyRest(since=date(2025, 4, 1), days=frozenset({"sunday"}))
    weekends = sla.WeeklyRest(since=SUN_APR_27, days=frozenset({"saturday", "sunday"}))
    reformed = sla.Calendar(id="x", coverage=(date(2025, 4, 1), date(2025, 6, 1)), weekly_rest=(weekends, sundays))
    works = [reformed.is_working_day(day) for day in (SAT_APR_26, SUN_APR_27, SAT_MAY_3, SUN_MAY_4, MON_MAY_5)]
    assert works == [True, False, False, False, True]


def test_office_time_is_that_of_the_day() -> None:
    morning, day = sla.Segment(450, 690), sla.Segment(780, 1020)
    hours = sla.OfficeHours(since=date(2025, 4, 1), days=frozenset({"monday", "friday"}), segments=(morning, day))
    shorter = sla.OfficeHours(since=MON_MAY_5, days=frozenset({"monday"}), segments=(morning,))
    made_up = sla.DayNote(day=SAT_APR_26, kind="make_up_day", segments=(day,))
    office = sla.Calendar(
        id="x",
        coverage=(date(2025, 4, 1), date(2025, 6, 1)),
        weekly_rest=("saturday",),
        days_off={FRI_MAY_2: "swap"},
        make_up_days={SAT_APR_26: made_up},
        office_hours=(hours, shorter),
    )
    found = [office.segments_on(day) for day in (MON_APR_28, SAT_APR_26, FRI_MAY_2, SAT_MAY_3, SUN_MAY_4, MON_MAY_5)]
    assert found == [(morning, day), (day,), (), (), (), (morning,)]
    assert str(morning) == "07:30-11:30"


def test_numpy_counts_the_same_working_days(vn: sla.Engine) -> None:
    calendar = vn.pack.calendars["vn-public"]
    first, until = (np.datetime64(day) for day in calendar.coverage)
    days = np.arange(first, until)
    rules = {"weekmask": "1111111", "holidays": days[~calendar.is_working_day(days)]}
    random = np.random.default_rng(20251122)
    a, b = (random.choice(days[400:-401], PAIRS) for _ in range(2))
    n = random.integers(-250, 251, PAIRS)
    added = np.where(
        n > 0, np.busday_offset(a, n, roll="preceding", **rules), np.busday_offset(a, n, roll="following", **rules)
    )
    assert np.count_nonzero(calendar.add_working_days(a, n) != added) == 0
    low, high = np.minimum(a, b), np.maximum(a, b)
    between = np.busday_count(low + 1, high + 1, **rules) * np.where(a <= b, 1, -1)
    assert np.count_nonzero(calendar.working_days_between(a, b) != between) == 0
