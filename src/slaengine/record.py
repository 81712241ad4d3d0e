"""One record from its case to its outcome: the version that governs, the limit, the judgement."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from slaengine import kernel
from slaengine.days import DAY, end_seconds, is_instant, last_second, to_date, to_datetime, wall_seconds
from slaengine.errors import InputError
from slaengine.events import Event, Kind, events_of
from slaengine.facts import ENDLESS, Closed, Facts, Refusal, Settled, tick_at
from slaengine.figures import NEVER, Due
from slaengine.maker import NOT_PLAIN, Trait
from slaengine.outcome import Outcome, Stage, Steps, Told
from slaengine.plain import plain, stopped
from slaengine.promises import promise_flags, promises_of
from slaengine.single import governed, settle
from slaengine.tables import Tables
from slaengine.verdict import JUDGED, VERDICTS, Fact, refusal
from slaengine.vocabulary import Problem, flag_names

if TYPE_CHECKING:
    from slaengine.case import Case

__all__ = ["assess_record", "last_of", "told_of"]

Timed = tuple[int, int, int, bool]
"""The seconds of the receipt, of the finish and of today, and whether only the date of the finish is known."""


def last_of(today: date | None, zone: tzinfo) -> int | None:
    """The second to judge on; `InputError` where `today` is neither a date nor a datetime."""
    if today is not None and not isinstance(today, date):
        raise InputError(f"today is {today!r}", hint="give a datetime.date or a datetime.datetime")
    return None if today is None else last_second(today, zone)


def assess_record(t: Tables, case: Case, level: str, today: date | None, early: int, early_minutes: int) -> Outcome:
    """The outcome of a case at a level; a problem that leaves no answer is a `Refusal`."""
    found, timed, unreadable = _found(t, case, level, today)
    return _judged(t, case, today, found, timed, unreadable, early, early_minutes)


def told_of(t: Tables, case: Case, level: str, today: date | None) -> tuple[Told, ...]:
    """What each event of a case did to its clock; nothing where a problem leaves no answer."""
    if not case.has_events:
        return ()
    try:
        return _found(t, case, level, today, whole=True)[0].told
    except Refusal:
        return ()


def _found(
    t: Tables, case: Case, level: str, today: date | None, *, whole: bool = False
) -> tuple[Settled, Timed, bool]:
    """The limit of a case with all that happened to it, its times, and whether its finish cannot be read.

    The `whole` driver alone tells what each event did.
    """
    limit, day, received = _receipt(t, case, level)
    group = t.versions.group(limit, day)
    row = t.versions.row(group, day)
    traits = int(t.traits[row])
    last = last_of(today, t.zone)
    now = NEVER if last is None else _bounded(last - t.first_second)
    finished, unreadable = _finished(t, case)
    on_date = case.finished_at is not None and not is_instant(case.finished_at)
    timed = received, finished, now, on_date
    if not traits & NOT_PLAIN and not case.has_events:
        return plain(t, case, row, received), timed, unreadable
    done, horizon = _horizon(case, timed)
    found = None if whole else stopped(t, case, row, received, horizon, finished=done)
    if found is None:
        facts = _facts(t, case, limit, row, timed, horizon, done=done)
        found = _looked_at(t, facts, group, row)
        timed = (received, facts.horizon, now, facts.on_date) if facts.is_closed else timed
    return found, timed, unreadable


def _looked_at(t: Tables, facts: Facts, group: int, row: int) -> Settled:
    """The limit of a case; if that was closed to be filed anew, and was not, as it stood then."""
    chosen = t.traits[row] & Trait.CHOSEN
    try:
        return governed(t, facts, group) if chosen else settle(t, facts, row)
    except Closed as closed:
        facts.horizon, facts.finished, facts.is_closed, facts.on_date = closed.second, True, True, closed.on_date
        facts.events = [event for event in facts.events if event.time <= closed.second]
        return governed(t, facts, group) if chosen else settle(t, facts, row)


def _receipt(t: Tables, case: Case, level: str) -> tuple[int, int, int]:
    """The number of the case's limit, the day and the second of receipt on the tables' own line."""
    limit = t.versions.codes.group(case.procedure, level, case.variant)
    if limit < 0:
        raise Refusal(-limit)
    seconds = wall_seconds(case.received_at, t.zone)
    if t.gaps and is_instant(case.received_at) and t.in_gap(seconds):
        raise Refusal(Problem.NONEXISTENT_TIME)
    received = seconds - t.first_second
    return limit, received // DAY, received


def _horizon(case: Case, timed: Timed) -> tuple[bool, int]:
    """Whether the case is finished, and the second up to which it is looked at."""
    _, finished, now, on_date = timed
    if case.finished_at is None or finished > now:
        return False, now if now < NEVER else ENDLESS
    ends = finished + DAY - 1 if on_date else finished
    return True, min(ends, now)


def _facts(t: Tables, case: Case, limit: int, row: int, timed: Timed, horizon: int, *, done: bool) -> Facts:
    """The case in numbers, with those of its events that are not later than what is looked at."""
    if t.traits[row] & (Trait.NO_RULE | Trait.CHOSEN) == Trait.NO_RULE:
        raise Refusal(Problem.NOT_IN_FORCE)
    try:
        events = _events(t, case, horizon) if case.has_events else []
    except InputError as error:
        raise Refusal(error.problem, row) from error
    received, finished, now, on_date = timed
    decided = (finished if done else horizon) // DAY
    return Facts(case, limit, received, events, now, horizon, done, decided, on_date)


def _events(t: Tables, case: Case, horizon: int) -> list[Event]:
    """The events of a case that are not later than what is looked at, counted from the first day of the tables."""
    found = events_of(case, t.line_second)
    while found and found[-1].time > horizon:
        del found[-1]
    for event in found:
        if event.kind == Kind.UNREADABLE:
            raise InputError("a stop ends before it begins", problem=Problem.EVENT_UNREADABLE)
    if found and found[0].time < 0:
        return [event._replace(time=max(event.time, 0)) for event in found]
    return found


def _finished(t: Tables, case: Case) -> tuple[int, bool]:
    """The second of the finish, and whether that is a reading which never was."""
    if case.finished_at is None:
        return NEVER + 1, False
    seconds = end_seconds(case.finished_at, t.zone)
    missing = bool(t.gaps) and is_instant(case.finished_at) and t.in_gap(seconds)
    return _bounded(seconds - t.first_second), missing


def _bounded(second: int) -> int:
    """A second on the line of the tables; one outside it becomes the nearest."""
    return 0 if second < 0 else second if second < NEVER else NEVER - 1


def _judged(
    t: Tables,
    case: Case,
    today: date | None,
    found: Settled,
    timed: Timed,
    unreadable: bool,  # noqa: FBT001  # a fact, not a switch
    early: int,
    early_minutes: int,
) -> Outcome:
    seen = _standing(t, found, found.due, timed, early, early_minutes)
    if found.suspended:
        seen = seen._replace(verdict=seen.verdict | Fact.SUSPENDED)
    if unreadable:
        seen = seen._replace(verdict=refusal(Problem.FINISHED_UNREADABLE))
    outcome = _outcome(t, case, today, timed, found, seen)
    if not (case.promises or case.promised_at or case.first_promised_at):
        return outcome
    promises = promises_of(case, today)
    if not promises:
        return outcome
    last = last_second(promises[-1].promised_at, t.zone) - t.first_second
    number = _standing(t, found, Due(0, *divmod(last, DAY)), timed, early, early_minutes).verdict
    number = refusal(Problem.FINISHED_UNREADABLE) if unreadable else number
    flags = (*outcome.flags, *promise_flags(promises, outcome.due_date))
    return outcome._replace(promise_status=VERDICTS[number].status, flags=flags)


class _Standing(NamedTuple):
    """How a case stands against a due instant; of limits in hours the open minutes left and elapsed."""

    verdict: int
    gap: int
    lag: int
    elapsed: int
    minutes: int | None


def _standing(t: Tables, found: Settled, due: Due[int], timed: Timed, early: int, early_minutes: int) -> _Standing:
    received, finished, now, on_date = timed
    traits, rule, _ = t.row(found.row)
    backward = traits & Trait.BACKWARD
    begun = 0 if backward else received // DAY * DAY if on_date else received
    number, gap, ahead, elapsed = kernel.judge(t.scalar_ops, rule, found.first, due, begun, finished, now, early)
    until = due.day - ahead
    if t.at_an_edge(min(found.first, due.day, until), max(due.day, until), received, now):
        number += kernel.seldom(t.scalar_ops, rule, found.first, due.day, until, 0 if backward else received, now)
    if backward:
        number |= Fact.ELAPSED_UNCOVERED  # nothing elapses before the day from which is counted back
    if not traits & Trait.HOURS:
        return _Standing(number, gap, -ahead, elapsed - found.idle, None)
    minutes, elapsed = _in_minutes(t, found, due, min(finished + (DAY - 1) * on_date, now))
    number = (number & ~Fact.EARLY) | Fact.EARLY * (minutes >= early_minutes)
    number |= Fact.EXACT * t.more(found.row).hours.elapsed
    known = until >= rule.covered_from or number & Fact.EXACT  # else the office hours of that day are not
    return _Standing(number, gap, -ahead, elapsed, minutes if known else None)


def _in_minutes(t: Tables, found: Settled, due: Due[int], until: int) -> tuple[int, int]:
    """Of a limit in hours: the open minutes to its due moment, and those elapsed."""
    hours = t.more(found.row).hours
    most = (t.size - 1) * DAY
    passed = tick_at(t, hours, min(until, most))
    gap = tick_at(t, hours, due.day * DAY + due.second) - passed
    return gap // 60 if gap >= 0 else -(-gap // 60), (passed - found.tick - found.idle) // 60


def _steps(t: Tables, found: Settled) -> Steps:
    origin, start = t.first_day, found.start
    deemed = (start.day + origin) * DAY + start.second
    return Steps(deemed, found.first + origin, found.last + origin, found.due.day + origin, found.late)


def _outcome(t: Tables, case: Case, today: date | None, timed: Timed, found: Settled, seen: _Standing) -> Outcome:
    number, gap, lag, elapsed, minutes = seen
    status, problem, _, has_due, has_margin, has_lateness, has_elapsed, has_minutes = VERDICTS[number]
    due, line = found.due, t.own[found.row]
    due_at = to_datetime((due.day + t.first_day) * DAY + due.second) if has_due else None
    due_date = due_at and due_at.date()
    if due_at is not None and getattr(case.received_at, "tzinfo", None) is not None:
        due_at = due_at.replace(tzinfo=t.zone)
    return Outcome(  # by position, which takes half the time: the order of its fields
        case,
        today,
        line.rule if line else None,
        status,
        problem,
        due_at,
        due_date,
        gap if has_margin else None,
        (gap if gap > 0 else 0) if has_margin else None,
        (-gap if gap < 0 else 0) if has_lateness else None,
        (lag if lag > 0 else 0) if has_lateness else None,
        (elapsed if elapsed > 0 else 0) if has_elapsed else None,
        t.foresees and _provisional(t, found, timed[0], lag, number),
        _steps(t, found),
        (gap if minutes is None else minutes) if has_elapsed and has_due else None,
        minutes if has_minutes and not timed[3] else None,
        flag_names(found.flags) if found.flags else (),
        None,
        None,
        tuple(_stage(t, stage) for stage in found.stages) if len(found.stages) > 1 else (),
    )


def _provisional(t: Tables, found: Settled, received: int, lag: int, number: int) -> bool:
    """Whether a foreseen year lies between the receipt and the later of due and finish."""
    open_yet, due = number & Fact.OPEN or number >= JUDGED, found.due.day
    end = due if open_yet or lag < 0 else due + lag
    first = min(max(received // DAY, 0), t.size - 1)
    return kernel.measure(t.scalar_ops, t.row(found.row).rule.foreseen, first, end + 1) > 0


def _stage(t: Tables, stage: tuple[int, int, int]) -> Stage:
    row, first, last = stage
    line = t.own[row]
    assert line is not None  # noqa: S101  # only rows of rules have parts
    return Stage(line.part.limit, to_date(first + t.first_day), to_date(last + t.first_day))
