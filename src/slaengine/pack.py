"""A rule pack: the law as data, with its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from slaengine.calendar import Calendar, DayNote, OfficeHours, Segment, WeeklyRest, Year
from slaengine.rule import Convention, CutOff, Instrument, Procedure, Rule, RuleKey, TimeLimit
from slaengine.vocabulary import Basis, Citation, CountFrom, CutOffEffect, Deems, DueTime, MonthEnd, Roll, Unit

__all__ = ["RulePack"]

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RulePack:
    """Calendars, conventions and limits, each with its article of law; equal in content means equal in `digest`."""

    id: str
    version: str
    zone: ZoneInfo
    levels: tuple[str, ...]
    title_en: str
    title_vi: str
    instruments: Mapping[str, Instrument]
    conventions: Mapping[str, Convention]
    calendars: Mapping[str, Calendar]
    procedures: Mapping[str, Procedure]
    rules: tuple[Rule, ...]
    digest: str

    @classmethod
    def from_content(cls, content: Content) -> RulePack:
        """The pack with that canonical content (plain lists and mappings, as the reader of pack files leaves it)."""
        conventions = {name: _convention(name, c) for name, c in content["conventions"].items()}
        return cls(
            id=content["id"],
            version=content["version"],
            zone=ZoneInfo(content["zone"]),
            levels=tuple(content["levels"]),
            title_en=content["title_en"],
            title_vi=content["title_vi"],
            instruments={id_: Instrument(id=id_, **i) for id_, i in content["instruments"].items()},
            conventions=conventions,
            calendars={id_: _calendar(id_, c) for id_, c in content["calendars"].items()},
            procedures={p["code"]: Procedure(**p) for p in content["procedures"]},
            rules=tuple(_rule(limit, conventions) for limit in content["limits"]),
            digest=digest(content),
        )


def digest(content: Content) -> str:
    """The fingerprint of a pack: sha256 of its content without its name and version.

    >>> digest({"id": "a", "limits": []}) == digest({"id": "b", "limits": []})
    True
    """
    named = {key: value for key, value in content.items() if key not in {"id", "version"}}
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _convention(name: str, c: Content) -> Convention:
    month_end = c["month_end"]
    return Convention(
        name=name,
        title_en=c["title_en"],
        title_vi=c["title_vi"],
        citations=_citations(c["citation"]),
        deems=Deems(c["deems"]),
        count_from=CountFrom(c["count_from"]),
        roll=Roll(c["roll"]),
        month_end=MonthEnd(month_end) if month_end else None,
        due_time=DueTime(c["due_time"]),
        cut_off=_cut_off(c["cut_off"]) if c["cut_off"] else None,
    )


def _cut_off(c: Content) -> CutOff:
    return CutOff(
        citations=_citations(c["citation"]),
        time=c["time"],
        minutes_before_closing=c["minutes_before_closing"],
        inclusive=c["inclusive"],
        effect=CutOffEffect(c["effect"]),
        applies_if=c["applies_if"],
    )


def _calendar(id_: str, c: Content) -> Calendar:
    notes = [_day(kind, day) for kind in ("holiday", "substitute_day_off", "make_up_day") for day in c[kind]]
    return Calendar(
        id=id_,
        title_en=c["title_en"],
        title_vi=c["title_vi"],
        source=c["source"],
        origin=(c["origin"][0], c["origin"][1]),
        coverage=(_date(c["coverage"][0]), _date(c["coverage"][1])),
        weekly_rest=[
            WeeklyRest(since=_date(r["since"]), days=frozenset(r["days"]), citations=_citations(r["citation"]))
            for r in c["weekly_rest"]
        ],
        office_hours=[
            OfficeHours(
                since=_date(h["since"]),
                days=frozenset(h["days"]),
                segments=_segments(h["segments"]),
                citations=_citations(h["citation"]),
            )
            for h in c["office_hours"]
        ],
        days_off={note.day: note for note in notes if note.kind != "make_up_day"},
        make_up_days={note.day: note for note in notes if note.kind == "make_up_day"},
        years=[
            Year(
                year=y["year"],
                citations=_citations(y["citation"]),
                provisional=y["provisional"],
                known_from=_maybe(y["known_from"]),
            )
            for y in c["years"]
        ],
    )


def _day(kind: str, d: Content) -> DayNote:
    return DayNote(
        day=_date(d["date"]),
        kind=kind,
        name_en=d["name_en"],
        name_vi=d["name_vi"],
        source=d["source"],
        known_from=_maybe(d["known_from"]),
        pays_for=_maybe(d["pays_for"]),
        segments=_segments(d["segments"]),
    )


def _rule(limit: Content, conventions: Mapping[str, Convention]) -> Rule:
    return Rule(
        key=RuleKey(limit["code"], limit["level"], limit["variant"]),
        basis=Basis(limit["basis"]),
        limit=TimeLimit(limit["amount"], Unit(limit["unit"])),
        convention=conventions[limit["convention"]],
        calendar=limit["calendar"],
        effective_from=_date(limit["effective_from"]),
        effective_until=_maybe(limit["effective_until"]),
        citations=_citations(limit["citation"]),
        checked_on=_maybe(limit["checked_on"]),
    )


def _citations(rows: list[list[str]]) -> tuple[Citation, ...]:
    return tuple(Citation(*row) for row in rows)


def _segments(rows: list[list[int]]) -> tuple[Segment, ...]:
    return tuple(Segment(*row) for row in rows)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _maybe(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
