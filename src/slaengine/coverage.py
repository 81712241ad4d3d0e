"""What is in force when: procedure by level by date, and how far the calendars go that due dates are counted by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from slaengine.errors import InputError
from slaengine.pack import RulePack, window_of
from slaengine.rule import Rule, RuleKey
from slaengine.vocabulary import Basis

__all__ = ["CoverageMap", "Line", "Stretch", "Years", "coverage_data", "coverage_map"]

STATES = ("in_force", "not_covered", "none", "succeeded")
"""In force and counted; in force on days that the calendar does not cover; no limit; none as another level decides."""


class Stretch(NamedTuple):
    """Days [since, until) on which one thing holds of a limit, and the version that holds, where there is one."""

    since: date
    until: date
    state: str
    rule: Rule | None = None


class Line(NamedTuple):
    """A limit through the whole window, stretch by stretch."""

    key: RuleKey
    stretches: tuple[Stretch, ...]

    def year(self, year: int) -> str:
        """The state of a year: `partly` where a limit is counted for a part of it, else one of STATES."""
        first, end = date(year, 1, 1), date(year + 1, 1, 1)
        found = {s.state for s in self.stretches if s.since < end and first < s.until}
        if found == {"in_force"} or "in_force" not in found:
            return next(state for state in (*STATES[:2], "succeeded", "none") if state in found)
        return "partly"


class Years(NamedTuple):
    """What a calendar covers, and which of its years are only foreseen."""

    calendar: str
    since: date
    until: date
    foreseen: tuple[int, ...]

    def year(self, year: int) -> str:
        """Whether a year is `covered`, covered `partly`, only `foreseen`, or `none` of it is known."""
        last = self.until - timedelta(days=1)
        if not self.since.year <= year <= last.year:
            return "none"
        whole = self.since <= date(year, 1, 1) and date(year, 12, 31) <= last
        return "foreseen" if year in self.foreseen else "covered" if whole else "partly"


class CoverageMap(NamedTuple):
    """Every limit of one basis through a window of days [since, until)."""

    pack: RulePack
    basis: Basis
    since: date
    until: date
    lines: tuple[Line, ...]
    calendars: tuple[Years, ...]
    without: tuple[str, ...]
    """Procedures that have no limit of that basis at all."""

    @property
    def years(self) -> range:
        """The years that the window touches."""
        return range(self.since.year, (self.until - timedelta(days=1)).year + 1)

    def counts(self) -> Mapping[tuple[str, int], Counter[str]]:
        """Of each level and year, how many limits are in which state."""
        found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        for line in self.lines:
            for year in self.years:
                found[line.key.level, year][line.year(year)] += 1
        return found


def coverage_map(
    pack: RulePack,
    *,
    basis: Basis | str = Basis.STATUTORY,
    since: date | None = None,
    until: date | None = None,
    procedure: str = "",
    level: str = "",
) -> CoverageMap:
    """What is in force when in a pack: every limit of that basis, or those of a procedure or a level.

    The window [since, until) is, where it is left out, that of all calendars together. `InputError` where it is empty,
    or where nothing is asked about.

    >>> from slaengine.packs import load_pack
    >>> [line.year(2022) for line in coverage_map(load_pack("us-cisa-kev")).lines]
    ['in_force', 'in_force']
    """
    first, end = window_of(pack, since=since, until=until)
    limits: dict[RuleKey, list[Rule]] = defaultdict(list)
    for rule in pack.rules:
        if rule.basis == basis and procedure in {"", rule.key.procedure} and level in {"", rule.key.level}:
            limits[rule.key].append(rule)
    if not limits:
        raise InputError(f"pack {pack.id} has no such {basis} limits", hint="check the procedure, the level, the basis")
    keys = sorted(limits, key=lambda key: (key.procedure, pack.levels.index(key.level), key.variant))
    lines = tuple(Line(key, tuple(_stretches(pack, key, limits[key], first, end))) for key in keys)
    known = {key.procedure for key in keys}
    without = () if procedure or level else tuple(code for code in pack.procedures if code not in known)
    return CoverageMap(pack, Basis(basis), first, end, lines, tuple(_calendars(pack, limits)), without)


def _stretches(pack: RulePack, key: RuleKey, rules: list[Rule], since: date, until: date) -> Iterator[Stretch]:
    """The whole window of one limit, without a hole."""
    at = since
    for rule in sorted(rules, key=lambda rule: rule.effective_from):
        first, end = max(rule.effective_from, at), min(rule.effective_until or until, until)
        if first < end:
            yield from _nothing(pack, key, at, first)
            yield from _held(pack, rule, first, end)
            at = end
    yield from _nothing(pack, key, at, until)


def _nothing(pack: RulePack, key: RuleKey, since: date, until: date) -> Iterator[Stretch]:
    """Days without a limit, from the day on which another level took over told apart."""
    days = [day for code, level, _, day in pack.succession if level == key.level and code in {"", key.procedure}]
    gone = min(max(min(days, default=until), since), until)
    spans = ((since, gone, "none"), (gone, until, "succeeded"))
    yield from (Stretch(begin, stop, state) for begin, stop, state in spans if begin < stop)


def _held(pack: RulePack, rule: Rule, since: date, until: date) -> Iterator[Stretch]:
    """Days of a version, those that all its calendars cover told apart."""
    coverages = [pack.calendars[part.calendar].coverage for part in rule.parts]
    first = min(max(since, *(start for start, _ in coverages)), until)
    end = max(min(until, *(stop for _, stop in coverages)), first)
    spans = ((since, first, "not_covered"), (first, end, "in_force"), (end, until, "not_covered"))
    yield from (Stretch(begin, stop, state, rule) for begin, stop, state in spans if begin < stop)


def _calendars(pack: RulePack, limits: Mapping[RuleKey, list[Rule]]) -> Iterator[Years]:
    used = {part.calendar for rules in limits.values() for rule in rules for part in rule.parts}
    for name in sorted(used):
        calendar = pack.calendars[name]
        foreseen = sorted(year.year for year in calendar.years if year.provisional)
        yield Years(name, *calendar.coverage, tuple(foreseen))


def coverage_data(found: CoverageMap) -> dict[str, Any]:
    """The whole map as plain values."""
    pack = found.pack
    return {
        "pack": {"id": pack.id, "version": pack.version, "digest": pack.digest},
        "basis": str(found.basis),
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "calendars": [
            {**years._asdict(), "since": years.since.isoformat(), "until": years.until.isoformat()}
            for years in found.calendars
        ],
        "without": list(found.without),
        "lines": [
            {**line.key._asdict(), "stretches": [_stretch_data(stretch) for stretch in line.stretches]}
            for line in found.lines
        ],
    }


def _stretch_data(stretch: Stretch) -> dict[str, Any]:
    days = {"since": stretch.since.isoformat(), "until": stretch.until.isoformat()}
    return {**days, "state": stretch.state, "rule_id": stretch.rule.id if stretch.rule else None}
