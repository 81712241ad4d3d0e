"""The shared vectors, every one through the oracle, the scalar engine, the batch and the command line."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oracle
import slaengine as sla
import worlds
from slaengine.cli import main

COMPARED = ("due_at", "due_date", "status", "problem", "margin", "days_late", "days_late_calendar")


def read_vectors() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(worlds.VECTORS.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            found.update({f"v{len(found) + i:03d}": row for i, row in enumerate(csv.DictReader(file))})
    return found


VECTORS = read_vectors()
IDS = [f"{code} {row['name']}" for code, row in VECTORS.items()]
every_vector = pytest.mark.parametrize("code", VECTORS, ids=IDS)


def moment(text: str) -> date | None:
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def rule_of(row: dict[str, str]) -> oracle.Rule:
    cut = None
    if row["cut_effect"]:
        cut = oracle.CutOff(
            inclusive=row["cut_inclusive"] == "true",
            effect=row["cut_effect"],
            time=time.fromisoformat(row["cut_time"]) if row["cut_time"] else None,
            minutes_before_closing=int(row["cut_minutes_before_closing"] or 0),
        )
    keys = ("unit", "deems", "count_from", "roll", "month_end", "due_time")
    return oracle.Rule(amount=int(row["amount"]), cut_off=cut, **{key: row[key] for key in keys})


def expected(row: dict[str, str]) -> dict[str, str]:
    """The cells that are checked; where there is no due date a blank one says so."""
    return {key: row[key] for key in COMPARED if row[key]}


def shown(answer: Any) -> dict[str, str]:
    texts = {}
    for key in COMPARED:
        value = getattr(answer, key)
        texts[key] = "" if value is None or (value == sla.Problem.NONE and key == "problem") else str(value)
    return texts | {"due_at": answer.due_at.isoformat() if answer.due_at else ""}


@pytest.fixture(scope="module")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rules = {code: (row["calendar"], rule_of(row)) for code, row in VECTORS.items()}
    return worlds.write_pack(tmp_path_factory.mktemp("packs") / "vectors", rules)


@pytest.fixture(scope="module")
def engine(pack_folder: Path) -> sla.Engine:
    return sla.Engine(sla.load_pack(pack_folder))


@every_vector
def test_oracle_agrees(code: str) -> None:
    row = VECTORS[code]
    calendar = worlds.ORACLES[row["calendar"]]
    times = [moment(row[key]) for key in ("received_at", "finished_at", "today")]
    found = shown(oracle.assess(calendar, rule_of(row), *times))
    assert {key: found[key] for key in expected(row)} == expected(row)


@every_vector
def test_scalar_agrees(code: str, engine: sla.Engine) -> None:
    row = VECTORS[code]
    received = moment(row["received_at"])
    if received is None:
        with pytest.raises(sla.InputError):
            sla.Case(procedure=code, received_at=received)  # type: ignore[arg-type]
        return
    case = sla.Case(procedure=code, received_at=received, finished_at=moment(row["finished_at"]))
    found = shown(engine.assess(case, today=moment(row["today"]), errors="return"))
    assert {key: found[key] for key in expected(row)} == expected(row)


def by_kind() -> dict[tuple[bool, bool, str], list[str]]:
    """Vectors that can share a batch: columns of one type each, judged on one day."""
    kinds: dict[tuple[bool, bool, str], list[str]] = {}
    for code, row in VECTORS.items():
        key = ("T" in row["received_at"], "T" in row["finished_at"], row["today"])
        kinds.setdefault(key, []).append(code)
    return kinds


@pytest.mark.parametrize("kind", by_kind(), ids=str)
def test_batch_agrees(kind: tuple[bool, bool, str], engine: sla.Engine) -> None:
    codes = by_kind()[kind]
    units = ["s" if instants else "D" for instants in kind[:2]]
    received, finished = (
        np.array([VECTORS[code][key] or "NaT" for code in codes], dtype=f"datetime64[{unit}]")
        for key, unit in zip(("received_at", "finished_at"), units, strict=True)
    )
    columns = {"procedure": codes, "received_at": received, "finished_at": finished}
    found = sla.assess_table(columns, engine, today=moment(kind[2]))
    for i, code in enumerate(codes):
        want = expected(VECTORS[code])
        got = {key: found[key][i] for key in want}
        assert {key: str(value) for key, value in got.items()} == want, VECTORS[code]["name"]


@pytest.mark.parametrize("kind", by_kind(), ids=str)
def test_command_line_agrees(kind: tuple[bool, bool, str], pack_folder: Path, tmp_path: Path) -> None:
    codes = by_kind()[kind]
    source, result = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["procedure", "received_at", "finished_at"])
        writer.writerows([code, VECTORS[code]["received_at"], VECTORS[code]["finished_at"]] for code in codes)
    today = ["--today", kind[2]] if kind[2] else ["--today", "none"]
    assert main(["run", str(source), "-o", str(result), "--pack", str(pack_folder), "-q", *today]) == 0
    with result.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    for code, row in zip(codes, found, strict=True):
        want = expected(VECTORS[code])
        assert {key: row[key] for key in want} == want, VECTORS[code]["name"]
