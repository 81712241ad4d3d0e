"""The columns of an answer as Arrow types: what `slaengine.output` declares, in every adapter's terms."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa

from slaengine.output import Field, Kind, Made
from slaengine.table import Job

__all__ = [
    "METADATA",
    "arrow_type",
    "as_arrow",
    "dictionary_of",
    "is_aware",
    "metadata_of",
    "our_fields",
    "output_schema",
    "provenance",
]

METADATA = b"slaengine"
"""The key under which a schema says which pack and settings gave the answer."""
PLAIN = {Kind.DAY: pa.date32(), Kind.NUMBER: pa.int32(), Kind.TRUTH: pa.bool_()}


def our_fields(job: Job, *, aware: bool) -> list[pa.Field]:
    """The columns that are added, in order."""
    zone = str(job.engine.tables.zone) if aware else None
    return [pa.field(job.prefix + f.name, arrow_type(f, zone), nullable=f.nullable) for f in job.fields]


def arrow_type(field: Field, zone: str | None = None) -> pa.DataType:
    """The Arrow type of a column; instants carry a zone where the receipts did."""
    if field.kind is Kind.INSTANT:
        return pa.timestamp("s", tz=zone)
    if field.kind is Kind.WORD:
        return pa.dictionary(pa.from_numpy_dtype(field.code), pa.string())
    return PLAIN[field.kind]


def output_schema(job: Job, schema: pa.Schema, *, aware: bool) -> pa.Schema:
    """The schema of what comes back for a table of that schema."""
    metadata = {**(schema.metadata or {}), **metadata_of(job)}
    return pa.schema([*schema, *our_fields(job, aware=aware)], metadata=metadata)


def is_aware(job: Job, schema: pa.Schema) -> bool:
    """Whether the receipts carry a zone, so that due times do."""
    kind = schema.field(job.names.get("received_at", "received_at")).type
    return pa.types.is_timestamp(kind) and kind.tz is not None


def metadata_of(job: Job) -> dict[bytes, bytes]:
    """Which pack and settings gave an answer, as metadata of a schema."""
    return {METADATA: json.dumps(provenance(job)).encode()}


def provenance(job: Job) -> dict[str, Any]:
    """Which pack and settings gave an answer, as plain values."""
    engine = job.engine
    return {
        "slaengine": _version(),
        "pack": {"id": engine.pack.id, "version": engine.pack.version, "digest": engine.pack.digest},
        "engine_digest": engine.digest,
        "basis": str(engine.basis),
        "known_at": None if engine.known_at is None else str(engine.known_at),
        "today": None if job.today is None else str(job.today),
    }


@lru_cache(maxsize=1)
def _version() -> str:
    return version("slaengine")


@lru_cache(maxsize=64)
def dictionary_of(words: tuple[str, ...]) -> pa.Array:
    """Words as a dictionary, made once: one engine's rules are thousands of names."""
    return pa.array(words, pa.string())


def as_arrow(kind: pa.DataType, made: Made, words: pa.Array | None, utc: Any = None) -> pa.Array:
    """A column of an answer as Arrow holds it, without a copy; `utc` turns wall-clock seconds into those of a zone."""
    values, unknown = made.values, None
    if made.known is not None:
        unknown = pa.py_buffer(np.packbits(made.known, bitorder="little"))
    if pa.types.is_boolean(kind):
        return pa.array(values)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        values = utc(values)
    physical = kind.index_type if pa.types.is_dictionary(kind) else kind
    numbers = np.ascontiguousarray(values, dtype=f"i{physical.bit_width // 8}")
    array = pa.Array.from_buffers(physical, len(numbers), [unknown, pa.py_buffer(numbers)])
    return pa.DictionaryArray.from_arrays(array, words, safe=False) if pa.types.is_dictionary(kind) else array
