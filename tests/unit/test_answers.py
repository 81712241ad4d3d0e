"""How far a limit is used, when its status changes and what is left: the same for one record and for many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import slaengine as sla
from slaengine.output import ON_REQUEST, OUTPUT

Made = Callable[..., sla.Engine]
at = datetime.fromisoformat
MON, TUE, WED, FRI = (date(2025, 8, day) for day in (4, 5, 6, 8))
MON_11, TUE_12, WED_20 = date(2025, 8, 11), at("2025-08-12T00:00"), date(2025, 8, 20)
OPENING = at("2025-08-04T07:30:00")
FIVE, NOTHING = "amount=5 unit=working_day", "amount=0 unit=working_day"
HOURS = "amount=8 unit=working_hour count_from=instant due_time=exact roll=none"
BACK = "amount=5 unit=working_day direction=backward"
ASKED = ("remaining", "used_percent", "next_change_at", "margin_minutes")


@pytest.fixture
def engine(engine_of: Made) -> sla.Engine:
    return engine_of(five=FIVE, nothing=NOTHING, hours=HOURS, back=BACK)


@pytest.mark.parametrize(
    ("procedure", "received", "finished", "today", "elapsed", "remaining", "percent", "change"),
    [
        ("five", MON, None, MON, 0, 5, 0, TUE_12),
        ("five", MON, None, WED, 2, 3, 40, TUE_12),
        ("five", MON, None, MON_11, 5, 0, 100, TUE_12),
        ("five", MON, None, WED_20, 12, -7, 240, None),
        ("five", MON, WED, None, 2, 3, 40, None),
        ("five", MON, WED_20, None, 12, -7, 240, None),
        ("five", MON, None, None, None, None, None, None),
        ("nothing", MON, None, MON, 0, 0, 100, at("2025-08-05T00:00")),
        ("nothing", MON, WED, None, 2, -2, 100, None),
        ("hours", OPENING, None, at("2025-08-04T10:00"), 150, 330, 31, at("2025-08-04T17:00:01")),
        ("hours", OPENING, None, at("2025-08-05T10:00"), 630, -150, 131, None),
        ("hours", OPENING, at("2025-08-04T10:00"), None, 150, 330, 31, None),
        ("back", WED_20, WED, None, None, None, None, None),
    ],
)
def test_a_limit_is_used_up_bit_by_bit(
    procedure, received, finished, today, elapsed, remaining, percent, change, engine: sla.Engine
) -> None:
    case = sla.Case(procedure=procedure, received_at=received, finished_at=finished)
    one = engine.assess(case, today=today, errors="return")
    assert (one.elapsed, one.remaining, one.used_percent, one.next_change_at) == (elapsed, remaining, percent, change)
    columns = {"procedure": [procedure], "received_at": [received], "finished_at": [finished]}
    many = sla.assess_table(columns, engine, today=today, also=ASKED)
    assert [many[name].tolist()[0] for name in ASKED] == [remaining, percent, change, one.margin_minutes]


def test_the_next_change_is_the_second_after_the_due_time(engine: sla.Engine) -> None:
    hanoi = ZoneInfo("Asia/Ho_Chi_Minh")
    case = sla.Case(procedure="five", received_at=datetime(2025, 8, 4, 2, tzinfo=UTC))
    change = engine.assess(case, today=WED).next_change_at
    assert change == TUE_12.replace(tzinfo=hanoi)
    assert engine.assess(case, today=at("2025-08-11T23:59:59")).status is sla.Status.RUNNING
    assert engine.assess(case, today=change).status is sla.Status.OVERDUE


def test_a_suspended_case_has_no_end_and_no_share(engine: sla.Engine) -> None:
    stop = sla.Suspension(TUE)
    one = engine.assess(sla.Case(procedure="five", received_at=MON, suspensions=[stop]), today=FRI)
    assert one.status is sla.Status.SUSPENDED
    assert (one.due_at, one.remaining, one.used_percent, one.next_change_at) == (None, None, None, None)
    assert one.elapsed == 0
    columns = {"procedure": ["five"], "received_at": [MON], "suspensions": [[stop]]}
    many = sla.assess_table(columns, engine, today=FRI, also=ASKED)
    assert [many[name].tolist()[0] for name in ("due_at", "elapsed", *ASKED)] == [None, 0, None, None, None, None]


def test_stopped_days_are_not_used(engine: sla.Engine) -> None:
    stop = sla.Suspension(TUE, FRI)
    one = engine.assess(sla.Case(procedure="five", received_at=MON, suspensions=[stop]), today=MON_11)
    assert (one.due_date, one.elapsed, one.remaining, one.used_percent) == (date(2025, 8, 14), 2, 3, 40)
    columns = {"procedure": ["five"], "received_at": [MON], "suspensions": [[stop]]}
    many = sla.assess_table(columns, engine, today=MON_11, also=ASKED)
    assert [many[name].tolist()[0] for name in ("elapsed", *ASKED[:2])] == [2, 3, 40]


def test_columns_on_request_have_their_types(engine: sla.Engine) -> None:
    columns: dict[str, Any] = {"procedure": ["five", "six"], "received_at": [MON, MON]}
    found = sla.assess_table(columns, engine, today=WED, also=ON_REQUEST)
    asked = [name for name in found if name not in {*columns, *OUTPUT}]
    assert asked[:4] == ["provisional", "margin_minutes", "remaining", "used_percent"]
    assert {name.removeprefix("commitment_") for name in asked if name.startswith("commitment_")} < set(OUTPUT)
    assert found["next_change_at"].dtype == found["commitment_due_at"].dtype == np.dtype("datetime64[s]")
    for name in ("margin_minutes", "remaining", "used_percent", "commitment_margin"):
        assert isinstance(found[name], np.ma.MaskedArray)
        assert found[name].tolist()[1] is None
    assert found["provisional"].dtype == bool
    assert [found[name][1] for name in ("flags", "promise_status", "commitment_status")] == [None] * 3


@pytest.mark.parametrize("also", ["provisional", ["due_at"], ["deadline"]])
def test_only_what_there_is_can_be_asked_for(also: Any, engine: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=r"also=|to ask for; there is provisional, margin_minutes"):
        sla.assess_table({"procedure": ["five"], "received_at": [MON]}, engine, also=also)


def test_a_date_is_never_after_the_cut_off(engine_of: Made) -> None:
    """Date-only data counts as before any cut-off, and does not ask for what the cut-off asks for."""
    engine = engine_of(five=f"{FIVE} cut_time=00:00 cut_inclusive=true cut_effect=day_zero cut_applies_if=online")
    assert engine.assess(sla.Case(procedure="five", received_at=MON), today=MON).due_date == MON_11
    found = sla.assess_table({"procedure": ["five"], "received_at": [MON]}, engine, today=MON)
    assert found["due_date"].tolist() == [MON_11]
    with pytest.raises(sla.InputError, match="give 'online'"):
        engine.assess(sla.Case(procedure="five", received_at=OPENING), today=MON)
