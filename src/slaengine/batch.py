"""The kernel's driver for many records: blocks of columns in, columns out, no record ever a Python object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import EventRows, closed, cover, in_gap, mark, most_first, receive, ticks_of
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY
from slaengine.figures import NEVER, Count, Due, Start
from slaengine.judging import Seen, Settings, attributes_of, begun_of, finished_of, horizon_of, judge, on_line, write
from slaengine.maker import NOT_PLAIN, NOT_SHORT, Trait
from slaengine.records import FAR, LATER, MISSING, UNREADABLE, Answers, Events, Promised, Records, Times
from slaengine.stopped import Clocks, stopped
from slaengine.tables import Tables
from slaengine.verdict import JUDGED, Fact
from slaengine.vocabulary import Flag, Problem
from slaengine.whole import Later, assess_whole, events_on_line, kinds_of

__all__ = [
    "BLOCK",
    "BLOCKS",
    "LATER",
    "MISSING",
    "UNREADABLE",
    "Answers",
    "Events",
    "Promised",
    "Records",
    "Settings",
    "Times",
    "against_promise",
    "assess",
    "assessed",
    "provisional",
]

Numbers = NDArray[Any]

KEPT = 16 << 20
"""Bytes: an array larger than any that was freed before is mapped and cleared anew by the C library each time it is
made, and what it frees may go back to the system; which for blocks takes four times as long as all they compute."""
np.empty(KEPT, dtype=np.uint8)  # so one that large is freed at once

Progress = Callable[[int], None]
BLOCK = 1 << 16
"""Rows a block: the temporaries of one stay in the processor's cache."""
BLOCKS = 8
"""Blocks whose records that take the whole driver are answered together: of one block they are too few."""


def assess(
    tables: Tables,
    records: Records,
    *,
    today: int | None,
    early: int,
    early_minutes: int = 1,
    block: int = BLOCK,
    progress: Progress | None = None,
) -> Answers:
    """The answers to a batch; `today` in wall-clock seconds. `progress` is told the rows of each block done."""
    answers, settings = Answers.empty(len(records.groups)), Settings(today, early, early_minutes)
    for _ in assessed(tables, records, settings, answers.part, block, progress):
        pass
    return answers


def assessed(
    t: Tables,
    records: Records,
    settings: Settings,
    room: Callable[[int, int], Answers],
    block: int = BLOCK,
    progress: Progress | None = None,
) -> Iterator[Answers]:
    """The same some blocks at a time; `room` gives the columns to write the answers to the records [start, stop) to."""
    length, events = len(records.groups), events_on_line(t, records.events)
    stretch = block * (1 if events is None and not t.has & NOT_PLAIN else BLOCKS)
    for start in range(0, length, stretch):
        stop = min(start + stretch, length)
        answers, kept = room(start, stop), list[Later]()
        for first in range(start, stop, block):
            part = slice(first, min(first + block, stop))
            kept += _assess_block(t, records, events, part, settings, answers)
            if progress is not None:
                progress(part.stop - part.start)
        for kind in kinds_of(kept, events) if kept else ():
            assess_whole(t, records, events, kind, settings, answers)
        yield answers


def _assess_block(
    t: Tables, records: Records, events: EventRows | None, part: slice, settings: Settings, out: Answers
) -> list[Later]:
    """Answer the records whose limits are plain ones in days that only stops happened to, and tell the others."""
    asked = np.zeros(part.stop - part.start, dtype=np.uint8)
    finished = finished_of(t, records, part, asked)
    trouble, row, received, day, traits, seen, aside = _receipts(t, records, events, part, finished, settings.now(t))
    rule, before, (more, lot, clocks) = t.rule_columns(row, "plain"), trouble.copy(), aside
    start, late, due = _plain(t, records, part, row, received, day, traits, seen & t.of_days, rule, trouble)
    halted = None if clocks is None else stopped(t, clocks, row, start, late)
    if clocks is not None and halted is not None:
        due.day[halted.places] = halted.day
        more, lot = np.append(more, halted.places[halted.left]), np.append(lot, clocks.lot[halted.left])
    if asked.any():
        mark(trouble, asked > 0, asked)
    known = Seen(row, rule, traits, seen, received, start.first, due, finished, records.on_dates, trouble)
    judged, here = judge(t, settings, known), out.at(part)
    if halted is not None:
        judged.elapsed[halted.places] -= halted.idle
        out.flags[here][halted.places[halted.void]] = Flag.EVENT_VOID
    write(t, out, here, known, judged)
    of_block = (row, received, traits, finished, asked)
    return [Later(part.start + more, before[more], lot, *(c.take(more) for c in of_block))] if len(more) else []


