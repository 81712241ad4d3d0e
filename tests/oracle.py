"""The slow, obvious oracle: sets of dates, one day at a time.

It says the same law as the engine in the plainest words there are and imports nothing from the package. Expected
values never come from the engine: they are worked out by hand (`vectors/*.csv`) or by this file, and an engine that
disagrees has to show which of the three misreads the law.
A `datetime` is an instant, a `date` is date-only data; date-only data is judged on dates.

`oracle_clock.py` counts one limit; here are the versions, the events that are folded over it, and the judging.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from oracle_clock import (
    HOURS,
    ONE_DAY,
    Calendar,
    Chain,
    CutOff,
    Entry,
    ExtensionTerms,
    Leg,
    Maybe,
    Modifier,
    NoAnswer,
    Number,
    Part,
    Rule,
    Season,
    Segment,
    Stop,
    Year,
    chain_due,
    date_of,
    days_in,
    due_instant,
    exists,
    first_second,
    fresh_dates,
    fresh_spans,
    is_before,
    last_second,
    legs_of,
    modified,
    open_seconds,
    run_of,
    running_leg,
    runs_at,
    second_of,
    start_of,
    unheld,
)

__all__ = [
    "Answer",
    "Calendar",
    "CutOff",
    "Entry",
    "Extension",
    "ExtensionTerms",
    "Modifier",
    "NoAnswer",
    "Number",
    "Part",
    "Promise",
    "Restart",
    "Rule",
    "Season",
    "Segment",
    "Supplement",
    "Suspension",
    "Version",
    "Year",
    "assess",
    "assess_versions",
    "replace",
]


@dataclass(frozen=True)
class Suspension:
    start: Maybe
    end: Maybe = None
    reason: str = ""
    window_end: Maybe = None


@dataclass(frozen=True)
class Extension:
    amount: Number
    unit: str
    granted_at: Maybe


@dataclass(frozen=True)
class Restart:
    requested_at: Maybe
    at: Maybe = None


@dataclass(frozen=True)
class Supplement:
    requested_at: Maybe
    at: Maybe = None
    window_end: Maybe = None


@dataclass(frozen=True)
class Promise:
    promised_at: date
    told_at: Maybe = None


Event = Suspension | Extension | Restart | Supplement


@dataclass(frozen=True)
class Version:
    """A rule while it is in force: [effective_from, effective_until)."""

    rule: Rule
    effective_from: date
    effective_until: Maybe = None
    governs: str = "receipt"  # deemed | restart | decision | transitional | more_favourable | each_day
    transition_from: Maybe = None
    known_from: Maybe = None
    until_known_from: Maybe = None
    calendar: Calendar | None = None  # none: the calendar that is asked with


@dataclass(frozen=True)
class Answer:
    due_at: datetime | None = None
    due_date: Maybe = None
    status: str = "unknown"
    problem: str | None = None
    margin: int | None = None
    days_saved: int | None = None
    days_late: int | None = None
    days_late_calendar: int | None = None
    elapsed: int | None = None
    margin_minutes: int | None = None
    flags: frozenset[str] = frozenset()
    promise_status: str | None = None


@dataclass(frozen=True)
class Case:
    """What is known of one record. `finished` is a finish that does not lie after `today`."""

    received: date
    finished: Maybe
    today: Maybe
    attributes: Mapping[str, bool]
    events: tuple[Event, ...]  # those that do not lie after the horizon
    event_times: Mapping[str, Maybe]
    zone: ZoneInfo | None
    horizon: datetime
    known: Callable[[date], list[Version]]  # the versions as they were known to a case received on a day
    is_closed: bool = False  # to be filed anew, but was not

    @property
    def decided(self) -> date:
        """The day that the law of the decision is asked for, not before the receipt; nothing known: infinitely late."""
        return max(date_of(self.finished or self.today or date.max), date_of(self.received))


@dataclass(frozen=True)
class Both:
    """Two versions that are both counted, each as though it governed alone."""

    older: "Law"
    newer: Version
    kind: str  # more_favourable | each_day


Law = Version | Both


@dataclass(frozen=True)
class Clock:
    """A limit as it stands after the events so far."""

    version: Version
    chains: tuple[Chain, ...]
    stops: tuple[Stop, ...]
    granted: tuple[Extension, ...]
    flags: frozenset[str]
    finished: Maybe
    zone: ZoneInfo | None
    holding: int = 0  # the alternative that holds; the first one while nothing does
    joint: Maybe = None  # the day from which an extension was counted on as a further part

    @property
    def chain(self) -> Chain:
        return self.chains[self.holding]

    @property
    def calendar(self) -> Calendar:
        return self.chain.legs[0].calendar

    @property
    def line(self) -> str:
        return self.chain.legs[0].line

    @property
    def is_open(self) -> bool:
        return any(stop.end is None for stop in self.stops)

    def settled(self) -> "Result":
        """Of the alternatives the earlier or the later one, as they say; of two that are equal the first."""
        found = Result(self, chain_due(self.chains[0], 0, self.stops, self.zone))
        for number, chain in enumerate(self.chains[1:], 1):
            due_at = chain_due(chain, number, self.stops, self.zone)
            if due_at < found.due_at if chain.combine == "earlier" else due_at > found.due_at:
                found = Result(replace(self, holding=number), due_at)
        return found

    def runs_at(self, moment: datetime) -> bool:
        """Whether an event of that moment still counts."""
        if self.is_open or any(stop.end >= moment for stop in self.stops):
            return True
        chains = list(enumerate(self.chains))
        chains += [(number, unheld(chain)) for number, chain in chains if chain.legs[-1].held]
        found = [runs_at(chain, number, self.stops, self.zone, moment) for number, chain in chains]
        decides = self.chains[-1].combine != "earlier"
        unknown = next((answer for answer in found if isinstance(answer, NoAnswer)), None)
        if decides not in found and unknown is not None:
            raise unknown
        return decides if decides in found else not decides

    def flagged(self, name: str) -> "Clock":
        return replace(self, flags=self.flags | {name})


@dataclass(frozen=True)
class Result:
    """A clock with its due instant, none while a stop is open."""

    clock: Clock
    due_at: datetime | None


@dataclass(frozen=True)
class Step:
    time: datetime
    rank: int  # among steps of the same time
    event: Event
    renews: bool = False  # the second half of a restart or of a supplement


def assess(
    calendar: Calendar,
    rule: Rule,
    received: Maybe,
    finished: Maybe = None,
    today: Maybe = None,
    attributes: Mapping[str, bool] = {},
    **more: Any,
) -> Answer:
    """One version that was always in force; `more` is what `assess_versions` takes by name."""
    return assess_versions(calendar, [Version(rule, date.min)], received, finished, today, attributes, **more)


def assess_versions(
    calendar: Calendar,
    versions: Sequence[Version],
    received: Maybe,
    finished: Maybe = None,
    today: Maybe = None,
    attributes: Mapping[str, bool] = {},
    *,
    events: Sequence[Event] = (),
    event_times: Mapping[str, Maybe] = {},
    zone: ZoneInfo | str | None = None,
    promises: Sequence[Promise] = (),
    known_at: date | str | None = None,
    early_from: int = 1,
    early_minutes_from: int = 1,
) -> Answer:
    grain = early_from, early_minutes_from
    try:
        case = case_of(received, finished, today, attributes, events, event_times, zone)
        on = (lambda day: day) if known_at == "received" else (lambda _: known_at)
        case = replace(case, known=lambda day: known_versions(calendar, versions, on(day)))
        known = case.known(date_of(case.received))
        steps = steps_of(case)
        result = followed(known, chosen(known, case), case, None, steps, (), frozenset())
    except NoAnswer as none:
        return Answer(problem=str(none))
    answer = judge(result.clock, result.due_at, case, grain)
    if isinstance(finished, datetime) and not exists(finished, case.zone):
        answer = Answer(answer.due_at, answer.due_date, problem="finished_unreadable")
    told = told_promises(promises, case)
    promised = judge(standing(result.clock), last_second(told[-1].promised_at), case, grain).status if told else None
    flags = result.clock.flags | supplement_flags(case, result.clock) | promise_flags(result.due_at, told)
    return replace(answer, flags=frozenset(flags), promise_status=promised)


def case_of(
    received: Maybe,
    finished: Maybe,
    today: Maybe,
    attributes: Mapping[str, bool],
    events: Sequence[Event],
    event_times: Mapping[str, Maybe],
    zone: ZoneInfo | str | None,
) -> Case:
    if received is None:
        raise NoAnswer("received_missing")
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    received, finished, today = local(received, zone), local(finished, zone, end=True), local(today, zone, end=True)
    if not exists(first_second(received), zone) and isinstance(received, datetime):
        raise NoAnswer("nonexistent_time")
    if finished is not None and today is not None and first_second(finished) > last_second(today):
        finished = None
    horizon = min(last_second(moment or datetime.max) for moment in (finished, today))
    events = [in_zone(event, zone) for event in events]
    refuse_unreadable(events, zone)
    past = tuple(event for event in events if first_second(time_of(event)) <= horizon)
    times = {name: local(moment, zone) for name, moment in event_times.items()}
    return Case(received, finished, today, attributes, past, times, zone, horizon, lambda _: [])


def local(moment: Maybe, zone: ZoneInfo | None, *, end: bool = False) -> Maybe:
    """An aware time on the wall clock of the zone. An end in the second pass of an hour counts as its last second."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    there = moment.astimezone(zone)
    if end and there.fold:
        there = there.replace(minute=59, second=59)
    return there.replace(tzinfo=None, fold=0)


