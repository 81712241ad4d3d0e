"""What was collected and what is shipped: every row of the two lists is in a pack or listed with its reason."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import slaengine as sla

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DOMAIN = ROOT.parent / "shared" / "domain"
UNITS = {"working_days": "working_day", "calendar_days": "calendar_day", "months": "month", "clock_hours": "hour"}
OTHERWISE = {272}
"""A page whose figure is the last part of the chain that its words tell."""


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CURATED, DONG_THAP = read("curated_rows.csv"), read("dong_thap_rows.csv")
SHIPPED = [row for row in CURATED if row["state"] == "shipped"]
OPEN = [row for row in CURATED if row["state"] == "open"]
NATIONAL = sla.load_pack("vn-national")
RULES = {rule.id: rule for rule in NATIONAL.rules}
CHANGES = (ROOT / "rules" / "vn-national" / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_curated_row_is_shipped_or_listed() -> None:
    assert [int(row["row"]) for row in CURATED] == list(range(2, 390))
    assert (len(SHIPPED), len(OPEN), len(CURATED)) == (325, 63, 388)


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row["row"])
def test_a_shipped_row_is_a_rule_of_its_amount(row: dict[str, str]) -> None:
    rules = [RULES[name] for name in row["rules"].split()]
    assert any(int(row["row"]) in OTHERWISE or says(row, rule) for rule in rules)


def says(row: dict[str, str], rule: Any) -> bool:
    """Whether a rule has the amounts of a row: as parts, as their sum, or as what is extended by the others."""
    wanted = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row["amount"])]
    found = [float(part.limit.amount) for part in rule.parts]
    unit = UNITS.get(row["unit"], str(rule.limit.unit))
    return str(rule.limit.unit) == unit and (found in (wanted, [sum(wanted)]) or found == wanted[:1])


def test_nothing_from_memory_is_shipped() -> None:
    assert {row["flag"] for row in SHIPPED} == {"SEEN"}
    assert all(row["state"] == "open" for row in CURATED if row["flag"] == "MEMORY")
    cited = {citation.instrument for rule in NATIONAL.rules for citation in rule.citations}
    assert {NATIONAL.instruments[name].flag for name in cited} <= {"seen", "quoted"}


def test_every_open_row_is_in_the_changelog_with_its_reason() -> None:
    reasons = Counter(row["reason"] for row in OPEN)
    listed = {
        reason: int(count) for count, reason in re.findall(r"^\| (\d+) \| [\d, ]+ \| (.+) \|$", CHANGES, re.MULTILINE)
    }
    assert listed == reasons


def test_a_limit_whose_first_day_was_not_read_begins_on_the_day_it_was() -> None:
    days = Counter(str(rule.effective_from) for rule in NATIONAL.rules if rule.valid_from_unknown)
    assert set(days) == {"2024-11-14", "2025-12-19", "2026-07-20"}


@pytest.mark.skipif(not DOMAIN.is_dir(), reason="the list that was collected lies outside the project")
def test_the_account_is_of_the_list_that_was_collected() -> None:
    with (DOMAIN / "vn_procedures.csv").open(encoding="utf-8", newline="") as file:
        collected = list(csv.DictReader(file))
    same = {"code": "code", "name": "name_en", "level": "level", "amount": "amount", "unit": "unit", "flag": "flag"}
    mine = [[row[own] for own in same] for row in CURATED]
    assert mine == [[row[theirs] for theirs in same.values()] for row in collected]
    with (DOMAIN / "data" / "dong_thap_land_two_stage.csv").open(encoding="utf-8", newline="") as file:
        decided = list(csv.DictReader(file))
    assert [(r["article"], r["printed"]) for r in DONG_THAP] == [(r["article"], r["total_as_printed"]) for r in decided]


def test_every_row_of_dong_thap_is_shipped_or_listed() -> None:
    assert Counter(row["state"] for row in DONG_THAP) == {"shipped": 45, "open": 19}
    rules = [rule for rule in sla.load_pack("vn-dong-thap").rules if str(rule.basis) == "commitment"]
    promised = {"/".join(filter(None, rule.key)): rule for rule in rules}
    for row in DONG_THAP:
        if row["state"] == "shipped":
            amounts = [str(part.limit.amount) for part in promised[row["rule"]].parts]
            printed = [number.lstrip("0") for number in re.findall(r"\d+", row["printed"])]
            assert amounts in (printed, printed[1:]), row
        else:
            assert row["reason"]
