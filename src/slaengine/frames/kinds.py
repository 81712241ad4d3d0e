"""Every kind of frame: which one it is, and how its columns are read and given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.dataset as ds
from narwhals import dependencies as known

from slaengine.columns import refuse_shapes
from slaengine.errors import InputError
from slaengine.frames.batches import Assessor
from slaengine.frames.second import as_lists
from slaengine.frames.whole import How, answer_parts, answer_whole, needed
from slaengine.held import Column
from slaengine.output import as_numpy
from slaengine.table import Job

__all__ = ["assess_frame"]


def assess_frame(frame: Any, job: Job, how: How) -> Any:
    """The frame with the answer added, of the same kind; a table of Arrow's for what only has an Arrow stream."""
    for recognise, answer in KINDS:
        if recognise(frame):
            return answer(frame, job, how)
    raise InputError(
        f"cannot read a {type(frame).__name__}",
        hint="give a mapping of names to columns, a frame of pandas, Polars, PyArrow or DuckDB, or an Arrow stream",
    )


def arrow_table(frame: Any) -> pa.Table:
    """Any frame as a table of Arrow's."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, Mapping):
        return pa.table(dict(frame))
    if known.is_pandas_dataframe(frame):
        return pa.Table.from_pandas(frame, preserve_index=False)
    if known.is_polars_lazyframe(frame):
        return frame.collect().to_arrow()
    try:
        return pa.RecordBatchReader.from_stream(frame).read_all()
    except (pa.ArrowInvalid, TypeError) as error:  # a stream of something else than rows, or none
        raise InputError(f"cannot read a {type(frame).__name__}", hint="give a frame with an Arrow stream") from error


def _lists(job: Job, how: How, have: list[str], ids: Callable[[str], Any]) -> dict[str, Column]:
    """The events of other frames as columns of lists; `ids` reads the column that they are keyed by."""
    if not how.events:
        return {}
    key = job.names.get("case_id", "case_id")
    if key not in have:
        raise InputError("events in a frame of their own need a column 'case_id'", hint="map one to it")
    return as_lists({name: arrow_table(frame) for name, frame in how.events.items()}, have, ids(key))


def _mapping(frame: Mapping[str, Column], job: Job, how: How) -> dict[str, Any]:
    job.check(frame)
    refuse_shapes(frame)
    columns: dict[str, Column] = {ours: frame[theirs] for ours, theirs in needed(job, frame).items()}
    columns |= _lists(job, how, list(frame), lambda name: pa.array(frame[name]))
    made = answer_whole(job, columns, how)
    return {**frame, **{job.prefix + field.name: as_numpy(field, made[field.name]) for field in job.fields}}


def _table(table: pa.Table, job: Job, how: How) -> pa.Table:
    assessor = Assessor(job, table.schema)
    return assessor.table(table, _lists(job, how, table.column_names, table.column), how)


def _record_batch(batch: pa.RecordBatch, job: Job, how: How) -> pa.RecordBatch:
    found = _table(pa.Table.from_batches([batch]), job, how).combine_chunks()
    return found.to_batches()[0] if found.num_rows else pa.RecordBatch.from_pylist([], schema=found.schema)


def _reader(reader: pa.RecordBatchReader, job: Job, how: How) -> pa.RecordBatchReader:
    if how.events:
        raise InputError("a stream is not joined with events of other frames", hint="give a table, or columns of lists")
    assessor = Assessor(job, reader.schema)
    return pa.RecordBatchReader.from_batches(assessor.schema, assessor.batches(reader, how))


def _dataset(dataset: Any, job: Job, how: How) -> Any:
    """The answer lies in memory: Arrow has no dataset that is computed as it is scanned."""
    found = _table(dataset.to_table(), job, how)
    return ds.InMemoryDataset(found if found.num_rows else pa.RecordBatch.from_pylist([], schema=found.schema))


def _pandas(frame: Any, job: Job, how: How) -> Any:
    from slaengine.frames import pandas  # noqa: PLC0415  # loaded only for its own frames

    have = [str(name) for name in frame.columns]
    job.check(have)
    columns = {ours: pandas.read(frame, theirs, ours) for ours, theirs in needed(job, have).items()}
    columns |= _lists(job, how, have, lambda name: pa.array(frame[name], from_pandas=True))
    made = answer_whole(job, columns, how)
    return pandas.given(frame, job, made, aware=pandas.is_aware(columns["received_at"]))


def _polars(frame: Any, job: Job, how: How) -> Any:
    from slaengine.frames import polars  # noqa: PLC0415  # loaded only for its own frames

    have = list(frame.columns)
    job.check(have)
    wanted = needed(job, have)
    assessor = Assessor(job, polars.schema_of(frame, list(dict.fromkeys(wanted.values()))))
    columns = {ours: polars.read(frame, theirs, ours) for ours, theirs in wanted.items()}
    columns |= _lists(job, how, have, lambda name: frame[name].to_arrow())
    return polars.given(frame, assessor, [assessor.arrays(made) for made in answer_parts(job, columns, how)])


def _lazy(frame: Any, job: Job, how: How) -> Any:
    from slaengine.frames import polars  # noqa: PLC0415  # loaded only for its own frames

    return polars.lazily(frame, partial(_polars, job=job, how=how))


def _duckdb(relation: Any, job: Job, how: How) -> Any:
    """The relation is read once; the answer is a relation of the same connection.

    DuckDB finds it by the name of the variable, unless the connection has a table of that name.
    """
    slaengine_found_this_answer = _table(arrow_table(relation), job, how)  # noqa: F841  # named in the query
    return relation.query("slaengine_was_given_this", "SELECT * FROM slaengine_found_this_answer")


def _narwhals(frame: Any, job: Job, how: How) -> Any:
    return nw.from_native(assess_frame(nw.to_native(frame), job, how))


def _stream(frame: Any, job: Job, how: How) -> pa.Table:
    return _table(arrow_table(frame), job, how)


KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Job, How], Any]], ...] = (
    (lambda frame: isinstance(frame, Mapping), _mapping),
    (lambda frame: isinstance(frame, pa.Table), _table),
    (lambda frame: isinstance(frame, pa.RecordBatch), _record_batch),
    (lambda frame: isinstance(frame, pa.RecordBatchReader), _reader),
    (lambda frame: isinstance(frame, ds.Dataset), _dataset),
    (known.is_narwhals_dataframe, _narwhals),
    (known.is_narwhals_lazyframe, _narwhals),
    (known.is_pandas_dataframe, _pandas),
    (known.is_polars_dataframe, _polars),
    (known.is_polars_lazyframe, _lazy),
    (known.is_duckdb_relation, _duckdb),
    (lambda frame: hasattr(frame, "__arrow_c_stream__"), _stream),
)
"""How each kind is recognised, without importing what is not there, and answered."""
