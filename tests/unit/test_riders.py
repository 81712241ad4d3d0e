"""What goes with a limit: attributes that change it, steps inside it, a promised limit beside it, successors, changes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import slaengine as sla

Made = Callable[..., sla.Engine]
at = datetime.fromisoformat
MON, TUE, WED, THU, FRI = (date(2025, 8, day) for day in range(4, 9))
MON_11, TUE_12, WED_13 = (date(2025, 8, day) for day in range(11, 14))
FIVE = "amount=5 unit=working_day"
VERSION = "five,office,,statutory,1990-01-01"
STEPS = (
    "code,level,variant,basis,effective_from,step,name_en,name_vi,amount,unit,convention,calendar,citation,checked_on\n"
)


def case(procedure: str = "five", received_at: date = MON, **more: Any) -> sla.Case:
    return sla.Case(procedure=procedure, received_at=received_at, **more)


def add(file: Path, *lines: str) -> None:
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(before + "".join(f"{line}\n" for line in lines), encoding="utf-8")


# --- modifiers


def test_an_attribute_changes_the_limit_and_must_be_given(engine_of: Made) -> None:
    engine = engine_of(
        five=f"{FIVE} + remote:add:2:working_day", other="amount=5 unit=working_day + fast:replace:1:working_day"
    )
    for attributes, due in (({"remote": False}, MON_11), ({"remote": True, "x": None}, WED_13)):
        assert engine.assess(case(attributes=attributes), today=MON).due_date == due
    for attributes in ({}, {"remote": None}, {"fast": True}):
        with pytest.raises(sla.InputError, match="give 'remote' as true or false in attributes") as caught:
            engine.assess(case(attributes=attributes), today=MON)
        assert caught.value.problem is sla.Problem.ATTRIBUTE_NEEDED
    assert engine.assess(case("other", attributes={"fast": True}), today=MON).due_date == TUE
    assert set(engine.tables.attributes[1:]) == {"remote", "fast"}
    columns = {"procedure": ["five"] * 3, "received_at": [MON] * 3, "remote": ["true", "no", None]}
    found = sla.assess_table(columns, engine, today=MON)
    assert found["due_date"].tolist() == [WED_13, MON_11, None]
    assert found["problem"].tolist() == [None, None, "attribute_needed"]
    del columns["remote"]
    assert sla.assess_table(columns, engine, today=MON)["problem"].tolist() == ["attribute_needed"] * 3


def test_all_attributes_of_a_limit_are_asked_for(engine_of: Made) -> None:
    engine = engine_of(five=f"{FIVE} + remote:add:2:working_day + tough:add:1:month")
    with pytest.raises(sla.InputError, match="give 'tough' as true or false"):
        engine.assess(case(attributes={"remote": False}), today=MON)
    with pytest.raises(sla.InputError, match="'tough'") as caught:
        engine.assess(case(), today=MON)
    assert "'remote'" in caught.value.hint
    both = engine.assess(case(attributes={"remote": True, "tough": True}), today=MON)
    assert both.due_date == date(2025, 9, 15)  # 13 August and a month: Saturday 13 September rolls
    assert [stage.limit.amount for stage in both.stages] == [7, 1]


# --- steps


@pytest.fixture
def stepped(pack_of: Callable[..., Path]) -> sla.Engine:
    """Five working days, of which one is for the desk, three for the expert, one for the signature."""
    folder = pack_of(five=FIVE)
    convention = "c-five-1990-01-01-1"
    rows = (("desk", 1), ("expert", 3), ("signature", 1))
    steps = [
        f"{VERSION},{number},{name},{name},{days},working_day,{convention},vn-office,v:1,2026-01-01"
        for number, (name, days) in enumerate(rows, start=1)
    ]
    add(folder / "steps.csv", STEPS.strip(), *steps)
    return sla.Engine(sla.load_pack(folder))


def test_each_step_has_its_time_and_one_used_it_up(stepped: sla.Engine) -> None:
    done = {1: WED, 2: date(2025, 8, 14), 3: date(2025, 8, 14)}
    found = stepped.steps(case(finished_at=done[3]), done)
    assert [(s.number, s.name_en, s.started_at, s.done_at) for s in found] == [
        (1, "desk", MON, WED),
        (2, "expert", WED, done[2]),
        (3, "signature", done[2], done[2]),
    ]
    assert [s.due_at.date() for s in found if s.due_at] == [TUE, MON_11, date(2025, 8, 15)]
    assert [str(s.status) for s in found] == ["late", "late", "early"]
    assert [s.used_up for s in found] == [False, True, False]
    assert [s.over for s in found] == [timedelta(days=1), timedelta(days=3), timedelta(0)]
    assert pickle.loads(pickle.dumps(found)) == found  # its own


def test_of_a_limit_that_was_kept_no_step_used_up_the_time(stepped: sla.Engine) -> None:
    found = stepped.steps(case(finished_at=MON_11), {1: WED, 2: FRI, 3: MON_11})
    assert [str(s.status) for s in found] == ["late", "early", "on_time"]
    assert not any(s.used_up for s in found)


def test_a_step_that_is_not_done_is_judged_on_today(stepped: sla.Engine) -> None:
    found = stepped.steps(case(), {1: TUE}, today=date(2025, 8, 14))
    assert [str(s.status) for s in found] == ["on_time", "overdue", "unknown"]
    assert [s.started_at for s in found] == [MON, TUE, None]
    assert [s.used_up for s in found] == [False, True, False]
    assert found[2].due_at is None
    running = stepped.steps(case(), {}, today=MON)
    assert [str(s.status) for s in running] == ["running", "unknown", "unknown"]
    assert stepped.steps(case(), {}, today=None)[0].problem is sla.Problem.TODAY_NEEDED


def test_a_limit_without_steps_has_none(vn: sla.Engine) -> None:
    assert vn.steps(sla.Case(procedure="1.004837", level="commune", received_at=date(2025, 4, 28)), {}) == []


def test_a_case_without_a_rule_has_no_steps(stepped: sla.Engine) -> None:
    with pytest.raises(sla.RuleNotFoundError):
        stepped.steps(case("six"), {})


# --- a promised limit beside the law


@pytest.fixture
def both(pack_of: Callable[..., Path]) -> sla.RulePack:
    """By law five working days; promised are three for `five`, seven for `more`, nothing for `alone`."""
    folder = pack_of(five=FIVE, more=FIVE, alone=FIVE)
    text = (folder / "limits.csv").read_text(encoding="utf-8").splitlines()
    promised = [
        line.replace("statutory", "commitment").replace(",5,working_day", f",{days},working_day")
        for line in text
        for code, days in (("five", 3), ("more", 7))
        if line.startswith(code)
    ]
    add(folder / "limits.csv", *promised)
    return sla.load_pack(folder)


def test_a_commitment_stands_beside_the_law(both: sla.RulePack) -> None:
    engine = sla.Engine(both)
    found = engine.assess(case(finished_at=FRI))
    assert (found.due_date, str(found.status), found.margin, found.flags) == (MON_11, "early", 1, ())
    beside = found.commitment
    assert beside is not None
    assert (beside.due_date, str(beside.status), beside.margin) == (THU, "late", -1)
    assert beside.rule_id == "five/office/commitment@1990-01-01"
    assert beside.commitment is None
    stopped = engine.assess(case(suspensions=[sla.Suspension(TUE, WED)]), today=WED_13)
    assert stopped.due_at is not None
    assert stopped.commitment is not None
    for outcome in (stopped, stopped.commitment):  # each by its own limit
        [told] = engine.explain(outcome).told
        assert told.due_at == outcome.due_at
    assert engine.assess(case("alone"), today=MON).commitment is None
    assert sla.Engine(both).assess(case("more"), today=MON).flags == ("commitment_after_due",)


def test_the_law_stands_beside_a_commitment(both: sla.RulePack) -> None:
    promised = sla.Engine(both, basis="commitment")
    found = promised.assess(case(finished_at=FRI))
    assert (found.due_date, str(found.status)) == (THU, "late")
    assert found.commitment is not None
    assert found.commitment.rule_id == "five/office/statutory@1990-01-01"
    assert promised.assess(case("more"), today=MON).flags == ("commitment_after_due",)


def test_the_commitment_is_columns(both: sla.RulePack) -> None:
    columns = {"procedure": ["five", "more", "alone", "six"], "received_at": [MON] * 4, "finished_at": [FRI] * 4}
    found = sla.assess_table(columns, sla.Engine(both), also=["commitment", "flags"])
    beside = [name for name in found if name.startswith("commitment")]
    names = ("due_at", "due_date", "status", "problem", "margin", "rule_id")
    assert beside == [f"commitment_{name}" for name in names]
    assert found["commitment_due_date"].tolist() == [THU, WED_13, None, None]
    assert found["commitment_status"].tolist() == ["late", "early", None, None]
    assert found["commitment_margin"].tolist() == [-1, 3, None, None]
    assert found["commitment_rule_id"].tolist()[2:] == [None, None]
    assert found["flags"].tolist() == [None, "commitment_after_due", None, None]
    prefixed = sla.assess_table(columns, sla.Engine(both), also=["commitment"], prefix="our_")
    assert [name for name in prefixed if "commitment" in name] == [f"our_{name}" for name in beside]


def test_a_pack_without_commitments_has_empty_columns(vn: sla.Engine) -> None:
    columns = {"procedure": ["1.004837"], "level": ["commune"], "received_at": [MON]}
    found = sla.assess_table(columns, vn, today=MON, also=["commitment"])
    empty = {name: column.tolist() for name, column in found.items() if name.startswith("commitment")}
    assert len(empty) == 6
    assert all(cells == [None] for cells in empty.values())


# --- successors


def succeeding(folder: Path, *rows: str, levels: str = '["office", "district", "commune", "ward"]') -> sla.RulePack:
    pack = folder / "pack.toml"
    pack.write_text(
        pack.read_text(encoding="utf-8").replace("levels = ['office']", f"levels = {levels}"), encoding="utf-8"
    )
    (folder / "succession.csv").unlink(missing_ok=True)
    add(folder / "succession.csv", "code,level,successor,effective_from,citation,checked_on", *rows)
    return sla.load_pack(folder)


def test_a_successor_is_competent_from_its_day_on(pack_of: Callable[..., Path]) -> None:
    pack = succeeding(
        pack_of(five=FIVE, own=FIVE),
        ",district,commune,2025-07-01,v:1,",
        ",commune,ward,2026-07-01,v:1,",
        "own,district,ward,2025-09-01,v:1,",
    )
    day = date.fromisoformat
    for procedure, level, on, competent in (
        ("five", "district", "2025-06-30", "district"),
        ("five", "district", "2025-07-01", "commune"),
        ("five", "district", "2026-07-01", "ward"),
        ("five", "office", "2026-07-01", "office"),
        ("own", "district", "2025-08-31", "commune"),
        ("own", "district", "2025-09-01", "ward"),
        ("unheard of", "commune", "2026-07-01", "ward"),
    ):
        assert pack.competent_level(procedure, level, day(on)) == competent


def test_without_successors_a_level_stays(vn: sla.Engine) -> None:
    assert vn.pack.competent_level("1.004837", "commune", MON) == "commune"


# --- conventions that changed


def changed(folder: Path, *keys: str, since: str = "2025-08-11") -> sla.RulePack:
    name = "c-five-1990-01-01-1"
    add(folder / "conventions.toml", f'[["{name}".changes]]', f"effective_from = {since}", 'citation = "v:1"', *keys)
    return sla.load_pack(folder)


def test_a_changed_convention_splits_the_version(pack_of: Callable[..., Path]) -> None:
    """From 11 August 2025 on three-day limits skip days off no more, and the receipt's day counts."""
    folder = pack_of(five="amount=3 unit=calendar_day skip_days_off_up_to=5 roll=none", other=FIVE)
    pack = changed(folder, "skip_days_off_up_to = 0", 'count_from = "same_day"')
    rules = [rule for rule in pack.rules if rule.key.procedure == "five"]
    assert [(rule.effective_from, rule.effective_until) for rule in rules] == [
        (date(1990, 1, 1), MON_11),
        (MON_11, None),
    ]
    assert [rule.id for rule in rules] == ["five/office/statutory@1990-01-01", "five/office/statutory@2025-08-11"]
    engine = sla.Engine(pack)
    before, after = (
        engine.assess(case(received_at=FRI), today=FRI),
        engine.assess(case(received_at=MON_11), today=MON_11),
    )
    assert (before.due_date, before.rule_id) == (WED_13, rules[0].id)
    assert (after.due_date, after.rule_id) == (WED_13, rules[1].id)
    assert after.rule is not None
    assert after.rule.convention.skip_days_off_up_to == 0
    assert after.rule.convention.roll == "none"  # what a change does not name stays
    found = sla.assess_table({"procedure": ["five"] * 2, "received_at": [FRI, MON_11]}, engine, today=MON_11)
    assert found["rule_id"].tolist() == [rule.id for rule in rules]
    assert len([rule for rule in pack.rules if rule.key.procedure == "other"]) == 1


def test_a_change_outside_a_version_does_not_split_it(pack_of: Callable[..., Path]) -> None:
    folder = pack_of(five=f"{FIVE} from=2025-01-01 until=2025-08-11")
    name = "c-five-2025-01-01-1"
    for since in ("2024-01-01", "2025-08-11"):
        add(folder / "conventions.toml", f'[["{name}".changes]]', f"effective_from = {since}", 'citation = "v:1"')
        add(folder / "conventions.toml", 'roll = "none"' if since < "2025" else 'roll = "preceding"')
    [rule] = sla.load_pack(folder).rules
    assert (rule.effective_from, rule.effective_until) == (date(2025, 1, 1), MON_11)
    assert rule.convention.roll == "none"  # changed before the version began


def test_steps_and_modifiers_hold_for_both_halves(stepped: sla.Engine, tmp_path: Path) -> None:
    pack = changed(tmp_path / "made", 'count_from = "same_day"')
    early, late = (rule for rule in pack.rules if rule.key.procedure == "five")
    assert [step.number for step in early.steps] == [step.number for step in late.steps] == [1, 2, 3]
    assert early.steps[0].convention.count_from == "next_day"
    assert late.steps[0].convention.count_from == "same_day"
