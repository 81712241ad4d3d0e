"""What the kernel reads and what it answers: rows of offsets into the cells, and small numbers.

Everything here holds for one record or for a block of them: its fields are whole numbers, or arrays of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

NEVER = (1 << 31) - 2
"""The second that does not come: `today` where none is given is this, the finish of an unfinished case is later."""

I = TypeVar("I", int, "Numbers")  # whole number: one, or an array of them


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
    forward: I  # 1 where the limit runs on from its start, 0 where it runs back


class Stops(NamedTuple, Generic[I]):
    """How a rule's clock stands still: offsets into the cells, and small numbers."""

    line: I  # table day -> ticks before it, on the line on which stops are measured
    by_month: I  # 1 where the limit is counted in months, and moved by calendar days
    days: I  # table day -> the day itself
    roll: I  # table day -> the day it is rolled to
    late_roll: I  # the same where the receipt was late and moves the due day
    skip_first: I  # 1 where the clock still runs on the day on which a stop begins
    take_last: I  # 1 where it stands still also on the day on which a stop ends
    until: I  # first day that stops cannot be measured to


class Hours(NamedTuple, Generic[I]):
    """The line of open seconds of a rule that is counted in hours: offsets into the cells, and its limit."""

    amount: I  # seconds
    before: I  # table day -> open seconds before it
    opened: I  # table day -> where the table begins that turns a minute of that day into the open minutes before it
    bucket: I  # table open second, by the width -> number of the open day it lies in, or of the one before
    width: I  # open seconds of the shortest open day
    ends: I  # table number of an open day -> open seconds up to its end
    days: I  # table number of an open day -> the day
    minute: I  # table day -> where the table begins that turns an open minute of that day into its minute
    roll: I  # table day -> the day to which a due moment is moved
    most: I  # a tick that no calendar has
    elapsed: I  # 1 where the seconds are elapsed ones, 0 where they are read off the wall clock


class Terms(NamedTuple, Generic[I]):
    """How a rule's limit may be extended: small numbers, and the lines that an extension is counted on."""

    origin: I  # 0: it may not; else what it is counted from, see `Origin`
    times: I  # how often, at most
    total: I  # how much in all, at most, of the unit below
    unit: I  # number of the unit that the total is of
    shortens: I  # 1 where amounts below 0 are taken
    known: I  # first day after those the calendar knows
    scale: I  # ticks of a working day
    work_line: I  # table day -> working days before it
    work_end: I  # table working day -> the day
    month_line: I  # table day -> tick of the month line
    month_end: I  # table tick of the month line -> day
    days: I  # table day -> the day itself
    clear: I  # ticks of the day that clear days are more


class Links(NamedTuple, Generic[I]):
    """Which further rows a rule has: numbers of rows, 0 where it has none."""

    then: I  # the part that begins where this one ends
    other: I  # the alternative to this limit ...
    later: I  # ... of which the later due instant holds, 0: the earlier
    modified: I  # the first row of those for every combination of the attributes below
    first_attribute: I  # numbers of attributes, 0: none
    second_attribute: I
    third_attribute: I
    fourth_attribute: I
    start_event: I  # number of the event that starts the clock, 0: the receipt
    supplement: I  # number of the effect of a supplement, 0: none is stated


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


class Run(NamedTuple, Generic[I]):
    """A limit as it runs: where it ends, by itself and as it was last found with all that had stopped it.

    In days `place` is the cell of its unrolled last day, in hours the tick of its end.
    """

    place: I
    line: I
    by_month: I
    roll: I
    end: I  # due day, or minus the code of a problem
    day: I
    second: I
    last: I  # unrolled last day


class Still(NamedTuple, Generic[I]):
    """What has stopped a limit so far.

    `moved` are the ticks by which that moves its end; `stopped` is the first day, or tick, that no stop has taken yet.
    """

    moved: I
    stopped: I
    floor: I  # day (in hours: second) before which it is not due
    until: I  # second at which the last stop ended that counted
    idle: I  # working days (in hours: seconds) for which the clock stood still
