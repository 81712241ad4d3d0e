"""Clocks of many records as they run: started, stopped, due.

It does for arrays what `ticking` does for one record: every step is taken by all records that are at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import Block, closing, cover, mark_at, of_rows, receive, ticks_of
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY
from slaengine.figures import NEVER, Due, Run, Start, Still
from slaengine.maker import Trait
from slaengine.vocabulary import Problem

__all__ = ["NEVER_STOPPED", "ZERO", "Runs"]

Numbers = NDArray[Any]
Columns = TypeVar("Columns", Run[Any], Still[Any])
NONE = np.arange(0)

ZERO = np.int32(0)
NO_RUN: Run[Any] = Run._make([ZERO] * len(Run._fields))
NOT_STOPPED: Still[Any] = Still._make([ZERO] * len(Still._fields))
NEVER_STOPPED = np.int32(-1)
"""When the last stop ended of a clock that has not been stopped."""


class Runs:
    """The runs of some records, and what is known of each: its row, its place in the block, its problem.

    `rows` names some of them, by their numbers or as a slice, which copies nothing.
    """

    def __init__(
        self,
        b: Block,
        at: Numbers,
        main: Numbers,
        row: Numbers,
        trouble: Numbers,
        forced: Numbers | None = None,
        cap: Numbers | None = None,
    ) -> None:
        length, every = len(at), len(at) == len(b.horizon)
        self.b, self.t, self.ops = b, b.t, b.t.array_ops
        self.forced, self.cap = forced, cap
        self.at, self.main, self.trouble = at, main, trouble
        self.row, self.head = row, row.copy()
        self.changed = False
        """Whether any record has gone on with another row than its first; what is elapsed is measured by the first."""
        self._look_up()
        self.horizon, done = (b.horizon, b.done) if every else (b.horizon[at], b.done[at])
        self.unfinished = ~done
        self.ever_open = bool(self.unfinished.any())
        self.run, self.still = NO_RUN, NOT_STOPPED
        self.first, self.keep, self.tick = np.zeros((3, length), dtype=np.int32)
        self.suspended, self.unknown, self.shut = np.zeros((3, length), dtype=bool)
        self.unsure = False
        """Whether any record may have no due day that is known; else nobody need ask which."""
        self.flags = np.zeros(length, dtype=np.int16)
        self.next = self.stop = np.zeros(length, dtype=np.int64)
        if b.events is not None:
            first, count = (b.events.first, b.count) if every else (b.events.first[at], b.count[at])
            self.next, self.stop = first.copy(), first + count
        self.main = main.copy()
        self.times, self.zero, self.clocked = np.zeros((3, length), dtype=np.int32)
        self.total = np.zeros(length, dtype=np.int64)
        self.joint, self.closes, self.restart, self.since = np.full((4, length), -1, dtype=np.int64)
        if forced is not None:
            self.counted, self.in_time = np.zeros(length, dtype=np.int64), np.ones(length, dtype=bool)

    def _look_up(self) -> None:
        """The columns of all rows, which are looked up anew when some rows have become others."""
        t, row = self.t, self.row
        self.traits = t.traits.take(row)
        self.seen = int(np.bitwise_or.reduce(self.traits, initial=0))
        self.rules, self.halts = t.rule_columns(row), t.stops_columns(row)
        self.ranks = t.rule_columns(self.head).rank if self.changed else self.rules.rank
        self.lines = t.hours_columns(row) if self.seen & Trait.HOURS else None

    def _set_rows(self, rows: Numbers, row: Numbers) -> None:
        """Some records go on with other rows."""
        if not np.array_equal(self.row[rows], row):
            self.row, self.changed = self.row.copy(), True
            self.row[rows] = row
            self._look_up()

    def _of(self, columns: Any, rows: Any) -> Any:
        """The columns of a table for some rows."""
        return of_rows(columns, rows)

    def _begin(self, rows: Any, moment: Numbers, dated: Numbers, until: Any = NEVER_STOPPED) -> None:
        """Clocks that start at moments; `until` is when stops end that go on."""
        t, traits, rule = self.t, self.traits[rows], self._of(self.rules, rows)
        if np.any(dated):
            mark_at(self.trouble, rows, dated & (traits & Trait.NEEDS_TIME > 0), Problem.TIME_NEEDED)
        day = moment // DAY
        if day.min(initial=t.size) < t.covered[0] or day.max(initial=0) >= t.covered[1]:
            beyond = cover(t, self.row[rows], day, traits)
            mark_at(self.trouble, rows, beyond, Problem.CALENDAR_NOT_COVERED)
            moment = np.where(beyond, NEIGHBOURS * DAY, moment).astype(np.int32)
            day = moment // DAY
        start = kernel.as_received(rule, day, moment - day * DAY)
        late: Any = 0
        if np.any(traits & Trait.RECEIVES):
            trouble, given = self.trouble[rows], {n: v[self.at[rows]] for n, v in self.b.attributes.items()}
            start = Start(*(np.broadcast_to(column, len(day)) for column in start))
            start, late = receive(t, given, self.row[rows], traits, start, trouble, dated)
            start = start._replace(day=np.maximum(start.day, 0), first=np.maximum(start.first, 0))
            self.trouble[rows] = trouble
        self.first[rows] = start.first
        self.unknown[rows] = self.shut[rows] = False
        self.zero[rows] = start.day
        self.times[rows] = self.total[rows] = 0
        self.joint[rows] = -1
        self._enter(rows, start, late, until, ZERO)

    def _enter(self, rows: Any, start: Start[Any], late: Any, until: Any, idle: Any, floor: Any = None) -> None:
        """The next parts, which begin at `start`; not due before the days (seconds) `floor` of the whole limits.

        `until` and `idle` say what has stopped the cases before.
        """
        t = self.t
        if start.day.min() < t.covered[0] or start.day.max() >= t.covered[1]:
            beyond = cover(t, self.row[rows], start.day, self.traits[rows])
            mark_at(self.trouble, rows, beyond, Problem.CALENDAR_NOT_COVERED)
        self.keep[rows] = start.second
        hours = self.traits[rows] & Trait.HOURS > 0
        if hours.all() or not hours.any():
            (self._enter_hours if hours.any() else self._enter_days)(rows, start, late, until, idle, floor)
            return
        every, length = np.arange(len(self.at))[rows], len(hours)
        start = Start(*(np.broadcast_to(column, length) for column in start))
        late, until, idle = (np.broadcast_to(column, length) for column in (late, until, idle))
        for some, enter in ((hours, self._enter_hours), (~hours, self._enter_days)):
            begun = Start(*(column[some] for column in start))
            enter(every[some], begun, late[some], until[some], idle[some], None if floor is None else floor[some])

    def _enter_days(self, rows: Any, start: Start[Any], late: Any, until: Any, idle: Any, floor: Any) -> None:
        rule, stops = self._of(self.rules, rows), self._of(self.halts, rows)
        run = kernel.begin(self.ops, rule, stops, start, late)
        still = Still(ZERO, start.first, start.day, until, idle)
        if floor is not None:
            still = still._replace(floor=floor)
            run = kernel.settle(self.ops, stops, run, still)
        self.still = self._stored(self.still, rows, still)
        self.run = self._stored(self.run, rows, self._closed(rows, run))

    def _enter_hours(self, rows: Any, start: Start[Any], _: Any, until: Any, idle: Any, floor: Any) -> None:
        hours, began = self._of(self.lines, rows), start.day * DAY + start.second
        tick = ticks_of(self.t, hours, began)
        first = self.row[rows] == self.head[rows]
        self.tick[rows] = np.where(first, tick, self.tick[rows])
        self.clocked[rows] = np.where(first, began, self.clocked[rows])
        still = Still(ZERO, tick, began if floor is None else np.maximum(floor, began), until, idle)
        run = self._placed(rows, kernel.begin_hours(hours, tick), still)
        self.still, self.run = self._stored(self.still, rows, still), self._stored(self.run, rows, run)

    def _stored(self, columns: Columns, rows: Any, values: Columns, before: Columns | None = None) -> Columns:
        """The columns with others for some rows, which had those `before`.

        What is one number for all of them stays one as long as it can.
        """
        whole = isinstance(rows, slice) and rows == slice(0, len(self.at))
        pairs = zip(columns, values, before or [None] * len(columns), strict=True)
        kept = [column if new is was else self._kept(column, rows, new, whole=whole) for column, new, was in pairs]
        alone = {id(column): place for place, column in enumerate(kept)}  # no two fields may share what is written to
        return type(columns)(*(c if alone[id(c)] == place else c.copy() for place, c in enumerate(kept)))

    def _kept(self, column: Any, rows: Any, values: Any, *, whole: bool) -> Any:
        if not np.ndim(values) and (whole or (not column.ndim and column == values)):
            return np.int32(values)
        if whole and values.flags.writeable and values.flags.owndata:
            return values.astype(np.int32, copy=False)
        if not column.ndim:
            column = np.full(len(self.at), column, dtype=np.int32)
        column[rows] = values
        return column

    def _settle(self, rows: Any, *, hours: bool) -> None:
        """Find the due instants with all that has stopped the limits so far."""
        run, still = self._of(self.run, rows), self._of(self.still, rows)
        if hours:
            new = self._placed(rows, run, still)
        else:
            new = self._closed(rows, kernel.settle(self.ops, self._of(self.halts, rows), run, still))
        self.run = self._stored(self.run, rows, new, run)

    def _placed(self, rows: Any, run: Run[Any], still: Still[Any]) -> Run[Any]:
        """Runs in hours with their due moments on the wall clock."""
        hours = self._of(self.lines, rows)
        day, second = kernel.moment_of(self.ops, hours, run.place + still.moved)
        if np.any(hours.elapsed):
            wall = np.where(hours.elapsed, self.t.clock.wall(day * DAY + second), day * DAY + second)
            day, second = np.where(day < 0, day, wall // DAY), np.where(day < 0, second, wall % DAY)
        run = kernel.settle_hours(self.ops, self._of(self.halts, rows), run, still.floor, day, second)
        self.unsure |= bool(run.end.min(initial=0) < 0)
        return run

    def _closed(self, rows: Any, run: Run[Any]) -> Run[Any]:
        """Runs in days with the last lawful seconds of their due days; that one has none matters only in the end."""
        due = Due(run.end, run.day, run.second)
        if self.seen & Trait.CLOSES:
            due = closing(self.t, self.row[rows], self.traits[rows], due)
            self.shut[rows] = (run.end >= 0) & (due.end < 0)
            run = run._replace(end=due.end, second=np.where(due.second < 0, DAY - 1, due.second))
        if due.end.min(initial=0) < 0:
            self.unsure = True
            none = (due.end == -Problem.NO_SUCH_DAY) & ~self.suspended[rows]
            mark_at(self.trouble, rows, none, Problem.NO_SUCH_DAY)
        return run

    def _stop(self, rows: Any, e: Numbers, counted: Numbers, *, hours: bool) -> None:
        """Stop the clock. A stop that has not ended ends with the finish, or in an unfinished case not yet."""
        start, end = self.b.events.time[e], self.b.events.end[e]  # type: ignore[union-attr]
        horizon, opened = self.horizon[rows], NONE
        if self.ever_open:
            counted = counted * (~self.suspended[rows]).view(np.uint8)
            opened = np.flatnonzero(self.unfinished[rows] & (end > horizon) & (counted > 0))
        end = np.minimum(end, horizon)
        if len(opened):
            here = self._numbers(rows)[opened]
            self.suspended[here] = True
            end[opened] = self._open_ends(here, start[opened], horizon[opened], hours=hours)
        self._stand_still(rows, start, end, counted, opened, hours=hours)

    def _numbers(self, rows: Any) -> Numbers:
        """The numbers of some rows."""
        return np.arange(len(self.at))[rows] if isinstance(rows, slice) else rows

    def _some(self, rows: Any, which: Numbers) -> Any:
        """Those of some rows; as a slice if they are the first of all."""
        some = np.flatnonzero(which)
        first = isinstance(rows, slice) and (not len(some) or some[-1] == len(some) - 1)
        return slice(0, len(some)) if first else self._numbers(rows)[some]

    def _kinds(self, rows: Any) -> Iterator[tuple[Any, bool]]:
        """Some rows whose limits are in days, and those whose limits are in hours."""
        hours = self.traits[rows] & Trait.HOURS > 0
        if hours.all() or not hours.any():
            yield rows, bool(hours.any())
        else:
            yield self._some(rows, ~hours), False
            yield self._some(rows, hours), True

    def _open_ends(self, rows: Any, start: Numbers, horizon: Numbers, *, hours: bool) -> Numbers:
        """Where stops are cut that have not ended: after the day that is looked at, if one is."""
        last = self._of(self.halts, rows).take_last
        looked = horizon if hours else (np.minimum(horizon, NEVER - 2 * DAY) // DAY + 1 - last) * DAY
        return np.where(horizon >= NEVER, start, looked)

    def _stand_still(
        self, rows: Any, start: Numbers, end: Numbers, counted: Numbers, opened: Numbers, *, hours: bool
    ) -> None:
        """Stand still from one second to another; those `opened` stand still for good: due when they were before."""
        most = self.t.size * DAY
        stops, cut, still = self._of(self.halts, rows), np.minimum(end, most), self._of(self.still, rows)
        if hours:
            line = self._of(self.lines, rows)
            edges = (ticks_of(self.t, line, start), ticks_of(self.t, line, cut))
            new = kernel.stop_hours(self.ops, still, *edges, end, counted)
            new = self._idle_on_first(rows, still, new, start, cut, counted)
            beyond = (end // DAY >= stops.until) & (counted > 0)
        else:
            rank, line = (c[rows] if c.ndim else c for c in (self.ranks, self.run.line))
            new, unknown = kernel.stop(self.ops, rank, stops, line, still, start, cut, counted)
            beyond = (unknown > 0) | (end >= most) & (counted > 0)
        if beyond.any():
            self.unsure = True
            beyond[opened] = False
            self.unknown[rows] |= beyond
        self.still = self._stored(self.still, rows, new)
        here = self._numbers(rows)[opened] if len(opened) else NONE
        kept, trouble = self._of(self.run, here), self.trouble[here]
        self._settle(rows, hours=hours)
        if len(opened):
            self.run, self.trouble[here] = self._stored(self.run, here, kept), trouble

    def _idle_on_first(
        self, rows: Any, still: Still[Any], new: Still[Any], start: Numbers, end: Numbers, counted: Numbers
    ) -> Still[Any]:
        """What stood still, measured on the clocks of the first parts, as what is elapsed is."""
        since = np.maximum(start, self.clocked[rows])
        until = np.where(counted > 0, np.maximum(since, end), since)
        self.clocked[rows] = np.where(counted > 0, until, self.clocked[rows])
        other = self.row[rows] != self.head[rows]
        if not other.any():
            return new
        line = self.t.hours_columns(self.head[rows])
        idle = still.idle + ticks_of(self.t, line, until) - ticks_of(self.t, line, since)
        return new._replace(idle=np.where(other, idle, new.idle).astype(np.int32))
