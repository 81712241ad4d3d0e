"""Text files of records: csv and jsonl, read in parts; a line that is no record is told with its number."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from slaengine.errors import InputError
from slaengine.frames.places import Place

__all__ = ["BATCH", "Reject", "Rejected", "Tell", "csv_header", "csv_rows", "objects", "refuse"]

BATCH = 1 << 16
"""Records read at once."""
NO_TEXT = "not UTF-8"
csv.field_size_limit(1 << 30)


class Rejected(NamedTuple):
    """A line that is no record: where it stands, why, and what it says."""

    path: str
    line: int
    reason: str
    text: str


Reject = Callable[[Rejected], None]
Tell = Callable[[int], None]


def refuse(rejected: Rejected) -> None:
    """Raise the `InputError` for a line that is no record."""
    hint = "check quotes and commas of that line, or name a file for such lines with --rejects"
    raise InputError(f"{rejected.path}, line {rejected.line}: {rejected.reason}", hint=hint)


def csv_header(place: Place) -> list[str]:
    """The names of the columns. `InputError` for a file that has none, or one of them twice."""
    with _lines(place, _nobody) as lines:
        header = next(_cells(place, lines, refuse), (0, []))[1]
        if not lines.are_text:
            refuse(Rejected(place.path, 1, NO_TEXT, ""))
    if not header:
        raise InputError(f"{place.path} is empty", hint="the first line names the columns")
    if len(set(header)) != len(header):
        raise InputError(f"{place.path}: a column name stands twice in the header", hint="name every column once")
    return header


def csv_rows(place: Place, names: list[str], reject: Reject, tell: Tell) -> Iterator[list[tuple[str, ...]]]:
    """The records of a file part by part, each as columns of those names; `tell` is told the bytes that were read."""
    header = csv_header(place)
    wanted = [header.index(name) for name in names]
    with _lines(place, tell) as lines:
        rows = itertools.islice(_cells(place, lines, reject), 1, None)
        whole = (row for line, row in rows if _is_whole(place, lines, header, line, row, reject))
        while part := list(itertools.islice(whole, BATCH)):
            columns = list(zip(*part, strict=True))
            yield [columns[i] for i in wanted]


def _is_whole(place: Place, lines: _Lines, header: list[str], line: int, row: list[str], reject: Reject) -> bool:
    reason = ""
    if len(row) != len(header):
        reason = f"{len(row)} cells where the header has {len(header)}"
    elif not lines.are_text:
        reason = NO_TEXT
    if reason:
        reject(Rejected(place.path, line, reason, lines.taken))
    return not reason


def _cells(place: Place, lines: _Lines, reject: Reject) -> Iterator[tuple[int, list[str]]]:
    """The cells of each record and the line on which it ends; a blank line is none."""
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):  # a quote that nobody closed: whatever follows it is not read
                raise _damaged(place, reader.line_num + 1, error) from error
            reject(Rejected(place.path, reader.line_num, str(error), lines.taken))
            continue
        except DAMAGED as error:
            raise _damaged(place, reader.line_num + 1, error) from error
        if row:
            yield reader.line_num, row


def _is_text(line: str) -> bool:
    try:
        line.isascii() or line.encode()
    except UnicodeEncodeError:
        return False
    return True


DAMAGED = (zlib.error, OSError, EOFError)


def _damaged(place: Place, line: int, error: Exception) -> InputError:
    return InputError(f"{place.path}, line {line}: {error}", hint="write UTF-8 text with one record a row")


class _Lines:
    """The lines of a file, which remembers those that were taken since it was last asked to begin."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._taken: list[str] = []

    def begin(self) -> None:
        """Remember the lines from here on."""
        self._taken.clear()

    @property
    def are_text(self) -> bool:
        """Whether they are UTF-8, as `surrogateescape` reads what is not."""
        return all(map(_is_text, self._taken))

    @property
    def taken(self) -> str:
        """What they say."""
        return "".join(self._taken).rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self._taken.append(line)
        return line


@contextmanager
def _lines(place: Place, tell: Tell) -> Iterator[_Lines]:
    try:
        raw = Path(place.path).open("rb")  # noqa: SIM115  # closed with the stream below
    except OSError as error:
        raise InputError(f"cannot read {place.path}: {error.strerror}", hint="check the path") from error
    with io.BufferedReader(_Told(raw, tell), 1 << 16) as buffered:
        stream = gzip.GzipFile(fileobj=buffered) if place.format.endswith(".gz") else buffered
        yield _Lines(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=""))


class _Told(io.RawIOBase):
    """A file that tells how many bytes were read from it."""

    def __init__(self, raw: IO[bytes], tell: Tell) -> None:
        self._raw = raw
        self._tell = tell

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._raw.read(len(buffer))
        buffer[: len(found)] = found
        self._tell(len(found))
        return len(found)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _nobody(_: int) -> None:
    pass


def objects(place: Place, reject: Reject, tell: Tell) -> Iterator[list[dict[str, Any]]]:
    """The JSON objects of a file part by part, one a line; `tell` is told the bytes that were read."""
    with _lines(place, tell) as lines:
        found = (record for record in _parsed(place, lines, reject) if record is not None)
        while part := list(itertools.islice(found, BATCH)):
            yield part


def _parsed(place: Place, lines: _Lines, reject: Reject) -> Iterator[dict[str, Any] | None]:
    """Each line as an object; a blank line is none, and one that is no object is rejected."""
    for number in itertools.count(1):
        lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except DAMAGED as error:
            raise _damaged(place, number, error) from error
        record, reason = _object(line)
        if reason:
            reject(Rejected(place.path, number, reason, lines.taken))
        yield record


def _object(line: str) -> tuple[dict[str, Any] | None, str]:
    if not line.strip():
        return None, ""
    if not _is_text(line):
        return None, NO_TEXT
    try:
        record = json.loads(line)
    except ValueError as error:
        return None, str(error)
    return (record, "") if isinstance(record, dict) else (None, "no object")
