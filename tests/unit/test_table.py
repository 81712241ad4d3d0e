"""Many records: columns of every kind in, the same columns and the answer out, and one bad row never fails the batch."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oracle
import slaengine as sla
import worlds
from slaengine.output import OUTPUT

at = datetime.fromisoformat
MON_APR_28, TUE_APR_29, TUE_MAY_6 = date(2025, 4, 28), date(2025, 4, 29), date(2025, 5, 6)
RULE_ID = "1.004837/commune/statutory@2018-06-21"


def table(received: Any, **more: Any) -> dict[str, Any]:
    """Guardianship (3 working days) at communes, received at these times."""
    return {
        "procedure": ["1.004837"] * len(received),
        "level": ["commune"] * len(received),
        "received_at": received,
        **more,
    }


def plain(found: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of the answer as lists, what is not known as None."""
    return {name: found[name].tolist() for name in OUTPUT}


def test_the_answer_has_its_columns_in_order_and_of_their_types(vn: sla.Engine) -> None:
    found = sla.assess_table(table(["2025-04-28"], case_id=["H-1"]), vn, today=TUE_APR_29)
    assert tuple(found) == ("procedure", "level", "received_at", "case_id", *OUTPUT)
    types = {name: str(found[name].dtype) for name in OUTPUT}
    assert types["due_at"] == "datetime64[s]"
    assert types["due_date"] == "datetime64[D]"
    assert {types[name] for name in ("margin", "days_saved", "days_late", "days_late_calendar", "elapsed")} == {"int32"}
    assert plain(found) == {
        "due_at": [at("2025-05-06T23:59:59")],
        "due_date": [TUE_MAY_6],
        "status": ["running"],
        "problem": [None],
        "margin": [None],
        "days_saved": [None],
        "days_late": [None],
        "days_late_calendar": [None],
        "elapsed": [1],
        "rule_id": [RULE_ID],
    }


@pytest.mark.parametrize(
    "received",
    [
        ["2025-04-28"],
        np.array(["2025-04-28"]),
        np.array(["2025-04-28"], dtype=object),
        [MON_APR_28],
        np.array([MON_APR_28], dtype=object),
        np.array(["2025-04-28"], dtype="datetime64[D]"),
        ["2025-04-28T09:00"],
        [" 2025-04-28 09:00:00 "],
        ["2025-04-28T02:00:00Z"],
        [at("2025-04-28T09:00")],
        [datetime(2025, 4, 28, 2, tzinfo=UTC)],
        np.array(["2025-04-28T09:00"], dtype="datetime64[s]"),
        np.array(["2025-04-28T09:00:00.999999999"], dtype="datetime64[ns]"),
        (at("2025-04-28T09:00"),),
    ],
    ids=lambda column: f"{type(column).__name__} of {getattr(column, 'dtype', column)}",
)
def test_times_come_as_people_hold_them(received: Any, vn: sla.Engine) -> None:
    found = sla.assess_table(table(received), vn, today=TUE_APR_29)
    assert found["due_date"].tolist() == [TUE_MAY_6]
    assert found["received_at"] is received


@pytest.mark.parametrize(
    ("received", "problems"),
    [
        (["2025-04-28", "2025-04-28T09:00"], ["received_unreadable", None]),
        (["2025-04-28", "", None], [None, "received_missing", "received_missing"]),
        (["2025-04-28", math.nan], [None, "received_missing"]),
        ([MON_APR_28, math.nan, None], [None, "received_missing", "received_missing"]),
        (["2025-04-28", "28/04/2025", "2025-02-29"], [None, "received_unreadable", "received_unreadable"]),
        (np.array(["2025-04-28", "NaT"], dtype="datetime64[D]"), [None, "received_missing"]),
        (np.array(["2025-04-28", "NaT"], dtype="datetime64[ns]"), [None, "received_missing"]),
        ([MON_APR_28, at("2025-04-28T09:00")], ["received_unreadable", None]),
        (["2025-04-28", "2027-03-01", "1800-01-01"], [None, "not_in_force", "not_in_force"]),
    ],
)
def test_one_bad_time_leaves_the_others_right(received: Any, problems: list[str | None], vn: sla.Engine) -> None:
    found = sla.assess_table(table(received), vn, today=TUE_APR_29)
    assert found["problem"].tolist() == problems
    assert found["due_date"].tolist() == [None if problem else TUE_MAY_6 for problem in problems]
    assert found["status"].tolist() == ["unknown" if problem else "running" for problem in problems]
    assert found["rule_id"].tolist() == [None if problem else RULE_ID for problem in problems]


