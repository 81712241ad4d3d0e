"""The tables themselves: each laid down once, all in one array, days numbered from the first one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar, Segment
from slaengine.days import DAY, MINUTES, day_number, to_date
from slaengine.errors import InputError
from slaengine.rule import TimeLimit
from slaengine.vocabulary import CountFrom, Deems, Fraction, MonthEnd, Problem, Roll, Unit

__all__ = ["NEIGHBOURS", "TICKS_PER_MONTH", "Cells", "Line", "shift_of"]

Numbers = NDArray[Any]
Line = Unit | MonthEnd
"""What is counted: working days, calendar days, or months whose ends go by a rule."""
WHOLE = 2
"""Halves that a half day counts for where it counts as a whole one."""

NOT_COVERED, NO_SUCH_DAY, NO_CLOSING = (
    -problem for problem in (Problem.CALENDAR_NOT_COVERED, Problem.NO_SUCH_DAY, Problem.NO_CLOSING_TIME)
)
NO_END = np.iinfo(np.int32).max
ALWAYS_OPEN = (Segment(0, MINUTES),)
NEIGHBOURS = 2
"""The first days of the tables that no receipt may fall on, so that the days before it are in the tables."""
SPARE = 400
"""Days on either side of what the calendars know, for receipts that need no calendar."""
TICKS_PER_MONTH = 32
DAYS_PER_UNIT = {
    Unit.WORKING_DAY: 1,
    Unit.CALENDAR_DAY: 1,
    Unit.WEEK: 7,
    Unit.MONTH: 31,
    Unit.YEAR: 366,
    Unit.WORKING_HOUR: 1 / 24,
    Unit.HOUR: 1 / 24,
}
MISSING = np.arange(-64, 0)
"""What lies before each table, so that a missing answer looked up is the same missing answer."""
WIDEST = (1 << 31) // DAY - 2
"""Days of which the seconds still fit 32 bits: 68 years."""


def shift_of(count_from: CountFrom) -> int:
    """Days from the start to the first counted day."""
    return int(count_from is not CountFrom.SAME_DAY)


class Cells:
    """Lays tables end to end, each once, and tells where they begin."""

    def __init__(self, calendars: Mapping[str, Calendar], limits: list[tuple[str, TimeLimit]]) -> None:
        """For limits that are each counted in the calendar of that name."""
        self.calendars = calendars
        used = [calendars[name] for name in sorted({name for name, _ in limits})]
        self.reach = 2 + int(max(float(limit.amount) * DAYS_PER_UNIT[limit.unit] for _, limit in limits))
        first = to_date(min(day_number(c.coverage[0]) for c in used) - SPARE)
        self.first_day = day_number(date(first.year, 1, 1))
        self.size = max(day_number(c.coverage[1]) for c in used) + SPARE + self.reach - self.first_day
        if self.size > WIDEST:
            raise InputError(
                f"calendars and limits span {self.size} days",
                hint=f"coverage and longest limit together may span {WIDEST} days",
            )
        self._offsets: dict[tuple[object, ...], int] = {}
        self._parts: list[Numbers] = []
        self._length = 0

    def joined(self) -> Numbers:
        """All tables as one array, which nobody writes to."""
        cells = np.concatenate(self._parts).astype(np.int32)
        cells.setflags(write=False)
        return cells

    def _place(self, key: tuple[object, ...], make: Callable[[], Any]) -> int:
        """Where the table `key` begins; it is made and laid down the first time it is asked for."""
        if key not in self._offsets:
            part = np.asarray(make(), dtype=np.int64)
            self._offsets[key] = self._length + len(MISSING)
            self._parts += [MISSING, part]
            self._length += len(MISSING) + len(part)
        return self._offsets[key]

    def _spread(self, calendar: str, values: Any, before: int, after: int) -> Numbers:
        """Values for the days of a calendar's coverage, as a table over all days."""
        start = day_number(self.calendars[calendar].coverage[0]) - self.first_day
        table = np.full(self.size, after, dtype=np.int64)
        table[:start] = before
        table[start : start + len(values)] = values
        return table

    def days(self) -> int:
        """Day -> the day itself; the line of calendar days."""
        return self.end(Unit.CALENDAR_DAY, "", Roll.NONE)

    def end(
        self,
        line: Line,
        calendar: str,
        roll: Roll,
        *,
        pushed: bool = False,
        halves: int = WHOLE,
        back: bool = False,
    ) -> int:
        """Tick of a line -> the day on which a limit ends whose last day that is, or the next working day after it.

        What is counted `back` may end before the first tick: there, as after the last, the calendar is not covered.
        """
        works = line is Unit.WORKING_DAY
        rolls = roll is not Roll.NONE and not works  # a working day stays where it is
        looks = rolls or pushed or works
        roll, before = roll if rolls else Roll.NONE, 2 * self.reach * back  # a day is two ticks at most
        key = ("end", line, calendar if looks else "", roll, pushed, halves if works else WHOLE, back)
        return before + self._place(
            key,
            lambda: np.append(np.full(before, NOT_COVERED), self._ends(line, calendar, roll, halves, pushed=pushed)),
        )

    def _ends(self, line: Line, calendar: str, roll: Roll, halves: int, *, pushed: bool) -> Numbers:
        last = self._month_ends(line) if isinstance(line, MonthEnd) else self._lasts(line, calendar, halves)
        day = last if roll is Roll.NONE else self._looked_up(self._rolled(calendar, roll), last)
        after = np.append(self._rolled(calendar, Roll.FOLLOWING)[1:], NOT_COVERED) if pushed else None
        return day if after is None else self._looked_up(after, day)

    def _lasts(self, line: Unit, calendar: str, halves: int) -> Numbers:
        """Tick -> last day; past the last day that the calendar or the tables know there is none.

        Stops and extensions may move an end by as many ticks as there are days.
        """
        if line is Unit.CALENDAR_DAY:
            return np.concatenate((np.arange(self.size), np.full(self.size + self.reach, NOT_COVERED)))
        days = np.repeat(np.arange(self.span(calendar)) + self._start(calendar), self._weights(calendar, halves))
        return np.concatenate((days, np.full(2 * (self.size + self.reach), NOT_COVERED)))

    def span(self, calendar: str) -> int:
        """The days that a calendar covers."""
        return len(self.calendars[calendar].working)

    def _weights(self, calendar: str, halves: int) -> Numbers:
        """Ticks of each day of a calendar: one, or two halves of a whole day where half days count as one."""
        c = self.calendars[calendar]
        working = c.working.astype(np.int64)
        return working if halves == WHOLE or not c.has_halves else working * (1 + (halves > 0)) - c.halves

    def _looked_up(self, table: Numbers, days: Numbers) -> Numbers:
        """The table at those days; a missing day stays missing, one past the tables is not covered."""
        found = table[np.clip(days, 0, self.size - 1)]
        return np.where(days < 0, days, np.where(days < self.size, found, NOT_COVERED))

    def rank(self, calendar: str, halves: int = WHOLE) -> int:
        """Day -> working days before it (where half days count as one: halves)."""
        return self._place(("rank", calendar, halves), lambda: self._rank(calendar, halves))

    def _rank(self, calendar: str, halves: int) -> Numbers:
        """Outside the coverage rank stands still: what is measured there is the least it can be."""
        rank = np.concatenate(([0], np.cumsum(self._weights(calendar, halves))))
        return self._spread(calendar, rank, 0, int(rank[-1]))

    def roll(self, calendar: str, roll: Roll) -> int:
        """Day -> the day it is rolled to."""
        return self.end(Unit.CALENDAR_DAY, calendar, roll)

    def _rolled(self, calendar: str, roll: Roll) -> Numbers:
        return self._spread(calendar, self._moved(calendar, roll), NOT_COVERED, NOT_COVERED)

    def _moved(self, calendar: str, roll: Roll) -> Numbers:
        _, rank, nth = self.calendars[calendar].line
        days = np.concatenate(([NOT_COVERED], nth - self.first_day, [NOT_COVERED]))
        following, preceding = days[rank[:-1] + 1], days[rank[1:]]
        if roll is Roll.MODIFIED_FOLLOWING:
            same_month = self._month(following) == self._month(np.arange(len(following)) + self._start(calendar))
            return np.where((following >= 0) & ~same_month, preceding, following)
        return following if roll is Roll.FOLLOWING else preceding

    def _start(self, calendar: str) -> int:
        return day_number(self.calendars[calendar].coverage[0]) - self.first_day

    def known_until(self, calendar: str) -> int:
        """The first day after the coverage of a calendar."""
        return self._start(calendar) + self.span(calendar)

    def _month(self, days: Any) -> Numbers:
        dates = (np.asarray(days) + self.first_day).astype("datetime64[D]")
        return dates.astype("datetime64[M]").astype(np.int64)

    def months(self, count_from: CountFrom) -> int:
        """First counted day -> tick of day zero, or of the day before the first one: 32 ticks a month."""
        return self._place(("months", shift_of(count_from)), lambda: self._months(shift_of(count_from)))

    def _months(self, shift: int) -> Numbers:
        zero = np.arange(self.size) - shift
        month = self._month(zero)
        first_of_month = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - self.first_day
        ticks: Numbers = TICKS_PER_MONTH * (month - self._month(0)) + (zero - first_of_month) + shift
        return ticks

    def _month_ends(self, rule: MonthEnd) -> Numbers:
        """Tick -> day; tick 0 of a month is the last day of the one before, ticks past its end go by the rule."""
        months = np.arange(int(self._month(0)), int(self._month(self.size)) + 1).astype("datetime64[M]")
        first = months.astype("datetime64[D]").astype(np.int64) - self.first_day
        length = (months + 1).astype("datetime64[D]").astype(np.int64) - self.first_day - first
        tick = np.arange(TICKS_PER_MONTH)
        day = first[:, None] + tick - 1
        past = {MonthEnd.LAST_DAY: first + length - 1, MonthEnd.NEXT_FIRST: first + length}.get(rule)
        past = np.full_like(first, NO_SUCH_DAY) if past is None else past
        return np.where(tick > length[:, None], past[:, None], day).ravel()

    def due_closing(self, calendar: str) -> int:
        """Day -> the last second of its office hours."""
        return self._place(("due", calendar), lambda: self._hours(calendar, _last_second, NO_CLOSING, NOT_COVERED))

    def opening(self, calendar: str) -> int:
        """Day -> the second at which its office hours begin, 0 where none are stated."""
        return self._place(("opening", calendar), lambda: self._hours(calendar, lambda s: s[0].open * 60, 0))

    def closing(self, calendar: str, *, zero: bool) -> int:
        """Day -> the second at which its office hours end, or always 0."""
        if zero:
            return self._place(("zero",), lambda: np.zeros(self.size))
        return self._place(("closing", calendar), lambda: self._hours(calendar, lambda s: s[-1].close * 60, 0))

    def _hours(
        self, calendar: str, read: Callable[[tuple[Segment, ...]], int], closed: int, beyond: int = 0
    ) -> Numbers:
        c = self.calendars[calendar]
        if not c.office_hours:
            return self._spread(calendar, np.full(len(c.working), closed), beyond, beyond)
        profiles, which = c.profiles
        values = np.array([read(p) if p else closed for p in profiles])
        return self._spread(calendar, values[which], beyond, beyond)

    def fraction(self, calendar: str, how: Fraction, share: Decimal) -> int:
        """Day -> the last second of that share of the day."""
        read = {Fraction.OPEN_SECONDS: _share_end, Fraction.HALF_DAY: _half_end}[how]
        key = ("fraction", calendar, how, share)
        return self._place(key, lambda: self._hours(calendar, lambda s: read(s, share), NO_CLOSING, NOT_COVERED))

    def open_days(self, calendar: str, deems: Deems) -> int:
        """Day -> the day itself, or the next one with office time of its own."""
        return self.days() if deems is Deems.AS_IS else self.roll(calendar, Roll.FOLLOWING)

    def minutes(self, calendar: str, deems: Deems) -> int:
        """Day -> where the table of its minutes begins; one that is deemed as it came is always open."""
        if deems is Deems.AS_IS:
            return self._place(("always",), lambda: np.full(self.size, self._minute_table((ALWAYS_OPEN, 0))))
        return self._place(("minutes", calendar), lambda: self._minutes(calendar))

    def _minutes(self, calendar: str) -> Numbers:
        closed = self._minute_table(((), 0))
        profiles, which = self.clocks(calendar)
        begins = np.array([self._minute_table(profile) for profile in profiles])
        return self._spread(calendar, begins[which], closed, closed)

    def clocks(self, calendar: str) -> tuple[list[tuple[tuple[Segment, ...], int]], Numbers]:
        """The distinct days there are on the clock, and which of them each day of a calendar's coverage is.

        A day on the clock is its own office time and the minute until which that of the day before goes on. A calendar
        that states no office hours has no closed hour, only days off.
        """
        c = self.calendars[calendar]
        if not c.office_hours:
            return [((), 0), (ALWAYS_OPEN, 0)], c.working * 1
        profiles, which = c.profiles
        spills = [max(0, *(segment.close - MINUTES for segment in profile), 0) for profile in profiles]
        found: dict[tuple[int, int], int] = {}
        before = np.concatenate(([-1], which))[: len(which)]
        pairs = [
            found.setdefault((a, spills[b] if b >= 0 else 0), len(found)) for a, b in zip(which, before, strict=True)
        ]
        return [(profiles[a], spill) for a, spill in found], np.array(pairs, dtype=np.int64)

    def _minute_table(self, profile: tuple[tuple[Segment, ...], int]) -> int:
        return self._place(("minute", profile), lambda: _next_open(*profile))

    def hours(self, calendar: str) -> dict[str, int]:
        """The line of a calendar's open seconds; without a calendar, every second is open."""
        lengths, opened, minute = self._clock_days(calendar)
        total = np.concatenate(([0], np.cumsum(lengths)))
        open_days = np.flatnonzero(lengths)
        width = int(lengths[open_days].min()) if len(open_days) else DAY
        ends = total[open_days + 1]
        starts = np.arange(0, int(total[-1]) + 1, width)
        return {
            "before": self._place(("before", calendar), lambda: total),
            "opened": opened,
            "minute": minute,
            "bucket": self._place(("bucket", calendar), lambda: np.searchsorted(ends, starts, side="right")),
            "width": width,
            "ends": self._place(("ends", calendar), lambda: np.append(ends, NO_END)),
            "days": self._place(("open days", calendar), lambda: np.append(open_days, NOT_COVERED)),
            "most": int(total[-1]) + 1,
        }

    def _clock_days(self, calendar: str) -> tuple[Numbers, int, int]:
        """Open seconds of each day of the tables, and the two tables that say where those of its minutes begin."""
        profiles, which = self.clocks(calendar) if calendar else ([(ALWAYS_OPEN, 0)], np.zeros(self.size, dtype=int))
        minutes = [_open_minutes(*profile) for profile in profiles]
        closed = np.zeros(MINUTES, dtype=bool)

        def spread(values: list[int], outside: int) -> Numbers:
            days = np.array(values)[which]
            return self._spread(calendar, days, outside, outside) if calendar else days

        opened, minute = (
            self._place((name, calendar), lambda of=of: spread([of(m) for m in minutes], of(closed)))  # type: ignore[misc]
            for name, of in (("opened", self._opened), ("minute of", self._minute_of))
        )
        return spread([60 * int(m.sum()) for m in minutes], 0), opened, minute

    def _opened(self, minutes: NDArray[np.bool_]) -> int:
        """Minute -> open minutes before it."""
        return self._place(
            ("opened", minutes.tobytes()), lambda: np.concatenate(([0], np.cumsum(minutes), [minutes.sum()]))
        )

    def _minute_of(self, minutes: NDArray[np.bool_]) -> int:
        """Open minute -> minute."""
        return self._place(("minute of", minutes.tobytes()), lambda: np.append(np.flatnonzero(minutes), MINUTES))

    def foreseen(self, calendar: str) -> int:
        """Day -> days before it that lie in years which are only foreseen."""
        return self._place(("foreseen", calendar), lambda: self._foreseen(calendar))

    def _foreseen(self, calendar: str) -> Numbers:
        years = [y.year for y in self.calendars[calendar].years if y.provisional]
        dates = (np.arange(self.size) + self.first_day).astype("datetime64[D]")
        provisional = np.isin(dates.astype("datetime64[Y]").astype(np.int64) + 1970, years)
        return np.concatenate(([0], np.cumsum(provisional)[:-1]))


