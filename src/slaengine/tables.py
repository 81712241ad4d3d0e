"""A pack compiled: calendars and units laid end to end in one array of cells, every rule a row of offsets into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar
from slaengine.cells import NEIGHBOURS, TICKS_PER_MONTH, Cells, Line, shift_of
from slaengine.days import DAY, Gap, day_number, find_gaps
from slaengine.errors import InputError
from slaengine.kernel import NEVER, Count, Reception
from slaengine.ops import ArrayOps, ScalarOps
from slaengine.pack import RulePack
from slaengine.rule import CutOff, Rule
from slaengine.versions import Versions, find_versions
from slaengine.vocabulary import Basis, CountFrom, CutOffEffect, Deems, DueTime, MonthEnd, Roll, Unit

__all__ = ["Row", "Tables", "compile_tables"]

Numbers = NDArray[Any]

MONTHS_PER_UNIT = {Unit.MONTH: 1, Unit.YEAR: 12}
NO_RECEPTION = [0] * len(Reception._fields)


class Trait:
    """What a driver must know of a row before it asks the kernel, each a bit."""

    NO_RULE = 1
    RECEIVES = 2
    NEEDS_TIME = 4
    CLOSES = 8
    NEEDS_COVER = 16


class Row(NamedTuple):
    """A rule's row for one record; no `how` where receipts count as they come."""

    traits: int
    rule: Count[int]
    how: Reception[int] | None


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

    def at_an_edge(self, first: int, last: int, received: int, now: int) -> bool:
        """Whether the facts of `kernel.seldom` can hold of cases that span these days."""
        start, end = self.covered
        return first < start or last >= end or received > now or now >= NEVER

    @cached_property
    def foresees(self) -> bool:
        """Whether any calendar has a year that is only foreseen."""
        return any(year.provisional for calendar in self.calendars.values() for year in calendar.years)

    @cached_property
    def has_gap(self) -> NDArray[np.bool_]:
        """For each day of the tables, whether a clock change leaves some of it out."""
        marked = np.zeros(self.size + 1, dtype=bool)
        marked[[day - self.first_day for day in self.gaps]] = True
        return marked

    @cached_property
    def _rows(self) -> list[Row | None]:
        return [None] * len(self.versions.rules)

    def row(self, index: int) -> Row:
        """One rule's row as whole numbers."""
        found = self._rows[index]
        if found is None:
            traits = int(self.traits[index])
            count = Count(*(int(column[index]) for column in self.count))
            how = Reception(*(int(column[index]) for column in self.reception)) if traits & Trait.RECEIVES else None
            found = self._rows[index] = Row(traits, count, how)
        return found

    @cached_property
    def _columns(self) -> tuple[list[Any], list[Any]]:
        """The columns of `count` and `reception`; one that is the same for every rule is a single number.

        `unrolled` serves explanations alone, which are of one record: a block does not look it up.
        """
        count = self.count._replace(unrolled=np.zeros_like(self.count.unrolled))
        both = [[c[0] if (c == c[0]).all() else c for c in table] for table in (count, self.reception)]
        return both[0], both[1]

    def rule_columns(self, rows: Numbers) -> Count[Any]:
        """The rules' rows for a block of records."""
        return Count(*(c.take(rows) if c.ndim else c for c in self._columns[0]))

    def reception_columns(self, rows: Numbers) -> Reception[Any]:
        """How a block of records counts as received."""
        return Reception(*(c.take(rows) if c.ndim else c for c in self._columns[1]))


def compile_tables(pack: RulePack, basis: Basis) -> Tables:
    """The tables of a pack for one basis; a pack without rules of that basis is an `InputError`."""
    rules = tuple(sorted((r for r in pack.rules if r.basis is basis), key=lambda r: (r.key, r.effective_from)))
    if not rules:
        raise InputError(f"pack {pack.id} has no {basis} rules", hint="choose another basis or pack")
    cells = Cells(pack.calendars, rules)
    attributes = ("", *sorted({r.convention.cut_off.applies_if for r in rules if r.convention.cut_off} - {""}))
    versions = find_versions(rules, cells.first_day)
    number = {id(rule): i for i, rule in enumerate(rules)}
    which = [
        number.get(id(rule), 0) for rule in versions.rules
    ]  # a stretch without a rule gets the first one's numbers
    return Tables(
        zone=pack.zone,
        levels=pack.levels,
        calendars=pack.calendars,
        versions=versions,
        first_day=cells.first_day,
        size=cells.size - cells.reach - NEIGHBOURS,
        count=Count(*_table([_count(cells, r) for r in rules], which)),
        reception=Reception(*_table([_reception(cells, r, attributes) for r in rules], which)),
        attributes=attributes,
        traits=np.array([_traits(r) for r in versions.rules], dtype=np.uint8),
        cells=cells.joined(),
    )


