"""What pack files may say: one model a file, unknown keys refused."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slaengine.authoring.fields import Citations, Clock, Day, Halves, Name, Number, Segments, Text, Weekday, Zone
from slaengine.vocabulary import (
    CountFrom,
    CutOffEffect,
    Deems,
    Direction,
    DueTime,
    ExtendFrom,
    Fraction,
    MonthEnd,
    Roll,
    Unit,
)

__all__ = [
    "CalendarFile",
    "ConventionEntry",
    "ConventionsFile",
    "InstrumentEntry",
    "InstrumentsFile",
    "PackFile",
    "PackModel",
]


class PackModel(BaseModel):
    """What stands in a file of a pack: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PackFile(PackModel):
    """pack.toml: what the pack is."""

    format: Literal[1]
    id: Name
    version: Text
    zone: Zone
    levels: Annotated[list[Name], Field(min_length=1)]
    licence: Text
    title_en: Text
    title_vi: Text
    scope_en: Text
    scope_vi: Text
    extends: Name | None = None


class InstrumentEntry(PackModel):
    """A legal document, once."""

    number: str
    title_en: Text
    title_vi: Text
    source: Text
    flag: Literal["seen", "quoted", "unverified"]


class CutOffEntry(PackModel):
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


class StopsEntry(PackModel):
    """Which of the days on which a stop begins and ends stand still."""

    first_day: bool = True
    last_day: bool = False


class TotalEntry(PackModel):
    """A whole amount of one unit."""

    amount: Number
    unit: Unit


class ExtensionEntry(PackModel):
    """How a limit may be extended."""

    citation: Citations
    origin: Annotated[ExtendFrom, Field(alias="from")]
    max_times: Annotated[int, Field(ge=1)] | None = None
    max_total: TotalEntry | None = None
    may_shorten: bool = False


class ConventionEntry(PackModel):
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
    direction: Direction = Direction.FORWARD
    roll_between: bool = False
    roll_up_to: dict[Unit, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    fraction: Fraction | None = None
    half_day_counts: Halves = None
    skip_days_off_up_to: Annotated[int, Field(ge=0)] = 0
    min_working_days: Annotated[int, Field(ge=0, le=100)] = 0
    min_working_days_from: Annotated[int, Field(ge=0)] = 0
    stops: StopsEntry | None = None
    extension: ExtensionEntry | None = None
    changes: list[ChangeEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> ConventionEntry:
        self.check()
        return self

    def check(self) -> None:
        """`ValueError` for what no limit could be counted by."""
        cut_off = self.cut_off
        if (self.count_from is CountFrom.INSTANT) != (self.due_time is DueTime.EXACT):
            raise ValueError("hours are counted from the instant to the exact moment; use both or neither")
        if self.direction is Direction.BACKWARD and (cut_off or self.count_from is CountFrom.INSTANT):
            raise ValueError("direction = backward: a limit that runs back has no cut-off and is not counted in hours")
        if self.direction is Direction.BACKWARD and (self.min_working_days or self.extension):
            raise ValueError("a limit that runs back has no min_working_days and no extension")
        if bool(self.min_working_days) != bool(self.min_working_days_from):
            raise ValueError("min_working_days and min_working_days_from go together")
        if cut_off and cut_off.minutes_before_closing is not None and self.deems is Deems.AS_IS:
            raise ValueError("minutes_before_closing says nothing about a day off; use deems = next_working_moment")
        if cut_off and cut_off.effect is CutOffEffect.DAY_ONE and self.count_from is CountFrom.CLEAR:
            raise ValueError("with clear days a late receipt would be due before one in time; use effect = day_zero")


class ChangeEntry(PackModel):
    """What a change of the legal counting rule left otherwise; None stays as it was."""

    effective_from: Day
    citation: Citations
    title_en: Text | None = None
    title_vi: Text | None = None
    deems: Deems | None = None
    count_from: CountFrom | None = None
    roll: Roll | None = None
    month_end: MonthEnd | None = None
    due_time: DueTime | None = None
    roll_between: bool | None = None
    roll_up_to: dict[Unit, Annotated[int, Field(ge=0)]] | None = None
    fraction: Fraction | None = None
    half_day_counts: Halves = None
    skip_days_off_up_to: Annotated[int, Field(ge=0)] | None = None
    min_working_days: Annotated[int, Field(ge=0, le=100)] | None = None
    min_working_days_from: Annotated[int, Field(ge=0)] | None = None
    stops: StopsEntry | None = None
    extension: ExtensionEntry | None = None
    cut_off: CutOffEntry | None = None


class WeeklyRestEntry(PackModel):
    """The weekdays of rest from a date on."""

    days: list[Weekday]
    since: Annotated[Day, Field(alias="from")]
    citation: Citations


class OfficeHoursEntry(PackModel):
    """Office hours of some weekdays from a date on."""

    days: list[Weekday]
    since: Annotated[Day, Field(alias="from")]
    hours: Segments
    citation: Citations
    half: bool = False


class DayEntry(PackModel):
    """One day of a list."""

    date: Day
    name_en: Text
    name_vi: Text
    source: Text
    known_from: Day | None = None
    known_until: Day | None = None

    @model_validator(mode="after")
    def _is_known(self) -> DayEntry:
        if self.known_from and self.known_until and self.known_until <= self.known_from:
            raise ValueError("it was taken back before it was known; known_until is the first day without it")
        return self


class SpecialEntry(DayEntry):
    """A working day with other hours than its weekday has."""

    hours: Segments = Field(default_factory=list)
    half: bool = False


class MakeUpEntry(SpecialEntry):
    """A make-up day: the day off it pays for, and its office hours where the calendar has any."""

    pays_for: Day | None = None


class YearEntry(PackModel):
    """The lists of one year and the notice they rest on."""

    year: Annotated[int, Field(ge=1900, le=2200)]
    citation: Citations
    provisional: bool
    known_from: Day | None = None
    foreseen_from: Day | None = None
    holiday: list[DayEntry]
    substitute_day_off: list[DayEntry]
    make_up_day: list[MakeUpEntry]
    special_day: list[SpecialEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _foreseen_first(self) -> YearEntry:
        if self.foreseen_from and self.known_from and self.foreseen_from > self.known_from:
            raise ValueError("it was foreseen after it was known; foreseen_from comes first")
        return self


class CoverageEntry(PackModel):
    """The days [from, until) that a calendar knows."""

    since: Annotated[Day, Field(alias="from")]
    until: Day

    @model_validator(mode="after")
    def _holds_a_day(self) -> CoverageEntry:
        if self.since >= self.until:
            raise ValueError("coverage holds no day; until is the first day not covered")
        return self


class OriginEntry(PackModel):
    """Where an imported calendar came from: `calendar drift` compares it with what is installed."""

    package: Literal["holidays"]
    release: Text
    country: Text
    subdiv: str = ""


class CalendarFile(PackModel):
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

    @cached_property
    def hours_stated(self) -> list[Any]:
        """Every statement of office hours: those of weekdays, and those of days that have their own."""
        days = (day for year in self.years for day in (*year.make_up_day, *year.special_day))
        return [*self.office_hours, *days]


class InstrumentsFile(BaseModel):
    """instruments.toml: each legal document once."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, InstrumentEntry]


class ConventionsFile(BaseModel):
    """conventions.toml: named counting conventions, each with its article."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ConventionEntry]
