"""Chains of parts of many records, run from their starts through all events."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import chosen, mark_at, modified, moments, out_of_gaps
from slaengine.days import DAY
from slaengine.events import Kind
from slaengine.extending import Extendable
from slaengine.figures import Run, Start, Still
from slaengine.maker import EFFECTS, Trait
from slaengine.vocabulary import Flag, Governs, Problem, SupplementEffect

__all__ = ["Lives", "Settled"]

Numbers = NDArray[Any]
OVER = 1 << 62
SUSPEND, RESTART, REFILE = (EFFECTS.index(effect) for effect in SupplementEffect)


class Settled(NamedTuple):
    """The limits of some records with all that happened to them, as `single.Settled`."""

    row: Numbers
    last_row: Numbers
    first: Numbers
    end: Numbers
    day: Numbers
    second: Numbers
    idle: Numbers
    tick: Numbers
    suspended: Numbers
    flags: Numbers
    counted: Numbers
    trouble: Numbers

    @property
    def instant(self) -> Numbers:
        """When it is due; a limit that stands still has no due instant yet."""
        return np.where(self.suspended, OVER, self.day.astype(np.int64) * DAY + self.second)


class Lives(Extendable):
    """Chains of parts, run from their starts through all events; a restart begins another life.

    Where the records are laid by how many events they have, those that go on are always the first of them, and are
    looked at without copying.
    """

    def settled(self) -> Settled:
        """Run through all events and parts."""
        self._count_requests()
        todo: Any = slice(0, len(self.at))
        self._begin(todo, *moments(self.b, self.at, self.row, self.trouble))
        while self.at[todo].size:
            for rows, hours in self._kinds(todo):
                self._fold(rows, hours=hours)
            todo = self._numbers(todo)
            again = todo[self.restart[todo] >= 0]
            on = todo[(self.traits[todo] & Trait.THEN > 0) & (self.restart[todo] < 0) & ~self.suspended[todo]]
            self._begin_anew(again)
            self._pass_on(on)
            todo = np.sort(np.concatenate((again, on)))
        known = (self.run.end, self.run.day, self.run.second, self.still.idle)
        end, day, second, idle = (c if c.ndim else np.full(len(self.at), c) for c in known)
        self._refuse_unknown(slice(None), end)
        second = out_of_gaps(self.t, day, second) if self.t.gaps else second
        counted = self.counted if self.forced is not None else np.zeros(len(self.at), dtype=np.int64)
        found = (self.head, self.row.copy(), self.first, end, day, second, idle, self.tick, self.suspended)
        return Settled(*found, self.flags, counted, self.trouble)

    def _count_requests(self) -> None:
        """Flag the cases in which documents were asked for more than once."""
        events = self.b.events
        if events is None or events.only_stops:
            return
        asked = events.asked
        self.flags[asked[self.stop] - asked[self.next] > 1] |= Flag.SECOND_SUPPLEMENT

    def _fold(self, rows: Any, *, hours: bool) -> None:
        """Let the events of some rows take effect, those of all rows that come next at once."""
        rows = self._some(rows, self.next[rows] < self.stop[rows])
        while self.next[rows].size:
            stays = self._apply(rows, hours=hours)
            rows = self._some(rows, stays & (self.next[rows] < self.stop[rows]))

    def _in_time(self, rows: Any, time: Numbers, *, asked: Any) -> Numbers:
        """Which events count: those of a limit that stands still for good do, the others by its due instant so far."""
        run, until = self._of(self.run, rows), self._of(self.still, rows).until
        counted: Numbers = kernel.counts(self.ops, run, until, time) > 0
        if self.ever_open:
            counted |= self.suspended[rows]
        cap = True
        if self.forced is not None and self.cap is not None:
            number = self.next[rows] - self.b.events.first[self.at[rows]]  # type: ignore[union-attr]
            counted |= (self.traits[rows] & Trait.THEN == 0) & (number < self.forced[rows])
            cap = number < self.cap[rows]
        if self.unsure:
            unknown = self.unknown[rows] | ((run.end == -Problem.CALENDAR_NOT_COVERED) & ~self.shut[rows])
            counted |= self._known(rows, time, unknown & ~counted & asked)
        return counted & cap

    def _known(self, rows: Any, time: Numbers, asked: Numbers) -> Numbers:
        """Which events come before due days that the calendar does not know, since it knows their own."""
        rules, day = self._of(self.rules, rows), time // DAY
        known: Numbers = (rules.covered_from <= day) & (day < rules.covered_until)
        mark_at(self.trouble, rows, asked & ~known, Problem.CALENDAR_NOT_COVERED)
        known &= asked
        return known

    def _refuse_unknown(self, rows: Any, end: Numbers) -> None:
        """Say why there is no due day, where there is none."""
        if not self.unsure:
            return
        none = (self.unknown[rows] | (end < 0)) & ~self.suspended[rows]
        why = np.where(self.unknown[rows], Problem.CALENDAR_NOT_COVERED, -np.minimum(end, 0))
        mark_at(self.trouble, rows, none, why)

    def _apply(self, rows: Any, *, hours: bool) -> Numbers:
        """One event of each row; false where a row leaves this part, for the next one or for another life."""
        events = self.b.events
        assert events is not None  # noqa: S101  # rows with events have them
        rows = self._numbers(rows)
        e, traits = self.next[rows], self.traits[rows]
        time, kind = events.time[e], events.kind[e]
        ignored = time > self.horizon[rows]
        if hours:
            mark_at(self.trouble, rows, (events.dated[e] > 0) & ~ignored, Problem.TIME_NEEDED)
        effect = self._effects(rows, e, ~ignored & (traits & Trait.BACKWARD == 0))
        restarts = kind == Kind.RESTART
        ignored |= restarts & (effect == SUSPEND)
        counted = self._in_time(rows, time, asked=~ignored) & (traits & Trait.BACKWARD == 0) & ~ignored
        passes = ~counted & ~ignored & (traits & Trait.THEN > 0)
        if self.forced is not None:
            self.in_time[rows] &= (counted | ignored | passes) & (self.trouble[rows] == 0)
            self.counted[rows] += self.in_time[rows] & ~passes
        self.flags[rows[~counted & ~ignored & ~passes]] |= Flag.EVENT_VOID
        self._close_cases(rows, e, effect, counted)
        self._stop_some(rows, e, counted & (kind == Kind.STOP), hours=hours)
        self._extend(rows, e, counted & (kind == Kind.EXTENSION), hours=hours)
        self.restart[rows[counted & restarts]] = e[counted & restarts]
        self.next[rows[~passes]] += 1
        stays: Numbers = ~passes & ~(counted & restarts)
        return stays

    def _effects(self, rows: Numbers, e: Numbers, asked: Numbers) -> Numbers:
        """What the supplements among the events do; 0 for other events."""
        asks = self.b.events.supplement[e] > 0  # type: ignore[union-attr]
        if not asks.any():
            return np.zeros(len(rows), dtype=np.int32)
        effect = self.t.links.supplement.take(self.row[rows])
        mark_at(self.trouble, rows, asks & asked & (effect == 0), Problem.SUPPLEMENT_UNRULED)
        return effect * asks

    def _close_cases(self, rows: Numbers, e: Numbers, effect: Numbers, counted: Numbers) -> None:
        """Note the cases that were asked for documents, to be filed anew, but were not: they were closed then."""
        events, b, at = self.b.events, self.b, self.at[rows]
        assert events is not None  # noqa: S101  # rows with events have them
        closes = counted & (effect == REFILE) & (events.kind[e] == Kind.STOP) & ~b.closed[at]
        closes &= (events.answered[e] > b.horizon[at]) & (self.closes[rows] < 0)
        self.closes[rows[closes]] = e[closes]

    def _stop_some(self, rows: Numbers, e: Numbers, chosen: Numbers, *, hours: bool) -> None:
        """Stand still where that is chosen, and the clock does not stand still for good yet."""
        chosen &= ~self.suspended[rows]
        rows, e = rows[chosen], e[chosen]
        if len(rows):
            before = self.b.events.time[e] // DAY <= self.joint[rows]  # type: ignore[union-attr]
            mark_at(self.trouble, rows, before, Problem.STOP_BEFORE_EXTENSION)
            until, time = self._of(self.still, rows).until, self.b.events.time[e]  # type: ignore[union-attr]
            begun = time // DAY + self._of(self.halts, rows).skip_first
            self.since[rows] = np.where(time > until, begun, self.since[rows])
            self._stop(rows, e, np.ones(len(rows), dtype=np.uint8), hours=hours)

    def _begin_anew(self, rows: Numbers) -> None:
        """New receipts; stops that reach beyond them go on stopping the new counts."""
        if not len(rows):
            return
        events, e = self.b.events, self.restart[rows]
        assert events is not None  # noqa: S101  # rows with events have them
        time, until = events.time[e], self._of(self.still, rows).until
        on = self.suspended[rows] | (until > time)
        until = np.where(on, until, -1).astype(np.int32)  # a stop that begins now is not joined to the wait
        refiled = (events.supplement[e] > 0) & (self.t.links.supplement.take(self.row[rows]) == REFILE)
        self._rows_anew(rows, e, refiled)
        self.restart[rows] = -1
        self._begin(rows, time, events.dated[e] > 0, until)
        in_hours = self.traits[rows] & Trait.HOURS > 0
        for hours in (False, True):
            some = np.flatnonzero(on & (in_hours == hours))
            if len(some):
                here = rows[some]
                ones = np.ones(len(here), dtype=np.uint8)
                floor = self._of(self.still, here).floor
                day = np.maximum(self.since[here], floor) * DAY  # a night belongs to the day before
                start = time[some] if hours else day
                opened = np.flatnonzero(self.suspended[here])
                self._stand_still(here, start, until[some], ones, opened, hours=hours)

    def _rows_anew(self, rows: Numbers, e: Numbers, refiled: Numbers) -> None:
        """The rows for new receipts: of their own day where dossiers were filed anew, or where a restart governs."""
        t, width, time = self.t, self.t.versions.width, self.b.events.time[e]  # type: ignore[union-attr]
        day = time // DAY
        main = self.main[rows]
        if t.versions.changes:
            group = main // width
            for number in (*range(1, width), *range(width - 1, 0, -1)):
                governs = t.versions.governing[number - 1][group] == list(Governs).index(Governs.RESTART)
                later = governs & (t.versions.starts[number - 1][group] <= day) & ~refiled
                main = np.where(later, np.maximum(main, group * width + number), main)
                main -= governs & ~later & ~refiled & (main == group * width + number)  # restarted before that law came
        if refiled.any():
            here = np.flatnonzero(refiled)
            group = t.versions.groups(self.b.groups[self.b.places[self.at[rows[here]]]], day[here])
            some = rows[here]
            trouble = self.trouble[some]
            received = time[here], self.b.events.dated[e[here]] > 0  # type: ignore[union-attr]
            main[here], _ = chosen(self.b, self.at[some], group, t.versions.rows(group, day[here]), received, trouble)
            self.trouble[some] = trouble
        mark_at(self.trouble, rows, t.traits.take(main) & Trait.NO_RULE > 0, Problem.NOT_IN_FORCE)
        changed = np.flatnonzero(refiled | (main != self.main[rows]))
        self.main[rows] = main
        if len(changed):
            some = rows[changed]
            trouble = self.trouble[some]
            self.head[some] = modified(self.b, self.at[some], main[changed], trouble)
            self.trouble[some] = trouble
        self._set_rows(rows, self.head[rows])

    def _pass_on(self, rows: Numbers) -> None:
        """The next parts begin where these end."""
        if not len(rows):
            return
        then = self.t.links.then.take(self.row[rows])
        hours = self.t.traits.take(then) & Trait.HOURS > 0
        run = Run(*(np.broadcast_to(column, len(rows)) for column in self._of(self.run, rows)))
        still = Still(*(np.broadcast_to(column, len(rows)) for column in self._of(self.still, rows)))
        self._refuse_unknown(rows, run.end)
        second = np.where(hours, run.second, self.keep[rows])
        start = kernel.as_received(self.t.rule_columns(then), run.day, second)
        self._set_rows(rows, then)
        start = Start(*(np.broadcast_to(column, len(rows)) for column in start))
        self._enter(rows, start, 0, still.until, still.idle, still.floor)