def in_zone(record: Any, zone: ZoneInfo | None) -> Any:
    times = {f.name: getattr(record, f.name) for f in fields(record)}
    return replace(record, **{n: local(t, zone) for n, t in times.items() if isinstance(t, datetime)})


# --- which version ---


def known_versions(calendar: Calendar, versions: Sequence[Version], on: Maybe) -> list[Version]:
    """The versions as they were known, each with its calendars; an end not yet known reads as open."""
    found = []
    for v in sorted(versions, key=lambda version: version.effective_from):
        parts = tuple(replace(p, calendar=p.calendar and p.calendar.as_known(on)) for p in v.rule.parts)
        until = v.effective_until if on is None or (v.until_known_from or date.min) <= on else None
        own = (v.calendar or calendar).as_known(on)
        if on is None or (v.known_from or date.min) <= on:
            found.append(replace(v, calendar=own, effective_until=until, rule=replace(v.rule, parts=parts)))
    return found


def chosen(versions: Sequence[Version], case: Case, restart: Maybe = None) -> Law:
    """The last version is asked whether it claims the case, then the one before it."""
    if not versions:
        raise NoAnswer("not_in_force")
    *older, last = versions
    new = date_of(case.received) >= last.effective_from
    if last.governs == "each_day" and not new:
        return Both(chosen_before(older, last, case, restart), last, "each_day")
    if last.governs == "more_favourable" and not new and case.decided >= last.effective_from:
        return Both(chosen_before(older, last, case, restart), last, "more_favourable")
    if not claims(last, case, restart):
        return chosen_before(older, last, case, restart)
    if last.effective_until is not None and governing_day(last, case, restart) >= last.effective_until:
        raise NoAnswer("not_in_force")
    return last


