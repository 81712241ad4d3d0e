"""What limits and calendars rest on: texts nobody read, comparisons grown old, years and days without a notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from slaengine.authoring.check_calendars import entries_of, listed_twice
from slaengine.authoring.files import Row, Source
from slaengine.authoring.findings import Finding, at_entry, at_row
from slaengine.authoring.lint_versions import Limits, name_of_row
from slaengine.authoring.schema import CalendarFile
from slaengine.days import WEEKDAYS

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["lint_calendars", "lint_sources"]


def lint_sources(draft: Draft, limits: Limits, today: date | None) -> Iterator[Finding]:
    """Every finding about what limits rest on; without `today` none that depends on the day."""
    firsts = [parts[0] for versions in limits.values() for parts in versions]
    yield from _unverified(draft, firsts)
    for _, found in _together((None, row) for row in firsts if row.model.known_from is None):
        yield _said("version_known_always", found)
    if today is not None:
        yield from _unchecked([row for row in firsts if (row.model.effective_until or today) >= today], today)
        every = [row for versions in limits.values() for parts in versions for row in parts]
        yield from _uncovered(draft, every, today)
    yield from _unused(draft)


def _together(rows: Iterable[tuple[Any, Row]]) -> Iterator[tuple[Any, list[Row]]]:
    """The rows of one file that the same is to be said of."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for what, row in rows:
        found[row.file, what].append(row)
    yield from ((what, together) for (_, what), together in found.items())


def _said(kind: str, rows: list[Row], **values: Any) -> Finding:
    """One finding for many rows: that of the first, and how many more there are."""
    more = f" +{len(rows) - 1}" if len(rows) > 1 else ""
    return at_row(kind, rows[0], name_of_row(rows[0]), more=more, count=len(rows), **values)


def _unverified(draft: Draft, rows: list[Row]) -> Iterator[Finding]:
    unread = {name for name, (entry, _) in draft.instruments.items() if entry.flag == "unverified"}
    cited = ((frozenset(instrument for instrument, *_ in row.model.citation), row) for row in rows)
    for instruments, found in _together((names, row) for names, row in cited if names <= unread):
        yield _said("unverified", found, instruments=", ".join(sorted(instruments)))


def _unchecked(rows: list[Row], today: date) -> Iterator[Finding]:
    """Versions in force or to come that nobody compared with the text, or not within a year."""
    for day, found in _together((row.model.checked_on, row) for row in rows):
        if day is None:
            yield _said("unchecked", found)
        elif _a_year_after(day) < today:
            yield _said("stale", found, day=day)


def _a_year_after(day: date) -> date:
    """The same day of the next year; 28 February for 29 February."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _uncovered(draft: Draft, rows: list[Row], today: date) -> Iterator[Finding]:
    """Years in which a limit is in force (without an end: until today's), and of which its calendar covers no day."""
    holes = (((row.model.calendar, *hole), row) for row in rows for hole in _holes(draft, row.model, today))
    for (calendar, kind, first, last), found in _together(holes):
        years = f"{first}-{last}" if last > first else str(first)
        days = {"since": date(first, 1, 1), "until": date(last + 1, 1, 1)}
        yield _said(kind, found, calendar=calendar, years=years, **days)


def _holes(draft: Draft, limit: Any, today: date) -> Iterator[tuple[str, int, int]]:
    """The first and the last of the years before and after those of its calendar in which a limit holds.

    That a law is older than a calendar is no defect, unless it ended before the calendar begins.
    """
    coverage, end = draft.calendars[limit.calendar][0].coverage, limit.effective_until
    first, last = limit.effective_from.year, date.fromordinal(end.toordinal() - 1).year if end else today.year
    begins, ends = coverage.since.year, date.fromordinal(coverage.until.toordinal() - 1).year
    if first < begins:
        yield "uncovered_years" if last < begins else "before_calendar", first, min(last, begins - 1)
    if last > ends:
        yield "uncovered_years", max(first, ends + 1), last


def _unused(draft: Draft) -> Iterator[Finding]:
    """Conventions and calendars that no limit of the pack is counted by."""
    counted = [row.model for row in (*draft.limits, *draft.steps)]
    for what in ("convention", "calendar"):
        used = {getattr(model, what) for model in counted}
        for name, (_, source) in getattr(draft, f"{what}s").items():
            if name not in used:
                yield at_entry("unused", source, (name,), what=what, name=name)


def lint_calendars(draft: Draft, today: date | None) -> Iterator[Finding]:
    """Every finding about days: those that change nothing, and years that a notice is missing of."""
    for calendar, source in draft.calendars.values():
        for place, day in listed_twice(calendar):
            yield at_entry("listed_twice", source, place, day=day)
        for i, year in enumerate(calendar.years):
            if today is not None and year.provisional and year.year <= today.year:
                yield at_entry("still_provisional", source, ("years", i), year=year.year)
            yield from _knowledge(calendar, source, i)
        yield from _idle_days(calendar, source)


def _knowledge(calendar: CalendarFile, source: Source, i: int) -> Iterator[Finding]:
    year = calendar.years[i]
    days = [entry for _, place, entry in entries_of(calendar) if place[1] == i]
    blank = sum(entry.known_from is None for entry in days)
    if blank and year.known_from is None:
        yield at_entry("known_always", source, ("years", i), year=year.year, count=blank, total=len(days))


def _idle_days(calendar: CalendarFile, source: Source) -> Iterator[Finding]:
    """Days of the lists that are what they would be without their entry."""
    off = {entry.date for kind, _, entry in entries_of(calendar) if kind in {"holiday", "substitute_day_off"}}
    made_up = {entry.date for kind, _, entry in entries_of(calendar) if kind == "make_up_day"}
    for kind, place, entry in entries_of(calendar):
        rests = _rests(calendar, entry.date)
        idle = {
            "holiday": rests,
            "substitute_day_off": rests,
            "make_up_day": not rests and entry.date not in off,
            "special_day": (rests and entry.date not in made_up) or entry.date in off,
        }[kind]
        if idle and calendar.coverage.since <= entry.date < calendar.coverage.until:
            yield at_entry(IDLE[kind], source, place, day=entry.date)


def _rests(calendar: CalendarFile, day: date) -> bool:
    held = [rest for rest in calendar.weekly_rest if rest.since <= day]
    return bool(held) and WEEKDAYS[day.weekday()] in max(held, key=lambda rest: rest.since).days


IDLE = {
    "holiday": "holiday_on_rest_day",
    "substitute_day_off": "substitute_on_rest_day",
    "make_up_day": "make_up_on_working_day",
    "special_day": "special_on_day_off",
}
