"""Requests about animals in Boston, 2013 to 2023: days off as the operator kept them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import numpy as np

from records.test_other_records import SHARED, assess, rows_of

TYPES = {"Bed Bugs", "Pest Infestation - Residential", "Pick up Dead Animal"}
AFTER_THE_RECORDS = date(2024, 1, 5)  # the last closing is of 4 January 2024
FLAG = {"early": "ONTIME", "on_time": "ONTIME", "running": "ONTIME", "late": "OVERDUE", "overdue": "OVERDUE"}


def local(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def requests() -> list[dict[str, str]]:
    return rows_of(SHARED / "boston311_animals_2013_2023" / "requests.csv.gz")


def judged(rows: list[dict[str, str]]) -> dict[str, Any]:
    return assess(
        "us-boston-311-animals",
        today=AFTER_THE_RECORDS,
        procedure=[row["type"] for row in rows],
        received_at=[local(row["open_local"]) for row in rows],
        finished_at=[local(row["closed_local"]) for row in rows],
    )


def with_level() -> list[dict[str, str]]:
    return [row for row in requests() if row["type"] in TYPES]


def seconds_off(rows: list[dict[str, str]], found: dict[str, Any]) -> Any:
    targets = np.array([row["target_local"] for row in rows], dtype="datetime64[s]")
    return np.abs((found["due_at"] - targets).astype(np.int64))


def test_targets_are_reproduced_within_minutes() -> None:
    rows = with_level()
    off = seconds_off(rows, judged(rows))
    assert len(rows) == 13878
    assert (int((off == 0).sum()), int((off <= 60).sum()), int((off <= 300).sum())) == (8914, 13828, 13855)
    assert (f"{(off <= 60).mean():.1%}", f"{(off <= 300).mean():.1%}") == ("99.6%", "99.8%")
    calendar_days = np.array([row["type"] != "Pick up Dead Animal" for row in rows])
    assert (int(calendar_days.sum()), int((off[calendar_days] <= 300).sum())) == (3082, 3082)


def test_two_days_off_explain_most_of_the_residue() -> None:
    rows = with_level()
    off = seconds_off(rows, judged(rows))
    opened = Counter(row["open_local"][:10] for row, gap in zip(rows, off, strict=True) if gap > 300)
    assert sum(opened.values()) == 23
    assert sum(opened[f"2018-12-{day}"] for day in (22, 23, 24, 25)) == 8  # Christmas Day was kept, alone in 2018
    assert sum(opened[f"2017-11-{day:02}"] for day in (8, 9, 10)) == 7  # Veterans Day was kept on the Friday


def test_flags_follow_from_the_computed_target() -> None:
    rows = with_level()
    found = judged(rows)
    backwards = [bool(r["closed_local"]) and r["closed_local"] < r["open_local"] for r in rows]
    assert (found["problem"] == "finished_before_received").tolist() == backwards
    pairs = Counter(
        (row["case_status"], row["on_time"], FLAG.get(status, status))
        for row, status in zip(rows, found["status"].tolist(), strict=True)
    )
    assert pairs == {
        ("Closed", "ONTIME", "ONTIME"): 11686,
        ("Closed", "OVERDUE", "OVERDUE"): 534,
        ("Open", "OVERDUE", "OVERDUE"): 1648,
        ("Closed", "ONTIME", "OVERDUE"): 2,
        ("Closed", "OVERDUE", "ONTIME"): 3,
        ("Closed", "ONTIME", "unknown"): 5,  # closed before they were opened
    }


def test_types_without_a_level_have_no_answer() -> None:
    rows = requests()
    unknown = judged(rows)["problem"] == "procedure_unknown"
    assert unknown.tolist() == [row["type"] not in TYPES for row in rows]
    assert (len(rows), int(unknown.sum())) == (31113, 17235)
    assert sum(bool(row["target_local"]) for row, none in zip(rows, unknown, strict=True) if none) == 3
