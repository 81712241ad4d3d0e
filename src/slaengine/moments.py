"""Columns of times, turned into wall-clock seconds of a zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.clock import clock_of
from slaengine.days import DAY, end_seconds, read_moment, wall_seconds
from slaengine.errors import InputError
from slaengine.held import Aware, Column, Words, in_seconds, plain
from slaengine.records import LATER, MISSING, UNREADABLE, Times

__all__ = ["is_null", "moment_of", "read_times", "states_hour"]

Numbers = NDArray[Any]
FAR = 4_000_000
"""Days further away than any date."""
FEW = 1000
"""Texts of which a column holds one often enough to say what it is."""


def read_times(values: Column, name: str, zone: tzinfo, missing: int, instants: bool | None = None) -> Times:  # noqa: FBT001
    """A column of times as wall-clock seconds in `zone`.

    datetime64[D] and dates are judged on dates, finer datetime64 and datetimes on instants, naive ones being wall-clock
    time of the zone. Text in ISO writing is read by the whole column: if one row states the hour, a row that does not
    cannot be read; `instants` says so of a column of which this is a part. Fractions of a second are dropped. `missing`
    stands for null.
    """
    if isinstance(values, Aware):
        return _from_aware(values, zone, missing)
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return _from_datetime64(values, missing)
    words = values.used() if isinstance(values, Words) else None
    moments = _read(plain(values) if words is None else words.words, name)
    if instants is None:
        instants = any(isinstance(moment, datetime) for moment in moments)
    seconds = (
        end_seconds if missing == LATER else wall_seconds
    )  # a finish is compared with others, a receipt is counted from
    read_as = [_second(moment, seconds, zone, instants, missing) for moment in moments]
    if words is not None:
        return Times(words.spread(read_as, missing, np.int64), instants)
    return Times(np.array(read_as, dtype=np.int64), instants)


def states_hour(values: Column, name: str) -> bool | None:
    """Whether any row states the hour; nothing where the column's type says so, and it need not be looked at."""
    if isinstance(values, Aware) or (isinstance(values, np.ndarray) and values.dtype.kind == "M"):
        return None
    rows = values.used().words if isinstance(values, Words) else plain(values)
    parts = (rows[start : start + FEW] for start in range(0, len(rows), FEW))
    return any(isinstance(moment, datetime) for part in parts for moment in _read(part, name))


def _read(rows: Sequence[Any], name: str) -> list[Any]:
    """Each row as a moment, None where there is none, False where it cannot be read."""
    read: Callable[[Any], Any] = _read_text if any(isinstance(row, str) for row in rows) else _read_object
    moments = [read(row) for row in rows]
    wrong = next((row for row, moment in zip(rows, moments, strict=True) if moment is NotImplemented), None)
    if wrong is not None:
        raise InputError(f"column {name!r} holds {wrong!r}, which is no time", hint="give dates, datetimes or ISO text")
    return moments


def _from_aware(values: Aware, zone: tzinfo, missing: int) -> Times:
    clock = clock_of(zone)
    read = clock.end_wall if missing == LATER else clock.wall
    given = values.seconds != MISSING
    if given.all():
        return Times(read(values.seconds), instants=True)
    return Times(np.where(given, read(np.where(given, values.seconds, 0)), missing), instants=True)


def _from_datetime64(values: Numbers, missing: int) -> Times:
    unit = np.datetime_data(values.dtype)[0]
    if unit in {"Y", "M", "W", "generic"}:
        raise InputError(f"a column of datetime64[{unit}] names no day", hint="give datetime64[D] or finer")
    mask = np.ma.getmask(values)
    given: Numbers = np.ma.getdata(values)
    instants = unit != "D"
    seconds = in_seconds(given) if instants else _from_days(given.astype(np.int64))
    if mask is not np.ma.nomask:
        seconds = np.where(mask, missing, seconds)
    if missing != MISSING and seconds.min(initial=0) == MISSING:
        seconds = np.where(seconds == MISSING, missing, seconds)
    return Times(seconds, instants)


def _from_days(days: Numbers) -> Numbers:
    far = np.abs(days) > FAR
    return np.where(days == MISSING, MISSING, np.where(far, UNREADABLE, np.where(far, 0, days) * DAY))


def moment_of(value: Any) -> Any:
    """A date or datetime, from text or from NumPy's; what cannot be read is left as it is, and refused later."""
    if isinstance(value, np.datetime64):
        value = (
            None
            if np.isnat(value)
            else value.astype("M8[s]" if np.datetime_data(value)[0] != "D" else value.dtype).item()
        )
    if isinstance(value, str):
        return _read_text(value) or (value or None)
    return None if is_null(value) else value


def is_null(value: Any) -> bool:
    """None, NaN, NaT, and whatever else does not say that it is itself."""
    try:
        return value is None or (not isinstance(value, np.ndarray) and not value == value)  # noqa: PLR0124, SIM201  # NaN is not itself
    except TypeError:  # pandas' NA does not say whether it is
        return True


def _read_text(text: Any) -> Any:
    """A moment, None where there is none, False where it cannot be read."""
    if is_null(text) or text == "":
        return None
    try:
        return read_moment(text) if isinstance(text, str) else NotImplemented
    except ValueError:
        return False


def _read_object(value: Any) -> Any:
    if is_null(value):
        return None
    return value if hasattr(value, "toordinal") else NotImplemented


def _second(moment: Any, seconds: Any, zone: tzinfo, instants: bool, missing: int) -> int:  # noqa: FBT001
    if moment is None:
        return missing
    readable = moment is not False and isinstance(moment, datetime) == instants
    return seconds(moment, zone) if readable else UNREADABLE
