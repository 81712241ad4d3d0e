"""The records of a batch that take the whole driver: limits that are not plain ones in days, or that were stopped."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.blocks import Block, EventRows, in_gap, mark, mark_at, ticks_of
from slaengine.choosing import governed, settle
from slaengine.days import DAY
from slaengine.events import Kind
from slaengine.figures import NEVER, Due
from slaengine.judging import Seen, Settings, attributes_of, horizon_of, judge, on_line
from slaengine.lives import Settled
from slaengine.maker import Trait
from slaengine.records import FAR, LATER, Answers, Events, Records
from slaengine.tables import Tables
from slaengine.verdict import JUDGED, Fact
from slaengine.vocabulary import Problem

__all__ = ["Later", "assess_whole", "events_on_line"]

Numbers = NDArray[Any]


class Later(NamedTuple):
    """The records of a block that take the whole driver, with what is known of them."""

    places: Numbers
    row: Numbers
    received: Numbers
    traits: Numbers
    trouble: Numbers
    finished: Numbers
    unreadable: Numbers

    def only(self, some: Numbers) -> Later:
        """Some of them, in that order."""
        return Later(*(column.take(some) for column in self))


def assess_whole(
    t: Tables, records: Records, events: EventRows | None, later: Later, settings: Settings, out: Answers
) -> None:
    """Answer the records that take the whole driver; `events` are those of the batch."""
    b, later = _block(t, records, events, later, settings.now(t))
    places, row, received, traits, trouble, _, unreadable = later
    found = _settled(b, row, traits)
    trouble = np.where(trouble > 0, trouble, np.where(found.trouble > 0, found.trouble, unreadable))
    due, rule = Due(found.end, found.day, found.second), t.rule_columns(found.row)
    traits = t.traits.take(found.row)
    seen = int(np.bitwise_or.reduce(traits))
    idle = 0 if seen & Trait.HOURS else found.idle
    known = Seen(found.row, rule, traits, seen, received, found.first, due, idle, b.finished, b.on_date, trouble)
    judge(t, places, settings, out, known)
    _write_more(t, out, later, b, found, settings)
    if b.closed.any():
        out.closed.append((places[b.closed], b.finished[b.closed], b.on_date[b.closed]))


def _by_events(count: Numbers) -> Numbers:
    """The order of records by how many events they have, most first; sorted on 16 bits where these will do."""
    small = len(count) and count.max() < np.iinfo(np.int16).max
    order: Numbers = np.argsort((-count).astype(np.int16) if small else -count, kind="stable")
    return order


def _block(t: Tables, records: Records, events: EventRows | None, later: Later, now: int) -> tuple[Block, Later]:
    """Some records, with those of their events that are not later than what is looked at; most events first."""
    horizon = horizon_of(records, later.finished, now)
    count = np.zeros(len(horizon), dtype=np.int64)
    if records.events is not None and events is not None:
        given = records.events.trouble[later.places]
        if given.any():
            mark(later.trouble, given > 0, given)
        first, size = events.first.take(later.places), events.size.take(later.places)
        events = events._replace(first=first, size=size)
        count = _counted(events, horizon, later.trouble)
        order = _by_events(count)
        later, horizon, count = later.only(order), horizon.take(order), count.take(order)
        events = events._replace(first=first.take(order), size=size.take(order))
    places, _, received, _, _, finished, _ = later
    block = Block(
        t=t,
        limit=records.groups[places],
        received=received,
        dated=not records.received.instants,
        starts=_starts(t, records, places) if t.has & Trait.STARTS else {},
        attributes=attributes_of(t, records, places),
        events=events,
        count=count,
        today=now,
        horizon=horizon,
        done=finished <= now,
        decided=np.where(horizon >= NEVER, FAR, horizon // DAY),
        finished=finished,
        on_date=np.full(len(places), records.on_dates),
        closed=np.zeros(len(places), dtype=bool),
    )
    return block, later


def _counted(events: EventRows, horizon: Numbers, trouble: Numbers) -> Numbers:
    """How many events of each record are not later than what is looked at; one among them may make no sense."""
    counts = np.zeros(len(horizon), dtype=np.int64)
    some, number = np.flatnonzero(events.size > 0), 0
    while len(some):
        event = events.first[some] + number
        some = some[events.time[event] <= horizon[some]]
        counts[some] += 1
        if not events.only_stops:
            wrong = events.kind[events.first[some] + number] == Kind.UNREADABLE
            mark_at(trouble, some, wrong, Problem.EVENT_UNREADABLE)
        number += 1
        some = some[events.size[some] > number]
    return counts


def events_on_line(t: Tables, events: Events | None) -> EventRows | None:
    """The events of a batch, on the tables' own line; an end that has not come is later than ever."""
    if events is None:
        return None
    origin, first = t.first_day * DAY, events.first[:-1]
    time, end = _on_line(events.time, origin, NEVER), _on_line(events.end, origin, NEVER - 1)
    size = events.first[1:] - first
    if events.only_stops:
        kind, none = (np.broadcast_to(np.int64(number), len(time)) for number in (Kind.STOP, 0))
        return EventRows(first, size, time, end, kind, none, none, none, none, none, none, only_stops=True)
    asks = (events.kind == Kind.STOP) & (events.amount > 0)
    return EventRows(
        first=first,
        size=size,
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
    line: Numbers = np.empty(len(seconds), dtype=np.int32)
    if seconds.min(initial=origin) >= origin and seconds.max(initial=origin) - origin <= most:
        np.subtract(seconds, origin, out=line, casting="unsafe")  # nothing to bound
        return line
    never = np.flatnonzero(seconds >= LATER)
    line = np.minimum(np.maximum(seconds - origin, 0), most).astype(np.int32)
    line[never] = NEVER + 1
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
    """The limits of the records that take the whole driver."""
    every, group = np.arange(len(row)), row // b.t.versions.width
    chosen = traits & Trait.CHOSEN > 0
    if chosen.all():
        return governed(b, every, group, row)
    found = settle(b, every, np.where(chosen, 0, row))
    if chosen.any():
        at = every[chosen]
        for column, values in zip(found, governed(b, at, group[at], row[at]), strict=True):
            column[chosen] = values
    return found


def _write_more(t: Tables, out: Answers, later: Later, b: Block, found: Settled, settings: Settings) -> None:
    """What the whole driver found beside the due instant: open stops, flags, and of limits in hours the minutes."""
    places = later.places
    if found.suspended.any():
        some = places[found.suspended]
        verdict = out.verdict[some]
        out.verdict[some] = np.where(verdict < JUDGED, verdict | Fact.SUSPENDED, verdict)
    if found.flags.any():
        out.flags[places] = found.flags
    in_hours = t.traits.take(found.row) & Trait.HOURS > 0
    if not in_hours.any():
        return
    finished, on_date = b.finished, b.on_date
    if not in_hours.all():
        out.elapsed[places[~in_hours]] -= found.idle[~in_hours]
        found = Settled(*(column[in_hours] for column in found))
        places, finished, on_date = places[in_hours], finished[in_hours], on_date[in_hours]
    until = np.minimum(finished + np.int64(DAY - 1) * on_date, settings.now(t))
    gap, out.elapsed[places] = _in_minutes(t, found, until)
    facts = np.where(gap >= settings.early_minutes, Fact.EARLY, 0) | t.hours.elapsed.take(found.row) * Fact.EXACT
    verdict = out.verdict[places]
    out.verdict[places] = np.where(verdict < JUDGED, verdict & ~Fact.EARLY | facts, verdict)
    out.minutes[places] = gap


def _in_minutes(t: Tables, found: Settled, until: Numbers) -> tuple[Numbers, Numbers]:
    """Open minutes to the due moment, and open minutes elapsed, of limits in hours."""
    hours = t.hours_columns(found.row)
    most = (t.size - 1) * DAY
    passed = ticks_of(t, hours, np.minimum(until, most))
    gap = ticks_of(t, hours, found.day * DAY + found.second) - passed
    return np.where(gap >= 0, gap // 60, -(-gap // 60)), (passed - found.tick - found.idle) // 60
