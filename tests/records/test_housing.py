"""Housing violations of New York: a chain of two due dates, the second counted from the first."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from records.test_other_records import SHARED, assess, rows_of

CORRECT = {"A": timedelta(days=95), "B": timedelta(days=35), "C": timedelta(days=8)}
CERTIFY = {"A": timedelta(days=14), "B": timedelta(days=14), "C": timedelta(days=5)}

Violation = tuple[str, date, date, date]  # class, notice, recorded correct-by and certify-by date


def violations() -> list[Violation]:
    names = ("novissueddate", "originalcorrectbydate", "originalcertifybydate")
    return [
        (row["class"], *(datetime.strptime(row[name], "%m/%d/%Y").date() for name in names))  # type: ignore[misc]
        for row in rows_of(SHARED / "nyc_hpd_violations" / "violations.csv.gz")
    ]


def due_dates(procedure: str, rows: list[Violation], **columns: list[Any]) -> list[date]:
    found = assess(
        "us-nyc-hpd-violations",
        procedure=[procedure] * len(rows),
        variant=[row[0] for row in rows],
        received_at=[row[1] for row in rows],
        **columns,
    )
    due: list[date] = found["due_date"].tolist()
    return due


def test_correct_by_is_counted_from_the_notice() -> None:
    rows = violations()
    due = due_dates("correct", rows)
    assert due == [notice + CORRECT[kind] for kind, notice, _, _ in rows]
    off = Counter((row[0], (row[2] - mine).days) for row, mine in zip(rows, due, strict=True))
    assert (len(rows), sum(count for (_, days), count in off.items() if not days)) == (47, 39)
    assert f"{39 / 47:.1%}" == "83.0%"
    assert {key: count for key, count in off.items() if key[1]} == {
        ("A", 13): 2,
        ("B", 13): 3,
        ("B", 7): 2,
        ("C", -10): 1,
    }


def test_certify_by_is_counted_from_the_recorded_correct_by_date() -> None:
    rows = violations()
    due = due_dates("certify", rows, correct_by_at=[row[2] for row in rows])
    assert due == [correct_by + CERTIFY[kind] for kind, _, correct_by, _ in rows]
    same = [mine == row[3] for row, mine in zip(rows, due, strict=True)]
    assert sum(same) == 46
    assert f"{46 / 47:.1%}" == "97.9%"
    assert [row[0] for row, fits in zip(rows, same, strict=True) if not fits] == ["C"]
    assert sum(row[3].weekday() >= 5 for row in rows) == 3  # recorded at a weekend: nothing rolls


def test_the_whole_chain_is_counted_from_the_notice() -> None:
    rows = violations()
    due = due_dates("certify-from-notice", rows)
    assert due == [notice + CORRECT[kind] + CERTIFY[kind] for kind, notice, _, _ in rows]
    assert sum(mine == row[3] for row, mine in zip(rows, due, strict=True)) == 39


def test_without_a_correct_by_date_there_is_no_certify_by_date() -> None:
    rows = violations()
    found = assess(
        "us-nyc-hpd-violations",
        procedure=["certify"] * len(rows),
        variant=[row[0] for row in rows],
        received_at=[row[1] for row in rows],
        correct_by_at=[None] * len(rows),
    )
    assert set(found["problem"].tolist()) == {"start_event_missing"}
