"""Columns as people hold them, turned into the numbers the batch reads: words into codes, times into seconds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.batch import LATER, MISSING, UNREADABLE, Events, Promised, Records, Times
from slaengine.case import Extension, Promise, Restart, Supplement, Suspension
from slaengine.days import DAY, end_seconds, last_second, read_moment, wall_seconds
from slaengine.errors import InputError
from slaengine.events import Event, Kind, events_of
from slaengine.figures import NEVER
from slaengine.promises import promises_of
from slaengine.tables import Tables
from slaengine.vocabulary import CASE_COLUMNS, Problem

__all__ = ["Column", "clashes", "read_records", "read_times", "read_truth", "renamed"]

Column = Sequence[Any] | NDArray[Any]
Columns = Mapping[str, Column]
Numbers = NDArray[Any]

TRUTH = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0, "": -1}
EVENT_LISTS: dict[str, type] = {
    "suspensions": Suspension,
    "extensions": Extension,
    "restarts": Restart,
    "supplements": Supplement,
}
"""Columns of lists that change a due date, and what their items are."""
PROMISES = ("first_promised_at", "promised_at", "promises")
MOMENTS = {"start", "end", "window_end", "granted_at", "requested_at", "at", "promised_at", "told_at"}
"""Fields of events that are times."""
NO_PROMISE = {"first_promised_at": None, "promised_at": None}
FAR = 4_000_000
"""Days further away than any date."""


def read_records(tables: Tables, columns: Columns, today: date | None = None) -> Records:
    """The columns of a batch as numbers. `InputError` for a missing column, a foreign type or unequal lengths."""
    _refuse_shapes(columns)
    finished = None
    if "finished_at" in columns:
        finished = _bounded(read_times(columns["finished_at"], "finished_at", tables.zone, LATER), tables)
    return Records(
        groups=_groups(tables, columns),
        received=read_times(_wanted(columns, "received_at"), "received_at", tables.zone, MISSING),
        finished=finished,
        attributes={name: _truths(columns[name], name) for name in tables.attributes[1:] if name in columns},
        starts={
            name: read_times(columns[f"{name}_at"], f"{name}_at", tables.zone, MISSING)
            for name in tables.start_events[1:]
            if f"{name}_at" in columns
        },
        events=read_events(tables, {name: columns[name] for name in EVENT_LISTS if name in columns}),
        promised=read_promises(tables, {name: columns[name] for name in PROMISES if name in columns}, today),
    )


def read_promises(tables: Tables, columns: Columns, today: date | None) -> Promised | None:
    """Columns of promises as numbers; nothing where there are no such columns."""
    if not columns:
        return None
    rows = []
    for cells in zip(*(_plain(_in_seconds(columns[name])) for name in columns), strict=True):
        given = dict(zip(columns, cells, strict=True))
        listed = read_list(given.pop("promises", None), "promises", Promise)
        dates = {name: _moment_of(cell) for name, cell in given.items() if not _is_null(cell)}
        rows.append(_promised(tables, SimpleNamespace(**{**NO_PROMISE, **dates, "promises": listed}), today))
    return Promised(*np.array(rows, dtype=np.int64).reshape(len(rows), 4).T)


def _in_seconds(column: Column) -> Column:
    """A column of times that Python's own can hold."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "M" and np.datetime_data(column.dtype)[0] != "D":
        return column.astype("datetime64[s]")
    return column


