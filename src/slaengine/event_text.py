"""Events, attributes and times as one line of text: in the cases of a pack, and on the command line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypedDict

from slaengine.case import Extension, Restart, Supplement, Suspension
from slaengine.days import read_moment
from slaengine.errors import InputError

__all__ = ["Events", "read_events", "read_pairs"]


class Events(TypedDict):
    """The lists of a case."""

    suspensions: list[Suspension]
    extensions: list[Extension]
    restarts: list[Restart]
    supplements: list[Supplement]


def read_events(text: str) -> Events:
    """Clock events as a case holds them, from `stop 2025-08-04 2025-08-06; extend 15 calendar_day 2025-05-05`.

    A stop, restart or supplement has a start and an end (`-`: none yet); a stop and a supplement may have the end of a
    window. `InputError` for anything else.

    >>> read_events("restart 2025-08-07 -")["restarts"]
    [Restart(requested_at=datetime.date(2025, 8, 7), at=None)]
    """
    found = Events(suspensions=[], extensions=[], restarts=[], supplements=[])
    for part in filter(None, (part.strip() for part in text.split(";"))):
        try:
            _add(found, *part.split())
        except (ValueError, ArithmeticError, TypeError) as error:
            raise InputError(f"{part!r} is no event", hint=f"write {HINT}") from error
    return found


HINT = '"stop 2025-08-04 2025-08-06", "restart" or "supplement" likewise, or "extend 15 calendar_day 2025-05-05"'


def _add(found: Events, kind: str, *words: str) -> None:
    """An event to its list; whatever its words are not, they raise."""
    if kind == "extend":
        amount, unit, granted = words
        found["extensions"].append(Extension(Decimal(amount), unit, read_moment(granted)))
        return
    start, end, window = _times(*words)
    if kind == "stop":
        found["suspensions"].append(Suspension(start, end, window_end=window))
    elif kind == "supplement":
        found["supplements"].append(Supplement(start, end, window))
    elif kind == "restart" and window is None:
        found["restarts"].append(Restart(start, end))
    else:
        raise ValueError(kind)


def _times(start: str, end: str = "-", window: str = "-") -> tuple[date, date | None, date | None]:
    return read_moment(start), _maybe(end), _maybe(window)


def _maybe(word: str) -> date | None:
    return None if word == "-" else read_moment(word)


def read_pairs(text: str, hint: str = "write name=value") -> list[tuple[str, str]]:
    """`name=value` pairs, separated by spaces. `InputError` for anything else.

    >>> read_pairs("online=true fee_paid=2025-08-05T09:00")
    [('online', 'true'), ('fee_paid', '2025-08-05T09:00')]
    """
    return [_pair(word, hint) for word in text.split()]


def _pair(word: str, hint: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not name or not value:
        raise InputError(f"{word!r} says nothing", hint=hint)
    return name, value
