"""Records of a batch judged: their receipts and finishes on the line of the tables, and the facts of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.blocks import Attributes, in_gap, mark, since
from slaengine.days import DAY
from slaengine.figures import NEVER, Count, Due, Judgement
from slaengine.maker import Trait
from slaengine.records import LATER, MISSING, UNREADABLE, Answers, Records
from slaengine.tables import Tables
from slaengine.verdict import JUDGED, Fact
from slaengine.vocabulary import Problem

__all__ = ["Seen", "Settings", "attributes_of", "begun_of", "finished_of", "horizon_of", "judge", "on_line", "write"]

Numbers = NDArray[Any]


class Settings(NamedTuple):
    """What a batch is judged by."""

    today: int | None
    early: int
    early_minutes: int

    def now(self, t: Tables) -> int:
        """The second to judge on, on the tables' own line."""
        return NEVER if self.today is None else min(max(self.today - t.first_day * DAY, 0), NEVER - 1)


class Seen(NamedTuple):
    """What is known of some records when they are judged; the `row` only where the answers do not hold it yet."""

    row: Numbers | None
    rule: Count[Any]
    traits: Numbers
    seen: int
    received: Numbers
    first: Numbers
    due: Due[Any]
    finished: Numbers
    on_date: Any
    """Whether only the date of the finish is known: of all, or of each."""
    trouble: Numbers


def judge(t: Tables, settings: Settings, s: Seen) -> Judgement[Any]:
    """How some records stand, by the days of their calendars."""
    now, rule = settings.now(t), s.rule
    begun, told = begun_of(s.on_date, s.received, s.traits, s.seen)
    judged = kernel.judge(t.array_ops, rule, s.first, s.due, begun, s.finished, now, settings.early)
    _add_seldom(t, rule, s.first, s.due.day, judged, told, now)
    if s.seen & Trait.BACKWARD:
        _mark_backward(judged.verdict, s.traits)
    return judged._replace(verdict=judged.verdict.astype(np.int16))


def _mark_backward(verdict: Numbers, traits: Numbers) -> None:
    """Nothing elapses before the day from which is counted back."""
    verdict[traits & Trait.BACKWARD > 0] |= Fact.ELAPSED_UNCOVERED


def attributes_of(t: Tables, records: Records, part: Any) -> Attributes:
    """The attributes of some records, by the numbers that the tables have for them."""
    return {
        number: records.attributes[name][part]
        for number, name in enumerate(t.attributes)
        if number and name in records.attributes
    }


def begun_of(on_date: Any, received: Numbers, traits: Numbers, seen: int) -> tuple[Numbers, Numbers]:
    """The receipts as a finish and as today are compared with them: a limit that runs back starts at any time."""
    begun = received - received % DAY * on_date if np.any(on_date) else received
    if seen & Trait.BACKWARD:
        forward = traits & Trait.BACKWARD == 0
        return begun * forward, received * forward
    return begun, received


def _add_seldom(
    t: Tables, rule: Count[Any], first: Numbers, due: Numbers, found: Judgement[Any], received: Numbers, now: int
) -> None:
    """Add the facts that only blocks near an edge can hold: of a calendar, or of today."""
    day = due - found.gap_calendar
    low, high = min(first.min(), day.min(), due.min()), max(day.max(), due.max())
    if t.at_an_edge(low, high, received.max(), now):
        facts = kernel.seldom(t.array_ops, rule, first, due, day, received, now)
        np.add(found.verdict, facts, out=found.verdict)


def horizon_of(records: Records, finished: Numbers, now: int) -> Numbers:
    """The second up to which records are looked at: of the finish (a date: its last), else of today."""
    until = np.minimum(finished, now)
    if not records.on_dates:
        return until
    return np.where(finished <= now, np.minimum(until // DAY * DAY + (DAY - 1), now), until)


def on_line(t: Tables, seconds: Numbers, trouble: Numbers, missing: Problem, unreadable: Problem) -> Numbers:
    """Seconds counted from the first day of the tables; a time outside them gets the nearest."""
    origin = t.first_day * DAY
    if seconds.min(initial=origin) < origin:
        mark(trouble, seconds == MISSING, missing)
        mark(trouble, seconds == UNREADABLE, unreadable)
        seconds = np.where(seconds <= UNREADABLE, LATER, np.maximum(seconds, origin))
    return since(seconds, origin, NEVER + 1)


def finished_of(t: Tables, records: Records, part: Any, trouble: Numbers) -> Numbers:
    """Seconds of the finish on the tables' own line; of an unfinished case, later than ever."""
    if records.finished is None:
        return np.full(len(trouble), NEVER + 1, dtype=np.int32)
    seconds = records.finished.seconds[part]
    finished = on_line(t, seconds, trouble, Problem.NONE, Problem.FINISHED_UNREADABLE)
    if records.finished.instants and t.gaps:
        mark(trouble, in_gap(t, finished // DAY, finished), Problem.FINISHED_UNREADABLE)
    return finished


def write(t: Tables, out: Answers, where: Any, s: Seen, found: Judgement[Any]) -> None:
    """Write the answers of some records where they belong in the columns."""
    if s.trouble.any():
        np.copyto(found.verdict, JUDGED + s.trouble.astype(np.int16), where=s.trouble > 0)
    out.verdict[where] = found.verdict
    out.due_day[where] = s.due.day + t.first_day
    out.due_second[where] = s.due.second
    out.margin[where] = found.gap
    out.margin_calendar[where] = found.gap_calendar
    out.elapsed[where] = found.elapsed
    if s.row is not None:
        out.row[where] = s.row
