"""The whole public API as a user writes it; mypy checks the types, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, assert_type

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
assert_type(sla.Engine(pack, basis="commitment", early_minutes_from=30, known_at=date(2025, 7, 1)).digest, str)
assert_type(sla.Engine(pack, known_at="received"), sla.Engine)
assert_type(pack.competent_level("1.001193", "district", date(2025, 7, 1)), str)

# One record.
case = sla.Case(
    procedure="1.001193",
    level="commune",
    variant="",
    received_at=datetime.fromisoformat("2025-04-28T09:00"),
    finished_at=date(2025, 5, 5),
    case_id="H-1",
    attributes={"online": True, "verified": None},
    event_times={"fee_paid": date(2025, 4, 29), "verified": None},
    suspensions=[sla.Suspension(date(2025, 4, 29), None, "waiting", window_end=date(2025, 5, 9))],
    extensions=[sla.Extension(Decimal("1.5"), "working_day", datetime.fromisoformat("2025-05-02T10:00"))],
    restarts=(sla.Restart(date(2025, 4, 29)), sla.Restart(date(2025, 4, 29), at=date(2025, 5, 2))),
    supplements=[sla.Supplement(date(2025, 4, 29), at=None, window_end=date(2025, 5, 9))],
    first_promised_at=date(2025, 5, 5),
    promised_at=datetime.fromisoformat("2025-05-06T16:00"),
    promises=[sla.Promise(date(2025, 5, 5), told_at=date(2025, 4, 28)), sla.Promise(date(2025, 5, 6))],
    returned_at=date(2025, 5, 7),
    outcome="granted",
)
assert_type(case.suspensions, Sequence[sla.Suspension])
assert_type(case.suspensions[0].window_end, date | None)
assert_type(case.extensions[0].amount, int | Decimal)
assert_type(case.restarts[0].at, date | None)
assert_type(case.supplements[0].requested_at, date)
assert_type(case.promises[0].told_at, date | None)
assert_type(case.event_times, Mapping[str, date | None])
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
assert_type(outcome.margin_minutes, int | None)
assert_type(outcome.remaining, int | None)
assert_type(outcome.used_percent, int | None)
assert_type(outcome.next_change_at, datetime | None)
assert_type(outcome.flags, tuple[str, ...])
assert_type(outcome.promise_status, sla.Status | None)
assert_type(outcome.commitment, sla.Outcome | None)
assert_type(sla.Flag.EVENT_VOID, Literal[sla.Flag.EVENT_VOID])
if outcome.rule is not None:
    assert_type(outcome.rule.limit, sla.TimeLimit)
    assert_type(outcome.rule.citations, tuple[sla.Citation, ...])

# The steps inside a limit.
steps = engine.steps(case, {1: date(2025, 4, 29)}, today=date(2025, 5, 6))
assert_type(steps, list[sla.StepOutcome])
assert_type(steps[0].used_up, bool)
assert_type(steps[0].due_at, datetime | None)

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
    also=("provisional", "flags", "commitment"),
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
    special_days={date(2025, 4, 28): sla.DayNote(day=date(2025, 4, 28), kind="special_day", half=True)},
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

assert_type(office.known_at(date(2025, 4, 1)), sla.Calendar)

# Words and errors.
limit = sla.TimeLimit(5, sla.Unit.WORKING_DAY)
assert_type(limit.amount, int | Decimal)
assert_type(sla.TimeLimit(Decimal("3.5"), sla.Unit.WORKING_DAY), sla.TimeLimit)
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
