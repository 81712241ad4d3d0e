"""A zone's clock: wall-clock seconds turned into elapsed ones, or into those of UTC, and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.days import DAY, Shift, day_number, find_shifts

__all__ = ["Clock", "ZoneClock", "clock_of"]


class Clock:
    """Seconds counted from the first day of the tables; of a repeated hour the first reading is meant.

    Numbers or arrays of them. A zone that never changes its clocks gives back what it is given.
    """

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self._elapsed = [shift.elapsed for shift in shifts]
        self._wall = [shift.wall for shift in shifts]
        self._by = [0, *(shift.by for shift in shifts)]

    def elapsed(self, wall: Any) -> Any:
        """The elapsed second of a wall-clock reading."""
        return wall - self._ahead(self._wall, wall) if self._wall else wall

    def wall(self, elapsed: Any) -> Any:
        """The wall-clock reading at an elapsed second."""
        return elapsed + self._ahead(self._elapsed, elapsed) if self._wall else elapsed

    def _ahead(self, changes: list[int], second: Any) -> Any:
        if not isinstance(second, np.ndarray):
            return self._by[bisect_right(changes, second)]
        found = np.searchsorted(np.array(changes, dtype=second.dtype), second, side="right")
        ahead: NDArray[Any] = np.array(self._by, dtype=second.dtype)[found]
        return ahead


class ZoneClock:
    """Seconds of UTC since 1970-01-01 as the clocks of a zone read them, and back; of arrays."""

    def __init__(self, zone: tzinfo, first: date, last: date) -> None:
        start = day_number(first)
        offset = datetime(first.year, first.month, first.day, tzinfo=UTC).astimezone(zone).utcoffset()
        base = int(offset.total_seconds()) if offset else 0
        shifts = find_shifts(zone, start, day_number(last))
        self._utc = np.array([shift.elapsed - base + start * DAY for shift in shifts], dtype=np.int64)
        self._wall = np.array([shift.wall + start * DAY for shift in shifts], dtype=np.int64)
        self._ahead = base + np.array([0, *(shift.by for shift in shifts)], dtype=np.int64)

    def wall(self, utc: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the clocks read."""
        read: NDArray[np.int64] = utc + self._of(self._utc, utc)
        return read

    def end_wall(self, utc: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same for a time that others are compared with: see `days.end_seconds`."""
        number = np.searchsorted(self._utc, utc, side="right")
        before = np.maximum(number - 1, 0)
        read = self.wall(utc)
        if len(self._utc):
            ends = self._utc[before] + self._ahead[before]  # what the clocks read when they were put back
            read = np.where((number > 0) & (read < ends), ends - 1, read)
        return read

    def utc(self, wall: NDArray[np.int64]) -> NDArray[np.int64]:
        """When the clocks read that, first; of a reading left out, as if they had not been changed."""
        first: NDArray[np.int64] = wall - self._of(self._wall, wall)
        return first

    def _of(self, changes: NDArray[np.int64], seconds: NDArray[np.int64]) -> Any:
        """How far the clocks are ahead: one number where they were not changed in between."""
        if not len(seconds):
            return 0
        first, last = np.searchsorted(changes, (seconds.min(), seconds.max()), side="right")
        if first == last:
            return self._ahead[first]
        return self._ahead[np.searchsorted(changes, seconds, side="right")]


@lru_cache(maxsize=64)
def clock_of(zone: tzinfo) -> ZoneClock:
    """The clock of a zone from 1900 to 2200; before and after as at the ends."""
    return ZoneClock(zone, date(1900, 1, 1), date(2200, 1, 1))
