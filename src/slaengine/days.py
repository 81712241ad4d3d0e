"""Days and seconds as whole numbers: days since 1970-01-01, seconds since that day's midnight on the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

EPOCH = date(1970, 1, 1).toordinal()
MIDNIGHT = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall-clock reading, of whatever zone
DAY = 86_400
MINUTES = 1_440
WEEK = 7
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Gap(NamedTuple):
    """The wall-clock seconds [start, end) of one day that a clock change leaves out."""

    day: int
    start: int
    end: int


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - EPOCH


def to_date(day: int) -> date:
    """The date with that number; the inverse of `day_number`."""
    return date.fromordinal(day + EPOCH)


def to_datetime(seconds: int) -> datetime:
    """The wall-clock reading that many seconds after 1970-01-01 00:00."""
    return MIDNIGHT + timedelta(0, seconds)


def read_moment(text: str) -> date:
    """A date or a datetime in ISO writing; `ValueError` for anything else.

    >>> read_moment("2025-04-28T09:00")
    datetime.datetime(2025, 4, 28, 9, 0)
    """
    text = text.strip()
    return datetime.fromisoformat(text) if ":" in text else date.fromisoformat(text)


def is_instant(value: date) -> bool:
    """Whether a value states the time of day; a plain date is judged on dates."""
    return isinstance(value, datetime)


def end_seconds(value: date, zone: tzinfo) -> int:
    """Like `wall_seconds`, for a time that others are compared with.

    A second reading of the hour that a clock change repeats counts as the last second of that hour: after every first
    reading, before whatever follows.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        return wall_seconds(value, zone)
    local = in_zone(value, zone)
    if not _read_again(local):
        return wall_seconds(local, zone)
    minute = local.replace(second=0, microsecond=0)
    while _read_again(minute):
        minute = (minute + timedelta(minutes=1)).replace(fold=1)
    return wall_seconds(minute.replace(tzinfo=None), zone) - 1


def _read_again(local: datetime) -> bool:
    """Whether a time is the second reading of an hour that a clock change repeats."""
    return local.fold == 1 and local.utcoffset() != local.replace(fold=0).utcoffset()


def wall_seconds(value: date, zone: tzinfo) -> int:
    """Wall-clock seconds since 1970-01-01 in `zone`; a date is its midnight, fractions of a second are dropped.

    >>> wall_seconds(date(1970, 1, 2), None)
    86400
    """
    if not isinstance(value, datetime):
        return (value.toordinal() - EPOCH) * DAY
    since = (value if value.tzinfo is None else in_zone(value, zone).replace(tzinfo=None)) - MIDNIGHT
    return since.days * DAY + since.seconds


def in_zone(value: datetime, zone: tzinfo) -> datetime:
    """An aware time as that zone's clocks read it; at the ends of time, where none can, as its own do."""
    try:
        return value.astimezone(zone)
    except OverflowError:
        return value


def last_second(value: date, zone: tzinfo) -> int:
    """Like `end_seconds`, but a date means its last second: how `today` is read."""
    return end_seconds(value, zone) if isinstance(value, datetime) else (value.toordinal() - EPOCH + 1) * DAY - 1


def find_gaps(zone: tzinfo, first: int, last: int) -> list[Gap]:
    """Every stretch of wall-clock time in the days [first, last) that does not exist in `zone`.

    Weeks that end with the offset they began with are passed over: no zone changes its clocks twice in a week.
    """
    weeks = [day for day in range(first, last, WEEK) if _offset(zone, day) != _offset(zone, min(day + WEEK, last))]
    days = (day for week in weeks for day in range(week, min(week + WEEK, last)))
    return [_gap(zone, day) for day in days if _offset(zone, day + 1) > _offset(zone, day)]


class Shift(NamedTuple):
    """A clock change: when it comes, in elapsed and in wall-clock seconds, and by how much clocks then are ahead."""

    elapsed: int
    wall: int
    by: int


def find_shifts(zone: tzinfo, first: int, last: int) -> list[Shift]:
    """Every clock change in the days [first, last), in seconds since midnight of `first`.

    Elapsed seconds are those of a clock that is never changed. Of a repeated hour the first reading is meant.
    Weeks that end with the offset they began with are passed over, as in `find_gaps`.
    """
    begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first)
    base = _offset(zone, first)
    found, before, passed = [], base, first
    for day in range(first, last):
        if day >= passed and (day - first) % WEEK == 0:
            week = min(day + WEEK, last)
            passed = week if _utc_offset(zone, begin, (week - first) * DAY) == before else day
        if day < passed:
            continue
        after = _utc_offset(zone, begin, (day - first + 1) * DAY)
        if after != before:
            second = _change(zone, begin, (day - first) * DAY, after)
            elapsed, gone, come = second + _whole(base), _whole(before - base), _whole(after - base)
            found.append(Shift(elapsed, elapsed + max(gone, come), come))
            before = after
    return found


def _whole(span: timedelta) -> int:
    return int(span.total_seconds())


def _utc_offset(zone: tzinfo, begin: datetime, second: int) -> timedelta:
    return (begin + timedelta(seconds=second)).astimezone(zone).utcoffset() or timedelta(0)


def _change(zone: tzinfo, begin: datetime, second: int, after: timedelta) -> int:
    """The first UTC second of a day, counted from `begin`, that has the offset `after`."""
    low, high = second, second + DAY
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _utc_offset(zone, begin, middle) == after else (middle + 1, high)
    return low


def _offset(zone: tzinfo, day: int, second: int = 0) -> timedelta:
    moment = to_datetime(day * DAY + second).replace(tzinfo=zone)
    return moment.utcoffset() or timedelta(0)


def _gap(zone: tzinfo, day: int) -> Gap:
    """Bisect for the first second read with the later offset; the missing ones lie before it.

    With fold=0 a non-existent reading is given the offset before the change, so the first reading with the new
    offset is the end of the gap.
    """
    before, after = _offset(zone, day), _offset(zone, day + 1)
    low, high = 0, DAY
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, day, middle) == after else (middle + 1, high)
    return Gap(day, low - int((after - before).total_seconds()), low)
