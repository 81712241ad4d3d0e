"""Extensions of many records at once, those of one unit at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import mark_at, ticks_of
from slaengine.days import DAY
from slaengine.events import MICRO
from slaengine.figures import Run
from slaengine.maker import ORIGINS, UNITS, Trait, family, part_of
from slaengine.running import Runs
from slaengine.vocabulary import ExtendFrom, Flag, Problem, Unit

__all__ = ["Extendable"]

Numbers = NDArray[Any]


class Extendable(Runs):
    """Runs that can be extended."""

    def _extend(self, rows: Numbers, e: Numbers, chosen: Numbers, *, hours: bool) -> None:
        """Count extensions, those of one unit at a time."""
        if not chosen.any():
            return
        rows, e = rows[chosen], e[chosen]
        events = self.b.events
        assert events is not None  # noqa: S101  # rows with events have them
        terms, amount, unit = self.t.terms_columns(self.row[rows]), events.amount[e], events.unit[e]
        bounded = unit == terms.unit
        total = self.total[rows] + np.where(bounded, amount, 0)
        fits = (
            (np.broadcast_to(terms.origin, len(rows)) > 0)
            & (self.times[rows] < terms.times)
            & ~(bounded & (total > terms.total.astype(np.int64) * MICRO))
            & ((amount >= 0) | (terms.shortens > 0))
        )
        for number in np.unique(unit):
            here = np.flatnonzero(fits & (unit == number))
            fits[here] &= self._extended(rows[here], UNITS[number], amount[here], hours=hours)
        self.flags[rows[~fits]] |= Flag.EXTENSION_VOID
        self.times[rows[fits]] += 1
        self.total[rows[fits]] = total[fits]

    def _extended(self, rows: Numbers, unit: Unit, amount: Numbers, *, hours: bool) -> Numbers:
        """Count the extensions of one unit; false where it cannot be added to the limit."""
        runs = ~self.suspended[rows]
        if unit.in_hours:
            mine = (self.t.hours.elapsed.take(self.row[rows]) > 0) == (unit is Unit.HOUR)
            fits: Numbers = mine & hours
            self._hours_longer(rows[fits & runs], amount[fits & runs] * 3600 // MICRO)
            return fits
        terms = self.t.terms_columns(self.row[rows])
        own = self._on_own_line(rows, terms, unit) & (not hours)
        fraction = self.traits[rows] & Trait.FRACTION > 0
        fits = (amount % MICRO == 0) & (own | ((amount >= 0) & ~fraction)) & ((amount >= 0) | ~fraction)
        longer = np.flatnonzero(fits & runs & (amount != 0))
        if len(longer):
            whole = (amount[longer] // MICRO).astype(np.int32)
            self._days_longer(rows[longer], unit, whole, own[longer], hours=hours)
        return fits

    def _days_longer(self, rows: Numbers, unit: Unit, amount: Numbers, own: Numbers, *, hours: bool) -> None:
        """Count on, as far as the calendar is known."""
        zero = self._zero(rows, hours=hours)
        joint = np.maximum(self.joint[rows], self.t.size if hours else np.where(zero < 0, self.t.size, zero))
        self.joint[rows] = np.where(own, self.joint[rows], joint)
        self.unknown[rows] |= (~own | (amount > 0)) & ~((zero >= 0) & self._in_room(rows, unit, amount))
        self.unsure |= bool(self.unknown[rows].any())
        known = np.flatnonzero(~self.unknown[rows])
        if len(known):
            longer = self._hours_on if hours else self._days_on
            longer(rows[known], unit, amount[known], zero[known])

    def _zero(self, rows: Numbers, *, hours: bool) -> Numbers:
        """The days from which further parts are counted; -1 where the calendar does not know them."""
        run, origin = self._of(self.run, rows), self.t.terms.origin.take(self.row[rows])
        floor = self._of(self.still, rows).floor
        last = run.last if hours else np.where(run.last < 0, -1, np.maximum(run.last, floor))
        day = np.where(self.shut[rows] | (run.end != -Problem.CALENDAR_NOT_COVERED), run.day, -1)
        zero: Numbers = np.where(origin == ORIGINS.index(ExtendFrom.ROLLED_END), day, last)
        return zero

    def _in_room(self, rows: Numbers, unit: Unit, amount: Numbers) -> Numbers:
        """Which extensions end within the tables, and those in working days where the calendar knows their start."""
        days = {Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}.get(unit, 1)
        run, row = self._of(self.run, rows), self.row[rows]
        fits: Numbers = run.day + amount.astype(np.int64) * days < self.t.size
        if unit is Unit.WORKING_DAY:
            first, last = np.minimum(run.day, run.last), np.maximum(run.day, run.last)
            fits &= (self.t.count.covered_from.take(row) - 1 <= first) & (last < self.t.terms.known.take(row))
        return fits

    def _on_own_line(self, rows: Numbers, terms: Any, unit: Unit) -> Numbers:
        """Which extensions are counted with the limit itself, not as a further part."""
        origin = np.broadcast_to(terms.origin, len(rows))
        run = self._of(self.run, rows)
        own = np.where(np.broadcast_to(run.by_month, len(rows)) > 0, 2, run.line == terms.days) == family(unit)
        started: Numbers = own & (origin != ORIGINS.index(ExtendFrom.ROLLED_END))
        return started & (origin == ORIGINS.index(ExtendFrom.START)) if unit.in_months else started

    def _hours_longer(self, rows: Numbers, seconds: Numbers) -> None:
        if not len(rows):
            return
        run = self._of(self.run, rows)
        room = self._of(self.lines, rows).most - run.place
        place = run.place + np.minimum(seconds, room).astype(np.int32)
        self.run = self._stored(self.run, rows, run._replace(place=place))
        self._settle(rows, hours=True)

    def _days_on(self, rows: Numbers, unit: Unit, amount: Numbers, zero: Numbers) -> None:
        t, row = self.t, self.row[rows]
        terms, stops = t.terms_columns(row), t.stops_columns(row)
        run, still = self._of(self.run, rows), self._of(self.still, rows)
        own = self._on_own_line(rows, terms, unit)
        line, end, ticks, by_month = part_of(terms, unit, amount)
        longer = kernel.lengthen(self.ops, stops, run, still, self.zero[rows], self.first[rows], ticks, terms.clear)
        further, moved = kernel.go_on(self.ops, stops, run, still, zero, line, end, ticks, by_month)
        run = Run(*(np.where(own, a, b).astype(np.int32) for a, b in zip(longer, further, strict=True)))
        moved = still._replace(moved=np.where(own, still.moved, moved.moved).astype(np.int32))
        self.still = self._stored(self.still, rows, moved)
        self.run = self._stored(self.run, rows, self._closed(rows, run))

    def _hours_on(self, rows: Numbers, unit: Unit, amount: Numbers, zero: Numbers) -> None:
        """The due days move, the times of day stay."""
        run, still, terms = self._of(self.run, rows), self._of(self.still, rows), self.t.terms_columns(self.row[rows])
        line, end, ticks, by_month = part_of(terms, unit, amount)
        day = self.ops.take(end + self.ops.take(line + zero + 1) + ticks - 1 + by_month)
        mark_at(self.trouble, rows, day == -Problem.NO_SUCH_DAY, Problem.NO_SUCH_DAY)
        self.unknown[rows] |= day == -Problem.CALENDAR_NOT_COVERED
        second = np.maximum(day, 0) * DAY + run.second
        tick = ticks_of(self.t, self._of(self.lines, rows), second)
        run = run._replace(place=np.where(day < 0, run.place, tick).astype(np.int32))
        floor = np.where(day < 0, still.floor, np.maximum(still.floor, second)).astype(np.int32)
        still = still._replace(moved=np.where(day < 0, still.moved, 0).astype(np.int32), floor=floor)
        self.still, self.run = self._stored(self.still, rows, still), self._stored(self.run, rows, run)
        self._settle(rows, hours=True)
