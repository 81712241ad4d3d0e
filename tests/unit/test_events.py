"""What happened to a clock: how a case and a column say it, and what cannot be read."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import slaengine as sla
from slaengine import record
from slaengine.events import MICRO, NEVER_ENDED, Kind, events_of
from slaengine.promises import promise_flags, promises_of
from slaengine.vocabulary import Problem

Made = Callable[..., sla.Engine]
at = datetime.fromisoformat
MON, TUE, WED, THU, FRI = (date(2025, 8, day) for day in range(4, 9))
MON_11 = date(2025, 8, 11)
FIVE = "amount=5 unit=working_day supplement_effect=suspend extension=unrolled_end"
HOURS = "amount=8 unit=working_hour count_from=instant due_time=exact roll=none"


def case(procedure: str = "five", received_at: date = MON, **more: Any) -> sla.Case:
    return sla.Case(procedure=procedure, received_at=received_at, **more)


# --- a case


@pytest.mark.parametrize(
    "wrong",
    [
        {"suspensions": [WED]},
        {"suspensions": [(WED, THU)]},
        {"suspensions": [sla.Restart(WED)]},
        {"extensions": [sla.Suspension(WED)]},
        {"restarts": [sla.Supplement(WED)]},
        {"supplements": [sla.Restart(WED)]},
        {"promises": [WED]},
        {"promises": [{"promised_at": WED}]},
    ],
    ids=str,
)
def test_a_case_refuses_what_is_no_event_of_that_list(wrong: dict[str, Any]) -> None:
    [name] = wrong
    with pytest.raises(sla.InputError, match=f"{name} are .*; give a list of {name[:-1].title()}"):
        case(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"promised_at": "2025-08-06"},
        {"first_promised_at": 20250806},
        {"promises": [sla.Promise("2025-08-06")]},
        {"promises": [sla.Promise(WED), sla.Promise(THU, "2025-08-06")]},
        {"event_times": {"fee_paid": "2025-08-05"}},
    ],
    ids=str,
)
def test_a_case_refuses_what_is_no_time(wrong: dict[str, Any]) -> None:
    with pytest.raises(sla.InputError, match=r"give a datetime\.date or a datetime\.datetime"):
        case(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"suspensions": 3}, {"promises": 3}, {"event_times": None}, {"event_times": [WED]}], ids=str
)
def test_a_case_refuses_what_is_no_list(wrong: dict[str, Any]) -> None:
    with pytest.raises(sla.InputError, match="give a"):
        case(**wrong)


@pytest.mark.parametrize("nothing", [(), [], None])
def test_a_case_may_have_no_events(nothing: Any) -> None:
    for name in ("suspensions", "extensions", "restarts", "supplements", "promises"):
        assert not case(**{name: nothing}).has_events


def test_a_case_that_was_only_promised_has_no_events() -> None:
    assert not case(promises=[sla.Promise(WED)], first_promised_at=WED, promised_at=THU).has_events
    for name, event in (
        ("suspensions", sla.Suspension(WED)),
        ("extensions", sla.Extension(1, "week", WED)),
        ("restarts", sla.Restart(WED)),
        ("supplements", sla.Supplement(WED)),
    ):
        assert case(**{name: [event]}).has_events


@pytest.mark.parametrize(
    "wrong",
    [
        {"suspensions": [sla.Suspension("2025-08-05")]},
        {"suspensions": [sla.Suspension(TUE, 20250806)]},
        {"suspensions": [sla.Suspension(WED, TUE)]},
        {"suspensions": [sla.Suspension(TUE, None, "", MON)]},
        {"restarts": [sla.Restart(TUE, MON)]},
        {"restarts": [sla.Restart(None)]},
        {"supplements": [sla.Supplement(TUE, MON)]},
        {"extensions": [sla.Extension(1, "fortnight", TUE)]},
        {"extensions": [sla.Extension(1, ["week"], TUE)]},
        {"extensions": [sla.Extension(1, "week", None)]},
        {"extensions": [sla.Extension(1.5, "week", TUE)]},
        {"extensions": [sla.Extension(True, "week", TUE)]},
        {"extensions": [sla.Extension("1", "week", TUE)]},
        {"extensions": [sla.Extension(Decimal("nan"), "week", TUE)]},
        {"extensions": [sla.Extension(Decimal("0.0000001"), "working_hour", TUE)]},
        {"extensions": [sla.Extension(10**9, "working_day", TUE)]},
    ],
    ids=str,
)
def test_an_event_that_makes_no_sense_leaves_no_answer(wrong: dict[str, Any], engine_of: Made) -> None:
    engine = engine_of(five=FIVE)
    with pytest.raises(sla.InputError, match="a clock event cannot be read, or ends before it begins") as caught:
        engine.assess(case(**wrong), today=FRI)
    assert caught.value.problem is sla.Problem.EVENT_UNREADABLE
    found = engine.assess(case(**wrong), today=FRI, errors="return")
    assert (found.due_at, found.status, found.margin, found.flags) == (None, sla.Status.UNKNOWN, None, ())


def test_an_event_after_today_is_ignored_however_wrong_it_is(engine_of: Made) -> None:
    engine, ahead = engine_of(five=FIVE), sla.Suspension(date(2025, 9, 3), date(2025, 9, 1))
    assert engine.assess(case(suspensions=[ahead]), today=FRI).due_date == MON_11


def test_events_are_sorted_and_a_wait_comes_before_its_own_restart() -> None:
    told = case(
        suspensions=[sla.Suspension(WED, window_end=FRI), sla.Suspension(TUE, THU, "ill", WED)],
        extensions=[sla.Extension(Decimal("1.5"), "week", WED)],
        restarts=[sla.Restart(WED, WED), sla.Restart(THU)],
        supplements=[sla.Supplement(MON, FRI, THU)],
    )
    found = events_of(told, lambda moment: moment.day)
    assert [(e.time, e.kind, e.end) for e in found] == [
        (4, Kind.STOP, 7),
        (5, Kind.STOP, 6),
        (6, Kind.STOP, 6),
        (6, Kind.RESTART, 6),
        (6, Kind.EXTENSION, 6),
        (6, Kind.STOP, 8),
        (7, Kind.STOP, NEVER_ENDED),
        (8, Kind.RESTART, 8),
    ]
    assert [e.amount for e in found if e.kind == Kind.EXTENSION] == [MICRO * 3 // 2]
    assert [bool(e.supplement) for e in found] == [True, *[False] * 6, True]
    assert all(e.dated for e in found)


def test_dates_do_not_stop_a_clock_that_counts_hours(engine_of: Made) -> None:
    engine, received = engine_of(hours=HOURS), at("2025-08-04T07:30:00")
    for events in ({"suspensions": [sla.Suspension(TUE)]}, {"extensions": [sla.Extension(1, "working_hour", MON)]}):
        with pytest.raises(sla.InputError, match="give a datetime"):
            engine.assess(case("hours", received, **events), today=FRI)
    stopped = sla.Suspension(at("2025-08-04T10:00:00"), at("2025-08-04T11:00:00"))
    assert engine.assess(case("hours", received, suspensions=[stopped])).due_at == at("2025-08-05T08:30:00")


def test_a_stop_past_the_coverage_leaves_no_due_day_even_where_nothing_rolls(engine_of: Made) -> None:
    engine = engine_of(five="amount=5 unit=working_day roll=none")
    end = engine.tables.calendars["vn-office"].coverage[1]
    known, unknown = (
        engine.assess(case(suspensions=[sla.Suspension(TUE, until)], finished_at=until), errors="return")
        for until in (end.replace(year=end.year - 1), end.replace(month=end.month + 1))
    )
    assert known.due_date is not None
    assert (unknown.due_date, unknown.problem) == (None, Problem.CALENDAR_NOT_COVERED)


def test_a_month_that_lacks_the_day_is_refused_whatever_stopped_it(engine_of: Made) -> None:
    engine = engine_of(month="amount=1 unit=month month_end=refuse roll=none")
    stop = sla.Suspension(at("2025-01-31T09:00"), at("2025-02-20T09:00"))
    stopped = case("month", at("2025-01-31T08:00"), suspensions=[stop], finished_at=at("2025-05-05T10:00"))
    assert engine.assess(stopped, errors="return").problem == Problem.NO_SUCH_DAY


def test_a_case_that_was_stopped_in_time_goes_the_short_way(engine_of: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, stops = engine_of(five=FIVE), [sla.Suspension(TUE, WED), sla.Suspension(THU, FRI)]
    monkeypatch.setattr(record, "_looked_at", None)
    assert engine.assess(case(suspensions=stops), today=date(2025, 9, 2)).due_date == date(2025, 8, 13)
    with pytest.raises(TypeError):  # one that has not ended does not
        engine.assess(case(suspensions=[sla.Suspension(TUE)]), today=FRI)


def test_what_happened_is_told_in_the_explanation(engine_of: Made) -> None:
    engine, extended = engine_of(five=FIVE), sla.Extension(2, "working_day", date(2025, 9, 1))
    found = engine.assess(case(suspensions=[sla.Suspension(TUE, THU)], extensions=[extended]), today=date(2025, 9, 2))
    told = engine.explain(found).told
    assert [(each.kind, each.at.date(), each.end, each.counted, each.due_at.date()) for each in told] == [
        ("stop", TUE, at("2025-08-07T00:00:00"), True, date(2025, 8, 13)),
        ("extension", date(2025, 9, 1), None, False, date(2025, 8, 13)),
    ]
    assert told[1].text == "2 working_day"
    assert found.flags == ("event_void",)


# --- columns


def table(rows: int = 1, procedure: str = "five", received: Any = "2025-08-04", **more: Any) -> dict[str, Any]:
    return {"procedure": [procedure] * rows, "received_at": [received] * rows, **more}


STOP = {"start": TUE, "end": THU}
SAME = [
    STOP,
    {"start": "2025-08-05", "end": "2025-08-07"},
    {"start": np.datetime64("2025-08-05"), "end": np.datetime64("2025-08-07")},
    {"start": np.datetime64("2025-08-05T00:00", "ns"), "end": np.datetime64("2025-08-07T00:00", "s")},
    {"start": "2025-08-05T00:00:00", "end": at("2025-08-07T00:00:00")},
    {"start": "2025-08-04T17:00:00Z", "end": datetime(2025, 8, 6, 17, tzinfo=UTC)},
    {"start": TUE, "end": THU, "reason": "ill", "window_end": None},
    {"start": TUE, "end": np.datetime64("NaT"), "window_end": THU},
    {"start": TUE, "end": "", "window_end": THU},
    {"start": TUE, "end": float("nan"), "window_end": THU},
    sla.Suspension(TUE, THU),
]


@pytest.mark.parametrize("stop", SAME, ids=str)
def test_times_in_lists_come_as_people_hold_them(stop: Any, engine_of: Made) -> None:
    engine = engine_of(five=FIVE)
    for cell in ([stop], (stop,), [None, stop], np.array([stop, None], dtype=object)):
        found = sla.assess_table(table(2, suspensions=[cell, None]), engine, today=FRI)
        assert found["due_date"].astype(str).tolist() == ["2025-08-13", "2025-08-11"]


@pytest.mark.parametrize("amount", [2, Decimal(2), 2.0, "2", "2.0", np.int64(2), np.float64(2)], ids=repr)
def test_amounts_in_lists_come_as_people_hold_them(amount: Any, engine_of: Made) -> None:
    cell = [{"amount": amount, "unit": "working_day", "granted_at": "2025-08-06"}]
    found = sla.assess_table(table(extensions=[cell]), engine_of(five=FIVE), today=FRI)
    assert found["due_date"].astype(str).tolist() == ["2025-08-13"]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("suspensions", {"start": "05/08/2025"}),
        ("suspensions", {"start": TUE, "end": MON}),
        ("suspensions", {"end": THU}),
        ("suspensions", {"start": None, "end": THU}),
        ("suspensions", {"start": 20250805}),
        ("suspensions", {}),
        ("restarts", {"at": THU}),
        ("supplements", {"requested_at": "soon"}),
        ("extensions", {"amount": 2, "unit": "working_day"}),
        ("extensions", {"amount": "two", "unit": "working_day", "granted_at": WED}),
        ("extensions", {"amount": 2, "unit": "working days", "granted_at": WED}),
    ],
    ids=str,
)
def test_one_bad_event_is_that_rows_problem(name: str, item: Any, engine_of: Made) -> None:
    found = sla.assess_table(table(3, **{name: [[item], None, []]}), engine_of(five=FIVE), today=FRI, also=["flags"])
    assert found["problem"].tolist() == ["event_unreadable", None, None]
    assert found["due_date"].astype(str).tolist() == ["NaT", "2025-08-11", "2025-08-11"]
    assert found["flags"].tolist() == [None] * 3


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (STOP, "give a list of mappings, or nothing"),
        (TUE, "give a list of mappings, or nothing"),
        (b"[]", "give a list of mappings, or nothing"),
        ([TUE], "give start, end, reason, window_end by name"),
        ([[TUE, THU]], "give start, end, reason, window_end by name"),
        ([{"start": TUE, "until": THU}], "'until' is no field of an event; give start, end, reason, window_end"),
        ([sla.Restart(TUE)], "give start, end, reason, window_end by name"),
    ],
    ids=str,
)
def test_a_cell_that_is_no_list_of_events_is_refused(cell: Any, says: str, engine_of: Made) -> None:
    with pytest.raises(sla.InputError, match="column 'suspensions'") as caught:
        sla.assess_table(table(suspensions=[cell]), engine_of(five=FIVE))
    assert says in str(caught.value)


def test_lists_may_stand_as_json_text(engine_of: Made) -> None:
    """As files hold them."""
    engine = engine_of(five=FIVE)
    cells = ['[{"start": "2025-08-05", "end": "2025-08-07"}]', "", "[]", "null", '[{"start": "soon"}]']
    found = sla.assess_table(table(5, suspensions=cells), engine, today=FRI)
    assert found["due_date"].astype(str).tolist() == ["2025-08-13", *["2025-08-11"] * 3, "NaT"]
    promised = ["", '[{"promised_at": "2025-08-08", "told_at": "2025-08-04"}]']
    found = sla.assess_table(table(2, promises=promised), engine, today=MON_11, also=["promise_status"])
    assert found["promise_status"].tolist() == [None, "overdue"]
    for cell in ("[{", "a stop", '{"start": "2025-08-05"}', "3"):
        with pytest.raises(sla.InputError, match="column 'suspensions'"):
            sla.assess_table(table(suspensions=[cell]), engine)


def test_start_events_are_columns(engine_of: Made) -> None:
    engine = engine_of(paid="amount=5 unit=working_day start_event=fee_paid")
    rows = table(3, "paid", fee_paid_at=["2025-08-05", "", "soon"])
    found = sla.assess_table(rows, engine, today=FRI)
    assert found["due_date"].astype(str).tolist() == ["2025-08-12", "NaT", "NaT"]
    assert found["problem"].tolist()[:2] == [None, "start_event_missing"]
    assert found["problem"][2] is not None
    renamed = sla.assess_table(table(1, "paid", paid=["2025-08-05"]), engine, columns={"fee_paid_at": "paid"})
    assert renamed["due_date"].astype(str).tolist() == ["2025-08-12"]


# --- promises


def test_the_first_and_the_last_promise_are_promises_too() -> None:
    assert promises_of(case(), FRI) == []
    assert promises_of(case(promised_at=WED), None) == [sla.Promise(WED)]
    assert promises_of(case(first_promised_at=WED), None) == [sla.Promise(WED)]
    assert promises_of(case(first_promised_at=WED, promised_at=WED), None) == [sla.Promise(WED)]
    assert promises_of(case(first_promised_at=WED, promised_at=FRI), None) == [sla.Promise(WED), sla.Promise(FRI)]
    listed = [sla.Promise(WED, MON), sla.Promise(FRI, WED)]
    assert promises_of(case(promises=listed, promised_at=MON_11), None) == listed
    assert promises_of(case(promises=listed), TUE) == listed[:1]


@pytest.mark.parametrize(
    ("promises", "flags"),
    [
        ([], []),
        ([sla.Promise(FRI)], []),
        ([sla.Promise(MON_11, THU)], ["promise_after_due"]),
        ([sla.Promise(WED), sla.Promise(FRI, WED)], []),
        ([sla.Promise(WED), sla.Promise(FRI, at("2025-08-07T23:59:59"))], []),
        ([sla.Promise(WED), sla.Promise(FRI, FRI)], ["late_apology"]),
        ([sla.Promise(WED, FRI), sla.Promise(FRI)], []),
        ([sla.Promise(WED), sla.Promise(THU), sla.Promise(FRI)], ["second_reappointment"]),
    ],
)
def test_odd_promises_raise_flags(promises: list[sla.Promise], flags: list[str]) -> None:
    assert promise_flags(promises, FRI) == flags
    assert set(promise_flags(promises, None)) <= {"second_reappointment"}


def test_a_promise_is_judged_by_its_last_second(engine_of: Made) -> None:
    engine = engine_of(five=FIVE)
    for promised, finished, status in (
        (WED, at("2025-08-06T23:59:59"), "on_time"),
        (WED, TUE, "early"),
        (at("2025-08-06T16:00:00"), at("2025-08-06T16:00:01"), "late"),
    ):
        told = {"promised_at": promised, "finished_at": finished}
        assert str(engine.assess(case(received_at=at("2025-08-04T08:00:00"), **told)).promise_status) == status
        many = {name: [moment] for name, moment in told.items()}
        found = sla.assess_table(table(received=at("2025-08-04T08:00:00"), **many), engine, also=["promise_status"])
        assert found["promise_status"].tolist() == [status]


@pytest.mark.parametrize(
    "promised",
    [
        ["2025-08-06", None],
        [WED, None],
        [at("2025-08-06T23:59:59"), float("nan")],
        np.array(["2025-08-06", "NaT"], dtype="datetime64[D]"),
        np.array(["2025-08-06T23:59:59", "NaT"], dtype="datetime64[s]"),
        np.array(["2025-08-06T23:59:59.5", "NaT"], dtype="datetime64[ns]"),
    ],
    ids=repr,
)
def test_promises_come_as_people_hold_them(promised: Any, engine_of: Made) -> None:
    columns = table(2, finished_at=["2025-08-07"] * 2, promised_at=promised)
    found = sla.assess_table(columns, engine_of(five=FIVE), also=["promise_status"])
    assert found["promise_status"].tolist() == ["late", None]


# --- copies


def test_engines_outcomes_and_cases_survive_pickling(engine_of: Made) -> None:
    engine = engine_of(five=FIVE)
    events = {"suspensions": [sla.Suspension(TUE, THU)], "promises": [sla.Promise(FRI, MON)]}
    told = case(**events, attributes={"online": True}, event_times={"fee_paid": TUE})
    assert pickle.loads(pickle.dumps(told)) == told  # its own
    copy = pickle.loads(pickle.dumps(engine))  # its own
    found = engine.assess(told, today=FRI)
    assert pickle.loads(pickle.dumps(found)) == found  # its own
    assert copy.assess(told, today=FRI) == found
    assert copy.digest == engine.digest
    assert copy.explain(found).json() == engine.explain(found).json()
