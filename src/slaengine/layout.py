"""From rules to rows: what every version, part and alternative of a limit looks up, as offsets into the cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.cells import Cells
from slaengine.figures import Count, Hours, Links, Reception, Stops, Terms
from slaengine.maker import EFFECTS, NOT_RECEIVED, Maker, Trait
from slaengine.rule import Convention, Part, Rule, TimeLimit
from slaengine.versions import Versions
from slaengine.vocabulary import Basis, Combine, CountFrom, Deems, DueTime, ModifierEffect, Roll, Unit

__all__ = ["Layout", "Line", "limits_of"]

Numbers = NDArray[Any]


class Line(NamedTuple):
    """What a row counts: one part of a rule."""

    rule: Rule
    part: Part
    first: bool
    last: bool


class Record(NamedTuple):
    """A row before it is laid into columns."""

    line: Line
    traits: int
    counting: Count[int]
    reception: Reception[int]
    stops: Stops[int]
    hours: Hours[int]
    terms: Terms[int]
    links: Links[int]


def limits_of(rule: Rule) -> Iterator[tuple[str, TimeLimit]]:
    """Every limit that the tables must have room for, with its calendar: those of parts, modifiers and steps."""
    for part in rule.parts:
        yield part.calendar, part.limit
    for modifier in rule.modifiers:
        added = modifier.limit.amount + sum(part.limit.amount for part in rule.parts)
        yield rule.calendar, TimeLimit(added, modifier.limit.unit)
    for step in rule.steps:
        yield step.calendar, step.limit


class Layout:
    """Lays the rows of all versions, and after them the rows they link to."""

    def __init__(self, cells: Cells, versions: Versions, basis: Basis) -> None:
        rules = [rule for rule in versions.rules if rule]
        self.cells = cells
        self.versions = versions
        self.basis = basis
        asked = {m.attribute for r in rules for m in r.modifiers} | {
            part.convention.cut_off.applies_if for r in rules for part in r.parts if part.convention.cut_off
        }
        self.attributes = ("", *sorted(asked - {""}))
        self.start_events = ("received", *sorted({r.start_event for r in rules} - {"received"}))
        self._added: list[Record] = []

    def columns(self) -> dict[str, Any]:
        """The columns of the tables, under their names there."""
        made: dict[int, Record] = {}
        for rule in self.versions.rules:
            if rule is not None and id(rule) not in made:
                made[id(rule)] = self._version(rule)
        some = next(iter(made.values()))  # a stretch without a rule gets the numbers of some rule
        grid = [made[id(rule)] if rule else some for rule in self.versions.rules]
        rows = [*grid, *self._added]
        traits = np.array([row.traits for row in rows], dtype=np.uint16)
        traits[[i for i, rule in enumerate(self.versions.rules) if rule is None]] = Trait.NO_RULE
        for group in self.versions.changes:
            traits[group * self.versions.width : (group + 1) * self.versions.width] |= Trait.CHOSEN
        tables = ("reception", "stops", "hours", "terms", "links")
        own = [
            row.line if not trait & Trait.NO_RULE else None for row, trait in zip(rows, traits.tolist(), strict=True)
        ]
        return {
            "traits": traits,
            "own": tuple(own),
            "count": _table([row.counting for row in rows]),
            **{name: _table([getattr(r, name) for r in rows]) for name in tables},
        }

    def _add(self, record: Record) -> int:
        """The number of a row that is linked to."""
        self._added.append(record)
        return len(self.versions.rules) + len(self._added) - 1

    def _version(self, rule: Rule) -> Record:
        """The row of a version; those of its modifications lie together, by the attributes that are true."""
        plain = self._limit(rule, rule.parts)
        if not rule.modifiers:
            return plain
        choices = product((False, True), repeat=len(rule.modifiers))
        rows = [self._limit(rule, _modified(rule, chosen[::-1])) for chosen in choices]
        first, *_ = [self._add(row) for row in rows]
        numbers = [self.attributes.index(m.attribute) for m in rule.modifiers]
        names = ("first_attribute", "second_attribute", "third_attribute", "fourth_attribute")
        none = plain.links._replace(then=0, other=0, later=0, modified=first)
        asked = none._replace(**dict(zip(names, numbers, strict=False)))
        return plain._replace(traits=plain.traits | Trait.MODIFIED | _of_any(rows), links=asked)

    def _limit(self, rule: Rule, parts: tuple[Part, ...]) -> Record:
        """The row of a limit's first chain of parts, linked to its alternatives."""
        chains = list(_chains(parts))
        other, later, record = 0, 0, None
        for combine, chain in reversed(chains):
            record = self._chain(rule, chain, other, later)
            if combine is not None:
                other, later = self._add(record), int(combine is Combine.LATER)
        assert record is not None  # noqa: S101  # a limit has a part
        asks = _of_any([record, *self._linked(record)])
        return record._replace(traits=record.traits | asks)

    def _linked(self, record: Record) -> Iterator[Record]:
        """The alternatives to a row."""
        while record.links.other:
            record = self._added[record.links.other - len(self.versions.rules)]
            yield record

    def _chain(self, rule: Rule, chain: list[Part], other: int, later: int) -> Record:
        """The row of the first of several parts that follow each other."""
        then, record = 0, None
        for number in range(len(chain) - 1, -1, -1):
            first, last = number == 0, number == len(chain) - 1
            if record is not None:
                then = self._add(record)
            asks = record.traits & Trait.NEEDS_TIME if record is not None else 0
            record = self._row(Line(rule, chain[number], first, last), then, other if first else 0, later)
            record = record._replace(traits=record.traits | asks)
        assert record is not None  # noqa: S101  # a chain has a part
        return record

    def _row(self, line: Line, then: int, other: int, later: int) -> Record:
        how = line.part.convention if line.last else _between(line.part.convention)
        if not line.first:
            how = replace(how, deems=Deems.AS_IS, cut_off=None)
            how = how if line.part.limit.unit.in_hours else replace(how, count_from=CountFrom.NEXT_DAY)
        made = Maker(self.cells, line.part._replace(convention=_in_reach(how, line.part.limit)), self.attributes)
        event, supplement = self.start_events.index(line.rule.start_event), EFFECTS.index(line.rule.supplement_effect)
        links = Links(then, other, later, 0, 0, 0, 0, 0, event, supplement)
        traits = made.traits() | Trait.THEN * (then > 0) | Trait.OTHER * (other > 0) | Trait.STARTS * (event > 0)
        reception = made.reception() if line.first else NOT_RECEIVED
        return Record(line, traits, made.count(), reception, made.stops(), made.hours(), made.terms(), links)


