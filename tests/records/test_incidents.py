"""Flags of one company's incidents, reproduced by limits in hours of the week's working days and in elapsed hours."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

from records.test_other_records import SHARED, assess, rows_of

MIDNIGHT = time()
ELAPSED = {"1": timedelta(hours=6, minutes=22, seconds=48)}  # 6.38 h
WEEKDAYS = {
    "3": timedelta(hours=153, minutes=22, seconds=12),  # 153.37 h
    "4": timedelta(hours=345, minutes=34, seconds=12),  # 345.57 h
}


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M")


def incidents() -> list[dict[str, str]]:
    """The last event of each incident: its flag is final."""
    last: dict[str, dict[str, str]] = {}
    for row in rows_of(SHARED / "itsm_incidents" / "events.csv.gz"):
        known = last.setdefault(row["number"], row)
        if int(row["sys_mod_count"]) >= int(known["sys_mod_count"]):
            last[row["number"]] = row
    return list(last.values())


def judged(rows: list[dict[str, str]]) -> dict[str, Any]:
    return assess(
        "itsm-incidents",
        procedure=[f"priority-{row['priority']}" for row in rows],
        received_at=[moment(row["opened_at"]) for row in rows],
        finished_at=[moment(row["closed_at"]) for row in rows],
    )


def on_weekdays(start: datetime, end: datetime) -> timedelta:
    """What passes between the two on Monday to Friday."""
    passed, day = timedelta(), datetime.combine(start.date(), MIDNIGHT)
    while day < end:
        if day.weekday() < 5:
            passed += min(end, day + timedelta(days=1)) - max(start, day)
        day += timedelta(days=1)
    return passed


def made(row: dict[str, str]) -> bool:
    """The rule as it was read off, without the engine."""
    priority, opened, closed = row["priority"], moment(row["opened_at"]), moment(row["closed_at"])
    if priority in ELAPSED:
        return closed - opened <= ELAPSED[priority]
    return priority in WEEKDAYS and on_weekdays(opened, closed) <= WEEKDAYS[priority]


def test_flags_of_incidents_are_reproduced() -> None:
    rows = incidents()
    found = judged(rows)
    assert set(found["problem"].tolist()) == {None}
    mine = [status in {"early", "on_time"} for status in found["status"].tolist()]
    assert mine == list(map(made, rows))
    same = [kept == (row["made_sla"] == "True") for kept, row in zip(mine, rows, strict=True)]
    assert (len(rows), sum(same)) == (12350, 12268)
    assert f"{sum(same) / len(rows):.1%}" == "99.3%"
    assert sum(row["made_sla"] == "False" for row in rows) == 4506


def test_flags_of_each_priority_are_reproduced_to_their_share() -> None:
    rows = incidents()
    late = judged(rows)["status"] == "late"
    same = [row["priority"] for row, missed in zip(rows, late, strict=True) if missed == (row["made_sla"] == "False")]
    assert Counter(row["priority"] for row in rows) == {"1": 132, "2": 201, "3": 11649, "4": 368}
    assert Counter(same) == {"1": 132, "2": 200, "3": 11569, "4": 367}


def test_hundredths_of_an_hour_are_seconds() -> None:
    opened = datetime(2016, 3, 1, 8)  # a Tuesday
    found = assess("itsm-incidents", procedure=[f"priority-{n}" for n in (1, 2, 3, 4)], received_at=[opened] * 4)
    assert found["due_at"].astype("datetime64[s]").tolist() == [
        datetime(2016, 3, 1, 14, 22, 48),
        opened,
        datetime(2016, 3, 9, 17, 22, 12),
        datetime(2016, 3, 21, 17, 34, 12),
    ]
