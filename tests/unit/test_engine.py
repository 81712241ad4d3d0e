"""One record: the parts of its answer, how its times are read, and the explanation that goes with it."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import oracle
import slaengine as sla
import worlds

at = datetime.fromisoformat
MON_JUL_7, TUE_JUL_8, WED_JUL_9, THU_JUL_10, FRI_JUL_11, SAT_JUL_12 = (date(2025, 7, day) for day in range(7, 13))
MON_JUL_14, WED_JUL_16, FRI_JUL_18 = date(2025, 7, 14), date(2025, 7, 16), date(2025, 7, 18)
MON_APR_28, TUE_MAY_6 = date(2025, 4, 28), date(2025, 5, 6)
RESIDENCE, GUARDIANSHIP = "1.004222", "1.004837"  # 7 and 3 working days


def case(procedure: str, received_at: date, **more: object) -> sla.Case:
    return sla.Case(procedure=procedure, level="commune", received_at=received_at, **more)  # type: ignore[arg-type]


# 1.004222 received on Monday 7 July: 8-11 July are 1 to 4, 14-16 are 5 to 7. 1.004837 received on the 8th: 9, 10, 11.
@pytest.mark.parametrize(
    ("procedure", "received", "finished", "today", "status", "margin", "late", "late_calendar", "elapsed"),
    [
        (RESIDENCE, MON_JUL_7, MON_JUL_14, None, "early", 2, 0, 0, 5),
        (RESIDENCE, MON_JUL_7, MON_JUL_7, None, "early", 7, 0, 0, 0),
        (RESIDENCE, MON_JUL_7, WED_JUL_16, None, "on_time", 0, 0, 0, 7),
        (RESIDENCE, MON_JUL_7, FRI_JUL_18, None, "late", -2, 2, 2, 9),
        (GUARDIANSHIP, TUE_JUL_8, SAT_JUL_12, None, "late", 0, 0, 1, 3),
        (GUARDIANSHIP, TUE_JUL_8, None, THU_JUL_10, "running", None, None, None, 2),
        (GUARDIANSHIP, TUE_JUL_8, None, FRI_JUL_11, "running", None, None, None, 3),
        (GUARDIANSHIP, TUE_JUL_8, None, MON_JUL_14, "overdue", None, 1, 3, 4),
        (GUARDIANSHIP, TUE_JUL_8, FRI_JUL_11, THU_JUL_10, "running", None, None, None, 2),
        (GUARDIANSHIP, TUE_JUL_8, at("2025-07-10T12:00"), at("2025-07-10T11:59:59"), "running", None, None, None, 2),
    ],
)
def test_an_answer_has_its_parts(
    procedure, received, finished, today, status, margin, late, late_calendar, elapsed, vn: sla.Engine
) -> None:
    found = vn.assess(case(procedure, received, finished_at=finished), today=today)
    assert (str(found.status), found.margin, found.days_late, found.days_late_calendar) == (
        status,
        margin,
        late,
        late_calendar,
    )
    assert found.elapsed == elapsed
    assert found.days_saved == (None if margin is None else max(margin, 0))
    assert found.problem is sla.Problem.NONE
    assert not found.provisional


def test_an_answer_names_its_rule_and_its_steps(vn: sla.Engine) -> None:
    found = vn.assess(case(GUARDIANSHIP, at("2025-04-28T09:30")), today=MON_APR_28)
    assert (found.due_date, found.due_at) == (TUE_MAY_6, at("2025-05-06T23:59:59"))
    assert found.rule_id == "1.004837/commune/statutory@2018-06-21"
    assert found.steps is not None
    assert (found.steps.deemed_at, found.steps.first_counted) == (at("2025-04-28T09:30"), date(2025, 4, 29))
    assert (found.steps.last_day, found.steps.rolled_day) == (TUE_MAY_6, TUE_MAY_6)


def test_a_pack_with_one_level_needs_none(us: sla.Engine) -> None:
    asked = {"procedure": "Empty Litter Basket", "received_at": at("2015-03-04T10:15")}
    named = us.assess(sla.Case(**asked, level="city"), today=date(2015, 3, 4))
    assert us.assess(sla.Case(**asked), today=date(2015, 3, 4)).due_at == named.due_at == at("2015-03-05T10:15")


def test_aware_times_are_read_in_the_zone_of_the_pack(vn: sla.Engine) -> None:
    utc = datetime(2025, 7, 6, 20, tzinfo=UTC)
    naive = vn.assess(case(RESIDENCE, at("2025-07-07T03:00")), today=MON_JUL_7)
    for moment in (utc, utc.astimezone(timezone(timedelta(hours=-5)))):
        found = vn.assess(case(RESIDENCE, moment), today=MON_JUL_7)
        assert found.due_at == naive.due_at.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
        assert found.steps == naive.steps
    finished = vn.assess(case(RESIDENCE, utc, finished_at=datetime(2025, 7, 16, 17, tzinfo=UTC)))
    assert finished.status is sla.Status.LATE


def test_an_ambiguous_time_takes_its_first_reading(us: sla.Engine) -> None:
    first = at("2015-11-01T01:30")
    answers = [
        us.assess(sla.Case(procedure="Unsafe Dangerous Conditions", received_at=moment), today=first).due_at
        for moment in (first, first.replace(fold=1), datetime(2015, 11, 1, 5, 30, tzinfo=UTC))
    ]
    due = at("2015-11-02T01:30")
    assert answers == [due, due, due.replace(tzinfo=ZoneInfo("America/New_York"))]


def test_fractions_of_a_second_are_dropped(vn: sla.Engine) -> None:
    last = at("2025-07-16T23:59:59.999999")
    assert vn.assess(case(RESIDENCE, MON_JUL_7, finished_at=last)).status is sla.Status.ON_TIME
    assert vn.assess(case("1.001193", at("2025-07-08T15:00:00.9")), today=TUE_JUL_8).due_date == TUE_JUL_8


@pytest.mark.parametrize("finished", [None, at("2025-07-08T09:00"), TUE_JUL_8])
def test_a_finish_after_today_is_as_good_as_none(finished: date | None, vn: sla.Engine) -> None:
    received = at("2025-07-07T09:00")
    asked = case(RESIDENCE, received, finished_at=finished)
    found = vn.assess(asked, today=at("2025-07-07T08:00"), errors="return")
    assert str(found.problem) == "received_after_today"
    assert vn.assess(asked, today=received).status is sla.Status.RUNNING


def test_how_much_saved_is_early_is_a_setting(vn: sla.Engine) -> None:
    asked = case(RESIDENCE, MON_JUL_7, finished_at=MON_JUL_14)
    strict = sla.Engine(vn.pack, early_from=3)
    assert (vn.assess(asked).status, vn.assess(asked).margin) == (sla.Status.EARLY, 2)
    assert (strict.assess(asked).status, strict.assess(asked).margin) == (sla.Status.ON_TIME, 2)
    assert strict.digest != vn.digest == sla.Engine(vn.pack, early_from=1).digest
    assert len({vn.digest, strict.digest, vn.pack.digest}) == 3


@pytest.mark.parametrize(
    ("received", "due", "provisional"),
    [
        ("2015-12-29T10:00", "2015-12-30T10:00", False),
        ("2015-12-30T10:00", "2015-12-31T10:00", False),
        ("2015-12-31T10:00", "2016-01-04T10:00", True),
    ],
)
def test_a_year_that_is_only_foreseen_makes_an_answer_provisional(received, due, provisional, us: sla.Engine) -> None:
    found = us.assess(sla.Case(procedure="Empty Litter Basket", received_at=at(received)), today=at(received))
    assert (found.due_at, found.provisional) == (at(due), provisional)
    assert ("foreseen" in us.explain(found).text()) is provisional


def rule(**changed: object) -> oracle.Rule:
    usual = {"unit": "working_day", "deems": "as_is", "count_from": "next_day", "roll": "following"}
    return oracle.Rule(amount=3, month_end="last_day", due_time="end_of_day", **{**usual, **changed})


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    three = {"inclusive": False, "time": time(15)}
    rules = {
        "online": ("vn-public", rule(cut_off=oracle.CutOff(**three, effect="day_zero", applies_if="online"))),
        "due-day": ("vn-public", rule(cut_off=oracle.CutOff(**three, effect="due_day"))),
        "clear": ("vn-public", rule(count_from="clear")),
        "rolled": ("vn-public", rule(unit="calendar_day")),
    }
    folder = worlds.write_pack(tmp_path_factory.mktemp("packs") / "odd", rules)
    procedures = (folder / "procedures.csv").read_text(encoding="utf-8")
    titled = procedures.replace("online,t,t,f", "online,<b>Hộ & tịch</b>,<b>Civil & status</b>,f")
    (folder / "procedures.csv").write_text(titled, encoding="utf-8")
    return sla.Engine(sla.load_pack(folder))


@pytest.mark.parametrize(
    ("received", "attributes", "due", "problem"),
    [
        ("2025-07-07T15:00:01", {"online": True}, FRI_JUL_11, "none"),
        ("2025-07-07T15:00:01", {"online": False}, THU_JUL_10, "none"),
        ("2025-07-07T15:00:01", {}, None, "attribute_needed"),
        ("2025-07-07T15:00:00", {}, THU_JUL_10, "none"),
        ("2025-07-07T15:00:00", {"online": True}, THU_JUL_10, "none"),
    ],
)
def test_a_cut_off_applies_if_the_case_says_so(received, attributes, due, problem, odd: sla.Engine) -> None:
    asked = sla.Case(procedure="online", received_at=at(received), attributes=attributes)
    found = odd.assess(asked, today=TUE_JUL_8, errors="return")
    assert (found.due_date, str(found.problem)) == (due, problem)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "3 working days",
                "art. 20(2) 60/2014/QH13",
                "art. 147(2) 91/2015/QH13",
                "Mon 2025-04-28: not counted (day zero)",
                "Tue 2025-04-29: day 1",
                "Wed 2025-04-30: day off, Victory / Reunification Day",
                "Thu 2025-05-01: day off, International Labour Day",
                "Fri 2025-05-02: Day off, worked on 2025-04-26 instead",
                "6150/TB-BLDTBXH",
                "Sun 2025-05-04: weekly rest",
                "Tue 2025-05-06: days 2 to 3",
                "Tue 2025-05-06 23:59:59",
                "running; 1 working day(s) used",
            ),
        ),
        (
            "vi",
            (
                "3 ngày làm việc",
                "Điều 20(2) 60/2014/QH13",
                "thứ Hai 28/04/2025: không tính (ngày tiếp nhận)",
                "thứ Tư 30/04/2025: ngày nghỉ, Ngày Chiến thắng",
                "thứ Năm 01/05/2025: ngày nghỉ, Ngày Quốc tế Lao động",
                "thứ Sáu 02/05/2025: ngày nghỉ, Nghỉ hoán đổi (làm bù 26/04/2025)",
                "Chủ nhật 04/05/2025: nghỉ hằng tuần",
                "thứ Ba 06/05/2025 23:59:59",
                "trong hạn; đã dùng 1 ngày làm việc",
            ),
        ),
    ],
)
def test_an_explanation_names_the_article_the_days_off_and_the_last_second(language, told, vn: sla.Engine) -> None:
    text = vn.explain(vn.assess(case(GUARDIANSHIP, MON_APR_28), today=date(2025, 4, 29))).text(language)
    assert [part for part in told if part not in text] == []


def test_an_explanation_of_no_answer_says_why(vn: sla.Engine) -> None:
    refused = vn.assess(case("1.001669", MON_JUL_7, variant="x"), errors="return")
    text = vn.explain(refused).text()
    assert "There is no due date." in text
    assert "the procedure has no such variant (variant_unknown)" in text
    with pytest.raises(sla.InputError, match="'fr' is no language"):
        vn.explain(refused).text("fr")


@pytest.mark.parametrize(
    ("procedure", "told", "untrue"),
    [
        ("rolled", "Sat 2025-07-12: a day off, so the limit ends on Mon 2025-07-14", "days 1 to 4"),
        ("due-day", "Tue 2025-07-15", "a day off, so"),
        ("clear", "Mon 2025-07-14: day 3", "3 to 4"),
    ],
)
def test_an_explanation_says_nothing_untrue(procedure, told, untrue, odd: sla.Engine) -> None:
    received = at("2025-07-09T16:00")
    text = odd.explain(odd.assess(sla.Case(procedure=procedure, received_at=received), today=received)).text()
    assert told in text
    assert untrue not in text


def test_an_explanation_tells_times_in_the_zone_of_the_pack(vn: sla.Engine) -> None:
    received, finished = datetime(2025, 7, 6, 20, tzinfo=UTC), datetime(2025, 7, 9, 20, tzinfo=UTC)
    text = vn.explain(vn.assess(case(RESIDENCE, received, finished_at=finished))).text()
    assert "Mon 2025-07-07 03:00:00" in text
    assert "Thu 2025-07-10 03:00:00" in text


@pytest.mark.parametrize(
    "asked",
    [
        case(GUARDIANSHIP, MON_APR_28, finished_at=TUE_MAY_6),
        case(RESIDENCE, datetime(2025, 7, 6, 20, tzinfo=UTC), finished_at=at("2025-07-16T23:59:59.5"), case_id="H-7"),
        case(GUARDIANSHIP, MON_APR_28, variant="verification"),
        case("1.001669", MON_JUL_7),
    ],
)
def test_an_explanation_can_be_replayed(asked: sla.Case, vn: sla.Engine) -> None:
    told = json.loads(vn.explain(vn.assess(asked, today=date(2025, 8, 1), errors="return")).json())
    times = {
        key: at(text) if "T" in text else date.fromisoformat(text)
        for key, text in told["case"].items()
        if text and key.endswith("_at")
    }
    again = vn.assess(sla.Case(**{**told["case"], **times}), today=date.fromisoformat(told["today"]), errors="return")
    assert json.loads(vn.explain(again).json()) == told
    assert (told["engine_digest"], told["pack"]["digest"]) == (vn.digest, vn.pack.digest)
    assert told["outcome"]["due_date"] == (again.due_date.isoformat() if again.due_date else None)


def test_html_shows_titles_and_runs_nothing(odd: sla.Engine) -> None:
    explanation = odd.explain(odd.assess(sla.Case(procedure="online", received_at=MON_JUL_7), today=MON_JUL_7))
    assert "&lt;b&gt;Civil &amp; status&lt;/b&gt;" in explanation.html()
    assert "&lt;b&gt;Hộ &amp; tịch&lt;/b&gt;" in explanation.html("vi")
    assert "<b>" not in explanation.html()
    assert explanation._repr_html_() == explanation.html("en")


def test_a_calendar_that_begins_before_1970_is_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = worlds.CalendarData("old", ["saturday", "sunday"], (date(1960, 1, 1), date(1980, 1, 1)), {}, [])
    monkeypatch.setitem(worlds.CALENDARS, "old", old)
    folder = worlds.write_pack(tmp_path / "old", {"a": ("old", rule())})
    limits = (folder / "limits.csv").read_text(encoding="utf-8").replace("1990-01-01", "1960-01-01")
    (folder / "limits.csv").write_text(limits, encoding="utf-8")
    engine = sla.Engine(sla.load_pack(folder))
    mon_may_2, thu_may_5, tue_may_3 = date(1960, 5, 2), date(1960, 5, 5), date(1960, 5, 3)
    found = engine.assess(sla.Case(procedure="a", received_at=mon_may_2), today=tue_may_3)
    assert (found.due_date, found.status) == (thu_may_5, sla.Status.RUNNING)
    columns = {"procedure": ["a"] * 2, "received_at": [mon_may_2] * 2, "finished_at": [None, tue_may_3]}
    assert sla.assess_table(columns, engine, today=tue_may_3)["status"].tolist() == ["running", "early"]


def test_the_end_of_time_is_a_time(vn: sla.Engine) -> None:
    never = datetime.max.replace(tzinfo=UTC)
    assert vn.assess(case(RESIDENCE, MON_JUL_7, finished_at=never), today=MON_JUL_7).status is sla.Status.RUNNING


def test_an_engine_can_be_sent_to_another_process(vn: sla.Engine) -> None:
    for engine in (vn, sla.Engine(vn.pack, early_from=2, known_at=date(2025, 1, 1))):
        sent = pickle.loads(pickle.dumps(engine))
        assert sent.digest == engine.digest
        case = sla.Case(procedure="1.004837", level="commune", received_at=date(2025, 4, 28))
        assert sent.assess(case, today=date(2025, 4, 29)) == engine.assess(case, today=date(2025, 4, 29))
