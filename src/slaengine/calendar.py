"""Which days count: a weekly rest, days off, make-up days, office hours, and how far all this is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.days import WEEKDAYS, day_number, to_date
from slaengine.errors import CoverageError, InputError
from slaengine.ops import ArrayOps
from slaengine.vocabulary import Citation, Problem

__all__ = ["Calendar", "DayNote", "Line", "OfficeHours", "Segment", "WeeklyRest", "Year", "notes_by_kind"]

Days = NDArray[np.datetime64]
Counts = NDArray[np.int64]


class Segment(NamedTuple):
    """A stretch [open, close) of office time, in minutes of the day it begins on; past 1440 it goes into the next."""

    open: int
    close: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyRest:
    """The weekdays of rest (`monday` ...) that hold from a date on."""

    since: date
    days: frozenset[str]
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """When the office is open on these weekdays, from a date on; `half` where they are half days."""

    since: date
    days: frozenset[str]
    segments: tuple[Segment, ...]
    citations: tuple[Citation, ...] = ()
    half: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNote:
    """One day of a calendar's lists, with its names and where it was read; known on [known_from, known_until)."""

    day: date
    kind: str
    name_en: str = ""
    name_vi: str = ""
    source: str = ""
    known_from: date | None = None
    pays_for: date | None = None
    segments: tuple[Segment, ...] = ()
    known_until: date | None = None
    half: bool = False

    def is_known(self, day: date) -> bool:
        """Whether it stood in the lists on that day, notices of the day included."""
        return (self.known_from or date.min) <= day and (self.known_until is None or day < self.known_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a year's lists rest on; `provisional` years are foreseen, not announced.

    Before `known_from` a year is covered only if it was foreseen, from `foreseen_from` on.
    """

    year: int
    citations: tuple[Citation, ...] = ()
    provisional: bool = False
    known_from: date | None = None
    foreseen_from: date | None = None

    def known_at(self, day: date) -> Year | None:
        """The year as it was known on that day; nothing where it was not."""
        if (self.known_from or date.min) <= day:
            return self
        foreseen = self.foreseen_from is not None and self.foreseen_from <= day
        return replace(self, provisional=True) if foreseen else None


class Line(NamedTuple):
    """A calendar's ticks over its coverage: `rank[i]` working days lie before day `first + i`, `nth[k]` is the k-th."""

    first: int
    rank: Counts
    nth: Counts


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Working days over a stated coverage [start, end); past it there is no answer, never weekends only.

    A make-up day is a working day whatever the weekly rest says; a day cannot be off and made up.

    >>> tet = Calendar(id="office", coverage=(date(2025, 1, 1), date(2026, 1, 1)),
    ...                weekly_rest=("saturday", "sunday"), days_off={date(2025, 5, 1): "Labour Day"})
    >>> tet.add_working_days(date(2025, 4, 30), 1)
    datetime.date(2025, 5, 2)
    """

    id: str
    coverage: tuple[date, date]
    weekly_rest: Iterable[str | WeeklyRest] = ()
    days_off: Mapping[date, str | DayNote] = field(default_factory=dict)
    make_up_days: Mapping[date, str | DayNote] = field(default_factory=dict)
    special_days: Mapping[date, DayNote] = field(default_factory=dict)
    office_hours: Iterable[OfficeHours] = ()
    years: Iterable[Year] = ()
    title_en: str = ""
    title_vi: str = ""
    source: str = ""
    origin: tuple[str, str] = ("", "")
    """Country and subdivision of the `holidays` package that an imported calendar was pinned from."""
    announced: tuple[DayNote, ...] = ()
    """Every entry of the lists there ever was, also those that were taken back."""

    def __post_init__(self) -> None:
        start, end = self.coverage
        days = [start, end, *self.days_off, *self.make_up_days]
        wrong = [day for day in days if not isinstance(day, date) or isinstance(day, datetime)]
        if wrong:
            raise InputError(f"calendar {self.id}: {wrong[0]!r} is no date", hint="give datetime.date")
        if not start < end and not self.announced:
            raise InputError(f"calendar {self.id}: coverage {start} to {end} holds no day", hint="give [first, end)")
        rests = [
            r if isinstance(r, WeeklyRest) else WeeklyRest(since=start, days=frozenset({r})) for r in self.weekly_rest
        ]
        unknown = sorted({day for rest in rests for day in rest.days} - set(WEEKDAYS))
        if unknown:
            raise InputError(f"calendar {self.id}: {unknown[0]!r} is no weekday", hint=f"choose {', '.join(WEEKDAYS)}")
        self._set("weekly_rest", _joined(rests))
        self._set("days_off", {day: _note(day, "holiday", note) for day, note in self.days_off.items()})
        self._set("make_up_days", {day: _note(day, "make_up_day", note) for day, note in self.make_up_days.items()})
        self._set("special_days", dict(self.special_days))
        self._set("office_hours", tuple(self.office_hours))
        self._set("years", tuple(self.years))
        both = sorted(self.days_off.keys() & self.make_up_days.keys())
        if both:
            raise InputError(f"calendar {self.id}: {both[0]} is both a day off and a make-up day", hint="keep one")

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def known_at(self, day: date) -> Calendar:
        """The calendar as an honest office could know it on that day: entries, coverage and what is only foreseen.

        Coverage ends before the first year that was not known yet. A calendar without dates of knowledge is always the
        same one.
        """
        if not self.knowledge:
            return self
        notes = [note for note in self.announced if note.is_known(day)]
        years = {entry.year: entry.known_at(day) for entry in self.years if isinstance(entry, Year)}
        start, end = self.coverage
        unknown = [date(year, 1, 1) for year, entry in years.items() if entry is None]
        return replace(
            self,
            coverage=(start, max(start, min([end, *(first for first in unknown if first >= start)]))),
            years=[entry for entry in years.values() if entry],
            **notes_by_kind(notes),
        )

    @cached_property
    def knowledge(self) -> frozenset[date]:
        """The days on which something of this calendar became known or was taken back."""
        days = {day for note in self.announced for day in (note.known_from, note.known_until)}
        days |= {day for year in self.years for day in (year.known_from, year.foreseen_from)}
        return frozenset(day for day in days if day)

    # The lines below are compiled once and only indexed after.

    @cached_property
    def working(self) -> NDArray[np.bool_]:
        """For each day of the coverage, whether it is a working day."""
        start, end = map(day_number, self.coverage)
        open_days = np.ones(end - start, dtype=bool)
        weekday = (np.arange(start, end) + 3) % 7
        for rest in self.weekly_rest:
            open_days[max(day_number(rest.since) - start, 0) :] = True  # type: ignore[union-attr]
            resting = np.isin(weekday, [WEEKDAYS.index(day) for day in rest.days])  # type: ignore[union-attr]
            open_days[resting & (np.arange(start, end) >= day_number(rest.since))] = False  # type: ignore[union-attr]
        self._mark(open_days, self.days_off, working=False)
        self._mark(open_days, self.make_up_days, working=True)
        return open_days

    def _mark(self, open_days: NDArray[np.bool_], days: Iterable[date], *, working: bool) -> None:
        first, end = self.coverage
        open_days[[day_number(day) - day_number(first) for day in days if first <= day < end]] = working

    @cached_property
    def line(self) -> Line:
        """The calendar's rank and nth tables."""
        first = day_number(self.coverage[0])
        rank = np.concatenate(([0], np.cumsum(self.working)))
        return Line(first, rank.astype(np.int64), np.flatnonzero(self.working) + first)

    @cached_property
    def _ops(self) -> ArrayOps:
        return ArrayOps(np.concatenate((self.line.rank, self.line.nth)))

    @overload
    def is_working_day(self, day: date) -> bool: ...
    @overload
    def is_working_day(self, day: Days) -> NDArray[np.bool_]: ...
    def is_working_day(self, day: Any) -> Any:
        """Whether a day counts as a working day; a date, or an array of them.

        A make-up day does, a day off does not. Outside the coverage: `CoverageError`.
        """
        numbers = self._numbers(day)
        return _shaped(day, self.working[numbers - self.line.first], bool)

    @overload
    def add_working_days(self, day: date, n: int) -> date: ...
    @overload
    def add_working_days(self, day: Days, n: int | NDArray[Any]) -> Days: ...
    def add_working_days(self, day: Any, n: Any) -> Any:
        """The n-th working day strictly after `day`; before it for n < 0; for 0 the day itself or the next working day.

        The start may be a day off: it is day zero all the same (Civil Code art. 147(2)). Dates or arrays of them.
        A result outside the coverage: `CoverageError`.
        """
        if np.asarray(n).dtype.kind not in "iu":
            raise InputError(f"calendar {self.id}: {n!r} working days", hint="give a whole number")
        start = self._numbers(day) - self.line.first
        after = (np.asarray(n) > 0) * 1
        tick = self.line.rank[start + after] + np.asarray(n) - after
        self._refuse((tick < 0) | (tick >= len(self.line.nth)), day)
        end = len(self.line.rank) + np.asarray(n) - after
        found = kernel.advance(self._ops, 0, end, start + after)
        return _shaped(day, found, to_date)

    @overload
    def working_days_between(self, start: date, end: date) -> int: ...
    @overload
    def working_days_between(self, start: Days, end: Days | date) -> Counts: ...
    @overload
    def working_days_between(self, start: date, end: Days) -> Counts: ...
    def working_days_between(self, start: Any, end: Any) -> Any:
        """The working days in (start, end], negative when reversed, so that it inverts `add_working_days`.

        Dates or arrays of them; a day outside the coverage: `CoverageError`.
        """
        a, b = self._numbers(start) - self.line.first, self._numbers(end) - self.line.first
        found = kernel.measure(self._ops, 0, a + 1, b + 1)
        return found if isinstance(found, np.ndarray) and found.ndim else int(found)

    @overload
    def next_working_day(self, day: date) -> date: ...
    @overload
    def next_working_day(self, day: Days) -> Days: ...
    def next_working_day(self, day: Any) -> Any:
        """The first working day strictly after `day`; a date, or an array of them."""
        return self.add_working_days(day, 1)

    def segments_on(self, day: date) -> tuple[Segment, ...]:
        """The office time that belongs to a day; none on a day off or where no hours are stated."""
        self._numbers(day)
        if not self.working[day_number(day) - self.line.first]:
            return ()
        note = self.special_days.get(day) or self.make_up_days.get(day)
        stated = note if isinstance(note, DayNote) else self._stated(day)
        return stated.segments if stated else ()

    def _stated(self, day: date) -> OfficeHours | None:
        """The office hours that hold for the weekday of a day."""
        weekday = WEEKDAYS[day.weekday()]
        stated = [hours for hours in self.office_hours if weekday in hours.days and hours.since <= day]
        return max(stated, key=lambda hours: hours.since) if stated else None

    @cached_property
    def profiles(self) -> tuple[list[tuple[Segment, ...]], Counts]:
        """The distinct days of office time there are, and which of them each day of the coverage has."""
        start, end = map(day_number, self.coverage)
        found: dict[tuple[Segment, ...], int] = {}
        which = [found.setdefault(self.segments_on(to_date(day)), len(found)) for day in range(start, end)]
        return list(found), np.array(which, dtype=np.int64)

    @cached_property
    def halves(self) -> NDArray[np.bool_]:
        """For each day of the coverage, whether it is a working day that is a half day."""
        start, end = map(day_number, self.coverage)
        half = np.zeros(end - start, dtype=bool)
        if any(hours.half for hours in self.office_hours):
            half[:] = [bool((h := self._stated(to_date(day))) and h.half) for day in range(start, end)]
        for day, note in (*self.make_up_days.items(), *self.special_days.items()):
            if self.coverage[0] <= day < self.coverage[1]:
                half[day_number(day) - start] = isinstance(note, DayNote) and note.half
        return half & self.working

    @cached_property
    def has_halves(self) -> bool:
        """Whether any day could be a half day."""
        notes = (*self.make_up_days.values(), *self.special_days.values())
        return any(h.half for h in self.office_hours) or any(n.half for n in notes if isinstance(n, DayNote))

    def note(self, day: date) -> DayNote | None:
        """The entry of the calendar's lists for a day, if it has one."""
        found = self.days_off.get(day) or self.make_up_days.get(day) or self.special_days.get(day)
        return found if isinstance(found, DayNote) else None

    def _numbers(self, day: Any) -> Any:
        if isinstance(day, datetime):
            day = day.date()  # the day that its own clock shows
        try:
            days = np.asarray(day, dtype="datetime64[D]").astype(np.int64)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"calendar {self.id}: {day!r} is no day", hint="give a date or an array of dates"
            ) from error
        first = self.line.first
        self._refuse((days < first) | (days >= first + len(self.working)), day)
        return days

    def _refuse(self, outside: Any, day: Any) -> None:
        if not np.any(outside):
            return
        culprit = np.broadcast_to(np.asarray(day), np.shape(outside))[outside].flat[0] if np.ndim(outside) else day
        start, end = self.coverage
        raise CoverageError(
            f"calendar {self.id}: the answer for {culprit} lies outside its coverage",
            problem=Problem.CALENDAR_NOT_COVERED,
            hint=f"it covers {start} to {to_date(day_number(end) - 1)}",
        )


