"""A pack compiled: calendars and units laid end to end in one array of cells, every rule rows of offsets into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar
from slaengine.cells import NEIGHBOURS, Cells
from slaengine.clock import Clock
from slaengine.days import DAY, Gap, find_gaps, find_shifts, is_instant, wall_seconds
from slaengine.errors import InputError
from slaengine.figures import NEVER, Count, Hours, Links, Reception, Stops, Terms
from slaengine.knowledge import known_rules
from slaengine.layout import Layout, Line, limits_of
from slaengine.maker import NOT_PLAIN, Trait
from slaengine.ops import ArrayOps, ScalarOps
from slaengine.pack import RulePack
from slaengine.versions import Versions, find_versions
from slaengine.vocabulary import Basis, Problem

__all__ = ["Row", "Tables", "compile_tables"]

Numbers = NDArray[Any]
JUDGED = {"rank", "covered_from", "covered_until"}
"""The columns of a rule by which a case is judged whose due instant is known."""


class Row(NamedTuple):
    """A rule's row for one record; no `how` where receipts count as they come."""

    traits: int
    rule: Count[int]
    how: Reception[int] | None


class More(NamedTuple):
    """What else a rule's row says, for records whose clock is stopped or whose limit is not a plain one."""

    stops: Stops[int]
    hours: Hours[int]
    terms: Terms[int]
    links: Links[int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """What the engine looks up.

    Days in the cells are numbered from `first_day`, January 1 of some year; a receipt lies in the first `size` of them.
    Rows are those of `versions`, and after them the parts and alternatives that those link to.
    """

    zone: ZoneInfo
    levels: tuple[str, ...]
    calendars: Mapping[str, Calendar]
    versions: Versions
    first_day: int
    size: int
    cells: Numbers
    count: Count[Numbers]
    reception: Reception[Numbers]
    stops: Stops[Numbers]
    hours: Hours[Numbers]
    terms: Terms[Numbers]
    links: Links[Numbers]
    attributes: tuple[str, ...]
    start_events: tuple[str, ...]
    traits: NDArray[np.uint16]
    own: tuple[Line | None, ...]
    """What each row was made of: its rule, part and calendar; None where no rule holds."""

    @cached_property
    def array_ops(self) -> ArrayOps:
        """The cells as the batch sees them."""
        return ArrayOps(self.cells)

    @cached_property
    def scalar_ops(self) -> ScalarOps:
        """The same cells as one record sees them."""
        return ScalarOps(self.cells)

    @cached_property
    def gaps(self) -> Mapping[int, Gap]:
        """The days on which a clock change leaves some wall-clock time out, by day number."""
        return {gap.day: gap for gap in find_gaps(self.zone, self.first_day, self.first_day + self.size)}

    @cached_property
    def cuts_midnight(self) -> bool:
        """Whether a clock change leaves out the last second of some day, as in Greenland."""
        return any(gap.end >= DAY for gap in self.gaps.values())

    def second_of(self, moment: date) -> int:
        """The wall-clock second of a time of an event; `InputError` (event_unreadable) where there is no such time."""
        return self.line_second(moment) + self.first_second

    @cached_property
    def first_second(self) -> int:
        """The second at which the first day of the tables begins."""
        return self.first_day * DAY

    def line_second(self, moment: date) -> int:
        """The same, counted from the first day of the tables."""
        if isinstance(moment, date):
            seconds = wall_seconds(moment, self.zone)
            if not self.gaps or not is_instant(moment) or not self.in_gap(seconds):
                return seconds - self.first_second
        raise InputError(f"{moment!r} is no time", problem=Problem.EVENT_UNREADABLE, hint="give one that there was")

    def in_gap(self, seconds: int) -> bool:
        """Whether a wall-clock second is one that a clock change leaves out."""
        gap = self.gaps.get(seconds // DAY)
        return gap is not None and gap.start <= seconds % DAY < gap.end

    @cached_property
    def covered(self) -> tuple[int, int]:
        """The days [first, end) of the tables that every calendar knows."""
        return int(self.count.covered_from.max()), int(self.count.covered_until.min())

    def at_an_edge(self, first: int, last: int, received: int, now: int) -> bool:
        """Whether the facts of `kernel.seldom` can hold of cases that span these days."""
        start, end = self.covered
        return first < start or last >= end or received > now or now >= NEVER

    @cached_property
    def foresees(self) -> bool:
        """Whether any calendar has a year that is only foreseen."""
        return any(year.provisional for calendar in self.calendars.values() for year in calendar.years)

    @cached_property
    def has_gap(self) -> NDArray[np.bool_]:
        """For each day of the tables, whether a clock change leaves some of it out."""
        marked = np.zeros(self.size + 1, dtype=bool)
        marked[[day - self.first_day for day in self.gaps]] = True
        return marked

    @cached_property
    def clock(self) -> Clock:
        """The zone's clock, for what is counted in elapsed seconds."""
        return Clock(find_shifts(self.zone, self.first_day, self.first_day + self.size))

    @cached_property
    def has(self) -> int:
        """The traits that any row has."""
        return int(np.bitwise_or.reduce(self.traits))

    @cached_property
    def of_days(self) -> int:
        """The traits that any row has that is a plain limit in days."""
        return int(np.bitwise_or.reduce(self.traits[self.traits & Trait.HOURS == 0], initial=0))

    @cached_property
    def _rows(self) -> list[Row | None]:
        return [None] * len(self.traits)

    @cached_property
    def _more(self) -> dict[int, More]:
        return {}

    def row(self, index: int) -> Row:
        """One rule's row as whole numbers."""
        found = self._rows[index]
        if found is None:
            traits = int(self.traits[index])
            count = Count(*(int(column[index]) for column in self.count))
            how = Reception(*(int(column[index]) for column in self.reception)) if traits & Trait.RECEIVES else None
            found = self._rows[index] = Row(traits, count, how)
        return found

    def more(self, index: int) -> More:
        """The rest of one rule's row as whole numbers."""
        found = self._more.get(index)
        if found is None:
            stops, hours, terms, links = (
                [int(column[index]) for column in table] for table in (self.stops, self.hours, self.terms, self.links)
            )
            found = self._more[index] = More(Stops(*stops), Hours(*hours), Terms(*terms), Links(*links))
        return found

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """The columns of every table; one that is the same for every rule that asks for it is a single number.

        Of a rule `plain` is what plain limits are counted by, `judged` what cases are judged by.
        """
        nothing = np.zeros_like(self.count.unrolled)
        judged = Count(*(column if name in JUDGED else nothing for name, column in self.count._asdict().items()))
        tables: dict[str, Any] = {"count": self.count, "plain": self.count._replace(unrolled=nothing), "judged": judged}
        tables |= {"reception": self.reception, "stops": self.stops, "hours": self.hours, "terms": self.terms}
        every, traits = np.ones(len(self.traits), dtype=bool), self.traits
        asked = {"hours": traits & Trait.HOURS > 0, "reception": traits & Trait.RECEIVES > 0}
        asked |= {"plain": traits & NOT_PLAIN == 0}
        return {name: [_single(c, asked.get(name, every)) for c in table] for name, table in tables.items()}

    def _taken(self, name: str, rows: Numbers) -> Any:
        return (c.take(rows) if c.ndim else c for c in self._columns[name])

    def rule_columns(self, rows: Numbers, ask: Literal["count", "plain", "judged"] = "count") -> Count[Any]:
        """The rules' rows for a block of records, or of them only what is asked for."""
        return Count(*self._taken(ask, rows))

    def reception_columns(self, rows: Numbers) -> Reception[Any]:
        """How a block of records counts as received."""
        return Reception(*self._taken("reception", rows))

    def stops_columns(self, rows: Numbers) -> Stops[Any]:
        """How the clocks of a block of records stand still."""
        return Stops(*self._taken("stops", rows))

    def hours_columns(self, rows: Numbers) -> Hours[Any]:
        """The lines of open seconds of a block of records."""
        return Hours(*self._taken("hours", rows))

    def terms_columns(self, rows: Numbers) -> Terms[Any]:
        """How the limits of a block of records may be extended."""
        return Terms(*self._taken("terms", rows))

    def links_columns(self, rows: Numbers) -> Links[Any]:
        """Which further rows a block of records has; whole columns, which are compared and chosen by."""
        return Links(*(c.take(rows) for c in self.links))


def _single(column: Numbers, asked: NDArray[np.bool_]) -> Any:
    """A column, or the single number that all rows have which it is asked for."""
    some = column[asked]
    if not len(some):
        return column[0]
    return some[0] if (some == some[0]).all() else column


def compile_tables(pack: RulePack, basis: Basis, known_at: date | Literal["received"] | None = None) -> Tables:
    """The tables of a pack for one basis, as known on a day, or on the day of each receipt.

    A pack without rules of that basis is an `InputError`.
    """
    rules = [rule for rule in pack.rules if rule.basis is basis]
    if not rules:
        raise InputError(f"pack {pack.id} has no {basis} rules", hint="choose another basis or pack")
    epochs, known, calendars = known_rules(rules, pack.calendars, known_at)
    cells = Cells(calendars, [limit for held in known for rule in held for limit in limits_of(rule)])
    versions = find_versions(known, [day - cells.first_day for day in epochs], cells.first_day)
    layout = Layout(cells, versions, basis)
    columns = layout.columns()
    return Tables(
        zone=pack.zone,
        levels=pack.levels,
        calendars=calendars,
        versions=versions,
        first_day=cells.first_day,
        size=cells.size - cells.reach - NEIGHBOURS,
        attributes=layout.attributes,
        start_events=layout.start_events,
        cells=cells.joined(),
        **columns,
    )
