"""What happened to a clock, in the order in which it counts: stops, restarts and extensions as rows of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from slaengine.case import Case, Extension, Restart, Supplement, Suspension
from slaengine.days import is_instant
from slaengine.errors import InputError
from slaengine.vocabulary import Problem, Unit

__all__ = ["MICRO", "NEVER_ENDED", "Event", "Kind", "events_of"]

NEVER_ENDED = 1 << 62
"""The second of an end that has not come."""
UNITS = {unit: number for number, unit in enumerate(Unit)}
FAR = 200_000
"""Hours, or days, that no extension comes up to."""
MICRO = 1_000_000


class Kind:
    """What an event is; at the same moment, the lower number counts first."""

    RESTART = 0
    EXTENSION = 1
    STOP = 2
    UNREADABLE = 3


class Event(NamedTuple):
    """One event: at `time` (wall-clock seconds) its effect sets in.

    A stop lasts until `end`; its `amount` is 1 where it waits for documents, which came at `answered`. One that ends
    before it begins is `UNREADABLE`. An extension is of `amount` millionths of the unit with that number. `order` is
    the kind, or -1 for a wait that ends as it begins. `supplement` is 1 where the rule decides what the event is,
    `dated` where it only has a date: 1, what has a date for its end: 2, or both.
    """

    time: int
    order: int
    kind: int
    end: int
    amount: int
    unit: int
    supplement: int
    dated: int
    answered: int = NEVER_ENDED


def events_of(case: Case, seconds: Callable[[date], int]) -> list[Event]:
    """The events of a case, sorted; `seconds` reads a time, or raises `InputError` with the problem `event_unreadable`.

    That is raised for an extension by something that is no amount, too.
    """
    found = [_suspended(stop, seconds) for stop in case.suspensions]
    if case.extensions or case.restarts or case.supplements:
        found += [_extended(extension, seconds) for extension in case.extensions]
        found += [event for restart in case.restarts for event in _waited(restart, restart.at, 0, seconds)]
        found += [event for asked in case.supplements for event in _supplemented(asked, seconds)]
    if len(found) > 1:
        found.sort()
    return found


def _suspended(stop: Suspension, seconds: Callable[[date], int]) -> Event:
    start, end, _, window_end = stop
    until = NEVER_ENDED if end is None else seconds(end)
    if window_end is not None:
        until = min(until, seconds(window_end))
    instants = isinstance(start, datetime) and (end is None or isinstance(end, datetime))
    begun = seconds(start)
    kind = Kind.STOP if begun <= until else Kind.UNREADABLE
    return Event(begun, kind, kind, until, 0, 0, 0, 0 if instants else 1)


def _waited(
    asked: Restart | Supplement, end: date | None, supplement: int, seconds: Callable[[date], int]
) -> Iterator[Event]:
    """The wait, and the restart after it; a wait that ends as it begins still comes before its restart."""
    start, dated = seconds(asked.requested_at), _dated(asked.requested_at) | 2 * _dated(end)
    until = NEVER_ENDED if end is None else seconds(end)
    at = NEVER_ENDED if asked.at is None else seconds(asked.at)
    kind = Kind.STOP if start <= until else Kind.UNREADABLE
    yield Event(start, -1 if until == start else kind, kind, until, 1, 0, supplement, dated, at)
    if asked.at is not None and start <= until:  # else it never was: whenever it is looked at, it makes no sense
        yield Event(at, Kind.RESTART, Kind.RESTART, at, 0, 0, supplement, _dated(asked.at))


def _supplemented(asked: Supplement, seconds: Callable[[date], int]) -> Iterator[Event]:
    """The clock waits for documents until the window is closed."""
    ends = [end for end in (asked.at, asked.window_end) if end is not None]
    yield from _waited(asked, min(ends, key=seconds, default=None), 1, seconds)


def _extended(extension: Extension, seconds: Callable[[date], int]) -> Event:
    time = seconds(extension.granted_at)
    if not isinstance(extension.unit, str) or extension.unit not in set(Unit):
        raise _unreadable(f"{extension.unit!r} is no unit")
    amount: Any = extension.amount
    exact = Decimal(amount) if isinstance(amount, int | Decimal) and not isinstance(amount, bool) else Decimal("nan")
    if not exact.is_finite() or abs(exact) >= FAR or exact * MICRO % 1:
        raise _unreadable(f"an extension by {amount!r}")
    unit = UNITS[Unit(extension.unit)]
    millionths, dated = int(exact * MICRO), _dated(extension.granted_at)
    return Event(time, Kind.EXTENSION, Kind.EXTENSION, time, millionths, unit, 0, dated)


def _dated(moment: date | None) -> int:
    return int(moment is not None and not is_instant(moment))


def _unreadable(what: str) -> InputError:
    return InputError(what, problem=Problem.EVENT_UNREADABLE, hint="check the event's times")
