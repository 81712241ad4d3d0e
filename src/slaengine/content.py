"""The compiled form of a pack: its canonical content with the limits as columns, each distinct value once."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["Column", "compiled_form", "digest", "read_column"]

Content = Mapping[str, Any]
Column = list[Any]
"""Its distinct values and, unless all rows have the same one, which of them each row has: numbers packed in a text."""
Name = tuple[str, ...]
AS_THEY_ARE = ("id", "version", "zone", "levels", "title_en", "title_vi", "instruments", "conventions", "calendars")
MODIFIER = ("attribute", "effect", "amount", "unit")
TABLES = {"procedures", "limits", "modifiers", "steps"}
PROCEDURE = ("code", "title_vi", "title_en", "field")


def compiled_form(content: Content) -> dict[str, Any]:
    """What a pack is made of: plain lists and mappings of which loading makes objects without a further look.

    Versions are split here where one of their conventions changes, and `digest` is that of the content.
    """
    rows = list(_rows(content))
    columns = zip(ROW, zip(*rows, strict=True), strict=True) if rows else ()
    procedures = content["procedures"]
    return {
        **{name: content[name] for name in AS_THEY_ARE},
        "succession": content["succession"],
        "procedures": [[procedure[name] for procedure in procedures] for name in PROCEDURE],
        "rules": {name: _column(values) for name, values in columns},
        "count": len(rows),
        "digest": digest(content),
    }


def digest(content: Content) -> str:
    """The fingerprint of a pack: sha256 of its content without its name and version, tables column by column.

    >>> digest({"id": "a", "limits": []}) == digest({"id": "b", "limits": []})
    True
    """
    named = {key: value for key, value in content.items() if key not in {"id", "version"}}
    for table in TABLES & named.keys():  # a third of the text, and half of the time, of writing every row with its keys
        columns = {name for row in named[table] for name in row}
        named[table] = {name: [row.get(name) for row in named[table]] for name in columns}
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _column(values: Sequence[Any]) -> Column:
    """A column of values.

    >>> _column(["a", "b", "a"]), _column([["x"], ["x"]])
    ([['a', 'b'], 'AAABAAAA'], [[['x']]])
    """
    if values.count(values[0]) == len(values):
        return [[values[0]]]
    keys = list(map(repr, values)) if isinstance(values[0], list) else values
    found = dict(zip(keys, values, strict=True))
    number = dict(zip(found, range(len(found)), strict=True))
    width = 2 if len(found) <= 1 << 16 else 4
    at = np.fromiter(map(number.__getitem__, keys), dtype=f"<u{width}", count=len(keys))
    return [list(found.values()), b64encode(at.tobytes()).decode()]


def read_column(column: Column, make: Callable[[Any], Any] | None, count: int) -> list[Any]:
    """What is made of the value of each row; of each distinct one it is made once.

    >>> read_column([["1", "2"], "AAABAAAA"], int, 3), read_column([["1"]], None, 2)
    ([1, 2, 1], ['1', '1'])
    """
    made = list(map(make, column[0])) if make else column[0]
    if len(column) == 1:
        return made * count
    numbers = b64decode(column[1])
    return list(map(made.__getitem__, np.frombuffer(numbers, dtype=f"<u{len(numbers) // count}").tolist()))


def _rows(content: Content) -> Iterator[tuple[Any, ...]]:
    """The versions of all limits: the rows of one version are its parts, a change of its convention splits it."""
    changes = {
        name: [change["effective_from"] for change in convention.get("changes", [])]
        for name, convention in content["conventions"].items()
    }
    modifiers, steps = _by_version(content.get("modifiers", [])), _by_version(content.get("steps", []))
    for name, rows in _by_version(content["limits"]).items():
        parts = sorted(rows, key=lambda row: row["part"]) if len(rows) > 1 else rows
        for span in _spans(parts, changes):
            yield _row(parts, span, modifiers.get(name, []), steps.get(name, []), changes)


def _by_version(rows: list[Content]) -> dict[Name, list[Content]]:
    found: dict[Name, list[Content]] = defaultdict(list)
    for row in rows:
        found[row["code"], row["level"], row["variant"], row["basis"], row["effective_from"]].append(row)
    return found


def _spans(parts: list[Content], changes: Mapping[str, list[str]]) -> list[tuple[str, str | None]]:
    """The dates of a version, cut where one of its conventions changes. ISO dates compare as dates do."""
    first, end = parts[0]["effective_from"], parts[0]["effective_until"]
    if not any(changes[part["convention"]] for part in parts):
        return [(first, end)]
    days = {day for part in parts for day in changes[part["convention"]] if first < day and (end is None or day < end)}
    starts = [first, *sorted(days)]
    return list(zip(starts, [*starts[1:], end], strict=True))


def _cited(citations: list[list[str]]) -> str:
    """Citations as one text, which is read in a third of the time that lists take."""
    return "\n".join(["\t".join(citation) for citation in citations])


ROW = (
    *("code", "level", "variant", "basis", "counted", "effective_from", "effective_until", "citations", "checked_on"),
    *("further", "start_event", "governs", "transition_from", "governs_citations", "supplement_effect", "known_from"),
    *("until_known_from", "valid_from_unknown", "modifiers", "steps"),
)
"""The columns of the compiled form."""


def _row(
    parts: list[Content],
    span: tuple[str, str | None],
    modifiers: list[Content],
    steps: list[Content],
    changes: Mapping[str, list[str]],
) -> tuple[Any, ...]:
    """One version as plain values; a convention is its name and how many of its changes had taken effect."""
    row, (since, until) = parts[0], span

    def counted(entry: Content) -> tuple[Any, ...]:
        past = bisect_right(changes[entry["convention"]], since)
        return entry["amount"], entry["unit"], entry["convention"], past, entry["calendar"]

    return (
        row["code"],
        row["level"],
        row["variant"],
        row["basis"],
        counted(row),
        since,
        until,
        _cited(row["citation"]),
        row["checked_on"],
        [[part["combine"], *counted(part)] for part in parts[1:]],
        row["start_event"],
        row["governs"],
        row.get("transition_from"),
        _cited(row.get("governs_citation") or []),
        row["supplement_effect"],
        row["known_from"],
        row["until_known_from"],
        bool(row.get("valid_from_unknown")) and since == row["effective_from"],
        [[*(m[name] for name in MODIFIER), _cited(m["citation"])] for m in modifiers],
        [[s["step"], s["name_en"], s["name_vi"], *counted(s), _cited(s["citation"])] for s in steps],
    )
