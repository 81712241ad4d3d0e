"""Which of several limits holds for one record: versions that claim it, alternatives of one limit."""

from __future__ import annotations

from slaengine.chain import Chain
from slaengine.days import is_instant
from slaengine.facts import Facts, Refusal, Settled, choose, closed, modified
from slaengine.figures import Due
from slaengine.maker import Trait
from slaengine.tables import Tables
from slaengine.vocabulary import Governs, Problem

__all__ = ["governed", "settle"]


def settle(t: Tables, facts: Facts, main: int) -> Settled:
    """The limit of a version, whichever of its alternatives holds.

    An event counts for the limit, not for one of its alternatives: if the later one holds, for all as long as it does
    for any of them, if the earlier one holds, for all as long as it does for each.
    """
    row = modified(t, facts, main)
    if not t.traits[row] & Trait.OTHER:
        return Chain(t, facts, main, row, 0, len(facts.events)).complete()
    rows = [row]
    while t.traits[rows[-1]] & Trait.OTHER:
        rows.append(t.more(rows[-1]).links.other)
    later = bool(t.more(rows[0]).links.later)
    forced, cap, best = 0, len(facts.events), max if later else min
    while True:
        chains = [Chain(t, facts, main, row, forced, cap) for row in rows]
        found = [chain.settled() for chain in chains]
        counted = best(chain.counted for chain in chains)
        if counted == (forced if later else cap):
            refused = next((each for each in found if isinstance(each, Refusal)), None)
            if refused is not None:
                raise refused
            return best((each for each in found if isinstance(each, Settled)), key=lambda each: each.instant)
        forced, cap = (counted, cap) if later else (forced, counted)


def governed(t: Tables, facts: Facts, group: int) -> Settled:
    """The limit by whichever versions claim the case, where the receipt alone does not say."""
    main, partly = choose(t, facts, group, facts.received, dated=not is_instant(facts.case.received_at))
    if t.traits[main] & Trait.NO_RULE:
        raise Refusal(Problem.NOT_IN_FORCE, main)
    found = settle(t, facts, main)
    for later in partly:
        change = t.versions.changes[group][later - group * t.versions.width - 1]
        if change.governs is Governs.EACH_DAY and not found.suspended and found.due.day < change.day:
            continue
        other = settle(t, facts, later)
        if change.governs is Governs.MORE_FAVOURABLE:
            found = other if other.instant < found.instant else found
        elif found.suspended or found.due.day >= change.day:
            found = _not_before(t, other, change.day)
    return found


def _not_before(t: Tables, found: Settled, day: int) -> Settled:
    """A limit that a later law says has ended, no sooner than that law was there to say so."""
    if found.suspended or found.due.day >= day:
        return found
    held = t.row(found.stages[-1][0])
    second = 0 if held.traits & Trait.HOURS else found.due.second
    return found._replace(due=closed(t, found.row, held, Due(day, day, second)), last=day)
