"""A case: one record to be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from slaengine.errors import InputError
from slaengine.vocabulary import Problem

__all__ = ["Case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One record to be judged.

    Times are dates (judged on dates) or datetimes: naive ones are wall-clock time in the pack's zone, aware ones are
    converted. `attributes` are the yes-or-no facts that a pack's rules ask for.
    """

    procedure: str
    received_at: date
    level: str = ""
    variant: str = ""
    finished_at: date | None = None
    case_id: str = ""
    attributes: Mapping[str, bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("procedure", "level", "variant", "case_id"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} is {getattr(self, name)!r}", hint="give text")
        if not isinstance(self.attributes, Mapping):
            raise InputError(f"attributes are {self.attributes!r}", hint="give a mapping of names to True or False")
        wrong = [name for name, value in self.attributes.items() if not isinstance(value, bool | None)]
        if wrong:
            raise InputError(
                f"attribute {wrong[0]!r} is {self.attributes[wrong[0]]!r}", hint="give True, False or None"
            )
        if self.received_at is None:
            raise _not_a_time("received_at", None, Problem.RECEIVED_MISSING)
        if not isinstance(self.received_at, date):
            raise _not_a_time("received_at", self.received_at, Problem.RECEIVED_UNREADABLE)
        if self.finished_at is not None and not isinstance(self.finished_at, date):
            raise _not_a_time("finished_at", self.finished_at, Problem.FINISHED_UNREADABLE)

    @property
    def record(self) -> str:
        """How messages name this case."""
        return f"case {self.case_id or self.procedure!r}"


def _not_a_time(column: str, value: object, problem: Problem) -> InputError:
    return InputError(f"{column} is {value!r}", problem=problem, hint="give a datetime.date or a datetime.datetime")
