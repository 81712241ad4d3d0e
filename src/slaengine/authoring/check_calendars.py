"""What a calendar must mean beyond what its file must say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from slaengine.authoring.files import Source
from slaengine.authoring.schema import CalendarFile
from slaengine.days import WEEKDAYS
from slaengine.errors import Fault

__all__ = ["calendar_faults", "entries_of", "has_halves", "listed_twice", "past_midnight"]

MIDNIGHT = 1_440


def entries_of(calendar: CalendarFile) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """Every day that the lists of a calendar name: its kind, where it stands, and its entry."""
    for i, year in enumerate(calendar.years):
        for kind in ("holiday", "substitute_day_off", "make_up_day", "special_day"):
            for j, day in enumerate(getattr(year, kind)):
                yield kind, ("years", i, kind, j), day


def _at_once(a: Any, b: Any) -> bool:
    """Whether two entries of a list were ever known at the same time."""
    first, last = date.min, date.max
    return (a.known_from or first) < (b.known_until or last) and (b.known_from or first) < (a.known_until or last)


def calendar_faults(calendar: CalendarFile, source: Source) -> Iterator[Fault]:
    """Every fault of a calendar for which its pack does not load."""
    off = [entry for kind, _, entry in entries_of(calendar) if kind in {"holiday", "substitute_day_off"}]
    for kind, place, entry in entries_of(calendar):
        day, year = entry.date, calendar.years[int(place[1])].year
        if day.year != year:
            yield source.fault(place, f"{day} stands under {year}", "move it to its own year")
        if kind == "make_up_day":
            yield from (source.fault(place, *said) for said in _make_up_faults(calendar, entry, off))
        if kind == "special_day" and calendar.office_hours and not entry.hours:
            yield source.fault(place, f"{day} has no hours, where the calendar has", "state them")
    yield from _year_faults(calendar, source)
    first = calendar.coverage.since
    if first < min((rest.since for rest in calendar.weekly_rest), default=first):
        yield source.fault(
            ("weekly_rest", 0), "the weekly rest begins after the coverage", "state it from the first day"
        )
    yield from _hours_faults(calendar, source)


def _make_up_faults(calendar: CalendarFile, entry: Any, off: list[Any]) -> Iterator[tuple[str, str]]:
    if any(day.date == entry.date and _at_once(day, entry) for day in off):
        yield f"{entry.date} is both a day off and a make-up day", "keep one of the two"
    paid, coverage = entry.pays_for, calendar.coverage
    if paid is not None and coverage.since <= paid < coverage.until and all(day.date != paid for day in off):
        yield f"{entry.date} pays for {paid}, which is no day off", "list that day off"
    if bool(calendar.office_hours) != bool(entry.hours):
        yield f"{entry.date}: a make-up day has hours where the calendar has", "state or remove them"


def _year_faults(calendar: CalendarFile, source: Source) -> Iterator[Fault]:
    """Every covered year has one list."""
    listed: set[int] = set()
    for i, entry in enumerate(calendar.years):
        if entry.year in listed:
            yield source.fault(("years", i), f"{entry.year} has two lists", "make them one")
        listed.add(entry.year)
    first, last = calendar.coverage.since.year, (calendar.coverage.until - timedelta(days=1)).year
    for year in sorted(set(range(first, last + 1)) - listed):
        yield source.fault(("coverage",), f"{year} is covered but has no list", "add the year or shorten the coverage")


def _hours_faults(calendar: CalendarFile, source: Source) -> Iterator[Fault]:
    """A calendar with office hours states them for every weekday that is worked, from its first day on."""
    if not calendar.office_hours:
        return
    resting = set(WEEKDAYS) if not calendar.weekly_rest else set(calendar.weekly_rest[0].days)
    stated = {day for hours in calendar.office_hours if hours.since <= calendar.coverage.since for day in hours.days}
    for rest in calendar.weekly_rest:
        resting &= set(rest.days)
    for day in WEEKDAYS:
        if day not in stated and (day not in resting or not calendar.weekly_rest):
            yield source.fault(("office_hours", 0), f"no office hours for {day}, which is worked", "state them")


def listed_twice(calendar: CalendarFile) -> Iterator[tuple[tuple[str | int, ...], date]]:
    """Days that are listed more than once at the same time, and where."""
    seen: dict[date, list[Any]] = defaultdict(list)
    for _, place, entry in entries_of(calendar):
        if any(_at_once(entry, other) for other in seen[entry.date]):
            yield place, entry.date
        seen[entry.date].append(entry)


def has_halves(calendar: CalendarFile) -> bool:
    """Whether any day of a calendar is a half day."""
    return any(hours.half for hours in calendar.hours_stated)


def past_midnight(calendar: CalendarFile) -> bool:
    """Whether the office is ever open past midnight."""
    return any(close > MIDNIGHT for hours in calendar.hours_stated for _, close in hours.hours)
