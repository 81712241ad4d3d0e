"""The lower half of the oracle: calendars, rules, and how one limit is counted, a day or an open segment at a time.

Nothing here is clever: sets of dates, plain datetimes, loops. `oracle.py` stands on it: events, versions, judging.
A limit is one or more alternatives (`Chain`), an alternative is one or more parts that follow each other (`Leg`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import ceil
from zoneinfo import ZoneInfo

Segment = tuple[int, int]  # minutes of the day, [open, close); past 1440 it goes on into the next day
Span = tuple[datetime, datetime]
Maybe = date | None
Number = int | Decimal
ONE_DAY = timedelta(days=1)
HOURS = ("working_hour", "hour")
MONTHS = ("month", "year")
DAY = 24 * 3600


class NoAnswer(Exception):
    """There is no due date; the message is the name of the problem."""


class NotBegun(NoAnswer):
    """A part begins on a day that its calendar does not cover."""


# --- what there is ---


@dataclass(frozen=True)
class Season:
    """Office hours by weekday from a day on; weekdays that are not named keep what they had."""

    start: date
    hours: dict[int, list[Segment]]
    half: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Entry:
    """A day of the calendar that was not always known, or not for ever."""

    day: date
    kind: str  # holiday | substitute_day_off | make_up_day | special_day
    hours: tuple[Segment, ...] = ()
    half: bool = False
    known_from: Maybe = None
    known_until: Maybe = None

    def is_known(self, on: date) -> bool:
        return (self.known_from or date.min) <= on and (self.known_until is None or on < self.known_until)


@dataclass(frozen=True)
class Year:
    """When a year of the calendar was announced, and from when on it was at least foreseen."""

    year: int
    known_from: Maybe = None
    foreseen_from: Maybe = None

    def is_covered(self, on: date) -> bool:
        known = self.known_from is None or self.known_from <= on
        return known or (self.foreseen_from is not None and self.foreseen_from <= on)


@dataclass(frozen=True)
class Calendar:
    weekly_rest: frozenset[int]  # Monday = 0
    days_off: frozenset[date]  # holidays and substitute days off
    make_up: frozenset[date]  # win over both
    coverage: tuple[date, date]  # [from, until)
    hours: dict[int, list[Segment]] | None = None  # by weekday
    make_up_hours: dict[date, list[Segment]] = field(default_factory=dict)
    special_hours: dict[date, list[Segment]] = field(default_factory=dict)  # working days with other hours
    half_weekdays: frozenset[int] = frozenset()  # weekdays of `hours` that are half days
    half_days: frozenset[date] = frozenset()  # make-up and special days that are half days
    seasons: tuple[Season, ...] = ()
    entries: tuple[Entry, ...] = ()  # see as_known
    years: tuple[Year, ...] = ()
    unknown_years: frozenset[int] = frozenset()

    def as_known(self, on: Maybe) -> "Calendar":
        """The calendar as an office saw it on that day; on no day in particular: after the last announcement."""
        if not self.entries and not self.years:
            return self
        on = date.max if on is None else on
        known = [entry for entry in self.entries if entry.is_known(on)]
        made_up, special = ([e for e in known if e.kind == kind] for kind in ("make_up_day", "special_day"))
        return replace(
            self,
            days_off=self.days_off | {e.day for e in known if e.kind in {"holiday", "substitute_day_off"}},
            make_up=self.make_up | {e.day for e in made_up},
            make_up_hours=self.make_up_hours | {e.day: list(e.hours) for e in made_up},
            special_hours=self.special_hours | {e.day: list(e.hours) for e in special},
            half_days=self.half_days | {e.day for e in made_up + special if e.half},
            unknown_years=frozenset(year.year for year in self.years if not year.is_covered(on)),
            entries=(),
            years=(),
        )

    def covers(self, day: date) -> bool:
        return self.coverage[0] <= day < self.coverage[1] and day.year not in self.unknown_years

    def is_working_day(self, day: date) -> bool:
        if not self.covers(day):
            raise NoAnswer("calendar_not_covered")
        usual = day.weekday() not in self.weekly_rest and day not in self.days_off
        return usual or day in self.make_up

    def is_half(self, day: date) -> bool:
        if day in self.make_up or day in self.special_hours:
            return day in self.half_days
        season = self.season(day)
        return day.weekday() in (season.half if season else self.half_weekdays)

    def season(self, day: date) -> Season | None:
        """The last season that had begun by then and speaks of that weekday."""
        begun = [s for s in self.seasons if s.start <= day and day.weekday() in s.hours]
        return max(begun, key=lambda season: season.start, default=None)

    @property
    def has_hours(self) -> bool:
        return self.hours is not None or bool(self.seasons)

    def nearest_working_day(self, day: date, step: timedelta = ONE_DAY) -> date:
        """The day itself if it is a working day, else the first one met walking by `step`."""
        while not self.is_working_day(day):
            day += step
        return day

    def segments(self, day: date) -> list[Segment]:
        if not self.is_working_day(day):
            return []
        if day in self.special_hours:
            return self.special_hours[day]
        if day in self.make_up:
            return self.make_up_hours.get(day, [])
        season = self.season(day)
        return (season.hours if season else self.hours or {}).get(day.weekday(), [])

    def spans(self, day: date) -> list[Span]:
        """The open hours that belong to the day, as moments."""
        midnight = datetime.combine(day, clock())
        return [(midnight + timedelta(minutes=a), midnight + timedelta(minutes=b)) for a, b in self.segments(day)]

    def spans_from(self, moment: datetime) -> Iterator[Span]:
        """Open hours that end after the moment, those of the night before first; no end but that of the coverage."""
        day = moment.date() - ONE_DAY
        if not self.covers(day):
            day += ONE_DAY
        while True:
            yield from ((max(a, moment), b) for a, b in self.spans(day) if b > moment)
            day += ONE_DAY

    def working_days_in(self, after: date, until: date, without: frozenset[date] = frozenset()) -> int | None:
        """How many working days d with after < d <= until; none when one of those days is not covered."""
        days = list(days_in(after, until))
        if not all(map(self.covers, days)):
            return None
        return sum(self.is_working_day(day) for day in days if day not in without)


@dataclass(frozen=True)
class CutOff:
    inclusive: bool
    effect: str  # day_zero | day_one | due_day
    time: clock | None = None  # this or the next one
    minutes_before_closing: int = 0
    applies_if: str | None = None


@dataclass(frozen=True)
class ExtensionTerms:
    start: str = "unrolled_end"  # start | unrolled_end | rolled_end
    max_times: int | None = None
    max_total: tuple[Number, str] | None = None  # amount, unit
    may_shorten: bool = False


@dataclass(frozen=True)
class Modifier:
    attribute: str
    effect: str  # add | replace
    amount: Number
    unit: str


@dataclass(frozen=True)
class Rule:
    amount: Number
    unit: str  # working_day | calendar_day | week | month | year | working_hour | hour
    deems: str  # as_is | next_working_moment
    count_from: str  # next_day | same_day | clear | instant
    roll: str  # following | preceding | modified_following | none
    month_end: str  # last_day | next_first | refuse
    due_time: str  # end_of_day | close_of_business | same_time | exact
    cut_off: CutOff | None = None
    direction: str = "forward"  # backward
    roll_between: bool = False
    roll_up_to: tuple[tuple[str, int], ...] = ()  # unit, longest amount that still rolls
    fraction: str | None = None  # open_seconds | half_day
    half_day_counts: Number | float | None = None  # 0, 0.5, 1; none: like other days
    skip_days_off_up_to: int = 0
    min_working_days: int = 0
    min_working_days_from: int = 0
    stop_first_day: bool = True
    stop_last_day: bool = False
    extension: ExtensionTerms | None = None
    start_event: str = "received"
    supplement_effect: str = ""  # suspend | restart | close_and_refile
    parts: tuple["Part", ...] = ()
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True)
class Part:
    """A further part of a limit; only amount, unit and convention of its rule are looked at."""

    combine: str  # then | earlier | later
    rule: Rule
    calendar: Calendar | None = None  # none: the calendar of the first part


@dataclass(frozen=True)
class Start:
    """The receipt as the law sees it, after deeming and cut-off."""

    day: date
    second: int | None  # of the day, past 24:00 in a night that belongs to the day; none: date-only
    count_from: str
    push_due: bool = False

    @property
    def first_counted(self) -> date:
        return self.day if self.count_from in {"same_day", "instant"} else self.day + ONE_DAY

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.day, clock()) + timedelta(seconds=self.second or 0)


@dataclass(frozen=True)
class Leg:
    """A part of the limit as it is counted."""

    calendar: Calendar
    rule: Rule
    line: str  # the unit that is really counted
    rolls: bool
    held: int = 0  # working days that the limit holds at least
    extra: Number = 0  # what extensions added
    is_held: bool = True  # begins no earlier than the stops before it ended
    from_rolled: bool = False  # begins where the limit before it ended, rolled and held up by stops

    @property
    def amount(self) -> Number:
        """An extension may be negative as a whole; a limit that is shortened away is one of 0."""
        return self.rule.amount + self.extra if self.rule.amount < 0 else max(self.rule.amount + self.extra, 0)

    @property
    def share(self) -> Fraction:
        return Fraction(self.amount) % 1 if self.line == "working_day" else Fraction(0)


@dataclass(frozen=True)
class Stop:
    """A stop that counted. Open: it has not ended, and the case is not finished."""

    begin: datetime
    end: datetime | None
    legs: tuple[int, ...]  # for each alternative, the part that was running


@dataclass(frozen=True)
class Chain:
    """An alternative of the limit: parts that follow each other from a start."""

    combine: str  # of the first chain ""
    legs: tuple[Leg, ...]
    start: Start
    limit_legs: int  # so many parts are the limit's own, the rest are extensions

    @property
    def in_hours(self) -> bool:
        return self.legs[0].line in HOURS


# --- the rule's options ---


def leg_of(calendar: Calendar, rule: Rule) -> Leg:
    return Leg(calendar, rule, counted_unit(rule), rule.roll != "none" and is_short(rule), held_days(rule))


def counted_unit(rule: Rule) -> str:
    """Short limits in calendar days are counted in working days, where the convention says so."""
    skips = rule.unit == "calendar_day" and 0 < rule.amount <= rule.skip_days_off_up_to
    return "working_day" if skips else rule.unit


def is_short(rule: Rule) -> bool:
    """Not so long that it neither rolls nor needs working days inside."""
    bound = dict(rule.roll_up_to).get(rule.unit)
    return bound is None or rule.amount <= bound


def held_days(rule: Rule) -> int:
    """The working days that the limit holds at least: 0 where it is not long enough, or too long, to need any."""
    days = {"calendar_day": rule.amount, "week": rule.amount * 7, "month": 10**6, "year": 10**6}.get(rule.unit, 0)
    needs = rule.amount > 0 and days > 0 and days >= rule.min_working_days_from and is_short(rule)
    return rule.min_working_days if needs else 0


def modified(rule: Rule, attributes: Mapping[str, bool]) -> Rule:
    """First what takes the limit's place, then what is added in its unit, then the rest in order of the attributes."""
    if any(attributes.get(modifier.attribute) is None for modifier in rule.modifiers):
        raise NoAnswer("attribute_needed")
    unit = (rule.parts[-1].rule if rule.parts else rule).unit
    for modifier in sorted(rule.modifiers, key=lambda m: (m.effect == "add", m.unit != unit, m.attribute)):
        if attributes[modifier.attribute]:
            rule = changed(rule, modifier)
    return rule


