"""Days with hours of their own: special days, half days, hours past midnight, and limits that are counted in hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import slaengine as sla

Made = Callable[..., sla.Engine]
at = datetime.fromisoformat
MORNING, AFTERNOON, NIGHT = sla.Segment(450, 690), sla.Segment(780, 1020), sla.Segment(1320, 1800)
MON, WED, SAT, SUN = date(2025, 8, 25), date(2025, 8, 27), date(2025, 8, 30), date(2025, 8, 31)
WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday"})
HOURS = "amount={} unit=working_hour count_from=instant due_time=exact roll=none"


def office(**more: Any) -> sla.Calendar:
    hours = (
        sla.OfficeHours(since=date(2025, 1, 1), days=WEEKDAYS, segments=(MORNING, AFTERNOON)),
        sla.OfficeHours(since=date(2025, 1, 1), days=frozenset({"saturday"}), segments=(MORNING,), half=True),
    )
    base = {"weekly_rest": ("sunday",), "coverage": (date(2025, 1, 1), date(2026, 1, 1)), "office_hours": hours}
    return sla.Calendar(id="x", **{**base, **more})


# --- special and half days


def special(day: date, *segments: sla.Segment, half: bool = False) -> sla.DayNote:
    return sla.DayNote(day=day, kind="special_day", segments=segments, half=half)


def test_a_special_day_has_its_own_hours() -> None:
    calendar = office(special_days={WED: special(WED, MORNING)})
    assert calendar.segments_on(WED) == (MORNING,)
    assert calendar.segments_on(WED + timedelta(days=7)) == (MORNING, AFTERNOON)
    assert calendar.note(WED) == special(WED, MORNING)
    assert not calendar.halves[(WED - calendar.coverage[0]).days]


def test_a_special_day_does_not_make_a_day_off_a_working_day() -> None:
    off = {WED: "holiday"}
    calendar = office(special_days={SUN: special(SUN, MORNING), WED: special(WED, MORNING, half=True)}, days_off=off)
    for day in (SUN, WED):
        assert not calendar.is_working_day(day)
        assert calendar.segments_on(day) == ()
        assert not calendar.halves[(day - calendar.coverage[0]).days]


def test_half_days_are_those_that_are_stated() -> None:
    calendar = office(special_days={WED: special(WED, MORNING, half=True), SAT: special(SAT, MORNING, AFTERNOON)})
    days = [MON + timedelta(days=n) for n in range(14)]
    halves = [day for day in days if calendar.halves[(day - calendar.coverage[0]).days]]
    assert halves == [WED, date(2025, 9, 6)]
    assert calendar.has_halves
    assert not office(office_hours=(), special_days={WED: special(WED, MORNING)}).has_halves


def test_a_make_up_day_may_be_a_half_day() -> None:
    made_up = sla.DayNote(day=SUN, kind="make_up_day", segments=(MORNING,), half=True)
    calendar = office(office_hours=(), make_up_days={SUN: made_up})
    assert calendar.is_working_day(SUN)
    assert np.flatnonzero(calendar.halves).tolist() == [(SUN - calendar.coverage[0]).days]


def test_hours_of_a_later_season_hold_from_its_first_day() -> None:
    winter = sla.OfficeHours(since=WED, days=WEEKDAYS | {"saturday"}, segments=(sla.Segment(480, 720),))
    calendar = office()
    seasons = office(office_hours=(*calendar.office_hours, winter))
    assert seasons.segments_on(WED - timedelta(days=1)) == (MORNING, AFTERNOON)
    assert seasons.segments_on(WED) == seasons.segments_on(SAT) == (sla.Segment(480, 720),)
    assert not seasons.halves[(SAT - calendar.coverage[0]).days]
    assert calendar.halves[(SAT - calendar.coverage[0]).days]


@pytest.mark.parametrize(
    ("counts", "due"),
    [("1", date(2025, 8, 30)), ("0.5", date(2025, 9, 1)), ("0", date(2025, 9, 2))],
)
def test_a_half_day_counts_for_what_the_convention_says(counts: str, due: date, engine_of: Made) -> None:
    """From Monday 25 August 2025, five working days; Wednesday 27 and Saturday 30 are half days."""
    engine = engine_of("half-saturday", five=f"amount=5 unit=working_day half_day_counts={counts}")
    found = engine.assess(sla.Case(procedure="five", received_at=MON, finished_at=due))
    assert (found.due_date, str(found.status), found.margin) == (due, "on_time", 0)
    table = {"procedure": ["five"], "received_at": [MON], "finished_at": [due]}
    assert sla.assess_table(table, engine)["due_date"].tolist() == [due]


# --- hours past midnight


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    nights = sla.OfficeHours(since=date(2025, 1, 1), days=WEEKDAYS, segments=(NIGHT,))
    calendar = office(office_hours=(nights,), weekly_rest=("saturday", "sunday"))
    assert calendar.segments_on(date(2025, 8, 29)) == (NIGHT,)
    assert calendar.segments_on(SAT) == ()
    assert str(NIGHT) == "22:00-30:00"


@pytest.mark.parametrize(
    ("received", "hours", "due"),
    [
        ("2025-08-04T22:00:00", 8, "2025-08-05T06:00:00"),
        ("2025-08-04T22:00:00", 2, "2025-08-05T00:00:00"),
        ("2025-08-05T03:00:00", 4, "2025-08-05T23:00:00"),
        ("2025-08-05T12:00:00", 1, "2025-08-05T23:00:00"),
        ("2025-08-09T01:00:00", 6, "2025-08-11T23:00:00"),
        ("2025-08-09T22:00:00", 1, "2025-08-11T23:00:00"),
        ("2025-08-05T03:00:00", 0, "2025-08-05T03:00:00"),
    ],
)
def test_hours_are_counted_through_the_night(received: str, hours: int, due: str, engine_of: Made) -> None:
    engine = engine_of("night-shift", some=HOURS.format(hours))
    found = engine.assess(sla.Case(procedure="some", received_at=at(received)))
    assert found.due_at == at(due)
    table = {"procedure": ["some"], "received_at": [received]}
    assert sla.assess_table(table, engine)["due_at"].tolist() == [at(due)]


def test_a_receipt_in_the_night_is_received_on_the_night_before(engine_of: Made) -> None:
    """Deemed at once at 3:00 on Saturday: the office time of Friday goes on past midnight."""
    engine = engine_of("night-shift", some=f"{HOURS.format(4)} deems=next_working_moment")
    for received, deemed, due in (
        ("2025-08-09T03:00:00", "2025-08-09T03:00:00", "2025-08-11T23:00:00"),
        ("2025-08-09T06:30:00", "2025-08-11T22:00:00", "2025-08-12T02:00:00"),
    ):
        found = engine.assess(sla.Case(procedure="some", received_at=at(received)))
        assert found.steps is not None
        assert (found.steps.deemed_at, found.due_at) == (at(deemed), at(due))


# --- limits in hours


def test_limits_in_hours_tell_minutes(engine_of: Made) -> None:
    engine = engine_of("vn-office", {"early_minutes_from": 30}, some=HOURS.format(8))
    received = at("2025-08-04T07:30:00")
    for finished, status, minutes, elapsed in (
        ("2025-08-04T16:30:00", "early", 30, 450),
        ("2025-08-04T16:30:01", "on_time", 29, 450),
        ("2025-08-04T17:00:00", "on_time", 0, 480),
        ("2025-08-04T18:00:00", "late", 0, 480),
        ("2025-08-05T07:31:30", "late", -1, 481),
        ("2025-08-05T17:00:00", "late", -480, 960),
    ):
        case = sla.Case(procedure="some", received_at=received, finished_at=at(finished))
        one = engine.assess(case)
        assert (str(one.status), one.margin_minutes, one.elapsed) == (status, minutes, elapsed)
        table = {"procedure": ["some"], "received_at": [received], "finished_at": [at(finished)]}
        many = sla.assess_table(table, engine, also=["margin_minutes"])
        assert (many["status"].tolist(), many["margin_minutes"].tolist()) == ([status], [minutes])
        assert many["elapsed"].tolist() == [elapsed]


def test_a_limit_in_days_has_no_minutes(vn: sla.Engine) -> None:
    case = sla.Case(
        procedure="1.004837", level="commune", received_at=at("2025-04-28T09:00"), finished_at=at("2025-04-29T09:00")
    )
    assert vn.assess(case).margin_minutes is None
    table = {"procedure": ["1.004837"], "level": ["commune"], "received_at": [case.received_at]}
    found = sla.assess_table({**table, "finished_at": [case.finished_at]}, vn, also=["margin_minutes"])
    assert found["margin_minutes"].tolist() == [None]


def test_a_limit_in_hours_needs_the_hour(engine_of: Made) -> None:
    engine = engine_of(some=HOURS.format(8))
    with pytest.raises(sla.InputError, match="give a datetime, not a date"):
        engine.assess(sla.Case(procedure="some", received_at=MON))
    assert sla.assess_table({"procedure": ["some"], "received_at": [MON]}, engine)["problem"].tolist() == [
        "time_needed"
    ]


def test_an_hour_is_an_hour_when_the_clock_changes(engine_of: Made) -> None:
    """2025-03-09 has 23 hours in New York, 2025-11-02 has 25."""
    elapsed = "amount=24 unit=hour count_from=instant due_time=exact roll=none"
    engine = engine_of("new-york-24h", some=elapsed)
    for received, due in (("2025-03-08T12:00", "2025-03-09T13:00"), ("2025-11-01T12:00", "2025-11-02T11:00")):
        assert engine.assess(sla.Case(procedure="some", received_at=at(received))).due_at == at(due)
        table = {"procedure": ["some"], "received_at": [received]}
        assert sla.assess_table(table, engine)["due_at"].tolist() == [at(due)]


@pytest.mark.parametrize("least", [0, -1, 1.5, None])
def test_early_begins_with_a_minute_at_least(least: Any, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=r"early_minutes_from is .*; give a whole number, 1 at least"):
        sla.Engine(vn.pack, early_minutes_from=least)
