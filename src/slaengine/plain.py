"""The short way of one record: a limit in days from the receipt that nothing happened to but stops."""

from __future__ import annotations

from slaengine import kernel
from slaengine.case import Case
from slaengine.days import DAY, is_instant
from slaengine.errors import InputError
from slaengine.events import NEVER_ENDED
from slaengine.facts import Refusal, Settled, check_cover, closed, due_of, start_of
from slaengine.figures import Due, Run, Start, Still, Stops
from slaengine.maker import NOT_SHORT, Trait
from slaengine.tables import Row, Tables
from slaengine.vocabulary import Problem

__all__ = ["plain", "stopped"]


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
    stops = _stops_of(t, case, horizon, finished=finished)
    if stops is None:
        return None
    held, start, late = _begun(t, case, row, received)
    halts = t.more(row).stops
    run = kernel.begin(t.scalar_ops, held.rule, halts, start, int(late))
    found = _through(t, halts, held.rule.rank, run, start, stops)
    if found is None:
        return None
    run, idle = found
    due = closed(t, row, held, Due(run.end, run.day, run.second))
    return Settled(row, start, due, start.first, run.last, late, idle)


def _stops_of(t: Tables, case: Case, horizon: int, *, finished: bool) -> list[tuple[int, int]] | None:
    """When the stops of a case begin and end that are looked at, in order; None where one is not over, or no stop."""
    read, found = t.line_second, list[tuple[int, int]]()
    try:
        for start, end, _, window_end in case.suspensions:
            begun, until = read(start), NEVER_ENDED if end is None else read(end)
            if window_end is not None:
                until = min(until, read(window_end))
            if not 0 <= begun <= until or (begun <= horizon < until and not finished):
                return None
            if begun <= horizon:
                found.append((begun, min(until, horizon)))
    except InputError:
        return None
    found.sort()
    return found


def _through(
    t: Tables, halts: Stops[int], rank: int, run: Run[int], start: Start[int], stops: list[tuple[int, int]]
) -> tuple[Run[int], int] | None:
    """The run after all stops, and for how many working days it stood still; None where that is not so plain.

    A stop is `sure` to count that begins not after a due instant before it: stops only put that off.
    """
    if run.end < 0:
        return None  # a missing answer is no day that stops could move
    ops, still, stale = t.scalar_ops, Still(0, start.first, start.day, -1, 0), False
    sure, last = run.day * DAY + run.second, t.size * DAY - 1
    for begun, end in stops:
        if begun > sure and stale:
            run, stale = kernel.settle(ops, halts, run, still), False
            sure = max(run.day * DAY + run.second, still.until)
        still, unknown = kernel.stop(ops, rank, halts, run.line, still, begun, end, 1)
        if begun > sure or end > last or unknown:
            return None
        stale, sure = True, max(sure, end)
    run = kernel.settle(ops, halts, run, still) if stale else run
    return (run, still.idle) if run.end >= 0 else None
