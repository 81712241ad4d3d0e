"""Which rule: from the words of a case to a group of versions, and from a date to the version in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.days import day_number
from slaengine.rule import Rule, RuleKey
from slaengine.vocabulary import Governs, Problem

__all__ = ["Change", "Codes", "Versions", "find_versions"]

FOREVER = np.iinfo(np.int32).max
IN_PART = {Governs.MORE_FAVOURABLE, Governs.EACH_DAY, Governs.TRANSITIONAL}
"""What takes over pending cases only in part, or only some."""
Numbers = NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Codes:
    """The words of a pack as codes, and the group that each three of them name.

    A word the pack does not know has the code one past the last, a missing one the code after that. `groups` holds for
    each procedure, level and variant the number of the group, or minus the code of the problem.
    """

    procedures: Mapping[str, int]
    levels: Mapping[str, int]
    variants: Mapping[str, int]
    groups: NDArray[np.int32]

    def code(self, words: Mapping[str, int], word: str | None) -> int:
        """The code of a word; "" is a word only where the pack has it (the ordinary variant)."""
        return words.get(word or "", len(words) if word else len(words) + 1)

    def group(self, procedure: str, level: str, variant: str) -> int:
        """The group of one case, or minus the code of its problem."""
        p, v, w = self.procedures.get(procedure), self.levels.get(level), self.variants.get(variant)
        if p is None or v is None or w is None:
            tables = ((self.procedures, procedure), (self.levels, level), (self.variants, variant))
            p, v, w = (self.code(*each) for each in tables)
        return self.groups.item(p, v, w)


class Change(NamedTuple):
    """A day on which another version of a limit, or none, takes effect; and which cases it takes over.

    `governs` names the date of a case that must not lie before `day`, `since` is the first day of decision from which
    a transitional clause takes over cases received before.
    """

    day: int
    rule: Rule | None
    governs: Governs
    since: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Versions:
    """What holds in each group, from which day on: a row for every version and for every stretch without one.

    Every limit is as many groups as there are `epochs`: days on which something became known that a limit or its
    calendar rests on. Every group has as many rows, the first of them the stretch before its first version.
    `starts[v][g]` is the day on which the group's v-th change takes effect, `FOREVER` where it has fewer. `rules`
    tells what a row is, `changes` how a group came by its rows where the receipt alone does not decide.
    """

    codes: Codes
    starts: tuple[Numbers, ...]
    rules: tuple[Rule | None, ...]
    epochs: tuple[int, ...]
    changes: Mapping[int, tuple[Change, ...]]

    @property
    def width(self) -> int:
        """Rows of a group."""
        return len(self.starts) + 1

    @property
    def forever(self) -> int:
        """The day on which no version takes effect."""
        return int(FOREVER)

    @cached_property
    def governing(self) -> tuple[Numbers, ...]:
        """For the v-th change of each group, the number of what governs it."""
        return self._of_changes(lambda change: list(Governs).index(change.governs), 0)

    @cached_property
    def since(self) -> tuple[Numbers, ...]:
        """For the v-th change of each group, the day of decision from which it takes over."""
        return self._of_changes(lambda change: change.since, int(FOREVER))

    def _of_changes(self, read: Callable[[Change], int], otherwise: int) -> tuple[Numbers, ...]:
        table = np.full((len(self.starts), len(self.starts[0])), otherwise, dtype=np.int64)
        for group, changes in self.changes.items():
            table[: len(changes), group] = [read(change) for change in changes]
        return tuple(table)

    @cached_property
    def _by_group(self) -> list[list[int]]:
        return np.array(self.starts).T.tolist()  # type: ignore[no-any-return]

    def group(self, limit: int, day: int) -> int:
        """The group of a limit as it was known on a day of the tables."""
        return limit if len(self.epochs) == 1 else limit * len(self.epochs) + bisect_right(self.epochs, day) - 1

    def groups(self, limits: Numbers, day: Numbers) -> Numbers:
        """The same for a block of records."""
        if len(self.epochs) == 1:
            return limits
        return limits * len(self.epochs) + self._epoch_of.take(day - (self.epochs[1] - 1), mode="clip")

    @cached_property
    def _epoch_of(self) -> Numbers:
        """The number of the epoch of each day, from the last of the first epoch to the first of the last."""
        days = np.arange(self.epochs[1] - 1, self.epochs[-1] + 1)
        return np.searchsorted(self.epochs, days, side="right").astype(np.int32) - 1

    def row(self, group: int, day: int) -> int:
        """The row that holds on a day of the tables."""
        return group * self.width + bisect_right(self._by_group[group], day)

    def rows(self, group: Numbers, day: Numbers) -> Numbers:
        """The same for a block of records: a search by halves among the changes while its records come in."""
        first, last = day.min(), day.max()
        low = sum(1 for _, latest in self._spans if latest <= first)
        left = sum(1 for earliest, _ in self._spans if earliest <= last) - low
        row = group.astype(np.intp)
        row *= self.width
        row += low
        while left:  # as many changes more may have come in; halves that overlap never look past the last of them
            step = (left + 1) // 2
            row += (self._days[step - 1 :].take(row, mode="clip") <= day).view(np.int8) * np.int16(step)
            left -= step
        return row

    @cached_property
    def _days(self) -> Numbers:
        """The days of each group's changes, and one that never comes: they lie as the rows do that they lead to."""
        days = np.array(self.starts).T
        return np.append(days, np.full_like(days[:, :1], FOREVER), axis=1).ravel()

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """The first and the last day on which a v-th change takes effect: outside, no record need be looked up."""
        return [(int(start.min()), int(start.max())) for start in self.starts]