def chosen_before(older: Sequence[Version], later: Version, case: Case, restart: Maybe) -> Law:
    """A version that is followed at once is left only for the one that follows; one before a gap by its own date."""
    if older and older[-1].effective_until is not None and older[-1].effective_until >= later.effective_from:
        older = [*older[:-1], replace(older[-1], effective_until=None)]
    return chosen(older, case, restart)


def claims(version: Version, case: Case, restart: Maybe) -> bool:
    if version.governs == "transitional":
        decided = version.transition_from is not None and case.decided >= version.transition_from
        return decided or date_of(case.received) >= version.effective_from
    return governing_day(version, case, restart) >= version.effective_from


def governing_day(version: Version, case: Case, restart: Maybe) -> date:
    if version.governs == "deemed":
        rule = replace(version.rule, amount=0, unit="calendar_day", roll="none", due_time="end_of_day", parts=())
        return start_of(legs_of(version.calendar, rule)[0][1], case.received, case.attributes).day
    if version.governs == "restart":
        return date_of(restart or case.received)
    return case.decided if version.governs == "decision" else date_of(case.received)


def combined(law: Both, older: Result, newer: Result) -> Result:
    """An open stop is later than any due instant. Of two that are equal the older version holds."""
    if law.kind == "more_favourable":
        return newer if (newer.due_at or datetime.max) < (older.due_at or datetime.max) else older
    turn = datetime.combine(law.newer.effective_from, clock())
    if newer.due_at is None or newer.due_at >= turn:
        return newer
    chain = newer.clock.chain
    return Result(newer.clock, turn if chain.in_hours else due_instant(chain.legs[-1], chain.start, turn.date()))


