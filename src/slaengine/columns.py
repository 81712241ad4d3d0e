"""Columns as people hold them, turned into the numbers the batch reads: words into codes, times into seconds."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.batch import BLOCK, LATER, MISSING, Records, Times
from slaengine.days import DAY
from slaengine.errors import InputError
from slaengine.event_columns import EVENT_LISTS, PROMISES, read_events, read_promises
from slaengine.figures import NEVER
from slaengine.held import Column, Words, plain
from slaengine.moments import is_null, read_times
from slaengine.tables import Tables
from slaengine.vocabulary import CASE_COLUMNS

__all__ = ["Column", "clashes", "read_records", "read_truth", "refuse_missing", "refuse_shapes", "renamed"]

Columns = Mapping[str, Column]
Numbers = NDArray[Any]

TRUTH = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0, "": -1}
MANY = 1 << 16
"""Combinations of words past which, if there are fewer records, each is looked up word by word."""


def read_records(
    tables: Tables, columns: Columns, today: date | None = None, hours: Mapping[str, bool] | None = None
) -> Records:
    """The columns of a batch as numbers. `InputError` for a missing column, a foreign type or unequal lengths.

    `hours` says of columns of text that are part of longer ones whether any row of those states the hour.
    """
    refuse_shapes(columns)
    stated = hours or {}

    def times(name: str, missing: int) -> Times:
        return read_times(_wanted(columns, name), name, tables.zone, missing, stated.get(name))

    finished = _bounded(times("finished_at", LATER), tables) if "finished_at" in columns else None
    return Records(
        groups=_groups(tables, columns),
        received=times("received_at", MISSING),
        finished=finished,
        attributes={name: _truths(columns[name], name) for name in tables.attributes[1:] if name in columns},
        starts={name: times(f"{name}_at", MISSING) for name in tables.start_events[1:] if f"{name}_at" in columns},
        events=read_events(tables, {name: columns[name] for name in EVENT_LISTS if name in columns}),
        promised=read_promises(tables, {name: columns[name] for name in PROMISES if name in columns}, today),
    )


def refuse_shapes(columns: Columns) -> None:
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
    if np.count_nonzero(times.seconds > last) == np.count_nonzero(times.seconds == LATER):
        return times
    return Times(np.where(times.seconds == LATER, LATER, np.minimum(times.seconds, last)), times.instants)


def _wanted(columns: Columns, name: str) -> Column:
    if name not in columns:
        raise _no_column(columns, name)
    return columns[name]


def _no_column(have: Iterable[str], name: str) -> InputError:
    names = [str(each) for each in have]
    near = difflib.get_close_matches(name, names, n=2)
    hint = f"map another to it; there is {', '.join(names) or 'no column'}"
    if near:
        hint = f"is it {' or '.join(near)}? {hint}"
    if len(names) == 1 and ";" in names[0]:
        hint = "is the separator a comma?"
    return InputError(f"there is no column {name!r}", hint=hint)


def refuse_missing(tables: Tables, have: Iterable[str], names: Mapping[str, str]) -> None:
    """Refuse a table without a column that is needed."""
    there = list(have)
    for name in ("procedure", "level", "received_at"):
        if name not in names and name not in there and (name != "level" or len(tables.levels) > 1):
            raise _no_column(there, name)


def _groups(tables: Tables, columns: Columns) -> Numbers:
    """The group that the words of each record name, or minus the code of the problem with them."""
    codes = tables.versions.codes
    only = codes.code(codes.levels, tables.levels[0]) if len(tables.levels) == 1 else None
    axes = [_axis(_wanted(columns, "procedure"), codes.procedures)]
    if only is None:
        _wanted(columns, "level")
    axes.append(_axis(columns.get("level"), codes.levels, only))
    axes.append(_axis(columns.get("variant"), codes.variants))
    length = len(columns["procedure"])
    if math.prod(len(known) for _, known in axes) > max(length, MANY):
        every = [known if words is None else known.take(words, mode="wrap") for words, known in axes]
        return np.broadcast_to(codes.groups[tuple(every)], length)
    joined = codes.groups[np.ix_(*(known for _, known in axes))].ravel()
    groups = np.empty(length, dtype=joined.dtype)
    for start in range(0, length, BLOCK):  # the places stay in the cache
        part = slice(start, start + BLOCK)
        joined.take(_joint(axes, part, len(groups[part])), mode="wrap", out=groups[part])
    return groups


def _joint(axes: Sequence[tuple[Numbers | None, Numbers]], part: slice, length: int) -> Numbers:
    """Where in a table of all combinations of their words each record stands; no word stands last."""
    place: Numbers | None = None
    for codes, known in ((every[part], known) for every, known in axes if every is not None):
        if place is None:
            place = codes.astype(np.int32)  # half as wide as an index, and twice as fast
        else:
            place *= np.int32(len(known))
            place += codes
        if codes.min(initial=0) < 0:
            place[codes < 0] += len(known)
    return np.zeros(length, dtype=np.intp) if place is None else place.astype(np.intp)


def _axis(words: Column | None, known: Mapping[str, int], only: int | None = None) -> tuple[Numbers | None, Numbers]:
    """The words of each record as numbers, and the code of each of them as `Codes` has it, that of no word last.

    Null, NaN and "" are missing words, for which `only` stands where there is just one.
    """
    unknown, missing = len(known), known.get("", len(known) + 1) if only is None else only
    if words is None:
        return None, np.array([missing])
    held = words if isinstance(words, Words) else _numbered(words)
    try:
        found = [known[word] if word in known else missing if _is_nothing(word) else unknown for word in held.words]
    except TypeError as error:
        raise InputError(f"a column of words holds something else: {error}", hint="give text") from error
    return held.codes, np.array([*found, missing], dtype=np.intp)


def _is_nothing(word: Any) -> bool:
    return is_null(word) or word == ""


def _numbered(words: Column) -> Words:
    """Cells as codes of the words among them."""
    cells = plain(words)
    try:
        number = {word: i for i, word in enumerate(dict.fromkeys(cells))}
        return Words(np.array([number[word] for word in cells], dtype=np.intp), list(number))
    except TypeError as error:
        raise InputError(f"a column of words holds something else: {error}", hint="give text") from error


def _truths(values: Column, name: str) -> Numbers:
    """1 for true, 0 for false, -1 for null."""
    held = values.used() if isinstance(values, Words) else _numbered(values)
    return held.spread([read_truth(word, f"column {name!r}") for word in held.words], -1, np.int64)


def read_truth(value: Any, where: str) -> int:
    """1 for true, 0 for false, -1 for null; `InputError` for anything else."""
    if is_null(value):
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


def _mapped(column: Column, values: Mapping[str, str], name: str) -> Words:
    if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in values.values()):
        raise InputError(
            f"values of {name!r} map to something else than text", hint="write foreign = ours, both as text"
        )
    held = column if isinstance(column, Words) else _numbered(column)
    return held.mapped(lambda word: values.get(word, word) if isinstance(word, str) else word)


def clashes(columns: Iterable[str], made: Iterable[str]) -> list[str]:
    """Names that stand in both."""
    return sorted(set(columns) & set(made))
