"""A limit as a list states it: one amount, several in stated order, or the same day with its cut-off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from slaengine.vocabulary import Unit

__all__ = ["Part", "StatedLimit", "plain"]

WRITTEN = re.compile(r"(\d+(?:\.\d+)?) ([a-z_]+)")
CUT_OFF = re.compile(r" cut_off (\d{2}:\d{2})$")


def plain(amount: Decimal) -> str:
    """An exact amount as pack files write it: `5`, `3.5`."""
    return f"{amount.normalize():f}"


@dataclass(frozen=True, slots=True)
class Part:
    """An amount and its unit."""

    amount: Decimal
    unit: Unit

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.unit}"


@dataclass(frozen=True, slots=True)
class StatedLimit:
    """The parts of a limit, each counted from the end of the one before, and the time after which it is too late today.

    >>> str(StatedLimit.read("15 calendar_day + 8 working_day").parts[1])
    '8 working_day'
    >>> StatedLimit.read("0 working_day cut_off 15:00").cut_off
    '15:00'
    """

    parts: tuple[Part, ...]
    cut_off: str = ""

    @classmethod
    def of(cls, amount: Decimal | int | str, unit: Unit, cut_off: str = "") -> StatedLimit:
        """A limit of one part."""
        return cls((Part(Decimal(amount), unit),), cut_off)

    @classmethod
    def read(cls, text: str) -> StatedLimit:
        """The limit that `str` writes. `ValueError` says how one is written."""
        cut_off = CUT_OFF.search(text)
        found = [WRITTEN.fullmatch(part.strip()) for part in CUT_OFF.sub("", text).split("+")]
        units = set(Unit)
        if not all(match and match[2] in units for match in found):
            raise ValueError(f"{text!r} is no limit; write 7 working_day, or 15 calendar_day + 8 working_day")
        parts = tuple(Part(Decimal(match[1]), Unit(match[2])) for match in found if match)
        return cls(parts, cut_off[1] if cut_off else "")

    def __str__(self) -> str:
        return " + ".join(map(str, self.parts)) + (f" cut_off {self.cut_off}" if self.cut_off else "")