def _table(rows: list[Any], which: list[int]) -> list[Numbers]:
    """The columns of a table, with the row of `which` rule at each place."""
    return list(np.array(rows, dtype=np.int32)[which].T.copy())


def _receives(rule: Rule) -> bool:
    return rule.convention.deems is not Deems.AS_IS or rule.convention.cut_off is not None


def _traits(rule: Rule | None) -> int:
    if rule is None:
        return Trait.NO_RULE
    due_time = rule.convention.due_time
    needs_time, closes = due_time is DueTime.SAME_TIME, due_time is DueTime.CLOSE_OF_BUSINESS
    how = rule.convention
    looks = rule.limit.unit is Unit.WORKING_DAY or how.roll is not Roll.NONE or how.deems is not Deems.AS_IS
    return (
        Trait.RECEIVES * _receives(rule)
        | Trait.NEEDS_TIME * needs_time
        | Trait.CLOSES * closes
        | Trait.NEEDS_COVER * looks
    )


def _count(cells: Cells, rule: Rule) -> Count[int]:
    """The row of a rule's count. A limit of 0 is no tick of the calendar-day line, from the start itself."""
    how, calendar = rule.convention, rule.calendar
    covered = (day_number(day) - cells.first_day for day in cells.calendars[calendar].coverage)
    return Count(
        shift=shift_of(how.count_from),
        line=_line(cells, rule, how.count_from),
        end=cells.end(_line_of(rule), calendar, how.roll) + _ticks(rule),
        unrolled=cells.end(_line_of(rule), calendar, Roll.NONE) + _ticks(rule),
        clock=(DAY - 1) * (how.due_time is DueTime.END_OF_DAY),
        keep=int(how.due_time is DueTime.SAME_TIME),
        closing=cells.due_closing(calendar) if how.due_time is DueTime.CLOSE_OF_BUSINESS else 0,
        rank=cells.rank(calendar),
        **dict(zip(("covered_from", "covered_until"), covered, strict=True)),
        foreseen=cells.foreseen(calendar),
    )


def _ticks(rule: Rule) -> int:
    """The ticks from the first counted day to the last."""
    amount, unit = rule.limit
    clear = int(rule.convention.count_from is CountFrom.CLEAR)
    if amount == 0:
        return 0
    if unit in MONTHS_PER_UNIT:
        return TICKS_PER_MONTH * MONTHS_PER_UNIT[unit] * amount
    return amount * (7 if unit is Unit.WEEK else 1) - 1 + clear


def _line_of(rule: Rule) -> Line:
    """The line a limit is counted on; a limit of 0 on calendar days, from the start itself."""
    amount, unit = rule.limit
    if amount and unit in MONTHS_PER_UNIT:
        return rule.convention.month_end or MonthEnd.REFUSE
    return Unit.WORKING_DAY if amount and unit is Unit.WORKING_DAY else Unit.CALENDAR_DAY


def _line(cells: Cells, rule: Rule, count_from: CountFrom) -> int:
    """Where the table begins that turns the first counted day into a tick."""
    line = _line_of(rule)
    if isinstance(line, MonthEnd):
        return cells.months(count_from)
    if line is Unit.WORKING_DAY:
        return cells.rank(rule.calendar)
    return cells.days() - (0 if rule.limit.amount else shift_of(count_from))


def _reception(cells: Cells, rule: Rule, attributes: tuple[str, ...]) -> Reception[int]:
    if not _receives(rule):
        return Reception(*NO_RECEPTION)
    how, calendar, cut_off = rule.convention, rule.calendar, rule.convention.cut_off
    effect = cut_off.effect if cut_off else CutOffEffect.DAY_ZERO
    pushed = effect is CutOffEffect.DUE_DAY
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
        moves=int(not pushed),
        late_shift=shift_of(late_from),
        late_line=_line(cells, rule, late_from),
        late_end=cells.end(_line_of(rule), calendar, how.roll, pushed=pushed) + _ticks(rule),
        attribute=attributes.index(cut_off.applies_if if cut_off else ""),
    )


def _cut_second(cut_off: CutOff | None) -> int:
    """The last second in time, from midnight or from closing; without a cut-off no second of the day is late."""
    if cut_off is None:
        return DAY
    after = cut_off.time if cut_off.time is not None else -60 * (cut_off.minutes_before_closing or 0)
    return after - int(cut_off.inclusive)
