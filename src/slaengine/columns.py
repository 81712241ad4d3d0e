"""Columns as people hold them, turned into the numbers the batch reads: words into codes, times into seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.batch import LATER, MISSING, UNREADABLE, Records, Times
from slaengine.days import DAY, read_moment, wall_seconds
from slaengine.errors import InputError
from slaengine.tables import Tables

__all__ = ["Column", "read_records"]

Column = Sequence[Any] | NDArray[Any]
Columns = Mapping[str, Column]
Numbers = NDArray[Any]

TRUTH = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0, "": -1, "none": -1, "nan": -1, "nat": -1}


def read_records(tables: Tables, columns: Columns) -> Records:
    """The columns of a batch as numbers. `InputError` for a missing column, a foreign type or unequal lengths."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"columns of different lengths: {lengths}", hint="every record has one value in each column")
    finished = columns.get("finished_at")
    return Records(
        groups=_groups(tables, columns),
        received=read_times(_wanted(columns, "received_at"), "received_at", tables.zone, MISSING),
        finished=None if finished is None else read_times(finished, "finished_at", tables.zone, LATER),
        attributes={name: _truth(columns[name], name) for name in tables.attributes[1:] if name in columns},
    )


def _wanted(columns: Columns, name: str) -> Column:
    if name not in columns:
        have = ", ".join(map(str, columns)) or "no column"
        raise InputError(
            f"there is no column {name!r}", hint=f"map one with columns={{{name!r}: ...}}; there is {have}"
        )
    return columns[name]


def _groups(tables: Tables, columns: Columns) -> Numbers:
    codes = tables.versions.codes
    procedure = _codes(_wanted(columns, "procedure"), codes.procedures)
    only = codes.code(codes.levels, tables.levels[0]) if len(tables.levels) == 1 else None
    if "level" in columns or only is None:
        level: Any = _codes(_wanted(columns, "level"), codes.levels)
        level[level == len(codes.levels) + 1] = len(codes.levels) + 1 if only is None else only
    else:
        level = only
    variant = _codes(columns["variant"], codes.variants) if "variant" in columns else codes.code(codes.variants, "")
    groups: Numbers = codes.groups[procedure, level, variant]
    return groups


def _codes(words: Column, known: Mapping[str, int]) -> Numbers:
    """The code of each word, as `Codes` has them; null and NaN are missing words."""
    unknown, missing = len(known), known.get("", len(known) + 1)
    found = dict[Any, int](known)
    for word in set(_plain(words)) - known.keys():
        absent = word is None or word == "" or word != word  # noqa: PLR0124  # NaN is not itself
        found[word] = missing if absent else unknown
    return np.array([found[word] for word in _plain(words)], dtype=np.intp)


def _plain(values: Column) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def read_times(values: Column, name: str, zone: tzinfo, missing: int) -> Times:
    """A column of times as wall-clock seconds in `zone`.

    datetime64[D] and dates are judged on dates, finer datetime64 and datetimes on instants, naive ones being wall-clock
    time of the zone. Text in ISO writing is read by the whole column: if one row states the hour, a row that does not
    cannot be read. Fractions of a second are dropped. `missing` stands for null.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return _from_datetime64(values, missing)
    rows = _plain(values)
    read: Callable[[Any], Any] = _read_text if any(isinstance(row, str) for row in rows) else _read_object
    moments = [read(row) for row in rows]
    wrong = next((row for row, moment in zip(rows, moments, strict=True) if moment is NotImplemented), None)
    if wrong is not None:
        raise InputError(f"column {name!r} holds {wrong!r}, which is no time", hint="give dates, datetimes or ISO text")
    instants = any(isinstance(moment, datetime) for moment in moments)
    return Times(np.array([_second(moment, zone, instants, missing) for moment in moments], dtype=np.int64), instants)


def _from_datetime64(values: Numbers, missing: int) -> Times:
    instants = np.datetime_data(values.dtype)[0] not in {"Y", "M", "W", "D"}
    seconds = values.astype("datetime64[s]" if instants else "datetime64[D]").astype(np.int64)
    if not instants:
        seconds = np.where(seconds == MISSING, MISSING, seconds * DAY)
    return Times(seconds if missing == MISSING else np.where(seconds == MISSING, missing, seconds), instants)


def _read_text(text: Any) -> Any:
    """A moment, None where there is none, False where it cannot be read."""
    if text is None or text == "" or text != text:  # noqa: PLR0124  # NaN is not itself
        return None
    try:
        return read_moment(text) if isinstance(text, str) else NotImplemented
    except ValueError:
        return False


def _read_object(value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124  # NaN and NaT are not themselves
        return None
    return value if hasattr(value, "toordinal") else NotImplemented


def _second(moment: Any, zone: tzinfo, instants: bool, missing: int) -> int:  # noqa: FBT001
    if moment is None:
        return missing
    readable = moment is not False and isinstance(moment, datetime) == instants
    return wall_seconds(moment, zone) if readable else UNREADABLE


def _truth(values: Column, name: str) -> Numbers:
    """1 for true, 0 for false, -1 for null."""
    found = [TRUTH.get(str(value).strip().lower()) for value in _plain(values)]
    if None in found:
        wrong = _plain(values)[found.index(None)]
        raise InputError(f"column {name!r} holds {wrong!r}", hint="write true, false or nothing")
    return np.array(found, dtype=np.int64)


def renamed(columns: Columns, names: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> dict[str, Column]:
    """The columns under the names the engine knows, with foreign values replaced by its own."""
    for ours, theirs in names.items():
        if theirs not in columns:
            raise InputError(f"there is no column {theirs!r} to be {ours!r}", hint=f"there is {', '.join(columns)}")
    found = {**columns, **{ours: columns[theirs] for ours, theirs in names.items()}}
    return {name: _mapped(column, values[name]) if name in values else column for name, column in found.items()}


def _mapped(column: Column, values: Mapping[str, str]) -> list[Any]:
    return [values.get(value, value) for value in _plain(column)]


def clashes(columns: Iterable[str], made: Iterable[str]) -> list[str]:
    """Names that stand in both."""
    return sorted(set(columns) & set(made))
