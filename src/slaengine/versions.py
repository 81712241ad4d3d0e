"""Which rule: from the words of a case to a group of versions, and from a date to the version in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.days import day_number
from slaengine.rule import Rule, RuleKey
from slaengine.vocabulary import Problem

__all__ = ["Codes", "Versions", "find_versions"]

FOREVER = np.iinfo(np.int32).max
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Versions:
    """What holds in each group, from which day on: a row for every version and for every stretch without one.

    Every group has as many rows, the first of them the stretch before its first version. `starts[v][g]` is the day on
    which the group's v-th change takes effect, `FOREVER` where it has fewer. `rules` tells what a row is.
    """

    codes: Codes
    starts: tuple[Numbers, ...]
    rules: tuple[Rule | None, ...]

    @cached_property
    def _by_group(self) -> list[list[int]]:
        return np.array(self.starts).T.tolist()  # type: ignore[no-any-return]

    def row(self, group: int, day: int) -> int:
        """The row that holds on a day of the tables."""
        return group * (len(self.starts) + 1) + bisect_right(self._by_group[group], day)

    def rows(self, group: Numbers, day: Numbers) -> Numbers:
        """The same for a block of records: as many comparisons as limits change while its records come in."""
        row = np.multiply(group, len(self.starts) + 1, dtype=np.intp)
        first, last = day.min(), day.max()
        for start, (earliest, latest) in zip(self.starts, self._spans, strict=True):
            if first >= latest:
                row += 1
            elif last >= earliest:
                row += start.take(group) <= day
        return row

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """The first and the last day on which a v-th change takes effect: outside, no record need be looked up."""
        return [(int(start.min()), int(start.max())) for start in self.starts]


def find_versions(rules: tuple[Rule, ...], first_day: int) -> Versions:
    """The versions of rules that are sorted by key and date and of which no two hold at once.

    Days are numbered from `first_day`, as in the tables.
    """
    groups: dict[RuleKey, list[tuple[int, Rule | None]]] = {}
    for rule in rules:
        _append(groups.setdefault(rule.key, []), rule)
    changes = list(groups.values())
    starts = np.full((max(map(len, changes)), len(changes)), FOREVER, dtype=np.int32)
    for group, found in enumerate(changes):
        starts[: len(found), group] = [day - first_day for day, _ in found]
    held = [[None, *(rule for _, rule in found), *[None] * (len(starts) - len(found))] for found in changes]
    return Versions(
        codes=_codes(list(groups)),
        starts=tuple(starts),
        rules=tuple(rule for rows in held for rule in rows),
    )


def _append(changes: list[tuple[int, Rule | None]], rule: Rule) -> None:
    """A version takes effect, replacing the end of the one before if that is the same day; it may end."""
    start = day_number(rule.effective_from)
    if changes and changes[-1][0] == start:
        changes.pop()
    changes.append((start, rule))
    if rule.effective_until is not None:
        changes.append((day_number(rule.effective_until), None))


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
