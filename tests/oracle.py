"""The slow, obvious oracle: sets of dates, one day at a time.

It says the same law as the engine in the plainest words there are and imports nothing from the package. Expected
values never come from the engine: they are worked out by hand (`vectors/*.csv`) or by this file, and an engine that
disagrees has to show which of the three misreads the law.
A `datetime` is an instant, a `date` is date-only data; date-only data is judged on dates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock

Segment = tuple[int, int]  # minutes of the day, [open, close)
Maybe = date | None
ONE_DAY = timedelta(days=1)


class NoAnswer(Exception):
    """There is no due date; the message is the name of the problem."""


@dataclass(frozen=True)
class Calendar:
    weekly_rest: frozenset[int]  # Monday = 0
    days_off: frozenset[date]  # holidays and substitute days off
    make_up: frozenset[date]  # win over both
    coverage: tuple[date, date]  # [from, until)
    hours: dict[int, list[Segment]] | None = None  # by weekday
    make_up_hours: dict[date, list[Segment]] = field(default_factory=dict)

    def covers(self, day: date) -> bool:
        return self.coverage[0] <= day < self.coverage[1]

    def is_working_day(self, day: date) -> bool:
        if not self.covers(day):
            raise NoAnswer("calendar_not_covered")
        usual = day.weekday() not in self.weekly_rest and day not in self.days_off
        return usual or day in self.make_up

    def nearest_working_day(self, day: date, step: timedelta = ONE_DAY) -> date:
        """The day itself if it is a working day, else the first one met walking by `step`."""
        while not self.is_working_day(day):
            day += step
        return day

    def segments(self, day: date) -> list[Segment]:
        if not self.is_working_day(day):
            return []
        return self.make_up_hours.get(day, []) if day in self.make_up else (self.hours or {}).get(day.weekday(), [])

    def working_days_in(self, after: date, until: date) -> int | None:
        """How many working days d with after < d <= until; none when one of those days is not covered."""
        days = list(days_in(after, until))
        return sum(map(self.is_working_day, days)) if all(map(self.covers, days)) else None


@dataclass(frozen=True)
class CutOff:
    inclusive: bool
    effect: str  # day_zero | day_one | due_day
    time: clock | None = None  # this or the next one
    minutes_before_closing: int = 0
    applies_if: str | None = None


@dataclass(frozen=True)
class Rule:
    amount: int
    unit: str  # working_day | calendar_day | week | month | year
    deems: str  # as_is | next_working_moment
    count_from: str  # next_day | same_day | clear
    roll: str  # following | preceding | modified_following | none
    month_end: str  # last_day | next_first | refuse
    due_time: str  # end_of_day | close_of_business | same_time
    cut_off: CutOff | None = None


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


@dataclass(frozen=True)
class Start:
    """The receipt as the law sees it, after deeming and cut-off."""

    day: date
    second: int | None  # of the day; none: date-only
    count_from: str
    push_due: bool = False

    @property
    def first_counted(self) -> date:
        return self.day if self.count_from == "same_day" else self.day + ONE_DAY


def assess(
    calendar: Calendar,
    rule: Rule,
    received: Maybe,
    finished: Maybe = None,
    today: Maybe = None,
    attributes: Mapping[str, bool] = {},
) -> Answer:
    try:
        if received is None:
            raise NoAnswer("received_missing")
        if rule.due_time == "same_time" and second_of(received) is None:
            raise NoAnswer("time_needed")
        start = start_of(calendar, rule, received, attributes)
        due_at = due_instant(calendar, rule, start, last_day(calendar, rule, start))
    except NoAnswer as none:
        return Answer(problem=str(none))
    return judge(calendar, start, due_at, received, finished, today)


# --- when it counts as received ---


def start_of(calendar: Calendar, rule: Rule, received: date, attributes: Mapping[str, bool]) -> Start:
    day, second = date_of(received), second_of(received)
    if rule.unit == "working_day" or rule.roll != "none":
        calendar.is_working_day(day)  # no answer when not covered
    if rule.deems == "next_working_moment":
        day, second = next_working_moment(calendar, day, second)
    start = Start(day, second, rule.count_from)
    late = rule.cut_off is not None and is_late(calendar, rule.cut_off, start, attributes)
    return moved(calendar, rule.cut_off.effect, start) if rule.cut_off and late else start


def next_working_moment(calendar: Calendar, day: date, second: int | None) -> tuple[date, int | None]:
    if second is None:
        return calendar.nearest_working_day(day), None
    if calendar.hours is None:  # no closed hour, only days off
        found = calendar.nearest_working_day(day)
        return found, second if found == day else 0
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
    if late and cut_off.applies_if is not None and cut_off.applies_if not in attributes:
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
    after = "clear" if start.count_from == "clear" else "next_day"
    return Start(day, opening, "same_day" if effect == "day_one" else after)


# --- counting, rolling, the instant ---


def last_day(calendar: Calendar, rule: Rule, start: Start) -> date:
    day = max(rolled(calendar, rule.roll, unrolled_end(calendar, rule, start)), start.day)
    return calendar.nearest_working_day(day + ONE_DAY) if start.push_due else day


def unrolled_end(calendar: Calendar, rule: Rule, start: Start) -> date:
    in_months = rule.unit in ("month", "year")
    if in_months and rule.count_from == "clear":
        raise ValueError("clear days cannot be counted in months or years")
    if rule.amount == 0:
        return start.day
    return corresponding_day(rule, start) if in_months else counted_day(calendar, rule, start)


def counted_day(calendar: Calendar, rule: Rule, start: Start) -> date:
    left = rule.amount * (7 if rule.unit == "week" else 1) + (start.count_from == "clear")
    day = start.first_counted - ONE_DAY
    while left:
        day += ONE_DAY
        left -= calendar.is_working_day(day) if rule.unit == "working_day" else 1
    return day


def corresponding_day(rule: Rule, start: Start) -> date:
    """The date with the same number n months on; counted from the same day, the date before that one."""
    months = start.day.year * 12 + start.day.month - 1 + rule.amount * (12 if rule.unit == "year" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    wanted = first + timedelta(days=start.day.day - (2 if start.count_from == "same_day" else 1))
    if wanted < next_first:
        return wanted
    if rule.month_end == "refuse":
        raise NoAnswer("no_such_day")
    return next_first if rule.month_end == "next_first" else next_first - ONE_DAY


def rolled(calendar: Calendar, roll: str, day: date) -> date:
    if roll == "none":
        return day
    if roll == "preceding":
        return calendar.nearest_working_day(day, -ONE_DAY)
    following = calendar.nearest_working_day(day)
    if roll == "modified_following" and following.month != day.month:
        return calendar.nearest_working_day(day, -ONE_DAY)
    return following


def due_instant(calendar: Calendar, rule: Rule, start: Start, day: date) -> datetime:
    second: int | None = 24 * 3600 - 1
    if rule.due_time == "same_time":
        second = start.second
    if rule.due_time == "close_of_business":
        second = calendar.segments(day)[-1][1] * 60 if calendar.segments(day) else None
    if second is None:
        raise NoAnswer("no_closing_time")
    return datetime.combine(day, clock()) + timedelta(seconds=min(second, 24 * 3600 - 1))


# --- judging ---


def judge(calendar: Calendar, start: Start, due_at: datetime, received: date, finished: Maybe, today: Maybe) -> Answer:
    undecided = Answer(due_at, due_at.date())
    if today is not None and first_second(received) > last_second(today):
        return replace(undecided, problem="received_after_today")
    if finished is not None and (today is None or first_second(finished) <= last_second(today)):
        if is_before(finished, received):
            return replace(undecided, problem="finished_before_received")
        return judge_finished(calendar, start, due_at, finished)
    if today is None:
        return replace(undecided, problem="today_needed")
    return judge_unfinished(calendar, start, due_at, today)


def judge_finished(calendar: Calendar, start: Start, due_at: datetime, finished: date) -> Answer:
    answer = measured(calendar, start, due_at, finished)
    if is_before(due_at, finished):
        return replace(answer, status="late")
    between = filter(calendar.covers, days_in(date_of(finished), due_at.date()))
    if any(map(calendar.is_working_day, between)):
        return replace(answer, status="early")
    return replace(answer, status="unknown" if answer.margin is None else "on_time")


def judge_unfinished(calendar: Calendar, start: Start, due_at: datetime, today: date) -> Answer:
    answer = measured(calendar, start, due_at, today)
    if last_second(today) > due_at:
        return replace(answer, status="overdue", margin=None, days_saved=None)
    return Answer(due_at, due_at.date(), "running", elapsed=answer.elapsed)


def measured(calendar: Calendar, start: Start, due_at: datetime, end: date) -> Answer:
    """Everything but the status, for a case that ends or is looked at on that day."""
    due_date, day = due_at.date(), date_of(end)
    elapsed = calendar.working_days_in(start.first_counted - ONE_DAY, day)
    saved, lost = calendar.working_days_in(day, due_date), calendar.working_days_in(due_date, day)
    if saved is None or lost is None:
        return Answer(due_at, due_date, problem="margin_not_covered", elapsed=elapsed)
    late = max((day - due_date).days, 0)
    margin = saved - lost
    return Answer(due_at, due_date, "unknown", None, margin, max(margin, 0), max(-margin, 0), late, elapsed)


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