def _last_second(segments: tuple[Segment, ...]) -> int:
    return min(segments[-1].close * 60, DAY - 1)


def _open_minutes(segments: tuple[Segment, ...], spill: int) -> NDArray[np.bool_]:
    """Which minutes of a day are open, those of the day before that go on into it among them."""
    table = np.zeros(MINUTES, dtype=bool)
    table[:spill] = True
    for segment in segments:
        table[segment.open : segment.close] = True
    return table


def _share_end(segments: tuple[Segment, ...], share: Decimal) -> int:
    """The second at which that share of the open seconds is over, rounded up to a whole one."""
    left = math.ceil(share * sum(60 * (segment.close - segment.open) for segment in segments))
    for segment in segments:
        length = 60 * (segment.close - segment.open)
        if left <= length:
            return min(segment.open * 60 + left, DAY - 1)
        left -= length
    return _last_second(segments)


def _half_end(segments: tuple[Segment, ...], share: Decimal) -> int:
    """The end of the first half day: of the first of several stretches, or of half of a single one; else of the day."""
    half = Decimal("0.5")
    if share > half:
        return _last_second(segments)
    return segments[0].close * 60 if len(segments) > 1 else _share_end(segments, half)


def _next_open(segments: tuple[Segment, ...], spill: int) -> Numbers:
    """For each minute of a day the same or the next minute that is open, or 1440 if none is left.

    A minute that belongs to the office time of the day before is that minute less 1440.
    """
    table = np.full(MINUTES, MINUTES)
    for segment in reversed(segments):
        close = min(segment.close, MINUTES)
        table[:close] = np.maximum(np.arange(close), segment.open)
    table[:spill] = np.arange(spill) - MINUTES
    return table