def test_one_bad_finish_leaves_the_due_date_and_the_others_right(vn: sla.Engine) -> None:
    finished = ["2025-04-29", None, "yesterday", "2025-04-01", "2025-05-07"]
    found = plain(sla.assess_table(table(["2025-04-28"] * 5, finished_at=finished), vn, today=date(2025, 6, 1)))
    assert found["problem"] == [None, None, "finished_unreadable", "finished_before_received", None]
    assert found["status"] == ["early", "overdue", "unknown", "unknown", "late"]
    assert found["due_date"] == [TUE_MAY_6] * 5
    assert found["margin"] == [2, None, None, None, -1]
    assert found["days_saved"] == [2, None, None, None, 0]
    assert found["days_late"] == [0, 18, None, None, 1]


def test_words_the_pack_does_not_know_are_problems(vn: sla.Engine) -> None:
    words = {
        "procedure": ["1.004837", None, "", math.nan, "x", "1.004837", "1.004837", "1.004837"],
        "level": ["commune", "commune", "commune", "commune", "commune", "ward", None, "commune"],
        "variant": [None, "", None, None, None, "", "", "verification"],
        "received_at": ["2025-04-28"] * 8,
    }
    assert sla.assess_table(words, vn, today=TUE_APR_29)["problem"].tolist() == [
        None,
        "procedure_missing",
        "procedure_missing",
        "procedure_missing",
        "procedure_unknown",
        "level_unknown",
        "level_missing",
        "variant_unknown",
    ]


@pytest.mark.parametrize("levels", [{}, {"level": ["city", "", None]}])
def test_a_pack_with_one_level_needs_none(levels: dict[str, list[str | None]], us: sla.Engine) -> None:
    columns = {"procedure": ["Empty Litter Basket"] * 3, "received_at": ["2015-03-04T10:15"] * 3, **levels}
    found = sla.assess_table(columns, us, today=date(2015, 3, 4))
    assert found["due_at"].tolist() == [at("2015-03-05T10:15")] * 3


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"procedure": ["1"], "level": ["commune"]}, "no column 'received_at'; map another to it; there is procedure, level"),
        ({"received_at": ["2025-04-28"]}, "no column 'procedure'"),
        ({"procedure": ["1"], "received_at": ["2025-04-28"]}, "no column 'level'"),
        ({}, "no column 'procedure'; map another to it; there is no column"),
        (table(["2025-04-28"], finished_at=[]), "columns of different lengths"),
        (table([20250428]), "column 'received_at' holds 20250428, which is no time"),
        (table(["2025-04-28"], status=["late"], margin=[1]), "the table already has margin, status; choose a prefix="),
        ([["2025-04-28"]], "cannot read a list"),
    ],
)  # fmt: skip
def test_a_table_at_fault_is_refused_with_a_hint(columns: Any, says: str, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=re.escape(says)):
        sla.assess_table(columns, vn)


def test_a_prefix_keeps_names_apart(vn: sla.Engine) -> None:
    found = sla.assess_table(table(["2025-04-28"], status=["late"]), vn, today=TUE_APR_29, prefix="our_")
    assert found["status"] == ["late"]
    assert [name for name in found if name.startswith("our_")] == [f"our_{name}" for name in OUTPUT]
    assert found["our_status"].tolist() == ["running"]


