"""The slow oracle of the tests on the records of a workload, to compare answers with before they are timed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workload import TODAY, Workload

import oracle
import slaengine as sla
from slaengine.batch import Answers
from slaengine.calendar import Calendar, DayNote
from slaengine.days import WEEKDAYS
from slaengine.output import as_numpy, fields_of
from slaengine.rule import Rule, RuleKey
from slaengine.table import made_columns

ANSWER = (
    "due_at",
    "due_date",
    "status",
    "problem",
    "margin",
    "days_saved",
    "days_late",
    "days_late_calendar",
    "elapsed",
    "margin_minutes",
)
CONVENTION = ("deems", "count_from", "roll", "month_end", "due_time")


class SlowOracle:
    """What the oracle answers to the records of a workload, one after the other."""

    def __init__(self, work: Workload, **how: Any) -> None:
        self.work, self.how = work, how
        self.calendars = {calendar.id: calendar_of(calendar) for calendar in work.calendars}
        self.rules: dict[RuleKey, list[Rule]] = {}
        for rule in work.engine.pack.rules:
            self.rules.setdefault(rule.key, []).append(rule)

    def answers(self, count: int) -> list[tuple[Any, ...]]:
        """Those of the first records, as `table_rows` gives them."""
        return [self.answer(self.work.case(i)) for i in range(count)]

    def answer(self, case: sla.Case) -> tuple[Any, ...]:
        versions = self.rules[RuleKey(case.procedure, case.level, case.variant)]
        held = [rule for rule in versions if rule.effective_from <= case.received_at.date()][-1]
        calendar, rule = self.calendars[held.calendar], rule_of(held)
        stops = [oracle.Suspension(stop.start, stop.end) for stop in case.suspensions]
        more = {"events": stops, "zone": self.work.national.zone, **self.how}
        found = oracle.assess(calendar, rule, case.received_at, case.finished_at, TODAY, **more)
        return tuple(getattr(found, name) for name in ANSWER)


def table_rows(work: Workload, answers: Answers, count: int) -> list[tuple[Any, ...]]:
    """The engine's answers to the first records, under their public names."""
    also = ("margin_minutes",)
    made = made_columns(work.engine, work.records, answers, also)
    columns = {field.name: as_numpy(field, made[field.name]) for field in fields_of(also)}
    return list(zip(*(columns[name][:count].tolist() for name in ANSWER), strict=True))


def row_of(outcome: sla.Outcome) -> tuple[Any, ...]:
    """The engine's answer to one case in the same form."""
    words = {"status": str(outcome.status), "problem": str(outcome.problem) if outcome.problem else None}
    return tuple(words.get(name, getattr(outcome, name)) for name in ANSWER)


def rule_of(rule: Rule) -> oracle.Rule:
    convention = {name: str(getattr(rule.convention, name)) for name in CONVENTION}
    return oracle.Rule(rule.limit.amount, str(rule.limit.unit), **convention)


def calendar_of(calendar: Calendar) -> oracle.Calendar:
    """The pack's calendar as the oracle has it: one weekly rest, the same hours on all days."""
    (rest,) = calendar.weekly_rest
    (hours,) = (entry.segments for entry in calendar.office_hours) if calendar.office_hours else ((),)
    assert not calendar.special_days
    return oracle.Calendar(
        weekly_rest=frozenset(map(WEEKDAYS.index, rest.days)),
        days_off=frozenset(),
        make_up=frozenset(),
        coverage=calendar.coverage,
        hours={day: list(map(tuple, hours)) for day in range(7)} if hours else None,
        entries=tuple(map(entry_of, notes_of(calendar))),
        years=tuple(oracle.Year(year.year, year.known_from, year.foreseen_from) for year in calendar.years),
    )


def notes_of(calendar: Calendar) -> Iterator[DayNote]:
    yield from calendar.announced or (*calendar.days_off.values(), *calendar.make_up_days.values())


def entry_of(note: DayNote) -> oracle.Entry:
    segments = tuple(map(tuple, note.segments))
    return oracle.Entry(note.day, note.kind, segments, note.half, note.known_from, note.known_until)
