"""The short way of a block's limits in days from the receipt that nothing happened to but stops.

It does for many records what `plain.stopped` does for one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import EventRows, of_rows
from slaengine.days import DAY
from slaengine.figures import Start, Still
from slaengine.running import NEVER_STOPPED, ZERO
from slaengine.tables import Tables

__all__ = ["Clocks", "Stopped", "stopped"]

Numbers = NDArray[Any]


class Clocks(NamedTuple):
    """Records of a block whose clocks were stopped, those most often stopped first."""

    events: EventRows
    places: Numbers
    lot: Numbers
    """The places among those that have events."""
    horizon: Numbers
    """The second up to which they are looked at."""
    done: Numbers
    """Which of them are finished then; the finish ends a stop."""


class Stopped(NamedTuple):
    """The due days of these records, for how many working days they stood still, and which had an event in vain."""

    places: Numbers
    day: Numbers
    idle: Numbers
    void: Numbers
    left: Numbers
    """Which of them have not been answered: those with a stop that is not over, or that the calendar does not know."""


def stopped(t: Tables, clocks: Clocks, row: Numbers, start: Start[Any], late: Any) -> Stopped:
    """Let the stops take effect, the next of all records at once; `row`, `start` and `late` are those of the block."""
    ops, (events, places, lot, horizon, done), most = t.array_ops, clocks, t.size * DAY
    rows = row.take(places)
    rule, halts = t.rule_columns(rows), t.stops_columns(rows)
    start = Start(*(column.take(places) if np.ndim(column) else column for column in start))
    run = kernel.begin(ops, rule, halts, start, late.take(places) if np.ndim(late) else late)
    still: Still[Any] = Still(ZERO, start.first, start.day, NEVER_STOPPED, ZERO)
    rank, first, size = rule.rank, events.first.take(lot), events.size.take(lot)
    day, idle = run.day.copy(), np.zeros_like(run.day)
    void, sure = np.zeros(len(lot), dtype=bool), np.ones(len(lot), dtype=bool)
    for number in range(int(size.max(initial=0))):
        some = slice(int(np.count_nonzero(size > number)))
        run, still, halts = (of_rows(columns, some) for columns in (run, still, halts))
        horizon, done, rank = horizon[some], done[some], rank[some] if rank.ndim else rank
        event = first[some] + number
        time, end = events.time.take(event), events.end.take(event)
        looked, over = time <= horizon, done | (end <= horizon)
        counted = kernel.counts(ops, run, still.until, time) & looked.view(np.uint8)
        end = np.minimum(end, horizon)
        still, unknown = kernel.stop(ops, rank, halts, run.line, still, time, np.minimum(end, most), counted)
        run = kernel.settle(ops, halts, run, still)
        void[some] |= looked > counted
        beyond = unknown + (end >= most) * counted
        sure[some] &= (counted <= over) & (beyond == 0) & (run.end >= 0)
        day[some], idle[some] = run.day, still.idle
    left = np.flatnonzero(~sure)
    void[left] = False
    return Stopped(places, day, idle, void, left)
