"""The working days of Vietnamese public bodies from 2013 to 2027 as plain sets of dates, worked out from the notices by hand.

Nothing here comes from the package or from its packs: the lunar new year breaks and the swaps are the notices', the
other days off the Labour Code's, with its rule that a day off on a rest day is taken on the next working day.
"""

from __future__ import annotations

from datetime import date, timedelta

__all__ = ["PARTS", "WORKED", "YEARS", "calendar_days", "is_working", "next_working", "parts", "working_days"]

YEARS = range(2013, 2028)
DAY = timedelta(1)

TET = {  # first and last day of the break, rest days among them
    2013: ("02-09", "02-17"),
    2014: ("01-28", "02-05"),
    2015: ("02-15", "02-23"),
    2016: ("02-06", "02-14"),
    2017: ("01-26", "02-01"),
    2018: ("02-14", "02-20"),
    2019: ("02-02", "02-10"),
    2020: ("01-23", "01-29"),
    2021: ("02-10", "02-16"),
    2022: ("01-29", "02-06"),
    2023: ("01-20", "01-26"),
    2024: ("02-08", "02-14"),
    2025: ("01-25", "02-02"),
    2026: ("02-14", "02-22"),
    2027: ("02-04", "02-10"),
}
HUNG_KINGS = dict(
    zip(
        YEARS,
        [
            "04-19",
            "04-09",
            "04-28",
            "04-16",
            "04-06",
            "04-25",
            "04-14",
            "04-02",
            "04-21",
            "04-10",
            "04-29",
            "04-18",
            "04-07",
            "04-26",
            "04-16",
        ],
        strict=True,
    )
)
SECOND_NATIONAL_DAY = dict(
    zip(range(2021, 2028), ["09-03", "09-01", "09-01", "09-03", "09-01", "09-01", "09-03"], strict=True)
)
SWAPS = [  # the day off, and the rest day worked for it
    ("2012-12-31", "2013-01-05"),
    ("2013-02-15", "2013-02-23"),
    ("2013-04-29", "2013-05-04"),
    ("2014-01-28", "2014-01-25"),
    ("2014-01-29", "2014-02-08"),
    ("2014-05-02", "2014-04-26"),
    ("2014-09-01", "2014-09-06"),
    ("2015-01-02", "2014-12-27"),
    ("2015-02-16", "2015-02-14"),
    ("2015-04-29", "2015-04-25"),
    ("2018-12-31", "2019-01-05"),
    ("2019-04-29", "2019-05-04"),
    ("2024-04-29", "2024-05-04"),
    ("2025-05-02", "2025-04-26"),
    ("2026-01-02", "2026-01-10"),
    ("2026-08-31", "2026-08-22"),
]
CULTURE_DAY_SINCE = 2026

PARTS = {  # year: weekdays, of them off at Tet, on other days off, by swap; days worked for a swap; working days
    2013: (261, 4, 5, 2, 3, 253),
    2014: (261, 5, 5, 4, 5, 252),
    2015: (261, 5, 5, 3, 2, 250),
    2016: (261, 5, 5, 0, 0, 251),
    2017: (260, 5, 5, 0, 0, 250),
    2018: (261, 5, 5, 1, 0, 250),
    2019: (261, 5, 5, 1, 2, 252),
    2020: (262, 5, 5, 0, 0, 252),
    2021: (261, 5, 6, 0, 0, 250),
    2022: (260, 5, 6, 0, 0, 249),
    2023: (260, 5, 6, 0, 0, 249),
    2024: (262, 5, 6, 1, 1, 251),
    2025: (261, 5, 6, 1, 1, 250),
    2026: (261, 5, 7, 2, 2, 249),
    2027: (261, 5, 7, 0, 0, 249),
}


def _day(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")


SWAPPED = {date.fromisoformat(off) for off, _ in SWAPS}
WORKED = {date.fromisoformat(on) for _, on in SWAPS}


def _break(year: int) -> set[date]:
    first, last = (_day(year, text) for text in TET[year])
    return {first + DAY * i for i in range((last - first).days + 1)}


def _days_off(year: int) -> set[date]:
    fixed = {_day(year, text) for text in ("01-01", "04-30", "05-01", "09-02", HUNG_KINGS[year])}
    fixed |= {_day(year, SECOND_NATIONAL_DAY[year])} if year in SECOND_NATIONAL_DAY else set()
    off = _break(year) | fixed | {day for day in SWAPPED if day.year == year}
    for day in sorted(fixed):
        if day.weekday() > 4:
            off.add(_next_free(day, off))
    return off | ({_day(year, "11-24")} if year >= CULTURE_DAY_SINCE else set())


def _next_free(day: date, off: set[date]) -> date:
    while day.weekday() > 4 or day in off:
        day += DAY
    return day


OFF = {year: _days_off(year) for year in YEARS}
ALL_OFF = set().union(*OFF.values(), SWAPPED)


def parts(year: int) -> tuple[int, int, int, int, int, int]:
    """The row of `PARTS` of a year, counted in the sets."""
    first = date(year, 1, 1)
    weekdays = {first + DAY * i for i in range((date(year + 1, 1, 1) - first).days)}
    weekdays = {day for day in weekdays if day.weekday() < 5}
    swapped = SWAPPED & weekdays
    tet = (_break(year) & weekdays) - swapped
    others = (OFF[year] & weekdays) - tet - swapped
    worked = len([day for day in WORKED if day.year == year])
    total = len(weekdays) - len(tet) - len(others) - len(swapped) + worked
    return len(weekdays), len(tet), len(others), len(swapped), worked, total


def is_working(day: date) -> bool:
    """Whether public bodies work on a day."""
    return day in WORKED or (day.weekday() < 5 and day not in ALL_OFF)


def next_working(day: date) -> date:
    """The first working day strictly after a day."""
    day += DAY
    while not is_working(day):
        day += DAY
    return day


def working_days(day: date, count: int) -> date:
    """The day on which so many working days after a day are over; the day itself for 0."""
    for _ in range(count):
        day = next_working(day)
    return day


def calendar_days(day: date, count: int) -> date:
    """The day on which so many days after a day are over; the next working day if it is a day off."""
    end = day + DAY * count
    return end if is_working(end) else next_working(end)