def _promised(tables: Tables, case: Any, today: date | None) -> tuple[int, int, int, int]:
    """The promises of one record: how many, the last, the latest day, and the latest day of telling."""
    try:
        made = promises_of(case, today)
        if not made:
            return 0, MISSING, MISSING, MISSING
        last = last_second(made[-1].promised_at, tables.zone)
        days = [wall_seconds(promise.promised_at, tables.zone) // DAY for promise in made]
        told = [wall_seconds(p.told_at, tables.zone) // DAY for p in made[1:] if p.told_at is not None]
    except (AttributeError, TypeError):  # no time: nothing can be said of such a promise
        return 1, UNREADABLE, MISSING, MISSING
    return len(made), last, max(days), max(told, default=MISSING)


def read_events(tables: Tables, columns: Columns) -> Events | None:
    """Columns of lists of events as rows of numbers, sorted; nothing where no record has one.

    A cell is null or a list of mappings with the fields of the event. A row with an event that makes no sense has the
    code of that problem. `InputError` for a cell that is no list.
    """
    if not columns:
        return None
    names, found, sizes = list(columns), list[Event](), list[int]()
    trouble: list[int] = []
    for cells in zip(*(_plain(columns[name]) for name in names), strict=True):
        before = len(found)
        trouble.append(0)
        if any(cell is not None and not _is_null(cell) for cell in cells):
            try:
                found += events_of(_case_of(names, cells), tables.second_of)
            except InputError as error:
                if not error.problem:
                    raise
                trouble[-1] = error.problem
        sizes.append(len(found) - before)
    if not found and not any(trouble):
        return None
    first = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    rows = np.array(found, dtype=np.int64).reshape(len(found), len(Event._fields)).T
    named = dict(zip(Event._fields, rows, strict=True))
    only_stops = (
        bool((named["kind"] == Kind.STOP).all()) and not (named["supplement"] | named["dated"] | named["amount"]).any()
    )
    problems = np.array(trouble, dtype=np.uint8)
    asking = np.flatnonzero((first[1:] > first[:-1]) | (problems > 0))
    wanted: dict[str, Any] = {name: named[name] for name in Events._fields if name in named}
    return Events(first=first, trouble=problems, rows=asking, only_stops=only_stops, **wanted)


def _case_of(names: list[str], cells: tuple[Any, ...]) -> Any:
    """The events of one record as a case holds them."""
    lists = {name: read_list(cell, name, EVENT_LISTS[name]) for name, cell in zip(names, cells, strict=True)}
    return SimpleNamespace(**{**dict.fromkeys(EVENT_LISTS, ()), **lists})


def read_list(cell: Any, name: str, kind: type) -> list[Any]:
    """A cell of events or promises: null, or a list of mappings with their fields."""
    if cell is None or (not hasattr(cell, "__len__") and _is_null(cell)):
        return []
    cell = _from_json(cell, name) if isinstance(cell, str) else cell
    if cell is None:
        return []
    if isinstance(cell, str | bytes | Mapping) or not hasattr(cell, "__iter__"):
        raise InputError(f"column {name!r} holds {cell!r}", hint="give a list of mappings, or nothing")
    return [item if isinstance(item, kind) else _item(item, name, kind) for item in cell if item is not None]


def _from_json(text: str, name: str) -> Any:
    """The list that a cell of a file holds as JSON; a blank is none."""
    try:
        return json.loads(text) if text.strip() else None
    except ValueError as error:
        hint = 'give JSON: [{"start": "2025-08-04"}]'
        raise InputError(f"column {name!r} holds {text!r}", hint=hint) from error


def _item(item: Any, name: str, kind: Any) -> Any:
    if not isinstance(item, Mapping):
        raise InputError(f"column {name!r} holds {item!r} in a list", hint=f"give {', '.join(kind._fields)} by name")
    wrong = [key for key in item if key not in kind._fields]
    if wrong:
        raise InputError(
            f"column {name!r}: {wrong[0]!r} is no field of an event", hint=f"give {', '.join(kind._fields)}"
        )
    plain = {key: _moment_of(value) if key in MOMENTS else value for key, value in item.items()}
    if isinstance(plain.get("amount"), float | str | np.generic):
        plain["amount"] = _amount_of(plain["amount"])
    try:
        return kind(**{key: value for key, value in plain.items() if value is not None})
    except TypeError as error:  # a field that it needs is not there
        raise InputError(f"column {name!r}: {error}", problem=Problem.EVENT_UNREADABLE, hint="give it") from error


def _amount_of(value: Any) -> Any:
    """An exact amount from a foreign number or text; what is none is left as it is, and refused later."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value


def _moment_of(value: Any) -> Any:
    """A date or datetime, from text or from NumPy's; what cannot be read is left as it is, and refused later."""
    if isinstance(value, np.datetime64):
        value = (
            None
            if np.isnat(value)
            else value.astype("M8[s]" if np.datetime_data(value)[0] != "D" else value.dtype).item()
        )
    if isinstance(value, str):
        return _read_text(value) or (value or None)
    return None if _is_null(value) else value


def _refuse_shapes(columns: Columns) -> None:
    """Only sequences of one length make a table."""
    for name, column in columns.items():
        if isinstance(column, str | bytes) or not hasattr(column, "__len__"):
            raise InputError(f"column {name!r} is a {type(column).__name__}", hint="give a list or an array of values")
        if getattr(column, "ndim", 1) != 1:
            raise InputError(f"column {name!r} has {column.ndim} dimensions", hint="give one value for each record")  # type: ignore[union-attr]
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"columns of different lengths: {lengths}", hint="every record has one value in each column")


def _bounded(times: Times, tables: Tables) -> Times:
    """A finish past the end of the tables is still a finish."""
    last = tables.first_day * DAY + NEVER - 1
    return Times(np.where(times.seconds == LATER, LATER, np.minimum(times.seconds, last)), times.instants)


def _wanted(columns: Columns, name: str) -> Column:
    if name not in columns:
        alone = len(columns) == 1 and ";" in next(iter(columns))
        have = ", ".join(map(str, columns)) or "no column"
        hint = "is the separator a comma?" if alone else f"map another to it; there is {have}"
        raise InputError(f"there is no column {name!r}", hint=hint)
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
    plain = _plain(words)
    try:
        for word in set(plain) - known.keys():
            found[word] = missing if word == "" or _is_null(word) else unknown
    except TypeError as error:
        raise InputError(f"a column of words holds something else: {error}", hint="give text") from error
    return np.array([found[word] for word in plain], dtype=np.intp)


def _plain(values: Column) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _is_null(value: Any) -> bool:
    """None, NaN, NaT, and whatever else does not say that it is itself."""
    try:
        return value is None or (not isinstance(value, np.ndarray) and not value == value)  # noqa: PLR0124, SIM201  # NaN is not itself
    except TypeError:  # pandas' NA does not say whether it is
        return True


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
    seconds = (
        end_seconds if missing == LATER else wall_seconds
    )  # a finish is compared with others, a receipt is counted from
    read_as = [_second(moment, seconds, zone, instants, missing) for moment in moments]
    return Times(np.array(read_as, dtype=np.int64), instants)


def _from_datetime64(values: Numbers, missing: int) -> Times:
    unit = np.datetime_data(values.dtype)[0]
    if unit in {"Y", "M", "W", "generic"}:
        raise InputError(f"a column of datetime64[{unit}] names no day", hint="give datetime64[D] or finer")
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.datetime64("NaT"))
    instants = unit != "D"
    seconds = values.astype("datetime64[s]").astype(np.int64) if instants else _from_days(values.astype(np.int64))
    return Times(seconds if missing == MISSING else np.where(seconds == MISSING, missing, seconds), instants)


