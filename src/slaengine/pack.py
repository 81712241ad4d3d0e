"""A rule pack: the law as data, with its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from slaengine.calendar import Calendar, DayNote, OfficeHours, Segment, WeeklyRest, Year, notes_by_kind
from slaengine.rule import (
    Convention,
    CutOff,
    ExtensionTerms,
    Instrument,
    Modifier,
    Part,
    Procedure,
    Rule,
    RuleKey,
    Step,
    TimeLimit,
)
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

__all__ = ["RulePack"]

Content = Mapping[str, Any]
Conventions = Mapping[str, list[tuple[date | None, Convention]]]
Name = tuple[str, ...]


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
    succession: tuple[tuple[str, str, str, date], ...] = ()

    @classmethod
    def from_content(cls, content: Content) -> RulePack:
        """The pack with that canonical content (plain lists and mappings, as the reader of pack files leaves it)."""
        conventions = {name: _convention(name, c) for name, c in content["conventions"].items()}
        succession = [
            (s["code"], s["level"], s["successor"], _date(s["effective_from"])) for s in content["succession"]
        ]
        return cls(
            id=content["id"],
            version=content["version"],
            zone=ZoneInfo(content["zone"]),
            levels=tuple(content["levels"]),
            title_en=content["title_en"],
            title_vi=content["title_vi"],
            instruments={id_: Instrument(id=id_, **i) for id_, i in content["instruments"].items()},
            conventions={name: found[-1][1] for name, found in conventions.items()},
            calendars={id_: _calendar(id_, c) for id_, c in content["calendars"].items()},
            procedures={p["code"]: Procedure(**p) for p in content["procedures"]},
            rules=tuple(_rules(content, conventions)),
            digest=digest(content),
            succession=tuple(sorted(succession, key=lambda row: row[3])),
        )

    def competent_level(self, procedure: str, level: str, on: date) -> str:
        """The level that decides on a procedure on that day, where `level` once did: its latest successor, else itself.

        An entry for the procedure itself goes before one for all procedures.
        """
        while True:
            held = [row for row in self.succession if row[1] == level and row[0] in {procedure, ""} and row[3] <= on]
            if not held:
                return level
            level = max(held, key=lambda row: (row[0] == procedure, row[3]))[2]


def digest(content: Content) -> str:
    """The fingerprint of a pack: sha256 of its content without its name and version.

    >>> digest({"id": "a", "limits": []}) == digest({"id": "b", "limits": []})
    True
    """
    named = {key: value for key, value in content.items() if key not in {"id", "version"}}
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _convention(name: str, c: Content) -> list[tuple[date | None, Convention]]:
    """A way of counting from its beginning, and as each change left it."""
    merged = dict(c)
    found: list[tuple[date | None, Convention]] = [(None, _counting(name, c))]
    for change in c.get("changes", []):
        merged |= {key: value for key, value in change.items() if value is not None}
        found.append((_date(change["effective_from"]), _counting(name, merged)))
    return found


def _counting(name: str, c: Content) -> Convention:
    month_end, fraction, stops = c["month_end"], c.get("fraction"), c.get("stops") or {}
    halves = c.get("half_day_counts")
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
        direction=Direction(c.get("direction") or Direction.FORWARD),
        roll_between=bool(c.get("roll_between")),
        roll_up_to={Unit(unit): most for unit, most in (c.get("roll_up_to") or {}).items()},
        fraction=Fraction(fraction) if fraction else None,
        half_day_counts=None if halves is None else int(halves * 2),
        skip_days_off_up_to=c.get("skip_days_off_up_to") or 0,
        min_working_days=c.get("min_working_days") or 0,
        min_working_days_from=c.get("min_working_days_from") or 0,
        stop_first_day=stops.get("first_day", True),
        stop_last_day=stops.get("last_day", False),
        extension=_extension(c["extension"]) if c.get("extension") else None,
    )


def _extension(c: Content) -> ExtensionTerms:
    total = c["max_total"]
    return ExtensionTerms(
        citations=_citations(c["citation"]),
        origin=ExtendFrom(c["origin"]),
        max_times=c["max_times"],
        max_total=_limit(total["amount"], total["unit"]) if total else None,
        may_shorten=c["may_shorten"],
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
    kinds = ("holiday", "substitute_day_off", "make_up_day", "special_day")
    notes = [_day(kind, day) for kind in kinds for day in c.get(kind, [])]
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
        office_hours=[_office_hours(h) for h in c["office_hours"]],
        years=[_year(y) for y in c["years"]],
        announced=tuple(notes),
        **notes_by_kind(note for note in notes if note.known_until is None),
    )


def _office_hours(h: Content) -> OfficeHours:
    return OfficeHours(
        since=_date(h["since"]),
        days=frozenset(h["days"]),
        segments=_segments(h["segments"]),
        citations=_citations(h["citation"]),
        half=bool(h.get("half")),
    )


def _year(y: Content) -> Year:
    return Year(
        year=y["year"],
        citations=_citations(y["citation"]),
        provisional=y["provisional"],
        known_from=_maybe(y["known_from"]),
        foreseen_from=_maybe(y.get("foreseen_from")),
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
        known_until=_maybe(d.get("known_until")),
        half=bool(d.get("half")),
    )


def _rules(content: Content, conventions: Conventions) -> Iterator[Rule]:
    """The versions of all limits: the rows of one version are its parts, a change of its convention splits it."""
    versions: dict[Name, list[Content]] = {}
    for row in content["limits"]:
        versions.setdefault(_name_of(row), []).append(row)
    modifiers, steps = _by_version(content, "modifiers"), _by_version(content, "steps")
    for name, rows in versions.items():
        own = [_modifier(row) for row in modifiers.get(name, [])], steps.get(name, [])
        parts = sorted(rows, key=lambda row: row["part"])
        yield from (_rule(parts, span, *own, conventions) for span in _spans(parts, conventions))


def _by_version(content: Content, kind: str) -> dict[Name, list[Content]]:
    found: dict[Name, list[Content]] = {}
    for row in content.get(kind, []):
        found.setdefault(_name_of(row), []).append(row)
    return found


def _name_of(row: Content) -> Name:
    """What names a version of a limit in the files of a pack."""
    return tuple(row[key] for key in ("code", "level", "variant", "basis", "effective_from"))


def _spans(rows: list[Content], conventions: Conventions) -> list[tuple[date, date | None]]:
    """The dates of a version, cut where one of its conventions changes."""
    first, end = _date(rows[0]["effective_from"]), _maybe(rows[0]["effective_until"])
    changes = {since for row in rows for since, _ in conventions[row["convention"]] if since}
    starts = [first, *sorted(day for day in changes if first < day and (end is None or day < end))]
    return list(zip(starts, [*starts[1:], end], strict=True))


def _rule(
    rows: list[Content],
    span: tuple[date, date | None],
    modifiers: list[Modifier],
    steps: list[Content],
    conventions: Conventions,
) -> Rule:
    (row, *further), since = rows, span[0]
    effect = row["supplement_effect"]
    return Rule(
        key=RuleKey(row["code"], row["level"], row["variant"]),
        basis=Basis(row["basis"]),
        limit=_limit(row["amount"], row["unit"]),
        convention=_holding(conventions, row["convention"], since),
        calendar=row["calendar"],
        effective_from=since,
        effective_until=span[1],
        citations=_citations(row["citation"]),
        checked_on=_maybe(row["checked_on"]),
        further=tuple(_part(part, since, conventions) for part in further),
        start_event=row["start_event"],
        governs=Governs(row["governs"]),
        transition_from=_maybe(row.get("transition_from")),
        governs_citations=_citations(row.get("governs_citation") or []),
        supplement_effect=SupplementEffect(effect) if effect else None,
        known_from=_maybe(row["known_from"]),
        until_known_from=_maybe(row["until_known_from"]),
        modifiers=tuple(modifiers),
        steps=tuple(_step(step, since, conventions) for step in steps),
        valid_from_unknown=bool(row.get("valid_from_unknown")) and span[0] == _date(row["effective_from"]),
    )


def _part(row: Content, since: date, conventions: Conventions) -> Part:
    convention = _holding(conventions, row["convention"], since)
    return Part(Combine(row["combine"]), _limit(row["amount"], row["unit"]), convention, row["calendar"])


def _modifier(row: Content) -> Modifier:
    limit = _limit(row["amount"], row["unit"])
    return Modifier(row["attribute"], ModifierEffect(row["effect"]), limit, _citations(row["citation"]))


def _step(row: Content, since: date, conventions: Conventions) -> Step:
    return Step(
        number=row["step"],
        name_en=row["name_en"],
        name_vi=row["name_vi"],
        limit=_limit(row["amount"], row["unit"]),
        convention=_holding(conventions, row["convention"], since),
        calendar=row["calendar"],
        citations=_citations(row["citation"]),
    )


def _holding(conventions: Conventions, name: str, day: date) -> Convention:
    """The convention as it stood on that day."""
    return [how for since, how in conventions[name] if since is None or since <= day][-1]


def _limit(amount: int | str, unit: str) -> TimeLimit:
    """Whole amounts are whole numbers, others exact decimals."""
    exact = Decimal(amount)
    return TimeLimit(int(exact) if exact == int(exact) else exact, Unit(unit))


def _citations(rows: list[list[str]]) -> tuple[Citation, ...]:
    return tuple(Citation(*row) for row in rows)


def _segments(rows: list[list[int]]) -> tuple[Segment, ...]:
    return tuple(Segment(*row) for row in rows)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _maybe(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
