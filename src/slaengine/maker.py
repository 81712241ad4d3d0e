"""The numbers of one row: how a part of a rule is received, counted, stopped and extended, as offsets into cells."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from slaengine.cells import TICKS_PER_MONTH, WHOLE, Cells, shift_of
from slaengine.cells import Line as LineKind
from slaengine.days import DAY
from slaengine.figures import Count, Hours, Reception, Stops, Terms
from slaengine.rule import CutOff, Part
from slaengine.vocabulary import (
    CountFrom,
    CutOffEffect,
    Deems,
    Direction,
    DueTime,
    ExtendFrom,
    MonthEnd,
    Roll,
    SupplementEffect,
    Unit,
)

__all__ = [
    "EFFECTS",
    "NOT_PLAIN",
    "NOT_RECEIVED",
    "NOT_SHORT",
    "ORIGINS",
    "UNITS",
    "Maker",
    "Trait",
    "family",
    "part_of",
]

UNITS = tuple(Unit)
"""Units by number, as events and terms carry them."""
ORIGINS = (None, *ExtendFrom)
EFFECTS = (None, *SupplementEffect)
MONTHS_PER_UNIT = {Unit.MONTH: 1, Unit.YEAR: 12}
SECONDS_PER_HOUR = 3_600
NO_BOUND = 1 << 30
NOT_RECEIVED: Reception[int] = Reception(*[0] * len(Reception._fields))
NOT_IN_HOURS: Hours[int] = Hours(*[0] * len(Hours._fields))
NOT_EXTENDED: Terms[int] = Terms(*[0] * len(Terms._fields))


class Trait:
    """What a driver must know of a row before it asks the kernel, each a bit."""

    NO_RULE = 1
    RECEIVES = 2
    NEEDS_TIME = 4
    CLOSES = 8
    NEEDS_COVER = 16
    HOURS = 32
    THEN = 64
    OTHER = 128
    MODIFIED = 256
    BACKWARD = 512
    STARTS = 1024
    CHOSEN = 2048
    FRACTION = 4096
    DEEMS = 8192


NOT_PLAIN = Trait.HOURS | Trait.THEN | Trait.OTHER | Trait.MODIFIED | Trait.STARTS | Trait.CHOSEN
"""What takes the whole driver, not the short way of a plain limit in days."""


NOT_SHORT = NOT_PLAIN | Trait.NO_RULE | Trait.BACKWARD | Trait.CLOSES | Trait.NEEDS_TIME
"""What takes the whole driver as soon as something stops the clock."""


def ticks_per(unit: Unit, halves: int = WHOLE) -> int:
    """Ticks of one unit on its line."""
    if unit.in_hours:
        return SECONDS_PER_HOUR
    if unit in MONTHS_PER_UNIT:
        return TICKS_PER_MONTH * MONTHS_PER_UNIT[unit]
    return 7 if unit is Unit.WEEK else 1 + (unit is Unit.WORKING_DAY and halves == 1)


def family(unit: Unit) -> int:
    """0: working days; 1: calendar days and weeks; 2: months and years."""
    return 2 if unit.in_months else int(unit is not Unit.WORKING_DAY)


def part_of(terms: Terms[Any], unit: Unit, amount: Any) -> tuple[Any, Any, Any, int]:
    """The line a further part is counted on, where that ends, its ticks, and whether it is one of months."""
    lines = ((terms.work_line, terms.work_end), (terms.days, terms.days), (terms.month_line, terms.month_end))
    line, end = lines[family(unit)]
    return line, end, amount * (terms.scale if unit is Unit.WORKING_DAY else ticks_per(unit)), int(unit.in_months)


class Maker:
    """The numbers of one row."""

    def __init__(self, cells: Cells, part: Part, attributes: tuple[str, ...]) -> None:
        _, self.limit, self.how, self.calendar = part
        self.cells = cells
        self.attributes = attributes
        self.halves = WHOLE if self.how.half_day_counts is None else self.how.half_day_counts
        self.backward = self.how.direction is Direction.BACKWARD
        self.fraction = self.limit.amount % 1 if self.limit.unit is Unit.WORKING_DAY else 0

    @property
    def line(self) -> LineKind:
        """The line a limit is counted on; a limit of 0, or in hours, on calendar days from the start itself."""
        amount, unit = self.limit
        if not amount or unit.in_hours:
            return Unit.CALENDAR_DAY
        if unit.in_months:
            return self.how.month_end or MonthEnd.REFUSE
        short = unit is Unit.CALENDAR_DAY and amount <= self.how.skip_days_off_up_to
        return Unit.WORKING_DAY if unit is Unit.WORKING_DAY or short else Unit.CALENDAR_DAY

    def traits(self) -> int:
        """What a driver must know of the row."""
        how, unit = self.how, self.limit.unit
        closes = how.due_time is DueTime.CLOSE_OF_BUSINESS or self.fraction
        works = Unit.WORKING_DAY in {self.line, unit}
        deems = how.deems is not Deems.AS_IS
        looks = works or how.roll is not Roll.NONE or deems
        return (
            Trait.RECEIVES * (deems or how.cut_off is not None)
            | Trait.DEEMS * deems
            | Trait.NEEDS_TIME * (how.due_time in {DueTime.SAME_TIME, DueTime.EXACT})
            | Trait.CLOSES * bool(closes)
            | Trait.FRACTION * bool(self.fraction)
            | Trait.NEEDS_COVER * (looks or unit is Unit.WORKING_HOUR)
            | Trait.HOURS * unit.in_hours
            | Trait.BACKWARD * self.backward
        )

    def count(self) -> Count[int]:
        """How the limit is counted. A limit of 0 is no tick of the calendar-day line, from the start itself."""
        how, cells, calendar = self.how, self.cells, self.calendar
        until = cells.known_until(calendar)
        return Count(
            shift=self._shift(how.count_from),
            line=self._first(how.count_from),
            end=self._end(how.roll) + self._ticks(),
            unrolled=self._end(Roll.NONE) + self._ticks(),
            clock=(DAY - 1) * (how.due_time in {DueTime.END_OF_DAY, DueTime.EXACT}),  # hours end where they end
            keep=int(how.due_time is DueTime.SAME_TIME),
            closing=self._closing(),
            rank=cells.rank(calendar),
            covered_from=until - cells.span(calendar),
            covered_until=until,
            foreseen=cells.foreseen(calendar),
            forward=int(not self.backward),
        )

    def _end(self, roll: Roll) -> int:
        return self.cells.end(self.line, self.calendar, roll, halves=self.halves, back=self.backward)

    def _shift(self, count_from: CountFrom) -> int:
        """Days from the start to the first counted day; to the day after it where days are counted back."""
        shift = shift_of(count_from)
        return 1 - shift + (self.limit.unit.in_months and self.limit.amount > 0) if self.backward else shift

    def _ticks(self) -> int:
        """The ticks from the first counted day to the last; counted back, from the day after the first."""
        amount, unit = self.limit
        clear = self._clear()
        if amount == 0 or unit.in_hours:
            return 0
        ticks = math.ceil(amount) * ticks_per(unit, self.halves)
        if unit is Unit.CALENDAR_DAY:
            ticks *= self._day()
        if self.backward:
            return -ticks - clear * (not unit.in_months)
        return ticks if unit.in_months else ticks - 1 + clear

    def _clear(self) -> int:
        """Ticks of the day that clear days are more."""
        return (self.how.count_from is CountFrom.CLEAR) * self._day()

    def _day(self) -> int:
        """Ticks of a whole day on the line that is counted."""
        return ticks_per(Unit.WORKING_DAY, self.halves) if self.line is Unit.WORKING_DAY else 1

    def _first(self, count_from: CountFrom) -> int:
        """Where the table begins that turns the first counted day into a tick."""
        cells, line = self.cells, self.line
        if isinstance(line, MonthEnd):
            return cells.months(CountFrom.NEXT_DAY if self.backward else count_from)
        if line is Unit.WORKING_DAY:
            return cells.rank(self.calendar, self.halves)
        return cells.days() - (0 if self.limit.amount and not self.limit.unit.in_hours else self._shift(count_from))

    def _closing(self) -> int:
        if self.fraction and self.how.fraction:
            return self.cells.fraction(self.calendar, self.how.fraction, Decimal(self.fraction))
        closes = self.how.due_time is DueTime.CLOSE_OF_BUSINESS
        return self.cells.due_closing(self.calendar) if closes else 0

    def reception(self) -> Reception[int]:
        """When a receipt counts, where it does not simply count as it comes."""
        how, cells, calendar, cut_off = self.how, self.cells, self.calendar, self.how.cut_off
        if how.deems is Deems.AS_IS and cut_off is None:
            return NOT_RECEIVED
        effect = cut_off.effect if cut_off else CutOffEffect.DAY_ZERO
        late_from = {CutOffEffect.DAY_ZERO: CountFrom.NEXT_DAY, CutOffEffect.DAY_ONE: CountFrom.SAME_DAY}.get(
            effect, how.count_from
        )
        pushed = effect is CutOffEffect.DUE_DAY
        return Reception(
            minutes=cells.minutes(calendar, how.deems),
            open_day=cells.open_days(calendar, how.deems),
            opening=cells.opening(calendar),
            closing=cells.closing(calendar, zero=cut_off is None or cut_off.time is not None),
            cut_off=_cut_second(cut_off),
            following=cells.roll(calendar, Roll.FOLLOWING),
            moves=int(not pushed),
            late_shift=self._shift(late_from),
            late_line=self._first(late_from),
            late_end=cells.end(self.line, calendar, how.roll, pushed=pushed, halves=self.halves) + self._ticks(),
            attribute=self.attributes.index(cut_off.applies_if if cut_off else ""),
        )

    def stops(self) -> Stops[int]:
        """How the clock stands still: on working days for limits in working days, else on calendar days."""
        how, cells, calendar = self.how, self.cells, self.calendar
        works = self.line is Unit.WORKING_DAY
        looks = works or how.roll is not Roll.NONE or self.limit.unit is Unit.WORKING_HOUR
        pushes = how.cut_off is not None and how.cut_off.effect is CutOffEffect.DUE_DAY
        return Stops(
            line=cells.rank(calendar, self.halves) if works else cells.days(),
            by_month=int(isinstance(self.line, MonthEnd)),
            days=cells.days(),
            roll=cells.roll(calendar, how.roll),
            late_roll=cells.end(Unit.CALENDAR_DAY, calendar, how.roll, pushed=pushes),
            skip_first=int(not how.stop_first_day),
            take_last=int(how.stop_last_day),
            until=cells.known_until(calendar) if looks else cells.size - cells.reach,
        )

    def hours(self) -> Hours[int]:
        """The line of open seconds; `hour` runs through every second."""
        unit, cells = self.limit.unit, self.cells
        if not unit.in_hours:
            return NOT_IN_HOURS
        works = unit is Unit.WORKING_HOUR
        return Hours(
            amount=int(self.limit.amount * SECONDS_PER_HOUR),
            roll=cells.days() if works else cells.roll(self.calendar, self.how.roll),
            elapsed=int(not works),
            **cells.hours(self.calendar if works else ""),
        )

    def terms(self) -> Terms[int]:
        """How the limit may be extended."""
        how, cells, terms = self.how, self.cells, self.how.extension
        if terms is None:
            return NOT_EXTENDED
        total = terms.max_total
        return Terms(
            origin=ORIGINS.index(terms.origin),
            times=terms.max_times or NO_BOUND,
            total=int(total.amount) if total else NO_BOUND,
            unit=UNITS.index(total.unit) if total else 0,
            shortens=int(terms.may_shorten),
            known=cells.known_until(self.calendar),
            scale=ticks_per(Unit.WORKING_DAY, self.halves),
            work_line=cells.rank(self.calendar, self.halves),
            work_end=cells.end(Unit.WORKING_DAY, self.calendar, Roll.NONE, halves=self.halves),
            month_line=cells.months(CountFrom.NEXT_DAY),
            month_end=cells.end(how.month_end or MonthEnd.LAST_DAY, self.calendar, Roll.NONE),
            days=cells.days(),
            clear=self._clear(),
        )


def _cut_second(cut_off: CutOff | None) -> int:
    """The last second in time, from midnight or from closing; without a cut-off no second of the day is late."""
    if cut_off is None:
        return 2 * DAY
    after = cut_off.time if cut_off.time is not None else -60 * (cut_off.minutes_before_closing or 0)
    return after - int(cut_off.inclusive)
