"""What the cells of pack files may say: dates, times of day, amounts and citations, each with one way of writing it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from slaengine.days import WEEKDAYS

__all__ = [
    "Amount",
    "Citations",
    "Clock",
    "Day",
    "Halves",
    "MaybeCitations",
    "MaybeDate",
    "Name",
    "Number",
    "Segments",
    "Text",
    "Weekday",
    "Zone",
]

CITATION = re.compile(
    r"(?P<instrument>[\w.\-]+):(?P<article>[^():;]+)(?:\((?P<clause>[^()]+)\))?(?:\((?P<point>[^()]+)\))?"
)
KEPT = 4_096
"""Writings that are kept with what they mean: a registry states few days and amounts, each thousands of times."""
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def read_citations(text: Any) -> list[list[str]]:
    """`instrument:article(clause)(point)`, several joined by semicolons, as rows of those four."""
    return [_citation(part.strip()) for part in str(text).split(";")]


def _citation(text: str) -> list[str]:
    match = CITATION.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no citation; write instrument:article(clause)(point)")
    return list(match.groups(""))


def read_clock(text: Any) -> int:
    """A time of day as seconds."""
    match = CLOCK.fullmatch(str(text))
    if not match:
        raise ValueError(f"{text!r} is no time of day; write HH:MM")
    hours, minutes, seconds = (int(group or 0) for group in match.groups())
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 86_400:
        raise ValueError(f"{text!r} is no time of day; write HH:MM up to 24:00")
    return hours * 3600 + minutes * 60 + seconds


def read_segments(texts: Any) -> list[list[int]]:
    """Office hours such as `07:30-11:30` as pairs of minutes, ascending and apart; `22:00-06:00` ends the next day."""
    pairs = [[read_clock(end) for end in str(text).split("-")] for text in texts]
    if any(len(pair) != 2 or pair[0] == pair[1] or pair[0] % 60 or pair[1] % 60 for pair in pairs):
        raise ValueError(f"{texts!r} are no office hours; write HH:MM-HH:MM")
    pairs = [[start, end if start < end else end + 86_400] for start, end in pairs]
    if any(before[1] >= after[0] for before, after in pairwise(pairs)):
        raise ValueError(f"{texts!r} touch, overlap or run backwards; write them ascending, with a break between")
    if pairs and pairs[-1][1] - 86_400 > pairs[0][0]:
        raise ValueError(f"{texts!r} go on past their own beginning; write a day of 24 hours at most")
    return [[pair[0] // 60, pair[1] // 60] for pair in pairs]


def read_day(value: Any) -> date:
    """A date, or its ISO writing; nothing that only could be read as one."""
    if type(value) is date:
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no date; write 2025-04-28")  # noqa: TRY004  # a fault of the file
    return _written_day(value)


@lru_cache(maxsize=KEPT)
def _written_day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is no date; write 2025-04-28")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of the calendar; check the month and the day") from error


def read_maybe_day(value: Any) -> date | None:
    """A day, or nothing where nothing stands."""
    return None if value in {"", None} else read_day(value)


def read_amount(value: Any) -> int | str:
    """An exact amount from 0: a whole number, or a decimal such as `3.5` that stays as it is written."""
    return _written_amount(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=KEPT)
def _written_amount(text: str) -> int | str:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text):
        raise ValueError(f"{text!r} is no amount; write 5 or 3.5")
    exact = Decimal(text)
    return int(exact) if exact == int(exact) else str(exact.normalize())


def read_number(value: Any) -> int:
    """A whole number from 1."""
    if not re.fullmatch(r"[1-9]\d{0,2}", str(value)):
        raise ValueError(f"{value!r} is no number from 1")
    return int(value)


def read_halves(value: Any) -> float | None:
    """What a half day counts for: 0, 0.5 or 1."""
    if value is not None and value not in {0, 0.5, 1}:
        raise ValueError(f"{value!r} is no share of a day; write 0, 0.5 or 1")
    return value if value is None else float(value)


@cache
def _zones() -> set[str]:
    """The zones there are, which `zoneinfo` looks up in the file system each time."""
    return available_timezones()


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no IANA zone; write one such as Asia/Ho_Chi_Minh")
    return ZoneInfo(name).key


Citations = Annotated[list[list[str]], BeforeValidator(read_citations)]
MaybeCitations = Annotated[
    list[list[str]],
    BeforeValidator(lambda text: read_citations(text) if text and isinstance(text, str) else text or []),
]
Amount = Annotated[int | str, BeforeValidator(read_amount)]
Number = Annotated[int, BeforeValidator(read_number)]
Halves = Annotated[float | None, BeforeValidator(read_halves)]
Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[int, BeforeValidator(read_clock)]
Segments = Annotated[list[list[int]], BeforeValidator(read_segments)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(read_day)]
MaybeDate = Annotated[date | None, BeforeValidator(read_maybe_day)]
Name = Annotated[str, Field(pattern=r"^[\w.\-]+$")]

assert tuple(Weekday.__args__) == WEEKDAYS  # type: ignore[attr-defined]  # noqa: S101  # the two lists are one
