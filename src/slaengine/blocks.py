"""A block of records in the numbers of the tables, and what is found out about its rows one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import kernel
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY
from slaengine.figures import NEVER, Due, Start
from slaengine.maker import Trait
from slaengine.records import FAR
from slaengine.tables import Tables
from slaengine.vocabulary import Governs, Problem

__all__ = [
    "Block",
    "EventRows",
    "chosen",
    "close_cases",
    "closed",
    "closing",
    "cover",
    "in_gap",
    "mark",
    "mark_at",
    "modified",
    "moments",
    "most_first",
    "of_rows",
    "out_of_gaps",
    "receive",
    "since",
    "ticks_of",
]

Numbers = NDArray[Any]
Attributes = dict[int, Numbers]
"""Number of an attribute -> 1 where it is true, 0 where it is false, -1 where it is not given."""
PARTLY = (Governs.MORE_FAVOURABLE, Governs.EACH_DAY)


class EventRows(NamedTuple):
    """The events of some records of a batch, sorted by time: `size[i]` from `first[i]` on are those of record i.

    Seconds on the tables' own line; the columns are those of `slaengine.events.Event`. Where there are `only_stops`,
    none of them is decided by the rule or without its hour. The last of the records is one that has no events.
    """

    first: Numbers
    size: Numbers
    trouble: Numbers
    time: Numbers
    end: Numbers
    kind: Numbers
    amount: Numbers
    unit: Numbers
    supplement: Numbers
    dated: Numbers
    answered: Numbers
    asked: Numbers
    """How often documents were asked for before each event of the batch."""
    only_stops: bool

    def of(self, lot: Numbers) -> EventRows:
        """The events of some of the records, by their places among all."""
        return self._replace(first=self.first[lot], size=self.size[lot], trouble=self.trouble[lot])


@dataclass(slots=True)
class Block:
    """Some records of a block in the numbers of the tables: seconds since their first day."""

    t: Tables
    groups: Numbers
    """The limits of all records of the batch, of which these are those at the `places`."""
    places: Numbers
    received: Numbers
    dated: bool
    starts: dict[int, tuple[Numbers, bool]]
    """Start event -> its seconds, minus the code of a problem where there are none, and whether they are only dates."""
    attributes: Attributes
    events: EventRows | None
    count: Numbers
    """How many events of each record are not later than what is looked at."""
    today: int
    horizon: Numbers
    looked: Numbers
    """The horizon of the case as it came, by which versions that govern by the decision are chosen."""
    done: Numbers
    finished: Numbers
    on_date: Numbers
    """Whether only the date of the finish is known."""
    closed: Numbers
    """Whether the horizon is the request for which the case was closed to be filed anew, and was not."""

    def decided(self, at: Numbers) -> Numbers:
        """The days of decision of some: of the finish, else of today; past all days where there is neither."""
        horizon = self.looked[at]
        return np.where(horizon >= NEVER, FAR, horizon // DAY)


def of_rows(columns: Any, rows: Any) -> Any:
    """The columns of a table for some rows; what is one number for all of them stays one."""
    return type(columns)(*(column[rows] if column.ndim else column for column in columns))


def most_first(size: Numbers) -> Numbers:
    """An order in which those with most events come first."""
    few = np.int16 if size.max(initial=0) < 1 << 15 else np.int64  # of 16 bits they are sorted in a third of the time
    return np.argsort(np.negative(size, dtype=few, casting="unsafe"), kind="stable")


def mark(trouble: Numbers, wrong: Any, code: Any) -> None:
    """Write a problem's code where it applies and no other does yet."""
    if np.any(wrong):
        np.copyto(trouble, code, where=wrong & (trouble == 0), casting="unsafe")


def since(seconds: Numbers, origin: int, most: int) -> Numbers:
    """Seconds counted from an origin that none of them lies before, at most so many."""
    line: Numbers = np.empty(len(seconds), dtype=np.int32)
    if seconds.max(initial=origin) - origin > most:
        seconds = np.minimum(seconds, origin + most)
    return np.subtract(seconds, origin, out=line, casting="unsafe")


def in_gap(t: Tables, day: Numbers, seconds: Numbers) -> Numbers:
    """Which wall-clock readings a clock change leaves out."""
    wrong = np.zeros(len(day), dtype=bool)
    for i in np.flatnonzero(t.has_gap.take(day, mode="clip")):
        gap = t.gaps[int(day[i]) + t.first_day]
        wrong[i] = gap.start <= seconds[i] % DAY < gap.end
    return wrong


def cover(t: Tables, row: Numbers, day: Numbers, traits: Numbers, looks: int = Trait.NEEDS_COVER) -> Numbers:
    """Starts outside the tables, or outside the coverage of a calendar that a rule `looks` into."""
    outside = (day < NEIGHBOURS) | (day >= t.size)
    unknown = (day < t.count.covered_from.take(row)) | (day >= t.count.covered_until.take(row))
    beyond: Numbers = outside | (unknown & (traits & looks > 0))
    return beyond


