"""The days of an outcome, one after the other: which counted, which did not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from slaengine.calendar import Calendar
from slaengine.outcome import Outcome, Stage, Steps, Told
from slaengine.rule import Part
from slaengine.vocabulary import CountFrom, Direction, Status, Unit

__all__ = ["Stretch", "covers", "stretches_of"]

ONE_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """Days that lie together and count alike: `numbers` are their first and last count, None if they do not count.

    Of limits in hours `minutes` is the open time that counted.
    """

    first: date
    last: date
    kind: str
    numbers: tuple[float, float] | None
    name_en: str = ""
    name_vi: str = ""
    source: str = ""
    minutes: int | None = None


def stretches_of(outcome: Outcome, told: Sequence[Told], calendars: Mapping[str, Calendar]) -> list[Stretch]:
    """The days from the deemed receipt to the due day, those that lie together and count alike as one."""
    if outcome.rule is None or outcome.steps is None:
        return []
    joined: list[Stretch] = []
    walk = _hours if outcome.rule.limit.unit.in_hours else _days
    for day in walk(outcome, told, outcome.steps, calendars):
        if joined and _joins(joined[-1], day):
            before = joined.pop()
            numbers = (before.numbers[0], day.numbers[1]) if before.numbers and day.numbers else None
            joined.append(before._replace(last=day.last, numbers=numbers))
        else:
            joined.append(day)
    return joined


def _days(outcome: Outcome, told: Sequence[Told], steps: Steps, calendars: Mapping[str, Calendar]) -> Iterator[Stretch]:
    """One stretch for each day between the deemed receipt and the due day, in the order of counting."""
    stopped, number, stage = _stopped(outcome, told), 0.0, -1
    looked, still = _looked(outcome), outcome.status is Status.SUSPENDED
    for day in _between(steps.deemed_at.date(), looked if still and looked else steps.rolled_day):
        part, reached, found = _part_at(outcome, steps, day)
        number, stage = (0.0 if reached != stage else number), reached
        weight = 0.0 if day in stopped else _weight(part, found, calendars[part.calendar], day)
        number += weight
        kind = "stopped" if day in stopped else _plain(part, found, steps, day)
        yield _labelled(day, calendars[part.calendar], number if weight else None, kind)


def _plain(part: Part, stage: Stage, steps: Steps, day: date) -> str:
    """Why a day that is no day off does not count."""
    if day == steps.rolled_day:
        return "ends_here"
    back = part.convention.direction is Direction.BACKWARD
    return "day_zero" if (day >= stage.first if back else day < stage.first) else "after_last"


def _between(start: date, end: date) -> Iterator[date]:
    """The days from one to the other, both included, back in time if that is how they lie."""
    step = ONE_DAY if start <= end else -ONE_DAY
    return (start + step * n for n in range(abs((end - start).days) + 1))


def _part_at(outcome: Outcome, steps: Steps, day: date) -> tuple[Part, int, Stage]:
    """The part of the limit that a day belongs to, its number, and its first and last day."""
    assert outcome.rule is not None  # noqa: S101  # asked only where there is a rule
    parts = outcome.rule.parts
    if not outcome.stages:
        return parts[0], 0, Stage(parts[0].limit, steps.first_counted, steps.last_day)
    number = next((i for i, s in enumerate(outcome.stages) if day <= s.last), len(outcome.stages) - 1)
    return parts[min(number, len(parts) - 1)], number, outcome.stages[number]


def _weight(part: Part, stage: Stage, calendar: Calendar, day: date) -> float:
    """How much of a day the limit counts; of clear days the last is not counted."""
    how, (amount, unit) = part.convention, part.limit
    back = how.direction is Direction.BACKWARD
    clear = ONE_DAY * (how.count_from is CountFrom.CLEAR)
    first, last = (stage.last + clear, stage.first - ONE_DAY) if back else (stage.first, stage.last - clear)
    if amount <= 0 or not first <= day <= last:
        return 0.0
    if unit is not Unit.WORKING_DAY and not (unit is Unit.CALENDAR_DAY and amount <= how.skip_days_off_up_to):
        return 1.0
    if not covers(calendar, day) or not calendar.is_working_day(day):
        return 0.0
    half = calendar.has_halves and calendar.halves[(day - calendar.coverage[0]).days]
    return (how.half_day_counts or 0) / 2 if half else 1.0


def _stopped(outcome: Outcome, told: Sequence[Told]) -> set[date]:
    """The days on which the clock stood still from beginning to end."""
    if outcome.rule is None:
        return set()
    how = outcome.rule.convention
    found: set[date] = set()
    for each in told:
        end = each.end.date() if each.end is not None else _looked(outcome)
        if each.kind == "stop" and each.counted and end is not None:
            first = each.at.date() + ONE_DAY * (not how.stop_first_day)
            goes_on = each.end is None and outcome.status is Status.SUSPENDED
            last = end - ONE_DAY * (not how.stop_last_day and not goes_on)
            found.update(_between(first, last) if first <= last else ())
    return found


def _looked(outcome: Outcome) -> date | None:
    """The day up to which a case is looked at: of its finish, else of today."""
    ahead = outcome.status in {Status.RUNNING, Status.OVERDUE, Status.SUSPENDED}
    moment = outcome.today if ahead or outcome.case.finished_at is None else outcome.case.finished_at
    return moment.date() if isinstance(moment, datetime) else moment


def _hours(
    outcome: Outcome, told: Sequence[Told], steps: Steps, calendars: Mapping[str, Calendar]
) -> Iterator[Stretch]:
    """One stretch for each day of a limit in hours, with the open time that counted."""
    assert outcome.rule is not None  # noqa: S101  # asked only where there is a rule
    calendar, due = calendars[outcome.rule.calendar], outcome.due_at
    if due is None or outcome.rule.limit.unit is Unit.HOUR:
        return
    end = due.replace(tzinfo=None)
    stops = [(t.at, t.end) for t in told if t.kind == "stop" and t.counted and t.end is not None]
    for day in _between(steps.deemed_at.date(), end.date()):
        if covers(calendar, day):
            open_time = _overlaps(calendar, day, steps.deemed_at, end)
            free = sum((b - a for a, b in open_time), timedelta(0)) - _stopped_time(open_time, stops)
            label = _labelled(day, calendar, None, "closed")
            minutes = int(free.total_seconds() // 60)
            yield label._replace(minutes=minutes, kind="open" if open_time else label.kind)


Span = tuple[datetime, datetime]


def _overlaps(calendar: Calendar, day: date, start: datetime, end: datetime) -> list[Span]:
    """The office time that belongs to a day, as far as it lies between two moments."""
    midnight = datetime.combine(day, time())
    spans = [tuple(midnight + timedelta(minutes=edge) for edge in s) for s in calendar.segments_on(day)]
    cut = [(max(a, start), min(b, end)) for a, b in spans]
    return [(a, b) for a, b in cut if a < b]


def _stopped_time(spans: list[Span], stops: list[Span]) -> timedelta:
    """How much of these spans was stopped; stops that overlap count once."""
    total = timedelta(0)
    until = min((start for start, _ in stops), default=None)
    for start, end in sorted(stops):
        first = start if until is None else max(start, until)
        total += sum((max(min(b, end) - max(a, first), timedelta(0)) for a, b in spans), timedelta(0))
        until = end if until is None else max(until, end)
    return total


def _labelled(day: date, calendar: Calendar, number: float | None, plain: str) -> Stretch:
    """A day with its reason; `plain` is that of a day that is no day off and yet does not count."""
    numbers = (number, number) if number is not None else None
    covered = covers(calendar, day)
    note = calendar.note(day) if covered else None
    if note is not None and plain != "stopped":
        kind = {"make_up_day": "make_up", "special_day": "special"}.get(note.kind, "day_off")
        return Stretch(day, day, kind, numbers, note.name_en, note.name_vi, note.source)
    rest = covered and not calendar.is_working_day(day) and plain != "stopped"
    return Stretch(day, day, "weekly_rest" if rest else "" if numbers else plain, numbers)


def covers(calendar: Calendar, day: date) -> bool:
    """Whether a calendar knows a day."""
    return calendar.coverage[0] <= day < calendar.coverage[1]


def _joins(before: Stretch, day: Stretch) -> bool:
    """Days join if they count alike for the same reason; counted days do so across days off that count too."""
    if before.numbers and day.numbers:
        return not before.name_en and not day.name_en and before.numbers[1] < day.numbers[0]
    return before[2:] == day[2:] and before.numbers is None
