"""One record in the numbers of the tables, and what is found out about it row by row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from slaengine import kernel
from slaengine.case import Case
from slaengine.cells import NEIGHBOURS
from slaengine.days import DAY, is_instant
from slaengine.errors import InputError
from slaengine.events import Event, Kind
from slaengine.figures import Due, Hours, Start
from slaengine.maker import Trait
from slaengine.outcome import Told
from slaengine.tables import Row, Tables
from slaengine.versions import Change
from slaengine.vocabulary import Governs, Problem

__all__ = [
    "ENDLESS",
    "OVER",
    "Closed",
    "Facts",
    "Refusal",
    "Settled",
    "applies_of",
    "check_cover",
    "choose",
    "closed",
    "closing",
    "due_of",
    "modified",
    "start_of",
    "started",
    "tick_at",
]

OVER = 1 << 62
ENDLESS = 1 << 40
"""The second up to which an unfinished case is looked at without a today."""


class Refusal(Exception):  # noqa: N818  # not an error: how a problem leaves the driver
    """A problem found before the case could be judged."""

    def __init__(self, problem: int, row: int = -1) -> None:
        self.problem = Problem(problem)
        self.row = row


class Closed(Exception):  # noqa: N818  # not an error: the case is to be looked at anew
    """The case was closed by an event, to be filed anew, and was not."""

    def __init__(self, event: Event) -> None:
        self.second, self.on_date = event.time, bool(event.dated & 1)


@dataclass(slots=True)
class Facts:
    """One record in the numbers of the tables: seconds since their first day."""

    case: Case
    limit: int
    received: int
    events: list[Event]
    today: int
    horizon: int
    finished: bool
    decided: int
    """The day of decision: of the finish, else of today; past all days where there is neither."""
    on_date: bool
    """Whether only the date of the finish is known."""
    is_closed: bool = False
    """Whether the horizon is the request for which the case was closed to be filed anew, and was not."""

    @property
    def requests(self) -> int:
        """How often documents were asked for."""
        asks = self.case.restarts or self.case.supplements
        return sum(event.amount for event in self.events if event.kind == Kind.STOP) if asks else 0


class Settled(NamedTuple):
    """A limit with all that happened to it: the row of its first part, its start, its due instant."""

    row: int
    start: Start[int]
    due: Due[int]
    first: int
    last: int
    late: bool
    idle: int = 0
    suspended: bool = False
    flags: int = 0
    told: tuple[Told, ...] = ()
    tick: int = 0
    stages: tuple[tuple[int, int, int], ...] = ()
    """Row, first counted day and last day of each part."""

    @property
    def instant(self) -> int:
        """When it is due; a limit that stands still has no due instant yet."""
        return OVER if self.suspended else self.due.day * DAY + self.due.second


def start_of(
    t: Tables,
    row: int,
    held: Row,
    moment: int,
    applies: bool | None,  # noqa: FBT001  # a fact, not a switch
    *,
    dated: bool,
) -> tuple[Start[int], bool]:
    """When the case counts as received, and whether it came after a cut-off that applies."""
    _, rule, how = held
    day, second = divmod(moment, DAY)
    if how is None:
        return kernel.as_received(rule, day, second), False
    if dated:
        start = kernel.receive_date(t.scalar_ops, rule, how, day)
        if start.day < 0:
            raise Refusal(-start.day, row)
        return start, False
    start, late = kernel.receive(t.scalar_ops, rule, how, day, second, int(applies or 0))
    if start.day < 0 or (late and applies is None):
        raise Refusal(-start.day if start.day < 0 else Problem.ATTRIBUTE_NEEDED, row)
    return start, bool(late and applies)


def due_of(t: Tables, row: int, held: Row, start: Start[int]) -> Due[int]:
    """When a limit in days ends that nothing stopped."""
    return closed(t, row, held, kernel.due(t.scalar_ops, held.rule, start))


def closed(t: Tables, row: int, held: Row, due: Due[int]) -> Due[int]:
    """The due instant on its day, where the rule's day ends with the office; out of a gap of the clock."""
    due = closing(t, held, due)
    if due.end < 0:
        raise Refusal(-due.end, row)
    gap = t.gaps.get(due.day + t.first_day) if t.gaps else None
    if gap is not None and gap.start <= due.second < gap.end:
        return due._replace(second=gap.start - 1)  # the last second there was
    return due


def closing(t: Tables, held: Row, due: Due[int]) -> Due[int]:
    """The same on any day, gap or not; where there is no such instant the end is minus the code of the problem."""
    return kernel.close(t.scalar_ops, held.rule, due) if held.traits & Trait.CLOSES else due


