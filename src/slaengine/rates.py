"""Rates of counts: printed so that only all is 100 per cent, and published ones checked against each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from slaengine.errors import InputError

__all__ = ["rate_text", "reconcile"]

PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,12}))?")


def rate_text(numerator: int, denominator: int, decimals: int = 1) -> str:
    """How many per cent `numerator` is of `denominator`, rounded half up, but 100 only for all and 0 only for none.

    Whole numbers decide, never a quotient of them. `InputError` where that is no rate.

    >>> rate_text(2, 3), rate_text(99_951, 100_000), rate_text(1, 10_000)
    ('66.7', '99.9', '0.1')
    """
    if denominator < 1 or not 0 <= numerator <= denominator or decimals < 0:
        raise InputError(
            f"{numerator} of {denominator}, {decimals} decimals, is no rate", hint="count 0 to all of them"
        )
    whole = 100 * 10**decimals
    rounded = (2 * numerator * whole + denominator) // (2 * denominator)
    if 0 < numerator < denominator:
        rounded = min(max(rounded, 1), whole - 1)
    return _point(rounded, decimals)


def _point(digits: int, decimals: int) -> str:
    """A number of so many decimals, given without its point."""
    if not decimals:
        return str(digits)
    whole, rest = divmod(digits, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


class _Share(NamedTuple):
    """The counts that a published percentage of so many records can stand for."""

    least: int
    most: int


def reconcile(parts: Iterable[tuple[str, int]], total: str, *, cut_off: bool = False) -> bool:
    """Whether published percentages of parts (each with its number of records) and of all can be true together.

    They can if some whole numbers of records, one for each part, give every percentage as it is printed: rounded half
    up, or with `cut_off` rounded down. If not, the whole was not counted by the definition of its parts: it holds other
    records (say, those of no part), or another denominator (say, with unfinished cases). `InputError` for text that is
    no percentage.

    >>> reconcile([("99.8", 149_280), ("99.8", 600_698), ("99.9", 185_606)], "99.7")
    False
    >>> reconcile([("50.0", 2), ("100.0", 1)], "66.7"), reconcile([("50.0", 2), ("100.0", 1)], "66.6", cut_off=True)
    (True, True)
    """
    given = list(parts)
    records = sum(number for _, number in given)
    if not given or any(number < 1 for _, number in given):
        raise InputError("a part without records has no percentage", hint="leave it out")
    share = _cut_off if cut_off else _rounded
    return _holds([share(*part) for part in given], share(total, records))


def _holds(parts: list[_Share], whole: _Share) -> bool:
    """Whether counts of the parts add up to a count of the whole; every sum between the least and the most occurs."""
    if any(part.least > part.most for part in parts):
        return False
    least, most = sum(part.least for part in parts), sum(part.most for part in parts)
    return max(least, whole.least) <= min(most, whole.most)


def _rounded(percent: str, records: int) -> _Share:
    """Counts that are rounded half up to the percentage: those from half a last digit below to less than half above."""
    digits, scale = _digits(percent)
    return _between((2 * digits - 1) * records, (2 * digits + 1) * records, 200 * scale, records)


def _cut_off(percent: str, records: int) -> _Share:
    """Counts whose percentage begins with those digits."""
    digits, scale = _digits(percent)
    return _between(digits * records, (digits + 1) * records, 100 * scale, records)


def _between(low: int, high: int, divisor: int, records: int) -> _Share:
    """The whole numbers in [low, high) / divisor, of 0 to all records."""
    return _Share(max(-(-low // divisor), 0), min(-(-high // divisor) - 1, records))


def _digits(percent: str) -> tuple[int, int]:
    """A percentage as a whole number of its last digit, and how many of these are one per cent."""
    match = PERCENT.fullmatch(percent)
    if not match or Decimal(percent) > 100:
        raise InputError(f"{percent!r} is no percentage", hint="write 99.8, with the decimals that were published")
    decimals = match[2] or ""
    return int(match[1] + decimals), int(10 ** len(decimals))
