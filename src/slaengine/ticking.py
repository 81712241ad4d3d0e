"""The clock of one record: started, stopped, due."""

from __future__ import annotations

from slaengine import kernel
from slaengine.days import DAY
from slaengine.facts import Facts, Refusal, applies_of, check_cover, closing, start_of, tick_at
from slaengine.figures import Due, Start, Still
from slaengine.maker import Trait
from slaengine.tables import Tables
from slaengine.vocabulary import Problem

__all__ = ["Ticking"]


class Ticking:
    """The clock of the part of a limit that runs.

    `joint` is the second from which on the clock can still be stopped; `tick` where a first part in hours began on its
    line, and `clocked` the second up to which what stood still was measured on that.
    """

    tick = clocked = 0
    suspended = False

    def __init__(self, t: Tables, facts: Facts, row: int) -> None:
        self.t, self.facts, self.head = t, facts, row
        self.ops = t.scalar_ops

    def begin(self, row: int, moment: int, *, dated: bool, until: int = -1) -> None:
        """A clock that starts at a moment; `until` is when a stop ends that goes on."""
        self.row, self.head, self.joint = row, row, 0
        self.unknown = self.shut = False
        held = self.t.row(row)
        if dated and held.traits & Trait.NEEDS_TIME:
            raise Refusal(Problem.TIME_NEEDED, row)
        applies = None
        if held.how is not None:
            check_cover(self.t, row, held, moment // DAY)
            applies = applies_of(self.t, self.facts, held)
        start, self.late = start_of(self.t, row, held, moment, applies, dated=dated)
        self.started = start
        self.times = self.total = 0
        self.stages: list[tuple[int, int, int]] = []
        self.rank = held.rule.rank  # what is elapsed is measured on the calendar of the first part
        self.enter(row, start, until, 0)

    def enter(self, row: int, start: Start[int], until: int, idle: int, floor: int = -1) -> None:
        """The next part, which begins at `start`, and is not due before the day (second) `floor` of the whole limit.

        `until` and `idle` say what has stopped the case before.
        """
        self.row, self.start, held, more = row, start, self.t.row(row), self.t.more(row)
        self.held, self.more, self.traits, self.halts = held, more, held.traits, more.stops
        self.in_hours, self.then = self.traits & Trait.HOURS > 0, more.links.then
        check_cover(self.t, row, held, start.day)
        if self.in_hours:
            began = start.day * DAY + start.second
            tick = tick_at(self.t, self.more.hours, began)
            if row == self.head:
                self.tick, self.clocked = tick, began
            self.run = kernel.begin_hours(self.more.hours, tick)
            self.still = Still(0, tick, max(began, floor), until, idle)
            self.settle()
            return
        self.run = kernel.begin(self.ops, held.rule, self.halts, start, int(self.late))
        self.still = Still(0, start.first, start.day if floor < 0 else floor, until, idle)
        if floor >= 0:
            self.settle()
        else:
            self.close()

    def settle(self) -> None:
        """Find the due instant with all that has stopped the limit so far."""
        if not self.in_hours:
            self.run = kernel.settle(self.ops, self.halts, self.run, self.still)
            self.close()
            return
        hours, still = self.more.hours, self.still
        day, second = kernel.moment_of(self.ops, hours, self.run.place + still.moved)
        if day >= 0 and hours.elapsed:
            day, second = divmod(self.t.clock.wall(day * DAY + second), DAY)
        self.run = kernel.settle_hours(self.ops, self.halts, self.run, still.floor, day, second)

    def due_second(self) -> int:
        """The second of the due day on which the limit ends: the last there was before one that there was not."""
        run, gaps = self.run, self.t.gaps
        if not gaps:
            return run.second
        gap = gaps.get(run.day + self.t.first_day)
        return gap.start - 1 if gap is not None and gap.start <= run.second < gap.end else run.second

    def close(self) -> None:
        """The last lawful second of the due day, in a run in days; that it has none matters only in the end."""
        run = self.run
        if self.traits & Trait.CLOSES or run.end < 0:
            due = closing(self.t, self.held, Due(run.end, run.day, run.second))
            self.shut = run.end >= 0 > due.end
            if due.end == -Problem.NO_SUCH_DAY and not self.suspended:
                raise Refusal(-due.end, self.row)
            self.run = run._replace(end=due.end, second=due.second if due.second >= 0 else DAY - 1)

    def stop_for_good(self, start: int, end: int) -> None:
        """Stand still for good; the limit is due when it was before, and what is not known of the stop matters not."""
        unknown, self.suspended = self.unknown, True
        self._stand_still(start, end)
        self.unknown = unknown

    def stop(self, start: int, end: int) -> None:
        """Stand still from one second to another."""
        self._stand_still(start, end)
        self.settle()

    def _stand_still(self, start: int, end: int) -> None:
        most = self.t.size * DAY
        cut = min(end, most)
        if self.in_hours:
            edges = self.ticks(self.row, start, cut)
            beyond = end // DAY >= self.halts.until
            still = kernel.stop_hours(self.ops, self.still, *edges, end, 1)
            start = max(start, self.clocked)
            self.clocked = max(start, cut)
            if self.row != self.head:  # what is elapsed is measured on the clock of the first part
                since, until = self.ticks(self.head, start, self.clocked)
                still = still._replace(idle=self.still.idle + until - since)
        else:
            still, unknown = kernel.stop(self.ops, self.rank, self.halts, self.run.line, self.still, start, cut, 1)
            beyond = unknown > 0 or end >= most
        self.still = still
        self.unknown |= beyond

    def ticks(self, row: int, start: int, end: int) -> tuple[int, int]:
        """The ticks of two seconds on the line that a row counts."""
        hours = self.t.more(row).hours
        return tick_at(self.t, hours, start), tick_at(self.t, hours, end)

    def refuse_unknown(self) -> None:
        """Say why there is no due day, if there is none."""
        if self.run.end < 0 or self.unknown:
            raise Refusal(Problem.CALENDAR_NOT_COVERED if self.unknown else -self.run.end, self.row)
