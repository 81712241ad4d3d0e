"""The records of a batch that take the whole driver: limits that are not plain ones in days, or that were stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.blocks import Block, EventRows, in_gap, mark, mark_at, most_first, since, ticks_of
from slaengine.choosing import governed, put, settle
from slaengine.days import DAY
from slaengine.events import Kind
from slaengine.figures import NEVER, Due, Judgement
from slaengine.judging import Seen, Settings, attributes_of, horizon_of, judge, on_line, write
from slaengine.lives import Settled
from slaengine.maker import Trait
from slaengine.records import LATER, Answers, Events, Records
from slaengine.tables import Tables
from slaengine.verdict import Fact
from slaengine.vocabulary import Problem

__all__ = ["Later", "assess_whole", "events_on_line", "kinds_of"]

Numbers = NDArray[Any]


class Later(NamedTuple):
    """The records of a block that take the whole driver, with what is known of them."""

    places: Numbers
    trouble: Numbers
    lot: Numbers
    """The places among those that have events; -1 where nothing happened that is looked at."""
    row: Numbers
    received: Numbers
    traits: Numbers
    finished: Numbers
    unreadable: Numbers

    def only(self, some: Numbers) -> Later:
        """Some of them, in that order."""
        return Later(*(column.take(some) for column in self))


def kinds_of(found: list[Later], events: EventRows | None) -> Iterator[Later]:
    """What several blocks left over: limits in days, then limits in hours, of each those with most events first."""
    every = Later(*map(np.concatenate, zip(*found, strict=True)))
    in_hours = every.traits & Trait.HOURS > 0
    size = np.zeros(len(in_hours), dtype=np.int64) if events is None else events.size[every.lot]
    for some in filter(len, (np.flatnonzero(~in_hours), np.flatnonzero(in_hours))):
        yield every.only(some[most_first(size[some])])


def assess_whole(
    t: Tables, records: Records, events: EventRows | None, later: Later, settings: Settings, out: Answers
) -> None:
    """Answer the records that take the whole driver; `events` are those of the batch."""
    b = _block(t, records, events, later, settings.now(t))
    places, trouble, _, row, received, traits, _, unreadable = later
    found = _settled(b, row, traits)
    trouble = np.where(trouble > 0, trouble, np.where(found.trouble > 0, found.trouble, unreadable))
    due, rule = Due(found.end, found.day, found.second), t.rule_columns(found.row, "judged")
    traits = t.traits.take(found.row)
    seen = int(np.bitwise_or.reduce(traits))
    other = None if np.array_equal(found.row, row) else found.row
    known = Seen(other, rule, traits, seen, received, found.first, due, b.finished, b.on_date, trouble)
    judged, here = judge(t, settings, known), out.at(places)
    judged = judged._replace(elapsed=judged.elapsed - found.idle)
    if found.suspended.any():
        judged = judged._replace(verdict=judged.verdict + found.suspended * np.int16(Fact.SUSPENDED))
    if seen & Trait.HOURS:
        judged, out.minutes[here] = _in_minutes(t, b, found, traits, judged, settings)
    write(t, out, here, known, judged)
    flagged = np.flatnonzero(found.flags)
    out.flags[here[flagged]] = found.flags[flagged]
    if b.closed.any():
        out.closed.append((places[b.closed], b.finished[b.closed], b.on_date[b.closed]))


def _block(t: Tables, records: Records, events: EventRows | None, later: Later, now: int) -> Block:
    """Some records and their events."""
    if events is not None:
        events = events.of(later.lot)
        mark(later.trouble, events.trouble > 0, events.trouble)
    places, trouble, _, _, received, _, finished, _ = later
    horizon = horizon_of(records, finished, now)
    count = np.zeros(len(places), dtype=np.int64)
    if events is not None:
        count = _counted(events, horizon, trouble)
    return Block(
        t=t,
        groups=records.groups,
        places=places,
        received=received,
        dated=not records.received.instants,
        starts=_starts(t, records, places) if t.has & Trait.STARTS else {},
        attributes=attributes_of(t, records, places),
        events=events,
        count=count,
        today=now,
        horizon=horizon,
        looked=horizon,
        done=finished <= now,
        finished=finished,
        on_date=np.full(len(places), records.on_dates),
        closed=np.zeros(len(places), dtype=bool),
    )


def _counted(events: EventRows, horizon: Numbers, trouble: Numbers) -> Numbers:
    """How many events of each record are not later than what is looked at; one among them may make no sense."""
    counts = np.zeros(len(horizon), dtype=np.int64)
    some, number = np.flatnonzero(events.size > 0), 0
    while len(some):
        event = events.first[some] + number
        some = some[events.time[event] <= horizon[some]]
        counts[some] += 1
        wrong = events.kind[events.first[some] + number] == Kind.UNREADABLE
        mark_at(trouble, some, wrong, Problem.EVENT_UNREADABLE)
        number += 1
        some = some[events.size[some] > number]
    return counts


def events_on_line(t: Tables, events: Events | None) -> EventRows | None:
    """The events of a batch, on the tables' own line; an end that has not come is later than ever."""
    if events is None:
        return None
    origin, size = t.first_day * DAY, np.append(np.diff(events.first), 0)
    time, end = _on_line(events.time, origin, NEVER), _on_line(events.end, origin, NEVER - 1)
    trouble = np.append(events.trouble, np.uint8(0))
    if events.only_stops:
        kind, none = (np.broadcast_to(np.int64(number), len(time)) for number in (Kind.STOP, 0))
        same = (kind, none, none, none, none, none, none)
        return EventRows(events.first, size, trouble, time, end, *same, only_stops=True)
    asks = (events.kind == Kind.STOP) & (events.amount > 0)
    return EventRows(
        first=events.first,
        size=size,
        trouble=trouble,
        time=time,
        end=end,
        kind=events.kind,
        amount=events.amount,
        unit=events.unit,
        supplement=events.supplement,
        dated=events.dated,
        answered=_on_line(events.answered, origin, NEVER - 1),
        asked=np.concatenate(([0], np.cumsum(asks))),
        only_stops=False,
    )


