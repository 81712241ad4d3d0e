"""Limits in working hours beside pandas' CustomBusinessHour, on 10,000 receipts in a day of two segments.

Both define what n whole working hours after a moment are, and agree on every one but those that end when the office
closes: the law ends there, at 11:30 or 17:00, and pandas moves on to the next opening, 13:00 or 07:30 of the next
working day. So that difference is counted, and nothing else may differ.

Beyond pandas are limits with a part of an hour (`CustomBusinessHour` takes whole numbers), make-up days, and office
hours that change with the weekday or the season; `test_clock_is_oracle.py` has them. A receipt outside the hours pandas
first rolls forward to the next opening, as the law does where it counts open hours only; pandas' answer from the very
moment of closing is one of these and agrees.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import oracle
import slaengine as sla
from clock_worlds import CalendarData, Day, Limit, World

pd = pytest.importorskip("pandas", reason="pandas is what is compared with; the extra `test` brings it")

ROWS, LONGEST = 10_000, 40
END_AT_CLOSING = 2_054
"""How many of them the law ends at closing time; the receipts are the same every time."""
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
OPENINGS, CLOSINGS = ("07:30", "13:00"), ("11:30", "17:00")
HOLIDAYS = [
    *("2025-01-01", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-04-07", "2025-04-30", "2025-05-01"),
    *("2025-05-02", "2025-09-01", "2025-09-02", "2025-12-25", "2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18"),
]
CALENDAR = CalendarData(
    id="two-segments",
    weekly_rest=["saturday", "sunday"],
    coverage=(date(2024, 1, 1), date(2027, 1, 1)),
    hours={day: [f"{a}-{b}" for a, b in zip(OPENINGS, CLOSINGS, strict=True)] for day in WORKDAYS},
    days=tuple(Day(date.fromisoformat(day), "holiday") for day in HOLIDAYS),
)
OPEN, LUNCH = (range(27_000, 41_400), range(46_800, 61_200)), range(41_401, 46_800)
STARTS = {
    "in office hours": OPEN,
    "on the half hour": tuple(hours[::1_800] for hours in OPEN),
    "at opening": (range(27_000, 27_001), range(46_800, 46_801)),
    "at closing": (range(41_400, 41_401), range(61_200, 61_201)),
    "in the lunch break": (LUNCH,),
    "at night": (range(27_000), range(61_201, 86_400)),
    "at the weekend": (range(86_400), *OPEN),
    "on a holiday": (range(86_400), *OPEN),
}
"""Where a receipt may fall, in seconds of its day."""


class Found(NamedTuple):
    """The receipts, the hours allowed, and when they end: by the engine, and by pandas."""

    start: np.ndarray
    amount: np.ndarray
    law: np.ndarray
    pandas: np.ndarray

    @property
    def at_closing(self) -> np.ndarray:
        return np.isin(self.law - self.law.astype("datetime64[D]"), clock(CLOSINGS))


def clock(times: tuple[str, ...]) -> np.ndarray:
    return np.array([f"1970-01-01T{time}" for time in times], dtype="datetime64[s]") - np.datetime64(0, "s")


def kinds_of_days() -> dict[str, list[int]]:
    days = np.arange("2025-01-01", "2026-07-01", dtype="datetime64[D]")
    off, weekend = np.isin(days, np.array(HOLIDAYS, dtype="datetime64[D]")), ~np.is_busday(days)
    special = {"on a holiday": off, "at the weekend": weekend}
    return {kind: days[special.get(kind, ~off & ~weekend)].astype(int).tolist() for kind in STARTS}


def receipts() -> Iterator[tuple[int, int]]:
    """Seconds since 1970 and hours allowed; the same every time."""
    dice, days = random.Random(20260101), kinds_of_days()  # noqa: S311
    for i in range(ROWS):
        kind = list(STARTS)[i % len(STARTS)]
        second = dice.choice(dice.choice(STARTS[kind]))
        yield dice.choice(days[kind]) * 86_400 + second, dice.randint(1, LONGEST)


def hours(amount: int) -> Limit:
    usual = {"deems": "as_is", "count_from": "instant", "roll": "none", "month_end": "last_day", "due_time": "exact"}
    return Limit(CALENDAR.id, (oracle.Version(oracle.Rule(amount, "working_hour", **usual), date.min),))


def by_the_law(folder: Path, start: np.ndarray, amount: np.ndarray) -> np.ndarray:
    world = World({CALENDAR.id: CALENDAR}, {CALENDAR.id: CALENDAR.for_oracle()})
    pack = world.write_pack(folder / "hours", {f"h{n}": hours(n) for n in range(1, LONGEST + 1)})
    table = {"procedure": [f"h{n}" for n in amount.tolist()], "received_at": start}
    return sla.assess_table(table, sla.Engine(sla.load_pack(pack)), today=date(2026, 12, 31))["due_at"]


def by_pandas(start: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """One by one: on whole columns pandas does the same loop, and warns of it."""
    hour = pd.offsets.CustomBusinessHour(start=list(OPENINGS), end=list(CLOSINGS), holidays=HOLIDAYS)
    ends = [pd.Timestamp(moment) + n * hour for moment, n in zip(start, amount.tolist(), strict=True)]
    return np.array([end.to_datetime64() for end in ends]).astype("datetime64[s]")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    seconds, amount = np.array(list(receipts())).T
    start = seconds.astype("datetime64[s]")
    return Found(start, amount, by_the_law(tmp_path_factory.mktemp("packs"), start, amount), by_pandas(start, amount))


def test_the_law_ends_where_pandas_does_unless_at_closing(found: Found) -> None:
    differs = found.law != found.pandas
    assert len(found.law) == ROWS
    assert not np.isnat(found.law).any()
    assert int((differs & ~found.at_closing).sum()) == 0
    assert int(differs.sum()) == END_AT_CLOSING, f"{differs.sum()} of {ROWS:,} end at closing time"


def test_at_closing_pandas_moves_on_to_the_next_opening(found: Found) -> None:
    law, theirs = found.law[found.at_closing], found.pandas[found.at_closing]
    day, (noon, evening) = law.astype("datetime64[D]"), clock(CLOSINGS)
    next_day = np.busday_offset(day, 1, holidays=HOLIDAYS)
    ends_at_noon = law - day == noon
    morning, afternoon = clock(OPENINGS)
    assert (ends_at_noon | (law - day == evening)).all()
    assert 0 < ends_at_noon.sum() < len(law) == END_AT_CLOSING
    assert (theirs == np.where(ends_at_noon, day + afternoon, next_day + morning)).all()
