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

Hours are ticks too: the open seconds of a calendar. A day and a second of it are turned into a tick and back by tables
of days, and within the day by tables of minutes.

A limit that is stopped keeps where it ends on its line, in `Run`, and by how many ticks it stood still, in `Still`;
where the two meet it is due. Stops only put that off: an event not after an earlier due instant is in time.

The text below is written once and runs on whole numbers (one record) and on arrays of them (a block of records), over
the same cells. It therefore branches nowhere: `ops.pick` chooses, `ops.take` looks up and never leaves the cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from slaengine.figures import NEVER, Count, Due, Hours, I, Judgement, Reception, Run, Start, Still, Stops
from slaengine.verdict import Fact

if TYPE_CHECKING:
    from numpy import generic
    from numpy.typing import NDArray

    Numbers = NDArray[Any]
    Truth = int | NDArray[generic]


class Ops(Protocol[I]):
    """What the two views of the kernel do differently."""

    def take(self, index: I) -> I:
        """The cells at `place`; an index outside reads the nearest cell."""

    def pick(self, condition: Truth, yes: I, no: I) -> I:
        """`yes` where the condition holds, else `no`."""

    def flag(self, condition: Truth, fact: int) -> I:
        """`fact` where the condition holds, else 0."""

    def least(self, a: I, b: I | int) -> I:
        """The smaller of the two."""

    def greatest(self, a: I, b: I | int) -> I:
        """The larger of the two."""


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
    away = opens // 1440  # 1: no more today; -1: the office time of the day before, which goes on past midnight
    deemed = ops.take(how.open_day + day + away)
    inside = ops.greatest(second, (opens - 1440 * away) * 60) - 86400 * away
    moment = ops.pick(away > 0, ops.take(how.opening + deemed), inside)
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


def receive_date(ops: Ops[I], rule: Count[I], how: Reception[I], day: I) -> Start[I]:
    """The start of a case of which only the date of receipt is known: a day off moves, and no hour is late."""
    deemed = ops.take(how.open_day + day)
    return Start(deemed, ops.take(how.opening + deemed), deemed + rule.shift, rule.line, rule.end)


def due(ops: Ops[I], rule: Count[I], start: Start[I]) -> Due[I]:
    """The day on which the limit ends, and its last lawful second; never before the start."""
    end = advance(ops, start.line, start.end, start.first)
    return Due(end, ops.greatest(end, start.day * rule.forward), rule.clock + rule.keep * start.second)


def close(ops: Ops[I], rule: Count[I], due: Due[I]) -> Due[I]:
    """The same, where the last lawful second is the closing time of the office on that day."""
    second = ops.take(rule.closing + due.day)
    return Due(ops.pick(due.end < 0, due.end, ops.least(second, due.end)), due.day, second)


def tick_of(ops: Ops[I], hours: Hours[I], day: I, second: I) -> I:
    """The open seconds before a moment."""
    minute = second // 60
    at = ops.take(hours.opened + day) + minute
    opened = ops.take(at)
    tick: I = ops.take(hours.before + day) + 60 * opened + (second - 60 * minute) * (ops.take(at + 1) - opened)
    return tick