def changed(rule: Rule, by: Modifier) -> Rule:
    """An addition in the unit of the last part is counted with it, in another unit it is a further part."""
    if by.effect == "replace":
        return replace(rule, amount=by.amount, unit=by.unit)
    last = rule.parts[-1].rule if rule.parts else rule
    calendar = rule.parts[-1].calendar if rule.parts else None
    if last.unit != by.unit:
        return replace(rule, parts=(*rule.parts, Part("then", replace(last, amount=by.amount, unit=by.unit), calendar)))
    if not rule.parts:
        return replace(rule, amount=rule.amount + by.amount)
    longer = replace(rule.parts[-1], rule=replace(last, amount=last.amount + by.amount))
    return replace(rule, parts=(*rule.parts[:-1], longer))


def legs_of(calendar: Calendar, rule: Rule) -> list[tuple[str, list[Leg]]]:
    """The alternatives with their parts; `then` goes on with the alternative before it."""
    found = [("", [leg_of(calendar, rule)])]
    for part in rule.parts:
        leg = leg_of(part.calendar or calendar, part.rule)
        if part.combine == "then":
            found[-1][1].append(leg)
        else:
            found.append((part.combine, [leg]))
    return found


# --- when it counts as received ---


def start_of(legs: list[Leg], received: date, attributes: Mapping[str, bool]) -> Start:
    calendar, rule = legs[0].calendar, legs[0].rule
    day, second = date_of(received), second_of(received)
    if second is None and (legs[0].line in HOURS or legs[-1].rule.due_time == "same_time"):
        raise NoAnswer("time_needed")
    rolls = legs[0].rolls and (len(legs) == 1 or rule.roll_between)
    deems = rule.deems == "next_working_moment"
    if legs[0].line in {"working_day", "working_hour"} or rolls or legs[0].held or deems:
        calendar.is_working_day(day)  # no answer when not covered
    if deems:
        day, second = next_working_moment(calendar, day, second)
    start = Start(day, second, rule.count_from)
    late = rule.cut_off is not None and is_late(calendar, rule.cut_off, start, attributes)
    return moved(calendar, rule.cut_off.effect, start) if rule.cut_off and late else start