def _from_days(days: Numbers) -> Numbers:
    far = np.abs(days) > FAR
    return np.where(days == MISSING, MISSING, np.where(far, UNREADABLE, np.where(far, 0, days) * DAY))


def _read_text(text: Any) -> Any:
    """A moment, None where there is none, False where it cannot be read."""
    if _is_null(text) or text == "":
        return None
    try:
        return read_moment(text) if isinstance(text, str) else NotImplemented
    except ValueError:
        return False


def _read_object(value: Any) -> Any:
    if _is_null(value):
        return None
    return value if hasattr(value, "toordinal") else NotImplemented


def _second(moment: Any, seconds: Any, zone: tzinfo, instants: bool, missing: int) -> int:  # noqa: FBT001
    if moment is None:
        return missing
    readable = moment is not False and isinstance(moment, datetime) == instants
    return seconds(moment, zone) if readable else UNREADABLE


def _truths(values: Column, name: str) -> Numbers:
    """1 for true, 0 for false, -1 for null."""
    return np.array([read_truth(value, f"column {name!r}") for value in _plain(values)], dtype=np.int64)


def read_truth(value: Any, where: str) -> int:
    """1 for true, 0 for false, -1 for null; `InputError` for anything else."""
    if _is_null(value):
        return -1
    if str(value).strip().lower() not in TRUTH:
        raise InputError(f"{where} holds {value!r}", hint="write true, false or nothing")
    return TRUTH[str(value).strip().lower()]


def renamed(
    columns: Columns, names: Mapping[str, str], values: Mapping[str, Mapping[str, str]], known: Iterable[str] = ()
) -> dict[str, Column]:
    """The columns under the names the engine knows, with foreign values replaced by its own.

    `known` are the attributes that the pack's rules ask for, besides the names of `CASE_COLUMNS`.
    """
    ours = [*CASE_COLUMNS, *known]
    for mapping, what in ((names, "columns"), (values, "values")):
        if not isinstance(mapping, Mapping):
            raise InputError(f"{what} is a {type(mapping).__name__}", hint="give a mapping of names")
        for name in mapping:
            if name not in ours:
                near = difflib.get_close_matches(name, ours, n=1)
                raise InputError(f"{what}: nothing is read under {name!r}", hint=f"choose {', '.join(near or ours)}")
    for name, theirs in names.items():
        if theirs not in columns:
            raise InputError(f"there is no column {theirs!r} to be {name!r}", hint=f"there is {', '.join(columns)}")
    found = {**columns, **{name: columns[theirs] for name, theirs in names.items()}}
    return {name: _mapped(column, values[name], name) if name in values else column for name, column in found.items()}


def _mapped(column: Column, values: Mapping[str, str], name: str) -> list[Any]:
    if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in values.values()):
        raise InputError(
            f"values of {name!r} map to something else than text", hint="write foreign = ours, both as text"
        )
    return [values.get(value, value) if isinstance(value, str) else value for value in _plain(column)]


def clashes(columns: Iterable[str], made: Iterable[str]) -> list[str]:
    """Names that stand in both."""
    return sorted(set(columns) & set(made))