def closing(t: Tables, row: Numbers, traits: Numbers, due: Due[Any]) -> Due[Any]:
    """The due instants on their days, where the rule's day ends with the office."""
    chosen = np.flatnonzero(traits & Trait.CLOSES)
    if not len(chosen):
        return due
    few = Due(*(np.broadcast_to(column, len(row))[chosen] for column in due))
    some = kernel.close(t.array_ops, t.rule_columns(row[chosen]), few)
    return Due(*(_replaced(whole, chosen, part, len(row)) for whole, part in zip(due, some, strict=True)))


def closed(t: Tables, row: Numbers, traits: Numbers, due: Due[Any]) -> Due[Any]:
    """The same, out of the gaps of the clock."""
    due = closing(t, row, traits, due)
    if t.cuts_midnight or (t.gaps and np.any(traits & (Trait.NEEDS_TIME | Trait.CLOSES))):
        due = due._replace(second=out_of_gaps(t, due.day, np.broadcast_to(due.second, len(row))))
    return due


def out_of_gaps(t: Tables, day: Numbers, second: Numbers) -> Numbers:
    """Seconds of days; those that a clock change leaves out become the last second there was."""
    found = np.array(second)
    for i in np.flatnonzero(in_gap(t, day, found)):
        found[i] = t.gaps[int(day[i]) + t.first_day].start - 1
    return found


def _replaced(whole: Any, chosen: Numbers, some: Any, length: int) -> Numbers:
    replaced: Numbers = np.array(np.broadcast_to(whole, length), dtype=np.int32)
    replaced[chosen] = some
    return replaced


def receive(
    t: Tables, given: Attributes, row: Numbers, traits: Numbers, start: Start[Any], trouble: Numbers, dated: Any
) -> tuple[Start[Any], Any]:
    """Deem and cut off the records whose rule says so, the others count as they came; and which of them came late.

    `dated` says which of them, or whether all, have only a date: those are not late.
    """
    chosen = np.flatnonzero(traits & Trait.RECEIVES)
    if not len(chosen):
        return start, 0
    rows, day = row[chosen], start.day[chosen]
    how, rule = t.reception_columns(rows), t.rule_columns(rows)
    applies = _applies(t, {name: values[chosen] for name, values in given.items()}, rows)
    moved, late = kernel.receive(t.array_ops, rule, how, day, start.second[chosen], np.maximum(applies, 0))
    if np.any(dated):
        only = np.broadcast_to(dated, len(row))[chosen]
        on_date = kernel.receive_date(t.array_ops, rule, how, day)
        moved, late = Start(*(np.where(only, a, b) for a, b in zip(on_date, moved, strict=True))), late * ~only
    wrong = np.where((late > 0) & (applies < 0), Problem.ATTRIBUTE_NEEDED, -np.minimum(moved.day, 0))
    codes = _replaced(0, chosen, wrong, len(row))
    mark(trouble, codes > 0, codes)
    new = Start(*(_replaced(whole, chosen, some, len(row)) for whole, some in zip(start, moved, strict=True)))
    return new, _replaced(0, chosen, late * (applies > 0), len(row))


def _applies(t: Tables, attributes: Attributes, rows: Numbers) -> Numbers:
    """1 where a cut-off applies, 0 where the case's attribute says it does not, -1 where the attribute is not given."""
    which = t.reception.attribute[rows]
    applies = np.ones(len(rows), dtype=np.int64)
    for number in range(1, len(t.attributes)):
        asks = which == number
        given = attributes.get(number)
        applies[asks] = -1 if given is None else given[asks]
    return applies


def moments(b: Block, at: Numbers, row: Numbers, trouble: Numbers) -> tuple[Numbers, Numbers]:
    """The seconds from which the clocks of some records run, and which are only dates; none runs from what is to come.

    Only the event that a limit is counted back from may lie ahead.
    """
    moment, dated = b.received[at], np.full(len(at), b.dated)
    if b.t.has & Trait.STARTS:
        event = b.t.links.start_event.take(row)
        for number in range(1, len(b.t.start_events)):
            here = np.flatnonzero(event == number)
            seconds, only_dates = b.starts.get(number, (None, False))
            given = np.full(len(here), -Problem.START_EVENT_MISSING) if seconds is None else seconds[at[here]]
            ahead = (given > b.today) & (b.t.traits.take(row[here]) & Trait.BACKWARD == 0)
            given = np.where(ahead, -Problem.START_EVENT_MISSING, given)
            mark_at(trouble, here, given < 0, -given)
            moment[here], dated[here] = np.where(given < 0, NEIGHBOURS * DAY, given), only_dates
    mark(trouble, dated & (b.t.traits.take(row) & Trait.NEEDS_TIME > 0), Problem.TIME_NEEDED)
    return moment, dated


def mark_at(trouble: Numbers, here: Numbers, wrong: Numbers, code: Any) -> None:
    """Write a problem's code at some of the rows `here`."""
    part = trouble[here]
    mark(part, wrong, code)
    trouble[here] = part