def check_cover(t: Tables, row: int, held: Row, day: int, looks: int = Trait.NEEDS_COVER) -> None:
    """Refuse a start outside the tables, or outside the calendar that a rule `looks` into, which that trait says."""
    traits, known, _ = held
    first, end = (known.covered_from, known.covered_until) if traits & looks else (NEIGHBOURS, t.size)
    if not first <= day < end:
        raise Refusal(Problem.CALENDAR_NOT_COVERED, row)


def modified(t: Tables, facts: Facts, main: int) -> int:
    """The row of a version for the attributes of the case."""
    if not t.traits[main] & Trait.MODIFIED:
        return main
    links = t.more(main).links
    row = links.modified
    asked = (links.first_attribute, links.second_attribute, links.third_attribute, links.fourth_attribute)
    for bit, attribute in enumerate(filter(None, asked)):
        applies = facts.case.attributes.get(t.attributes[attribute])
        if applies is None:
            raise Refusal(Problem.ATTRIBUTE_NEEDED, main)
        row += applies << bit
    return row


def choose(t: Tables, facts: Facts, group: int, received: int, *, dated: bool) -> tuple[int, list[int]]:
    """The row of the last version that claims a case received at a second, and of those that claim it in part."""
    day = received // DAY
    number, partly = t.versions.row(group, day) - group * t.versions.width, list[int]()
    changes = t.versions.changes.get(group, ())
    if number and changes and changes[number - 1].day == day and changes[number - 1].governs is Governs.DEEMED:
        number -= 1  # it may count as received in the night before
    found, problem = group * t.versions.width + number, Problem.NONE
    for later, change in enumerate(changes[number:], start=found + 1):
        if change.governs is Governs.EACH_DAY or change.governs is Governs.MORE_FAVOURABLE:
            asked = change.governs is Governs.EACH_DAY or facts.decided >= change.day
            partly += [later] * asked
            continue
        try:
            if _claims(t, facts, later, change, received, dated=dated):
                found, partly = later, []
        except Refusal as refused:
            problem = problem or refused.problem
    if problem:
        raise Refusal(problem, found)  # of the version that holds if that one does not
    return found, partly


def _claims(t: Tables, facts: Facts, row: int, change: Change, received: int, *, dated: bool) -> bool:
    governs, day, since = change.governs, change.day, change.since
    if governs in {Governs.DECISION, Governs.TRANSITIONAL}:
        return bool(facts.decided >= since)
    if governs is Governs.DEEMED:
        row -= bool(t.traits[row] & Trait.NO_RULE)  # an end is asked for by the version that ended
        held = t.row(row)
        check_cover(t, row, held, received // DAY, Trait.DEEMS)
        applies = applies_of(t, facts, held)
        start, _ = start_of(t, row, held, received, applies, dated=dated)
        return bool(start.day >= day)
    return False


def applies_of(t: Tables, facts: Facts, held: Row) -> bool | None:
    """Whether the case's attribute lets the cut-off apply; None where it is not given. No attribute is always true."""
    if held.how is None or not held.how.attribute:
        return True
    return facts.case.attributes.get(t.attributes[held.how.attribute])


def tick_at(t: Tables, hours: Hours[int], second: int) -> int:
    """The tick of a wall-clock second on the line that a row counts."""
    moment: int = t.clock.elapsed(second) if hours.elapsed else second
    return kernel.tick_of(t.scalar_ops, hours, *divmod(moment, DAY))


def started(t: Tables, facts: Facts, row: int) -> tuple[int, bool]:
    """The second from which a row's clock runs, and whether only its date is known."""
    event = t.more(row).links.start_event
    moment = facts.case.event_times.get(t.start_events[event]) if event else facts.case.received_at
    if moment is None:
        raise Refusal(Problem.START_EVENT_MISSING, row)
    second, dated = _second_of(t, facts, row, moment) if event else facts.received, not is_instant(moment)
    if dated and t.traits[row] & Trait.NEEDS_TIME:
        raise Refusal(Problem.TIME_NEEDED, row)
    return second, dated


def _second_of(t: Tables, facts: Facts, row: int, moment: date) -> int:
    """The second of a start event; only what is counted back from may still be to come."""
    try:
        second = t.second_of(moment) - t.first_day * DAY
    except InputError as error:
        raise Refusal(error.problem, row) from error
    if second > facts.today and not t.traits[row] & Trait.BACKWARD:
        raise Refusal(Problem.START_EVENT_MISSING, row)
    return second