def _receipts(
    t: Tables, records: Records, events: EventRows | None, part: slice, finished: Numbers, now: int
) -> tuple[Any, ...]:
    """The problems so far, the rules' rows, the seconds and days of receipt, the rows' traits, those that any row has.

    And the records that go another way. Rows with a problem get harmless numbers.
    """
    group, seconds = records.groups[part], records.received.seconds[part]
    trouble = np.zeros(len(group), dtype=np.uint8)
    if group.min() < 0:
        mark(trouble, group < 0, -group)
        group = np.maximum(group, 0)
    received = on_line(t, seconds, trouble, Problem.RECEIVED_MISSING, Problem.RECEIVED_UNREADABLE)
    day = received // DAY
    if records.received.instants and t.gaps:
        mark(trouble, in_gap(t, day, received), Problem.NONEXISTENT_TIME)
    true_day = _true_day(t, seconds, day)
    row = t.versions.rows(t.versions.groups(group, true_day), true_day)
    traits = t.traits.take(row)
    seen = int(np.bitwise_or.reduce(traits))
    aside = _aside(t, records, events, part, traits, seen, finished, now)
    plain = _others(aside.more, len(row))
    if seen & Trait.NO_RULE:
        mark(trouble, traits & (Trait.NO_RULE | Trait.CHOSEN) == Trait.NO_RULE, Problem.NOT_IN_FORCE)
    if not records.received.instants:
        mark(trouble, (traits & Trait.NEEDS_TIME > 0) & plain, Problem.TIME_NEEDED)
    if day.min() < t.covered[0] or day.max() >= t.covered[1]:
        beyond = cover(t, row, day, traits) & plain
        mark(trouble, beyond, Problem.CALENDAR_NOT_COVERED)
        day[beyond], received[beyond] = NEIGHBOURS, NEIGHBOURS * DAY
    return trouble, row, received, day, traits, seen, aside


def _others(more: Numbers, length: int) -> Any:
    """The records of a block but those."""
    if not len(more):
        return True
    others = np.ones(length, dtype=bool)
    others[more] = False
    return others