def moment_of(ops: Ops[I], hours: Hours[I], tick: I) -> tuple[I, I]:
    """The day and the second at which so many open seconds are over; the inverse of `tick_of`, at its earliest."""
    last = ops.greatest(ops.least(tick, hours.most), 1) - 1
    number = ops.take(hours.bucket + last // hours.width)
    number = number + ops.flag(last >= ops.take(hours.ends + number), 1)
    day = ops.take(hours.days + number)
    inside = last - ops.take(hours.before + day)
    minute = inside // 60
    minutes = ops.take(ops.take(hours.minute + day) + minute) - minute
    second = 60 * minutes + inside + ops.flag(tick > 0, 1)  # no open second is over where the first one begins
    return day + ops.flag((second >= 86400) & (day >= 0), 1), ops.pick(second >= 86400, second - 86400, second)


def begin(ops: Ops[I], rule: Count[I], stops: Stops[I], start: Start[I], late: I) -> Run[I]:
    """A limit in days as it begins to run, due as `due` says."""
    end, day, second = due(ops, rule, start)
    place = rule.unrolled + ops.take(start.line + start.first)
    roll = ops.pick(late, stops.late_roll, stops.roll)
    return Run(place, stops.line, stops.by_month, roll, end, day, second, ops.take(place))


def settle(ops: Ops[I], stops: Stops[I], run: Run[I], still: Still[I]) -> Run[I]:
    """The run with the due day that its end, its stops and its floor add up to; rolled once."""
    place, line, by_month, roll, _, _, second, _ = run
    outside = still.moved * by_month
    last = ops.take(stops.days + ops.take(place + still.moved - outside) + outside)
    end = ops.take(roll + ops.pick(last < 0, last, ops.greatest(last, still.floor)))
    return Run(place, line, by_month, roll, end, ops.greatest(end, still.floor), second, last)


def counts(ops: Ops[I], run: Run[I], until: I, moment: I) -> I:
    """1 where an event is in time: not after the due instant, nor after `until`, when a stop ended that counted."""
    return ops.flag(moment <= ops.greatest(run.day * 86400 + run.second, until), 1)


def stop(
    ops: Ops[I], rank: I, stops: Stops[I], line: I, still: Still[I], start: I, end: I, counted: I
) -> tuple[Still[I], I]:
    """What has stopped a limit after a stop [start, end), and 1 where the calendar does not know all of that.

    Its days are those from the date of the start to that of the end, as far as no stop before it took them. `line` is
    the table of ticks that the limit is moved by, `rank` that of working days that what is elapsed is measured on.
    """
    moved, stopped, floor, until, idle = still
    day, joined = end // 86400, ops.flag(start <= until, 1)
    first = ops.greatest(start // 86400 + stops.skip_first * (1 - joined), stopped)
    stopped = ops.greatest(first, (day + stops.take_last) * counted)
    still = Still(
        moved + measure(ops, line, first, stopped),
        stopped,
        ops.greatest(floor, day * counted),
        ops.greatest(until, end * counted),
        idle + measure(ops, rank, first, stopped),
    )
    return still, ops.flag((stopped > stops.until) & (stopped > first), 1) * counted


def lengthen(
    ops: Ops[I], stops: Stops[I], run: Run[I], still: Still[I], zero: I, first: I, ticks: I, clear: I
) -> Run[I]:
    """The run with so many ticks more on its own line, counted with the limit itself.

    Below 0 there are less, down to a limit of nothing, which has no `clear` ticks either, and ends on the day `zero` on
    which it began; `first` is the first counted day. A month is 32 ticks.
    """
    counted = measure(ops, run.line, first, run.last + 1) - still.moved
    least = ops.least(counted, ops.take(run.line + ops.greatest(run.last, 0)))
    months = (12 * (run.last - still.moved - first) + 200) // 365
    most = ops.pick(run.by_month, 32 * months, least)
    nothing = (ticks < 0) & (ticks <= clear - most) & (run.last >= 0)
    place = run.place + ops.pick(nothing, measure(ops, run.line, first, zero + 1) - most, ticks)
    return settle(ops, stops, run._replace(place=place), still)


def go_on(
    ops: Ops[I], stops: Stops[I], run: Run[I], still: Still[I], zero: I, line: I, end: I, ticks: I, by_month: I
) -> tuple[Run[I], Still[I]]:
    """The run with a further part of so many ticks of a line, of which the day `zero` is day zero.

    `line` turns a day into a tick, `end` a tick into the day on which the part ends.
    """
    place = end + ops.take(line + zero + 1) + ticks - 1 + by_month
    measured = ops.pick(by_month, stops.days, line)
    still = still._replace(moved=zero * 0)
    return settle(ops, stops, run._replace(place=place, line=measured, by_month=by_month), still), still


def begin_hours(hours: Hours[I], tick: I) -> Run[I]:
    """A limit in hours as it begins to run at a tick."""
    nothing = tick * 0
    return Run(tick + hours.amount, hours.roll, nothing, nothing, nothing, nothing, nothing, nothing)


def stop_hours(ops: Ops[I], still: Still[I], start: I, end: I, until: I, counted: I) -> Still[I]:
    """What has stopped a limit after a stop between two ticks that ended at the second `until`."""
    first = ops.greatest(start, still.stopped)
    last = ops.greatest(first, end * counted)
    return Still(
        still.moved + last - first,
        last,
        ops.greatest(still.floor, until * counted),
        ops.greatest(still.until, until * counted),
        still.idle + last - first,
    )


def settle_hours(ops: Ops[I], stops: Stops[I], run: Run[I], floor: I, day: I, second: I) -> Run[I]:
    """The run with its due moment, which is `day` and `second` unless it is not due before the second `floor`.

    The due moment is rolled where the rule says so, and wherever the end of a stop takes its place; but not back.
    """
    held = ops.flag(floor > day * 86400 + second, 1)
    last = ops.pick(held, floor // 86400, day)
    end = ops.take(ops.pick(held, stops.roll, run.line) + last)
    moment = ops.greatest(end * 86400 + ops.pick(held, floor % 86400, second), floor)
    due, end = moment // 86400, ops.pick(day < 0, day, end)
    return Run(run.place, run.line, run.by_month, run.roll, end, due, moment - due * 86400, last)


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