def _on_line(seconds: Numbers, origin: int, most: int) -> Numbers:
    """Seconds counted from the first day of the tables; what has not come is later than ever."""
    line = since(np.maximum(seconds, origin), origin, most)
    if seconds.max(initial=origin) >= LATER:
        line[seconds >= LATER] = NEVER + 1
    return line


def _starts(t: Tables, records: Records, places: Numbers) -> dict[int, tuple[Numbers, bool]]:
    """The times of start events on the tables' own line, minus the code of a problem where there are none."""
    found: dict[int, tuple[Numbers, bool]] = {}
    for number, name in enumerate(t.start_events[1:], start=1):
        if name in records.starts:
            trouble = np.zeros(len(places), dtype=np.uint8)
            times = records.starts[name]
            missing = Problem.START_EVENT_MISSING
            seconds = on_line(t, times.seconds[places], trouble, missing, Problem.EVENT_UNREADABLE)
            if times.instants and t.gaps:
                mark(trouble, in_gap(t, seconds // DAY, seconds), Problem.EVENT_UNREADABLE)
            found[number] = np.where(trouble > 0, -trouble.astype(np.int32), seconds), not times.instants
    return found


def _settled(b: Block, row: Numbers, traits: Numbers) -> Settled:
    """The limits of the records that take the whole driver, each asked once: it may find that the case is closed."""
    chosen = traits & Trait.CHOSEN > 0
    plain, others = np.flatnonzero(~chosen), np.flatnonzero(chosen)
    if not len(others):
        return settle(b, plain, row)
    taken = governed(b, others, row[others] // b.t.versions.width, row[others])
    if not len(plain):
        return taken
    found = Settled(*(np.empty(len(row), dtype=column.dtype) for column in taken))
    put(found, others, taken)
    put(found, plain, settle(b, plain, row[plain]))
    return found


def _in_minutes(
    t: Tables, b: Block, found: Settled, traits: Numbers, judged: Judgement[Any], settings: Settings
) -> tuple[Judgement[Any], Numbers]:
    """Limits in hours are judged by open minutes: those elapsed, and those to the due moment; of others 0."""
    hours, in_hours = t.hours_columns(found.row), traits & Trait.HOURS > 0
    rest = b.on_date * np.int32(DAY - 1)  # of the date of the finish
    until = np.minimum(b.finished, settings.now(t) - rest) + rest
    passed = ticks_of(t, hours, np.minimum(until, (t.size - 1) * DAY))
    gap = ticks_of(t, hours, found.day * DAY + found.second) - passed
    gap = np.where(gap >= 0, gap // 60, -(-gap // 60)) * in_hours
    facts = np.where(gap >= settings.early_minutes, Fact.EARLY, 0) | hours.elapsed * np.int32(Fact.EXACT)
    verdict = np.where(in_hours, judged.verdict & ~Fact.EARLY | facts, judged.verdict)
    elapsed = np.where(in_hours, (passed - found.tick - found.idle) // 60, judged.elapsed)
    return judged._replace(verdict=verdict, elapsed=elapsed), gap