# --- the events, in order of time ---


def time_of(event: Event) -> Maybe:
    if isinstance(event, Suspension):
        return event.start
    return event.granted_at if isinstance(event, Extension) else event.requested_at


def ends_named(event: Event) -> list[date]:
    """The times after the first one: those that may not lie before it."""
    if isinstance(event, Suspension):
        return [end for end in (event.end, event.window_end) if end is not None]
    if isinstance(event, Supplement):
        return [end for end in (event.at, event.window_end) if end is not None]
    return [event.at] if isinstance(event, Restart) and event.at is not None else []


def refuse_unreadable(events: Sequence[Event], zone: ZoneInfo | None) -> None:
    """A time that never was, or none, is told whenever the event is."""
    times = [time for event in events for time in (time_of(event), *ends_named(event))]
    if any(time is None or (isinstance(time, datetime) and not exists(time, zone)) for time in times):
        raise NoAnswer("event_unreadable")


def steps_of(case: Case) -> list[Step]:
    """At the same time: a wait that ends as it begins, restarts, extensions, starts of stops."""
    found = []
    for event in case.events:
        at = time_of(event)
        if any(first_second(end) < first_second(at) for end in ends_named(event)):
            raise NoAnswer("event_unreadable")
        at_once = isinstance(event, Restart | Supplement) and event.at and first_second(event.at) == first_second(at)
        rank = 1 if isinstance(event, Extension) else -1 if at_once else 2
        found.append(Step(first_second(at), rank, event))
        if isinstance(event, Restart) and has_come(event.at, case):
            found.append(Step(first_second(event.at), 0, event, renews=True))
    return in_order(found)


def in_order(steps: list[Step]) -> list[Step]:
    """Of extensions granted at the same time the smaller amount first, then the finer unit of days."""
    return sorted(steps, key=lambda step: (step.time, step.rank, *size_of(step.event)))


def size_of(event: Event) -> tuple[Number, int]:
    units = ("working_day", "calendar_day", "week", "month", "year", *HOURS)
    return (event.amount, units.index(event.unit)) if isinstance(event, Extension) else (0, 0)


def has_come(moment: Maybe, case: Case) -> bool:
    return moment is not None and first_second(moment) <= case.horizon


def begun(version: Version, case: Case, receipt: Maybe, stops: tuple[Stop, ...], flags: frozenset[str]) -> Clock:
    """The whole limit from its start; a restart takes the place of the receipt and of the start event."""
    if receipt is None:
        name = version.rule.start_event
        receipt = case.received if name == "received" else case.event_times.get(name)
        if isinstance(receipt, datetime) and not exists(receipt, case.zone):
            raise NoAnswer("event_unreadable")
        ahead = receipt is not None and case.today is not None and first_second(receipt) > last_second(case.today)
        if ahead and name != "received" and version.rule.direction != "backward":
            receipt = None
    if receipt is None:
        raise NoAnswer("start_event_missing")
    rule = modified(version.rule, case.attributes)
    chains = tuple(
        Chain(combine, tuple(legs), start_of(legs, receipt, case.attributes), len(legs))
        for combine, legs in legs_of(version.calendar, rule)
    )
    carried = tuple(replace(stop, legs=(0,) * len(chains)) for stop in stops)
    clock = Clock(version, chains, carried, (), flags, case.finished, case.zone)
    if not clock.is_open and any(leg.rule.month_end == "refuse" for chain in chains for leg in chain.legs):
        refuse_no_such_day(clock)
    return clock


