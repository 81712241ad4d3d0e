"""A pack compiled: every calendar and unit laid end to end in one array of cells, every rule a row of offsets into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar, Segment
from slaengine.days import DAY, MINUTES, Gap, day_number, find_gaps, to_date
from slaengine.errors import InputError
from slaengine.kernel import Count, Reception
from slaengine.ops import ArrayOps, ScalarOps
from slaengine.pack import RulePack
from slaengine.rule import CutOff, Rule
from slaengine.versions import Versions, find_versions
from slaengine.vocabulary import Basis, CountFrom, CutOffEffect, Deems, DueTime, MonthEnd, Problem, Roll, Unit

__all__ = ["Tables", "compile_tables"]

Numbers = NDArray[Any]

NOT_COVERED, NO_SUCH_DAY, NO_CLOSING = (
    -problem for problem in (Problem.CALENDAR_NOT_COVERED, Problem.NO_SUCH_DAY, Problem.NO_CLOSING_TIME)
)
ALWAYS_OPEN = (Segment(0, MINUTES),)
NEIGHBOURS = 2  # the first days of the tables that no receipt may fall on, so that the days before it are in the tables
SPARE = 400  # days on either side of what the calendars know, so that neighbours of a day are always in the tables
TICKS_PER_MONTH = 32
DAYS_PER_UNIT = {Unit.WORKING_DAY: 1, Unit.CALENDAR_DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}
MONTHS_PER_UNIT = {Unit.MONTH: 1, Unit.YEAR: 12}
MISSING = np.arange(-64, 0)
NO_RECEPTION = [0] * len(Reception._fields)
WIDEST = (1 << 31) // DAY - 2  # days of which the seconds still fit 32 bits: 68 years


class Trait:
    """What a driver must know of a row before it asks the kernel, each a bit."""

    NO_RULE = 1
    RECEIVES = 2
    NEEDS_TIME = 4
    CLOSES = 8
    NEEDS_COVER = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """What the engine looks up.

    Days in the cells are numbered from `first_day`, January 1 of some year; a receipt lies in the first `size` of them.
    """

    zone: ZoneInfo
    levels: tuple[str, ...]
    calendars: Mapping[str, Calendar]
    versions: Versions
    first_day: int
    size: int
    cells: Numbers
    count: Count[Numbers]
    reception: Reception[Numbers]
    foreseen: Numbers
    attributes: tuple[str, ...]
    traits: NDArray[np.uint8]

    @cached_property
    def array_ops(self) -> ArrayOps:
        """The cells as the batch sees them."""
        return ArrayOps(self.cells)

    @cached_property
    def scalar_ops(self) -> ScalarOps:
        """The same cells as one record sees them."""
        return ScalarOps(self.cells)

    @cached_property
    def gaps(self) -> Mapping[int, Gap]:
        """The days on which a clock change leaves some wall-clock time out, by day number."""
        return {gap.day: gap for gap in find_gaps(self.zone, self.first_day, self.first_day + self.size)}

    @cached_property
    def covered(self) -> tuple[int, int]:
        """The days [first, end) of the tables that every calendar knows."""
        return int(self.count.covered_from.max()), int(self.count.covered_until.min())

    @cached_property
    def has_gap(self) -> NDArray[np.bool_]:
        """For each day of the tables, whether a clock change leaves some of it out."""
        marked = np.zeros(self.size + 1, dtype=bool)
        marked[[day - self.first_day for day in self.gaps]] = True
        return marked

    @cached_property
    def _rows(self) -> list[tuple[Count[int], Reception[int] | None] | None]:
        return [None] * len(self.versions.rules)

    @cached_property
    def _columns(self) -> tuple[list[Any], list[Any]]:
        """The columns of `count` and `reception`; one that is the same for every rule is a single number."""
        both = [[c[0] if (c == c[0]).all() else c for c in table] for table in (self.count, self.reception)]
        return both[0], both[1]

    def rule_columns(self, rows: Numbers) -> Count[Any]:
        """The rules' rows for a block of records."""
        return Count(*(c.take(rows) if c.ndim else c for c in self._columns[0]))

    def reception_columns(self, rows: Numbers) -> Reception[Any]:
        """How a block of records counts as received."""
        return Reception(*(c.take(rows) if c.ndim else c for c in self._columns[1]))

    def row(self, index: int) -> tuple[Count[int], Reception[int] | None]:
        """One rule's row as whole numbers; no `Reception` where receipts count as they come."""
        found = self._rows[index]
        if found is None:
            count = Count(*(int(column[index]) for column in self.count))
            how = (
                Reception(*(int(column[index]) for column in self.reception))
                if self.traits[index] & Trait.RECEIVES
                else None
            )
            found = self._rows[index] = (count, how)
        return found