def test_foreign_names_and_values_are_mapped(vn: sla.Engine) -> None:
    foreign = {"type": ["GH", "GH"], "level": ["XÃ", "commune"], "open": ["2025-04-28"] * 2, "closed": [None] * 2}
    found = sla.assess_table(
        foreign,
        vn,
        today=TUE_APR_29,
        columns={"procedure": "type", "received_at": "open", "finished_at": "closed"},
        values={"procedure": {"GH": "1.004837"}, "level": {"XÃ": "commune"}},
    )
    assert found["due_date"].tolist() == [TUE_MAY_6] * 2
    assert tuple(found)[:4] == ("type", "level", "open", "closed")
    assert found["type"] == ["GH", "GH"]
    with pytest.raises(sla.InputError, match=r"no column 'opened' to be 'received_at'; there is type, level"):
        sla.assess_table(foreign, vn, columns={"received_at": "opened"})


def test_provisional_comes_on_request(us: sla.Engine) -> None:
    received = ["2015-12-30T10:00", "2015-12-31T10:00", ""]
    columns = {"procedure": ["Empty Litter Basket"] * 3, "received_at": received}
    found = sla.assess_table(columns, us, today=date(2015, 12, 31), also=("provisional",))
    assert found["provisional"].tolist() == [False, True, False]
    assert list(found)[-1] == "provisional"
    with pytest.raises(sla.InputError, match="no column 'steps' to ask for; there is provisional"):
        sla.assess_table(columns, us, also=("steps",))


@pytest.mark.parametrize("empty", [[], np.array([], dtype="datetime64[s]"), np.array([], dtype="datetime64[D]")])
def test_an_empty_table_has_an_empty_answer(empty: Any, vn: sla.Engine) -> None:
    also = ("provisional", "margin_minutes", "promise_status")
    found = sla.assess_table(table(empty, finished_at=empty), vn, today=TUE_APR_29, also=also)
    assert {name: len(column) for name, column in found.items()} == dict.fromkeys(found, 0)
    assert set(OUTPUT) <= found.keys()


def records(vn: sla.Engine, length: int = 400) -> dict[str, Any]:
    """Seeded records of every procedure, some of them at fault."""
    random = np.random.default_rng(7)
    keys = sorted({rule.key for rule in vn.pack.rules})
    chosen = [keys[i] for i in random.integers(len(keys), size=length)]
    received = np.datetime64("2025-01-01") + random.integers(900, size=length)
    finished = received + random.integers(-2, 60, size=length)
    finished[::5] = np.datetime64("NaT")
    received[::17] = np.datetime64("NaT")
    words = {name: [getattr(key, name) for key in chosen] for name in ("procedure", "level", "variant")}
    return {**words, "received_at": received, "finished_at": finished}


def test_each_row_is_what_one_record_gets(vn: sla.Engine) -> None:
    columns = records(vn)
    found = plain(sla.assess_table(columns, vn, today=date(2026, 6, 1)))
    for i, received in enumerate(columns["received_at"].tolist()):
        if received is None:
            assert found["problem"][i] == "received_missing"
            continue
        words = {name: columns[name][i] for name in ("procedure", "level", "variant")}
        one = sla.Case(**words, received_at=received, finished_at=columns["finished_at"][i].item())
        outcome = vn.assess(one, today=date(2026, 6, 1), errors="return")
        want = {name: getattr(outcome, name) for name in OUTPUT}
        want |= {"status": str(outcome.status), "problem": str(outcome.problem) if outcome.problem else None}
        assert {name: found[name][i] for name in OUTPUT} == want, words


@pytest.mark.parametrize("block", [1, 7, 399, 400, 100_000])
def test_the_size_of_a_block_does_not_matter(block: int, vn: sla.Engine) -> None:
    columns, told = records(vn), []
    whole = plain(sla.assess_table(columns, vn, today=date(2026, 6, 1)))
    parts = sla.assess_table(columns, vn, today=date(2026, 6, 1), block=block, progress=told.append)
    assert plain(parts) == whole
    assert sum(told) == 400
    assert max(told) <= block


