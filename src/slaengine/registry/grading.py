"""What a row of a list is worth: its figure and its words, set side by side, never one guessed from the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from slaengine.registry.limits import StatedLimit, plain
from slaengine.registry.phrases import Reading, States
from slaengine.vocabulary import Unit

__all__ = ["Figure", "Grade", "Graded", "Says", "grade"]


class Grade(StrEnum):
    """How far the limit of a row can be trusted."""

    SURE = "sure"
    """One limit, and nothing on the row speaks against it."""
    CONTRADICTED = "contradicted"
    """Figure and words state different limits."""
    AMBIGUOUS = "ambiguous"
    """Several limits, or one of which it is not plain what it is the limit of."""
    UNIT_LOST = "unit_lost"
    """A figure without its unit, and no words that give it."""
    GLUED_WITH_FEE = "glued_with_fee"
    """The figure has run together with a fee."""
    NO_LIMIT_STATED = "no_limit_stated"


class Says(StrEnum):
    """What the unit column says besides a unit."""

    UNIT = "unit"
    HOURS = "hours"
    """Hours, of which the column does not say whether they are office hours."""
    LOST = "unit_missing"
    GLUED = "glued_with_fee"
    NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Figure:
    """The amount and the unit of a row, as far as its columns give them."""

    says: Says = Says.NOTHING
    amount: Decimal | None = None
    unit: Unit | None = None

    @property
    def limit(self) -> StatedLimit | None:
        """The limit, where amount and unit are both there."""
        return StatedLimit.of(self.amount, self.unit) if self.amount is not None and self.unit else None

    def __str__(self) -> str:
        amount = "" if self.amount is None else plain(self.amount)
        return f"{amount} {self.unit or self.says}".strip()


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade of a row, the limit where it is sure, and why it is not."""

    grade: Grade
    limit: StatedLimit | None = None
    reason: str = ""


def grade(figure: Figure, reading: Reading) -> Graded:
    """The grade of a row.

    A figure alone is sure if it has its unit; words alone if they state one limit; both if they agree. The sum of steps
    is sure only where the figure is that sum.

    >>> from slaengine.registry.phrases import read_words
    >>> print(grade(Figure(Says.UNIT, Decimal(5), Unit.CALENDAR_DAY), read_words("05 ngày làm việc")).grade)
    contradicted
    """
    if figure.says is Says.GLUED:
        return Graded(Grade.GLUED_WITH_FEE, reason="amount and fee have run together")
    return BESIDE[reading.states](figure, reading)


def _beside_single(figure: Figure, reading: Reading) -> Graded:
    limit = reading.limits[0]
    if figure.says is Says.NOTHING or _agrees(figure, limit):
        return Graded(Grade.SURE, limit)
    return Graded(Grade.CONTRADICTED, reason=f"the figure says {figure}, the words {limit}")


def _agrees(figure: Figure, limit: StatedLimit) -> bool:
    """Whether the figure is the limit's: where its unit is lost or open, by its number."""
    if len(limit.parts) > 1 or limit.cut_off:
        return False
    part = limit.parts[0]
    if figure.amount != part.amount:
        return False
    return {
        Says.UNIT: figure.unit is part.unit,
        Says.HOURS: part.unit.in_hours,
        Says.LOST: True,
    }[figure.says]


def _beside_steps(figure: Figure, reading: Reading) -> Graded:
    total = reading.limits[0]
    if figure.limit is None:
        return Graded(Grade.AMBIGUOUS, reason=f"steps of {total} together, and no figure that confirms it")
    if figure.limit == total:
        return Graded(Grade.SURE, total)
    return Graded(Grade.CONTRADICTED, reason=f"the figure says {figure}, the steps together {total}")


def _alone(figure: Figure, _: Reading) -> Graded:
    match figure.says:
        case Says.NOTHING:
            return Graded(Grade.NO_LIMIT_STATED, reason="neither figure nor words")
        case Says.LOST:
            return Graded(Grade.UNIT_LOST, reason=f"{figure.amount}, of what unit is not said")
        case Says.HOURS:
            return Graded(Grade.AMBIGUOUS, reason="office hours or hours of the clock is not said")
    return Graded(Grade.SURE, figure.limit)


def _beside_no_amount(figure: Figure, reading: Reading) -> Graded:
    if figure.limit is None:
        return _alone(figure, reading)
    if reading.states is States.DENIED:
        return Graded(Grade.CONTRADICTED, reason=f"the figure says {figure}, the words that there is no limit")
    return Graded(Grade.AMBIGUOUS, reason=reading.reason)


def _beside_several(figure: Figure, reading: Reading) -> Graded:
    """Contradicted where no limit in the words is the figure, nor their sum; ambiguous otherwise."""
    if figure.says is not Says.NOTHING and not any(_agrees(figure, limit) for limit in reading.limits):
        said = " | ".join(map(str, reading.limits))
        return Graded(Grade.CONTRADICTED, reason=f"the figure says {figure}, the words {said} ({reading.reason})")
    return Graded(Grade.AMBIGUOUS, reason=reading.reason)


def _beside_cut(_: Figure, reading: Reading) -> Graded:
    return Graded(Grade.AMBIGUOUS, reason=reading.reason)


BESIDE: dict[States, Callable[[Figure, Reading], Graded]] = {
    States.SINGLE: _beside_single,
    States.STAGES: _beside_steps,
    States.CASE: _beside_several,
    States.SEVERAL: _beside_several,
    States.CUT: _beside_cut,
    States.NONE: _alone,
    States.DENIED: _beside_no_amount,
    States.OTHER: _beside_no_amount,
}
"""How a figure is graded beside words that state one thing or another."""
