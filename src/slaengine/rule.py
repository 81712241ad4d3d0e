"""A rule: how long the law allows, how it is counted, from when to when it holds, and the article that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from slaengine.vocabulary import (
    Basis,
    Citation,
    Combine,
    CountFrom,
    CutOffEffect,
    Deems,
    Direction,
    DueTime,
    ExtendFrom,
    Fraction,
    Governs,
    ModifierEffect,
    MonthEnd,
    Roll,
    SupplementEffect,
    Unit,
)

__all__ = [
    "Convention",
    "CutOff",
    "ExtensionTerms",
    "Instrument",
    "Modifier",
    "Part",
    "Procedure",
    "Rule",
    "RuleKey",
    "Step",
    "TimeLimit",
    "limit_name",
    "name_of",
]


class TimeLimit(NamedTuple):
    """How long the law allows: an exact amount (0 is the same day) of a unit."""

    amount: int | Decimal
    unit: Unit


class RuleKey(NamedTuple):
    """What a case asks for: the procedure, the level that decides, the statutory sub-case ("" for the ordinary one)."""

    procedure: str
    level: str
    variant: str


class Procedure(NamedTuple):
    """What can be asked for: its code, its titles, its field of administration."""

    code: str
    title_vi: str
    title_en: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A legal document, and where its text was read (`flag`: seen, quoted or unverified)."""

    id: str
    number: str
    title_en: str
    title_vi: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """What lateness in the day does: after `time` (or that many minutes before closing) the effect sets in.

    `inclusive`: whether the moment itself is already late. `applies_if`: an attribute of the case that must be true.
    """

    citations: tuple[Citation, ...]
    time: int | None
    minutes_before_closing: int | None
    inclusive: bool
    effect: CutOffEffect
    applies_if: str


class ExtensionTerms(NamedTuple):
    """How a limit may be extended: counted from where, how often, by how much in all, and whether also below 0."""

    citations: tuple[Citation, ...]
    origin: ExtendFrom
    max_times: int | None = None
    max_total: TimeLimit | None = None
    may_shorten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A named way of counting; every field is a choice that a legal text made.

    `roll_up_to`: longer limits of a unit neither roll nor need working days inside. `half_day_counts`: halves that a
    half day counts for (0, 1, 2). `skip_days_off_up_to`: calendar-day limits that short are counted in working days.
    `min_working_days`: so many lie in every limit of `min_working_days_from` calendar days or more.
    """

    name: str
    title_en: str
    title_vi: str
    citations: tuple[Citation, ...]
    deems: Deems
    count_from: CountFrom
    roll: Roll
    month_end: MonthEnd | None
    due_time: DueTime
    cut_off: CutOff | None
    direction: Direction = Direction.FORWARD
    roll_between: bool = False
    roll_up_to: Mapping[Unit, int] = field(default_factory=dict)
    fraction: Fraction | None = None
    half_day_counts: int | None = None
    skip_days_off_up_to: int = 0
    min_working_days: int = 0
    min_working_days_from: int = 0
    stop_first_day: bool = True
    stop_last_day: bool = False
    extension: ExtensionTerms | None = None


class Part(NamedTuple):
    """A limit that is counted in one piece, and how it joins the pieces before it."""

    combine: Combine
    limit: TimeLimit
    convention: Convention
    calendar: str


class Modifier(NamedTuple):
    """What a yes-or-no attribute of a case does to the limit of one version."""

    attribute: str
    effect: ModifierEffect
    limit: TimeLimit
    citations: tuple[Citation, ...]


class Step(NamedTuple):
    """A step inside a whole limit, with a limit of its own."""

    number: int
    name_en: str
    name_vi: str
    limit: TimeLimit
    convention: Convention
    calendar: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of one limit, in force on [effective_from, effective_until).

    `further` parts run on from the first one or beside it. `governs` names the date of a case that decides whether this
    version takes over from the one before it. The version is known from `known_from` on, its end from
    `until_known_from` on; None is always. `valid_from_unknown`: since when it holds was not read, and `effective_from`
    is the day on which it was read as in force; before it there is no answer, though there may have been a limit.
    """

    key: RuleKey
    basis: Basis
    limit: TimeLimit
    convention: Convention
    calendar: str
    effective_from: date
    effective_until: date | None
    citations: tuple[Citation, ...]
    checked_on: date | None
    further: tuple[Part, ...] = ()
    start_event: str = "received"
    governs: Governs = Governs.RECEIPT
    transition_from: date | None = None
    governs_citations: tuple[Citation, ...] = ()
    supplement_effect: SupplementEffect | None = None
    known_from: date | None = None
    until_known_from: date | None = None
    modifiers: tuple[Modifier, ...] = ()
    steps: tuple[Step, ...] = ()
    valid_from_unknown: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts, the first one among them."""
        return (Part(Combine.THEN, self.limit, self.convention, self.calendar), *self.further)

    @property
    def id(self) -> str:
        """A name for this version that says what it is: key, basis and the day it came into force."""
        return name_of(self.key, self.basis, self.effective_from)


def name_of(key: RuleKey, basis: Basis, effective_from: date) -> str:
    """The name of a version of a limit.

    >>> name_of(RuleKey("1.004837", "commune", ""), Basis.STATUTORY, date(2016, 1, 1))
    '1.004837/commune/statutory@2016-01-01'
    """
    return f"{limit_name(key, basis)}@{effective_from}"


def limit_name(key: RuleKey, basis: Basis) -> str:
    """The name that all versions of a limit share."""
    procedure, level, variant = key
    return f"{procedure}/{level}{':' * bool(variant)}{variant}/{basis}"
