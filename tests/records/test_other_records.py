"""Due dates as others recorded them, reproduced by the small packs to the share that is known."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import slaengine as sla

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
CITY_TIME = "%m/%d/%Y %I:%M:%S %p"


def rows_of(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"{path} is not here; these records are not part of the repository")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def city_time(text: str) -> datetime | None:
    return datetime.strptime(text, CITY_TIME) if text else None


def assess(pack: str, today: date | None = None, **columns: list[Any]) -> dict[str, Any]:
    return dict(sla.assess_table(columns, sla.Engine(sla.load_pack(pack)), today=today))


def of_city(pack: str, rows: list[dict[str, str]], names: tuple[str, str, str], today: date) -> dict[str, Any]:
    procedure, received, finished = names
    return assess(
        pack,
        today=today,
        procedure=[row[procedure] for row in rows],
        received_at=[city_time(row[received]) for row in rows],
        finished_at=[city_time(row[finished]) for row in rows],
    )


# --- Baltimore ---------------------------------------------------------------------------------------------------------


def baltimore() -> tuple[list[dict[str, str]], dict[str, Any]]:
    rows = rows_of(SHARED / "baltimore311_2019" / "requests.csv.gz")
    return rows, of_city("us-baltimore-311", rows, ("SRType", "CreatedDate", "CloseDate"), date(2019, 10, 21))


def test_baltimore_is_reproduced_to_the_second() -> None:
    rows, found = baltimore()
    due = found["due_at"].astype("datetime64[s]").tolist()
    promised = [(mine, city_time(row["DueDate"])) for mine, row in zip(due, rows, strict=True) if row["DueDate"]]
    assert (len(rows), len(promised)) == (1490, 1459)
    assert [pair for pair in promised if pair[0] != pair[1]] == []


def test_baltimore_has_no_answer_where_the_city_has_none() -> None:
    rows, found = baltimore()
    unknown = found["problem"] == "procedure_unknown"
    assert unknown.tolist() == [not row["DueDate"] for row in rows]
    assert np.isnat(found["due_at"]).tolist() == unknown.tolist()


def test_baltimore_is_judged_as_its_own_times_say() -> None:
    rows, found = baltimore()
    for row, status in zip(rows, found["status"], strict=True):
        due, closed = city_time(row["DueDate"]), city_time(row["CloseDate"])
        if due and closed:
            assert (status == "late") == (closed > due), row


# --- New York ----------------------------------------------------------------------------------------------------------


def new_york() -> tuple[list[dict[str, str]], dict[str, Any]]:
    rows = rows_of(SHARED / "nyc311_dohmh" / "requests.csv.gz")
    names = ("Complaint Type", "Created Date", "Closed Date")
    return rows, of_city("us-nyc-311-health", rows, names, date(2018, 1, 31))


def test_new_york_is_reproduced_to_the_day() -> None:
    rows, found = new_york()
    recorded = [datetime.strptime(row["Due Date"], CITY_TIME).date() for row in rows]
    assert len(recorded) == 81
    assert found["due_date"].tolist() == recorded


def test_new_york_closings_before_the_creation_are_told() -> None:
    rows, found = new_york()
    backwards = [
        bool(row["Closed Date"]) and city_time(row["Closed Date"]) < city_time(row["Created Date"]) for row in rows
    ]
    assert (found["problem"] == "finished_before_received").tolist() == backwards
    assert sum(backwards) == 11


# --- Italy -------------------------------------------------------------------------------------------------------------


def fines() -> tuple[list[dict[str, str]], dict[str, Any]]:
    cases: dict[str, dict[str, str]] = {}
    for row in rows_of(SHARED / "road_traffic_fines" / "events.csv.gz"):
        cases.setdefault(row["case_id"], {}).setdefault(row["activity"], row["timestamp"])
    events = list(cases.values())
    found = assess(
        "it-road-fines",
        procedure=["road-fine-payment"] * len(events),
        received_at=[case["Create Fine"] for case in events],
        notified_at=[case.get("Insert Fine Notification", "") for case in events],
    )
    return events, found


def test_penalties_come_sixty_days_after_the_notification() -> None:
    events, found = fines()
    due = found["due_date"].tolist()
    fined = [n for n, case in enumerate(events) if "Add penalty" in case]
    penalties = [date.fromisoformat(events[n]["Add penalty"]) for n in fined]
    assert (len(events), len(fined)) == (5032, 2329)
    assert [due[n] for n in fined] == penalties
    assert 0.31 < sum(day.weekday() >= 5 for day in penalties) / len(penalties) < 0.35  # nothing rolls


def test_fines_that_were_not_notified_are_not_due() -> None:
    events, found = fines()
    waiting = ["Insert Fine Notification" not in case for case in events]
    assert sum(waiting) == 2703
    assert (found["problem"] == "start_event_missing").tolist() == waiting
    assert np.isnat(found["due_at"]).tolist() == waiting


# --- CISA --------------------------------------------------------------------------------------------------------------

CHANGE = date(2022, 2, 26)


def kev() -> tuple[list[dict[str, str]], list[date], list[date], dict[str, Any]]:
    rows = rows_of(ROOT / "examples" / "cisa_kev" / "kev.csv.gz")
    added = [date.fromisoformat(row["dateAdded"]) for row in rows]
    recorded = [date.fromisoformat(row["dueDate"]) for row in rows]
    found = assess(
        "us-cisa-kev",
        procedure=["known-exploited-vulnerability"] * len(rows),
        variant=["older_cve" if int(row["cveID"].split("-")[1]) < 2021 else "recent_cve" for row in rows],
        received_at=added,
        finished_at=recorded,  # as if everybody acted on the recorded day
    )
    return rows, added, recorded, found


def six_months_after(day: date) -> date:
    months = day.month + 5
    return date(day.year + months // 12, months % 12 + 1, day.day)


def test_the_example_is_the_shared_file() -> None:
    assert rows_of(ROOT / "examples" / "cisa_kev" / "kev.csv.gz") == rows_of(SHARED / "cisa_kev" / "kev.csv.gz")


def test_cisa_three_rules_give_nine_of_ten_due_dates() -> None:
    rows, added, recorded, found = kev()
    same = np.array([mine == theirs for mine, theirs in zip(found["due_date"].tolist(), recorded, strict=True)])
    assert (len(rows), int(same.sum())) == (722, 653)
    assert f"{same.mean():.1%}" == "90.4%"
    later = np.array([day >= date(2022, 8, 1) for day in added])
    assert f"{same[later].mean():.1%}" == "93.4%"
    flat = np.array([day + timedelta(days=21) for day in added]) == np.array(recorded)
    assert f"{flat.mean():.1%}" == "62.6%"
    assert (same[later] == flat[later]).all()


def test_cisa_six_months_are_months() -> None:
    rows, added, recorded, found = kev()
    half_years = [n for n in range(len(rows)) if 170 <= (recorded[n] - added[n]).days <= 190]
    assert len(half_years) == 132
    assert all(recorded[n] == six_months_after(added[n]) for n in half_years)
    assert {(recorded[n] - added[n]).days for n in half_years} == {181, 182, 184}
    due = found["due_date"].tolist()
    before = [n for n in half_years if added[n] < CHANGE]
    assert len(before) == 128
    assert all(due[n] == recorded[n] for n in before)
    after = [n for n in half_years if added[n] >= CHANGE]
    assert {added[n] for n in after} == {date(2022, 3, 7)}  # a batch after the change, not explained
    assert all(due[n] == added[n] + timedelta(days=21) for n in after)


def test_cisa_due_before_added_is_told() -> None:
    _, added, recorded, found = kev()
    backwards = [due < start for due, start in zip(recorded, added, strict=True)]
    assert sum(backwards) == 8
    assert (found["problem"] == "finished_before_received").tolist() == backwards
    assert set(found["status"][backwards]) == {"unknown"}
    assert not np.isnat(found["due_date"]).any()


def test_cisa_residue_is_counted() -> None:
    _, added, recorded, found = kev()
    due = found["due_date"].tolist()
    off = [n for n in range(len(due)) if due[n] != recorded[n]]
    spans = Counter((recorded[n] - added[n]).days for n in off if recorded[n] >= added[n])
    assert sum(spans.values()) == 61
    assert {14: spans[14], 184: spans[184]} == {14: 36, 184: 4}
    assert sum(count for days, count in spans.items() if days not in {14, 184}) == 21


# --- all of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "it-road-fines",
        "nl-wabo-receipt",
        "us-baltimore-311",
        "us-cisa-kev",
        "us-nyc-311-health",
        "us-nyc-hpd-violations",
    ],
)
def test_every_year_of_these_calendars_is_marked_provisional(name: str) -> None:
    [calendar] = sla.load_pack(name).calendars.values()
    assert all(year.provisional for year in calendar.years)
