"""A zone's clock: wall-clock seconds turned into elapsed ones and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.days import Shift

__all__ = ["Clock"]


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