def next_working_moment(calendar: Calendar, day: date, second: int | None) -> tuple[date, int | None]:
    if second is None:
        return calendar.nearest_working_day(day), None
    if not calendar.has_hours:  # no closed hour, only days off
        found = calendar.nearest_working_day(day)
        return found, second if found == day else 0
    before = day - ONE_DAY
    if calendar.covers(before) and any(a * 60 <= second + DAY < b * 60 for a, b in calendar.segments(before)):
        return before, second + DAY  # in the night that belongs to the day before
    while True:
        for opens, closes in calendar.segments(day):
            if second < closes * 60:
                return day, max(second, opens * 60)
        day, second = day + ONE_DAY, 0


def is_late(calendar: Calendar, cut_off: CutOff, start: Start, attributes: Mapping[str, bool]) -> bool:
    if start.second is None:
        return False
    cut = cut_second(calendar, cut_off, start.day)
    late = start.second >= cut if cut_off.inclusive else start.second > cut
    if late and cut_off.applies_if is not None and attributes.get(cut_off.applies_if) is None:
        raise NoAnswer("attribute_needed")
    return late and (cut_off.applies_if is None or attributes[cut_off.applies_if])


def cut_second(calendar: Calendar, cut_off: CutOff, day: date) -> int:
    if cut_off.time is not None:
        return cut_off.time.hour * 3600 + cut_off.time.minute * 60 + cut_off.time.second
    return (calendar.segments(day)[-1][1] - cut_off.minutes_before_closing) * 60


