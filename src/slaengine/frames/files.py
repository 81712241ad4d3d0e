"""Files that are written whole or not at all, and text files that are read whole."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from slaengine.errors import InputError
from slaengine.frames.places import STANDARD, Place, format_of, on_disk
from slaengine.frames.text import csv_header, csv_rows, refuse

__all__ = ["read_table", "whole_file"]


def read_table(paths: Iterable[str], *, format: str = "") -> dict[str, list[str]]:  # noqa: A002
    """The columns of csv files with the same header, all cells as text; `-` is standard input.

    `InputError` for a missing or empty file, an unknown format, a row with too many or too few cells, or headers that
    differ.
    """
    columns: dict[str, list[str]] = {}
    with on_disk([Place(path, format_of(path, format), path) for path in paths]) as places:
        for place in places:
            _append(columns, place)
    return columns


def _append(columns: dict[str, list[str]], place: Place) -> None:
    if not place.format.startswith("csv"):
        raise InputError(f"{place.path} is no csv", hint="name a file that ends in csv or csv.gz")
    header = csv_header(place)
    if columns and list(columns) != header:
        raise InputError(
            f"{place.path}: its columns differ from the first file's", hint=f"expected {','.join(columns)}"
        )
    for name in header:
        columns.setdefault(name, [])
    for part in csv_rows(place, header, refuse, lambda _: None):
        for name, cells in zip(header, part, strict=True):
            columns[name].extend(cells)


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
