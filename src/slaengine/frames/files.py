"""Tables in text files: csv and csv.gz, read whole, written whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from slaengine.errors import InputError

__all__ = ["FORMATS", "count_bytes", "format_of", "read_table", "whole_file", "write_table"]

FORMATS = ("csv", "csv.gz")
STANDARD = "-"
CHUNK = 10_000

Progress = Callable[[int], None]


def read_table(paths: Iterable[str], *, format: str = "", progress: Progress | None = None) -> dict[str, list[str]]:  # noqa: A002
    """The columns of one or more files with the same header, all cells as text; `-` is standard input.

    `progress` is told the bytes of the file read since the last time. `InputError` for a missing or empty file, an
    unknown format, a row with too many or too few cells, or headers that differ.
    """
    columns: dict[str, list[str]] = {}
    for path in paths:
        with _reading(path, format, progress) as text:
            _append(columns, path, csv.reader(text, strict=True))
    return columns


def _append(columns: dict[str, list[str]], path: str, reader: Any) -> None:
    rows = _rows(path, reader)
    header = next(rows, None)
    if not header:
        raise InputError(f"{path} is empty", hint="the first line names the columns")
    if len(set(header)) != len(header):
        raise InputError(f"{path}: a column name stands twice in the header", hint="name every column once")
    if columns and list(columns) != header:
        raise InputError(f"{path}: its columns differ from the first file's", hint=f"expected {','.join(columns)}")
    found = list(zip(*_whole(path, header, reader, rows), strict=True))
    for name, cells in zip(header, found or [()] * len(header), strict=True):
        columns.setdefault(name, []).extend(cells)


def _rows(path: str, reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except (csv.Error, zlib.error, UnicodeDecodeError, OSError, EOFError) as error:
        raise InputError(
            f"{path}, line {reader.line_num + 1}: {error}", hint="write UTF-8 text with one record a row"
        ) from error


def _whole(path: str, header: list[str], reader: Any, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if row and len(row) != len(header):
            raise InputError(
                f"{path}, line {reader.line_num}: {len(row)} cells where the header has {len(header)}",
                hint="check quotes and commas of that line",
            )
        if row:  # a blank line is no record
            yield row


@contextmanager
def _reading(path: str, format_: str, progress: Progress | None) -> Iterator[IO[str]]:
    kind = format_of(path, format_)
    try:
        raw = sys.stdin.buffer if path == STANDARD else Path(path).open("rb")  # noqa: SIM115  # closed with the stream below
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", hint="check the path") from error
    told: Any = raw if progress is None else _Told(raw, progress)
    with io.BufferedReader(told, 1 << 16) if progress else told as buffered:
        stream = gzip.GzipFile(fileobj=buffered) if kind == "csv.gz" else buffered
        yield io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


class _Told(io.RawIOBase):
    """A file that tells how many bytes were read from it."""

    def __init__(self, raw: IO[bytes], progress: Progress) -> None:
        self._raw = raw
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._raw.read(len(buffer))
        buffer[: len(found)] = found
        self._progress(len(found))
        return len(found)

    def close(self) -> None:
        self._raw.close()
        super().close()


def count_bytes(paths: Sequence[str]) -> int | None:
    """How many bytes there are to read; None for standard input or a file that is not there."""
    files = [Path(path) for path in paths]
    return sum(file.stat().st_size for file in files) if all(file.is_file() for file in files) else None


def write_table(table: Mapping[str, Any], path: str, *, format: str = "", progress: Progress | None = None) -> None:  # noqa: A002
    """Write columns to a file, or to standard output for `-`; null is an empty cell.

    The file appears whole or not at all. `progress` is told the rows written since the last time.
    """
    kind = format_of(path, format)
    columns = {name: _texts(column) for name, column in table.items()}
    with whole_file(path) as raw, _text(raw, kind) as text:
        _write_rows(csv.writer(text, lineterminator="\n"), columns, progress)


@contextmanager
def _text(raw: IO[bytes], kind: str) -> Iterator[IO[str]]:
    """A text stream onto raw bytes, which stay open; packed without a date, so that equal answers are equal files."""
    packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) if kind == "csv.gz" else None
    text = io.TextIOWrapper(packed or raw, encoding="utf-8", newline="")
    yield text
    text.flush()
    text.detach()
    if packed:
        packed.close()


def _write_rows(writer: Any, columns: dict[str, list[str]], progress: Progress | None) -> None:
    writer.writerow(columns)
    length = len(next(iter(columns.values()), []))
    for start in range(0, length, CHUNK):
        part = slice(start, start + CHUNK)
        writer.writerows(zip(*(column[part] for column in columns.values()), strict=True))
        if progress:
            progress(min(CHUNK, length - start))


def _texts(column: Any) -> list[str]:
    if isinstance(column, np.ma.MaskedArray):
        return ["" if value is None else str(value) for value in column.tolist()]
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        texts = np.datetime_as_string(column)
        return ["" if text == "NaT" else text for text in texts.tolist()]
    if isinstance(column, np.ndarray) and column.dtype.kind == "b":
        return ["true" if value else "false" for value in column.tolist()]
    return ["" if value is None else str(value) for value in column]


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """A file to write that takes its name only once everything was written."""
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = Path(path).resolve()
    if place.is_dir():
        raise InputError(f"cannot write {path}: it is a folder", hint="name a file")
    if place.exists() and not place.is_file():  # a pipe or a device is written to, never replaced
        with place.open("wb") as file:
            yield file
        return
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}", hint="check the folder") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def format_of(path: str, format_: str) -> str:
    """The format that is asked for, or that the name ends in; standard streams are csv."""
    named = format_ or next((known for known in FORMATS if path.endswith(f".{known}")), "")
    kind = named or ("csv" if path == STANDARD else "")
    if kind not in FORMATS:
        raise InputError(
            f"{path}: this release reads and writes {', '.join(FORMATS)}", hint="name the file so, or give --format"
        )
    return kind