def _true_day(t: Tables, seconds: Numbers, day: Numbers) -> Numbers:
    """The day of receipt on the tables' own line, also where it lies outside them: a rule may hold there."""
    if day.min() > 0 and day.max() < t.size:
        return day
    true_day: Numbers = np.clip(seconds // DAY - t.first_day, -FAR, FAR)
    return true_day.astype(np.int32)


def _plain(
    t: Tables,
    records: Records,
    part: slice,
    row: Numbers,
    received: Numbers,
    day: Numbers,
    traits: Numbers,
    seen: int,
    rule: Count[Any],
    trouble: Numbers,
) -> tuple[Start[Any], Any, Due[Any]]:
    """The start and the due instant of limits in days, from receipts, that nothing stopped; and which came late."""
    second = received - day * DAY if seen & (Trait.RECEIVES | Trait.NEEDS_TIME) else 0  # nobody else asks for the hour
    start, late = kernel.as_received(rule, day, second), 0
    if seen & Trait.RECEIVES:
        given = attributes_of(t, records, part)
        start, late = receive(t, given, row, traits, start, trouble, not records.received.instants)
    due = kernel.due(t.array_ops, rule, start)
    if seen & (Trait.CLOSES | Trait.NEEDS_TIME) or t.cuts_midnight:
        due = closed(t, row, traits, due)
    if due.end.min() < 0:
        mark(trouble, due.end < 0, -due.end)
    return start, late, due


class Aside(NamedTuple):
    """The records of a block that take the whole driver: by their limits, or because something happened to a clock.

    And where the events of each of them lie, -1 where none is to be looked at. And those that were only stopped.
    """

    more: Numbers
    lot: Numbers
    clocks: Clocks | None


def _aside(
    t: Tables,
    records: Records,
    events: EventRows | None,
    part: slice,
    traits: Numbers,
    seen: int,
    finished: Numbers,
    now: int,
) -> Aside:
    chosen = traits & NOT_PLAIN > 0 if seen & NOT_PLAIN else np.zeros(len(traits), dtype=bool)
    if events is None or records.events is None:
        more = np.flatnonzero(chosen)
        return Aside(more, np.full(len(more), -1, dtype=np.int32), None)
    low, high = np.searchsorted(records.events.rows, (part.start, part.stop))
    places, begun = records.events.rows[low:high] - part.start, np.full(high - low, NEVER)
    if len(events.time):
        begun = events.time.take(events.first[low:high], mode="clip")
    ends, wrong, clocks = finished.take(places), events.trouble[low:high] > 0, None
    horizon = horizon_of(records, ends, now)
    asks = (begun <= horizon) | wrong
    if events.only_stops and not t.cuts_midnight:
        short = asks & ~wrong & (traits.take(places) & NOT_SHORT == 0)
        asks &= ~short
        some = np.flatnonzero(short)
        some = some[most_first(events.size[low:high].take(some))]
        clocks = Clocks(events, places.take(some), some + low, horizon.take(some), ends.take(some) <= now)
    others, lot = np.flatnonzero(asks), np.full(len(traits), -1, dtype=np.int32)
    lot[places[others]] = others + low
    chosen[places[others]] = True
    more = np.flatnonzero(chosen)
    return Aside(more, lot.take(more), clocks)


def against_promise(
    t: Tables, records: Records, answers: Answers, *, today: int | None, early: int, early_minutes: int
) -> Numbers:
    """The verdicts on a batch if each record were due when it was last promised; meaningless where nothing was."""
    assert records.promised is not None  # noqa: S101  # asked only where there is a promise
    every = slice(0, len(records.groups))
    trouble = np.zeros(len(records.groups), dtype=np.uint8)
    received = on_line(t, records.received.seconds, trouble, Problem.NONE, Problem.NONE)
    finished, on_date = answers.finishes(finished_of(t, records, every, trouble), records.on_dates)
    now = NEVER if today is None else min(max(today - t.first_day * DAY, 0), NEVER - 1)
    last = np.clip(records.promised.last - t.first_day * DAY, 0, NEVER - 1).astype(np.int32)
    due, rule, traits = (
        Due(0, last // DAY, last % DAY),
        t.rule_columns(answers.row, "judged"),
        t.traits.take(answers.row),
    )
    begun, told = begun_of(on_date, received, traits, t.has)
    first = due.day - answers.elapsed * 0
    judged = kernel.judge(t.array_ops, rule, first, due, begun, finished, now, early)
    facts = kernel.seldom(t.array_ops, rule, first, due.day, due.day - judged.gap_calendar, told, now)
    verdict = np.asarray(judged.verdict, dtype=np.int16) + facts
    hours = np.flatnonzero(traits & Trait.HOURS)
    if len(hours):
        until = np.minimum(finished[hours] + np.int64(DAY - 1) * on_date[hours], now)
        line = t.hours_columns(answers.row[hours])
        left = ticks_of(t, line, last[hours]) - ticks_of(t, line, np.minimum(until, (t.size - 1) * DAY))
        facts = np.where(left >= 60 * early_minutes, Fact.EARLY, 0) | np.asarray(line.elapsed) * Fact.EXACT
        verdict[hours] = verdict[hours] & ~Fact.EARLY | facts
    return np.where(trouble > 0, JUDGED + trouble.astype(np.int16), verdict)


def provisional(t: Tables, records: Records, answers: Answers) -> Numbers:
    """Which answers rest on a year that is only foreseen, between the receipt and the later of due and finish."""
    received = np.clip(records.received.seconds // DAY - t.first_day, 0, t.size)
    due = answers.due_day - t.first_day
    open_yet = (answers.verdict & Fact.OPEN > 0) | (answers.verdict >= JUDGED)
    end = np.where(open_yet, due, np.maximum(due, due - answers.margin_calendar))
    foreseen = kernel.measure(t.array_ops, t.count.foreseen.take(answers.row), received, end + 1)
    return np.asarray(foreseen > 0)
