"""The columns of an answer, declared once: their names, order and types, and how NumPy holds them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.errors import InputError
from slaengine.vocabulary import Flag, Problem, Status, flag_names

__all__ = ["BESIDE", "ON_REQUEST", "OUTPUT", "Field", "Kind", "Made", "as_numpy", "fields_of"]

Numbers = NDArray[Any]


class Kind(Enum):
    """What a column holds."""

    INSTANT = auto()
    """Wall-clock seconds since 1970-01-01."""
    DAY = auto()
    """Days since 1970-01-01."""
    NUMBER = auto()
    """Whole numbers of 32 bits."""
    TRUTH = auto()
    WORD = auto()
    """Codes of a closed list of words."""


STATUS_WORDS = tuple(str(status) for status in Status)
PROBLEM_WORDS = tuple(str(problem) for problem in Problem if problem)
FLAG_WORDS = tuple(";".join(flag_names(bits)) for bits in range(1, 2 * max(Flag)))


class Field(NamedTuple):
    """One column: `words` are those its codes number (of `rule_id` those of the engine), `code` holds the codes.

    Columns that are not `nullable` are known of every record. `asked` is the word that asks for the column.
    """

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    code: type[np.signedinteger[Any]] = np.int32
    nullable: bool = True
    asked: str = ""


LAW = (
    Field("due_at", Kind.INSTANT),
    Field("due_date", Kind.DAY),
    Field("status", Kind.WORD, STATUS_WORDS, np.int8, nullable=False),
    Field("problem", Kind.WORD, PROBLEM_WORDS, np.int8),
    Field("margin", Kind.NUMBER),
    Field("days_saved", Kind.NUMBER),
    Field("days_late", Kind.NUMBER),
    Field("days_late_calendar", Kind.NUMBER),
    Field("elapsed", Kind.NUMBER),
    Field("rule_id", Kind.WORD),
)
BESIDE = ("due_at", "due_date", "status", "problem", "margin", "rule_id")
"""What `commitment` brings of the other basis, each name preceded by `commitment_`."""
ASKED = (
    Field("provisional", Kind.TRUTH, nullable=False, asked="provisional"),
    *(Field(name, Kind.NUMBER, asked=name) for name in ("margin_minutes", "remaining", "used_percent")),
    Field("next_change_at", Kind.INSTANT, asked="next_change_at"),
    Field("flags", Kind.WORD, FLAG_WORDS, np.int8, asked="flags"),
    Field("promise_status", Kind.WORD, STATUS_WORDS, np.int8, asked="promise_status"),
    *(
        field._replace(name=f"commitment_{field.name}", nullable=True, asked="commitment")
        for field in LAW
        if field.name in BESIDE
    ),
)
OUTPUT = tuple(field.name for field in LAW)
"""The columns of the answer, in order."""
ON_REQUEST = tuple(dict.fromkeys(field.asked for field in ASKED))
"""Columns that come only when asked for in `also`."""


def fields_of(also: Sequence[str] = ()) -> list[Field]:
    """The columns of an answer with those that are asked for. `InputError` for a word that asks for nothing."""
    if isinstance(also, str):
        raise InputError(f"also={also!r}", hint="give a list of names")
    wrong = [name for name in also if name not in ON_REQUEST]
    if wrong:
        raise InputError(f"there is no column {wrong[0]!r} to ask for", hint=f"there is {', '.join(ON_REQUEST)}")
    return [*LAW, *(field for field in ASKED if field.asked in also)]


class Made(NamedTuple):
    """A column of an answer: numbers, which of them are known (None: all), and the words that codes stand for."""

    values: Numbers
    known: Numbers | None = None
    words: Sequence[str] = ()


def as_numpy(field: Field, made: Made) -> Any:
    """A column as NumPy holds it: times with NaT, masked numbers, words with None."""
    unknown = None if made.known is None else ~made.known
    if field.kind in {Kind.INSTANT, Kind.DAY}:
        times = made.values.astype(np.int64).view(f"datetime64[{'s' if field.kind is Kind.INSTANT else 'D'}]")
        if unknown is not None:
            times[unknown] = np.datetime64("NaT")
        return times
    if field.kind is Kind.NUMBER:
        mask = np.zeros(len(made.values), dtype=bool) if unknown is None else unknown
        return np.ma.MaskedArray(made.values.astype(np.int32, copy=False), mask)
    if field.kind is Kind.TRUTH:
        return made.values
    words = np.array(made.words) if not field.nullable else np.array([*made.words, None], dtype=object)
    codes = made.values if unknown is None else np.where(unknown, -1, made.values)
    return words.take(codes, mode="wrap") if len(codes) else words[:0]
