"""What two packs, or two versions of one, say differently: entry by entry, day by day, and in due dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from slaengine.calendar import Calendar
from slaengine.days import day_number, to_date
from slaengine.engine import Engine
from slaengine.pack import RulePack, window_of
from slaengine.packs import content_of, find_pack
from slaengine.rule import Rule, RuleKey, limit_name, name_of
from slaengine.sweep import Times, asked_of, moments_of, receipts, shape_of, sweep
from slaengine.vocabulary import Basis, Citation

__all__ = ["DayChange", "Differences", "DueChange", "Entry", "Example", "compare_packs"]

Content = Mapping[str, Any]
Limit = tuple[Basis, RuleKey]
Held = dict[Limit, list[Rule]]
LISTED = ("procedures", "limits", "modifiers", "steps", "succession")
NAMED = ("instruments", "conventions", "calendars")
KINDS = ("holiday", "substitute_day_off", "make_up_day", "special_day")
NAMELESS = "", ""
AT_ONCE = 64
"""Limits that are counted together: enough for columns to pay, few enough for their due dates to fit in memory."""


class Entry(NamedTuple):
    """An entry of a pack that was added, removed or changed; of each field what it was and what it is."""

    table: str
    name: str
    change: str
    fields: Mapping[str, tuple[Any, Any]]
    citations: tuple[str, ...] = ()


class DayChange(NamedTuple):
    """A day that a calendar counts otherwise: what it was and is (`working`, `off`, or office hours).

    With the names of its entries, English and Vietnamese.
    """

    calendar: str
    day: date
    was: str
    now: str
    was_named: tuple[str, str] = NAMELESS
    now_named: tuple[str, str] = NAMELESS


class Example(NamedTuple):
    """One receipt with both its due times; None where there is none."""

    received: datetime
    was: datetime | None
    now: datetime | None
    attributes: tuple[str, ...] = ()


class DueChange(NamedTuple):
    """Limits that are due otherwise, and for which days of receipt: stretches [first, until) and how many in all."""

    limits: tuple[str, ...]
    days: int
    of: int
    stretches: tuple[tuple[date, date], ...]
    first: Example
    last: Example


class Differences(NamedTuple):
    """Everything that two packs say differently; the due dates are those of receipts in the window [since, until)."""

    old: RulePack
    new: RulePack
    since: date
    until: date
    entries: tuple[Entry, ...]
    days: tuple[DayChange, ...]
    due: tuple[DueChange, ...]

    @property
    def any(self) -> bool:
        """Whether there is any difference."""
        return bool(self.entries or self.days or self.due)


def compare_packs(
    old: str | Path,
    new: str | Path,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Callable[[int], None] | None = None,
) -> Differences:
    """Everything that two packs, given by name or folder, say differently.

    Due dates are compared for receipts on each day of [since, until), left out: on all days that a calendar of either
    covers, at nine o'clock and on both sides of every cut-off, for all attributes that matter. `progress` is told the
    limits done since the last time. `InputError` for an empty window, `RulePackError` for a broken pack.
    """
    contents = [content_of(find_pack(name)) for name in (old, new)]
    packs = [RulePack.from_content(content) for content in contents]
    first, end = window_of(*packs, since=since, until=until)
    entries = tuple(_entry_changes(*contents))
    days = tuple(day for pair in _shared(*packs) for day in _day_changes(*pair))
    due = tuple(_due_changes(packs[0], packs[1], (first, end), _touched(entries, days), progress))
    return Differences(packs[0], packs[1], first, end, entries, days, due)


# --- entry by entry


def _entry_changes(old: Content, new: Content) -> Iterator[Entry]:
    was, now = _entries(old), _entries(new)
    for table, name in dict.fromkeys([*was, *now]):
        before, after = was.get((table, name)), now.get((table, name))
        if before != after:
            change = "added" if before is None else "removed" if after is None else "changed"
            fields = _changed(before or {}, after or {})
            yield Entry(table, name, change, fields, tuple((after or before or {}).get("citation") or ()))


def _changed(was: Content, now: Content) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*was, *now])
    return {name: (was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)}


def _entries(content: Content) -> dict[tuple[str, str], dict[str, Any]]:
    """Every entry of a pack under its table and its name."""
    found = {("pack", ""): {key: value for key, value in content.items() if key not in (*NAMED, *LISTED)}}
    for table in ("instruments", "conventions"):
        found |= {(table, name): _plain(entry) for name, entry in content[table].items()}
    for name, calendar in content["calendars"].items():
        found["calendars", name] = _plain({key: v for key, v in calendar.items() if key not in ("years", *KINDS)})
        found |= {("years", f"{name} {year['year']}"): _plain(year) for year in calendar["years"]}
        listed = [(kind, day) for kind in KINDS for day in calendar.get(kind, [])]
        found |= {("days", f"{name} {day['date']} {kind}{_known(day)}"): _plain(day) for kind, day in listed}
    for table in LISTED:
        found |= {(table, _name(table, row)): _plain(row) for row in content[table]}
    return found


def _known(day: Content) -> str:
    return f" {day['known_from']}" if day["known_from"] else ""


def _name(table: str, row: Content) -> str:
    if table == "procedures":
        return str(row["code"])
    if table == "succession":
        return f"{row['code']}/{row['level']}@{row['effective_from']}"
    key = RuleKey(row["code"], row["level"], row["variant"])
    version = name_of(key, Basis(row["basis"]), date.fromisoformat(row["effective_from"]))
    number = row.get("attribute") or row.get("step") or row["part"]
    return version if number == 1 and table == "limits" else f"{version} {number}"


def _plain(entry: Content) -> dict[str, Any]:
    """The fields of an entry, its citations as they are written."""
    return {key: _cited(value) if key.endswith("citation") else value for key, value in entry.items()}


def _cited(citations: list[list[str]]) -> list[str]:
    return [str(Citation(*citation)) for citation in citations]


# --- day by day


def _shared(old: RulePack, new: RulePack) -> Iterator[tuple[Calendar, Calendar]]:
    yield from ((calendar, new.calendars[id_]) for id_, calendar in old.calendars.items() if id_ in new.calendars)


def _day_changes(was: Calendar, now: Calendar) -> Iterator[DayChange]:
    """The days that both calendars cover and count otherwise, be it in other hours."""
    first = max(was.coverage[0], now.coverage[0])
    end = min(was.coverage[1], now.coverage[1])
    for number in range(day_number(first), day_number(end)):
        day = to_date(number)
        before, after = _state(was, day), _state(now, day)
        if before != after:
            notes = was.note(day), now.note(day)
            names = ((note.name_en, note.name_vi) if note else NAMELESS for note in notes)
            yield DayChange(was.id, day, before, after, *names)


def _state(calendar: Calendar, day: date) -> str:
    """`off`, `working`, or the office hours of a working day."""
    if not calendar.is_working_day(day):
        return "off"
    return " ".join(map(str, calendar.segments_on(day))) or "working"


# --- in the due dates


def _due_changes(
    old: RulePack,
    new: RulePack,
    window: tuple[date, date],
    touched: set[str],
    progress: Callable[[int], None] | None,
) -> Iterator[DueChange]:
    """Limits of both packs whose due dates differ; those that were changed alike are counted once."""
    groups: dict[Any, list[Limit]] = defaultdict(list)
    sides = _held(old), _held(new)
    for limit in sorted(sides[0].keys() & sides[1].keys(), key=lambda limit: (limit[1], limit[0])):
        shapes = [tuple(map(shape_of, side[limit])) for side in sides]
        if shapes[0] != shapes[1] or any(_names(side[limit]) & touched for side in sides):
            groups[tuple(shapes)].append(limit)
    named = {group[0]: tuple(limit_name(key, basis) for basis, key in group) for group in groups.values()}
    for limits in _batches(list(named), old, new, sides):
        for limit, change in _counted(limits, old, new, sides, window):
            if change is not None:
                yield change._replace(limits=named[limit])
        if progress is not None:
            progress(len(limits))


def _held(pack: RulePack) -> Held:
    found: Held = defaultdict(list)
    for rule in pack.rules:
        found[rule.basis, rule.key].append(rule)
    return found


def _names(rules: list[Rule]) -> set[str]:
    """The conventions and calendars of a limit, as entries of a pack are named."""
    parts = [part for rule in rules for part in rule.parts]
    return {f"conventions {part.convention.name}" for part in parts} | {f"calendars {part.calendar}" for part in parts}


def _touched(entries: tuple[Entry, ...], days: tuple[DayChange, ...]) -> set[str]:
    """The conventions and calendars that changed, as `_names` names them."""
    named = {f"{entry.table} {entry.name}" for entry in entries if entry.table in {"conventions", "calendars"}}
    return named | {f"calendars {day.calendar}" for day in days}


def _batches(limits: list[Limit], old: RulePack, new: RulePack, sides: tuple[Held, Held]) -> Iterator[list[Limit]]:
    """Limits that can be counted together: of one basis, asked at the same moments, for the same attributes."""
    kinds: dict[Any, list[Limit]] = defaultdict(list)
    for limit in limits:
        kinds[limit[0], *_questions(limit, old, new, sides)].append(limit)
    for alike in kinds.values():
        yield from (alike[i : i + AT_ONCE] for i in range(0, len(alike), AT_ONCE))


def _questions(limit: Limit, old: RulePack, new: RulePack, sides: tuple[Held, Held]) -> tuple[Any, Any]:
    """The seconds of the day and the attributes that a limit is asked for."""
    rules = [side[limit] for side in sides]
    moments = moments_of(old, rules[0]) | moments_of(new, rules[1])
    return frozenset(moments), tuple(sorted(asked_of(rules[0]) | asked_of(rules[1])))


def _counted(
    limits: list[Limit], old: RulePack, new: RulePack, sides: tuple[Held, Held], window: tuple[date, date]
) -> Iterator[tuple[Limit, DueChange | None]]:
    moments, attributes = _questions(limits[0], old, new, sides)
    received, keys = receipts(*window, moments), [key for _, key in limits]
    was, now = (
        sweep(_engine(pack, [rule for limit in limits for rule in side[limit]]), keys, received, attributes)
        for pack, side in zip((old, new), sides, strict=True)
    )
    for number, limit in enumerate(limits):
        yield limit, _due_change(received, was[number], now[number], attributes)


def _engine(pack: RulePack, rules: list[Rule]) -> Engine:
    return Engine(replace(pack, rules=tuple(rules)), basis=rules[0].basis)


def _due_change(received: Times, was: Times, now: Times, attributes: Sequence[str]) -> DueChange | None:
    """How two rows of due times differ, one for each combination of the attributes; nothing where they do not."""
    differs = (was != now) & ~(np.isnat(was) & np.isnat(now))
    some = np.flatnonzero(differs.any(axis=0))
    if not len(some):
        return None

    def example(at: int) -> Example:
        choice = int(np.flatnonzero(differs[:, at])[0])
        true = tuple(name for i, name in enumerate(attributes) if choice >> (len(attributes) - 1 - i) & 1)
        return Example(received[at].item(), was[choice, at].item(), now[choice, at].item(), true)

    days, every = np.unique(received[some].astype("datetime64[D]")), np.unique(received.astype("datetime64[D]"))
    return DueChange((), len(days), len(every), tuple(_stretches(days)), example(some[0]), example(some[-1]))


def _stretches(days: Times) -> Iterator[tuple[date, date]]:
    """Days as stretches [first, until)."""
    for stretch in np.split(days, np.flatnonzero(np.diff(days).astype(int) > 1) + 1):
        yield stretch[0].item(), (stretch[-1] + 1).item()