def compile_tables(pack: RulePack, basis: Basis) -> Tables:
    """The tables of a pack for one basis; a pack without rules of that basis is an `InputError`."""
    rules = tuple(sorted((r for r in pack.rules if r.basis is basis), key=lambda r: (r.key, r.effective_from)))
    if not rules:
        raise InputError(f"pack {pack.id} has no {basis} rules", hint="choose another basis or pack")
    cells = _Cells(pack.calendars, rules)
    attributes = ("", *sorted({r.convention.cut_off.applies_if for r in rules if r.convention.cut_off} - {""}))
    versions = find_versions(rules)
    rows = versions.rules
    return Tables(
        zone=pack.zone,
        levels=pack.levels,
        calendars=pack.calendars,
        versions=versions,
        first_day=cells.first_day,
        size=cells.size - cells.reach - NEIGHBOURS,
        count=Count(*_table([_count(cells, r or rules[0]) for r in rows])),
        reception=Reception(*_table([_reception(cells, r, attributes) for r in rows])),
        foreseen=np.array([cells.foreseen((r or rules[0]).calendar) for r in rows], dtype=np.int32),
        attributes=attributes,
        traits=np.array([_traits(r) for r in rows], dtype=np.uint8),
        cells=cells.joined(),
    )


def _table(rows: list[Any]) -> list[Numbers]:
    return [np.array(column, dtype=np.int32) for column in zip(*rows, strict=True)]


def _receives(rule: Rule | None) -> bool:
    how = rule.convention if rule else None
    return how is not None and (how.deems is not Deems.AS_IS or how.cut_off is not None)


def _traits(rule: Rule | None) -> int:
    if rule is None:
        return Trait.NO_RULE
    due_time = rule.convention.due_time
    needs_time, closes = due_time is DueTime.SAME_TIME, due_time is DueTime.CLOSE_OF_BUSINESS
    looks = rule.limit.unit is Unit.WORKING_DAY or rule.convention.roll is not Roll.NONE
    return (
        Trait.RECEIVES * _receives(rule)
        | Trait.NEEDS_TIME * needs_time
        | Trait.CLOSES * closes
        | Trait.NEEDS_COVER * looks
    )


def _count(cells: _Cells, rule: Rule) -> Count[int]:
    """The row of a rule's count. A limit of 0 is no tick of the calendar-day line, from the start itself."""
    how, calendar = rule.convention, rule.calendar
    covered = (day_number(day) - cells.first_day for day in cells.calendars[calendar].coverage)
    line, nth = _lines(cells, rule, how.count_from)
    return Count(
        shift=_shift(how.count_from),
        line=line,
        end=nth + _ticks(rule),
        roll=cells.roll(calendar, how.roll),
        clock=(DAY - 1) * (how.due_time is DueTime.END_OF_DAY),
        keep=int(how.due_time is DueTime.SAME_TIME),
        closing=cells.due_closing(calendar) if how.due_time is DueTime.CLOSE_OF_BUSINESS else 0,
        rank=cells.rank(calendar),
        **dict(zip(("covered_from", "covered_until"), covered, strict=True)),
    )


def _shift(count_from: CountFrom) -> int:
    return int(count_from is not CountFrom.SAME_DAY)


def _ticks(rule: Rule) -> int:
    """The ticks from the first counted day to the last."""
    amount, unit = rule.limit
    clear = int(rule.convention.count_from is CountFrom.CLEAR)
    if amount == 0:
        return 0
    if unit in MONTHS_PER_UNIT:
        return TICKS_PER_MONTH * MONTHS_PER_UNIT[unit] * amount
    return amount * (7 if unit is Unit.WEEK else 1) - 1 + clear


