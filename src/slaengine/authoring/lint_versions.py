"""What versions of limits hardly mean: gaps, levels that are gone, parts that never decide, cases left open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from slaengine.authoring.files import Row
from slaengine.authoring.findings import Finding, at_row
from slaengine.rule import RuleKey, TimeLimit, name_of
from slaengine.vocabulary import Basis, Combine

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["LimitName", "Limits", "limits_of", "lint_versions", "name_of_row"]

ALWAYS, NEVER = date.min, date.max


class LimitName(NamedTuple):
    """What the versions of one limit share."""

    code: str
    level: str
    variant: str
    basis: Basis


Limits = Mapping[LimitName, list[list[Row]]]
"""Of each limit the versions in order of time, of each version the parts."""


def limits_of(draft: Draft) -> Limits:
    """The limits of a pack that loads."""
    found: dict[LimitName, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in draft.limits:
        model = row.model
        found[LimitName(model.code, model.level, model.variant, model.basis)][model.effective_from].append(row)
    return {
        name: [sorted(parts, key=lambda row: row.model.part) for _, parts in sorted(versions.items())]
        for name, versions in found.items()
    }


def name_of_row(row: Row) -> str:
    """The name of the version that a row belongs to, as answers give it."""
    model = row.model
    return name_of(RuleKey(model.code, model.level, model.variant), model.basis, model.effective_from)


def lint_versions(draft: Draft, limits: Limits) -> Iterator[Finding]:
    """Every finding about versions of limits."""
    for versions in limits.values():
        for before, after in pairwise(versions):
            yield from _between(before[0], after[0])
        for parts in versions:
            yield from _never_known(parts[0])
            yield from _dead_parts(parts)
    yield from _successions(draft, limits)
    yield from _defaults(limits)
    yield from _steps(draft, limits)
    used = {name.code for name in limits}
    for row in draft.procedures:
        if row.model.code not in used:
            yield at_row("no_limit", row, code=row.model.code)


def _between(before: Row, after: Row) -> Iterator[Finding]:
    """A stretch without a version between two, and one in which both hold for who knows no more."""
    end, begin = before.model.effective_until, after.model.effective_from
    if end is not None and end < begin:
        kind = "first_day_unread" if after.model.valid_from_unknown else "gap"
        yield at_row(kind, after, name_of_row(after), since=end, until=begin)
    known, told = after.model.known_from or ALWAYS, before.model.until_known_from or ALWAYS
    if known < told:
        yield at_row("overlap_as_known", after, name_of_row(after), since=max(known, begin), until=max(told, begin))


def _never_known(row: Row) -> Iterator[Finding]:
    """A version that had ended by the day on which it became known."""
    known, end = row.model.known_from, row.model.effective_until
    if known is not None and end is not None and end <= known:
        yield at_row("never_known", row, name_of_row(row), day=known, since=row.model.effective_from, until=end)


def _dead_parts(parts: list[Row]) -> Iterator[Finding]:
    """Of two alternatives that are counted alike, the longer never comes earlier, the shorter never later."""
    later = any(row.model.combine is Combine.LATER for row in parts)
    ends = zip(parts, [*parts[1:], None], strict=True)
    alternatives = [row for row, further in ends if not _goes_on(row, further)]
    for row in alternatives:
        others = (other for other in alternatives if other is not row and _alike(other, row))
        decides = next((other for other in others if _before(other, row) is not later), None)
        if decides is not None:
            limit = TimeLimit(row.model.amount, row.model.unit)
            told = {"part": row.model.part, "limit": limit, "other": decides.model.part}
            yield at_row("dead_part", row, name_of_row(row), **told)


def _before(one: Row, other: Row) -> bool:
    """Whether of two parts that are counted alike the one is the shorter; of equal ones the first."""
    return (Decimal(one.model.amount), one.model.part) < (Decimal(other.model.amount), other.model.part)


def _goes_on(row: Row, further: Row | None) -> bool:
    """Whether a part is only a piece of a sum."""
    return row.model.combine is Combine.THEN or (further is not None and further.model.combine is Combine.THEN)


def _alike(one: Row, other: Row) -> bool:
    return all(getattr(one.model, name) == getattr(other.model, name) for name in ("unit", "convention", "calendar"))


def _successions(draft: Draft, limits: Limits) -> Iterator[Finding]:
    """Versions of a level that another took over from, and limits that the other does not have."""
    own = {(row.model.code, row.model.level) for row in draft.succession if row.model.code}
    for entry in (row.model for row in draft.succession):
        for name, versions in limits.items():
            named = name.code == entry.code if entry.code else (name.code, name.level) not in own
            if name.level == entry.level and named:
                yield from _succession(entry, versions, limits.get(name._replace(level=entry.successor), []))


def _succession(entry: Any, versions: list[list[Row]], taken: list[list[Row]]) -> Iterator[Finding]:
    told = {"level": entry.level, "successor": entry.successor}
    for first in (parts[0] for parts in versions):
        since, until = first.model.effective_from, first.model.effective_until or NEVER
        if until > entry.effective_from:
            days = {"since": max(since, entry.effective_from), "until": first.model.effective_until}
            yield at_row("level_abolished", first, name_of_row(first), day=entry.effective_from, **days, **told)
        if since < entry.effective_from <= until and not _holds(taken, entry.effective_from):
            yield at_row("no_successor", first, name_of_row(first), since=entry.effective_from, **told)


def _holds(versions: list[list[Row]], day: date) -> bool:
    return any(first.model.effective_from <= day < (first.model.effective_until or NEVER) for first, *_ in versions)


def _defaults(limits: Limits) -> Iterator[Finding]:
    """Cases without an ordinary one: where there is one at other times or levels, it is missing."""
    ordinary = {(name.code, name.basis) for name in limits if not name.variant}
    cases: dict[LimitName, list[LimitName]] = defaultdict(list)
    for name in limits:
        if name.variant:
            cases[name._replace(variant="")].append(name)
    for default, names in cases.items():
        if (default.code, default.basis) in ordinary:
            for name in names:
                yield from _without_default(limits[name], limits.get(default, []))
        else:
            row, variants = limits[names[0]][0][0], ", ".join(sorted(name.variant for name in names))
            yield at_row("no_default", row, name_of_row(row), code=default.code, variants=variants)


def _without_default(versions: list[list[Row]], defaults: list[list[Row]]) -> Iterator[Finding]:
    for first in (parts[0] for parts in versions):
        for since, until in _open(first, defaults):
            days = {"since": since, "until": None if until == NEVER else until}
            yield at_row("variant_without_default", first, name_of_row(first), **days)


def _open(row: Row, versions: list[list[Row]]) -> Iterator[tuple[date, date]]:
    """The stretches of a version on which none of those versions holds."""
    at, end = row.model.effective_from, row.model.effective_until or NEVER
    for first, *_ in versions:
        if at < min(first.model.effective_from, end):
            yield at, min(first.model.effective_from, end)
        if first.model.effective_from < end:
            at = max(at, first.model.effective_until or NEVER)
    if at < end:
        yield at, end


def _steps(draft: Draft, limits: Limits) -> Iterator[Finding]:
    """Steps that together take longer than the whole limit, where both are counted in one unit."""
    steps: dict[tuple[LimitName, date], list[Row]] = defaultdict(list)
    for row in draft.steps:
        model = row.model
        steps[LimitName(model.code, model.level, model.variant, model.basis), model.effective_from].append(row)
    for (name, since), rows in steps.items():
        whole = next(parts for parts in limits[name] if parts[0].model.effective_from == since)
        if {row.model.unit for row in (*rows, *whole)} != {whole[0].model.unit} or len(whole) > 1:
            continue
        total, unit = sum(Decimal(row.model.amount) for row in rows), whole[0].model.unit
        if total > Decimal(whole[0].model.amount):
            told = {"steps": TimeLimit(total, unit), "limit": TimeLimit(whole[0].model.amount, unit)}
            yield at_row("steps_longer", rows[0], name_of_row(whole[0]), **told)