def moved(calendar: Calendar, effect: str, start: Start) -> Start:
    if effect == "due_day":
        return replace(start, push_due=True)
    day = calendar.nearest_working_day(start.day + ONE_DAY)
    opening = calendar.segments(day)[0][0] * 60 if calendar.segments(day) else 0
    if start.count_from == "instant":
        return Start(day, opening, "instant")
    after = "clear" if start.count_from == "clear" else "next_day"
    return Start(day, opening, "same_day" if effect == "day_one" else after)


# --- counting days ---


def unrolled_end(leg: Leg, start: Start, stopped: set[date]) -> date:
    """The last day of a part that begins after `start`; each day in `stopped` makes it longer by itself."""
    if leg.line in MONTHS and start.count_from == "clear":
        raise ValueError("clear days cannot be counted in months or years")
    if leg.rule.direction == "backward":
        return back_end(leg, start)
    if leg.line in MONTHS or leg.amount <= 0:
        end = month_or_zero_end(leg, start)
        line = leg.line if leg.rule.amount else "calendar_day"  # a limit of 0 is counted on no line of its own
        end = counted_day(leg.calendar, leg.rule, line, end, ticks(replace(leg, line=line), stopped))
    else:
        end = counted_end(leg, start, stopped)
    return max(end, held_end(leg, start, stopped)) if leg.held else end