def _lines(cells: _Cells, rule: Rule, count_from: CountFrom) -> tuple[int, int]:
    """Where the rule's tables begin: first counted day -> tick, and tick -> day."""
    amount, unit = rule.limit
    if amount == 0:
        return cells.days() - _shift(count_from), cells.days()
    if unit in MONTHS_PER_UNIT:
        return cells.months(count_from), cells.month_end(rule.convention.month_end or MonthEnd.REFUSE)
    if unit is Unit.WORKING_DAY:
        return cells.rank(rule.calendar), cells.nth(rule.calendar)
    return cells.days(), cells.days()


def _reception(cells: _Cells, rule: Rule | None, attributes: tuple[str, ...]) -> Reception[int]:
    if rule is None or not _receives(rule):
        return Reception(*NO_RECEPTION)
    how, calendar, cut_off = rule.convention, rule.calendar, rule.convention.cut_off
    effect = cut_off.effect if cut_off else CutOffEffect.DAY_ZERO
    late_from = {CutOffEffect.DAY_ZERO: CountFrom.NEXT_DAY, CutOffEffect.DAY_ONE: CountFrom.SAME_DAY}.get(
        effect, how.count_from
    )
    return Reception(
        minutes=cells.minutes(calendar, how.deems),
        open_day=cells.days() if how.deems is Deems.AS_IS else cells.roll(calendar, Roll.FOLLOWING),
        opening=cells.opening(calendar),
        closing=cells.closing(calendar, zero=cut_off is None or cut_off.time is not None),
        cut_off=_cut_second(cut_off),
        following=cells.roll(calendar, Roll.FOLLOWING),
        moves=int(effect is not CutOffEffect.DUE_DAY),
        late_shift=_shift(late_from),
        late_line=_lines(cells, rule, late_from)[0],
        late_roll=cells.late_roll(calendar, how.roll)
        if effect is CutOffEffect.DUE_DAY
        else cells.roll(calendar, how.roll),
        attribute=attributes.index(cut_off.applies_if if cut_off else ""),
    )


def _cut_second(cut_off: CutOff | None) -> int:
    """The last second in time, from midnight or from closing; without a cut-off no second of the day is late."""
    if cut_off is None:
        return DAY
    after = cut_off.time if cut_off.time is not None else -60 * (cut_off.minutes_before_closing or 0)
    return after - int(cut_off.inclusive)


