"""The same records in every kind of frame, and one digest of the answers, whatever kind they came in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

from slaengine.output import OUTPUT

STOPS = pa.list_(pa.struct({"start": pa.timestamp("s"), "end": pa.timestamp("s"), "reason": pa.string()}))
TYPES = {
    "case_id": pa.string(),
    "procedure": pa.string(),
    "level": pa.string(),
    "received_at": pa.timestamp("s"),
    "finished_at": pa.timestamp("s"),
    "suspensions": STOPS,
    "note": pa.int64(),
}


class Form(NamedTuple):
    """How a table becomes a frame of a kind, and how that becomes a table again."""

    make: Callable[[pa.Table], Any]
    back: Callable[[Any], pa.Table]
    kind: type


class OnlyAStream:
    """Something foreign that has an Arrow stream and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def in_chunks(table: pa.Table, size: int) -> pa.Table:
    """The same rows in batches of a size, each with its own dictionaries, empty ones among them."""
    batches = [*table.slice(0, 0).to_batches(), *table.to_batches(max_chunksize=size)]
    return pa.Table.from_batches(batches, schema=table.schema)


def with_dictionaries(table: pa.Table) -> pa.Table:
    for name in ("procedure", "level"):
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    return table


def as_numpy(table: pa.Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        is_time = pa.types.is_timestamp(column.type) and column.type.tz is None
        found[name] = column.to_numpy() if is_time else column.to_pylist()
    return found


def of_numpy(found: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array(np.ma.getdata(found[name]), mask=mask_of(found[name])) for name in OUTPUT})


def mask_of(column: Any) -> Any:
    return np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else None


def to_arrow(frame: Any) -> pa.Table:
    return pa.RecordBatchReader.from_stream(frame).read_all()


def of_pandas(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame[list(OUTPUT)], preserve_index=False)


FORMS = {
    "NumPy": Form(as_numpy, of_numpy, dict),
    "Arrow table": Form(lambda t: t, lambda f: f, pa.Table),
    "Arrow table of small chunks": Form(lambda t: in_chunks(t, 3), lambda f: f, pa.Table),
    "Arrow table with dictionaries": Form(lambda t: in_chunks(with_dictionaries(t), 7), lambda f: f, pa.Table),
    "record batch": Form(lambda t: t.combine_chunks().to_batches()[0], to_arrow, pa.RecordBatch),
    "reader": Form(lambda t: in_chunks(t, 5).to_reader(), lambda f: f.read_all(), pa.RecordBatchReader),
    "dataset": Form(
        lambda t: ds.InMemoryDataset(in_chunks(t, 5).to_batches() or [pa.RecordBatch.from_pylist([], schema=t.schema)]),
        lambda f: f.to_table(),
        ds.Dataset,
    ),
    "pandas": Form(lambda t: t.to_pandas(), of_pandas, pd.DataFrame),
    "pandas with categories": Form(lambda t: with_dictionaries(t).to_pandas(), of_pandas, pd.DataFrame),
    "pandas with objects": Form(lambda t: t.to_pandas().astype({"procedure": object}), of_pandas, pd.DataFrame),
    "pandas on Arrow": Form(lambda t: t.to_pandas(types_mapper=pd.ArrowDtype), of_pandas, pd.DataFrame),
    "Polars": Form(pl.from_arrow, to_arrow, pl.DataFrame),
    "Polars with categories": Form(lambda t: pl.from_arrow(with_dictionaries(t)), to_arrow, pl.DataFrame),
    "lazy Polars": Form(lambda t: pl.from_arrow(t).lazy(), lambda f: to_arrow(f.collect()), pl.LazyFrame),
    "DuckDB": Form(duckdb.from_arrow, to_arrow, duckdb.DuckDBPyRelation),
    "Arrow stream": Form(OnlyAStream, lambda f: f, pa.Table),
}


def digest(found: pa.Table) -> str:
    """One fingerprint of the columns of an answer; of a DATE and of midnight on it the same."""
    columns = [[plain(cell, name) for cell in found[name].to_pylist()] for name in OUTPUT]
    return hashlib.sha256(repr([list(row) for row in zip(*columns, strict=True)]).encode()).hexdigest()


def plain(cell: Any, name: str) -> Any:
    if isinstance(cell, datetime):
        return str(cell.date()) if name == "due_date" else cell.isoformat()
    return str(cell) if isinstance(cell, date) else cell


WORDS = ("1.004837", "1.001193", "1.000656", "9.999999", "", None)
LEVELS = ("commune", "district", "xã", None)


def random_records(seed: int, rows: int, words: Sequence[str | None] = WORDS) -> pa.Table:
    """Records with everything that may be wrong with them."""
    dice = np.random.default_rng(seed)
    begin = datetime(2024, 1, 1)

    def moment(low: float, high: float) -> datetime:
        return begin + timedelta(seconds=int(dice.uniform(low, high) * 86_400))

    def stops() -> Any:
        if dice.random() < 0.7:
            return None if dice.random() < 0.5 else []
        found = [{"start": moment(0, 500), "end": moment(0, 500), "reason": None} for _ in range(dice.integers(1, 4))]
        for stop in found:
            stop["end"] = None if dice.random() < 0.2 else stop["end"]
        return [None if dice.random() < 0.1 else stop for stop in found]

    received = [None if dice.random() < 0.05 else moment(-20, 500) for _ in range(rows)]
    finished = [None if dice.random() < 0.2 else moment(-20, 520) for _ in range(rows)]
    data = {
        "case_id": [f"c{i}" for i in range(rows)],
        "procedure": [words[i] for i in dice.integers(0, len(words), rows)],
        "level": [LEVELS[min(i, 3)] for i in dice.geometric(0.7, rows) - 1],
        "received_at": received,
        "finished_at": finished,
        "suspensions": [stops() for _ in range(rows)],
        "note": list(range(rows)),
    }
    return pa.table(data, schema=pa.schema(TYPES))
