"""What pack files may say: one model a file, unknown keys refused."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from slaengine.days import WEEKDAYS
from slaengine.vocabulary import Basis, CountFrom, CutOffEffect, Deems, DueTime, MonthEnd, Roll, Status, Unit

__all__ = [
    "FILES",
    "CalendarFile",
    "CaseRow",
    "ConventionsFile",
    "InstrumentsFile",
    "LimitRow",
    "PackFile",
    "ProcedureRow",
]

CITATION = re.compile(
    r"(?P<instrument>[\w.\-]+):(?P<article>[^():;]+)(?:\((?P<clause>[^()]+)\))?(?:\((?P<point>[^()]+)\))?"
)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def read_citations(text: Any) -> list[list[str]]:
    """`instrument:article(clause)(point)`, several joined by semicolons, as rows of those four."""
    parts = [part.strip() for part in str(text).split(";")]
    found = [CITATION.fullmatch(part) for part in parts]
    if not all(found):
        wrong = next(part for part, match in zip(parts, found, strict=True) if not match)
        raise ValueError(f"{wrong!r} is no citation; write instrument:article(clause)(point)")
    return [[group or "" for group in match.groups()] for match in found if match]


def read_clock(text: Any) -> int:
    """A time of day as seconds."""
    match = CLOCK.fullmatch(str(text))
    if not match:
        raise ValueError(f"{text!r} is no time of day; write HH:MM")
    hours, minutes, seconds = (int(group or 0) for group in match.groups())
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 86_400:
        raise ValueError(f"{text!r} is no time of day; write HH:MM up to 24:00")
    return hours * 3600 + minutes * 60 + seconds


def read_segments(texts: Any) -> list[list[int]]:
    """Office hours such as `07:30-11:30` as pairs of minutes, ascending and apart."""
    pairs = [[read_clock(end) for end in str(text).split("-")] for text in texts]
    if any(len(pair) != 2 or pair[0] >= pair[1] or pair[0] % 60 or pair[1] % 60 for pair in pairs):
        raise ValueError(f"{texts!r} are no office hours; write HH:MM-HH:MM within one day")
    if any(before[1] >= after[0] for before, after in pairwise(pairs)):
        raise ValueError(f"{texts!r} touch, overlap or run backwards; write them ascending, with a break between")
    return [[pair[0] // 60, pair[1] // 60] for pair in pairs]


def read_day(value: Any) -> date:
    """A date, or its ISO writing; nothing that only could be read as one."""
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"{value!r} is no date; write 2025-04-28")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no day of the calendar; check the month and the day") from error


def read_whole(value: Any) -> int:
    """A whole number from 0, in figures."""
    if not re.fullmatch(r"\d{1,6}", str(value)):
        raise ValueError(f"{value!r} is no whole number; this release counts whole days, weeks, months and years")
    return int(value)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA zone; write one such as Asia/Ho_Chi_Minh")
    return ZoneInfo(name).key


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


Citations = Annotated[list[list[str]], BeforeValidator(read_citations)]
Clock = Annotated[int, BeforeValidator(read_clock)]
Segments = Annotated[list[list[int]], BeforeValidator(read_segments)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(read_day)]
MaybeDate = Annotated[Day | None, BeforeValidator(_blank_is_none)]
Name = Annotated[str, Field(pattern=r"^[\w.\-]+$")]

assert tuple(Weekday.__args__) == WEEKDAYS  # type: ignore[attr-defined]  # noqa: S101  # the two lists are one


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackFile(_File):
    """pack.toml: what the pack is."""

    format: Literal[1]
    id: Name
    version: Text
    zone: Annotated[str, AfterValidator(_zone)]
    levels: Annotated[list[Name], Field(min_length=1)]
    licence: Text
    title_en: Text
    title_vi: Text
    scope_en: Text
    scope_vi: Text
    extends: Name | None = None


class InstrumentEntry(_File):
    """A legal document, once."""

    number: str
    title_en: Text
    title_vi: Text
    source: Text
    flag: Literal["seen", "quoted", "unverified"]


class CutOffEntry(_File):
    """What lateness in the day does."""

    citation: Citations
    time: Clock | None = None
    minutes_before_closing: Annotated[int, Field(gt=0, lt=1440)] | None = None
    inclusive: bool
    effect: CutOffEffect
    applies_if: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> CutOffEntry:
        if (self.time is None) == (self.minutes_before_closing is None):
            raise ValueError("a cut-off has either a time or minutes_before_closing")
        return self


class ConventionEntry(_File):
    """A named way of counting; what a legal text chooses has no default."""

    title_en: Text
    title_vi: Text
    citation: Citations
    deems: Deems
    count_from: CountFrom
    roll: Roll
    month_end: MonthEnd | None = None
    due_time: DueTime
    cut_off: CutOffEntry | None = None

    @model_validator(mode="after")
    def _fits(self) -> ConventionEntry:
        cut_off = self.cut_off
        if cut_off and cut_off.minutes_before_closing is not None and self.deems is Deems.AS_IS:
            raise ValueError("minutes_before_closing says nothing about a day off; use deems = next_working_moment")
        if cut_off and cut_off.effect is CutOffEffect.DAY_ONE and self.count_from is CountFrom.CLEAR:
            raise ValueError("with clear days a late receipt would be due before one in time; use effect = day_zero")
        return self


class WeeklyRestEntry(_File):
    """The weekdays of rest from a date on."""

    days: list[Weekday]
    since: Annotated[Day, Field(alias="from")]
    citation: Citations


class OfficeHoursEntry(_File):
    """Office hours of some weekdays from a date on."""

    days: list[Weekday]
    since: Annotated[Day, Field(alias="from")]
    hours: Segments
    citation: Citations


class DayEntry(_File):
    """One day of a list."""

    date: Day
    name_en: Text
    name_vi: Text
    source: Text
    known_from: Day | None = None


class MakeUpEntry(DayEntry):
    """A make-up day: the day off it pays for, and its office hours where the calendar has any."""

    pays_for: Day | None = None
    hours: Segments = Field(default_factory=list)


class YearEntry(_File):
    """The lists of one year and the notice they rest on."""

    year: Annotated[int, Field(ge=1900, le=2200)]
    citation: Citations
    provisional: bool
    known_from: Day | None = None
    holiday: list[DayEntry]
    substitute_day_off: list[DayEntry]
    make_up_day: list[MakeUpEntry]


class CoverageEntry(_File):
    """The days [from, until) that a calendar knows."""

    since: Annotated[Day, Field(alias="from")]
    until: Day

    @model_validator(mode="after")
    def _holds_a_day(self) -> CoverageEntry:
        if self.since >= self.until:
            raise ValueError("coverage holds no day; until is the first day not covered")
        return self


class OriginEntry(_File):
    """Where an imported calendar came from: `calendar drift` compares it with what is installed."""

    package: Literal["holidays"]
    release: Text
    country: Text
    subdiv: str = ""


class CalendarFile(_File):
    """calendars/*.toml: which days count."""

    id: Name
    title_en: Text
    title_vi: Text
    source: Text
    origin: OriginEntry | None = None
    coverage: CoverageEntry
    weekly_rest: list[WeeklyRestEntry]
    office_hours: list[OfficeHoursEntry] = Field(default_factory=list)
    years: list[YearEntry]


class InstrumentsFile(BaseModel):
    """instruments.toml: each legal document once."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, InstrumentEntry]


class ConventionsFile(BaseModel):
    """conventions.toml: named counting conventions, each with its article."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ConventionEntry]


class ProcedureRow(_File):
    """procedures.csv: what can be asked for."""

    code: Text
    title_vi: Text
    title_en: str
    field: str


class LimitRow(_File):
    """limits.csv: one row per version and part of a limit."""

    code: Text
    level: Text
    variant: Annotated[str, Field(pattern=r"^[\w\-]*$")]
    basis: Basis
    part: Literal["1"]
    combine: Literal[""]
    amount: Annotated[int, BeforeValidator(read_whole)]
    unit: Unit
    convention: Text
    calendar: Text
    start_event: Literal["received"]
    governs: Literal["receipt"]
    supplement_effect: Literal[""]
    effective_from: Day
    effective_until: MaybeDate
    known_from: Literal[""]
    until_known_from: Literal[""]
    citation: Citations
    checked_on: MaybeDate

    @model_validator(mode="after")
    def _holds_a_day(self) -> LimitRow:
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError("the version ends before it begins; effective_until is the first day without it")
        return self


class CaseRow(_File):
    """cases/*.csv: conformance cases; a blank expectation is not checked."""

    name: Text
    citation: Text
    procedure: Text
    level: str
    variant: str
    received_at: str
    finished_at: str
    today: str
    due_at: str
    due_date: str
    status: Literal["", "early", "on_time", "late", "running", "overdue", "suspended", "unknown"]
    margin: str
    problem: str
    note: str


assert {s.name.lower() for s in Status} | {""} == set(CaseRow.model_fields["status"].annotation.__args__)  # type: ignore[union-attr]  # noqa: S101  # the two lists are one

FILES: dict[str, type[BaseModel]] = {
    "pack.toml": PackFile,
    "instruments.toml": InstrumentsFile,
    "conventions.toml": ConventionsFile,
    "calendars/*.toml": CalendarFile,
    "procedures.csv": ProcedureRow,
    "limits.csv": LimitRow,
    "cases/*.csv": CaseRow,
}
"""The files of a pack and what each holds (a CSV file: what each row holds)."""
