"""Every kind of frame: the same kind comes back, its rows in order, with one and the same answer, and nothing is changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slaengine as sla
from frame_forms import FORMS, as_numpy, digest, in_chunks, of_numpy, random_records, with_dictionaries
from slaengine.frames import whole
from slaengine.output import ON_REQUEST, OUTPUT

TODAY = date(2025, 3, 3)
every_form = pytest.mark.parametrize("name", FORMS)


def expected(table: pa.Table, engine: sla.Engine, **how: Any) -> str:
    """The digest of the answers to one record at a time, by the engine's one call."""
    rows = []
    for record in table.to_pylist():
        if record["received_at"] is None:  # no such case can be made
            rows.append(
                dict.fromkeys(OUTPUT) | {"status": "unknown", "problem": problem_without_receipt(record, engine)}
            )
            continue
        case = sla.Case(
            procedure=record["procedure"] or "",
            level=record["level"] or "",
            received_at=record["received_at"],
            finished_at=record["finished_at"],
            suspensions=[
                sla.Suspension(stop["start"], stop["end"]) for stop in record["suspensions"] or () if stop is not None
            ],
        )
        outcome = engine.assess(case, errors="return", **how)
        row = {name: getattr(outcome, name) for name in OUTPUT}
        row |= {"status": str(outcome.status), "problem": str(outcome.problem) if outcome.problem else None}
        rows.append(row)
    return digest(pa.table({name: [row[name] for row in rows] for name in OUTPUT}))


def problem_without_receipt(record: dict[str, Any], engine: sla.Engine) -> str:
    """What is said of the words of a record comes before what is said of its receipt."""
    case = sla.Case(procedure=record["procedure"] or "", level=record["level"] or "", received_at=date(2025, 1, 2))
    found = engine.assess(case, errors="return").problem
    return str(found) if "_missing" in str(found) or "_unknown" in str(found) else "received_missing"


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return random_records(7, 400)


@every_form
def test_the_answer_is_that_of_one_record_at_a_time(name: str, table: pa.Table, vn: sla.Engine) -> None:
    form = FORMS[name]
    found = sla.assess_table(form.make(table), vn, today=TODAY)
    assert isinstance(found, form.kind)
    assert digest(form.back(found)) == expected(table, vn, today=TODAY)


@every_form
def test_nothing_is_changed_and_columns_are_added_behind(name: str, table: pa.Table, vn: sla.Engine) -> None:
    if name in {"reader", "dataset"}:
        pytest.skip("a stream is read once")
    form = FORMS[name]
    frame = form.make(table)
    before = names_of(frame), rows_of(frame)
    found = sla.assess_table(frame, vn, today=TODAY, prefix="law_")
    assert (names_of(frame), rows_of(frame)) == before
    assert names_of(found) == [*table.column_names, *(f"law_{each}" for each in OUTPUT)]
    assert rows_of(found)[: table.num_rows] == before[1]


def names_of(frame: Any) -> list[str]:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect_schema().names()
    if hasattr(frame, "_table"):
        return frame._table.column_names
    if isinstance(frame, pa.RecordBatch):
        return frame.schema.names
    return list(frame.column_names if hasattr(frame, "column_names") else getattr(frame, "columns", frame))