def month_or_zero_end(leg: Leg, start: Start) -> date:
    if leg.amount < 0:
        return back_end(leg, start)
    return corresponding_day(leg, start, leg.amount) if leg.amount else start.day


def counted_end(leg: Leg, start: Start, stopped: set[date]) -> date:
    whole = int(leg.amount) * (7 if leg.line == "week" else 1) + (start.count_from == "clear")
    halves = 2 * whole + ticks(leg, stopped)
    day = counted_day(leg.calendar, leg.rule, leg.line, start.first_counted - ONE_DAY, halves)
    return counted_day(leg.calendar, leg.rule, leg.line, day, 1) if leg.share else day


def held_end(leg: Leg, start: Start, stopped: set[date]) -> date:
    """The last of the working days that the limit holds at least; those that were stopped are not among them."""
    inside = replace(leg, line="working_day")
    halves = 2 * leg.held + ticks(inside, stopped)
    return counted_day(leg.calendar, leg.rule, "working_day", start.first_counted - ONE_DAY, halves)


def back_end(leg: Leg, start: Start) -> date:
    """The mirror image: the n-th countable day before."""
    amount = abs(int(leg.amount))
    if amount == 0:
        return start.day
    if leg.line in MONTHS:
        return corresponding_day(leg, replace(start, count_from="next_day"), -amount) + ONE_DAY * (
            start.count_from == "same_day"
        )
    after = start.day + ONE_DAY * (start.count_from == "same_day")
    whole = amount * (7 if leg.line == "week" else 1) + (start.count_from == "clear")
    day = counted_day(leg.calendar, leg.rule, leg.line, after, 2 * whole, -ONE_DAY)
    held = counted_day(leg.calendar, leg.rule, "working_day", after, 2 * leg.held, -ONE_DAY) if leg.held else day
    return min(day, held)


def counted_day(calendar: Calendar, rule: Rule, line: str, day: date, halves: int, step: timedelta = ONE_DAY) -> date:
    """The day on which so many half days are full, walking from the day next to this one."""
    while halves > 0:
        day += step
        halves -= weight(calendar, rule, line, day)
    return day


def weight(calendar: Calendar, rule: Rule, line: str, day: date) -> int:
    """What a day counts, in halves."""
    if line != "working_day":
        return 2
    if not calendar.is_working_day(day):
        return 0
    counts_as_half = rule.half_day_counts is not None and calendar.is_half(day)
    return int(2 * rule.half_day_counts) if counts_as_half else 2


def ticks(leg: Leg, stopped: set[date]) -> int:
    """What the stopped days would have counted, in halves."""
    return sum(weight(leg.calendar, leg.rule, leg.line, day) for day in stopped)


