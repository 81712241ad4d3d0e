"""Columns as frames hold them: codes of words, instants with a zone, and lists of items laid end to end."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NO_TIME", "Aware", "Column", "Lists", "Words", "in_seconds", "part_of", "plain"]

Numbers = NDArray[Any]
NO_TIME = int(np.iinfo(np.int64).min)
"""The second of a time that is not given (NumPy's NaT)."""
COARSE = {"generic", "Y", "M", "W", "D"}
FRACTIONS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def in_seconds(times: Numbers) -> Numbers:
    """The seconds of instants, fractions dropped, `NO_TIME` for NaT; three times as fast as a cast of NumPy's."""
    unit, count = np.datetime_data(times.dtype)
    if unit not in FRACTIONS or count != 1:
        return times.astype("datetime64[s]", copy=False).view(np.int64)
    numbers = times.view(np.int64)
    seconds: Numbers = numbers // FRACTIONS[unit]
    if numbers.min(initial=0) == NO_TIME:
        seconds[numbers == NO_TIME] = NO_TIME
    return seconds


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Codes of words, as Arrow's dictionaries and pandas' categories have them; -1 is no word."""

    codes: Numbers
    words: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def tolist(self) -> list[Any]:
        """The words themselves, None for none."""
        words = [*self.words, None]
        return [words[code] for code in self.codes.tolist()]

    def spread(self, values: Sequence[Any] | Numbers, missing: Any, dtype: Any) -> Numbers:
        """The value of each row, given those of the words and that of no word."""
        return np.array([*values, missing], dtype=dtype).take(self.codes, mode="wrap")

    def used(self) -> Words:
        """The same with those words alone that stand in some row."""
        seen = np.zeros(len(self.words) + 1, dtype=bool)
        seen[self.codes] = True
        if seen[:-1].all():
            return self
        number = np.cumsum(seen) - 1
        number[-1] = -1
        return Words(number.take(self.codes, mode="wrap"), [w for w, s in zip(self.words, seen, strict=False) if s])

    def mapped(self, change: Callable[[Any], Any]) -> Words:
        """Other words in their places."""
        return Words(self.codes, [change(word) for word in self.words])


@dataclass(frozen=True, slots=True, eq=False)
class Aware:
    """Instants as seconds of UTC since 1970-01-01, `NO_TIME` for none."""

    seconds: Numbers

    def __len__(self) -> int:
        return len(self.seconds)

    def tolist(self) -> list[Any]:
        """The instants as Python has them; what it cannot hold is left a number, which is no time."""
        return [self._moment(second) for second in self.seconds.tolist()]

    @staticmethod
    def _moment(second: int) -> Any:
        if second == NO_TIME:
            return None
        try:
            return BEGINNING + timedelta(seconds=second)
        except OverflowError:
            return second


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Lists of items with the same fields: those of row i are `first[i]` to `first[i + 1]`."""

    first: Numbers
    fields: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.first) - 1

    def tolist(self) -> list[Any]:
        """A list of mappings for each row."""
        cells = {name: plain(column) for name, column in self.fields.items()}
        items = [dict(zip(cells, each, strict=True)) for each in zip(*cells.values(), strict=True)]
        return [items[a:b] for a, b in itertools.pairwise(self.first.tolist())]


Column = Sequence[Any] | NDArray[Any] | Words | Aware | Lists


def plain(values: Column) -> list[Any]:
    """The cells of a column as Python's own."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M" and np.datetime_data(values.dtype)[0] not in COARSE:
        values = values.astype("datetime64[s]")  # what Python's own can hold
    return values.tolist() if hasattr(values, "tolist") else list(values)


def part_of(values: Column, start: int, stop: int) -> Column:
    """The rows [start, stop) of a column, sharing its memory."""
    if isinstance(values, Words):
        return Words(values.codes[start:stop], values.words)
    if isinstance(values, Aware):
        return Aware(values.seconds[start:stop])
    if isinstance(values, Lists):
        return Lists(values.first[start : stop + 1], values.fields)
    return values[start:stop]
