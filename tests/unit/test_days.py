"""Days and seconds as whole numbers, and the stretches that a clock change leaves out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slaengine.days import (
    DAY,
    Gap,
    day_number,
    find_gaps,
    is_instant,
    last_second,
    read_moment,
    to_date,
    to_datetime,
    wall_seconds,
)

at = datetime.fromisoformat
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(1970, 1, 1), 0),
        (date(1969, 12, 31), -1),
        (date(2000, 3, 1), 11_017),
        (date.min, -719_162),
        (date.max, 2_932_896),
    ],
)
def test_days_are_counted_from_1970(day: date, number: int) -> None:
    assert day_number(day) == number
    assert to_date(number) == day
    assert to_datetime(number * DAY + 3_661) == datetime.combine(day, at("2025-01-01T01:01:01").time())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-04-28", date(2025, 4, 28)),
        (" 2025-04-28 ", date(2025, 4, 28)),
        ("2025-04-28T09:00", at("2025-04-28T09:00")),
        ("2025-04-28 09:00:30", at("2025-04-28T09:00:30")),
        ("2025-04-28T09:00:00+07:00", datetime(2025, 4, 28, 9, tzinfo=HANOI)),
        ("2025-04-28T02:00:00Z", datetime(2025, 4, 28, 2, tzinfo=UTC)),
    ],
)
def test_iso_text_is_a_date_or_an_instant(text: str, moment: date) -> None:
    found = read_moment(text)
    assert (found, type(found)) == (moment, type(moment))
    assert is_instant(found) is (":" in text)


@pytest.mark.parametrize("text", ["", "28/04/2025", "2025-02-29", "2025-04-28T25:00", "09:00", "today", "2025"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|out of range|must be in|day .*month"):
        read_moment(text)


@pytest.mark.parametrize(
    ("value", "seconds", "last"),
    [
        (date(1970, 1, 2), DAY, 2 * DAY - 1),
        (at("1970-01-02T00:00:00"), DAY, DAY),
        (at("1970-01-02T00:00:01.999999"), DAY + 1, DAY + 1),
        (at("1969-12-31T23:59:59.5"), -1, -1),
        (datetime(1970, 1, 1, 18, tzinfo=UTC), DAY + 2 * 3600, DAY + 2 * 3600),
    ],
)
def test_wall_clock_seconds_are_floored_and_a_date_ends_with_its_last(value: date, seconds: int, last: int) -> None:
    zone = ZoneInfo("Etc/GMT-8")
    assert wall_seconds(value, zone) == seconds
    assert last_second(value, zone) == last


def missing_minutes(zone: ZoneInfo, day: date) -> list[int]:
    """The minutes of a day that no instant reads as, found by asking for each there and back."""
    midnight = datetime.combine(day, datetime.min.time())
    walls = [midnight + timedelta(minutes=n) for n in range(1440)]
    return [
        n
        for n, w in enumerate(walls)
        if w.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != w
    ]


@pytest.mark.parametrize(
    ("name", "day", "start", "end"),
    [
        ("America/New_York", date(2015, 3, 8), "02:00", "03:00"),
        ("Europe/Berlin", date(2024, 3, 31), "02:00", "03:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "00:00", "01:00"),
        ("Asia/Pyongyang", date(2018, 5, 4), "23:30", "24:00"),
        ("Australia/Lord_Howe", date(2024, 10, 6), "02:00", "02:30"),
        ("Pacific/Apia", date(2011, 12, 30), "00:00", "24:00"),
    ],
)
def test_a_clock_change_leaves_a_stretch_out(name: str, day: date, start: str, end: str) -> None:
    zone, number = ZoneInfo(name), day_number(day)
    (a, b), (c, d) = (map(int, text.split(":")) for text in (start, end))
    assert find_gaps(zone, number - 1, number + 2) == [Gap(number, a * 3600 + b * 60, c * 3600 + d * 60)]
    assert missing_minutes(zone, day) == list(range(a * 60 + b, c * 60 + d))


def test_a_zone_without_clock_changes_has_no_gaps() -> None:
    first, last = day_number(date(2013, 1, 1)), day_number(date(2028, 1, 1))
    assert find_gaps(HANOI, first, last) == []
    assert len(find_gaps(ZoneInfo("America/New_York"), first, last)) == 15
