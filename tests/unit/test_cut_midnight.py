"""Greenland's clocks skip the last hour of a Saturday: a limit to the end of that day ends an hour sooner, everywhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import oracle
import slaengine as sla
from clock_worlds import CalendarData, Limit, World

ZONE, SKIPPED = "America/Nuuk", date(2024, 3, 30)
LAST = datetime(2024, 3, 30, 22, 59, 59)
FINISHED = datetime(2024, 6, 1, 12)
RECEIVED = [
    datetime(2024, 3, 18, 9) + timedelta(days=day, minutes=late)
    for day in range(14)
    for late in (0, 870)
    if not (late and day == 12)
]
STOPS: list[list[tuple[datetime, datetime]]] = [
    [],
    [(datetime(2024, 3, 20, 10), datetime(2024, 3, 24, 9))],
    [(datetime(2024, 3, 28, 10), datetime(2024, 3, 30, 9)), (datetime(2024, 3, 30, 22), datetime(2024, 3, 31, 8))],
]


def rule(unit: str, due_time: str) -> oracle.Rule:
    return oracle.Rule(5, unit, "as_is", "next_day", "none", "last_day", due_time)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    calendar = CalendarData("nuuk", ["sunday"], (date(2024, 1, 1), date(2025, 1, 1)), ZONE)
    rules = {"days": rule("calendar_day", "end_of_day"), "same": rule("calendar_day", "same_time")}
    rules["works"] = rule("working_day", "end_of_day")
    limits = {code: Limit("nuuk", (oracle.Version(each, date.min),)) for code, each in rules.items()}
    world = World({"nuuk": calendar}, {"nuuk": calendar.for_oracle()})
    path: Path = world.write_pack(tmp_path_factory.mktemp("packs") / "nuuk", limits, ZONE)
    return sla.Engine(sla.load_pack(path))


def alone(engine: sla.Engine, code: str, received: datetime, stops: list[tuple[datetime, datetime]]) -> datetime | None:
    suspensions = [sla.Suspension(*stop) for stop in stops]
    case = sla.Case(procedure=code, received_at=received, finished_at=FINISHED, suspensions=suspensions)
    return engine.assess(case).due_at


def test_the_last_second_of_that_day_is_the_last_there_was(engine: sla.Engine) -> None:
    assert alone(engine, "days", datetime(2024, 3, 25, 9), []) == LAST
    assert (
        alone(engine, "days", datetime(2024, 3, 21, 9), [(datetime(2024, 3, 22, 10), datetime(2024, 3, 26, 9))]) == LAST
    )


@pytest.mark.parametrize("codes", [("days",), ("works",), ("days", "same"), ("same", "works", "days")])
@pytest.mark.parametrize("stops", [STOPS[:1], STOPS[:2], STOPS])
def test_a_batch_says_so_whatever_lies_beside_it(
    engine: sla.Engine, codes: tuple[str, ...], stops: list[list[tuple[datetime, datetime]]]
) -> None:
    cases = [(code, received, stop) for received in RECEIVED for code in codes for stop in stops]
    found = sla.assess_table(
        {
            "procedure": [code for code, _, _ in cases],
            "received_at": [received for _, received, _ in cases],
            "finished_at": [FINISHED] * len(cases),
            "suspensions": [[{"start": a, "end": b} for a, b in stop] or None for _, _, stop in cases],
        },
        engine,
    )
    due = found["due_at"].astype("datetime64[s]").tolist()
    assert due == [alone(engine, *case) for case in cases]
    assert all(each.date() != SKIPPED or each <= LAST for each in due)