def modified(b: Block, at: Numbers, main: Numbers, trouble: Numbers) -> Numbers:
    """The rows of versions for the attributes of the cases."""
    t = b.t
    if not t.has & Trait.MODIFIED:
        return main
    some = np.flatnonzero(t.traits.take(main) & Trait.MODIFIED)
    links = t.links_columns(main[some])
    chosen = links.modified.astype(np.int64)
    asked = (links.first_attribute, links.second_attribute, links.third_attribute, links.fourth_attribute)
    for bit, attribute in enumerate(asked):
        for number in np.unique(attribute[attribute > 0]):
            here = np.flatnonzero(attribute == number)
            given = b.attributes.get(int(number))
            true = np.full(len(here), -1) if given is None else given[at[some[here]]]
            mark_at(trouble, some[here], true < 0, Problem.ATTRIBUTE_NEEDED)
            chosen[here] += np.maximum(true, 0) << bit
    row = main.copy()
    row[some] = chosen
    return row


def chosen(
    b: Block, at: Numbers, group: Numbers, row: Numbers, received: tuple[Numbers, Any], trouble: Numbers
) -> tuple[Numbers, Numbers]:
    """The row of the last version that claims each case, and as bits the versions that claim it in part.

    `row` is that by the day of receipt, `received` when that was, and which of the cases have only a date.
    """
    t, decided, day = b.t, b.decided(at), received[0] // DAY
    first, partly = row - group * t.versions.width, np.zeros(len(at), dtype=np.int64)
    names = list(Governs)
    for number in range(1, t.versions.width):  # it may count as received in the night before
        deemed = t.versions.governing[number - 1][group] == names.index(Governs.DEEMED)
        first -= (number == first) & (t.versions.starts[number - 1][group] == day) & deemed
    found = first.copy()
    for number in range(1, t.versions.width):
        starts = t.versions.starts[number - 1][group]
        governs, since = t.versions.governing[number - 1][group], t.versions.since[number - 1][group]
        asked = (number > first) & (starts < t.versions.forever)
        in_part = np.isin(governs, [names.index(name) for name in PARTLY])
        each_day = governs == names.index(Governs.EACH_DAY)
        partly |= (asked & in_part & (each_day | (decided >= starts))).astype(np.int64) << number
        claims = np.isin(governs, [names.index(Governs.DECISION), names.index(Governs.TRANSITIONAL)]) & (
            decided >= since
        )
        deemed = asked & (governs == names.index(Governs.DEEMED))
        if deemed.any():
            rows = group * t.versions.width + number
            claims |= deemed & (_deemed_day(b, at, rows, received, deemed, trouble) >= starts)
        found = np.where(asked & claims, number, found)
        partly = np.where(asked & claims, 0, partly)
    return group * t.versions.width + found, partly


def _deemed_day(
    b: Block, at: Numbers, row: Numbers, received: tuple[Numbers, Any], asked: Numbers, unclear: Numbers
) -> Numbers:
    """The day on which cases count as received under a version; long ago for those not asked about."""
    days = np.full(len(at), -1, dtype=np.int64)
    some = np.flatnonzero(asked)
    ended = b.t.traits.take(row[some]) & Trait.NO_RULE > 0  # an end is asked for by the version that ended
    rows, trouble = row[some] - ended, np.zeros(len(some), dtype=np.uint8)
    moment, dated = (np.broadcast_to(column, len(at))[some] for column in received)
    start, traits = kernel.as_received(b.t.rule_columns(rows), moment // DAY, moment % DAY), b.t.traits.take(rows)
    mark(trouble, cover(b.t, rows, moment // DAY, traits, Trait.DEEMS), Problem.CALENDAR_NOT_COVERED)
    given = {name: values[at[some]] for name, values in b.attributes.items()}
    start, _ = receive(b.t, given, rows, traits, start, trouble, dated)
    mark_at(unclear, some, trouble > 0, trouble)
    days[some] = np.where(trouble > 0, -1, start.day)
    return days


def close_cases(b: Block, at: Numbers, e: Numbers) -> None:
    """From now on these cases are looked at as they stood when an event closed them, to be filed anew."""
    assert b.events is not None  # noqa: S101  # a request closed them
    second = b.events.time[e]
    if b.horizon is b.looked:
        b.horizon = b.horizon.copy()
    b.horizon[at], b.done[at], b.closed[at], b.on_date[at] = second, True, True, b.events.dated[e] & 1
    b.finished[at] = second
    for i in at:  # few, and each has some events
        first, size = b.events.first[i], b.events.size[i]
        b.count[i] = np.count_nonzero(b.events.time[first : first + size] <= b.horizon[i])


def ticks_of(t: Tables, hours: Any, second: Numbers) -> Numbers:
    """The ticks of wall-clock seconds on the lines that rows count."""
    moment = np.where(hours.elapsed, t.clock.elapsed(second), second) if np.any(hours.elapsed) else second
    day = moment // DAY
    return kernel.tick_of(t.array_ops, hours, day, moment - day * DAY)
