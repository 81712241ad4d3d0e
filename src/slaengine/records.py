"""The columns of a batch as numbers, those that go in and those that come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.verdict import VERDICTS, Verdict
from slaengine.vocabulary import Flag

__all__ = ["FAR", "LATER", "MISSING", "UNREADABLE", "Answers", "Events", "Promised", "Records", "Times"]

Numbers = NDArray[Any]

MISSING = int(np.iinfo(np.int64).min)
"""The second of a time that is not given (NumPy's NaT)."""
UNREADABLE = MISSING + 1
"""The second of a time that is given but cannot be read."""
LATER = 1 << 62
"""The second of a finish that has not come."""
FAR = 10_000_000
"""Days further away than any date."""
FEW = 2
"""The first appointment and one new one: more than that is one re-appointment too many."""

MEANINGS = {name: np.array([getattr(v, name) for v in VERDICTS], dtype=np.int8) for name in Verdict._fields}


class Times(NamedTuple):
    """A column of times: wall-clock seconds since 1970-01-01 in the pack's zone, and whether they state the hour."""

    seconds: Numbers
    instants: bool


class Events(NamedTuple):
    """The events of a batch, sorted by record and time: `first[i]` to `first[i + 1]` are those of record `rows[i]`.

    Wall-clock seconds since 1970-01-01; the other columns are those of `slaengine.events.Event`. `trouble` holds for
    each of these records the code of a problem with its events, or 0.
    """

    rows: Numbers
    first: Numbers
    time: Numbers
    kind: Numbers
    end: Numbers
    amount: Numbers
    unit: Numbers
    supplement: Numbers
    dated: Numbers
    answered: Numbers
    trouble: Numbers
    only_stops: bool
    """Whether all are stops that state the hour and that no rule decides about."""


class Promised(NamedTuple):
    """The promises of a batch: how many a record has, the second of the last, the latest day that was promised.

    And the latest day on which a new one was told; `MISSING` where there is none.
    """

    number: Numbers
    last: Numbers
    latest: Numbers
    told: Numbers

    def flags(self, due_day: Numbers) -> Numbers:
        """What is odd about the promises of cases that are due on those days; bits of `Flag`."""
        late = np.where((self.told > due_day - 1) & (self.told != MISSING), Flag.LATE_APOLOGY, 0)
        after = np.where(self.latest > due_day, Flag.PROMISE_AFTER_DUE, 0)
        return late | after | np.where(self.number > FEW, Flag.SECOND_REAPPOINTMENT, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The columns of a batch in the form the kernel reads: `groups` as `Codes.groups` holds them."""

    groups: Numbers
    received: Times
    finished: Times | None = None
    starts: Mapping[str, Times] = field(default_factory=dict)
    """Start event other than the receipt -> its times."""
    events: Events | None = None
    promised: Promised | None = None
    attributes: Mapping[str, Numbers] = field(default_factory=dict)
    """Attribute -> 1 where it is true, 0 where it is false, -1 where it is not given."""

    @property
    def on_dates(self) -> bool:
        """Whether only the dates of the finishes are known."""
        return self.finished is not None and not self.finished.instants


class Answers(NamedTuple):
    """The columns of the answer; what the verdict says is not known holds a number without meaning.

    Days are numbered from 1970-01-01, `due_second` is that day's last lawful second; `row` is the row of the rule.
    `margin` is in working days, `margin_calendar` in calendar days, `elapsed` in working days and negative where the
    finish lies before the first counted day. Of limits in hours `elapsed` is in open minutes, as is `minutes`, the
    margin. `flags` are the bits of `Flag`.
    """

    verdict: Numbers
    due_day: Numbers
    due_second: Numbers
    margin: Numbers
    margin_calendar: Numbers
    elapsed: Numbers
    row: Numbers
    minutes: Numbers
    flags: Numbers
    closed: list[tuple[Numbers, Numbers, Numbers]]
    """The cases closed to be filed anew which were not: their places, the seconds, which of these are only dates."""
    start: int = 0
    """The place in the batch of the first record that the columns hold."""

    @classmethod
    def empty(cls, length: int) -> Answers:
        """Columns of that length, yet to be written; laid together, so that memory comes in large pages."""
        verdict, *others = np.empty((7, length), dtype=np.int32)
        few = np.zeros(length, dtype=np.int32), np.zeros(length, dtype=np.int16)  # written where there is something
        return cls._make((verdict.view(np.int16)[:length], *others, *few, [], 0))

    def part(self, start: int, stop: int) -> Answers:
        """The columns of the records [start, stop) of the batch, sharing the memory."""
        *columns, closed, first = self
        return Answers._make((*(column[start - first : stop - first] for column in columns), closed, start))

    def renewed(self, start: int, stop: int) -> Answers:
        """The first columns for the records [start, stop), `minutes` and `flags` as if nothing had been written."""
        again = self._replace(start=start, closed=[]).part(start, stop)
        for column in (again.minutes, again.flags):
            if column.any():
                column.fill(0)
        return again

    def at(self, where: Any) -> Any:
        """The places in these columns of some records, by their places in the batch."""
        if isinstance(where, slice):
            return slice(where.start - self.start, where.stop - self.start)
        return where - self.start

    def finishes(self, finished: Numbers, on_date: bool) -> tuple[Numbers, Numbers]:  # noqa: FBT001  # a fact
        """When the cases ended that were judged, and which of these ends are only dates."""
        on_dates = np.full(len(finished), on_date)
        for places, second, dated in self.closed:
            finished[places], on_dates[places] = second, dated
        return finished, on_dates

    def meaning(self, part: str) -> Numbers:
        """What the verdict of each row says: `status`, `problem`, or whether a part of the answer is known."""
        return MEANINGS[part].take(self.verdict)