def find_versions(known: Sequence[Sequence[Rule]], epochs: Sequence[int], first_day: int) -> Versions:
    """The versions of the rules known in each epoch, of which no two of one limit hold at once.

    Days are numbered from `first_day`, as in the tables.
    """
    keys = sorted({rule.key for rules in known for rule in rules})
    held: dict[tuple[RuleKey, int], list[Change]] = {}
    for epoch, rules in enumerate(known):
        for rule in sorted(rules, key=lambda r: r.effective_from):
            _append(held.setdefault((rule.key, epoch), []), rule, first_day)
    groups = [held.get((key, epoch), []) for key in keys for epoch in range(len(known))]
    starts = np.full((max(map(len, groups)), len(groups)), FOREVER, dtype=np.int32)
    for group, found in enumerate(groups):
        starts[: len(found), group] = [change.day for change in found]
    rows = [[None, *(c.rule for c in found), *[None] * (len(starts) - len(found))] for found in groups]
    return Versions(
        codes=_codes(keys),
        starts=tuple(starts),
        rules=tuple(rule for group in rows for rule in group),
        epochs=tuple(epochs),
        changes={
            group: tuple(found)
            for group, found in enumerate(groups)
            if any(change.governs is not Governs.RECEIPT for change in found)
        },
    )


def _append(changes: list[Change], rule: Rule, first_day: int) -> None:
    """A version takes effect, replacing the end of the one before if that is the same day; it may end.

    Cases leave an ended version by the date by which they would have come to it; one that only comes to pending cases
    in part is left by the receipt.
    """
    start = day_number(rule.effective_from) - first_day
    if changes and changes[-1].day == start:
        changes.pop()
    since = day_number(rule.transition_from) - first_day if rule.transition_from else start
    changes.append(Change(start, rule, rule.governs, since))
    if rule.effective_until is not None:
        end = day_number(rule.effective_until) - first_day
        governs = Governs.RECEIPT if rule.governs in IN_PART else rule.governs
        changes.append(Change(end, None, governs, end))


def _codes(keys: list[RuleKey]) -> Codes:
    procedures, levels, variants = (
        {word: i for i, word in enumerate(sorted(set(words)))} for words in zip(*keys, strict=True)
    )
    groups = np.full(
        (len(procedures) + 2, len(levels) + 2, len(variants) + 2), -Problem.VARIANT_UNKNOWN, dtype=np.int32
    )
    groups[:, :, variants.get("", -1)] = -Problem.VARIANT_NEEDED
    has = np.zeros(groups.shape[:2], dtype=bool)
    has[[procedures[k.procedure] for k in keys], [levels[k.level] for k in keys]] = True
    groups[~has] = -Problem.LEVEL_UNKNOWN
    groups[:, -1] = -Problem.LEVEL_MISSING
    groups[-2] = -Problem.PROCEDURE_UNKNOWN
    groups[-1] = -Problem.PROCEDURE_MISSING
    for group, key in enumerate(keys):
        groups[procedures[key.procedure], levels[key.level], variants[key.variant]] = group
    return Codes(procedures=procedures, levels=levels, variants=variants, groups=groups)
