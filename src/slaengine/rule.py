"""A rule: how long the law allows, how it is counted, from when to when it holds, and the article that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from slaengine.vocabulary import Basis, Citation, CountFrom, CutOffEffect, Deems, DueTime, MonthEnd, Roll, Unit

__all__ = ["Convention", "CutOff", "Instrument", "Procedure", "Rule", "RuleKey", "TimeLimit"]


class TimeLimit(NamedTuple):
    """How long the law allows: an amount (0 is the same day) of a unit."""

    amount: int
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A named way of counting; every field is a choice that a legal text made."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of one limit, in force on [effective_from, effective_until)."""

    key: RuleKey
    basis: Basis
    limit: TimeLimit
    convention: Convention
    calendar: str
    effective_from: date
    effective_until: date | None
    citations: tuple[Citation, ...]
    checked_on: date | None

    @property
    def id(self) -> str:
        """A name for this version that says what it is: key, basis and the day it came into force."""
        procedure, level, variant = self.key
        return f"{procedure}/{level}{':' * bool(variant)}{variant}/{self.basis}@{self.effective_from}"