def test_rows_keep_their_order_and_the_input_stays_as_it_was(vn: sla.Engine) -> None:
    columns = records(vn)
    before = {name: np.array(column, copy=True).tolist() for name, column in columns.items()}
    found = plain(sla.assess_table(columns, vn, today=date(2026, 6, 1)))
    assert {name: np.asarray(column).tolist() for name, column in columns.items()} == before
    assert set(columns) == set(before)
    turned = {
        name: list(column)[::-1] if isinstance(column, list) else column[::-1] for name, column in columns.items()
    }
    backwards = plain(sla.assess_table(turned, vn, today=date(2026, 6, 1)))
    assert {name: column[::-1] for name, column in backwards.items()} == found


def test_attributes_are_columns(tmp_path: Path) -> None:
    cut = oracle.CutOff(inclusive=False, effect="day_zero", time=time(15), applies_if="online")
    rule = oracle.Rule(amount=3, unit="working_day", deems="as_is", count_from="next_day", roll="following",
                       month_end="last_day", due_time="end_of_day", cut_off=cut)  # fmt: skip
    engine = sla.Engine(sla.load_pack(worlds.write_pack(tmp_path / "odd", {"a": ("vn-public", rule)})))
    rows = {"procedure": ["a"] * 5, "received_at": ["2025-07-07T16:00"] * 5}
    found = sla.assess_table({**rows, "online": ["yes", "False", None, " true ", 0]}, engine, today=date(2025, 7, 7))
    assert found["problem"].tolist() == [None, None, "attribute_needed", None, None]
    thu, fri = date(2025, 7, 10), date(2025, 7, 11)
    assert found["due_date"].tolist() == [fri, thu, None, fri, thu]
    found = sla.assess_table({**rows, "online": np.array([True, False] * 2 + [True])}, engine, today=date(2025, 7, 7))
    assert found["due_date"].tolist() == [fri, thu, fri, thu, fri]
    assert sla.assess_table(rows, engine)["problem"].tolist() == ["attribute_needed"] * 5
    with pytest.raises(sla.InputError, match="column 'online' holds 'perhaps'; write true, false or nothing"):
        sla.assess_table({**rows, "online": ["perhaps"] * 5}, engine)


def test_a_receipt_long_before_the_calendar_is_what_one_record_gets(tmp_path: Path) -> None:
    rule = oracle.Rule(amount=3, unit="working_day", deems="as_is", count_from="next_day", roll="following",
                       month_end="last_day", due_time="end_of_day")  # fmt: skip
    folder = worlds.write_pack(tmp_path / "old", {"a": ("vn-public", rule)})
    limits = (folder / "limits.csv").read_text(encoding="utf-8").replace("1990-01-01", "1940-01-01")
    (folder / "limits.csv").write_text(limits, encoding="utf-8")
    engine, days = sla.Engine(sla.load_pack(folder)), [date(1930, 1, 1), date(1950, 1, 1), date(9999, 12, 31)]
    ones = [engine.assess(sla.Case(procedure="a", received_at=day), errors="return") for day in days]
    many = sla.assess_table({"procedure": ["a"] * 3, "received_at": days}, engine)["problem"].tolist()
    assert many == [str(one.problem) for one in ones] == ["not_in_force", *["calendar_not_covered"] * 2]


def test_the_ends_of_time_are_times(vn: sla.Engine) -> None:
    columns = table(["2025-04-28T09:00Z"] * 2, finished_at=["9999-12-31T23:59:59Z", "2025-04-29T09:00Z"])
    assert sla.assess_table(columns, vn, today=date(2025, 5, 2))["status"].tolist() == ["running", "early"]
    found = sla.assess_table(table(["0001-01-01T00:00+14:00", "2025-04-28T09:00Z"]), vn, today=date(2025, 5, 2))
    assert found["status"].tolist() == ["unknown", "running"]
