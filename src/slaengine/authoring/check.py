"""What a pack must mean beyond what its files must say: faults for which it does not load, findings worth a look."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from slaengine.authoring.files import Row, Source
from slaengine.authoring.schema import CalendarFile, ConventionEntry, LimitRow
from slaengine.days import WEEKDAYS
from slaengine.errors import Fault
from slaengine.vocabulary import CountFrom, DueTime, Unit

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["find_faults", "find_warnings"]

LONGEST = {Unit.WORKING_DAY: 5_000, Unit.CALENDAR_DAY: 7_300, Unit.WEEK: 1_040, Unit.MONTH: 240, Unit.YEAR: 20}
"""The longest limit of each unit: 20 years, so that all days of the tables fit 32 bits of seconds."""
MONTHS = {Unit.MONTH, Unit.YEAR}


def find_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault for which the pack does not load."""
    yield from _citation_faults(draft)
    for calendar, source in draft.calendars.values():
        yield from _calendar_faults(calendar, source)
    yield from _twice(draft.procedures, lambda p: (p.code,), "procedure")
    codes = {p.model.code for p in draft.procedures}
    for row in draft.limits:
        yield from _limit_faults(row, draft, codes)
    yield from _version_faults(draft.limits)


def find_warnings(draft: Draft) -> Iterator[Fault]:
    """What does not keep a pack from loading but deserves a look."""
    for calendar, source in draft.calendars.values():
        yield from _listed_twice(calendar, source)
    used = {row.model.code for row in draft.limits}
    for row in draft.procedures:
        if row.model.code not in used:
            yield row.fault(f"procedure {row.model.code} has no limit", "add one or leave the procedure out")


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean {near[0]}" if near else ""


def _citation_faults(draft: Draft) -> Iterator[Fault]:
    for fault_of, rows in _citations(draft):
        for instrument, *_ in rows:
            if instrument not in draft.instruments and "instrument" not in draft.unread:
                hint = _near(instrument, draft.instruments) or "add it to instruments.toml"
                yield fault_of(f"cites {instrument!r}, which is no instrument of the pack", hint)


def _citations(draft: Draft) -> Iterator[tuple[Any, list[list[str]]]]:
    """Every list of citations, with what makes a fault of its place."""
    for name, (convention, source) in draft.conventions.items():
        yield _at(source, name, "citation"), convention.citation
        if convention.cut_off:
            yield _at(source, name, "cut_off", "citation"), convention.cut_off.citation
    for calendar, source in draft.calendars.values():
        for part in ("weekly_rest", "office_hours", "years"):
            for i, entry in enumerate(getattr(calendar, part)):
                yield _at(source, part, i, "citation"), entry.citation
    for row in draft.limits:
        yield row.fault, row.model.citation


def _at(source: Source, *place: str | int) -> Any:
    return lambda message, hint="": source.fault(place, message, hint)


def _days(calendar: CalendarFile) -> Iterator[tuple[str, date, tuple[str | int, ...], Any]]:
    for i, year in enumerate(calendar.years):
        for kind in ("holiday", "substitute_day_off", "make_up_day"):
            for j, day in enumerate(getattr(year, kind)):
                yield kind, day.date, ("years", i, kind, j), day


def _calendar_faults(calendar: CalendarFile, source: Source) -> Iterator[Fault]:
    off = {day for kind, day, _, _ in _days(calendar) if kind != "make_up_day"}
    for kind, day, place, entry in _days(calendar):
        year = calendar.years[int(place[1])].year
        if day.year != year:
            yield source.fault(place, f"{day} stands under {year}", "move it to its own year")
        if kind == "make_up_day":
            yield from (source.fault(place, *said) for said in _make_up_faults(calendar, entry, off))
    yield from _year_faults(calendar, source)
    first = calendar.coverage.since
    if first < min((rest.since for rest in calendar.weekly_rest), default=first):
        yield source.fault(
            ("weekly_rest", 0), "the weekly rest begins after the coverage", "state it from the first day"
        )
    yield from _hours_faults(calendar, source)


def _make_up_faults(calendar: CalendarFile, entry: Any, off: set[date]) -> Iterator[tuple[str, str]]:
    if entry.date in off:
        yield f"{entry.date} is both a day off and a make-up day", "keep one of the two"
    paid, coverage = entry.pays_for, calendar.coverage
    if paid is not None and paid not in off and coverage.since <= paid < coverage.until:
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


def _listed_twice(calendar: CalendarFile, source: Source) -> Iterator[Fault]:
    seen: set[date] = set()
    for _, day, place, _ in _days(calendar):
        if day in seen:
            yield source.fault(place, f"{day} is listed twice", "keep one entry")
        seen.add(day)


def _limit_faults(row: Row, draft: Draft, codes: set[str]) -> Iterator[Fault]:
    limit: LimitRow = row.model
    for what, name, names in (
        ("procedure", limit.code, codes),
        ("level", limit.level, draft.levels),
        ("convention", limit.convention, draft.conventions),
        ("calendar", limit.calendar, draft.calendars),
    ):
        if name not in names and what not in draft.unread:
            yield row.fault(f"{what} {name!r} is not in the pack", _near(name, names) or f"add the {what}")
    if limit.amount > LONGEST[limit.unit]:
        yield row.fault(f"{limit.amount} {limit.unit}s is longer than 20 years", "check the amount and the unit")
    if limit.convention in draft.conventions and limit.calendar in draft.calendars:
        yield from _misfits(row, draft.conventions[limit.convention][0], draft.calendars[limit.calendar][0])


def _misfits(row: Row, convention: ConventionEntry, calendar: CalendarFile) -> Iterator[Fault]:
    limit: LimitRow = row.model
    if limit.unit in MONTHS and convention.month_end is None:
        yield row.fault(f"{limit.convention} does not say where a month ends", "give it a month_end")
    if limit.unit in MONTHS and convention.count_from is CountFrom.CLEAR:
        yield row.fault("clear days are not counted in months", "choose another convention")
    cut_off = convention.cut_off
    before_closing = cut_off is not None and cut_off.minutes_before_closing is not None
    if (before_closing or convention.due_time is DueTime.CLOSE_OF_BUSINESS) and not calendar.office_hours:
        yield row.fault(
            f"{limit.convention} needs office hours, which {limit.calendar} does not state", "add office_hours"
        )


def _twice(rows: list[Row], key: Any, what: str) -> Iterator[Fault]:
    seen: dict[Any, Row] = {}
    for row in rows:
        first = seen.setdefault(key(row.model), row)
        if first is not row:
            yield row.fault(
                f"{what} {key(row.model)[0]!r} stands twice", f"first in {first.fault('').file}:{first.fault('').line}"
            )


def _version_faults(rows: list[Row]) -> Iterator[Fault]:
    """Of one limit and basis no two versions hold at once."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        limit: LimitRow = row.model
        groups[limit.code, limit.level, limit.variant, limit.basis].append(row)
    for key, versions in groups.items():
        for before, after in pairwise(sorted(versions, key=lambda r: r.model.effective_from)):
            until = before.model.effective_until
            if until is None or until > after.model.effective_from:
                yield after.fault(
                    f"{'/'.join(filter(None, key))}: two versions hold on {after.model.effective_from}",
                    f"end the one of {before.fault('').file}:{before.fault('').line}",
                )