def notes_by_kind(notes: Iterable[DayNote]) -> dict[str, Any]:
    """Entries of a calendar's lists as its fields hold them."""
    found: dict[str, dict[date, DayNote]] = {"days_off": {}, "make_up_days": {}, "special_days": {}}
    fields = {"make_up_day": "make_up_days", "special_day": "special_days"}
    for note in notes:
        found[fields.get(note.kind, "days_off")][note.day] = note
    return found


def _note(day: date, kind: str, note: str | DayNote) -> DayNote:
    return note if isinstance(note, DayNote) else DayNote(day=day, kind=kind, name_en=note)


def _joined(rests: list[WeeklyRest]) -> tuple[WeeklyRest, ...]:
    """One weekly rest for each date from which one holds."""
    dates = sorted({rest.since for rest in rests})
    same = {since: [rest for rest in rests if rest.since == since] for since in dates}
    return tuple(
        WeeklyRest(
            since=since, days=frozenset().union(*(r.days for r in same[since])), citations=same[since][0].citations
        )
        for since in dates
    )


def _shaped(asked: Any, found: Any, convert: Any) -> Any:
    """Dates for a date, an array for an array."""
    if isinstance(asked, date):
        return convert(int(found))
    return found if convert is bool else np.asarray(found).astype("datetime64[D]")
