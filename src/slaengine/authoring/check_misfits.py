"""What a limit, its convention and its calendar do not have for each other."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from slaengine.authoring.check_calendars import has_halves, past_midnight
from slaengine.authoring.schema import CalendarFile, ConventionEntry
from slaengine.vocabulary import CountFrom, CutOffEffect, Deems, Direction, DueTime, ExtendFrom, Roll, Unit

__all__ = ["amount_faults", "as_changed", "misfits", "share_of"]

LONGEST = {
    Unit.WORKING_DAY: 5_000,
    Unit.CALENDAR_DAY: 7_300,
    Unit.WEEK: 1_040,
    Unit.MONTH: 240,
    Unit.YEAR: 20,
    Unit.WORKING_HOUR: 40_000,
    Unit.HOUR: 175_200,
}
"""The longest limit of each unit: 20 years, so that all days of the tables fit 32 bits of seconds."""


@functools.lru_cache(maxsize=1024)
def amount_faults(amount: int | str, unit: Unit) -> tuple[tuple[str, str], ...]:
    """What is wrong with an amount of a unit."""
    return tuple(_amount_faults(amount, unit))


def _amount_faults(amount: int | str, unit: Unit) -> Iterator[tuple[str, str]]:
    exact = Decimal(amount)
    if exact > LONGEST[unit]:
        yield f"{amount} {unit}s is longer than 20 years", "check the amount and the unit"
    if exact % 1 and not unit.in_hours and unit is not Unit.WORKING_DAY:
        yield f"{amount} {unit}s: only working days and hours have fractions", "write a whole number"
    if unit.in_hours and exact * 3600 % 1:
        yield f"{amount} hours are no whole number of seconds", "round it as the source does"


def share_of(amount: int | str, unit: Unit) -> Decimal:
    """The share of the longest limit that an amount of a unit is."""
    return Decimal(amount) / LONGEST[unit]


def as_changed(convention: ConventionEntry) -> Iterator[ConventionEntry]:
    """The convention from its beginning and as each change left it."""
    yield convention
    now = convention
    for change in convention.changes:
        changed = {key: value for key, value in change if value is not None and key != "effective_from"}
        now = now.model_copy(update=changed)
        yield now


def misfits(limit: Any, convention: ConventionEntry, calendar: CalendarFile) -> Iterator[tuple[str, str]]:
    """What a limit, its convention and its calendar do not have for each other."""
    yield from _unit_misfits(limit, convention)
    yield from _hours_misfits(limit, convention, calendar)
    yield from _least_misfits(limit, convention)
    yield from _half_misfits(limit, convention, calendar)
    yield from _backward_misfits(limit, convention)


def _unit_misfits(limit: Any, convention: ConventionEntry) -> Iterator[tuple[str, str]]:
    name, unit, cut_off = limit.convention, limit.unit, convention.cut_off
    if unit.in_months and convention.month_end is None:
        yield f"{name} does not say where a month ends", "give it a month_end"
    if unit.in_months and convention.count_from is CountFrom.CLEAR:
        yield "clear days are not counted in months", "choose another convention"
    if unit.in_hours != (convention.count_from is CountFrom.INSTANT):
        yield f"{name} does not count {unit}s", "hours are counted with count_from = instant, days are not"
    pushes = cut_off is not None and cut_off.effect is CutOffEffect.DUE_DAY
    if pushes and unit.in_hours:
        yield "cut_off.effect = due_day: a limit in hours has no due day to be moved", "choose another effect"
    if pushes and convention.extension is not None:
        yield f"{name} moves the due day of late receipts, and extends limits", "no text says how both go together"


def _hours_misfits(limit: Any, convention: ConventionEntry, calendar: CalendarFile) -> Iterator[tuple[str, str]]:
    name, unit, cut_off = limit.convention, limit.unit, convention.cut_off
    before_closing = cut_off is not None and cut_off.minutes_before_closing is not None
    closes = before_closing or convention.due_time is DueTime.CLOSE_OF_BUSINESS or _is_fraction(limit)
    if (closes or unit is Unit.WORKING_HOUR) and not calendar.office_hours:
        yield f"{name} needs office hours, which {limit.calendar} does not state", "add office_hours"
    if (closes or convention.due_time is DueTime.SAME_TIME) and past_midnight(calendar):
        yield f"{limit.calendar} is open past midnight, where no day ends", "use due_time = end_of_day, or hours"
    if unit.in_hours and convention.roll not in {Roll.NONE, Roll.FOLLOWING}:
        yield f"{name} rolls hours back, for which no text was found", "use roll = following or none"
    if unit.in_hours and convention.roll_between:
        yield f"{name} rolls between hours, for which no text was found", "use roll_between = false"
    if unit.in_hours and convention.extension and convention.extension.origin is ExtendFrom.ROLLED_END:
        yield f"{name} extends hours from the rolled end, for which no text was found", "use from = unrolled_end"
    if unit.in_hours and convention.roll is not Roll.NONE and past_midnight(calendar):
        yield f"{limit.calendar} is open past midnight, where no day can be told off", "use roll = none"


def _least_misfits(limit: Any, convention: ConventionEntry) -> Iterator[tuple[str, str]]:
    closes = convention.due_time is DueTime.CLOSE_OF_BUSINESS
    if convention.min_working_days and closes:
        yield f"{limit.convention} ends with the office, but holds min_working_days", "no text has both; use end_of_day"
    if not Decimal(limit.amount) and convention.extension is not None:
        yield "a limit of nothing is not extended", "choose a convention without [extension]"
    if convention.min_working_days and convention.extension is not None:
        yield f"{limit.convention} extends limits that hold min_working_days", "no text says how both go together"


def _half_misfits(limit: Any, convention: ConventionEntry, calendar: CalendarFile) -> Iterator[tuple[str, str]]:
    name = limit.convention
    if _is_fraction(limit) and convention.fraction is None:
        yield f"{name} does not say what a part of a day is", "give it a fraction"
    counted = limit.unit in {Unit.WORKING_DAY, Unit.CALENDAR_DAY}
    if counted and convention.half_day_counts is None and has_halves(calendar):
        yield f"{name} does not say what a half day counts for", "give it half_day_counts"
    if _is_fraction(limit) and convention.half_day_counts == 0.5 and has_halves(calendar):
        yield f"{name} counts half days as halves, which have no fractions", "use half_day_counts = 0 or 1"


def _is_fraction(limit: Any) -> bool:
    return limit.unit is Unit.WORKING_DAY and bool(Decimal(limit.amount) % 1)


def _backward_misfits(limit: Any, convention: ConventionEntry) -> Iterator[tuple[str, str]]:
    if convention.direction is not Direction.BACKWARD:
        return
    if Decimal(limit.amount) % 1:
        yield (
            f"direction = backward: {limit.amount} {limit.unit}s, but no part of a day is counted back",
            "write a whole number",
        )
    if limit.unit.in_months and convention.count_from is CountFrom.SAME_DAY:
        yield "months are not counted back from the day itself", "use count_from = next_day"
    if convention.due_time is DueTime.SAME_TIME or convention.deems is not Deems.AS_IS:
        yield "a limit that runs back has neither due_time = same_time nor a deemed receipt", "choose others"
