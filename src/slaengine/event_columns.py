"""Columns of clock events and promises, turned into rows of numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.case import Extension, Promise, Restart, Supplement, Suspension
from slaengine.days import DAY, last_second, wall_seconds
from slaengine.errors import InputError
from slaengine.events import NEVER_ENDED, Event, Kind, events_of
from slaengine.held import Aware, Column, Lists, plain
from slaengine.moments import is_null, moment_of, read_times
from slaengine.promises import promises_of
from slaengine.records import MISSING, UNREADABLE, Events, Promised
from slaengine.tables import Tables
from slaengine.vocabulary import Problem

__all__ = ["EVENT_LISTS", "PROMISES", "read_events", "read_list", "read_promises"]

Numbers = NDArray[Any]

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


def read_promises(tables: Tables, columns: Mapping[str, Column], today: date | None) -> Promised | None:
    """Columns of promises as numbers; nothing where there are no such columns."""
    if not columns:
        return None
    rows = []
    for cells in zip(*(plain(columns[name]) for name in columns), strict=True):
        given = dict(zip(columns, cells, strict=True))
        listed = read_list(given.pop("promises", None), "promises", Promise)
        dates = {name: moment_of(cell) for name, cell in given.items() if not is_null(cell)}
        rows.append(_promised(tables, SimpleNamespace(**{**NO_PROMISE, **dates, "promises": listed}), today))
    return Promised(*np.array(rows, dtype=np.int64).reshape(len(rows), 4).T)


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


def read_events(tables: Tables, columns: Mapping[str, Column]) -> Events | None:
    """Columns of lists of events as rows of numbers, sorted; nothing where no record has one.

    A cell is null or a list of mappings with the fields of the event. A row with an event that makes no sense has the
    code of that problem. `InputError` for a cell that is no list.
    """
    if not columns:
        return None
    length = len(next(iter(columns.values())))
    trouble = np.zeros(length, dtype=np.uint8)
    stops = columns.get("suspensions")
    others = {name: column for name, column in columns.items() if name != "suspensions"}
    if not isinstance(stops, Lists) or not _timed(stops):
        owner, rows = _one_by_one(tables, columns, _asking(columns, length), trouble)
    else:
        by_hand = _asking(others, length)
        owner, rows = _one_by_one(tables, columns, by_hand, trouble)
        at_once = _stops(tables, stops, by_hand, trouble)
        owner, rows = np.concatenate((owner, at_once[0])), np.concatenate((rows, at_once[1]), axis=1)
    if not len(owner) and not trouble.any():
        return None
    order = slice(None) if _ascending(owner) else np.argsort(owner, kind="stable")
    return _as_events(owner[order], rows[:, order], trouble)


def _as_events(owner: Numbers, rows: Numbers, trouble: Numbers) -> Events:
    size = np.bincount(owner, minlength=len(trouble))
    asking = np.flatnonzero((size > 0) | (trouble > 0))
    first = np.concatenate(([0], np.cumsum(size[asking])))
    named = dict(zip(Event._fields, rows, strict=True))
    only_stops = (
        bool((named["kind"] == Kind.STOP).all()) and not (named["supplement"] | named["dated"] | named["amount"]).any()
    )
    wanted: dict[str, Any] = {name: named[name] for name in Events._fields if name in named}
    return Events(rows=asking, first=first, trouble=trouble[asking], only_stops=only_stops, **wanted)


def _ascending(numbers: Numbers) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())


def _asking(columns: Mapping[str, Column], length: int) -> Numbers:
    """The rows in which any of the columns holds something."""
    asking = np.zeros(length, dtype=bool)
    for column in columns.values():
        if isinstance(column, Lists):
            asking |= column.first[1:] > column.first[:-1]
        else:
            asking |= np.array([cell is not None and not is_null(cell) for cell in plain(column)], dtype=bool)
    return np.flatnonzero(asking)


def _one_by_one(
    tables: Tables, columns: Mapping[str, Column], rows: Numbers, trouble: Numbers
) -> tuple[Numbers, Numbers]:
    """The events of these rows, each record's own sorted, and to which row they belong."""
    found, owners = list[Event](), list[int]()
    cells = [plain(column) for column in columns.values()] if len(rows) else []
    for row in rows.tolist():
        try:
            events = events_of(_case_of(list(columns), [column[row] for column in cells]), tables.second_of)
        except InputError as error:
            if not error.problem:
                raise
            trouble[row] = error.problem
        else:
            found += events
            owners += [row] * len(events)
    return np.array(owners, dtype=np.int64), np.array(found, dtype=np.int64).reshape(-1, len(Event._fields)).T


