"""Scalar engine = oracle, and batch = scalar, on every unit and convention."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import slaengine as sla
import worlds
from slaengine.explain import result_of

UNITS = {"working_day": 60, "calendar_day": 90, "week": 12, "month": 14, "year": 2}
FIELDS = (
    "due_at",
    "due_date",
    "status",
    "problem",
    "margin",
    "days_saved",
    "days_late",
    "days_late_calendar",
    "elapsed",
)


def cut_offs() -> list[oracle.CutOff | None]:
    effects, kinds = ("day_zero", "day_one", "due_day"), (True, False)
    found: list[oracle.CutOff | None] = [None, None]
    for effect, inclusive in product(effects, kinds):
        found.append(oracle.CutOff(inclusive, effect, time=time(15)))
        found.append(oracle.CutOff(inclusive, effect, minutes_before_closing=60))
        found.append(oracle.CutOff(inclusive, effect, time=time(11, 0, 30), applies_if="complex"))
    return found


def allowed(calendar: str, rule: oracle.Rule) -> bool:
    """What the reader of packs lets through."""
    cut = rule.cut_off
    before_closing = cut is not None and cut.time is None
    return not (
        (rule.count_from == "clear" and (rule.unit in {"month", "year"} or (cut and cut.effect == "day_one")))
        or (before_closing and rule.deems == "as_is")
        or ((before_closing or rule.due_time == "close_of_business") and calendar != "office")
    )


def every_rule() -> Iterator[tuple[str, oracle.Rule]]:
    """Every combination of conventions once, each with a unit, an amount and a cut-off of its own."""
    dice = random.Random(20260101)  # noqa: S311  # the same rules every time
    deems, counts = ("as_is", "next_working_moment"), ("next_day", "same_day", "clear")
    rolls, ends = ("following", "preceding", "modified_following", "none"), ("last_day", "next_first", "refuse")
    dues = ("end_of_day", "close_of_business", "same_time")
    for calendar, unit, *how in product(worlds.CALENDARS, UNITS, deems, counts, rolls, ends, dues):
        amount = dice.choice([0, 1, 2, 3, 5, dice.randint(0, UNITS[unit])])
        rule = oracle.Rule(amount, unit, *how, cut_off=dice.choice(cut_offs()))
        if allowed(calendar, rule):
            yield calendar, rule


RULES = {f"r{i:04d}": rule for i, rule in enumerate(every_rule())}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    return sla.Engine(sla.load_pack(worlds.write_pack(tmp_path_factory.mktemp("packs") / "every-rule", RULES)))


days = st.one_of(
    st.dates(date(2024, 12, 1), date(2026, 3, 1)),
    st.dates(date(2023, 11, 1), date(2027, 3, 1)),
    st.sampled_from([date(2025, 4, 30), date(2025, 1, 31), date(2024, 2, 29), date(2026, 12, 30), date(2027, 12, 30)]),
)
times = st.one_of(
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.sampled_from([time(7, 30), time(7, 29, 59), time(11, 30), time(15), time(15, 0, 1), time(17), time(23, 59, 59)]),
)
instants = st.builds(datetime.combine, days, times)
kinds = {"date": days, "instant": instants}


@st.composite
def cases(draw: st.DrawFn, received: str, finished: str) -> dict[str, Any]:
    receipt = draw(kinds[received])
    end = None
    if draw(st.integers(0, 4)):
        moved = receipt + timedelta(days=draw(st.integers(-2, 120)), minutes=draw(st.integers(-600, 600)))
        end = moved if finished == "instant" else moved.date() if isinstance(moved, datetime) else moved
        if finished == "instant" and not isinstance(end, datetime):
            end = datetime.combine(end, draw(times))
    attributes = draw(st.sampled_from([{}, {"complex": True}, {"complex": False}]))
    return {
        "code": draw(st.sampled_from(sorted(RULES))),
        "received": receipt,
        "finished": end,
        "attributes": attributes,
    }


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[dict[str, Any]], date | None]:
    received, finished = draw(st.sampled_from(sorted(kinds))), draw(st.sampled_from(sorted(kinds)))
    found = draw(st.lists(cases(received, finished), min_size=1, max_size=12))
    return found, draw(st.one_of(st.none(), days, instants))


def scalar(engine: sla.Engine, case: dict[str, Any], today: date | None) -> dict[str, Any]:
    made = sla.Case(
        procedure=case["code"],
        received_at=case["received"],
        finished_at=case["finished"],
        attributes=case["attributes"],
    )
    return result_of(engine.assess(made, today=today, errors="return"))


@given(
    st.sampled_from(sorted(kinds)).flatmap(lambda r: st.sampled_from(sorted(kinds)).flatmap(lambda f: cases(r, f))),
    st.one_of(st.none(), days, instants),
)
def test_scalar_is_oracle(engine: sla.Engine, case: dict[str, Any], today: date | None) -> None:
    calendar, rule = RULES[case["code"]]
    wanted = oracle.assess(
        worlds.ORACLES[calendar], rule, case["received"], case["finished"], today, case["attributes"]
    )
    found = scalar(engine, case, today)
    for field in FIELDS:
        value = getattr(wanted, field)
        assert found[field] == (value.isoformat() if isinstance(value, date) else value), field


@settings(max_examples=max(settings().max_examples // 5, 50))
@given(batches(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_batch_is_scalar_whatever_the_block_and_order(
    engine: sla.Engine, batch: tuple[list[dict[str, Any]], date | None], block: int, dice: random.Random
) -> None:
    rows, today = batch
    order = list(range(len(rows)))
    dice.shuffle(order)
    shuffled = [rows[i] for i in order]
    columns = {
        "procedure": [row["code"] for row in shuffled],
        "received_at": [row["received"] for row in shuffled],
        "finished_at": [row["finished"] for row in shuffled],
        "complex": [row["attributes"].get("complex") for row in shuffled],
    }
    found = sla.assess_table(columns, engine, today=today, block=block, also=("provisional",))
    for i, row in enumerate(shuffled):
        assert plain(found, i) == scalar(engine, row, today)


def plain(found: dict[str, Any], row: int) -> dict[str, Any]:
    """A row of the table as `result_of` writes an outcome."""
    values: dict[str, Any] = {}
    for name in (*FIELDS, "rule_id", "provisional"):
        cell = found[name][row]
        values[name] = None if cell is np.ma.masked or (isinstance(cell, np.datetime64) and np.isnat(cell)) else cell
        if isinstance(values[name], np.datetime64 | np.str_):
            values[name] = str(values[name])
        elif isinstance(values[name], np.generic):
            values[name] = values[name].item()
    return values


def test_the_world_has_every_convention(engine: sla.Engine) -> None:
    assert len(RULES) > 1_900
    seen = {(rule.unit, rule.deems, rule.count_from, rule.roll, rule.due_time) for _, rule in RULES.values()}
    assert len(seen) > 300
    assert len(engine.pack.rules) == len(RULES)


ALONE = [code for i, code in enumerate(sorted(RULES)) if i % 40 == 0]


@pytest.mark.parametrize("code", ALONE)
def test_a_pack_of_one_rule_answers_alike(code: str, tmp_path: Path) -> None:
    """Where all rules are alike, the batch reads single numbers instead of columns."""
    engine = sla.Engine(sla.load_pack(worlds.write_pack(tmp_path / "alone", {code: RULES[code]})))
    dice = random.Random(code)  # noqa: S311  # the same records every time
    received = [datetime(2024, 1, 2) + timedelta(seconds=dice.randrange(86_400 * 800)) for _ in range(60)]
    finished = [start + timedelta(hours=dice.randrange(2_000)) for start in received]
    rows = [
        {"code": code, "received": a, "finished": b, "attributes": {"complex": True}}
        for a, b in zip(received, finished, strict=True)
    ]
    columns = {"procedure": [code] * 60, "received_at": received, "finished_at": finished, "complex": [True] * 60}
    for today in (None, date(2025, 3, 1), date(2030, 1, 1)):
        found = sla.assess_table(columns, engine, today=today, also=("provisional",))
        for i, row in enumerate(rows):
            assert plain(found, i) == scalar(engine, row, today)
