"""One workload for all contestants: 1,716 procedures at 3 levels, received 2019 to 2025, and the calendar of Viet Nam.

Limits of 1 to 60, skewed to 3 to 30: 85 % working days, 10 % calendar days (a third each unrolled, following,
preceding), 5 % months of 1 to 12. 97 % are finished. Every limit has one version.

`DatedWorkload`: every limit has one to five versions, by the day of receipt, and is counted on one of eight calendars.

`HourlyWorkload`: 80 % working days, 5 % working hours (4 to 16 in 07:30-11:30 and 13:30-17:00).

`StoppedWorkload`: the same, with one to three suspensions in 10 % of the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

import slaengine as sla
from slaengine.batch import LATER, Events, Records, Times
from slaengine.calendar import Calendar, OfficeHours, Segment
from slaengine.days import DAY, WEEKDAYS, last_second
from slaengine.events import Kind
from slaengine.pack import RulePack
from slaengine.rule import Convention, Rule, RuleKey
from slaengine.vocabulary import Basis, CountFrom, Deems, DueTime, MonthEnd, Roll, Unit

PROCEDURES, LEVELS = 1_716, ("province", "district", "commune")
TODAY = date(2026, 1, 31)
UNITS = (Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH, Unit.WORKING_HOUR)
ROLLS = (Roll.NONE, Roll.FOLLOWING, Roll.PRECEDING)


@dataclass(frozen=True)
class Workload:
    """The rules as numbers, and as many records as asked for."""

    rows: int

    @cached_property
    def dice(self) -> np.random.Generator:
        return np.random.default_rng(20260101)

    @cached_property
    def national(self) -> RulePack:
        return sla.load_pack("vn-national")

    @cached_property
    def calendar(self) -> Calendar:
        return self.national.calendars["vn-public"]

    @cached_property
    def limits(self) -> dict[str, np.ndarray]:
        """Unit, amount and roll of each of the 5,148 rules."""
        count = PROCEDURES * len(LEVELS)
        unit = self.dice.choice(3, count, p=[0.85, 0.10, 0.05])
        amount = np.clip(self.dice.gamma(2.2, 7.0, count).astype(int) + 1, 1, 60)
        roll = np.where(unit == 1, self.dice.integers(0, 3, count), 1)
        return {"unit": unit, "amount": np.where(unit == 2, amount % 12 + 1, amount), "roll": roll}

    @cached_property
    def engine(self) -> sla.Engine:
        pack, rules = self.national, tuple(self.rules)
        fields = {name: getattr(pack, name) for name in ("version", "zone", "instruments", "digest")}
        fields["calendars"] = {calendar.id: calendar for calendar in self.calendars}
        titles = {"title_en": "workload", "title_vi": "workload"}
        return sla.Engine(
            RulePack(id="workload", levels=LEVELS, conventions={}, procedures={}, rules=rules, **titles, **fields)
        )

    @property
    def calendars(self) -> list[Calendar]:
        return [self.calendar]

    @property
    def rules(self) -> Iterable[Rule]:
        return map(self._rule, range(PROCEDURES * len(LEVELS)))

    def _rule(self, i: int) -> Rule:
        unit, amount, roll = (int(self.limits[key][i]) for key in ("unit", "amount", "roll"))
        return Rule(
            key=RuleKey(f"p{i // len(LEVELS):04d}", LEVELS[i % len(LEVELS)], ""),
            basis=Basis.STATUTORY,
            limit=sla.TimeLimit(amount, UNITS[unit]),
            convention=IN_HOURS if UNITS[unit].in_hours else CONVENTIONS[ROLLS[roll]],
            calendar="vn-public",
            effective_from=date(2013, 1, 1),
            effective_until=None,
            citations=(),
            checked_on=None,
        )

    @cached_property
    def rule(self) -> np.ndarray:
        """Which rule each record falls under."""
        return self.dice.integers(0, PROCEDURES * len(LEVELS), self.rows)

    @cached_property
    def received(self) -> np.ndarray:
        """Seconds since 1970, on working days between 07:30 and 17:00."""
        days = np.arange("2019-01-01", "2026-01-01", dtype="datetime64[D]")
        working = days[self.calendar.is_working_day(days)].astype(np.int64)
        return self.dice.choice(working, self.rows) * DAY + self.dice.integers(27_000, 61_200, self.rows)

    @cached_property
    def finished(self) -> np.ndarray:
        """Seconds since 1970; 3 % are unfinished."""
        end = self.received + (self.dice.gamma(2.0, 8.0, self.rows) * DAY).astype(np.int64)
        return np.where(self.dice.random(self.rows) < 0.03, LATER, end)

    @property
    def today(self) -> int:
        """The last second of the day that unfinished records are judged on."""
        return last_second(TODAY, self.national.zone)

    @cached_property
    def records(self) -> Records:
        codes = self.engine.tables.versions.codes
        level = np.array([codes.levels[name] for name in LEVELS])
        group = codes.groups[self.rule // len(LEVELS), level[self.rule % len(LEVELS)], 0]
        return Records(groups=group, received=Times(self.received, True), finished=Times(self.finished, True))

    def cases(self, count: int) -> list[sla.Case]:
        """The first records as cases."""
        return [self.case(i) for i in range(min(count, self.rows))]

    def case(self, i: int) -> sla.Case:
        key = f"p{self.rule[i] // len(LEVELS):04d}", LEVELS[self.rule[i] % len(LEVELS)]
        times: list[Any] = [
            np.datetime64(int(s[i]), "s").item() if s[i] != LATER else None for s in (self.received, self.finished)
        ]
        return sla.Case(procedure=key[0], level=key[1], received_at=times[0], finished_at=times[1])


@dataclass(frozen=True)
class DatedWorkload(Workload):
    """The same with several versions of a limit, and several calendars."""

    @property
    def calendars(self) -> list[Calendar]:
        """That of all offices, and those of places with a day off of their own each year."""
        years = range(self.calendar.coverage[0].year, self.calendar.coverage[1].year)
        local = [{date(year, month, 15): "local" for year in years} for month in (3, 6, 7, 8, 10, 11, 12)]
        return [self.calendar, *(_with_days_off(self.calendar, place, days) for place, days in enumerate(local))]

    @property
    def rules(self) -> Iterable[Rule]:
        """The first version holds from 2013, the others from days of 2014 to 2025; each has an amount of its own."""
        dice, names = np.random.default_rng(20260102), [calendar.id for calendar in self.calendars]
        for rule in super().rules:
            more = dice.choice(4_383, dice.integers(0, 5), replace=False)
            days = [rule.effective_from, *(date(2014, 1, 1) + timedelta(int(day)) for day in np.sort(more))]
            calendar = names[dice.integers(len(names))]
            for number, (since, until) in enumerate(pairwise([*days, None])):
                limit = sla.TimeLimit(rule.limit.amount + number, rule.limit.unit)
                yield replace(rule, limit=limit, effective_from=since, effective_until=until, calendar=calendar)


def _with_days_off(calendar: Calendar, place: int, days: Mapping[date, str]) -> Calendar:
    free = {day: note for day, note in days.items() if day not in calendar.make_up_days}
    return replace(calendar, id=f"place-{place}", days_off={**calendar.days_off, **free}, announced=())


HOURS = ((450, 690), (810, 1020))


@dataclass(frozen=True)
class HourlyWorkload(Workload):
    """The same with limits in hours."""

    @cached_property
    def calendar(self) -> Calendar:
        public = self.national.calendars["vn-public"]
        open_hours = OfficeHours(
            since=public.coverage[0],
            days=frozenset(WEEKDAYS),
            segments=tuple(Segment(*hours) for hours in HOURS),
        )
        made_up = {day: replace(note, segments=open_hours.segments) for day, note in public.make_up_days.items()}
        return replace(public, office_hours=(open_hours,), make_up_days=made_up, announced=())

    @cached_property
    def limits(self) -> dict[str, np.ndarray]:
        limits = super().limits
        hours = (limits["unit"] == 0) & (self.dice.random(len(limits["unit"])) < 5 / 85)
        return {
            "unit": np.where(hours, 3, limits["unit"]),
            "amount": np.where(hours, limits["amount"] % 13 + 4, limits["amount"]),
            "roll": limits["roll"],
        }


@dataclass(frozen=True)
class StoppedWorkload(HourlyWorkload):
    """The same with stops."""

    @cached_property
    def stops(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Owner, start and end of each stop: within some weeks after the receipt, of some days each."""
        count = np.where(self.dice.random(self.rows) < 0.1, self.dice.integers(1, 4, self.rows), 0)
        owner = np.repeat(np.arange(self.rows), count)
        start = self.received[owner] + self.dice.integers(0, 15 * DAY, len(owner))
        order = np.lexsort((start, owner))
        start = start[order]
        return owner, start, start + self.dice.integers(0, 10 * DAY, len(owner))

    @cached_property
    def records(self) -> Records:
        owner, start, end = self.stops
        nothing = np.zeros(len(owner), dtype=np.int64)
        rows, size = np.unique(owner, return_counts=True)
        first = np.concatenate(([0], np.cumsum(size)))
        kind = np.full(len(owner), Kind.STOP)
        trouble = np.zeros(len(rows), dtype=np.uint8)
        events = Events(rows, first, start, kind, end, *[nothing] * 5, trouble, only_stops=True)
        return replace(super().records, events=events)

    def case(self, i: int) -> sla.Case:
        owner, start, end = self.stops
        mine = np.flatnonzero(owner == i)
        times = [[np.datetime64(int(column[k]), "s").item() for column in (start, end)] for k in mine]
        return replace(super().case(i), suspensions=[sla.Suspension(*pair) for pair in times])


@dataclass(frozen=True)
class DatedHourlyWorkload(HourlyWorkload, DatedWorkload):
    """Several versions and calendars, and limits in hours."""


@dataclass(frozen=True)
class DatedStoppedWorkload(StoppedWorkload, DatedHourlyWorkload):
    """The same with stops."""


def _convention(roll: Roll) -> Convention:
    return Convention(
        name=str(roll),
        title_en="workload",
        title_vi="workload",
        citations=(),
        deems=Deems.AS_IS,
        count_from=CountFrom.NEXT_DAY,
        roll=roll,
        month_end=MonthEnd.LAST_DAY,
        due_time=DueTime.END_OF_DAY,
        cut_off=None,
    )


CONVENTIONS = {roll: _convention(roll) for roll in ROLLS}
IN_HOURS = replace(CONVENTIONS[Roll.NONE], name="hours", count_from=CountFrom.INSTANT, due_time=DueTime.EXACT)
