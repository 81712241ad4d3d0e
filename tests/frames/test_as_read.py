"""What is read from frames at once is what is read from Python's own values one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import slaengine as sla
from slaengine.clock import clock_of
from slaengine.columns import read_records
from slaengine.days import end_seconds, wall_seconds
from slaengine.event_columns import read_events
from slaengine.frames.arrow import column_of
from slaengine.held import NO_TIME, Words, in_seconds

ZONES = ("Asia/Ho_Chi_Minh", "America/New_York", "Europe/London", "Africa/Casablanca", "Australia/Lord_Howe", "UTC")
AROUND = [
    int(datetime(2025, month, day, tzinfo=UTC).timestamp())
    for month, day in ((3, 9), (3, 30), (4, 6), (10, 26), (11, 2))
]


@pytest.mark.parametrize("name", ZONES)
def test_a_zones_clock_reads_what_python_reads(name: str) -> None:
    zone, dice = ZoneInfo(name), np.random.default_rng(1)
    around = np.concatenate([at + dice.integers(-90_000, 90_000, 300) for at in AROUND])
    utc = np.concatenate((around, dice.integers(-2_000_000_000, 4_000_000_000, 300)))
    moments = [
        datetime.fromtimestamp(second, UTC)
        if second >= 0
        else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        for second in utc.tolist()
    ]
    clock = clock_of(zone)
    assert clock.wall(utc).tolist() == [wall_seconds(moment, zone) for moment in moments]
    assert clock.end_wall(utc).tolist() == [end_seconds(moment, zone) for moment in moments]
    wall = clock.wall(utc)
    naive = [datetime(1970, 1, 1) + timedelta(seconds=second) for second in wall.tolist()]
    first = [int(moment.replace(tzinfo=zone).timestamp()) for moment in naive]
    assert clock.utc(wall).tolist() == first
    for one in (utc[:1], utc[:0]):
        assert clock.utc(clock.wall(one)).shape == one.shape


@pytest.mark.parametrize("unit", ["ms", "us", "ns", "s", "m", "h", "7s"])
def test_fractions_of_a_second_are_dropped_as_numpy_does(unit: str) -> None:
    numbers = np.random.default_rng(2).integers(-(10**12), 10**12, 1_000)
    times = np.concatenate((numbers, [NO_TIME, -1, 0, 1])).view(f"datetime64[{unit}]")
    assert in_seconds(times).tolist() == times.astype("datetime64[s]").view(np.int64).tolist()


# --- events

NEW_YORK = sla.Engine(sla.load_pack("us-boston-311"))
MOMENTS = st.datetimes(datetime(2025, 3, 8), datetime(2025, 3, 10)).map(lambda moment: moment.replace(microsecond=0))


def stops_of(times: Any) -> Any:
    stop = st.fixed_dictionaries(
        {"start": st.none() | times, "end": st.none() | times, "window_end": st.none() | times}
    )
    return st.lists(st.none() | st.lists(st.none() | stop, max_size=3), min_size=1, max_size=6)


def item(kind: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct([(name, kind) for name in ("start", "end", "window_end")]))


def equal(rows: Any, kind: pa.DataType, other: dict[str, Any] | None = None) -> None:
    tables, more = NEW_YORK.tables, other or {}
    at_once = read_events(tables, {"suspensions": column_of(pa.array(rows, item(kind)), "suspensions"), **more})
    one_by_one = read_events(tables, {"suspensions": rows, **more})
    assert (at_once is None) == (one_by_one is None)
    if at_once is not None and one_by_one is not None:
        for name, mine, theirs in zip(at_once._fields, at_once, one_by_one, strict=True):
            assert np.array_equal(mine, theirs), name


@given(stops_of(MOMENTS))
def test_stops_read_at_once_are_those_read_one_by_one(rows: Any) -> None:
    for unit in ("s", "us"):
        equal(rows, pa.timestamp(unit))


@given(stops_of(st.dates(date(2025, 3, 1), date(2025, 3, 20))))
def test_stops_on_dates_are_those_read_one_by_one(rows: Any) -> None:
    equal(rows, pa.date32())


@given(stops_of(MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC))))
def test_stops_with_a_zone_are_those_read_one_by_one(rows: Any) -> None:
    equal(rows, pa.timestamp("s", tz="UTC"))


@given(stops_of(MOMENTS), st.data())
def test_stops_beside_other_events_are_those_read_one_by_one(rows: Any, data: st.DataObject) -> None:
    restart = st.none() | st.just([{"requested_at": datetime(2025, 3, 8, 12), "at": datetime(2025, 3, 9, 12)}])
    restarts = data.draw(st.lists(restart, min_size=len(rows), max_size=len(rows)))
    equal(rows, pa.timestamp("s"), {"restarts": restarts})


def test_columns_of_other_types_are_read_one_by_one() -> None:
    rows = [[{"start": "2025-03-08T09:00", "end": None, "window_end": None}], None]
    equal(rows, pa.string())


# --- words


def test_words_are_looked_up_one_by_one_where_there_are_too_many(vn: sla.Engine) -> None:
    words = [f"w{i}" for i in range(70_000)] + ["1.004837", "1.001193"]
    level = [f"l{i}" for i in range(3)] + ["commune"]
    day = np.array(["2025-04-28"] * 4, dtype="datetime64[D]")
    columns = {
        "procedure": Words(np.array([70_000, 70_001, 5, -1]), words),
        "level": Words(np.array([3, -1, 3, 0]), level),
        "received_at": day,
    }
    plain = {name: column.tolist() for name, column in columns.items() if isinstance(column, Words)} | {
        "received_at": day
    }
    assert read_records(vn.tables, columns).groups.tolist() == read_records(vn.tables, plain).groups.tolist()
