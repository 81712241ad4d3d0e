"""Records whose version is chosen by more than the receipt, in one batch with others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import oracle
import slaengine as sla
from clock_worlds import CalendarData, Limit, World

RECEIVED, ASKED = datetime(2025, 3, 3, 9), datetime(2025, 3, 4, 10)


def version(effect: str, since: date = date.min, governs: str = "receipt") -> oracle.Version:
    rule = oracle.Rule(9, "calendar_day", "as_is", "next_day", "none", "last_day", "end_of_day")
    return oracle.Version(replace(rule, supplement_effect=effect), since, None, governs)


def test_no_other_limit_is_asked_whether_a_case_is_closed(tmp_path: Path) -> None:
    """Of a case that waits for documents, the first limit of the pack would say that it was closed to be filed anew."""
    calendar = CalendarData("days", ["sunday"], (date(2025, 1, 1), date(2026, 1, 1)))
    until = replace(version("suspend"), effective_until=date(2025, 6, 1))
    limits = {
        "a-refiles": Limit("days", (version("close_and_refile"),)),
        "b-chosen": Limit("days", (until, version("suspend", date(2025, 6, 1), "decision"))),
        "c-restarts": Limit("days", (version("restart"),)),
    }
    world = World({"days": calendar}, {"days": calendar.for_oracle()})
    engine = sla.Engine(sla.load_pack(world.write_pack(tmp_path / "pack", limits)))
    asked = sla.Supplement(ASKED, None)
    cases = [sla.Case(procedure=code, received_at=RECEIVED, supplements=[asked]) for code in ("b-chosen", "c-restarts")]
    alone = [engine.assess(case, today=date(2025, 3, 20)) for case in cases]
    found = sla.assess_table(
        {
            "procedure": [case.procedure for case in cases],
            "received_at": [RECEIVED] * 2,
            "finished_at": [None] * 2,
            "supplements": [[{"requested_at": ASKED}]] * 2,
        },
        engine,
        today=date(2025, 3, 20),
    )
    assert found["status"].tolist() == [str(outcome.status) for outcome in alone] == ["suspended"] * 2