def corresponding_day(leg: Leg, start: Start, amount: Number) -> date:
    """The date with the same number n months on; counted from the same day, the date before that one."""
    months = start.day.year * 12 + start.day.month - 1 + int(amount) * (12 if leg.line == "year" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    wanted = first + timedelta(days=start.day.day - (2 if start.count_from == "same_day" else 1))
    if wanted < next_first:
        return wanted
    if leg.rule.month_end == "refuse":
        raise NoAnswer("no_such_day")
    return next_first if leg.rule.month_end == "next_first" else next_first - ONE_DAY


def rolled(calendar: Calendar, roll: str, day: date) -> date:
    if roll == "none":
        return day
    if roll == "preceding":
        return calendar.nearest_working_day(day, -ONE_DAY)
    following = calendar.nearest_working_day(day)
    if roll == "modified_following" and following.month != day.month:
        return calendar.nearest_working_day(day, -ONE_DAY)
    return following


def due_instant(leg: Leg, start: Start, day: date) -> datetime:
    """The last lawful second of the due day."""
    midnight = datetime.combine(day, clock())
    if leg.share:
        return midnight + timedelta(seconds=min(fraction_second(leg, day), DAY - 1))
    second: int | None = DAY - 1
    if leg.rule.due_time == "same_time":
        second = start.second
    if leg.rule.due_time == "close_of_business":
        second = leg.calendar.segments(day)[-1][1] * 60 if leg.calendar.segments(day) else None
    if second is None:
        raise NoAnswer("no_closing_time")
    return midnight + timedelta(seconds=min(second, DAY - 1))


def fraction_second(leg: Leg, day: date) -> int:
    """Where in the day the share of it is used up."""
    segments = leg.calendar.segments(day)
    if not segments:
        raise NoAnswer("no_closing_time")
    in_halves = leg.rule.fraction == "half_day"
    if in_halves and leg.share > Fraction(1, 2):
        return segments[-1][1] * 60
    if in_halves and len(segments) > 1:
        return segments[0][1] * 60
    left = ceil(sum(b - a for a, b in segments) * 60 * (Fraction(1, 2) if in_halves else leg.share))
    for opens, closes in segments:
        if left <= (closes - opens) * 60:
            return opens * 60 + left
        left -= (closes - opens) * 60
    raise AssertionError


# --- counting seconds ---


def open_seconds(calendar: Calendar, unit: str, zone: ZoneInfo | None, a: datetime, b: datetime) -> int:
    """Open seconds of the wall clock in [a, b), or for `hour` the seconds that really went by."""
    if unit == "hour":
        return max(int((elapsed(b, zone) - elapsed(a, zone)).total_seconds()), 0)
    total = 0
    if b <= a:
        return total
    for day in days_in(a.date() - ONE_DAY * 2, b.date()):
        if datetime.combine(day, clock()) < b and (day >= a.date() or calendar.covers(day)):
            total += sum(max(int((min(z, b) - max(y, a)).total_seconds()), 0) for y, z in calendar.spans(day))
    return total


def used_up(calendar: Calendar, unit: str, zone: ZoneInfo | None, begin: datetime, seconds: int) -> datetime:
    """The earliest moment at which so many seconds have gone by since then."""
    if seconds == 0:
        return begin
    if unit == "hour":
        return wall(elapsed(begin, zone) + timedelta(seconds=seconds), zone)
    for opens, closes in calendar.spans_from(begin):
        length = int((closes - opens).total_seconds())
        if seconds <= length:
            return opens + timedelta(seconds=seconds)
        seconds -= length
    raise AssertionError


def hours_end(leg: Leg, zone: ZoneInfo | None, first: datetime, begin: datetime, stopped: list[Span]) -> datetime:
    """The end of a part in hours; one that shortens takes its seconds off what was counted since the start."""
    if leg.line == "working_hour":
        begins_on(leg.calendar, begin.date())
    seconds = int(leg.amount * 3600)
    if seconds < 0:
        seconds, begin = max(open_seconds(leg.calendar, leg.line, zone, first, begin) + seconds, 0), first
    clipped = [(max(a, begin), b) for a, b in stopped if b > begin]
    still = sum(open_seconds(leg.calendar, leg.line, zone, a, b) for a, b in clipped)
    return used_up(leg.calendar, leg.line, zone, begin, seconds + still)


def elapsed(moment: datetime, zone: ZoneInfo | None) -> datetime:
    """The moment on a clock that is never changed; a time that comes twice is taken the first time."""
    return moment if zone is None else moment.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(tzinfo=None)


def wall(moment: datetime, zone: ZoneInfo | None) -> datetime:
    return moment if zone is None else moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0)


def exists(moment: datetime, zone: ZoneInfo | None) -> bool:
    return wall(elapsed(moment, zone), zone) == moment


def last_there_was(moment: datetime, zone: ZoneInfo | None) -> datetime:
    """A due time that a clock change leaves out ends with the last second before the change."""
    if exists(moment, zone):
        return moment
    while not exists(moment, zone):
        moment = moment.replace(second=59) - timedelta(minutes=1)
    return moment


# --- the parts of an alternative, one after the other ---


