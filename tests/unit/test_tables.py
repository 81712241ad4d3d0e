"""The compiled tables: what lies in the cells, and which row of them a record gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta

import oracle
import slaengine as sla
import worlds
from slaengine import kernel
from slaengine.days import day_number, to_date
from slaengine.tables import Tables

ROLLS = ("following", "preceding", "modified_following", "none")


def rule(amount: int, unit: str, **changed: str) -> oracle.Rule:
    usual = {"deems": "as_is", "count_from": "next_day", "roll": "none", "month_end": "last_day"}
    return oracle.Rule(amount=amount, unit=unit, due_time="end_of_day", **{**usual, **changed})


def engine_of(folder: Path, rules: dict[str, tuple[str, oracle.Rule]]) -> sla.Engine:
    return sla.Engine(sla.load_pack(worlds.write_pack(folder, rules)))


def test_cells_are_32_bits_and_nobody_writes_to_them(vn: sla.Engine) -> None:
    cells = vn.tables.cells
    assert cells.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        cells[0] = 1
    assert vn.tables.scalar_ops.cells.readonly
    assert np.shares_memory(np.asarray(vn.tables.scalar_ops.cells), vn.tables.array_ops.cells)


def test_a_look_up_never_leaves_the_cells(vn: sla.Engine) -> None:
    one, many, cells = vn.tables.scalar_ops, vn.tables.array_ops, vn.tables.cells.tolist()
    for index in (-(10**9), -1, 0, 7, len(cells) - 1, len(cells), 10**9):
        nearest = cells[min(max(index, 0), len(cells) - 1)]
        assert one.take(index) == many.take(np.array([index]))[0] == nearest


@pytest.mark.parametrize("pack", ["vn", "us"])
def test_one_record_and_a_block_get_the_same_version(pack: str, request: pytest.FixtureRequest) -> None:
    tables = request.getfixturevalue(pack).tables
    versions, random = tables.versions, np.random.default_rng(11)
    group = random.integers(len(versions.starts[0]), size=5_000)
    day = random.integers(day_number(date(2012, 1, 1)), day_number(date(2028, 1, 1)), size=5_000) - tables.first_day
    rows = versions.rows(group, day)
    assert [versions.row(int(g), int(d)) for g, d in zip(group, day, strict=True)] == rows.tolist()
    for row, number in zip(rows.tolist(), day.tolist(), strict=True):
        held = versions.rules[row]
        if held is not None:
            assert held.effective_from <= to_date(number + tables.first_day) < (held.effective_until or date.max)


@pytest.mark.parametrize("changes", range(1, 18))
def test_a_block_finds_the_version_among_however_many(changes: int, vn: sla.Engine) -> None:
    random = np.random.default_rng(changes)
    starts = np.sort(random.integers(0, 100, size=(changes, 200)), axis=0)
    starts[random.integers(changes + 1, size=200) <= np.arange(changes)[:, None]] = vn.tables.versions.forever
    versions = replace(vn.tables.versions, starts=tuple(starts.astype(np.int32)))
    group = random.integers(200, size=1_000).astype(np.int32)
    for low, high in ((-5, 105), (40, 60), (99, 100)):
        day = random.integers(low, high, size=1_000).astype(np.int32)
        counted = (starts[:, group] <= day).sum(axis=0)
        assert np.array_equal(versions.rows(group, day), group * (changes + 1) + counted)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2015, 12, 31), False),
        (date(2016, 1, 1), True),
        (date(2025, 6, 30), True),
        (date(2025, 7, 1), False),
    ],
)
def test_a_version_holds_from_its_first_day_to_the_day_before_its_end(day: date, holds: bool, vn: sla.Engine) -> None:
    case = sla.Case(procedure="1.001669", level="district", received_at=day)
    assert (vn.assess(case, today=day, errors="return").rule is not None) is holds


def rolled(tables: Tables, row: int) -> dict[date, date]:
    """Where a last day goes, for every day that is answered."""
    start, days = int(tables.count.end[row]), np.arange(tables.size)
    found = tables.array_ops.take(start + days)
    return {
        to_date(day + tables.first_day): to_date(goal + tables.first_day)
        for day, goal in zip(days.tolist(), found.tolist(), strict=True)
        if goal >= 0
    }


@pytest.mark.parametrize("calendar", ["vn-public", "office"])
def test_rolling_finds_the_nearest_working_day_and_then_rests(calendar: str, tmp_path: Path) -> None:
    rules = {name: (calendar, rule(1, "calendar_day", roll=name)) for name in ROLLS}
    tables, world = engine_of(tmp_path / "rolls", rules).tables, worlds.ORACLES[calendar]
    first, until = world.coverage
    inside = [first + timedelta(days=n) for n in range(31, (until - first).days - 31)]
    row = {held.key.procedure: i for i, held in enumerate(tables.versions.rules) if held}
    goals = {name: rolled(tables, row[name]) for name in ROLLS}
    following = {day: world.nearest_working_day(day) for day in inside}
    preceding = {day: world.nearest_working_day(day, timedelta(days=-1)) for day in inside}
    modified = {day: following[day] if following[day].month == day.month else preceding[day] for day in inside}
    wanted = {
        "following": following,
        "preceding": preceding,
        "modified_following": modified,
        "none": dict(zip(inside, inside, strict=True)),
    }
    for name in ROLLS:
        assert {day: goals[name][day] for day in inside} == wanted[name]
        assert all(goals[name][goal] == goal for goal in goals[name].values())


def test_a_calendar_without_a_working_day_rolls_nowhere(tmp_path: Path) -> None:
    tables = engine_of(tmp_path / "never", {"a": ("never", rule(1, "calendar_day", roll="following"))}).tables
    assert rolled(tables, 1) == {}


def test_months_are_what_dateutil_says(tmp_path: Path) -> None:
    """Every day of 2019 to 2028, and 1 to 30 months; the day of receipt is day zero."""
    amounts = range(1, 31)
    tables = engine_of(tmp_path / "months", {f"m{n:02d}": ("every-day", rule(n, "month")) for n in amounts}).tables
    first, until = date(2019, 1, 1), date(2029, 1, 1)
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    received = np.array(days, dtype="datetime64[D]").astype(np.int64) - tables.first_day
    rows = [i for i, held in enumerate(tables.versions.rules) if held]
    for amount, row in zip(amounts, rows, strict=True):
        line, end, shift = (int(getattr(tables.count, name)[row]) for name in ("line", "end", "shift"))
        found = kernel.advance(tables.array_ops, line, end, received + shift)
        wanted = [day + relativedelta(months=amount) for day in days]
        assert (found + tables.first_day).astype("datetime64[D]").tolist() == wanted


def test_a_coverage_wider_than_the_seconds_reach_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for until, fits in ((date(2019, 1, 1), True), (date(2029, 1, 1), False)):
        wide = worlds.CalendarData("wide", [], (date(1960, 1, 1), until), {}, [])
        monkeypatch.setitem(worlds.CALENDARS, "wide", wide)
        folder = worlds.write_pack(tmp_path / f"until-{until}", {"a": ("wide", rule(1, "working_day"))})
        pack = sla.load_pack(folder)
        if fits:
            assert sla.Engine(pack).tables.size > 20_000
            continue
        with pytest.raises(
            sla.InputError, match=r"span \d+ days; coverage and longest limit together may span \d+ days"
        ):
            sla.Engine(pack)
