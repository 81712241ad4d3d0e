"""The one place where days are added.

Every calendar is a line of ticks, laid out as tables of whole numbers in one array of cells:

    rank[d]   how many countable days lie before day d
    nth[k]    the day of the k-th countable day
    end[k]    where a limit ends whose last day is the k-th: nth[k], rolled if that is a day off

so that "add n working days" is two look-ups. A calendar day is a tick of a calendar in which every day is open, a month
is 32 ticks of a line on which every month has 32 days, a limit of nothing is no tick of the calendar-day line: the
tables differ, the arithmetic does not. A rule is a row of offsets into the cells.

Where a table has no answer it holds a negative number, minus the code of the problem; and before each table lie the
numbers -64 to -1 themselves, so that a look-up by a missing answer finds the same missing answer. Days and seconds are
counted from the first day of the tables and fit 32 bits.

The text below is written once and runs on whole numbers (one record) and on arrays of them (a block of records), over
the same cells. It therefore branches nowhere: `ops.pick` chooses, `ops.take` looks up and never leaves the cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from slaengine.verdict import Fact

if TYPE_CHECKING:
    from numpy import generic
    from numpy.typing import NDArray

    Numbers = NDArray[Any]
    Truth = int | NDArray[generic]

NEVER = (1 << 31) - 2
"""The second that does not come: `today` where none is given is this, the finish of an unfinished case is later."""

I = TypeVar("I", int, "Numbers")  # whole number: one, or an array of them


class Ops(Protocol[I]):
    """What the two views of the kernel do differently."""

    def take(self, index: I) -> I:
        """The cells at `index`; an index outside reads the nearest cell."""

    def pick(self, condition: Truth, yes: I, no: I) -> I:
        """`yes` where the condition holds, else `no`."""

    def flag(self, condition: Truth, fact: int) -> I:
        """`fact` where the condition holds, else 0."""

    def least(self, a: I, b: I | int) -> I:
        """The smaller of the two."""

    def greatest(self, a: I, b: I) -> I:
        """The larger of the two."""


class Reception(NamedTuple, Generic[I]):
    """How a rule turns a receipt into the start of its count: offsets into the cells, and small numbers."""

    minutes: I  # table day -> where the table of that day's minutes begins
    open_day: I  # table day -> the day itself, or the next working day
    opening: I  # table day -> second at which the office opens
    closing: I  # table day -> second from which the cut-off is measured (0, or the closing time)
    cut_off: I  # seconds after that at which the receipt is still in time
    following: I  # table day -> the day itself if it is a working day, else the next one
    moves: I  # 1 where a late receipt moves the start, 0 where it only moves the due day
    late_shift: I  # days from a late start to the first counted day
    late_line: I  # the line a late receipt is counted on
    late_end: I  # table tick -> day on which a limit ends that was received late, entered as `end`
    attribute: I  # which attribute of the case decides whether the cut-off applies; 0: always


class Count(NamedTuple, Generic[I]):
    """How a rule counts and what its due day means: offsets into the cells, and small numbers."""

    shift: I  # days from the start to the first counted day
    line: I  # table first counted day -> tick
    end: I  # table tick -> day on which a limit ends, entered by the ticks from the first counted day to the last
    unrolled: I  # table tick -> last day, before it is rolled
    clock: I  # last lawful second of a day, 0 where that is the time of day of the start
    keep: I  # 1 where the due time is the time of day of the start, else 0
    closing: I  # table day -> last lawful second of that day, where it ends with the office hours
    rank: I  # table day -> working days before it
    covered_from: I  # first day the calendar knows
    covered_until: I  # first day after those the calendar knows
    foreseen: I  # table day -> days before it in years that are foreseen, not announced


class Start(NamedTuple, Generic[I]):
    """When a case counts as received, and what is counted from there."""

    day: I
    second: I
    first: I
    line: I
    end: I


class Due(NamedTuple, Generic[I]):
    """When a limit ends; where `end` is negative there is no due day, and it is minus the code of the problem."""

    end: I
    day: I
    second: I


class Judgement(NamedTuple, Generic[I]):
    """How a case stands at its finish, or at today while that lies ahead, in working days of the rule's calendar."""

    verdict: I
    gap: I
    gap_calendar: I
    elapsed: I


def advance(ops: Ops[I], line: I, end: I, first: I) -> I:
    """The day on which a count ends: `nth(rank(first) + n)`, with `end` the n-th cell of the table `nth`."""
    return ops.take(end + ops.take(line + first))