def chain_due(
    chain: Chain, number: int, stops: tuple[Stop, ...], zone: ZoneInfo | None, *, closes: bool = True
) -> datetime:
    """The due instant of one alternative; it never lies before the end of the last stop that counted."""
    held = max((stop.end for stop in stops), default=None)
    run = run_of(chain, number, stops, zone)
    last, end = chain.legs[-1], run[-1][1]
    if chain.in_hours:
        return last_there_was(last_moment(last, end, held, run[chain.limit_legs - 1][0]), zone)
    day = end.date()
    if last.rule.direction == "backward":
        day = rolled(last.calendar, last.rule.roll, day) if last.rolls else day
    else:
        day = last_day(last, day, held, chain.start.day)
    if chain.start.push_due:
        day = last.calendar.nearest_working_day(day + ONE_DAY)
    in_office = last.rule.due_time == "close_of_business" or last.share
    if not closes and in_office and not (last.calendar.covers(day) and last.calendar.segments(day)):
        return datetime.combine(day, clock(23, 59, 59))
    return last_there_was(due_instant(last, chain.start, day), zone)


def last_day(leg: Leg, end: date, held: datetime | None, floor: date) -> date:
    floor = max(floor, held.date()) if held else floor
    day = max(end, floor)
    return max(rolled(leg.calendar, leg.rule.roll, day) if leg.rolls else day, floor)


def last_moment(leg: Leg, end: datetime, held: datetime | None, floor: datetime) -> datetime:
    floor = max(floor, held) if held else floor
    moment = max(end, floor)
    return max(rolled_moment(leg, moment) if leg.rolls else moment, floor)


def rolled_moment(leg: Leg, moment: datetime) -> datetime:
    """Another day, the same time on the clock. The end of a night belongs to the day on which the night began."""
    day, before = moment.date(), moment.date() - ONE_DAY
    if leg.calendar.covers(before) and any(a < moment <= b for a, b in leg.calendar.spans(before)):
        day = before
    return moment + (rolled(leg.calendar, leg.rule.roll, day) - day)


def begins_on(calendar: Calendar, day: date) -> None:
    if not calendar.covers(day):
        raise NotBegun("calendar_not_covered")


def run_of(
    chain: Chain, number: int, stops: tuple[Stop, ...], zone: ZoneInfo | None, upto: int | None = None
) -> list[Span]:
    """The begin and the unrolled end of the first parts: in hours the moments, else the last second of the day."""
    found: list[Span] = []
    dates, spans = fresh_dates(chain, number, stops), fresh_spans(stops)
    begin = chain.start.moment
    for i, leg in enumerate(chain.legs[:upto]):
        if i:
            begin = junction(chain, i, found[-1], [s for s in stops if s.legs[number] < i])
            rolls = leg.rolls and (i == chain.limit_legs - 1 or leg.rule.roll_between)
            if i < chain.limit_legs and (leg.line in {"working_day", "working_hour"} or rolls):
                begins_on(leg.calendar, begin.date())  # as at the receipt
        mine = [n for n, stop in enumerate(stops) if stop.legs[number] == i]
        if leg.line in HOURS:
            end = hours_end(leg, zone, chain.start.moment, begin, [spans[n] for n in mine])
        else:
            start = Start(begin.date(), None, "next_day") if i else chain.start
            stopped = {day for n in mine for day in dates[n] if day >= start.first_counted}
            at = begin.time() if chain.in_hours else clock(23, 59, 59)
            end = datetime.combine(unrolled_end(leg, start, stopped), at)
        found.append((begin, end))
    return found


def junction(chain: Chain, i: int, run: Span, stops: list[Stop]) -> datetime:
    """Where part i begins: at the unrolled end of the one before, which its stops hold up, unless that end rolls."""
    before, (begin, end) = chain.legs[i - 1], run
    held = max((stop.end or stop.begin for stop in stops), default=None) if chain.legs[i].is_held else None
    if chain.legs[i].from_rolled or (i < chain.limit_legs and before.rule.roll_between):
        if chain.in_hours:
            return last_moment(before, end, held, begin)
        return datetime.combine(last_day(before, end.date(), held, chain.start.day), end.time())
    if held is None or chain.in_hours:
        return max(end, held) if held else end
    return datetime.combine(max(end.date(), held.date()), end.time())


def fresh_dates(chain: Chain, number: int, stops: tuple[Stop, ...], open_until: Maybe = None) -> list[set[date]]:
    """For each stop the local dates that stand still because of it, no date twice; stops that touch are one."""
    used: set[date] = set()
    found = []
    reach, first = datetime.min, date.min
    for stop in stops:
        rule = chain.legs[stop.legs[number]].rule
        last = stop.end.date() - ONE_DAY * (not rule.stop_last_day) if stop.end else open_until
        if stop.begin > reach:
            first = stop.begin.date() + ONE_DAY * (not rule.stop_first_day)
        dates = set(days_in(max(first, stop.begin.date()) - ONE_DAY, last)) if last else set()
        found.append(dates - used)
        used |= dates
        reach = max(reach, stop.end or datetime.max)
    return found


