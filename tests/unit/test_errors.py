"""Every problem has its number, its words, its exception and a hint that says what to do."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import pytest

import oracle
import slaengine as sla
import worlds
from slaengine.errors import PROBLEMS, Empties, describe

CODES = {
    "none": 0,
    "procedure_missing": 1,
    "procedure_unknown": 2,
    "level_missing": 3,
    "level_unknown": 4,
    "variant_needed": 5,
    "variant_unknown": 6,
    "received_missing": 7,
    "received_unreadable": 8,
    "nonexistent_time": 9,
    "not_in_force": 10,
    "time_needed": 11,
    "attribute_needed": 12,
    "no_closing_time": 13,
    "calendar_not_covered": 14,
    "no_such_day": 15,
    "finished_unreadable": 16,
    "finished_before_received": 17,
    "received_after_today": 18,
    "margin_not_covered": 19,
    "today_needed": 20,
    "start_event_missing": 21,
    "event_unreadable": 22,
    "supplement_unruled": 23,
    "stop_before_extension": 24,
}
FLAGS = {
    "event_void": 1,
    "extension_void": 2,
    "second_supplement": 4,
    "promise_after_due": 8,
    "second_reappointment": 16,
    "late_apology": 32,
    "commitment_after_due": 64,
}
STATUSES = {"unknown": 0, "early": 1, "on_time": 2, "late": 3, "running": 4, "overdue": 5, "suspended": 6}

MON_JUL_7, TUE_JUL_8 = date(2025, 7, 7), date(2025, 7, 8)
FRI_JAN_31 = date(2025, 1, 31)
WED_MAR_4 = datetime.fromisoformat("2015-03-04T10:15")
SKIPPED = datetime.fromisoformat("2015-03-08T02:30")


class Asked(NamedTuple):
    problem: str
    error: type[sla.SlaError]
    engine: str
    case: dict[str, object]
    today: date | None
    hint: str


VN = {"procedure": "1.004837", "level": "commune", "received_at": MON_JUL_7}
US = {"procedure": "Empty Litter Basket", "received_at": WED_MAR_4}
ODD = {"level": "office", "received_at": FRI_JAN_31}
STOPPED = sla.Suspension(MON_JUL_7, FRI_JAN_31)
ASKED_FOR = sla.Supplement(TUE_JUL_8, date(2025, 7, 9))
TWO_MORE = sla.Extension(2, "week", date(2025, 2, 2))
ASKED = [
    Asked("procedure_missing", sla.InputError, "vn", {**VN, "procedure": ""}, None, "the code of a procedure"),
    Asked("procedure_unknown", sla.RuleNotFoundError, "vn", {**VN, "procedure": "1.04837"}, None, "1.004837"),
    Asked("level_missing", sla.InputError, "vn", {**VN, "level": ""}, None, "1.004837 has commune"),
    Asked("level_unknown", sla.RuleNotFoundError, "vn", {**VN, "level": "ward"}, None, "'ward'; 1.004837 has commune"),
    Asked("variant_needed", sla.InputError, "odd", {**ODD, "procedure": "variants"}, None, "there is 'online'"),
    Asked("variant_unknown", sla.RuleNotFoundError, "vn", {**VN, "variant": "x"}, None, "given 'x'; there is ''"),
    Asked("nonexistent_time", sla.InputError, "us", {**US, "received_at": SKIPPED}, None, "existed in the pack's zone"),
    Asked(
        "not_in_force",
        sla.NotInForceError,
        "vn",
        {**VN, "procedure": "1.001669", "level": "district"},
        None,
        "in force from 2016-01-01 until 2018-06-21 (exclusive), from 2018-06-21 until 2025-07-01 (exclusive)",
    ),
    Asked("time_needed", sla.InputError, "us", {**US, "received_at": date(2015, 3, 4)}, None, "give a datetime"),
    Asked(
        "attribute_needed",
        sla.InputError,
        "odd",
        {**ODD, "procedure": "attribute", "received_at": datetime.fromisoformat("2025-01-31T09:00")},
        None,
        "give 'online' as true or false in attributes",
    ),
    Asked("no_closing_time", sla.InputError, "odd", {**ODD, "procedure": "closing"}, None, "rolls nowhere"),
    Asked("no_such_day", sla.InputError, "odd", {**ODD, "procedure": "month"}, None, "refuses to choose"),
    Asked(
        "calendar_not_covered",
        sla.CoverageError,
        "vn",
        {**VN, "procedure": "2.001035", "received_at": date(2027, 12, 31)},
        None,
        "vn-public covers 2013-01-01 to 2028-01-01 (exclusive)",
    ),
    Asked("finished_unreadable", sla.InputError, "us", {**US, "finished_at": SKIPPED}, None, "existed in the pack's"),
    Asked(
        "finished_before_received",
        sla.InputError,
        "vn",
        {**VN, "received_at": TUE_JUL_8, "finished_at": MON_JUL_7},
        None,
        "check the two times",
    ),
    Asked("received_after_today", sla.InputError, "vn", {**VN, "received_at": TUE_JUL_8}, MON_JUL_7, "check today"),
    Asked("start_event_missing", sla.InputError, "odd", {**ODD, "procedure": "paid"}, None, "the time of 'fee_paid'"),
    Asked("event_unreadable", sla.InputError, "vn", {**VN, "suspensions": [STOPPED]}, None, "check the times of its"),
    Asked("supplement_unruled", sla.InputError, "vn", {**VN, "supplements": [ASKED_FOR]}, None, "a suspension or a"),
    Asked(
        "stop_before_extension",
        sla.InputError,
        "odd",
        {
            **ODD,
            "procedure": "longer",
            "suspensions": [sla.Suspension(date(2025, 2, 3), date(2025, 2, 5))],
            "extensions": [TWO_MORE],
        },
        None,
        "no text says",
    ),
]


def rule(unit: str, **changed: object) -> oracle.Rule:
    usual = {
        "deems": "as_is",
        "count_from": "next_day",
        "roll": "none",
        "month_end": "refuse",
        "due_time": "end_of_day",
    }
    return oracle.Rule(amount=1, unit=unit, **{**usual, **changed})


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    """Rules that ask for what the shipped packs do not."""
    midnight = oracle.CutOff(inclusive=True, effect="day_zero", time=time(0), applies_if="online")
    rules = {
        "variants": ("office", rule("working_day")),
        "attribute": ("office", rule("working_day", cut_off=midnight)),
        "closing": ("office", rule("calendar_day", due_time="close_of_business")),
        "month": ("office", rule("month")),
        "paid": ("office", rule("working_day")),
        "longer": ("office", rule("working_day")),
    }
    folder = worlds.write_pack(tmp_path_factory.mktemp("packs") / "odd", rules)
    limits = (folder / "limits.csv").read_text(encoding="utf-8").replace("variants,office,,", "variants,office,online,")
    paid = [line.replace("received", "fee_paid") if line.startswith("paid") else line for line in limits.splitlines()]
    (folder / "limits.csv").write_text("\n".join(paid) + "\n", encoding="utf-8")
    conventions = (folder / "conventions.toml").read_text(encoding="utf-8")
    longer = '["c-longer".extension]\ncitation = "v:1"\nfrom = "unrolled_end"\n'
    (folder / "conventions.toml").write_text(f"{conventions}\n{longer}", encoding="utf-8")
    return sla.Engine(sla.load_pack(folder))


@pytest.fixture
def engines(vn: sla.Engine, us: sla.Engine, odd: sla.Engine) -> dict[str, sla.Engine]:
    return {"vn": vn, "us": us, "odd": odd}


def test_numbers_on_disk_never_change() -> None:
    assert {str(problem): int(problem) for problem in sla.Problem} == CODES
    assert {str(status): int(status) for status in sla.Status} == STATUSES
    assert {str(flag.name).lower(): int(flag) for flag in sla.Flag} == FLAGS


def test_every_problem_has_its_words_in_both_languages() -> None:
    assert set(PROBLEMS) == set(sla.Problem)
    for language in ("en", "vi"):
        words = [describe(problem, language) for problem in sla.Problem]
        assert all(words)
        assert len(set(words)) == len(words)
    assert all(entry.en != entry.vi for entry in PROBLEMS.values())


def test_every_problem_that_raises_is_asked_for_here() -> None:
    raising = {str(problem) for problem, entry in PROBLEMS.items() if entry.error}
    assert raising == {asked.problem for asked in ASKED} | {"received_missing", "received_unreadable"}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.problem)
def test_a_problem_raises_its_error_with_a_hint(asked: Asked, engines: dict[str, sla.Engine]) -> None:
    case = sla.Case(**asked.case, case_id="H-1")  # type: ignore[arg-type]
    with pytest.raises(asked.error, match=re.escape(asked.hint)) as caught:
        engines[asked.engine].assess(case, today=asked.today)
    assert type(caught.value) is asked.error
    assert caught.value.problem is sla.Problem[asked.problem.upper()]
    assert asked.hint in caught.value.hint
    assert str(caught.value).startswith(f"case 'H-1': {describe(caught.value.problem)}; ")


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.problem)
def test_returned_instead_of_raised_it_is_the_same_problem(asked: Asked, engines: dict[str, sla.Engine]) -> None:
    case = sla.Case(**asked.case)  # type: ignore[arg-type]
    outcome = engines[asked.engine].assess(case, today=asked.today, errors="return")
    assert (str(outcome.problem), outcome.status, outcome.margin) == (asked.problem, sla.Status.UNKNOWN, None)
    assert (outcome.due_at is None) == (PROBLEMS[outcome.problem].empties is Empties.EVERYTHING)
    assert outcome.case is case


def test_near_names_are_near(vn: sla.Engine) -> None:
    with pytest.raises(sla.RuleNotFoundError) as caught:
        vn.assess(sla.Case(procedure="1.00483", level="commune", received_at=MON_JUL_7))
    assert "near ones: 1.004837" in caught.value.hint
    with pytest.raises(sla.RuleNotFoundError) as caught:
        vn.assess(sla.Case(procedure="birth", level="commune", received_at=MON_JUL_7))
    assert caught.value.hint == "pack vn-national has no 'birth'"


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ({"received_at": "2025-07-07"}, "received_unreadable"),
        ({"received_at": 20250707}, "received_unreadable"),
        ({"received_at": None}, "received_missing"),
        ({"received_at": MON_JUL_7, "finished_at": "tomorrow"}, "finished_unreadable"),
    ],
)
def test_a_case_takes_times_only(times: dict[str, object], problem: str) -> None:
    with pytest.raises(sla.InputError, match=r"give a datetime\.date or a datetime\.datetime") as caught:
        sla.Case(procedure="1.004837", **times)  # type: ignore[arg-type]
    assert str(caught.value.problem) == problem


def test_problems_that_only_empty_columns_do_not_raise(vn: sla.Engine) -> None:
    case = {**VN, "procedure": "2.001035", "received_at": date(2027, 12, 20)}
    late = vn.assess(sla.Case(**case, finished_at=date(2028, 1, 5)))  # type: ignore[arg-type]
    assert (str(late.status), str(late.problem), late.due_date) == ("late", "margin_not_covered", date(2027, 12, 22))
    assert (late.margin, late.days_late, late.days_late_calendar, late.elapsed) == (None, None, None, None)
    waiting = vn.assess(sla.Case(**case))  # type: ignore[arg-type]
    assert (str(waiting.status), str(waiting.problem)) == ("unknown", "today_needed")
    assert waiting.due_date == date(2027, 12, 22)


@pytest.mark.parametrize("settings", [{"basis": "promised"}, {"basis": "commitment"}])
def test_an_engine_without_rules_to_judge_by_is_refused(settings: dict[str, str], vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=settings["basis"]):
        sla.Engine(vn.pack, **settings)  # type: ignore[arg-type]


def test_an_unknown_pack_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(sla.InputError, match=f"no pack 'vn-nation'; .*{', '.join(sla.shipped_packs())}"):
        sla.load_pack("vn-nation")
    with pytest.raises(sla.InputError, match="give a folder with a pack"):
        sla.load_pack(tmp_path)
