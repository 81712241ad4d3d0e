"""Where tables lie: files, patterns, partitioned folders, standard input; and the format that a name tells."""

from __future__ import annotations

import glob
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from slaengine.errors import InputError

__all__ = ["FORMATS", "STANDARD", "Place", "find_places", "format_of", "on_disk"]

FORMATS = ("csv", "csv.gz", "jsonl", "parquet", "arrow")
STANDARD = "-"
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""How a folder is named whose records have no value for its column."""


class Place(NamedTuple):
    """A file of records: its path and format, its name below the folder it was found in, and what folders say of it."""

    path: str
    format: str
    name: str
    partition: Mapping[str, str | None] = {}


def format_of(path: str, format_: str = "") -> str:
    """The format that a name ends in, or else the one that is asked for; standard streams are csv.

    >>> format_of("2025.csv.gz"), format_of("-", "jsonl")
    ('csv.gz', 'jsonl')
    """
    ends = next((known for known in FORMATS if path.endswith(f".{known}")), "")
    kind = ends or format_ or ("csv" if path == STANDARD else "")
    if kind not in FORMATS:
        raise InputError(
            f"{path}: this release reads and writes {', '.join(FORMATS)}", hint="name the file so, or give --format"
        )
    return kind


def find_places(sources: Iterable[str], format_: str = "") -> list[Place]:
    """The files that are named, match a pattern or lie in a folder, in order of their names.

    `InputError` for a pattern or a folder without any.
    """
    return [place for source in sources for place in _places(source, format_)]


def _places(source: str, format_: str) -> Iterator[Place]:
    folder = Path(source)
    if source == STANDARD or folder.is_file() or (not folder.is_dir() and not glob.has_magic(source)):
        yield Place(source, format_of(source, format_), folder.name)
        return
    root = folder if folder.is_dir() else Path(*_fixed(folder.parts))
    found = folder.rglob("*") if folder.is_dir() else map(Path, glob.iglob(source, recursive=True))  # noqa: PTH207  # a pattern may begin anywhere
    files = sorted(path for path in found if path.is_file() and _is_data(path.relative_to(root)))
    if not files:
        raise InputError(f"there is no file of records in {source}", hint=f"records end in {', '.join(FORMATS)}")
    for path in files:
        name = path.relative_to(root)
        yield Place(str(path), format_of(str(path), format_), name.as_posix(), _partition(name))


def _fixed(parts: Sequence[str]) -> list[str]:
    """The folders of a pattern before its first sign."""
    first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return list(parts[:first])


def _is_data(name: Path) -> bool:
    """Whether a file is one of records: not hidden, no mark of a job."""
    return not any(part.startswith((".", "_")) for part in name.parts) and any(
        name.name.endswith(f".{known}") for known in FORMATS
    )


def _partition(name: Path) -> dict[str, str | None]:
    """What folders named `column=value` say, as text."""
    pairs = (part.partition("=") for part in name.parts[:-1] if "=" in part)
    return {column: None if value == NO_VALUE else unquote(value) for column, _, value in pairs}


@contextmanager
def on_disk(places: list[Place]) -> Iterator[list[Place]]:
    """The same places, standard input as a file that can be read twice."""
    if all(place.path != STANDARD for place in places):
        yield places
        return
    with tempfile.NamedTemporaryFile(prefix="slaengine-") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield [place._replace(path=file.name) if place.path == STANDARD else place for place in places]