def refuse_no_such_day(clock: Clock) -> None:
    """That a month lacks the day is told at once, also of a limit that a restart then takes the place of."""
    try:
        clock.settled()
    except NoAnswer as none:
        if str(none) == "no_such_day":
            raise


def followed(
    versions: Sequence[Version],
    law: Law,
    case: Case,
    receipt: Maybe,
    steps: list[Step],
    stops: tuple[Stop, ...],
    flags: frozenset[str],
) -> Result:
    """The limit under that law, from a receipt on, through the steps that are left."""
    if isinstance(law, Both):
        older = followed(versions, law.older, case, receipt, steps, stops, flags)
        if law.kind == "each_day" and older.due_at and older.due_at.date() < law.newer.effective_from:
            return older  # the newer law is not asked
        return combined(law, older, followed(versions, law.newer, case, receipt, steps, stops, flags))
    limit = begun(law, case, receipt, stops, flags)
    if law.rule.direction == "backward":
        return (limit.flagged("event_void") if case.events else limit).settled()
    given, steps = steps, list(steps)
    while steps:
        step = steps.pop(0)
        refuse_unruled(limit, step)
        if step.renews and isinstance(step.event, Supplement) and law.rule.supplement_effect == "suspend":
            continue
        if not limit.runs_at(step.time):
            limit = limit.flagged("event_void")
        elif step.renews:
            return renewed(versions, limit, case, step, steps)
        elif isinstance(step.event, Extension):
            limit = extended(limit, step.event)
        elif law.rule.supplement_effect == "close_and_refile" and is_closed(step.event, case):
            at = step.event.requested_at
            past = [step for step in given if step.time <= first_second(at)]
            ended = tuple(replace(stop, end=min(stop.end or datetime.max, last_second(at))) for stop in stops)
            return followed(versions, law, closed(case, at), receipt, past, ended, flags)
        else:
            limit = stopped(limit, step.event, case)
            steps = in_order(steps + renewals(step, case))
    return Result(limit, None) if limit.is_open else limit.settled()


def refuse_unruled(limit: Clock, step: Step) -> None:
    """What comes must be ruled by the version that runs then, and have an hour where it is counted in hours."""
    if isinstance(step.event, Supplement) and not limit.version.rule.supplement_effect:
        raise NoAnswer("supplement_unruled")
    times = (time_of(step.event), *ends_named(step.event))
    if any(chain.in_hours for chain in limit.chains) and any(second_of(t) is None for t in times):
        raise NoAnswer("time_needed")


def stopped(limit: Clock, event: Event, case: Case) -> Clock:
    """A stop that has not ended at the horizon ends with the finish, and is open if there is none."""
    end = min(map(first_second, ends_named(event)), default=None)
    if end is None or end > case.horizon:
        end = last_second(limit.finished) if limit.finished is not None else None
    begin = first_second(time_of(event))
    refuse_before_joint(limit, begin)
    legs = next((stop.legs for stop in limit.stops if stop.end is None), None) or running_legs(limit, begin)
    return replace(limit, stops=(*limit.stops, Stop(begin, end, legs)))


def refuse_before_joint(limit: Clock, begin: datetime) -> None:
    """A stop in what ran before an extension that was counted on from its end."""
    if limit.joint is not None and begin.date() <= limit.joint:
        raise NoAnswer("stop_before_extension")


def running_legs(limit: Clock, at: datetime) -> tuple[int, ...]:
    return tuple(running_leg(chain, n, limit.stops, limit.zone, at) for n, chain in enumerate(limit.chains))


def renewals(step: Step, case: Case) -> list[Step]:
    """A supplement that may have the effect of a restart, once it is handed in."""
    event = step.event
    renews = isinstance(event, Supplement) and has_come(event.at, case)
    return [Step(first_second(event.at), 0, event, renews=True)] if renews else []


