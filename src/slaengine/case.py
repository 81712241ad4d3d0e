"""A case: one record to be judged, with what happened to its clock and what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from slaengine.errors import InputError
from slaengine.vocabulary import Problem

__all__ = ["Case", "Extension", "Promise", "Restart", "Supplement", "Suspension"]


class Suspension(NamedTuple):
    """The clock stood still from `start` to `end`, or until `window_end` if nobody ended it before.

    Without either it still stands.
    """

    start: date
    end: date | None = None
    reason: str = ""
    window_end: date | None = None


class Extension(NamedTuple):
    """The limit was made longer; where the rule allows it, below 0, shorter."""

    amount: int | Decimal
    unit: str
    granted_at: date


class Restart(NamedTuple):
    """The limit starts anew `at` a time, after it stood still since it was `requested_at`; None: not yet."""

    requested_at: date
    at: date | None = None


class Supplement(NamedTuple):
    """Further documents were asked for and came `at` a time; the rule says what that does to the clock."""

    requested_at: date
    at: date | None = None
    window_end: date | None = None


class Promise(NamedTuple):
    """An appointment on a slip, and when the applicant was told it."""

    promised_at: date
    told_at: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One record to be judged.

    Times are dates (judged on dates) or datetimes: naive ones are wall-clock time in the pack's zone, aware ones are
    converted. `attributes` are the yes-or-no facts that a pack's rules ask for, `event_times` the times of the events
    that start their clocks. `returned_at` and `outcome` are kept, not judged.
    """

    procedure: str
    received_at: date
    level: str = ""
    variant: str = ""
    finished_at: date | None = None
    case_id: str = ""
    attributes: Mapping[str, bool | None] = field(default_factory=dict)
    event_times: Mapping[str, date | None] = field(default_factory=dict)
    suspensions: Sequence[Suspension] = ()
    extensions: Sequence[Extension] = ()
    restarts: Sequence[Restart] = ()
    supplements: Sequence[Supplement] = ()
    first_promised_at: date | None = None
    promised_at: date | None = None
    promises: Sequence[Promise] = ()
    returned_at: date | None = None
    outcome: str = ""

    def __post_init__(self) -> None:
        self._check_words()
        self._check_lists()
        if self.received_at is None:
            raise _not_a_time("received_at", None, Problem.RECEIVED_MISSING)
        if not isinstance(self.received_at, date):
            raise _not_a_time("received_at", self.received_at, Problem.RECEIVED_UNREADABLE)
        if self.finished_at is not None and not isinstance(self.finished_at, date):
            raise _not_a_time("finished_at", self.finished_at, Problem.FINISHED_UNREADABLE)

    def _check_words(self) -> None:
        """Refuse names that are no text, and attributes that are neither true nor false."""
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

    def _check_lists(self) -> None:
        """Refuse lists of events and promises that hold something else."""
        for name, wanted in EVENTS.items():
            given = getattr(self, name)
            if given and not (isinstance(given, Sequence) and all(isinstance(event, wanted) for event in given)):
                raise InputError(f"{name} are {given!r}", hint=f"give a list of {wanted.__name__}")
        if not isinstance(self.event_times, Mapping):
            raise InputError(f"event_times are {self.event_times!r}", hint="give a mapping of names to times")
        if self.event_times or self.promises or self.promised_at or self.first_promised_at:
            self._check_times()

    def _check_times(self) -> None:
        """Refuse what is given for a time and is none."""
        promised = [moment for promise in self.promises for moment in promise]
        times = [self.first_promised_at, self.promised_at, *self.event_times.values(), *promised]
        wrong = [moment for moment in times if moment is not None and not isinstance(moment, date)]
        if wrong:
            raise InputError(f"{wrong[0]!r} is no time", hint="give a datetime.date or a datetime.datetime")

    @property
    def has_events(self) -> bool:
        """Whether anything happened to the clock."""
        return bool(self.suspensions or self.extensions or self.restarts or self.supplements)

    @property
    def record(self) -> str:
        """How messages name this case."""
        return f"case {self.case_id or self.procedure!r}"


EVENTS: dict[str, type] = {
    "suspensions": Suspension,
    "extensions": Extension,
    "restarts": Restart,
    "supplements": Supplement,
    "promises": Promise,
}
"""What the lists of a case hold."""


def _not_a_time(column: str, value: object, problem: Problem) -> InputError:
    return InputError(f"{column} is {value!r}", problem=problem, hint="give a datetime.date or a datetime.datetime")
