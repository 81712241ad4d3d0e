"""Spark: a frame of any size, assessed where its parts lie, with the pack sent along once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, types
from pyspark.sql.pandas.types import to_arrow_schema

from slaengine.engine import Engine
from slaengine.frames.batches import Assessor
from slaengine.frames.whole import How
from slaengine.output import Field, Kind
from slaengine.table import Job

__all__ = ["assess"]

TYPES = {
    Kind.DAY: types.DateType(),
    Kind.NUMBER: types.IntegerType(),
    Kind.TRUTH: types.BooleanType(),
    Kind.WORD: types.StringType(),
}


def assess(
    frame: DataFrame,
    engine: Engine,
    *,
    today: date | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    prefix: str = "",
    also: Sequence[str] = (),
) -> DataFrame:
    """Assess every record of a frame of Spark's, as `assess_table` does; nothing is computed before it is asked for.

    Words come back as strings, `due_at` as TIMESTAMP_NTZ, or as TIMESTAMP where `received_at` is one. A column that is
    missing or of a type that cannot be read raises `InputError` at once, and so do times as strings: cast them.
    """
    job = Job(engine, today, columns or {}, values or {}, prefix, also)
    assessor = Assessor(job, to_arrow_schema(frame.schema, timezone="UTC"))
    assessor.refuse_texts()
    fields = [
        types.StructField(prefix + field.name, _type(field, aware=assessor.aware), field.nullable)
        for field in job.fields
    ]
    sent = frame.sparkSession.sparkContext.broadcast(pickle.dumps(job))
    return frame.mapInArrow(_work(sent), types.StructType([*frame.schema.fields, *fields]))


def _type(field: Field, *, aware: bool) -> types.DataType:
    if field.kind is Kind.INSTANT:
        return types.TimestampType() if aware else types.TimestampNTZType()
    return TYPES[field.kind]


def _work(sent: Any) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        job, assessor = _job(sent.value), None
        for batch in batches:
            assessor = assessor or Assessor(job, batch.schema)
            for found in assessor.batches([batch], How()):
                yield pa.RecordBatch.from_arrays([_plain(column) for column in found.columns], found.schema.names)

    return work


@lru_cache(maxsize=4)
def _job(packed: bytes) -> Job:
    """The job that was sent, its engine compiled once a worker."""
    job: Job = pickle.loads(packed)  # noqa: S301  # sent by the driver of this very job
    return job


def _plain(array: pa.Array) -> pa.Array:
    """A column as Spark's own types are in Arrow."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return array.cast(kind.value_type)
    return array.cast(pa.timestamp("us", tz=kind.tz)) if pa.types.is_timestamp(kind) else array
