"""Which limits are shipped: one by code, level and variant; a doubt about one row is a doubt about its group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from slaengine.registry.entries import Entry
from slaengine.registry.grading import Grade, Says
from slaengine.registry.limits import StatedLimit, plain
from slaengine.registry.review import Completion

__all__ = ["Completed", "Decided", "Doubt", "Key", "Shipped", "decide"]

Key = tuple[str, str, str]
"""Code, level, variant."""


Completed = Mapping[tuple[str, str], Sequence[Completion]]
"""What a person decided about rows: of one row there may be several, one for each variant."""


class Doubt(NamedTuple):
    """Why a row is not shipped: a name for counting, and a sentence."""

    reason: str
    says: str


class Stated(NamedTuple):
    """A limit that a row states, or that a person said it does."""

    entry: Entry
    limit: StatedLimit
    completion: Completion | None


@dataclass(frozen=True, slots=True)
class Shipped:
    """One limit of the pack and the rows that state it."""

    key: Key
    limit: StatedLimit
    entries: tuple[Entry, ...]
    completion: Completion | None = None


@dataclass(slots=True)
class Decided:
    """The limits to ship, and the doubt about every row that is not shipped at each of its levels."""

    shipped: list[Shipped] = field(default_factory=list)
    doubts: dict[tuple[str, str], Doubt] = field(default_factory=dict)
    declined: set[tuple[str, str]] = field(default_factory=set)
    """Rows of which a person said that they state no limit to ship."""


def decide(entries: Sequence[Entry], completed: Completed, held: Mapping[Key, str]) -> Decided:
    """What becomes of every row. `held`: the limits that the pack has already from the one it extends, as text."""
    decided = Decided(declined={key for key, each in completed.items() if all(one.limit is None for one in each)})
    open_ = [entry for entry in entries if entry.key not in decided.declined]
    for entry in open_:
        if entry.key not in completed and entry.graded.grade is not Grade.SURE:
            decided.doubts[entry.key] = Doubt(str(entry.graded.grade), entry.graded.reason)
    _without_decision(open_, completed, decided)
    _named_twice(open_, decided)
    by_row = decided.doubts.copy()  # a doubt about one level is none about another
    for (code, level), group in _groups(open_).items():
        doubtful = [entry for entry in group if entry.key in by_row]
        plain = [entry for entry in group if entry.key not in by_row]
        for variant, stated in _by_variant(plain, completed).items():
            _decide_one((code, level, variant), stated, doubtful, held, decided)
    return decided


def _without_decision(entries: Iterable[Entry], completed: Completed, decided: Decided) -> None:
    for entry in entries:
        named = [completion.decision for completion in completed.get(entry.key, ())]
        if not entry.decision and not (named and all(named)):
            said = f"{entry.row.cells['decision']!r} is no number of a decision, and every limit cites one"
            decided.doubts[entry.key] = Doubt("decision_unclear", said)


def _named_twice(entries: Iterable[Entry], decided: Decided) -> None:
    """A code that two different procedures bear is nobody's."""
    titles: dict[str, dict[str, Entry]] = defaultdict(dict)
    entries = list(entries)
    for entry in entries:
        titles[entry.code].setdefault(_title(entry), entry)
    for entry in entries:
        others = [other for title, other in titles[entry.code].items() if title != _title(entry)]
        if others:
            said = f"{others[0].row.file} row {others[0].row.number} gives the code another title"
            decided.doubts[entry.key] = Doubt("code_twice", said)


def _title(entry: Entry) -> str:
    return " ".join(entry.row.cells["title_vi"].split()).rstrip(".").lower()


def _groups(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        for level in entry.levels:
            groups[entry.code, level].append(entry)
    return groups


def _by_variant(entries: Iterable[Entry], completed: Completed) -> dict[str, list[Stated]]:
    """What the rows that are sure or completed state, by the variant it is for."""
    found: dict[str, list[Stated]] = defaultdict(list)
    for entry in entries:
        for completion in completed.get(entry.key, (None,)):
            limit = completion.limit if completion else entry.graded.limit
            if limit is not None:
                found[completion.variant if completion else ""].append(Stated(entry, limit, completion))
    return found


def _decide_one(
    key: Key,
    stated: Sequence[Stated],
    doubtful: Sequence[Entry],
    held: Mapping[Key, str],
    decided: Decided,
) -> None:
    """Ship the limit of one procedure, level and variant, or say why not."""
    doubt = _doubt(key, stated, doubtful, held)
    if doubt:
        decided.doubts.update((one.entry.key, doubt) for one in stated)
        return
    by_hand = next((one.completion for one in stated if one.completion), None)
    decided.shipped.append(Shipped(key, stated[0].limit, tuple(one.entry for one in stated), by_hand))


def _doubt(
    key: Key,
    stated: Sequence[Stated],
    doubtful: Sequence[Entry],
    held: Mapping[Key, str],
) -> Doubt | None:
    """Why a limit is not shipped although its own rows are plain."""
    limits = {str(one.limit): one.entry for one in stated}
    if len(limits) > 1:
        said = ", ".join(f"{limit} (row {entry.row.number})" for limit, entry in limits.items())
        return Doubt("several_limits", f"the rows of {key[0]} at level {key[1]} state {said}")
    there = [limit for other, limit in held.items() if other == key or (not key[2] and other[:2] == key[:2])]
    if there:
        reason = "held_already" if str(stated[0].limit) in there else "held_otherwise"
        return Doubt(reason, f"at level {key[1]} the extended pack has {there[0]}, the list {stated[0].limit}")
    if not any(one.completion for one in stated):
        limit = stated[0].limit
        against = next((entry for entry in doubtful if not _is_silent(entry, limit)), None)
        if against is not None:
            said = f"{limit}, but row {against.row.number} of the same procedure is doubtful ({against.graded.grade})"
            return Doubt("doubtful_beside", said)
    return None


def _is_silent(entry: Entry, limit: StatedLimit) -> bool:
    """Whether a doubtful row says nothing against a limit: it states none, or the same number without its unit."""
    figure, first = entry.figure, plain(limit.parts[0].amount)
    match entry.graded.grade:
        case Grade.NO_LIMIT_STATED:
            return True
        case Grade.UNIT_LOST:
            return figure.amount is not None and plain(figure.amount) == first
        case Grade.GLUED_WITH_FEE:
            return figure.says is Says.GLUED and figure.amount is not None and plain(figure.amount).startswith(first)
        case Grade.SURE:
            return entry.graded.limit == limit
    return False
