"""One record from its case to its outcome: the version that governs, the limit, the judgement."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from slaengine import kernel
from slaengine.days import DAY, end_seconds, is_instant, last_second, to_date, to_datetime, wall_seconds
from slaengine.errors import InputError
from slaengine.events import Event, Kind, events_of
from slaengine.facts import ENDLESS, Closed, Facts, Refusal, Settled, check_cover, due_of, start_of, tick_at
from slaengine.figures import NEVER, Count, Due, Judgement
from slaengine.maker import NOT_PLAIN, Trait
from slaengine.outcome import Outcome, Stage, Steps, Told
from slaengine.promises import promise_flags, promises_of
from slaengine.single import governed, settle
from slaengine.tables import Row, Tables
from slaengine.verdict import JUDGED, VERDICTS, Fact, refusal
from slaengine.vocabulary import Problem, flag_names

if TYPE_CHECKING:
    from slaengine.case import Case

__all__ = ["assess_record", "last_of"]

Timed = tuple[int, int, int, bool]
"""The seconds of the receipt, of the finish and of today, and whether only the date of the finish is known."""


def last_of(today: date | None, zone: tzinfo) -> int | None:
    """The second to judge on; `InputError` where `today` is neither a date nor a datetime."""
    if today is not None and not isinstance(today, date):
        raise InputError(f"today is {today!r}", hint="give a datetime.date or a datetime.datetime")
    return None if today is None else last_second(today, zone)


def assess_record(t: Tables, case: Case, level: str, today: date | None, early: int, early_minutes: int) -> Outcome:
    """The outcome of a case at a level; a problem that leaves no answer is a `Refusal`."""
    limit, day, received = _receipt(t, case, level)
    group = t.versions.group(limit, day)
    row = t.versions.row(group, day)
    traits = int(t.traits[row])
    last = last_of(today, t.zone)
    now = NEVER if last is None else min(max(last - t.first_day * DAY, 0), NEVER - 1)
    finished, unreadable = _finished(t, case)
    on_date = case.finished_at is not None and not is_instant(case.finished_at)
    if traits & NOT_PLAIN or case.has_events:
        facts = _facts(t, case, limit, row, (received, finished, now, on_date))
        found = _looked_at(t, facts, group, row)
        finished, on_date = (facts.horizon, facts.on_date) if facts.is_closed else (finished, on_date)
    else:
        found = _plain(t, case, row, received)
    timed = received, finished, now, on_date
    return _judged(t, case, today, found, timed, unreadable, early, early_minutes)


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
    day = seconds // DAY - t.first_day
    return limit, day, seconds - t.first_day * DAY


def _plain(t: Tables, case: Case, row: int, received: int) -> Settled:
    """A limit in days from the receipt that nothing stopped."""
    held = _in_force(t, row)
    if held.traits & Trait.NEEDS_TIME and not is_instant(case.received_at):
        raise Refusal(Problem.TIME_NEEDED, row)
    check_cover(t, row, held, received // DAY)
    applies = True if held.how is None else _attribute(case, t.attributes[held.how.attribute])
    start, late = start_of(t, row, held, received, applies, dated=not is_instant(case.received_at))
    due = due_of(t, row, held, start)
    last = due.end
    if start.end != held.rule.unrolled:
        last = kernel.advance(t.scalar_ops, start.line, held.rule.unrolled, start.first)
    return Settled(row, start, due, start.first, last, late)


def _in_force(t: Tables, row: int) -> Row:
    held = t.row(row)
    if held.traits & Trait.NO_RULE:
        raise Refusal(Problem.NOT_IN_FORCE)
    return held


def _attribute(case: Case, name: str) -> bool | None:
    """Whether an attribute of the case is true; None where it is not given. No attribute is always true."""
    return True if not name else case.attributes.get(name)


def _facts(t: Tables, case: Case, limit: int, row: int, timed: Timed) -> Facts:
    """The case in numbers, with those of its events that are not later than what is looked at."""
    if t.traits[row] & (Trait.NO_RULE | Trait.CHOSEN) == Trait.NO_RULE:
        raise Refusal(Problem.NOT_IN_FORCE)
    try:
        return _numbers(t, case, limit, timed)
    except InputError as error:
        raise Refusal(error.problem, row) from error


def _numbers(t: Tables, case: Case, limit: int, timed: Timed) -> Facts:
    received, finished, now, on_date = timed
    ends = finished + DAY - 1 if on_date else finished
    done = case.finished_at is not None and finished <= now
    horizon = (ends if ends < now else now) if done else now if now < NEVER else ENDLESS
    return Facts(
        case,
        limit,
        received,
        _events(t, case, horizon) if case.has_events else [],
        now,
        horizon,
        done,
        (finished if done else horizon) // DAY,
        on_date,
    )


def _events(t: Tables, case: Case, horizon: int) -> list[Event]:
    """The events of a case that are not later than what is looked at, counted from the first day of the tables."""
    found = [event for event in events_of(case, t.line_second) if event.time <= horizon]
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
    since = seconds - t.first_day * DAY
    return since if 0 <= since < NEVER else 0 if since < 0 else NEVER - 1, missing


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
    held = t.row(found.row)
    seen, number, minutes = _facts_of(t, held, found, found.due, timed, early, early_minutes)
    if found.suspended:
        number |= Fact.SUSPENDED
    if unreadable:
        number = refusal(Problem.FINISHED_UNREADABLE)
    outcome = _outcome(t, case, today, held.rule, timed, found, seen, number, minutes)
    promises = promises_of(case, today)
    if not promises:
        return outcome
    last = last_second(promises[-1].promised_at, t.zone) - t.first_day * DAY
    _, number, _ = _facts_of(t, held, found, Due(0, *divmod(last, DAY)), timed, early, early_minutes)
    number = refusal(Problem.FINISHED_UNREADABLE) if unreadable else number
    flags = (*outcome.flags, *promise_flags(promises, outcome.due_date))
    return outcome._replace(promise_status=VERDICTS[number].status, flags=flags)


def _facts_of(
    t: Tables,
    held: Row,
    found: Settled,
    due: Due[int],
    timed: Timed,
    early: int,
    early_minutes: int,
) -> tuple[Judgement[int], int, int | None]:
    """How the case stands against a due instant: the measures, the facts, and of limits in hours the minutes left."""
    received, finished, now, on_date = timed
    rule, backward = held.rule, held.traits & Trait.BACKWARD
    begun = 0 if backward else received // DAY * DAY if on_date else received
    seen = kernel.judge(t.scalar_ops, rule, found.first, due, begun, finished, now, early)
    number, minutes = seen.verdict, None
    until = due.day - seen.gap_calendar
    low = min(until, found.first)
    low, high = min(due.day, low), max(until, due.day)
    if t.at_an_edge(low, high, received, now):
        number += kernel.seldom(t.scalar_ops, rule, found.first, due.day, until, 0 if backward else received, now)
    if held.traits & Trait.HOURS:
        seen, minutes = _in_minutes(t, found, due, seen, min(finished + (DAY - 1) * on_date, now))
        number = (number & ~Fact.EARLY) | Fact.EARLY * (minutes >= early_minutes)
        number |= Fact.EXACT * t.more(found.row).hours.elapsed
        if until < rule.covered_from and not number & Fact.EXACT:
            minutes = None  # the office hours of that day are not known
    elif found.idle:
        seen = seen._replace(elapsed=seen.elapsed - found.idle)
    if backward:
        number |= Fact.ELAPSED_UNCOVERED  # nothing elapses before the day from which is counted back
    return seen, number, minutes


def _in_minutes(
    t: Tables, found: Settled, due: Due[int], seen: Judgement[int], until: int
) -> tuple[Judgement[int], int]:
    """The judgement of a limit in hours: what is elapsed in open minutes, and the open minutes to its due moment."""
    hours = t.more(found.row).hours
    most = (t.size - 1) * DAY
    passed = tick_at(t, hours, min(until, most))
    gap = tick_at(t, hours, due.day * DAY + due.second) - passed
    elapsed = passed - found.tick - found.idle
    return seen._replace(elapsed=elapsed // 60), gap // 60 if gap >= 0 else -(-gap // 60)


class _Rest(NamedTuple):
    """What an outcome says beside its columns."""

    remaining: int | None
    margin_minutes: int | None
    flags: tuple[str, ...]
    told: tuple[Told, ...]
    stages: tuple[Stage, ...]


def _rest(t: Tables, found: Settled, remaining: int | None, minutes: int | None) -> _Rest:
    return _Rest(
        remaining,
        minutes,
        flag_names(found.flags) if found.flags else (),
        found.told,
        tuple(_stage(t, stage) for stage in found.stages) if len(found.stages) > 1 else (),
    )


def _steps(t: Tables, found: Settled) -> Steps:
    origin, start = t.first_day, found.start
    deemed = (start.day + origin) * DAY + start.second
    return Steps(deemed, found.first + origin, found.last + origin, found.due.day + origin, found.late)


def _outcome(
    t: Tables,
    case: Case,
    today: date | None,
    rule: Count[int],
    timed: Timed,
    found: Settled,
    seen: Judgement[int],
    number: int,
    minutes: int | None,
) -> Outcome:
    origin, gap, lag = t.first_day, seen.gap, -seen.gap_calendar
    received, _, _, on_date = timed
    status, problem, _, has_due, has_margin, has_lateness, has_elapsed, has_minutes = VERDICTS[number]
    due = found.due
    aware = getattr(case.received_at, "tzinfo", None) is not None
    due_at = to_datetime((due.day + origin) * DAY + due.second)
    if aware:
        due_at = due_at.replace(tzinfo=t.zone)
    left, elapsed = gap if minutes is None else minutes, seen.elapsed if seen.elapsed > 0 else 0
    last = _rest(t, found, left if has_elapsed and has_due else None, minutes if has_minutes and not on_date else None)
    line = t.own[found.row]
    return Outcome(  # by position, which takes half the time: the order of its fields
        case,
        today,
        line.rule if line else None,
        status,
        problem,
        due_at if has_due else None,
        due_at.date() if has_due else None,
        gap if has_margin else None,
        (gap if gap > 0 else 0) if has_margin else None,
        (-gap if gap < 0 else 0) if has_lateness else None,
        (lag if lag > 0 else 0) if has_lateness else None,
        elapsed if has_elapsed else None,
        t.foresees and _provisional(t, rule, received, due, lag, number),
        _steps(t, found),
        *last[:3],
        None,
        None,
        *last[3:],
    )


def _provisional(t: Tables, rule: Count[int], received: int, due: Due[int], lag: int, number: int) -> bool:
    """Whether a foreseen year lies between the receipt and the later of due and finish."""
    open_yet = number & Fact.OPEN or number >= JUDGED
    end = due.day if open_yet or lag < 0 else due.day + lag
    first = min(max(received // DAY, 0), t.size - 1)
    return kernel.measure(t.scalar_ops, rule.foreseen, first, end + 1) > 0


def _stage(t: Tables, stage: tuple[int, int, int]) -> Stage:
    row, first, last = stage
    line = t.own[row]
    assert line is not None  # noqa: S101  # only rows of rules have parts
    return Stage(line.part.limit, to_date(first + t.first_day), to_date(last + t.first_day))