def _timed(stops: Lists) -> bool:
    """Whether suspensions hold columns of times, and nothing that no suspension has."""
    known = set(Suspension._fields)
    times = [column for name, column in stops.fields.items() if name in MOMENTS]
    return stops.fields.keys() <= known and "start" in stops.fields and all(map(_is_typed, times))


def _is_typed(column: Column) -> bool:
    return isinstance(column, Aware) or (isinstance(column, np.ndarray) and column.dtype.kind == "M")


def _stops(tables: Tables, stops: Lists, but: Numbers, trouble: Numbers) -> tuple[Numbers, Numbers]:
    """The suspensions of all rows but those, sorted, and to which row they belong; as `events_of` reads them."""
    items = np.arange(stops.first[0], stops.first[-1])
    owner = np.repeat(np.arange(len(stops)), np.diff(stops.first))
    start, start_dated, wrong = _field(tables, stops, "start", items)
    wrong |= start == MISSING
    end, end_dated, no_time = _field(tables, stops, "end", items)
    window, _, no_window = _field(tables, stops, "window_end", items)
    wrong |= no_time | no_window
    dated = start_dated | (end_dated & (end != MISSING))
    end = np.minimum(np.where(end == MISSING, NEVER_ENDED, end), np.where(window == MISSING, NEVER_ENDED, window))
    others = np.zeros(len(stops), dtype=bool)
    others[but] = True
    mine = ~others[owner]
    trouble[owner[wrong & mine]] = Problem.EVENT_UNREADABLE
    kind = np.where(start <= end, Kind.STOP, Kind.UNREADABLE)
    order = np.flatnonzero(mine & (trouble[owner] == 0))
    later = (owner[1:] > owner[:-1]) | (start[1:] > start[:-1])
    if not later.all():  # nearly always they come in their order
        order = order[np.lexsort([each[order] for each in (dated, end, kind, start, owner)])]
    rows = np.zeros((len(Event._fields), len(order)), dtype=np.int64)
    given = {"time": start, "order": kind, "kind": kind, "end": end, "dated": dated}
    for number, name in enumerate(Event._fields):
        rows[number] = given[name][order] if name in given else NEVER_ENDED if name == "answered" else 0
    return owner[order], rows


def _field(tables: Tables, stops: Lists, name: str, items: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The seconds of a field of each item, whether they are only dates, and which is no time that there was."""
    nothing = np.zeros(len(items), dtype=bool)
    if name not in stops.fields:
        return np.full(len(items), MISSING), nothing, nothing
    times = read_times(stops.fields[name], name, tables.zone, MISSING)
    seconds = times.seconds[items]
    wrong = seconds == UNREADABLE
    if times.instants and tables.gaps:
        day = seconds // DAY
        for gap in tables.gaps.values():
            second = seconds - gap.day * DAY
            wrong |= (day == gap.day) & (second >= gap.start) & (second < gap.end)
    return seconds, np.full(len(items), not times.instants), wrong


def _case_of(names: list[str], cells: list[Any]) -> Any:
    """The events of one record as a case holds them."""
    lists = {name: read_list(cell, name, EVENT_LISTS[name]) for name, cell in zip(names, cells, strict=True)}
    return SimpleNamespace(**{**dict.fromkeys(EVENT_LISTS, ()), **lists})


def read_list(cell: Any, name: str, kind: type) -> list[Any]:
    """A cell of events or promises: null, or a list of mappings with their fields."""
    if cell is None or (not hasattr(cell, "__len__") and is_null(cell)):
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
    given = {key: moment_of(value) if key in MOMENTS else value for key, value in item.items()}
    if isinstance(given.get("amount"), float | str | np.generic):
        given["amount"] = _amount_of(given["amount"])
    try:
        return kind(**{key: value for key, value in given.items() if value is not None})
    except TypeError as error:  # a field that it needs is not there
        raise InputError(f"column {name!r}: {error}", problem=Problem.EVENT_UNREADABLE, hint="give it") from error


def _amount_of(value: Any) -> Any:
    """An exact amount from a foreign number or text; what is none is left as it is, and refused later."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value
