"""The whole public API as a user writes it; mypy checks the types, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import slaengine as sla

assert_type(sla.__version__, str)

# Packs and engines.
assert_type(sla.shipped_packs(), list[str])
pack = sla.load_pack("vn-national")
assert_type(pack, sla.RulePack)
assert_type(sla.load_pack(Path("rules") / "mine", cache_dir="cache"), sla.RulePack)
assert_type(pack.digest, str)
assert_type(pack.levels, tuple[str, ...])
assert_type(pack.calendars, Mapping[str, sla.Calendar])
engine = sla.Engine(pack, basis=sla.Basis.STATUTORY, early_from=2)
assert_type(sla.Engine(pack, basis="commitment").digest, str)

# One record.
case = sla.Case(
    procedure="1.001193",
    level="commune",
    variant="",
    received_at=datetime.fromisoformat("2025-04-28T09:00"),
    finished_at=date(2025, 5, 5),
    case_id="H-1",
    attributes={"online": True},
)
outcome = engine.assess(case, today=date(2025, 5, 6))
assert_type(outcome, sla.Outcome)
assert_type(engine.assess(case, errors="return"), sla.Outcome)
assert_type(outcome.status, sla.Status)
assert_type(outcome.problem, sla.Problem)
assert_type(outcome.due_at, datetime | None)
assert_type(outcome.due_date, date | None)
assert_type(outcome.margin, int | None)
assert_type(outcome.days_saved, int | None)
assert_type(outcome.days_late, int | None)
assert_type(outcome.days_late_calendar, int | None)
assert_type(outcome.elapsed, int | None)
assert_type(outcome.rule_id, str | None)
assert_type(outcome.provisional, bool)
if outcome.rule is not None:
    assert_type(outcome.rule.limit, sla.TimeLimit)
    assert_type(outcome.rule.citations, tuple[sla.Citation, ...])

# Why.
explanation = engine.explain(outcome)
assert_type(explanation, sla.Explanation)
assert_type(explanation.text("vi"), str)
assert_type(explanation.html(), str)
assert_type(explanation.json(), str)

# Many records.
table: dict[str, list[str]] = {"procedure": ["1.001193"], "level": ["commune"], "open": ["2025-04-28"]}
assessed = sla.assess_table(
    table,
    engine,
    today=date(2025, 5, 6),
    columns={"received_at": "open"},
    values={"level": {"XÃ": "commune"}},
    prefix="our_",
    also=("provisional",),
)
assert_type(assessed, dict[str, Any])

# A calendar alone.
office = sla.Calendar(
    id="office",
    coverage=(date(2025, 1, 1), date(2026, 1, 1)),
    weekly_rest=("sunday", sla.WeeklyRest(since=date(2025, 7, 1), days=frozenset({"saturday"}))),
    days_off={date(2025, 5, 1): "Labour Day"},
    years=(sla.Year(year=2025, provisional=False),),
    make_up_days={date(2025, 4, 26): sla.DayNote(day=date(2025, 4, 26), kind="make_up_day")},
    office_hours=[
        sla.OfficeHours(since=date(2025, 1, 1), days=frozenset({"monday"}), segments=(sla.Segment(450, 690),))
    ],
)
days = np.array(["2025-04-30"], dtype="datetime64[D]")
assert_type(office.is_working_day(date(2025, 4, 30)), bool)
assert_type(office.is_working_day(days), NDArray[np.bool_])
assert_type(office.add_working_days(date(2025, 4, 30), -3), date)
assert_type(office.add_working_days(days, 3), NDArray[np.datetime64])
assert_type(office.working_days_between(date(2025, 4, 30), date(2025, 5, 5)), int)
assert_type(office.working_days_between(days, date(2025, 5, 5)), NDArray[np.int64])
assert_type(office.next_working_day(date(2025, 4, 30)), date)
assert_type(office.next_working_day(days), NDArray[np.datetime64])

# Words and errors.
limit = sla.TimeLimit(5, sla.Unit.WORKING_DAY)
assert_type(limit.amount, int)
assert_type(str(sla.Citation("civil-code-2015", "148", "5")), str)


def first_fault(folder: Path) -> sla.Fault | None:
    try:
        sla.load_pack(folder)
    except sla.RulePackError as error:
        assert_type(error.faults, tuple[sla.Fault, ...])
        return error.faults[0]
    except (sla.RuleNotFoundError, sla.NotInForceError, sla.CoverageError, sla.InputError, sla.SlaError) as error:
        assert_type(error.problem, sla.Problem)
        assert_type(error.hint, str)
    return None