class _Cells:
    """Lays tables end to end, each once, and tells where they begin."""

    def __init__(self, calendars: Mapping[str, Calendar], rules: tuple[Rule, ...]) -> None:
        self.calendars = calendars
        used = [calendars[name] for name in sorted({rule.calendar for rule in rules})]
        self.reach = 1 + max(rule.limit.amount * DAYS_PER_UNIT[rule.limit.unit] for rule in rules)
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

    # One line each: what day d, tick k or minute m of the table holds.

    def days(self) -> int:
        return self._place(("days",), lambda: np.arange(self.size))

    def rank(self, calendar: str) -> int:
        return self._place(("rank", calendar), lambda: self._rank(calendar))

    def _rank(self, calendar: str) -> Numbers:
        """Days before the coverage get the last rank too, so that from there no working day is ever found."""
        rank = self.calendars[calendar].line.rank
        return self._spread(calendar, rank, int(rank[-1]), int(rank[-1]))

    def nth(self, calendar: str) -> int:
        return self._place(("nth", calendar), lambda: self._nth(calendar))

    def _nth(self, calendar: str) -> Numbers:
        days = self.calendars[calendar].line.nth - self.first_day
        return np.concatenate((days, np.full(self.reach + 2, NOT_COVERED)))

    def roll(self, calendar: str, roll: Roll) -> int:
        if roll is Roll.NONE:
            return self.days()
        return self._place((roll, calendar), lambda: self._rolled(calendar, roll))

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

    def _month(self, days: Any) -> Numbers:
        dates = (np.asarray(days) + self.first_day).astype("datetime64[D]")
        return dates.astype("datetime64[M]").astype(np.int64)

    def late_roll(self, calendar: str, roll: Roll) -> int:
        """The working day after the one on which a limit in time would end."""
        return self._place(("late", roll, calendar), lambda: self._late_rolled(calendar, roll))

    def _late_rolled(self, calendar: str, roll: Roll) -> Numbers:
        rolled = np.arange(self.size) if roll is Roll.NONE else self._rolled(calendar, roll)
        following = np.append(self._rolled(calendar, Roll.FOLLOWING), NOT_COVERED)
        return np.where(rolled < 0, rolled, following[rolled + 1])

    def months(self, count_from: CountFrom) -> int:
        """First counted day -> tick of day zero, or of the day before the first one: 32 ticks a month."""
        return self._place(("months", _shift(count_from)), lambda: self._months(_shift(count_from)))

    def _months(self, shift: int) -> Numbers:
        zero = np.arange(self.size) - shift
        month = self._month(zero)
        first_of_month = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - self.first_day
        return TICKS_PER_MONTH * (month - self._month(0)) + (zero - first_of_month) + shift

    def month_end(self, rule: MonthEnd) -> int:
        return self._place(("month_end", rule), lambda: self._month_ends(rule))

    def _month_ends(self, rule: MonthEnd) -> Numbers:
        """Tick -> day; tick 0 of a month is the last day of the one before, ticks past its end go by the rule."""
        months = np.arange(self._month(0), self._month(self.size) + 1).astype("datetime64[M]")
        first = months.astype("datetime64[D]").astype(np.int64) - self.first_day
        length = (months + 1).astype("datetime64[D]").astype(np.int64) - self.first_day - first
        tick = np.arange(TICKS_PER_MONTH)
        day = first[:, None] + tick - 1
        past = {MonthEnd.LAST_DAY: first + length - 1, MonthEnd.NEXT_FIRST: first + length}.get(rule)
        past = np.full_like(first, NO_SUCH_DAY) if past is None else past
        return np.where(tick > length[:, None], past[:, None], day).ravel()

    def due_closing(self, calendar: str) -> int:
        return self._place(("due", calendar), lambda: self._hours(calendar, _last_second, NO_CLOSING, NOT_COVERED))

    def opening(self, calendar: str) -> int:
        return self._place(("opening", calendar), lambda: self._hours(calendar, lambda s: s[0].open * 60, 0))

    def closing(self, calendar: str, *, zero: bool) -> int:
        if zero:
            return self._place(("zero",), lambda: np.zeros(self.size))
        return self._place(("closing", calendar), lambda: self._hours(calendar, lambda s: s[-1].close * 60, 0))

    def _hours(
        self, calendar: str, read: Callable[[tuple[Segment, ...]], int], closed: int, beyond: int = 0
    ) -> Numbers:
        profiles, which = self.calendars[calendar].profiles
        values = np.array([read(p) if p else closed for p in profiles])
        return self._spread(calendar, values[which], beyond, beyond)

    def minutes(self, calendar: str, deems: Deems) -> int:
        """Day -> where the table of its minutes begins; one that is deemed as it came is always open."""
        if deems is Deems.AS_IS:
            return self._place(("always",), lambda: np.full(self.size, self._minute_table(ALWAYS_OPEN)))
        return self._place(("minutes", calendar), lambda: self._minutes(calendar))

    def _minutes(self, calendar: str) -> Numbers:
        """A calendar that states no office hours has no closed hour, only days off."""
        c = self.calendars[calendar]
        profiles, which = c.profiles if c.office_hours else ([(), ALWAYS_OPEN], c.working * 1)
        begins = np.array([self._minute_table(profile) for profile in profiles])
        closed = self._minute_table(())
        return self._spread(calendar, begins[which], closed, closed)

    def _minute_table(self, segments: tuple[Segment, ...]) -> int:
        return self._place(("minute", segments), lambda: _next_open(segments))

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


def _next_open(segments: tuple[Segment, ...]) -> Numbers:
    """For each minute of a day the same or the next minute that is open, or 1440 if none is left."""
    table = np.full(MINUTES, MINUTES)
    for segment in reversed(segments):
        table[: segment.close] = np.maximum(np.arange(segment.close), segment.open)
    return table
