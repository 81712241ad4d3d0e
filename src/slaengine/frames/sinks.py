"""Where a stream of batches goes: files of every format, which appear whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from slaengine.frames.files import whole_file

__all__ = ["Sink", "opened", "storable"]


GROUP = 1 << 20
"""Rows of a group of a Parquet file."""


class Sink:
    """Something that batches are written to."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Write some rows."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still to be written."""

    def abandon(self) -> None:
        """Write no more, for the file will not be kept."""


@contextmanager
def opened(path: str, kind: str, schema: pa.Schema) -> Iterator[Sink]:
    """A sink of a format that takes its name once everything was written; `-` is standard output."""
    with whole_file(path) as raw:
        sink = SINKS[kind](raw, schema)
        try:
            yield sink
            sink.close()
        except BaseException:
            sink.abandon()
            raise


class _Csv(Sink):
    """Null is an empty cell, times are in ISO writing, lists are JSON."""

    def __init__(self, raw: IO[bytes], schema: pa.Schema) -> None:
        self._text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.writerows(zip(*map(_texts, batch.columns), strict=True))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class _Packed(_Csv):
    """Packed without a date, so that equal answers are equal files."""

    def __init__(self, raw: IO[bytes], schema: pa.Schema) -> None:
        self._packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="")
        super().__init__(self._packed, schema)  # type: ignore[arg-type]  # it writes bytes

    def close(self) -> None:
        super().close()
        self._packed.close()


class _Jsonl(Sink):
    """One object a line; null is null, times are in ISO writing."""

    def __init__(self, raw: IO[bytes], schema: pa.Schema) -> None:
        self._raw = raw
        self._names = schema.names

    def write(self, batch: pa.RecordBatch) -> None:
        rows = zip(*(map(_plain, column.to_pylist()) for column in batch.columns), strict=True)
        lines = (json.dumps(dict(zip(self._names, row, strict=True)), ensure_ascii=False) for row in rows)
        self._raw.write("".join(f"{line}\n" for line in lines).encode())


class _Parquet(Sink):
    """Row groups of a million rows: a smaller one has its own dictionaries to no purpose."""

    def __init__(self, raw: IO[bytes], schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(raw, schema)
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._rows += batch.num_rows
        if self._rows >= GROUP:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=self._rows)
        self._held, self._rows = [], 0

    def abandon(self) -> None:
        self._writer.is_open = False  # else it writes the end of the file when it is thrown away


class _Arrow(Sink):
    def __init__(self, raw: IO[bytes], schema: pa.Schema) -> None:
        self._writer = pa.ipc.new_file(raw, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)

    def close(self) -> None:
        self._writer.close()


def storable(kind: str, field: pa.Field) -> pa.Field:
    """A column that passes through, as a format can hold it: Arrow's file knows one dictionary, parts have several."""
    if kind == "arrow" and pa.types.is_dictionary(field.type):
        return field.with_type(field.type.value_type)
    return field


SINKS: dict[str, Any] = {"csv": _Csv, "csv.gz": _Packed, "jsonl": _Jsonl, "parquet": _Parquet, "arrow": _Arrow}


def _texts(array: pa.Array) -> list[str]:
    """The cells as text, at once where Arrow writes them as Python does."""
    kind = array.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) and kind.tz is None and kind.unit == "s":
        texts = np.datetime_as_string(array.to_numpy(zero_copy_only=False)).tolist()
        return ["" if text == "NaT" else text for text in texts]
    if any(alike(kind) for alike in ALIKE):
        cells: list[str] = pc.fill_null(array.cast(pa.string()), "").to_pylist()
        return cells
    return [_text(cell) for cell in array.to_pylist()]


ALIKE = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean, pa.types.is_date32)
"""Types that Arrow writes as Python does."""


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list | dict):
        return json.dumps(_plain(cell), ensure_ascii=False)
    return str(_plain(cell))


def _plain(cell: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(cell, list):
        return [_plain(item) for item in cell]
    if isinstance(cell, dict):
        return {key: _plain(value) for key, value in cell.items()}
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if cell is None or isinstance(cell, bool | int | float | str):
        return cell
    return str(cell)
