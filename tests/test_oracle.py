"""The oracle against cases counted on paper: W1 to W16 of the hard cases, and every choice of `docs/design/clock.md`.

August 2025: the 4th is a Monday, the 2nd and 9th are Saturdays. A comment holds the counted days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

import oracle
import rule_text
import worlds

MORNING, AFTERNOON, NIGHT = (450, 690), (780, 1020), (1320, 1800)
OFFICE = worlds.ORACLES["office"]  # 07:30-11:30, 13:00-17:00, Fridays to 16:00
FULL = {weekday: [MORNING, AFTERNOON] for weekday in range(5)}
CALENDARS = {
    **worlds.ORACLES,
    "night": replace(OFFICE, hours={weekday: [(480, 720), NIGHT] for weekday in range(5)}),
    "half-friday": replace(OFFICE, hours={**FULL, 4: [MORNING]}, half_weekdays=frozenset({4})),
    "special": replace(OFFICE, special_hours={date(2025, 8, 6): [(450, 570)]}),
    "seasons": replace(
        OFFICE,
        hours={weekday: [(480, 720)] for weekday in range(5)},
        seasons=(oracle.Season(date(2025, 8, 11), {0: [(540, 720)]}),),
    ),
    "storm": replace(OFFICE, entries=(oracle.Entry(date(2025, 8, 6), "holiday", known_from=date(2025, 8, 5)),)),
    "withdrawn": replace(OFFICE, entries=(oracle.Entry(date(2025, 8, 6), "holiday", known_until=date(2025, 8, 5)),)),
    "unannounced": replace(OFFICE, years=(oracle.Year(2026, known_from=date(2025, 10, 13)),)),
    "foreseen": replace(
        OFFICE, years=(oracle.Year(2026, known_from=date(2025, 10, 13), foreseen_from=date(2025, 1, 1)),)
    ),
}
FIVE = "amount=5 unit=working_day"  # from Monday 4/8 on: 5, 6, 7, 8, 11/8
TEN = "amount=10 unit=working_day"  # from Monday 4/8 on: to 15/8 nine, Monday 18/8
HOURS = "count_from=instant due_time=exact roll=none"
EIGHT = f"amount=8 unit=working_hour {HOURS}"


def ask(calendar: str, rule: str, received: str, **more: str) -> oracle.Answer:
    """An answer to texts: `finished, today, known_at, attributes, times, events, promises, zone`."""
    return oracle.assess_versions(
        CALENDARS[calendar],
        rule_text.versions(rule, CALENDARS),
        rule_text.moment(received),
        rule_text.moment(more.get("finished", "")),
        rule_text.moment(more.get("today", "")),
        rule_text.attributes(more.get("attributes", "")),
        events=rule_text.events(more.get("events", "")),
        event_times=rule_text.event_times(more.get("times", "")),
        promises=rule_text.promises(more.get("promises", "")),
        known_at=rule_text.known_at(more.get("known_at", "")),
        zone=more.get("zone"),
    )


def short(answer: oracle.Answer) -> dict[str, Any]:
    """An answer as the tables write it; an end of day is written as a date."""
    due = answer.due_at
    text = due and (due.date().isoformat() if due.time().isoformat() == "23:59:59" else due.isoformat()[:16])
    return {**vars(answer), "due": text, "flags": ";".join(sorted(answer.flags))}


def check(calendar: str, rule: str, received: str, given: dict[str, str], expected: dict[str, Any]) -> None:
    found = short(ask(calendar, rule, received, **given))
    assert {key: found[key] for key in expected} == expected


THIRTY = "amount=30 unit=calendar_day"  # from 3/4/2025: Sat 3/5, rolled to Mon 5/5
W = [
    ("W1", FIVE, "2025-08-02", {}, {"due": "2025-08-08"}),  # 4, 5, 6, 7, 8/8
    ("W2", "amount=0 unit=working_day", "2025-08-02", {}, {"due": "2025-08-04"}),
    ("W3", FIVE, "2025-08-04", {"events": "stop 2025-08-04 2025-08-06"}, {"due": "2025-08-12"}),  # 6-8, 11, 12/8
    ("W3 on day zero", FIVE, "2025-08-04", {"events": "stop 2025-08-04 2025-08-05"}, {"due": "2025-08-11"}),
    ("W4", FIVE, "2025-08-04", {"events": "stop 2025-08-08 2025-08-21"}, {"due": "2025-08-22"}),  # 5-7, 21, 22/8
    (
        "W5",
        "amount=10 unit=calendar_day",
        "2025-07-23",
        {"events": "stop 2025-08-04 2025-08-07"},
        {"due": "2025-08-07"},
    ),
    (
        "W6",
        FIVE,
        "2025-08-04",
        {"events": "stop 2025-08-13 -", "today": "2025-08-30"},
        {"due": "2025-08-11", "status": "overdue", "flags": "event_void"},
    ),
    (
        "W7",
        f"{FIVE} supplement_effect=restart",
        "2025-08-04",
        {"events": "supplement 2025-08-18 2025-08-20", "finished": "2025-08-21"},
        {"due": "2025-08-11", "status": "late", "flags": "event_void"},
    ),
    (
        "W8",  # new receipt Sat 9/8, deemed Mon 11/8: 12-15, 18/8
        f"{FIVE} deems=next_working_moment supplement_effect=restart",
        "2025-08-04",
        {"events": "supplement 2025-08-07 2025-08-09", "today": "2025-08-12"},
        {"due": "2025-08-18", "status": "running", "elapsed": 1, "flags": ""},
    ),
    (
        "W8 in between",  # counted 5 and 6/8; 7 and 8/8 stand still
        f"{FIVE} deems=next_working_moment supplement_effect=restart",
        "2025-08-04",
        {"events": "supplement 2025-08-07 2025-08-09", "today": "2025-08-08"},
        {"due": None, "status": "suspended", "elapsed": 2},
    ),
    (
        "W9 day_zero",  # 30/4 to 4/5 off; Mon 5/5 is day zero: 6, 7, 8/5
        "amount=3 unit=working_day cut_time=15:00 cut_effect=day_zero",
        "2025-04-29T15:30:00",
        {},
        {"due": "2025-05-08"},
    ),
    (
        "W9 day_one",  # 5, 6, 7/5
        "amount=3 unit=working_day cut_time=15:00 cut_effect=day_one",
        "2025-04-29T15:30:00",
        {},
        {"due": "2025-05-07"},
    ),
    (
        "W10 start",  # 45 days: Sun 18/5
        f"{THIRTY} extension=start",
        "2025-04-03",
        {"events": "extend 15 calendar_day 2025-05-05"},
        {"due": "2025-05-19"},
    ),
    (
        "W10 rolled_end",  # 5/5 + 15
        f"{THIRTY} extension=rolled_end",
        "2025-04-03",
        {"events": "extend 15 calendar_day 2025-05-05"},
        {"due": "2025-05-20"},
    ),
    (
        "W11",  # day 15 is Wed 30/4: 5-9/5 (5), 12, 13, 14/5
        "amount=15 unit=calendar_day | then amount=8 unit=working_day",
        "2025-04-15",
        {},
        {"due": "2025-05-14"},
    ),
    (
        "W11 rolled between",  # 30/4 rolls to 5/5: 6-9 (4), 12-15/5
        "amount=15 unit=calendar_day roll_between=true | then amount=8 unit=working_day",
        "2025-04-15",
        {},
        {"due": "2025-05-15"},
    ),
    (
        "W14",  # 24, 25, make-up 26, 28/4
        "amount=4 unit=working_day",
        "2025-04-23",
        {"finished": "2025-04-26"},
        {"due": "2025-04-28", "status": "early", "margin": 1},
    ),
    (
        "W15",  # 28-31/7, 1/8
        FIVE,
        "2025-07-25",
        {"finished": "2025-08-02"},
        {"due": "2025-08-01", "status": "late", "days_late": 0, "days_late_calendar": 1},
    ),
    (
        "W16 receipt",  # day zero 1/7: 2-4 (3), 7-11 (8), 14, 15/7
        f"{TEN} cut_time=15:00 cut_effect=day_zero || from=2025-07-01 {FIVE} cut_time=15:00 cut_effect=day_zero",
        "2025-06-30T15:30:00",
        {},
        {"due": "2025-07-15"},
    ),
    (
        "W16 deemed",  # day zero 1/7: 2-4 (3), 7, 8/7
        f"{TEN} || from=2025-07-01 governs=deemed {FIVE} cut_time=15:00 cut_effect=day_zero",
        "2025-06-30T15:30:00",
        {},
        {"due": "2025-07-08"},
    ),
]


@pytest.mark.parametrize(("rule", "received", "given", "expected"), [w[1:] for w in W], ids=[w[0] for w in W])
def test_worked_by_hand(rule: str, received: str, given: dict[str, str], expected: dict[str, Any]) -> None:
    check("vn-public", rule, received, given, expected)


DUE_TUESDAY = {"due": "2025-08-05T11:30"}  # 8 hours from Mon 4/8 13:00: four on Monday, four on Tuesday
CLOCK_TIMES = [
    ("W12", "office", EIGHT, "2025-08-04T07:30:00", {}, {"due": "2025-08-04T17:00"}),
    ("W13", "office", EIGHT.replace("8", "2"), "2025-08-04T16:50:00", {}, {"due": "2025-08-05T09:20"}),
    (
        "Friday closes at 16:00",
        "office",
        EIGHT.replace("8", "2"),
        "2025-08-08T15:00:00",
        {},
        {"due": "2025-08-11T08:30"},
    ),
    ("parts of an hour", "office", EIGHT.replace("8", "0.25"), "2025-08-04T11:20:00", {}, {"due": "2025-08-04T13:05"}),
    (
        "0 hours end at the start",
        "office",
        EIGHT.replace("8", "0"),
        "2025-08-02T10:00:00",
        {},
        {"due": "2025-08-02T10:00"},
    ),
    (
        "a roll keeps the clock time",
        "office",
        "amount=0 unit=working_hour count_from=instant due_time=exact",
        "2025-08-02T10:00:00",
        {},
        {"due": "2025-08-04T10:00"},
    ),
    (
        "a closed hour is deemed the next opening",
        "office",
        f"amount=1 unit=hour {HOURS} deems=next_working_moment",
        "2025-08-02T10:00:00",
        {},
        {"due": "2025-08-04T08:30"},
    ),
    (
        "after the cut-off from the next opening",
        "office",
        f"amount=1 unit=working_hour {HOURS} cut_time=15:00 cut_effect=day_zero",
        "2025-08-04T15:30:00",
        {},
        {"due": "2025-08-05T08:30"},
    ),
    ("a date has no hour", "office", EIGHT, "2025-08-04", {}, {"due": None, "problem": "time_needed"}),
    (
        "nor has the date of an event",
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"events": "stop 2025-08-04 2025-08-05"},
        {"problem": "time_needed"},
    ),
    (
        "a stop in closed hours adds nothing",
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"events": "stop 2025-08-04T18:00 2025-08-05T06:00", "today": "2025-08-05T08:30:00"},
        DUE_TUESDAY | {"elapsed": 300},  # 13:00-17:00, 07:30-08:30
    ),
    (
        "overlapping stops count once",  # 14:00-15:30 stands still: 90 minutes on from Tue 11:30
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"events": "stop 2025-08-04T14:00 2025-08-04T15:00; stop 2025-08-04T14:30 2025-08-04T15:30"},
        {"due": "2025-08-05T14:30"},
    ),
    (
        "not before the end of the last stop",  # 11:30-20:00 on Tuesday: four open hours, 11:30 on Wednesday without it
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"events": "stop 2025-08-05T11:30 2025-08-05T20:00"},
        {"due": "2025-08-05T20:00"},
    ),
    (
        "half an hour early",
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"finished": "2025-08-05T11:00:00"},
        DUE_TUESDAY | {"status": "early", "margin_minutes": 30, "margin": 0, "elapsed": 450},
    ),
    (
        "half a minute is not early",
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"finished": "2025-08-05T11:29:30"},
        DUE_TUESDAY | {"status": "on_time", "margin_minutes": 0},
    ),
    (
        "ten open minutes late",
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"finished": "2025-08-05T13:10:00"},
        DUE_TUESDAY | {"status": "late", "margin_minutes": -10, "days_late": 0},
    ),
    (
        "autumn: the day has 25 hours",
        "every-day",
        f"amount=24 unit=hour {HOURS}",
        "2025-11-01T12:00:00",
        {"zone": "America/New_York"},
        {"due": "2025-11-02T11:00"},
    ),
    (
        "spring: the day has 23 hours",
        "every-day",
        f"amount=24 unit=hour {HOURS}",
        "2025-03-08T12:00:00",
        {"zone": "America/New_York", "today": "2025-03-09T13:00:00"},
        {"due": "2025-03-09T13:00", "status": "running", "elapsed": 1440},
    ),
    (
        "hours follow hours",  # 4 hours to 17:00, 2 elapsed hours
        "office",
        f"amount=4 unit=working_hour {HOURS} | then amount=2 unit=hour {HOURS}",
        "2025-08-04T13:00:00",
        {},
        {"due": "2025-08-04T19:00"},
    ),
    (
        "half of a Friday",
        "office",
        "amount=3.5 unit=working_day fraction=open_seconds",
        "2025-08-04",
        {},
        {"due": "2025-08-08T11:00"},
    ),
    (
        "the morning",
        "office",
        "amount=3.5 unit=working_day fraction=half_day",
        "2025-08-04",
        {},
        {"due": "2025-08-08T11:30"},
    ),
    (
        "three quarters are the day",
        "office",
        "amount=3.75 unit=working_day fraction=half_day",
        "2025-08-04",
        {},
        {"due": "2025-08-08T16:00"},
    ),
    (
        "a quarter day",
        "office",
        "amount=0.25 unit=working_day fraction=open_seconds",
        "2025-08-04",
        {},
        {"due": "2025-08-05T09:30"},
    ),
    (
        "a fraction after a stop",  # 5/8 stands still, 6/8 is one, half of 7/8
        "office",
        "amount=1.5 unit=working_day fraction=open_seconds",
        "2025-08-04",
        {"events": "stop 2025-08-05 2025-08-06"},
        {"due": "2025-08-07T11:30"},
    ),
    (
        "special hours",  # one on Tue, 07:30-09:30 on Wed, one on Thu
        "special",
        EIGHT.replace("8", "4"),
        "2025-08-05T16:00:00",
        {},
        {"due": "2025-08-07T08:30"},
    ),
    ("a season", "seasons", EIGHT.replace("8", "5"), "2025-08-08T08:00:00", {}, {"due": "2025-08-11T10:00"}),
    ("over midnight", "night", EIGHT.replace("8", "3"), "2025-08-08T23:00:00", {}, {"due": "2025-08-09T02:00"}),
    (
        "the end of Friday's night does not roll",  # 08:00-12:00, 22:00-06:00
        "night",
        "amount=12 unit=working_hour count_from=instant due_time=exact",
        "2025-08-08T08:00:00",
        {},
        {"due": "2025-08-09T06:00"},
    ),
    (
        "days on an hour limit keep the clock time",
        "office",
        f"amount=2 unit=working_hour {HOURS} extension=unrolled_end",
        "2025-08-04T08:00:00",
        {"events": "extend 1 working_day 2025-08-04T09:00"},
        {"due": "2025-08-05T10:00"},
    ),
    (
        "a restart of an hour limit",  # stands still from 14:00, anew from Tue 08:00
        "office",
        EIGHT,
        "2025-08-04T13:00:00",
        {"events": "restart 2025-08-04T14:00 2025-08-05T08:00"},
        {"due": "2025-08-06T08:00"},  # 08:00-11:30, 13:00-17:00 are 7:30; 07:30-08:00
    ),
]


@pytest.mark.parametrize(
    ("calendar", "rule", "received", "given", "expected"), [c[1:] for c in CLOCK_TIMES], ids=[c[0] for c in CLOCK_TIMES]
)
def test_hours(calendar: str, rule: str, received: str, given: dict[str, str], expected: dict[str, Any]) -> None:
    check(calendar, rule, received, given, expected)


HALF = "unit=working_day half_day_counts"
CALENDAR_DAYS = "unit=calendar_day roll=none"
BACK = "direction=backward"
SAME = f"{FIVE} count_from=same_day"
COUNTED = [
    ("half days count one", "half-friday", f"amount=5 {HALF}=1", "2025-08-04", {}, "2025-08-11"),  # 5, 6, 7, 8, 11/8
    ("half days count nothing", "half-friday", f"amount=5 {HALF}=0", "2025-08-04", {}, "2025-08-12"),  # 5-7, 11, 12/8
    ("half days count half", "half-friday", f"amount=4 {HALF}=0.5", "2025-08-04", {}, "2025-08-11"),  # 2, 4, 6, 7, 9
    ("a stopped half day", "half-friday", f"amount=3 {HALF}=0.5", "2025-08-06", {"events": "stop 2025-08-08 2025-08-09"}, "2025-08-12"),  # 6 + 1 halves: 7/8 2, 8/8 3, 11/8 5, 12/8 7
    ("a night belongs to the day before", "night", "amount=1 unit=working_day deems=next_working_moment", "2025-08-06T02:00:00", {}, "2025-08-06"),  # received on Tue 5/8
    ("a night as it is", "night", "amount=1 unit=working_day", "2025-08-06T02:00:00", {}, "2025-08-07"),
    ("backward", "vn-public", f"{FIVE} {BACK}", "2025-08-11", {}, "2025-08-04"),  # 8, 7, 6, 5, 4/8
    ("backward, the day itself is one", "vn-public", f"{SAME} {BACK}", "2025-08-11", {}, "2025-08-05"),  # 11, 8, 7, 6, 5/8
    ("backward, clear", "vn-public", f"{FIVE} count_from=clear {BACK}", "2025-08-11", {}, "2025-08-01"),  # 8, 7, 6, 5, 4, 1/8
    ("backward, rolled", "vn-public", f"amount=10 unit=calendar_day roll=preceding {BACK}", "2025-08-12", {}, "2025-08-01"),  # Sat 2/8
    ("backward, a month", "vn-public", f"amount=1 unit=month roll=none {BACK}", "2025-03-31", {}, "2025-02-28"),
    ("backward, a month to the next first", "vn-public", f"amount=1 unit=month roll=none month_end=next_first {BACK}", "2025-03-31", {}, "2025-03-01"),
    ("short limits roll", "vn-public", "amount=5 unit=calendar_day roll_up_to=calendar_day:5", "2025-08-04", {}, "2025-08-11"),  # Sat 9/8
    ("long ones do not", "vn-public", "amount=6 unit=calendar_day roll_up_to=calendar_day:5", "2025-08-04", {}, "2025-08-10"),
    ("another unit always does", "vn-public", "amount=6 unit=calendar_day roll_up_to=week:0", "2025-08-04", {}, "2025-08-11"),
    ("days off are skipped", "vn-public", f"amount=5 {CALENDAR_DAYS} skip_days_off_up_to=5", "2025-08-04", {}, "2025-08-11"),
    ("not in longer limits", "vn-public", f"amount=6 {CALENDAR_DAYS} skip_days_off_up_to=5", "2025-08-04", {}, "2025-08-10"),
    ("two working days inside", "vn-public", f"amount=3 {CALENDAR_DAYS} min_working_days=2 min_working_days_from=3", "2025-08-07", {}, "2025-08-11"),  # Sun 10/8; 8, 11/8
    ("not in shorter ones", "vn-public", f"amount=2 {CALENDAR_DAYS} min_working_days=2 min_working_days_from=3", "2025-08-07", {}, "2025-08-09"),
    ("a week needs them", "never", "amount=1 unit=week roll=none min_working_days=0", "2025-08-04", {}, "2025-08-11"),
    ("the earlier of two", "vn-public", f"{TEN} | earlier amount=15 unit=calendar_day", "2025-08-04", {}, "2025-08-18"),  # 18/8, 19/8
    ("the later of two", "vn-public", f"{TEN} | later amount=15 unit=calendar_day", "2025-08-04", {}, "2025-08-19"),
    ("an alternative of two parts", "vn-public", f"{TEN} | earlier amount=3 unit=calendar_day | then amount=2 unit=working_day", "2025-08-04", {}, "2025-08-11"),  # Thu 7/8; 8, 11/8
    ("a part elsewhere", "vn-public", "amount=2 unit=working_day | then amount=2 unit=working_day calendar=office", "2025-06-10", {}, "2025-06-17"),  # 11, 12; 13, 16/6 is off, 17/6
    ("a part whatever count_from", "vn-public", f"{SAME} | then amount=1 unit=working_day count_from=same_day", "2025-08-04", {}, "2025-08-11"),  # 4-8/8; 11/8
    ("added, same unit", "vn-public", f"{FIVE} + remote:add:10:working_day", "2025-08-04", {"attributes": "remote=true"}, "2025-08-25"),
    ("added, another unit", "vn-public", f"{FIVE} + remote:add:10:calendar_day", "2025-08-04", {"attributes": "remote=true"}, "2025-08-21"),  # 11/8 + 10
    ("replaced", "vn-public", f"{FIVE} + urgent:replace:3:calendar_day", "2025-08-04", {"attributes": "urgent=true"}, "2025-08-07"),
    ("not so", "vn-public", f"{FIVE} + remote:add:10:working_day", "2025-08-04", {"attributes": "remote=false"}, "2025-08-11"),
    ("from proof of payment", "vn-public", f"{FIVE} start_event=fee_paid", "2025-08-04", {"times": "fee_paid=2025-08-06"}, "2025-08-13"),  # 7, 8, 11-13/8
    ("known the day before", "storm", FIVE, "2025-08-04", {"known_at": "2025-08-05"}, "2025-08-12"),
    ("not yet known", "storm", FIVE, "2025-08-04", {"known_at": "2025-08-04"}, "2025-08-11"),
    ("not known at receipt", "storm", FIVE, "2025-08-04", {"known_at": "received"}, "2025-08-11"),
    ("after the last announcement", "storm", FIVE, "2025-08-04", {}, "2025-08-12"),
    ("before it was withdrawn", "withdrawn", FIVE, "2025-08-04", {"known_at": "2025-08-04"}, "2025-08-12"),
    ("after it was withdrawn", "withdrawn", FIVE, "2025-08-04", {}, "2025-08-11"),
    ("a year not announced", "unannounced", FIVE, "2025-12-29", {"known_at": "2025-10-12"}, None),
    ("a year announced", "unannounced", FIVE, "2025-12-29", {"known_at": "2025-10-13"}, "2026-01-06"),  # 30, 31/12; 2, 5, 6/1
    ("a year foreseen", "foreseen", FIVE, "2025-12-29", {"known_at": "2025-10-12"}, "2026-01-06"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("calendar", "rule", "received", "given", "due"), [c[1:] for c in COUNTED], ids=[c[0] for c in COUNTED]
)
def test_counting(calendar: str, rule: str, received: str, given: dict[str, str], due: str | None) -> None:
    check(calendar, rule, received, given, {"due": due})


EXTENDED = f"{FIVE} extension=unrolled_end"
REFILED = f"{FIVE} supplement_effect=close_and_refile"
PARTS = "amount=3 unit=calendar_day | then amount=3 unit=working_day"  # from 4/8: Thu 7/8; 8, 11, 12/8
EVENTS = [
    ("from the first day", FIVE, "stop 2025-08-06 2025-08-07", "2025-08-12", ""),
    ("to the last day", f"{FIVE} stop_first_day=false stop_last_day=true", "stop 2025-08-06 2025-08-07", "2025-08-12", ""),
    ("both end days", f"{FIVE} stop_last_day=true", "stop 2025-08-06 2025-08-07", "2025-08-13", ""),
    ("no end day", f"{FIVE} stop_first_day=false", "stop 2025-08-06 2025-08-07", "2025-08-11", ""),
    ("over a weekend", FIVE, "stop 2025-08-09 2025-08-11", "2025-08-11", ""),  # Sat and Sun count nothing
    ("twice is once", FIVE, "stop 2025-08-06 2025-08-08; stop 2025-08-07 2025-08-08", "2025-08-13", ""),  # 6, 7/8
    ("touching stops are one", FIVE, "stop 2025-08-11 2025-08-13; stop 2025-08-13 2025-08-15", "2025-08-15", ""),  # 11-14/8
    ("a window nobody answered", FIVE, "stop 2025-08-06 - 2025-08-08", "2025-08-13", ""),  # 6, 7/8
    ("after the due date", FIVE, "stop 2025-08-12 2025-08-20", "2025-08-11", "event_void"),
    ("a month moves by calendar days", "amount=1 unit=month", "stop 2025-08-09 2025-08-11", "2025-09-08", ""),  # 4/9 + 2 = Sat 6/9
    ("the part that is running", PARTS, "stop 2025-08-07 2025-08-09", "2025-08-13", ""),  # 7/8 + 2 = Sat 9/8; 11-13/8
    ("the next part", PARTS, "stop 2025-08-08 2025-08-10", "2025-08-13", ""),  # Fri 8/8 stands still; 11-13/8
    ("extended", EXTENDED, "extend 2 working_day 2025-08-11", "2025-08-13", ""),
    ("extended too late", EXTENDED, "extend 2 working_day 2025-08-12", "2025-08-11", "event_void"),
    ("cannot be extended", FIVE, "extend 2 working_day 2025-08-08", "2025-08-11", "extension_void"),
    ("once only", f"{EXTENDED} max_times=1", "extend 1 working_day 2025-08-06; extend 1 working_day 2025-08-07", "2025-08-12", "extension_void"),
    ("three days in all", f"{EXTENDED} max_total=3:working_day", "extend 2 working_day 2025-08-06; extend 2 working_day 2025-08-07", "2025-08-13", "extension_void"),
    ("another unit is not added up", f"{EXTENDED} max_total=3:working_day", "extend 9 calendar_day 2025-08-06", "2025-08-20", ""),  # 11/8 + 9
    ("hours on a day limit", EXTENDED, "extend 3 working_hour 2025-08-06", "2025-08-11", "extension_void"),
    ("shortened", f"{TEN} extension=start may_shorten=true", "extend -3 working_day 2025-08-06", "2025-08-13", ""),  # 7 days
    ("not to be shortened", f"{TEN} extension=start", "extend -3 working_day 2025-08-06", "2025-08-18", "extension_void"),
    ("held up by a later stop", EXTENDED, "extend 1 working_day 2025-08-08; stop 2025-08-12 2025-08-16", "2025-08-18", ""),  # 12-15/8 stand still: 12 + 4
    ("a stop before its extension", f"{FIVE} extension=rolled_end", "stop 2025-08-08 2025-08-21; extend 2 working_day 2025-08-20", "2025-08-26", ""),  # 22/8; 25, 26/8
    ("a stop goes on after a restart", FIVE, "stop 2025-08-06 2025-08-15; restart 2025-08-07 2025-08-08", "2025-08-21", ""),  # 15, 18-21/8
    ("a restart ends an extension", EXTENDED, "extend 9 working_day 2025-08-06; restart 2025-08-07 2025-08-08", "2025-08-15", ""),  # 11-15/8
    ("restart at once", FIVE, "restart 2025-08-07 2025-08-07", "2025-08-14", ""),  # 8, 11-14/8
    ("two restarts", FIVE, "restart 2025-08-05 2025-08-06; restart 2025-08-07 2025-08-08", "2025-08-15", "second_supplement"),
    ("a supplement suspends", f"{FIVE} supplement_effect=suspend", "supplement 2025-08-06 2025-08-08", "2025-08-13", ""),
    ("refiled", REFILED, "supplement 2025-08-07 2025-08-12", "2025-08-19", ""),  # 13-15, 18, 19/8
    ("refiled under a new version", f"{REFILED} || from=2025-08-10 amount=3 unit=working_day", "supplement 2025-08-07 2025-08-12", "2025-08-15", ""),
    ("restarted under the old version", f"{FIVE} supplement_effect=restart || from=2025-08-10 amount=3 unit=working_day", "supplement 2025-08-07 2025-08-12", "2025-08-19", ""),
    ("restarted under a version for restarts", f"{TEN} || from=2025-08-06 governs=restart {FIVE}", "restart 2025-08-07 2025-08-08", "2025-08-15", ""),
    ("no restart, no new version", f"{TEN} || from=2025-08-06 governs=restart {FIVE}", "", "2025-08-18", ""),
    ("events change nothing backward", f"{FIVE} {BACK}", "stop 2025-08-01 2025-08-02", "2025-07-28", "event_void"),  # 1/8, 31-28/7
]  # fmt: skip


@pytest.mark.parametrize(("rule", "events", "due", "flags"), [e[1:] for e in EVENTS], ids=[e[0] for e in EVENTS])
def test_events(rule: str, events: str, due: str, flags: str) -> None:
    """Received Monday 4/8, looked at on 30/8."""
    check("vn-public", rule, "2025-08-04", {"events": events, "today": "2025-08-30"}, {"due": due, "flags": flags})


EXTENDED_MONTHS = [("start", "2025-03-31"), ("unrolled_end", "2025-03-28")]


@pytest.mark.parametrize(("start", "due"), EXTENDED_MONTHS)
def test_a_month_more_from_the_start_or_from_the_end(start: str, due: str) -> None:
    """A month from 31/1 ends on 28/2; two from 31/1 on 31/3, one from 28/2 on 28/3."""
    rule = f"amount=1 unit=month roll=none extension={start}"
    check("vn-public", rule, "2025-01-31", {"events": "extend 1 month 2025-02-10"}, {"due": due})


CHANGES = f"{TEN} || from=2025-08-11"  # Mon 18/8, then Mon 11/8
VERSIONS = [
    ("decided after", f"{CHANGES} governs=decision {FIVE}", {"finished": "2025-08-12"}, "2025-08-11", "late"),
    ("decided before", f"{CHANGES} governs=decision {FIVE}", {"finished": "2025-08-08"}, "2025-08-18", "early"),
    ("looked at before", f"{CHANGES} governs=decision {FIVE}", {"today": "2025-08-08"}, "2025-08-18", "running"),
    ("decided never", f"{CHANGES} governs=decision {FIVE}", {}, "2025-08-11", "unknown"),
    ("transitional, before", f"{CHANGES} governs=transitional transition_from=2025-08-13 {FIVE}", {"finished": "2025-08-12"}, "2025-08-18", "early"),
    ("transitional, after", f"{CHANGES} governs=transitional transition_from=2025-08-13 {FIVE}", {"finished": "2025-08-13"}, "2025-08-11", "late"),
    ("more favourable", f"{CHANGES} governs=more_favourable {FIVE}", {"today": "2025-08-11"}, "2025-08-11", "running"),
    ("more favourable, not yet", f"{CHANGES} governs=more_favourable {FIVE}", {"today": "2025-08-10"}, "2025-08-18", "running"),
    ("more favourable is the old one", f"{CHANGES} governs=more_favourable amount=20 unit=working_day", {"today": "2025-08-12"}, "2025-08-18", "running"),
    ("each day: ended before", f"{FIVE} || from=2025-08-13 governs=each_day amount=3 unit=working_day", {"today": "2025-08-11"}, "2025-08-11", "running"),
    ("each day: ends with the change", f"{TEN} || from=2025-08-13 governs=each_day amount=3 unit=working_day", {"today": "2025-08-11"}, "2025-08-13", "running"),  # 7/8 under the new one
    ("each day: the new one is longer", f"{TEN} || from=2025-08-13 governs=each_day amount=15 unit=working_day", {"today": "2025-08-11"}, "2025-08-25", "running"),
    ("not known before", f"{TEN} || from=2025-08-01 known_from=2025-08-15 until_known_from=2025-08-15 {FIVE}", {"known_at": "2025-08-14", "today": "2025-08-05"}, "2025-08-18", "running"),
    ("known since", f"{TEN} || from=2025-08-01 known_from=2025-08-15 until_known_from=2025-08-15 {FIVE}", {"known_at": "2025-08-15", "today": "2025-08-05"}, "2025-08-11", "running"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given", "due", "status"), [v[1:] for v in VERSIONS], ids=[v[0] for v in VERSIONS])
def test_versions(rule: str, given: dict[str, str], due: str, status: str) -> None:
    """Received Monday 4/8."""
    check("vn-public", rule, "2025-08-04", given, {"due": due, "status": status})


PROBLEMS = [
    ("not_in_force", f"until=2025-08-01 {FIVE}", {}),
    ("not_in_force", f"until=2025-08-01 {TEN} || from=2025-09-01 {FIVE}", {}),
    ("not_in_force", f"from=2025-08-05 {FIVE}", {}),
    ("start_event_missing", f"{FIVE} start_event=fee_paid", {}),
    ("start_event_missing", f"{FIVE} start_event=fee_paid", {"times": "fee_paid=2025-08-20"}),  # after today
    ("attribute_needed", f"{FIVE} + remote:add:10:working_day", {}),
    ("event_unreadable", FIVE, {"events": "stop 2025-08-07 2025-08-06"}),
    ("supplement_unruled", FIVE, {"events": "supplement 2025-08-06 2025-08-07"}),
    ("calendar_not_covered", "amount=900 unit=working_day", {}),
]


@pytest.mark.parametrize(("problem", "rule", "given"), PROBLEMS)
def test_problems_leave_no_answer(problem: str, rule: str, given: dict[str, str]) -> None:
    assert ask("vn-public", rule, "2025-08-04", today="2025-08-10", **given) == oracle.Answer(problem=problem)


def test_an_open_stop_promises_nothing() -> None:
    """5/8 was counted, 6 to 8/8 stand still, the last of them is the day looked at."""
    found = ask("vn-public", FIVE, "2025-08-04", today="2025-08-08", events="stop 2025-08-06 -")
    assert found == oracle.Answer(status="suspended", elapsed=1)


def test_a_finish_closes_an_open_stop() -> None:
    """Stopped 6, 7/8; 5, 8, 11, 12, 13/8."""
    found = ask("vn-public", FIVE, "2025-08-04", finished="2025-08-08", events="stop 2025-08-06 -")
    assert (found.due_date, found.status, found.margin, found.elapsed) == (date(2025, 8, 13), "early", 3, 2)


def test_a_stop_that_has_not_ended_by_today_is_open() -> None:
    found = ask("vn-public", FIVE, "2025-08-04", today="2025-08-08", events="stop 2025-08-06 2025-08-20")
    assert found.status == "suspended"


def test_a_case_that_is_never_refiled_was_finished_when_it_was_asked_for() -> None:
    found = ask("vn-public", REFILED, "2025-08-04", finished="2025-08-20", events="supplement 2025-08-07 -")
    assert (found.due_date, found.status, found.margin) == (date(2025, 8, 11), "early", 2)


def test_backward_a_finish_comes_before_the_event() -> None:
    found = ask("vn-public", f"{FIVE} {BACK}", "2025-08-11", finished="2025-08-01")
    assert (found.due_date, found.status, found.margin, found.problem) == (date(2025, 8, 4), "early", 1, None)


def test_a_half_day_is_one_working_day_of_margin_and_elapsed() -> None:
    """Due Mon 11/8; after Thu 7/8 come Fri 8/8 and the Monday."""
    found = ask("half-friday", f"amount=4 {HALF}=0.5", "2025-08-04", finished="2025-08-07")
    assert (found.margin, found.elapsed) == (2, 3)
    assert ask("half-friday", f"amount=4 {HALF}=0.5", "2025-08-04", finished="2025-08-08").elapsed == 4


def test_promises_are_judged_apart() -> None:
    """Due 11/8; the second promise is for 15/8 and told in time, on 9/8; finished on 14/8."""
    promises = "2025-08-11 2025-08-04; 2025-08-15 2025-08-09"
    found = ask("vn-public", FIVE, "2025-08-04", finished="2025-08-14", promises=promises)
    assert (found.status, found.promise_status, found.flags) == ("late", "early", {"promise_after_due"})


def test_a_third_promise_and_a_late_apology_are_flagged() -> None:
    promises = "2025-08-08 2025-08-04; 2025-08-09 2025-08-10; 2025-08-11 2025-08-11"
    found = ask("vn-public", FIVE, "2025-08-04", finished="2025-08-12", promises=promises)
    assert found.flags == {"second_reappointment", "late_apology"}
    assert found.promise_status == "late"


def test_grains_of_early_are_settings() -> None:
    rule = rule_text.rule(FIVE)
    friday = oracle.assess(CALENDARS["vn-public"], rule, date(2025, 8, 4), date(2025, 8, 8), early_from=2)
    assert (friday.margin, friday.status) == (1, "on_time")
    start, end = datetime(2025, 8, 4, 13), datetime(2025, 8, 5, 11)
    hours = oracle.assess(OFFICE, rule_text.rule(EIGHT), start, end, early_minutes_from=31)
    assert (hours.margin_minutes, hours.status) == (30, "on_time")


FAULTS = [
    ("amount=5 unit=working_days", "is not one of working_day"),
    ("amount=5 unit=working_day rolls=none", "'rolls' is not one of"),
    ("unit=working_day", "amount= is missing"),
    ("amount=five unit=working_day", "'five' is not a number"),
    (f"{FIVE} | and {FIVE}", "'and' is not one of then"),
    (f"{FIVE} + remote:add:10", "a modifier is"),
    (f"{FIVE} cut_time=15:00", "a cut-off needs"),
    (f"{FIVE} max_times=1", "need extension="),
    (f"{FIVE} | then {FIVE} from=2025-01-01", "'from' is not one of"),
    (f"{FIVE} amount=6", "each key once"),
]


@pytest.mark.parametrize(("text", "says"), FAULTS)
def test_a_misspelt_rule_is_an_error(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rule_text.versions(text, CALENDARS)


@pytest.mark.parametrize("text", ["halt 2025-08-04", "stop", "restart 2025-08-04 - -", "extend 3 day 2025-08-04"])
def test_a_misspelt_event_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"event|times|unit"):
        rule_text.events(text)