def _table(rows: list[Any]) -> Any:
    """A table of rows as one of columns."""
    columns = np.array(rows, dtype=np.int64).T
    return type(rows[0])(*(column.astype(np.int32) for column in columns))


def _of_any(rows: list[Record]) -> int:
    """What must be known before any of these rows is looked at."""
    found = 0
    for row in rows:
        found |= row.traits & (Trait.NEEDS_TIME | Trait.OTHER)
    return found


def _modified(rule: Rule, chosen: tuple[bool, ...]) -> tuple[Part, ...]:
    """The parts of a rule whose attributes say which modifiers apply.

    What takes the limit's place comes first, then what is added in its own unit, then what follows it, in whatever
    order they are written.
    """
    parts = rule.parts
    unit = parts[-1].limit.unit
    applied = [modifier for modifier, applies in zip(rule.modifiers, chosen, strict=True) if applies]
    for modifier in sorted(applied, key=lambda m: (m.effect is ModifierEffect.ADD, m.limit.unit is not unit)):
        last = parts[-1]
        if modifier.effect is ModifierEffect.REPLACE:
            parts = (*parts[:-1], last._replace(limit=modifier.limit))
        elif modifier.limit.unit is last.limit.unit:
            total = TimeLimit(last.limit.amount + modifier.limit.amount, last.limit.unit)
            parts = (*parts[:-1], last._replace(limit=total))
        else:
            parts = (*parts, last._replace(combine=Combine.THEN, limit=modifier.limit))
    return parts


def _chains(parts: tuple[Part, ...]) -> Iterator[tuple[Combine | None, list[Part]]]:
    """The alternatives of a limit, each the parts that follow each other, and how it is chosen.

    A limit that must hold some working days is the later of itself and of those.
    """
    chain: list[Part] = [parts[0]]
    combine: Combine | None = None
    for part in parts[1:]:
        if part.combine is Combine.THEN:
            chain.append(part)
        else:
            yield combine, chain
            combine, chain = part.combine, [part]
    yield combine, chain
    if len(parts) == 1 and _holds_working_days(parts[0]):
        how = replace(parts[0].convention, min_working_days=0)
        least = TimeLimit(how.min_working_days or parts[0].convention.min_working_days, Unit.WORKING_DAY)
        yield Combine.LATER, [parts[0]._replace(limit=least, convention=replace(how, count_from=_counted(how)))]


def _counted(how: Convention) -> CountFrom:
    """Working days inside a limit are counted from its first counted day, and all of them are."""
    return CountFrom.NEXT_DAY if how.count_from is CountFrom.CLEAR else how.count_from


def _holds_working_days(part: Part) -> bool:
    how, (amount, unit) = part.convention, part.limit
    if (
        not how.min_working_days
        or unit.in_hours
        or unit is Unit.WORKING_DAY
        or not amount
        or not _reached(how, part.limit)
    ):
        return False
    return unit.in_months or amount * (7 if unit is Unit.WEEK else 1) >= how.min_working_days_from


def _reached(how: Convention, limit: TimeLimit) -> bool:
    """Whether a limit is short enough for what the convention grants to short ones only."""
    most = how.roll_up_to.get(limit.unit)
    return most is None or limit.amount <= most


def _in_reach(how: Convention, limit: TimeLimit) -> Convention:
    return how if _reached(how, limit) else replace(how, roll=Roll.NONE)


def _between(how: Convention) -> Convention:
    """How a part is counted that another one follows: it ends with the day, and rolls only where that is said."""
    due_time = how.due_time if how.due_time is DueTime.EXACT else DueTime.END_OF_DAY
    return replace(how, due_time=due_time, roll=how.roll if how.roll_between else Roll.NONE)