def renewed(versions: Sequence[Version], limit: Clock, case: Case, step: Step, steps: list[Step]) -> Result:
    """A new receipt: the whole limit anew. Stops that reach beyond it go on."""
    at = step.event.at
    going_on = last_joined(limit.stops, step.time)
    law: Law = limit.version
    if isinstance(step.event, Supplement) and limit.version.rule.supplement_effect == "close_and_refile":
        case = replace(case, received=at)
        versions = case.known(date_of(at))
        law = chosen(versions, case)
    elif any(version.governs == "restart" for version in versions):
        law = chosen(versions, case, at)
        while isinstance(law, Both):  # of several that hold, each is counted by itself
            law = law.newer if law.newer == limit.version else law.older
    return followed(versions, law, case, at, steps, going_on, limit.flags)


def last_joined(stops: tuple[Stop, ...], at: datetime) -> tuple[Stop, ...]:
    """The last stops that touch each other, if they reach beyond that moment."""
    reach, first = datetime.min, 0
    for number, stop in enumerate(stops):
        first = number if stop.begin > reach else first
        reach = max(reach, stop.end or datetime.max)
    return stops[first:] if reach > at else ()


def is_closed(event: Event, case: Case) -> bool:
    return isinstance(event, Supplement) and not has_come(event.at, case) and not case.is_closed


def closed(case: Case, at: date) -> Case:
    """The case is finished there, and with it every stop, also the one that begins there."""
    return replace(case, finished=at, horizon=first_second(at), is_closed=True)


def extended(limit: Clock, extension: Extension) -> Clock:
    """By 0 it changes nothing, nor while a stop is open, but it was granted."""
    if is_void(limit, extension):
        return limit.flagged("extension_void")
    limit = replace(limit, granted=(*limit.granted, extension))
    if extension.amount == 0 or limit.is_open:
        return limit
    start, joints = limit.version.rule.extension.start, [limit.joint or date.min]
    for number, chain in enumerate(limit.chains):
        if is_further(chain, start, extension) and chain.in_hours and extension.unit not in HOURS:
            joints.append(date.max)
        elif is_further(chain, start, extension) and not chain.in_hours:
            joints.append(joint_of(chain, number, limit))
    chains = tuple(lengthened(chain, start, extension) for chain in limit.chains)
    return replace(limit, chains=chains, joint=max(joints))


def joint_of(chain: Chain, number: int, limit: Clock) -> date:
    """The day from which a further part is counted; one that is not known comes after all days that are."""
    try:
        if limit.version.rule.extension.start == "rolled_end":
            return chain_due(chain, number, limit.stops, limit.zone, closes=False).date()
        end = run_of(chain, number, limit.stops, limit.zone)[-1][1]
    except NoAnswer:
        return date.max
    return max([end, *(stop.end for stop in limit.stops)]).date()


def is_void(limit: Clock, extension: Extension) -> bool:
    terms = limit.version.rule.extension
    if terms is None or (extension.amount < 0 and not terms.may_shorten):
        return True
    if extension.amount < 0 and any(is_further(chain, terms.start, extension) for chain in limit.chains):
        return True
    if extension.unit in HOURS and any(chain.legs[0].line != extension.unit for chain in limit.chains):
        return True
    further = extension.amount < 0 or any(is_further(chain, terms.start, extension) for chain in limit.chains)
    if further and any(chain.legs[-1].share for chain in limit.chains):
        return True
    if terms.max_times is not None and len(limit.granted) >= terms.max_times:
        return True
    if terms.max_total is None or terms.max_total[1] != extension.unit:
        return False
    return sum(e.amount for e in (*limit.granted, extension) if e.unit == extension.unit) > terms.max_total[0]


ALIKE = {"week": ("calendar_day", 7), "year": ("month", 12)}
"""Units that are so many of another one."""


def is_further(chain: Chain, start: str, by: Extension) -> bool:
    """Whether it is counted on as a further part, not with the limit itself."""
    if start == "rolled_end":
        return True
    last = chain.legs[-1]
    line = "calendar_day" if last.rule.amount == 0 and last.line not in HOURS else plainer(last).line
    unit = ALIKE.get(by.unit, (by.unit, 1))[0]
    return unit != line or (unit == "month" and start != "start")


