"""Rates as they are printed, and whether published ones can be true together: `vectors/clock/rates.csv`, `reconcile.csv`."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from slaengine import rates
from slaengine.errors import InputError

FOLDER = Path(__file__).parents[1] / "vectors" / "clock"


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


PUBLISHED = {name: list(rows) for name, rows in groupby(read("reconcile"), key=lambda row: row["name"])}


@pytest.mark.parametrize("row", read("rates"), ids=lambda row: row["name"])
def test_a_rate_is_printed_as_the_vector_says(row: dict[str, str]) -> None:
    printed = rates.rate_text(int(row["numerator"]), int(row["denominator"]), int(row["decimals"]))
    assert printed == row["expected"]


def test_only_all_is_a_hundred_per_cent() -> None:
    for denominator in (1, 2, 3, 7, 1_000, 99_999, 2**53, 2**60):
        for decimals in (0, 1, 2, 3):
            whole = "100" if decimals == 0 else f"100.{'0' * decimals}"
            assert rates.rate_text(denominator, denominator, decimals) == whole
            assert float(rates.rate_text(denominator - 1, denominator, decimals)) < 100


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_rates_can_be_true_together_or_not(name: str) -> None:
    rows = PUBLISHED[name]
    parts = [(row["percent"], int(row["records"])) for row in rows]
    (total,), (verdict,) = {row["total_percent"] for row in rows}, {row["verdict"] for row in rows}
    assert rates.reconcile(parts, total) == (verdict == "possible")


def test_published_rates_can_be_cut_off_instead_of_rounded() -> None:
    levels = [("99.8", 149_280), ("99.8", 600_698), ("99.9", 185_606)]
    assert [rates.reconcile(levels, total, cut_off=True) for total in ("99.7", "99.8", "99.9")] == [False, True, True]
    assert rates.reconcile([("66.6", 3)], "66.6", cut_off=True)
    assert not rates.reconcile([("66.6", 3)], "66.6")


def test_every_printed_rate_is_reconciled_with_itself() -> None:
    """What `rate_text` prints by ordinary rounding is possible, and so is the whole that the counts add up to."""
    for a, b in ((0, 7), (3, 7), (7, 7), (1, 3), (199, 400), (12, 250)):
        for c, d in ((1, 2), (5, 9), (0, 4)):
            total = rates.rate_text(a + c, b + d, 1)
            assert rates.reconcile([(rates.rate_text(a, b, 1), b), (rates.rate_text(c, d, 1), d)], total)


@pytest.mark.parametrize("wrong", [(1, 0, 1), (-1, 3, 1), (4, 3, 1), (1, 3, -1)], ids=str)
def test_what_is_no_rate_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="is no rate"):
        rates.rate_text(*wrong)


@pytest.mark.parametrize("percent", ["", "99,8", "100.1", "-1", "99.8 %", "nan"])
def test_what_is_no_percentage_is_refused(percent: str) -> None:
    with pytest.raises(InputError, match="is no percentage"):
        rates.reconcile([(percent, 10)], "99.8")
    with pytest.raises(InputError, match="leave it out"):
        rates.reconcile([("99.8", 0)], "99.8")
    with pytest.raises(InputError, match="leave it out"):
        rates.reconcile([], "99.8")