def measure(ops: Ops[I], rank: I, start: I, end: I) -> I:
    """The ticks in [start, end), negative when reversed: the inverse of `advance`."""
    return ops.take(rank + end) - ops.take(rank + start)


def as_received(rule: Count[I], day: I, second: I) -> Start[I]:
    """The start of a case whose receipt counts as it came, at whatever hour."""
    return Start(day, second, day + rule.shift, rule.line, rule.end)


def receive(ops: Ops[I], rule: Count[I], how: Reception[I], day: I, second: I, applies: I) -> tuple[Start[I], I]:
    """The start of a case that is deemed and cut off, and 1 where the receipt was late in the day.

    A closed moment moves to the next open one. A late receipt is counted as the rule's late receipts are: from another
    day, on another line, to another end.
    """
    opens = ops.take(ops.take(how.minutes + day) + second // 60)
    another_day = opens // 1440
    deemed = ops.take(how.open_day + day + another_day)
    opening = ops.pick(another_day, ops.take(how.opening + deemed), opens * 60)
    moment = ops.greatest(second * (1 - another_day), opening)
    late = ops.flag((moment > ops.take(how.closing + deemed) + how.cut_off) & (deemed >= 0), 1)
    moved = late * applies * how.moves
    day = ops.pick(moved, ops.take(how.following + deemed + 1), deemed)
    start = Start(
        day,
        ops.pick(moved, ops.take(how.opening + day), moment),
        day + ops.pick(moved, how.late_shift, rule.shift),
        ops.pick(late * applies, how.late_line, rule.line),
        ops.pick(late * applies, how.late_end, rule.end),
    )
    return start, late


def due(ops: Ops[I], rule: Count[I], start: Start[I]) -> Due[I]:
    """The day on which the limit ends, and its last lawful second; never before the start."""
    end = advance(ops, start.line, start.end, start.first)
    return Due(end, ops.greatest(end, start.day), rule.clock + rule.keep * start.second)


def close(ops: Ops[I], rule: Count[I], due: Due[I]) -> Due[I]:
    """The same, where the last lawful second is the closing time of the office on that day."""
    second = ops.take(rule.closing + due.day)
    return Due(ops.pick(due.end < 0, due.end, ops.least(second, due.end)), due.day, second)


def judge(
    ops: Ops[I], rule: Count[I], first: I, due: Due[I], begun: I, finished: I, today: int, early: int
) -> Judgement[I]:
    """How the case stands at its finish or, while that lies ahead, at `today` (all in seconds).

    `begun` is the receipt as a finish is compared with it: its date where the finish is only a date. `early` is how
    many working days saved make a finish early. Past the calendar's coverage rank stands still, so that the gap found
    there is the least it can be: enough to say early, not enough to say on time.
    """
    open_yet = finished > today
    until = ops.least(finished, today)
    day = until // 86400
    past_due = until > due.day * 86400 + due.second
    after = rule.rank + 1
    passed = ops.take(after + day)
    gap = ops.take(after + due.day) - passed
    verdict = (
        ops.flag(open_yet, Fact.OPEN)
        + ops.flag(past_due, Fact.PAST_DUE)
        + ops.flag(gap >= early, Fact.EARLY)
        + ops.flag(begun > until, Fact.FINISHED_BEFORE_RECEIVED)
    )
    return Judgement(verdict, gap, due.day - day, passed - ops.take(rule.rank + first))


def seldom(ops: Ops[I], rule: Count[I], first: I, due: I, day: I, received: I, today: int) -> I:
    """The facts of cases at an edge: what the calendar does not know of them, and a `today` before the receipt or none.

    `due` and `day` are the due day and the day the case is judged on.
    """
    known = (ops.least(day, due) >= rule.covered_from - 1) & (ops.greatest(day, due) < rule.covered_until)
    spent = (first >= rule.covered_from) & (day < rule.covered_until)
    return (
        ops.flag((known | (day == due)) < 1, Fact.MARGIN_UNCOVERED)
        + ops.flag((spent | (day < first)) < 1, Fact.ELAPSED_UNCOVERED)
        + ops.flag(received > today, Fact.RECEIVED_AFTER_TODAY)
        + ops.flag((day >= 0) & (today >= NEVER), Fact.TODAY_MISSING)
    )