def rows_of(frame: Any) -> list[Any]:
    """The numbers that tell the rows apart."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()["note"].to_list()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return [row[0] for row in frame.project("note").fetchall()]
    column = frame._table["note"] if hasattr(frame, "_table") else frame["note"]
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


@every_form
def test_a_frame_without_rows_has_the_columns_of_the_answer(name: str, table: pa.Table, vn: sla.Engine) -> None:
    if name == "record batch":
        frame: Any = pa.RecordBatch.from_pylist([], schema=table.schema)
    else:
        frame = FORMS[name].make(table.slice(0, 0))
    found = FORMS[name].back(sla.assess_table(frame, vn, today=TODAY))
    assert found.num_rows == 0
    assert set(OUTPUT) <= set(found.column_names)


@given(st.integers(0, 1_000_000), st.integers(1, 60), st.integers(1, 70), st.integers(1, 3), st.integers(1, 70))
@settings(max_examples=40)
def test_parts_order_and_threads_change_nothing(
    vn: sla.Engine, seed: int, rows: int, part: int, threads: int, block: int
) -> None:
    table = random_records(seed, rows)
    whole_answer = of_numpy(sla.assess_table(as_numpy(table), vn, today=TODAY))
    order = np.random.default_rng(seed).permutation(rows)
    shuffled = with_dictionaries(in_chunks(table.take(pa.array(order)), part))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "PART", part)
        for form in ("Arrow table", "reader", "pandas", "Polars"):
            found = sla.assess_table(FORMS[form].make(shuffled), vn, today=TODAY, threads=threads, block=block)
            assert digest(FORMS[form].back(found)) == digest(whole_answer.take(pa.array(order)))


@pytest.mark.parametrize("name", ["NumPy", "pandas", "pandas with categories", "Polars"])
def test_no_cell_that_was_given_is_changed(name: str, table: pa.Table, vn: sla.Engine) -> None:
    frame, same = (FORMS[name].make(pa.concat_tables([table])) for _ in range(2))
    sla.assess_table(frame, vn, today=TODAY, also=ON_REQUEST)
    for column in names_of(frame):
        assert str(list(frame[column])) == str(list(same[column])), column


def test_a_table_of_the_connection_is_not_taken_for_the_answer(table: pa.Table, vn: sla.Engine) -> None:
    connection = duckdb.connect()
    connection.register("cases", table)
    for name in ("found", "assessed", "table", "relation"):
        connection.sql(f'CREATE TABLE "{name}" AS SELECT 1 AS one')
    found = sla.assess_table(connection.table("cases"), vn, today=TODAY)
    assert digest(FORMS["DuckDB"].back(found)) == expected(table, vn, today=TODAY)


# --- the schema


def test_the_schema_is_the_published_one(table: pa.Table, vn: sla.Engine) -> None:
    found = sla.assess_table(table, vn, today=TODAY, also=ON_REQUEST)
    number, word = pa.int32(), pa.dictionary(pa.int8(), pa.string())
    assert {field.name: field.type for field in found.schema if field.name not in table.column_names} == {
        "due_at": pa.timestamp("s"),
        "due_date": pa.date32(),
        "status": word,
        "problem": word,
        **dict.fromkeys(("margin", "days_saved", "days_late", "days_late_calendar", "elapsed"), number),
        "rule_id": pa.dictionary(pa.int32(), pa.string()),
        "provisional": pa.bool_(),
        **dict.fromkeys(("margin_minutes", "remaining", "used_percent"), number),
        "next_change_at": pa.timestamp("s"),
        "flags": word,
        "promise_status": word,
        "commitment_due_at": pa.timestamp("s"),
        "commitment_due_date": pa.date32(),
        "commitment_status": word,
        "commitment_problem": word,
        "commitment_margin": number,
        "commitment_rule_id": pa.dictionary(pa.int32(), pa.string()),
    }
    assert not found.schema.field("status").nullable
    found.validate(full=True)


def test_all_columns_on_request_are_those_of_numpy(table: pa.Table, vn: sla.Engine) -> None:
    records = as_numpy(table) | {"promised_at": table["received_at"].to_numpy()}
    mine = sla.assess_table(records, vn, today=TODAY, also=ON_REQUEST)
    found = sla.assess_table(table.append_column("promised_at", table["received_at"]), vn, today=TODAY, also=ON_REQUEST)
    for name in found.column_names[len(table.column_names) + 1 :]:
        theirs, ours = found[name].to_pylist(), mine[name].tolist()
        assert theirs == ours, name
    assert found["promise_status"].null_count < len(table)


def test_the_metadata_say_which_pack_and_settings_gave_the_answer(table: pa.Table, vn: sla.Engine) -> None:
    marked = table.replace_schema_metadata({b"mine": b"kept"})
    metadata = sla.assess_table(marked, vn, today=TODAY).schema.metadata
    assert metadata[b"mine"] == b"kept"
    for told in (vn.pack.id, vn.pack.version, vn.pack.digest, vn.digest, "2025-03-03"):
        assert told in metadata[b"slaengine"].decode()


# --- types of columns

MONDAY = datetime(2025, 4, 28, 9, 0)


def one(received: Any, **more: Any) -> pa.Table:
    cells = {"procedure": pa.array(["1.004837"]), "level": pa.array(["commune"]), "received_at": received}
    return pa.table({**cells, **more})


@pytest.mark.parametrize(
    "received",
    [
        pa.array([date(2025, 4, 28)]),
        pa.array([date(2025, 4, 28)], pa.date64()),
        *(pa.array([MONDAY], pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")),
        *(pa.array([MONDAY], pa.timestamp("us", tz=zone)) for zone in ("UTC", "Asia/Ho_Chi_Minh", "+07:00")),
        pa.array(["2025-04-28"]),
        pa.array(["2025-04-28T09:00"], pa.large_string()),
        pa.array(["2025-04-28T09:00"], pa.string_view()),
        pa.array(["2025-04-28T02:00:00Z"]).dictionary_encode(),
        pa.array([MONDAY], pa.timestamp("s")).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_times_come_in_every_type(received: pa.Array, vn: sla.Engine) -> None:
    found = sla.assess_table(one(received), vn, today=date(2025, 4, 29))
    assert found["due_date"].to_pylist() == [date(2025, 5, 6)]
    aware = pa.types.is_timestamp(received.type) and received.type.tz is not None
    assert found.schema.field("due_at").type == pa.timestamp("s", tz="Asia/Ho_Chi_Minh" if aware else None)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York"])
def test_aware_receipts_make_aware_due_times(zone: str, vn: sla.Engine) -> None:
    moment = pa.array([datetime(2025, 4, 27, 17, 30), None], pa.timestamp("us", tz=zone))
    table = pa.table({"procedure": ["1.004837"] * 2, "level": ["commune"] * 2, "received_at": moment})
    due = [engine_due(vn, cell) if cell else None for cell in moment.to_pylist()]
    for form in ("Arrow table", "pandas", "Polars", "reader", "DuckDB"):
        found = sla.assess_table(FORMS[form].make(table), vn, today=TODAY)
        cells = FORMS[form].back(found)["due_at"].to_pylist()
        assert [cell and cell.astimezone(vn.tables.zone) for cell in cells] == due, form
        assert cells[0].tzinfo is not None


def engine_due(engine: sla.Engine, received: datetime | None) -> datetime | None:
    case = sla.Case(procedure="1.004837", level="commune", received_at=received)
    return engine.assess(case, today=TODAY, errors="return").due_at


def test_the_hour_of_a_clock_change_is_read_as_by_one_call() -> None:
    engine = sla.Engine(sla.load_pack("de-bgb"))
    seconds = np.arange(1_761_436_800 - 9_000, 1_761_436_800 + 9_000, 600)  # around 2025-10-26, 03:00 read twice
    moments = pa.array(seconds, pa.int64()).cast(pa.timestamp("s", tz="UTC"))
    table = pa.table({"procedure": ["half-month"] * len(seconds), "received_at": moments, "finished_at": moments})
    found = sla.assess_table(table, engine)
    for i, moment in enumerate(moments.to_pylist()):
        outcome = engine.assess(
            sla.Case(procedure="half-month", level="", received_at=moment, finished_at=moment), errors="return"
        )
        assert found["due_at"][i].as_py() == outcome.due_at
        assert found["status"][i].as_py() == str(outcome.status)


def test_pandas_keeps_its_index_and_has_types_of_its_own(table: pa.Table, vn: sla.Engine) -> None:
    frame = table.to_pandas().set_index(pd.Index(range(1000, 1000 + len(table)), name="number"))
    found = sla.assess_table(frame, vn, today=TODAY)
    assert found.index.equals(frame.index)
    kinds = {name: str(found[name].dtype) for name in OUTPUT}
    assert kinds["margin"] == "Int32"
    assert kinds["due_at"] == kinds["due_date"] == "datetime64[s]"
    assert {kinds["status"], kinds["problem"], kinds["rule_id"]} == {"category"}


def test_a_relation_stays_on_its_connection(table: pa.Table, vn: sla.Engine) -> None:
    connection = duckdb.connect()
    connection.register("cases", table)
    found = sla.assess_table(connection.sql("SELECT * FROM cases ORDER BY note DESC"), vn, today=TODAY)
    again = found.query("answer", "SELECT count(*) FROM answer JOIN cases USING (case_id) WHERE answer.status = 'late'")
    late = sla.assess_table(table, vn, today=TODAY)["status"].to_pylist().count("late")
    assert again.fetchall() == [(late,)]
    assert [row[0] for row in found.project("note").fetchall()] == list(range(399, -1, -1))


def test_a_lazy_frame_is_not_read_before_it_is_collected(table: pa.Table, vn: sla.Engine) -> None:
    def never(frame: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError(len(frame))

    schema = pl.from_arrow(table.slice(0, 0)).schema
    lazy = pl.LazyFrame(schema=schema).map_batches(never, schema=schema)
    assert sla.assess_table(lazy, vn, today=TODAY).collect_schema().names()[-1] == "rule_id"
    found = sla.assess_table(pl.from_arrow(table).lazy(), vn, today=TODAY)
    late = found.filter(pl.col("status") == "late").select("note").collect()["note"].to_list()
    every = sla.assess_table(table, vn, today=TODAY)
    assert late == every.filter(pa.compute.equal(every["status"].cast(pa.string()), "late"))["note"].to_pylist()


def test_narwhals_frames_come_back_as_such(table: pa.Table, vn: sla.Engine) -> None:
    nw = pytest.importorskip("narwhals")
    found = sla.assess_table(nw.from_native(pl.from_arrow(table)), vn, today=TODAY)
    assert isinstance(found, nw.DataFrame)
    assert isinstance(found.to_native(), pl.DataFrame)


# --- events in a frame of their own


def stops_of(table: pa.Table) -> pa.Table:
    rows = [
        {"case_id": record["case_id"], **stop}
        for record in reversed(table.to_pylist())
        for stop in record["suspensions"] or ()
        if stop is not None
    ]
    item = table.schema.field("suspensions").type.value_type
    return pa.Table.from_pylist(rows, schema=pa.schema([pa.field("case_id", pa.string()), *item]))


@pytest.mark.parametrize("name", ["NumPy", "Arrow table", "Arrow table of small chunks", "pandas", "Polars", "DuckDB"])
def test_a_second_frame_is_the_same_as_a_column_of_lists(name: str, table: pa.Table, vn: sla.Engine) -> None:
    form = FORMS[name]
    bare = form.make(table.drop_columns(["suspensions"]))
    for events in (stops_of(table), pl.from_arrow(stops_of(table)), stops_of(table).to_pandas()):
        found = sla.assess_table(bare, vn, today=TODAY, events={"suspensions": events})
        assert digest(form.back(found)) == expected(table, vn, today=TODAY)


def test_other_events_are_read_one_by_one_with_the_same_answer(vn: sla.Engine) -> None:
    restarts = [{"requested_at": MONDAY, "at": datetime(2025, 4, 29, 10, 0)}]
    stops = [{"start": date(2025, 4, 29), "end": date(2025, 5, 5)}]
    records = {
        "procedure": ["1.004837"] * 4,
        "level": ["commune"] * 4,
        "received_at": [MONDAY] * 4,
        "restarts": [None, restarts, restarts, []],
        "suspensions": [stops, None, stops, None],
    }
    found = sla.assess_table(pa.table(records), vn, today=date(2025, 5, 20))
    mine = sla.assess_table(records, vn, today=date(2025, 5, 20))
    assert found["due_at"].to_pylist() == mine["due_at"].tolist()
    assert found["due_date"].to_pylist() == [date(2025, 5, 7), date(2025, 5, 7), date(2025, 5, 7), date(2025, 5, 6)]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ({"suspensions": {"case_id": ["c999"], "start": [MONDAY]}}, "name case c999, which is not in the table"),
        ({"suspensions": {"case": ["c1"], "start": [MONDAY]}}, "have no column 'case_id'"),
        ({"stops": {"case_id": ["c1"], "start": [MONDAY]}}, "there are no events named 'stops'"),
        ({"restarts": {"case_id": [[1]], "at": [MONDAY]}}, "'case_id' is string, and list<item: int64>"),
        ({"suspensions": [1]}, "cannot read a list"),
    ],
)
def test_events_that_belong_to_nobody_are_refused(events: Any, says: str, table: pa.Table, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=says):
        sla.assess_table(table.drop_columns(["suspensions"]), vn, events=events)


def test_cases_that_cannot_be_told_apart_have_no_events_of_their_own(table: pa.Table, vn: sla.Engine) -> None:
    twice = pa.concat_tables([table, table]).drop_columns(["suspensions"])
    for frame, says in (
        (twice, "names a case twice"),
        (table, "is a column and a frame"),
        (twice.drop_columns(["case_id"]), "need a column 'case_id'"),
    ):
        with pytest.raises(sla.InputError, match=says):
            sla.assess_table(frame, vn, events={"suspensions": stops_of(table)})
