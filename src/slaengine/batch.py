"""The kernel's driver for many records: blocks of columns in, columns out, no record ever a Python object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY
from slaengine.kernel import NEVER, Count, Due, Judgement, Start
from slaengine.tables import Tables, Trait
from slaengine.verdict import JUDGED, VERDICTS, Fact, Verdict
from slaengine.vocabulary import Problem

__all__ = ["BLOCK", "LATER", "MISSING", "UNREADABLE", "Answers", "Records", "Times", "assess", "provisional"]

Numbers = NDArray[Any]

MISSING = int(np.iinfo(np.int64).min)
"""The second of a time that is not given (NumPy's NaT)."""
UNREADABLE = MISSING + 1
"""The second of a time that is given but cannot be read."""
LATER = 1 << 62
"""The second of a finish that has not come."""
BLOCK = 1 << 15
"""Rows a block: the temporaries of one stay in the processor's cache."""
FAR = 10_000_000
"""Days further away than any date."""

MEANINGS = {name: np.array([getattr(v, name) for v in VERDICTS], dtype=np.int8) for name in Verdict._fields}


class Times(NamedTuple):
    """A column of times: wall-clock seconds since 1970-01-01 in the pack's zone, and whether they state the hour."""

    seconds: Numbers
    instants: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The columns of a batch in the form the kernel reads: `groups` as `Codes.groups` holds them."""

    groups: Numbers
    received: Times
    finished: Times | None = None
    attributes: Mapping[str, Numbers] = field(default_factory=dict)
    """Attribute -> 1 where it is true, 0 where it is false, -1 where it is not given."""


class Answers(NamedTuple):
    """The columns of the answer; what the verdict says is not known holds a number without meaning.

    Days are numbered from 1970-01-01, `due_second` is that day's last lawful second; `row` is the row of the rule.
    `margin` is in working days, `margin_calendar` in calendar days, `elapsed` in working days and negative where the
    finish lies before the first counted day.
    """

    verdict: Numbers
    due_day: Numbers
    due_second: Numbers
    margin: Numbers
    margin_calendar: Numbers
    elapsed: Numbers
    row: Numbers

    @classmethod
    def empty(cls, length: int) -> Answers:
        """Columns of that length, yet to be written; laid together, so that memory comes in large pages."""
        return cls(np.empty(length, dtype=np.int16), *np.empty((len(cls._fields) - 1, length), dtype=np.int32))

    def meaning(self, part: str) -> Numbers:
        """What the verdict of each row says: `status`, `problem`, or whether a part of the answer is known."""
        return MEANINGS[part].take(self.verdict)


def assess(
    tables: Tables,
    records: Records,
    *,
    today: int | None,
    early: int,
    block: int = BLOCK,
    progress: Callable[[int], None] | None = None,
) -> Answers:
    """The answers to a batch; `today` in wall-clock seconds. `progress` is told the rows of each block done."""
    length = len(records.groups)
    answers = Answers.empty(length)
    for start in range(0, length, block):
        part = slice(start, min(start + block, length))
        _assess_block(tables, records, part, today, early, answers)
        if progress is not None:
            progress(part.stop - part.start)
    return answers


def _assess_block(t: Tables, records: Records, part: slice, today: int | None, early: int, out: Answers) -> None:
    trouble, row, received, traits, seen = _receipt(t, records, part)
    rule = t.rule_columns(row)
    day = received // DAY
    second = received - day * DAY if seen & (Trait.RECEIVES | Trait.NEEDS_TIME) else 0  # nobody else asks for the hour
    start = kernel.as_received(rule, day, second)
    if seen & Trait.RECEIVES:
        start = _receive(t, records, part, row, np.flatnonzero(traits & Trait.RECEIVES), start, trouble)
    due = kernel.due(t.array_ops, rule, start)
    if seen & Trait.CLOSES:
        due = _close(t, row, np.flatnonzero(traits & Trait.CLOSES), due)
    if t.gaps and seen & Trait.NEEDS_TIME:
        due = _out_of_gap(t, due)
    if due.end.min() < 0:
        _mark(trouble, due.end < 0, -due.end)
    finished = _finished(t, records, part, trouble)
    on_dates = records.finished is not None and not records.finished.instants
    begun = day * DAY if on_dates else received
    now = NEVER if today is None else min(max(today - t.first_day * DAY, 0), NEVER - 1)
    found = kernel.judge(t.array_ops, rule, start.first, due, begun, finished, now, early)
    _add_seldom(t, rule, start.first, due.day, found, received, now)
    _write(t, out, part, row, due, found, trouble)


def _add_seldom(
    t: Tables, rule: Count[Any], first: Numbers, due: Numbers, found: Judgement[Any], received: Numbers, now: int
) -> None:
    """Add the facts that only blocks near an edge can hold: of a calendar, or of today."""
    day = due - found.gap_calendar
    if t.at_an_edge(min(first.min(), day.min()), max(day.max(), due.max()), received.max(), now):
        facts = kernel.seldom(t.array_ops, rule, first, due, day, received, now)
        np.add(found.verdict, facts, out=found.verdict)


def _mark(trouble: Numbers, wrong: Numbers, code: Any) -> None:
    """Write a problem's code where it applies and no other does yet."""
    if wrong.any():
        np.copyto(trouble, code, where=wrong & (trouble == 0), casting="unsafe")


def _receipt(t: Tables, records: Records, part: slice) -> tuple[Numbers, Numbers, Numbers, Numbers, int]:
    """The problems so far, the rule's row, the second of receipt, the rows' traits, and those that any row has.

    Rows with a problem get harmless numbers.
    """
    group, seconds = records.groups[part], records.received.seconds[part]
    trouble = np.zeros(len(group), dtype=np.uint8)
    if group.min() < 0:
        _mark(trouble, group < 0, -group)
        group = np.maximum(group, 0)
    received = _on_line(t, seconds, trouble, Problem.RECEIVED_MISSING, Problem.RECEIVED_UNREADABLE)
    day = received // DAY
    if records.received.instants and t.gaps:
        _mark(trouble, _in_gap(t, day, received), Problem.NONEXISTENT_TIME)
    row = t.versions.rows(group, _true_day(t, seconds, day))
    traits = t.traits.take(row)
    seen = int(np.bitwise_or.reduce(traits))
    if seen & Trait.NO_RULE:
        _mark(trouble, traits == Trait.NO_RULE, Problem.NOT_IN_FORCE)
    if not records.received.instants:
        _mark(trouble, traits & Trait.NEEDS_TIME > 0, Problem.TIME_NEEDED)
    if day.min() < t.covered[0] or day.max() >= t.covered[1]:
        beyond = _beyond(t, row, day, traits)
        _mark(trouble, beyond, Problem.CALENDAR_NOT_COVERED)
        received[beyond] = NEIGHBOURS * DAY
    return trouble, row, received, traits, seen


def _true_day(t: Tables, seconds: Numbers, day: Numbers) -> Numbers:
    """The day of receipt on the tables' own line, also where it lies outside them: a rule may hold there."""
    if day.min() > 0 and day.max() < t.size:
        return day
    true_day: Numbers = np.clip(seconds // DAY - t.first_day, -FAR, FAR)
    return true_day.astype(np.int32)


def _beyond(t: Tables, row: Numbers, day: Numbers, traits: Numbers) -> Numbers:
    """Receipts outside the tables, or outside the coverage of a calendar that the rule must look into."""
    outside = (day < NEIGHBOURS) | (day >= t.size)
    unknown = (day < t.count.covered_from.take(row)) | (day >= t.count.covered_until.take(row))
    beyond: Numbers = outside | (unknown & (traits & Trait.NEEDS_COVER > 0))
    return beyond


def _on_line(t: Tables, seconds: Numbers, trouble: Numbers, missing: Problem, unreadable: Problem) -> Numbers:
    """Seconds counted from the first day of the tables; a time outside them gets the nearest."""
    since: Numbers = seconds - t.first_day * DAY
    if seconds.min() < max(t.first_day * DAY, 0):
        _mark(trouble, seconds == MISSING, missing)
        _mark(trouble, seconds == UNREADABLE, unreadable)
        since = np.where(seconds <= UNREADABLE, NEVER + 1, np.maximum(since, 0))
    return np.minimum(since, NEVER + 1).astype(np.int32)


def _in_gap(t: Tables, day: Numbers, seconds: Numbers) -> Numbers:
    """Which wall-clock readings a clock change leaves out."""
    wrong = np.zeros(len(day), dtype=bool)
    for i in np.flatnonzero(t.has_gap.take(day, mode="clip")):
        gap = t.gaps[int(day[i]) + t.first_day]
        wrong[i] = gap.start <= seconds[i] % DAY < gap.end
    return wrong


def _out_of_gap(t: Tables, due: Due[Any]) -> Due[Any]:
    """Due times that a clock change leaves out end with the last second there was."""
    second = due.second
    for i in np.flatnonzero(_in_gap(t, due.day, due.second)):
        second[i] = t.gaps[int(due.day[i]) + t.first_day].start - 1
    return due


def _receive(
    t: Tables, records: Records, part: slice, row: Numbers, chosen: Numbers, start: Start[Any], trouble: Numbers
) -> Start[Any]:
    """Deem and cut off the chosen rows, whose rule says so; the others count as they came."""
    rows, day, second = row[chosen], start.day[chosen], start.second[chosen]
    how, rule = t.reception_columns(rows), t.rule_columns(rows)
    applies = _applies(t, records, part, chosen, rows)
    moved, late = kernel.receive(t.array_ops, rule, how, day, second, np.maximum(applies, 0))
    wrong = np.where((late > 0) & (applies < 0), Problem.ATTRIBUTE_NEEDED, -np.minimum(moved.day, 0))
    codes = _replaced(0, chosen, wrong, len(row))
    _mark(trouble, codes > 0, codes)
    return Start(*(_replaced(whole, chosen, some, len(row)) for whole, some in zip(start, moved, strict=True)))


def _close(t: Tables, row: Numbers, chosen: Numbers, due: Due[Any]) -> Due[Any]:
    """Close the chosen rows, whose rule says so, with the office."""
    few = Due(*(np.broadcast_to(column, len(row))[chosen] for column in due))
    some = kernel.close(t.array_ops, t.rule_columns(row[chosen]), few)
    return Due(*(_replaced(whole, chosen, part, len(row)) for whole, part in zip(due, some, strict=True)))


def _replaced(whole: Any, chosen: Numbers, some: Any, length: int) -> Numbers:
    replaced: Numbers = np.array(np.broadcast_to(whole, length), dtype=np.int32)
    replaced[chosen] = some
    return replaced


def _applies(t: Tables, records: Records, part: slice, chosen: Numbers, rows: Numbers) -> Numbers:
    """1 where a cut-off applies, 0 where the case's attribute says it does not, -1 where the attribute is not given."""
    which = t.reception.attribute[rows]
    applies = np.ones(len(rows), dtype=np.int64)
    for number, name in enumerate(t.attributes[1:], start=1):
        asks = which == number
        given = records.attributes.get(name)
        applies[asks] = -1 if given is None else given[part][chosen][asks]
    return applies


def _finished(t: Tables, records: Records, part: slice, trouble: Numbers) -> Numbers:
    """Seconds of the finish on the tables' own line; of an unfinished case, later than ever."""
    if records.finished is None:
        return np.full(len(trouble), NEVER + 1, dtype=np.int32)
    seconds = records.finished.seconds[part]
    finished = _on_line(t, seconds, trouble, Problem.NONE, Problem.FINISHED_UNREADABLE)
    if records.finished.instants and t.gaps:
        _mark(trouble, _in_gap(t, finished // DAY, finished), Problem.FINISHED_UNREADABLE)
    return finished


def _write(
    t: Tables, out: Answers, part: slice, row: Numbers, due: Due[Any], found: Judgement[Any], trouble: Numbers
) -> None:
    """The block's answer."""
    verdict = out.verdict[part]
    verdict[:] = found.verdict
    if trouble.any():
        np.copyto(verdict, JUDGED + trouble.astype(np.int16), where=trouble > 0)
    np.add(due.day, t.first_day, out=out.due_day[part])
    out.due_second[part] = due.second
    out.margin[part] = found.gap
    out.margin_calendar[part] = found.gap_calendar
    out.elapsed[part] = found.elapsed
    out.row[part] = row


def provisional(t: Tables, records: Records, answers: Answers) -> Numbers:
    """Which answers rest on a year that is only foreseen, between the receipt and the later of due and finish."""
    received = np.clip(records.received.seconds // DAY - t.first_day, 0, t.size)
    due = answers.due_day - t.first_day
    open_yet = (answers.verdict & Fact.OPEN > 0) | (answers.verdict >= JUDGED)
    end = np.where(open_yet, due, np.maximum(due, due - answers.margin_calendar))
    foreseen = kernel.measure(t.array_ops, t.count.foreseen.take(answers.row), received, end + 1)
    return np.asarray(foreseen > 0)
