"""Files of records as one stream of batches, whatever their format, read once from front to back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from slaengine.errors import InputError
from slaengine.frames.places import Place
from slaengine.frames.text import Reject, Tell, csv_header, csv_rows, objects

__all__ = ["ROWS", "Source"]

ROWS = 1 << 18
"""Rows of a batch of a file."""


class Source:
    """Files with the same columns. `done` of `total` units are read: rows where they are known before, else bytes.

    `InputError` for a file that cannot be read, is cut short, or has other columns than the first.
    """

    def __init__(self, places: list[Place]) -> None:
        self.places = places
        self.done = 0

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, those that folders are named by behind the others."""
        schemas = [_schema(place) for place in self.places]
        for place, schema in zip(self.places, schemas, strict=True):
            if not schema.equals(schemas[0]):
                hint = f"expected {_told(schemas[0])}"
                raise InputError(f"{place.path}: its columns differ from the first file's", hint=hint)
        return schemas[0]

    @property
    def partition(self) -> set[str]:
        """The columns that folders are named by."""
        return {name for place in self.places for name in place.partition}

    @cached_property
    def total(self) -> int:
        """How much there is to read."""
        return sum(_size(place) for place in self.places)

    def batches(self, names: Iterable[str], reject: Reject) -> Iterator[pa.RecordBatch]:
        """The rows, of those columns alone."""
        wanted = list(names)
        for place in self.places:
            for batch in self._batches(place, wanted, reject):
                columns = [_column(batch, name, place) for name in wanted]
                schema = pa.schema([self.schema.field(name) for name in wanted])
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _batches(self, place: Place, names: list[str], reject: Reject) -> Iterator[pa.RecordBatch]:
        inside = [name for name in names if name not in place.partition]
        if place.format in {"csv", "csv.gz"}:
            yield from _csv(place, inside or csv_header(place)[:1], reject, self._tell)
        elif place.format == "jsonl":
            fields = pa.schema([self.schema.field(name) for name in inside])
            yield from _jsonl(place, fields, reject, self._tell)
        else:
            for batch in (_parquet if place.format == "parquet" else _ipc)(place, inside):
                self._tell(batch.num_rows)
                yield batch

    def _tell(self, done: int) -> None:
        self.done += done


def _column(batch: pa.RecordBatch, name: str, place: Place) -> pa.Array:
    if name in place.partition:
        return pa.DictionaryArray.from_arrays(
            pa.array([0 if place.partition[name] is not None else None] * batch.num_rows, pa.int32()),
            pa.array([place.partition[name] or ""]),
        )
    return batch.column(name)


def _schema(place: Place) -> pa.Schema:
    schema = _schema_of_file(place)
    both = sorted(set(schema.names) & place.partition.keys())
    if both:
        raise InputError(f"{place.path}: {both[0]!r} is a column and a folder's name", hint="leave one of them out")
    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([*schema, *(pa.field(name, word) for name in place.partition)], metadata=schema.metadata)


def _schema_of_file(place: Place) -> pa.Schema:
    if place.format in {"csv", "csv.gz"}:
        return pa.schema([(name, pa.string()) for name in csv_header(place)])
    if place.format == "jsonl":
        return _jsonl_schema(place)
    if place.format == "parquet":
        with _readable(place), pq.ParquetFile(place.path) as file:
            return file.schema_arrow
    with _readable(place), pa.OSFile(place.path) as raw:
        return _ipc_reader(raw).schema


def _size(place: Place) -> int:
    if place.format == "parquet":
        with _readable(place), pq.ParquetFile(place.path) as file:
            return int(file.metadata.num_rows)
    if place.format == "arrow":
        with _readable(place), pa.memory_map(place.path) as raw:
            return sum(batch.num_rows for batch in _ipc_batches(_ipc_reader(raw)))
    with _readable(place):
        return Path(place.path).stat().st_size


def _parquet(place: Place, names: list[str]) -> Iterator[pa.RecordBatch]:
    with _readable(place), pq.ParquetFile(place.path, pre_buffer=False, buffer_size=1 << 20) as file:
        yield from file.iter_batches(ROWS, columns=names)


def _ipc(place: Place, names: list[str]) -> Iterator[pa.RecordBatch]:
    with _readable(place), pa.memory_map(place.path) as raw:
        for batch in _ipc_batches(_ipc_reader(raw)):
            part = batch.select(names)
            yield from (part.slice(start, ROWS) for start in range(0, part.num_rows, ROWS))


def _ipc_reader(raw: Any) -> Any:
    """A reader of Arrow's file format, or of its stream."""
    try:
        return pa.ipc.open_file(raw)
    except pa.ArrowInvalid:
        raw.seek(0)
        return pa.ipc.open_stream(raw)


def _ipc_batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if hasattr(reader, "get_batch"):
        return (reader.get_batch(i) for i in range(reader.num_record_batches))
    return iter(reader)


def _csv(place: Place, names: list[str], reject: Reject, tell: Tell) -> Iterator[pa.RecordBatch]:
    for columns in csv_rows(place, names, reject, tell):
        yield pa.RecordBatch.from_arrays([pa.array(cells, pa.string()) for cells in columns], names)


def _jsonl_schema(place: Place) -> pa.Schema:
    """The columns of a file of JSON objects, found by reading all of it. `InputError` where one has no single type."""
    found = pa.schema([])
    for records in objects(place, lambda _: None, lambda _: None):
        names = list(dict.fromkeys(name for record in records for name in record))
        types = [(name, _array(place, name, [record.get(name) for record in records]).type) for name in names]
        try:
            found = pa.unify_schemas([found, pa.schema(types)], promote_options="permissive")
        except pa.ArrowException as error:
            raise InputError(f"{place.path}: {error}", hint=ONE_TYPE) from error
    return found


def _jsonl(place: Place, schema: pa.Schema, reject: Reject, tell: Tell) -> Iterator[pa.RecordBatch]:
    for records in objects(place, reject, tell):
        cells = ([record.get(field.name) for record in records] for field in schema)
        arrays = [_array(place, field.name, values, field.type) for field, values in zip(schema, cells, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


ONE_TYPE = "give each field values of one type"


def _array(place: Place, name: str, values: list[Any], kind: pa.DataType | None = None) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError) as error:
        raise InputError(f"{place.path}: field {name!r}: {error}", hint=ONE_TYPE) from error


@contextmanager
def _readable(place: Place) -> Iterator[None]:
    """Says of which file it was that Arrow could not read it."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise InputError(f"cannot read {place.path}: {error.strerror}", hint="check the path") from error
    except (pa.ArrowException, OSError) as error:
        hint = "it is cut short, damaged, or of another format"
        raise InputError(f"cannot read {place.path}: {error}", hint=hint) from error


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)
