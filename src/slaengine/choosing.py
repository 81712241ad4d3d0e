"""Which of several limits holds: versions that claim a case, alternatives of one limit; for many records at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.blocks import Block, chosen, close_cases, closed, mark, modified
from slaengine.figures import Due
from slaengine.lives import Lives, Settled
from slaengine.maker import Trait
from slaengine.tables import Tables
from slaengine.vocabulary import Governs, Problem

__all__ = ["governed", "put", "settle"]

Numbers = NDArray[Any]


def governed(b: Block, at: Numbers, group: Numbers, row: Numbers) -> Settled:
    """The version and the limit by whichever versions claim the cases, where the receipt alone does not say."""
    t = b.t
    unclear = np.zeros(len(at), dtype=np.uint8)
    main, partly = chosen(b, at, group, row, (b.received[at], b.dated), unclear)
    found = settle(b, at, main)
    np.copyto(found.trouble, Problem.NOT_IN_FORCE, where=t.traits.take(main) & Trait.NO_RULE > 0, casting="unsafe")
    np.copyto(found.trouble, unclear, where=unclear > 0)
    for number in range(1, t.versions.width):
        some = np.flatnonzero(partly >> number & 1)
        if not len(some):
            continue
        other = settle(b, at[some], group[some] * t.versions.width + number)
        here = Settled(*(column[some] for column in found))
        change, since = t.versions.governing[number - 1][group[some]], t.versions.starts[number - 1][group[some]]
        favours = change == list(Governs).index(Governs.MORE_FAVOURABLE)
        later = _not_before(t, other, since)
        takes = np.where(favours, other.instant < here.instant, here.suspended | (here.day >= since))
        other = Settled(*(np.where(favours, a, c) for a, c in zip(other, later, strict=True)))
        other.trouble[~favours & ~takes] = 0  # the law of each day does not ask a later one where the limit had ended
        put(found, some, _picked(here, other, takes))
    return found


def _not_before(t: Tables, found: Settled, since: Numbers) -> Settled:
    """Limits that a later law says have ended, no sooner than that law was there to say so."""
    early = ~found.suspended & (found.day < since) & (found.trouble == 0)
    traits = t.traits.take(found.last_row)
    second = np.where(traits & Trait.HOURS, 0, found.second)
    found = found._replace(trouble=found.trouble.copy())
    due = closed(t, found.last_row, traits, Due(since, since, second))
    mark(found.trouble, early & (due.end < 0), -np.minimum(due.end, 0))
    parts = {"end": due.end, "day": due.day, "second": due.second}
    return found._replace(**{name: np.where(early, new, getattr(found, name)) for name, new in parts.items()})


def settle(b: Block, at: Numbers, main: Numbers) -> Settled:
    """The limits of versions, whichever of their alternatives hold; `at` are the records' places in the block.

    An event counts for a limit, not for one of its alternatives, as in `single.settle`.
    """
    t, trouble = b.t, np.zeros(len(at), dtype=np.uint8)
    row = modified(b, at, main, trouble)
    asked = trouble.copy()
    found = _of_one_kind(b, at, main, row, trouble)
    if not t.has & Trait.OTHER:
        return found
    several = np.flatnonzero(t.traits.take(row) & Trait.OTHER)
    if len(several):
        put(found, several, _of_several(b, at[several], main[several], row[several], asked[several]))
    return found


def _of_several(b: Block, at: Numbers, main: Numbers, row: Numbers, asked: Numbers) -> Settled:
    """The limits that have alternatives; how many of their events count is asked until all agree."""
    t, length = b.t, len(at)
    later = t.links.later.take(row) > 0
    events = b.count[at] if b.events else np.zeros(length, dtype=np.int64)
    forced, cap = np.zeros(length, dtype=np.int64), events.copy()
    while True:
        found, counted = _best(b, at, main, row, later, forced, cap)
        found = found._replace(trouble=np.where(asked > 0, asked, found.trouble))
        if np.array_equal(counted, np.where(later, forced, cap)):
            return found
        forced, cap = np.where(later, counted, forced), np.where(later, cap, counted)


def _best(
    b: Block, at: Numbers, main: Numbers, row: Numbers, later: Numbers, forced: Numbers, cap: Numbers
) -> tuple[Settled, Numbers]:
    """The alternatives that hold, and how many events count for any of them (for each, of the earlier)."""
    none = np.zeros(len(at), dtype=np.uint8)
    found = _of_one_kind(b, at, main, row, none, forced, cap)
    counted, some = found.counted.copy(), np.arange(len(at))
    while True:
        more = np.flatnonzero(b.t.traits.take(row) & Trait.OTHER)
        if not len(more):
            return found, counted
        row, some = b.t.links.other.take(row[more]), some[more]
        none = np.zeros(len(some), dtype=np.uint8)
        other = _of_one_kind(b, at[some], main[some], row, none, forced[some], cap[some])
        here = Settled(*(column[some] for column in found))
        takes = np.where(later[some], other.instant > here.instant, other.instant < here.instant)
        put(found, some, _picked(here, other, takes))
        low, high = np.minimum(counted[some], other.counted), np.maximum(counted[some], other.counted)
        counted[some] = np.where(later[some], high, low)


def _of_one_kind(
    b: Block,
    at: Numbers,
    main: Numbers,
    row: Numbers,
    trouble: Numbers,
    forced: Numbers | None = None,
    cap: Numbers | None = None,
) -> Settled:
    """The chains of limits in days, and those of limits in hours, each together; closed cases as they stood then."""
    hours = b.t.traits.take(row) & Trait.HOURS > 0
    kinds = [np.flatnonzero(some) for some in (hours, ~hours) if some.any()]
    whole = []
    for some in kinds:
        counts = (None, None) if forced is None or cap is None else (forced[some], cap[some])
        part = slice(None) if len(kinds) == 1 else some
        whole.append(_run(b, at[part], main[part], row[part], trouble[part], *counts))
    if len(whole) == 1:
        return whole[0]
    found = Settled(*(np.empty(len(at), dtype=column.dtype) for column in whole[0]))
    for some, settled in zip(kinds, whole, strict=True):
        put(found, some, settled)
    return found


def _run(
    b: Block, at: Numbers, main: Numbers, row: Numbers, trouble: Numbers, forced: Numbers | None, cap: Numbers | None
) -> Settled:
    before = trouble.copy()
    lives = Lives(b, at, main, row, trouble, forced, cap)
    found = lives.settled()
    some = np.flatnonzero(lives.closes >= 0)
    if len(some):
        close_cases(b, at[some], lives.closes[some])
        counts = (None, None) if forced is None or cap is None else (forced[some], cap[some])
        again = Lives(b, at[some], main[some], row[some], before[some], *counts).settled()
        put(found, some, again)
    return found


def _picked(here: Settled, other: Settled, takes: Numbers) -> Settled:
    """The other limit where it takes the place of this one; a problem of either is a problem of both."""
    picked = Settled(*(np.where(takes, b, a) for a, b in zip(here, other, strict=True)))
    return picked._replace(trouble=np.where(here.trouble > 0, here.trouble, other.trouble))


def put(found: Settled, some: Numbers, part: Settled) -> None:
    """Write what was found of some records."""
    for column, values in zip(found, part, strict=True):
        column[some] = values
