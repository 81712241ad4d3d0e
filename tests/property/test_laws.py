"""Laws that hold whatever the calendar: order, inverses, and that the future does not change the past."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import slaengine as sla
import worlds

UNITS = ("working_day", "calendar_day", "week", "month")
CALENDARS = ("vn-public", "office")
AMOUNTS = (0, 1, 2, 3, 5, 10, 20)


def rule(amount: int, unit: str, **how: Any) -> oracle.Rule:
    usual = {"deems": "as_is", "count_from": "next_day", "roll": "following", "month_end": "last_day"}
    return oracle.Rule(amount, unit, **{**usual, "due_time": "end_of_day", **how})


# Later receipts are due earlier under some odd combinations (see docs/design/decisions.md); these are the usual ones.
HOWS: dict[str, dict[str, str]] = {
    "civil": {},
    "same-day": {"count_from": "same_day"},
    "clear": {"count_from": "clear"},
    "unrolled": {"roll": "none"},
    "preceding": {"roll": "preceding"},
    "modified": {"roll": "modified_following"},
    "office": {"deems": "next_working_moment", "due_time": "same_time", "roll": "none"},
}
RULES = {
    f"{calendar}.{unit}.{how}.{amount}": (calendar, rule(amount, unit, **HOWS[how]))
    for calendar in CALENDARS
    for unit in UNITS
    for how in HOWS
    for amount in AMOUNTS
    if not (how == "clear" and unit == "month")
}
FAMILIES = sorted({code.rpartition(".")[0] for code in RULES})

instants = st.datetimes(datetime(2024, 3, 1), datetime(2025, 4, 20)).map(lambda t: t.replace(microsecond=0))
families, amounts = st.sampled_from(FAMILIES), st.sampled_from(AMOUNTS)
days = st.dates(date(2013, 1, 1), date(2027, 12, 31))
counts = st.integers(-400, 400)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    return sla.Engine(sla.load_pack(worlds.write_pack(tmp_path_factory.mktemp("packs") / "laws", RULES)))


@pytest.fixture(scope="module")
def calendar() -> sla.Calendar:
    return sla.load_pack("vn-national").calendars["vn-public"]


def due(engine: sla.Engine, family: str, amount: int, received: datetime) -> datetime:
    found = engine.assess(sla.Case(procedure=f"{family}.{amount}", received_at=received), errors="return").due_at
    assert found is not None
    return found


@given(families, amounts, instants, instants)
def test_a_later_receipt_is_never_due_earlier(
    engine: sla.Engine, family: str, amount: int, a: datetime, b: datetime
) -> None:
    first, second = sorted((a, b))
    assert due(engine, family, amount, first) <= due(engine, family, amount, second)


@given(families, amounts, amounts, instants)
def test_a_longer_limit_is_never_due_earlier(
    engine: sla.Engine, family: str, a: int, b: int, received: datetime
) -> None:
    shorter, longer = sorted((a, b))
    assert due(engine, family, shorter, received) <= due(engine, family, longer, received)


@given(families, amounts, instants)
def test_nothing_is_due_before_the_day_of_receipt(
    engine: sla.Engine, family: str, amount: int, received: datetime
) -> None:
    assert due(engine, family, amount, received).date() >= received.date()


@given(families, instants)
def test_rolling_twice_is_rolling_once(engine: sla.Engine, family: str, received: datetime) -> None:
    """A limit of no days from a day on which a limit ended, rolled, ends on that day."""
    if "preceding" in family or "modified" in family:
        return  # from a day off these go back to before the receipt, and stop there
    once = due(engine, family, 0, received)
    assert due(engine, family, 0, once.replace(hour=9)).date() == once.date()


@given(days, counts)
def test_counting_inverts_adding(calendar: sla.Calendar, day: date, n: int) -> None:
    try:
        there = calendar.add_working_days(day, n)
        back = calendar.working_days_between(day, there)
    except sla.CoverageError:
        return
    if n >= 0 or calendar.is_working_day(day):
        expected = n if n or calendar.is_working_day(day) else 1  # from a day off, 0 is the next working day
        assert back == expected
    else:
        assert back == n + 1  # from a day off the first one back is not in (there, day] but before it


@given(days, days, days)
def test_counts_add_up_and_reverse(calendar: sla.Calendar, a: date, b: date, c: date) -> None:
    between = calendar.working_days_between
    assert between(a, c) == between(a, b) + between(b, c)
    assert between(a, b) == -between(b, a)


@given(st.lists(days, min_size=1, max_size=20))
def test_arrays_say_what_single_days_say(calendar: sla.Calendar, some: list[date]) -> None:
    array = np.array(some, dtype="datetime64[D]")
    assert calendar.is_working_day(array).tolist() == [calendar.is_working_day(day) for day in some]
    start = date(2020, 1, 1)
    assert calendar.working_days_between(start, array).tolist() == [
        calendar.working_days_between(start, d) for d in some
    ]


@settings(max_examples=100)  # each example writes, checks and compiles two packs
@given(instants, st.integers(1, 400))
def test_a_rule_change_after_the_receipt_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, received: datetime, after: int
) -> None:
    """The version at receipt governs, however the rule goes on."""
    folder = tmp_path_factory.mktemp("packs") / "changes"
    worlds.write_pack(folder, {"p": ("vn-public", rule(5, "working_day"))})
    case = sla.Case(procedure="p", received_at=received)
    before = sla.Engine(sla.load_pack(folder)).assess(case)
    change = received.date() + timedelta(days=after)
    limits = folder / "limits.csv"
    old = limits.read_text()
    row = old.splitlines()[1]
    changed = [
        row.replace("1990-01-01,,", f"1990-01-01,{change},"),
        row.replace(",5,", ",9,").replace("1990-01-01", str(change)),
    ]
    limits.write_text("\n".join([old.splitlines()[0], *changed]) + "\n")
    engine = sla.Engine(sla.load_pack(folder))
    assert engine.assess(case).due_at == before.due_at
    later = sla.Case(procedure="p", received_at=datetime.combine(change, received.time()))
    assert engine.assess(later).rule_id != before.rule_id
