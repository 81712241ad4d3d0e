"""Reading pack files so that every fault knows its line."""

from __future__ import annotations

import csv
import io
import re
import reprlib
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from slaengine.errors import Fault

__all__ = ["Row", "Source", "read_csv", "read_toml"]

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w\-]+))\s*=\s*(.*)$""")
AT_LINE = re.compile(r"\(at line (\d+)")
PLAIN = {
    "extra_forbidden": ("unknown key", "check the spelling; no other keys are read here"),
    "missing": ("is missing", "add it"),
}
"""What two of pydantic's findings are called here, and what to do about them."""


@dataclass(frozen=True)
class Source:
    """A TOML file as it was read; where its entries stand is looked up when something is to be said of one."""

    name: str
    text: str

    @cached_property
    def lines(self) -> dict[Place, int]:
        """The lines of its tables, keys and list items."""
        return dict(_places(self.text))

    def line(self, place: Sequence[str | int]) -> int:
        """The line of an entry, or of the nearest one that holds it."""
        for length in range(len(place), 0, -1):
            if tuple(place[:length]) in self.lines:
                return self.lines[tuple(place[:length])]
        return 1

    def fault(self, place: Sequence[str | int], message: str, hint: str = "") -> Fault:
        """A fault of the entry at that place."""
        return Fault(self.name, self.line(place), message, hint)


class Row(NamedTuple):
    """A row of a CSV file, its file and its line."""

    model: Any
    file: str
    line: int

    def fault(self, message: str, hint: str = "") -> Fault:
        """A fault of this row."""
        return Fault(self.file, self.line, message, hint)


def read_toml(path: Path, name: str, model: type[Model], faults: list[Fault]) -> tuple[Model | None, Source]:
    """The file as its model, or nothing and its faults."""
    text = _text(path, name, faults)
    source = Source(name, text or "")
    if text is None:
        return None, source
    try:
        return model.model_validate(tomllib.loads(text)), source
    except tomllib.TOMLDecodeError as error:
        line = AT_LINE.search(str(error))
        faults.append(
            Fault(
                name,
                int(line[1]) if line else text.count("\n") or 1,
                f"not readable as TOML: {error}",
                "mend the syntax",
            )
        )
    except ValidationError as error:
        faults.extend(_faults(error, source.fault))
    return None, source


def read_csv(path: Path, name: str, model: type[Model], faults: list[Fault]) -> list[Row]:
    """The rows of a CSV file as models; faulty rows are left out and listed."""
    text = _text(path, name, faults)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    wanted = list(model.model_fields)
    header = next(reader, [])
    needed = {column for column, field in model.model_fields.items() if field.is_required()}
    if len(set(header)) != len(header) or not needed <= set(header) <= set(wanted):
        faults.append(_wrong_header(name, header, wanted, needed))
        return []
    return list(_rows(reader, name, header, model, faults))


def _rows(reader: Any, name: str, header: list[str], model: type[Model], faults: list[Fault]) -> Iterator[Row]:
    for cells in _cells(reader, name, faults):
        line = reader.line_num
        if len(cells) != len(header):
            said = f"{len(cells)} cells where {len(header)} are wanted", "check the commas"
            faults.append(Fault(name, line, *said))
            continue
        try:
            yield Row(model.model_validate(dict(zip(header, cells, strict=True))), name, line)
        except ValidationError as error:
            faults.extend(_faults(error, lambda _, *said, line=line: Fault(name, line, *said)))


def _cells(reader: Any, name: str, faults: list[Fault]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        faults.append(Fault(name, reader.line_num, f"not readable as CSV: {error}", "mend that line"))


def _wrong_header(name: str, header: list[str], wanted: list[str], needed: set[str]) -> Fault:
    missing, extra = [c for c in wanted if c in needed - set(header)], [c for c in header if c not in wanted]
    says = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(extra)}"] * bool(extra)
    return Fault(name, 1, f"wrong columns: {'; '.join(says) or 'a column stands twice'}", f"write {','.join(wanted)}")


def _text(path: Path, name: str, faults: list[Fault]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.append(Fault(name, 0, "the file is missing", "every pack has one"))
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(name, 0, f"cannot be read: {error}", "write it as UTF-8 text"))
    return None


def _faults(error: ValidationError, fault_of: Callable[[Place, str, str], Fault]) -> Iterator[Fault]:
    for detail in error.errors():
        where = ".".join(str(part) for part in detail["loc"])
        if detail["type"] in PLAIN:
            message, hint = PLAIN[detail["type"]]
        else:
            message, _, hint = detail["msg"].removeprefix("Value error, ").partition("; ")
            message += "" if detail["type"] == "value_error" else f", not {reprlib.repr(detail['input'])}"
        yield fault_of(detail["loc"], f"{where}: {message}".removeprefix(": "), hint)


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Where the tables, keys and list items of a TOML text stand, read line by line as people write them."""
    table: Place = ()
    counts: dict[Place, int] = {}
    items: tuple[Place, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = HEADER.match(line), KEY.match(line)
        if items and line.strip().startswith("{"):
            yield from (((*items[0], items[1] + i), number) for i in range(line.count("{")))
            items = (items[0], items[1] + line.count("{"))
        elif header:
            table, items = _table(header, counts), None
            yield table, number
        elif key:
            place = (*table, next(part for part in key.groups()[:3] if part))
            first = key[4].count("{") if key[4].startswith("[") else 0
            items = (place, first) if key[4].startswith("[") and "]" not in key[4] else None
            yield place, number
            yield from (((*place, i), number) for i in range(first))


def _table(header: re.Match[str], counts: dict[Place, int]) -> Place:
    path = tuple(part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.]+""", header[2]))
    if header[1] == "[":
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])
