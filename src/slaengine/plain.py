"""The short way of one record: a limit in days from the receipt that nothing happened to but stops."""

from __future__ import annotations

from slaengine import kernel
from slaengine.case import Case
from slaengine.days import DAY, is_instant
from slaengine.errors import InputError
from slaengine.events import NEVER_ENDED
from slaengine.facts import Refusal, Settled, check_cover, closed, due_of, start_of
from slaengine.figures import Due, Start, Still
from slaengine.maker import NOT_PLAIN, Trait
from slaengine.tables import Row, Tables
from slaengine.vocabulary import Problem

__all__ = ["plain", "stopped"]

NOT_SHORT = NOT_PLAIN | Trait.NO_RULE | Trait.BACKWARD | Trait.CLOSES | Trait.NEEDS_TIME
"""What takes the whole driver as soon as something stops the clock."""


def plain(t: Tables, case: Case, row: int, received: int) -> Settled:
    """A limit that nothing stopped."""
    held, start, late = _begun(t, case, row, received)
    due = due_of(t, row, held, start)
    last = due.end
    if start.end != held.rule.unrolled:
        last = kernel.advance(t.scalar_ops, start.line, held.rule.unrolled, start.first)
    return Settled(row, start, due, start.first, last, late)


def _begun(t: Tables, case: Case, row: int, received: int) -> tuple[Row, Start[int], bool]:
    """The row of a limit, the start of its count, and whether the receipt came late in the day."""
    held = t.row(row)
    if held.traits & Trait.NO_RULE:
        raise Refusal(Problem.NOT_IN_FORCE)
    dated = not is_instant(case.received_at)
    if held.traits & Trait.NEEDS_TIME and dated:
        raise Refusal(Problem.TIME_NEEDED, row)
    check_cover(t, row, held, received // DAY)
    name = "" if held.how is None else t.attributes[held.how.attribute]
    start, late = start_of(t, row, held, received, case.attributes.get(name) if name else True, dated=dated)
    return held, start, late


def stopped(t: Tables, case: Case, row: int, received: int, horizon: int, *, finished: bool) -> Settled | None:
    """A limit that was stopped, as far as all stops count and have ended; None for the whole driver to answer.

    `horizon` is the second up to which events are looked at, that of the finish if the case is `finished`.
    """
    if t.row(row).traits & NOT_SHORT or case.extensions or case.restarts or case.supplements:
        return None
    stops = _stops_of(t, case)
    if stops is None:
        return None
    held, start, late = _begun(t, case, row, received)
    ops, halts, rank = t.scalar_ops, t.more(row).stops, held.rule.rank
    run, still = kernel.begin(ops, held.rule, halts, start, int(late)), Still(0, start.first, start.day, -1, 0)
    stale, sure, most = False, run.day * DAY + run.second, t.size * DAY
    for begun, until in stops:
        if begun > horizon:
            break
        if begun > sure and stale:
            run, stale = kernel.settle(ops, halts, run, still), False
            sure = max(run.day * DAY + run.second, still.until)
        end = max(begun, horizon) if until > horizon and finished else until
        if begun > sure or not begun <= end <= min(horizon, most - 1):
            return None
        still, unknown = kernel.stop(ops, rank, halts, run.line, still, begun, end, 1)
        if unknown:
            return None
        stale, sure = True, max(sure, end)
    if stale:
        run = kernel.settle(ops, halts, run, still)
    if run.end < 0:
        return None
    due = closed(t, row, held, Due(run.end, run.day, run.second))
    return Settled(row, start, due, start.first, run.last, late, still.idle)


def _stops_of(t: Tables, case: Case) -> list[tuple[int, int]] | None:
    """When the stops of a case begin and end, in order; None where one makes no sense."""
    read, found = t.line_second, list[tuple[int, int]]()
    try:
        for start, end, _, window_end in case.suspensions:
            until = NEVER_ENDED if end is None else read(end)
            begun, until = read(start), until if window_end is None else min(until, read(window_end))
            if not 0 <= begun <= until:
                return None
            found.append((begun, until))
    except InputError:
        return None
    found.sort()
    return found