def plainer(leg: Leg) -> Leg:
    """The same part in days or months."""
    unit, times = ALIKE.get(leg.line, (leg.line, 1))
    rule = replace(leg.rule, amount=leg.rule.amount * times, unit=unit)
    return leg if times == 1 else replace(leg, rule=rule, line=unit, extra=leg.extra * times)


def lengthened(chain: Chain, start: str, by: Extension) -> Chain:
    """Added to the part that it lengthens, or counted on as a further part; a limit of 0 is not lengthened."""
    leg = plainer(chain.legs[-1])
    if is_further(chain, start, by) or not leg.rule.amount:
        further = further_leg(chain.legs[-1], by, from_rolled=start == "rolled_end")
        further = replace(further, is_held=is_further(chain, start, by))
        return replace(chain, legs=(*chain.legs, further))
    leg = replace(leg, extra=leg.extra + by.amount * ALIKE.get(by.unit, (by.unit, 1))[1])
    return replace(chain, legs=(*chain.legs[:-1], leg))


def further_leg(last: Leg, by: Extension, *, from_rolled: bool) -> Leg:
    """Counted by the convention of the limit; what is asked of a limit as a whole is not asked."""
    rule = replace(last.rule, amount=by.amount, unit=by.unit, month_end=last.rule.month_end or "last_day")
    return Leg(last.calendar, rule, by.unit, last.rolls, from_rolled=from_rolled)


def supplement_flags(case: Case, limit: Clock) -> set[str]:
    """Of requests after the case was closed nobody speaks."""
    last = case.horizon if limit.finished is case.finished else first_second(limit.finished)
    asked = [e for e in case.events if isinstance(e, Restart | Supplement) and first_second(time_of(e)) <= last]
    return {"second_supplement"} if len(asked) > 1 else set()


# --- promises ---


def told_promises(promises: Sequence[Promise], case: Case) -> list[Promise]:
    """In order of telling, as they are given; what was told after `today` is not known yet."""
    found = [in_zone(promise, case.zone) for promise in promises]
    end = datetime.max if case.today is None else last_second(case.today)
    return [p for p in found if p.told_at is None or first_second(p.told_at) <= end]


def standing(limit: Clock) -> Clock:
    """The clock for a promise, which does not stand still."""
    return replace(limit, stops=())


def promise_flags(due_at: datetime | None, promises: Sequence[Promise]) -> set[str]:
    found = {"second_reappointment"} if len(promises) > 2 else set()
    if due_at is None:
        return found
    if any(date_of(promise.promised_at) > due_at.date() for promise in promises):
        found.add("promise_after_due")
    if any(p.told_at is not None and date_of(p.told_at) > due_at.date() - ONE_DAY for p in promises[1:]):
        found.add("late_apology")
    return found


# --- judging ---


def judge(limit: Clock, due_at: datetime | None, case: Case, grain: tuple[int, int]) -> Answer:
    """How the case stands against that instant; none: a stop is open and nothing is promised."""
    undecided = Answer(due_at, due_at.date() if due_at else None)
    forward = limit.version.rule.direction == "forward"
    if forward and case.today is not None and first_second(case.received) > last_second(case.today):
        return replace(undecided, problem="received_after_today")
    if limit.finished is not None:
        if forward and is_before(limit.finished, case.received):
            return replace(undecided, problem="finished_before_received")
        seen = min(last_second(each) for each in (limit.finished, case.today) if each is not None)
        return judge_finished(limit, due_at, limit.finished, seen, grain)
    if case.today is None:
        return replace(undecided, problem="today_needed")
    if due_at is None:
        return Answer(status="suspended", elapsed=elapsed(limit, case.today))
    return judge_unfinished(limit, due_at, case.today)


