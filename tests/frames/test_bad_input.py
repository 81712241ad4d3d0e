"""Frames at fault: a clear error that names the remedy, or a problem in the row; never a wrong answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import slaengine as sla
from frame_forms import FORMS

MONDAY, TODAY, LATER = datetime(2025, 4, 28, 9, 0), date(2025, 4, 29), date(2025, 5, 20)
DUE = date(2025, 5, 6)
FRAMES = ("Arrow table", "record batch", "reader", "pandas", "Polars", "lazy Polars", "DuckDB", "Arrow stream")
every_frame = pytest.mark.parametrize("name", FRAMES)


def records(**columns: Any) -> pa.Table:
    cells: dict[str, Any] = {"procedure": ["1.004837"], "level": ["commune"], "received_at": [MONDAY], **columns}
    return pa.table({name: column for name, column in cells.items() if column is not None})


def refusal(frame: Any, engine: sla.Engine, **how: Any) -> str:
    with pytest.raises(sla.InputError) as caught:
        found = sla.assess_table(frame, engine, today=TODAY, **how)
        FORMS["reader"].back(found)  # a stream is read later than it is made
    assert caught.value.hint
    return str(caught.value)


@every_frame
def test_a_missing_column_names_the_near_ones(name: str, vn: sla.Engine) -> None:
    frame = FORMS[name].make(records(received_at=None, recieved_at=[MONDAY]))
    assert "there is no column 'received_at'; is it recieved_at? map another to it" in refusal(frame, vn)
    frame = FORMS[name].make(records(level=None))
    assert refusal(frame, vn).startswith("there is no column 'level'")


@every_frame
def test_a_clash_and_a_foreign_name_are_refused(name: str, vn: sla.Engine) -> None:
    make = FORMS[name].make
    assert "the table already has status; choose a prefix=" in refusal(make(records(status=["open"])), vn)
    assert "there is no column 'open_dt' to be 'received_at'" in refusal(
        make(records()), vn, columns={"received_at": "open_dt"}
    )
    assert "nothing is read under 'recieved_at'" in refusal(make(records()), vn, columns={"recieved_at": "x"})
    assert "there is no column 'nothing' to ask for" in refusal(make(records()), vn, also=["nothing"])


@pytest.mark.parametrize("name", ["Arrow table", "pandas", "Polars", "DuckDB"])
@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"procedure": [1004837]}, "column 'procedure' is of type int64; give words as text"),
        ({"level": [1.5]}, "column 'level' is of type double; give words as text"),
        ({"received_at": [20250428]}, "column 'received_at' holds 20250428, which is no time"),
        ({"received_at": [1.5]}, "column 'received_at' holds 1.5, which is no time"),
        ({"received_at": [True]}, "which is no time"),
        ({"finished_at": pa.array([timedelta(days=1)], pa.duration("us"))}, "column 'finished_at' holds"),
        ({"suspensions": [[1, 2]]}, "in a list; give start"),
        ({"suspensions": [3]}, "column 'suspensions' holds 3; give a list of mappings"),
        ({"suspensions": ["3 days"]}, "column 'suspensions' holds '3 days'; give JSON"),
        ({"suspensions": [[{"begin": MONDAY}]]}, "'begin' is no field of an event"),
    ],
    ids=lambda value: str(next(iter(value.items()))) if isinstance(value, dict) else "",
)
def test_a_wrong_type_is_refused(name: str, columns: Any, says: str, vn: sla.Engine) -> None:
    assert says in refusal(FORMS[name].make(records(**columns)), vn).replace("datetime.", "")


@every_frame
def test_times_as_text_are_refused_in_a_stream_alone(name: str, vn: sla.Engine) -> None:
    frame = FORMS[name].make(records(received_at=["2025-04-28"]))
    if name == "reader":
        assert "holds times as text in a stream; cast it to a date" in refusal(frame, vn)
    else:
        assert FORMS[name].back(sla.assess_table(frame, vn))["due_date"].to_pylist()[0] in {DUE, datetime(2025, 5, 6)}


def test_zones_are_mixed_as_people_mix_them(vn: sla.Engine) -> None:
    """Each column has one zone; a naive one is read by the clocks of the pack; objects of pandas each have their own."""
    hanoi = timezone(timedelta(hours=7))
    aware = pa.array([datetime(2025, 4, 28, 2, 0)], pa.timestamp("us", tz="America/New_York"))
    table = records(received_at=aware, finished_at=[datetime(2025, 5, 6, 23, 0)])
    assert sla.assess_table(table, vn)["status"].to_pylist() == ["on_time"]
    objects = [
        MONDAY,
        datetime(2025, 4, 28, 2, 0, tzinfo=UTC),
        MONDAY.replace(tzinfo=hanoi),
        MONDAY.replace(tzinfo=UTC),
    ]
    frame = pd.DataFrame(
        {"procedure": ["1.004837"] * 4, "level": ["commune"] * 4, "received_at": pd.Series(objects, dtype=object)}
    )
    found = sla.assess_table(frame, vn, today=TODAY)
    mine = [vn.assess(sla.Case(procedure="1.004837", level="commune", received_at=o), today=TODAY) for o in objects]
    assert found["due_date"].dt.date.tolist() == [outcome.due_date for outcome in mine]
    assert found["due_at"].dt.tz is None


@every_frame
def test_nulls_stand_anywhere(name: str, vn: sla.Engine) -> None:
    nothing = {"procedure": pa.string(), "level": pa.string(), "received_at": pa.timestamp("s")}
    full = {"procedure": "1.004837", "level": "commune", "received_at": MONDAY}
    rows = [{**full, missing: None} for missing in full] + [dict.fromkeys(full)]
    table = pa.Table.from_pylist(rows, schema=pa.schema(nothing))
    found = FORMS[name].back(sla.assess_table(FORMS[name].make(table), vn, today=TODAY))
    assert found["problem"].to_pylist() == [
        "procedure_missing",
        "level_missing",
        "received_missing",
        "procedure_missing",
    ]
    assert found["due_date"].null_count == found["margin"].null_count == found["rule_id"].null_count == 4
    assert [str(cell) for cell in found["status"].to_pylist()] == ["unknown"] * 4


def test_columns_of_nothing_but_nulls_have_no_type(vn: sla.Engine) -> None:
    for columns, problem in (
        ({"procedure": pa.nulls(1)}, "procedure_missing"),
        ({"received_at": pa.nulls(1)}, "received_missing"),
    ):
        assert sla.assess_table(records(**columns), vn)["problem"].to_pylist() == [problem]
    more = {name: pa.nulls(1) for name in ("finished_at", "suspensions", "variant", "promises")}
    found = sla.assess_table(records(**more), vn, today=TODAY, also=["flags", "promise_status"])
    assert found["status"].to_pylist() == ["running"]
    for frame in (
        pd.DataFrame({"procedure": [None], "level": [np.nan], "received_at": [pd.NaT]}),
        pl.DataFrame({"procedure": [None], "level": [None], "received_at": [None]}),
    ):
        assert list(sla.assess_table(frame, vn)["problem"]) == ["procedure_missing"]


def test_masks_of_bits_begin_anywhere(vn: sla.Engine) -> None:
    """A slice of an Arrow array begins in the middle of a byte of its mask."""
    received = [MONDAY if i % 3 else None for i in range(40)]
    table = pa.table({"procedure": ["1.004837", None] * 20, "level": ["commune"] * 40, "received_at": received})
    table = table.set_column(0, "procedure", table["procedure"].dictionary_encode())
    every = sla.assess_table(table, vn, today=TODAY)["problem"].to_pylist()
    for start in range(0, 20, 3):
        part = sla.assess_table(table.slice(start, 11), vn, today=TODAY)
        assert part["problem"].to_pylist() == every[start : start + 11]


@pytest.mark.parametrize(
    "index", [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]
)
def test_dictionaries_hold_words_that_the_pack_does_not_know(index: pa.DataType, vn: sla.Engine) -> None:
    words = pa.array(["nobody", "1.004837", None, "unused", ""])
    codes = pa.array([1, 0, None, 2, 4, 1], index)
    table = pa.table(
        {
            "procedure": pa.DictionaryArray.from_arrays(codes, words),
            "level": ["commune"] * 6,
            "received_at": [MONDAY] * 6,
        }
    )
    missing = ["procedure_missing"] * 3
    assert sla.assess_table(table, vn, today=TODAY)["problem"].to_pylist() == [
        None,
        "procedure_unknown",
        *missing,
        None,
    ]


def test_many_words_of_a_small_index_keep_their_places(vn: sla.Engine) -> None:
    words = [f"w{i}" for i in range(200)] + ["1.004837"]
    codes = pa.array([200, 3, 199], pa.uint8())
    table = pa.table(
        {
            "procedure": pa.DictionaryArray.from_arrays(codes, words),
            "level": ["commune"] * 3,
            "received_at": [MONDAY] * 3,
        }
    )
    assert sla.assess_table(table, vn, today=TODAY)["problem"].to_pylist() == [
        None,
        "procedure_unknown",
        "procedure_unknown",
    ]


def test_words_that_stand_in_no_row_are_not_read(vn: sla.Engine) -> None:
    received = pa.DictionaryArray.from_arrays(pa.array([0]), pa.array(["2025-04-28", "2025-04-28T09:00", "never"]))
    assert sla.assess_table(records(received_at=received), vn, today=TODAY)["due_date"].to_pylist() == [DUE]


@pytest.mark.parametrize("make", [pa.list_, pa.large_list])
def test_lists_have_null_items_and_null_fields(make: Any, vn: sla.Engine) -> None:
    item = pa.struct({"start": pa.timestamp("s"), "end": pa.timestamp("s"), "reason": pa.string()})
    stop = {"start": datetime(2025, 4, 29, 8), "end": datetime(2025, 5, 5, 8), "reason": None}
    cells = [[None, stop, None], [None], [], None, [{"start": None, "end": None, "reason": "?"}], [stop]]
    column = pa.array(cells, make(item))
    table = pa.table(
        {"procedure": ["1.004837"] * 6, "level": ["commune"] * 6, "received_at": [MONDAY] * 6, "suspensions": column}
    )
    for start in (0, 1, 3):
        found = sla.assess_table(table.slice(start), vn, today=LATER)
        mine = sla.assess_table(table.slice(start).to_pydict(), vn, today=LATER)
        assert found["due_date"].to_pylist() == mine["due_date"].tolist()
        assert (
            found["problem"].to_pylist()
            == mine["problem"].tolist()
            == [None, None, None, None, "event_unreadable", None][start:]
        )
    assert found["due_date"].to_pylist()[-1] > DUE


def test_amounts_of_extensions_are_exact(vn: sla.Engine) -> None:
    item = pa.struct({"amount": pa.decimal128(9, 3), "unit": pa.string(), "granted_at": pa.date32()})
    cells = pa.array([[{"amount": Decimal("2.000"), "unit": "working_day", "granted_at": TODAY}]], pa.list_(item))
    found = sla.assess_table(records(extensions=cells), vn, today=TODAY, also=["flags"])
    assert found["flags"].to_pylist() == ["extension_void"]  # no rule of this pack allows one


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_far_away_are_problems_of_their_rows(unit: str, vn: sla.Engine) -> None:
    far = pa.array([2**62, -(2**62), 0], pa.int64()).cast(pa.timestamp(unit))
    for received in (far, far.cast(pa.timestamp(unit, tz="UTC"))):
        table = pa.table({"procedure": ["1.004837"] * 3, "level": ["commune"] * 3, "received_at": received})
        found = sla.assess_table(table, vn, today=TODAY)
        assert found["problem"].null_count == 0
        assert found["due_date"].null_count == 3


@pytest.mark.parametrize("frame", [1, "x", None, [1], {1, 2}, object(), pd.Series([1]), np.zeros(3)])
def test_what_is_no_table_is_refused(frame: Any, vn: sla.Engine) -> None:
    assert "cannot read a" in refusal(frame, vn)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2"])
def test_threads_are_a_number(threads: Any, vn: sla.Engine) -> None:
    assert "threads=" in refusal(records(), vn, threads=threads)


def test_columns_of_pandas_that_stand_twice_are_refused(vn: sla.Engine) -> None:
    frame = records().to_pandas()
    assert "column 'level' stands twice" in refusal(pd.concat([frame, frame[["level"]]], axis=1), vn)


def test_lists_of_a_stream_are_not_joined_with_other_frames(vn: sla.Engine) -> None:
    assert "a stream is not joined" in refusal(records().to_reader(), vn, events={"suspensions": records()})


def test_without_the_packages_of_frames_the_error_says_what_to_install(
    vn: sla.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith(("pyarrow", "slaengine.frames.kinds"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = pl.DataFrame({"procedure": ["1.004837"], "level": ["commune"], "received_at": [MONDAY]})
    with pytest.raises(sla.InputError, match=r"frames need the package pyarrow; run: pip install 'slaengine\[batch\]'"):
        sla.assess_table(frame, vn)
    assert sla.assess_table(dict(frame.to_dict(as_series=False)), vn, today=TODAY)["status"].tolist() == ["running"]