def fresh_spans(stops: tuple[Stop, ...], open_until: datetime | None = None) -> list[Span]:
    """For each stop the time that stands still because of it, no second twice; they come in order of their begin."""
    assert all(a.begin <= b.begin for a, b in pairwise(stops))
    reach = datetime.min
    found = []
    for stop in stops:
        end = stop.end or open_until or stop.begin
        begin = max(stop.begin, reach)
        found.append((begin, max(begin, end)))
        reach = max(reach, end)
    return found


def running_leg(chain: Chain, number: int, stops: tuple[Stop, ...], zone: ZoneInfo | None, at: datetime) -> int:
    """The first part whose end does not lie before that moment, else the last one."""
    for i in range(len(chain.legs) - 1):
        held = max((stop.end for stop in stops if stop.legs[number] <= i), default=None)
        if held is not None and at <= (held if chain.in_hours else last_second(held.date())):
            return i
        if is_in_time(chain, i, stops, at, partial(part_end, chain, number, stops, zone, i, held)):
            return i
    return len(chain.legs) - 1


def part_end(
    chain: Chain, number: int, stops: tuple[Stop, ...], zone: ZoneInfo | None, i: int, held: datetime | None
) -> datetime:
    """The end of a part that another one follows, rolled where it rolls before that begins."""
    leg, (_, end) = chain.legs[i], run_of(chain, number, stops, zone, i + 1)[-1]
    if leg.rule.roll_between and leg.rolls and not chain.in_hours:
        return datetime.combine(last_day(leg, end.date(), held, chain.start.day), end.time())
    return end


def runs_at(chain: Chain, number: int, stops: tuple[Stop, ...], zone: ZoneInfo | None, at: datetime) -> bool | NoAnswer:
    """Whether a moment is not after the due instant; on a day on which nobody closes, the whole day."""
    last = len(chain.legs) - 1
    end = partial(chain_due, chain, number, stops, zone, closes=False)
    try:
        return running_leg(chain, number, stops, zone, at) < last or is_in_time(chain, last, stops, at, end)
    except NoAnswer as none:
        return none


def unheld(chain: Chain) -> Chain:
    """The limit without the working days that it holds at least: those make two alternatives of it, the later holds."""
    return replace(chain, legs=(*chain.legs[:-1], replace(chain.legs[-1], held=0)))


def is_in_time(chain: Chain, i: int, stops: tuple[Stop, ...], moment: datetime, end: Callable[[], datetime]) -> bool:
    """Whether a moment is not after the end of a part; one that its calendar does not cover comes after all it covers.

    And after the start, and what stood still.
    """
    floor = max([chain.start.moment, *(stop.end for stop in stops)])
    floor = floor if chain.in_hours else last_second(floor.date())
    try:
        return moment <= end()
    except NotBegun:
        raise
    except NoAnswer as none:
        if str(none) == "calendar_not_covered" and (moment <= floor or chain.legs[i].calendar.covers(moment.date())):
            return True
        raise


# --- dates and instants, to the second ---


def days_in(after: date, until: date) -> Iterator[date]:
    return (after + ONE_DAY * n for n in range(1, (until - after).days + 1))


def date_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def second_of(moment: date) -> int | None:
    return moment.hour * 3600 + moment.minute * 60 + moment.second if isinstance(moment, datetime) else None


def first_second(moment: date) -> datetime:
    return datetime.combine(date_of(moment), clock()) + timedelta(seconds=second_of(moment) or 0)


def last_second(moment: date) -> datetime:
    return first_second(moment) if isinstance(moment, datetime) else datetime.combine(moment, clock(23, 59, 59))


def is_before(a: date, b: date) -> bool:
    both = isinstance(a, datetime) and isinstance(b, datetime)
    return first_second(a) < first_second(b) if both else date_of(a) < date_of(b)