def judge_finished(limit: Clock, due_at: datetime, finished: date, seen: datetime, grain: tuple[int, int]) -> Answer:
    """A finish that is a date is as late as that day can be, but not later than what is `seen` by today."""
    answer = measured(limit, due_at, finished, seen)
    if is_before(due_at, finished):
        return replace(answer, status="late")
    if limit.line in HOURS:
        return replace(answer, status=status_by_minutes(limit, answer, due_at, seen, grain[1]))
    between = filter(limit.calendar.covers, days_in(date_of(finished), due_at.date()))
    if sum(map(limit.calendar.is_working_day, between)) >= grain[0]:
        return replace(answer, status="early")
    return replace(answer, status="unknown" if answer.margin is None else "on_time")


def status_by_minutes(limit: Clock, answer: Answer, due_at: datetime, finished: datetime, least: int) -> str:
    if seconds_between(limit, finished, due_at, known_only=True) >= least * 60:
        return "early"
    known = answer.margin is not None or limit.line == "hour"
    return "on_time" if known else "unknown"


def judge_unfinished(limit: Clock, due_at: datetime, today: date) -> Answer:
    answer = measured(limit, due_at, today, today)
    if last_second(today) > due_at:
        return replace(answer, status="overdue", margin=None, days_saved=None, margin_minutes=None)
    return Answer(due_at, due_at.date(), "running", elapsed=answer.elapsed)


def measured(limit: Clock, due_at: datetime, end: date, seen: date) -> Answer:
    """Everything but the status, for a case that ends or is looked at on that day."""
    due_date, day = due_at.date(), date_of(end)
    saved, lost = limit.calendar.working_days_in(day, due_date), limit.calendar.working_days_in(due_date, day)
    answer = Answer(due_at, due_date, elapsed=elapsed(limit, seen), margin_minutes=margin_minutes(limit, due_at, end))
    if saved is None or lost is None:
        return replace(answer, problem="margin_not_covered")
    late, margin = max((day - due_date).days, 0), saved - lost
    lateness = {"days_saved": max(margin, 0), "days_late": max(-margin, 0), "days_late_calendar": late}
    return replace(answer, margin=margin, **lateness)


def margin_minutes(limit: Clock, due_at: datetime, end: date) -> int | None:
    """Hour limits only: whole minutes of the limit's own line, less than none when late; a date has no minutes."""
    if limit.line not in HOURS or second_of(end) is None:
        return None
    try:
        saved, lost = seconds_between(limit, end, due_at), seconds_between(limit, due_at, end)
    except NoAnswer:
        return None
    return saved // 60 - lost // 60


def seconds_between(limit: Clock, a: datetime, b: datetime, *, known_only: bool = False) -> int:
    calendar = limit.calendar
    if known_only and limit.line == "working_hour":
        closed_beyond = replace(calendar, coverage=(date.min, date.max), unknown_years=frozenset())
        beyond = frozenset(day for day in days_in(a.date() - ONE_DAY * 2, b.date()) if not calendar.covers(day))
        calendar = replace(closed_beyond, days_off=calendar.days_off | beyond, make_up=calendar.make_up - beyond)
    elif limit.line == "working_hour" and a <= b and not calendar.covers(b.date()):
        raise NoAnswer("calendar_not_covered")  # also where b is the first second of that day
    return open_seconds(calendar, limit.line, limit.zone, a, b)


def elapsed(limit: Clock, end: date) -> int | None:
    """Working days from the first counted day, or minutes from the start, without those that stood still."""
    chain = limit.chain
    if limit.version.rule.direction == "backward":
        return None
    if chain.in_hours:
        return elapsed_minutes(limit, chain.start.moment, last_second(end))
    day, first = date_of(end), chain.start.first_counted
    still = frozenset().union(*fresh_dates(chain, limit.holding, limit.stops, open_until=day))
    return limit.calendar.working_days_in(first - ONE_DAY, day, still)


def elapsed_minutes(limit: Clock, start: datetime, end: datetime) -> int | None:
    stops = [(max(a, start), min(b, end)) for a, b in fresh_spans(limit.stops, open_until=end)]
    try:
        still = sum(seconds_between(limit, a, b) for a, b in stops)
        return (seconds_between(limit, start, end) - still) // 60
    except NoAnswer:
        return None
