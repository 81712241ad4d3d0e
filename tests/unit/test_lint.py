"""What `check` finds in a pack that loads: each kind of finding in a pack that shows it, none in one that is sound."""

from __future__ import annotations

import json
import shutil
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import slaengine as sla
from slaengine.authoring.findings import FINDINGS
from slaengine.authoring.lint import find_all
from slaengine.cli import main
from slaengine.packs import find_pack

BROKEN = Path(__file__).parents[1] / "broken_packs"
SOUND = BROKEN / "meaning"
FOUND = tomllib.loads((BROKEN / "findings.toml").read_text(encoding="utf-8"))["finding"]
TODAY = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUND, tmp_path / "meaning"))


def edit(file: Path, *edits: list[str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"{file.name} no longer holds {old!r}"
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def line_of(file: Path, part: str) -> int:
    """The last line that holds the part."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, start=1) if part in line)


def test_a_sound_pack_deserves_no_second_look() -> None:
    assert find_all(SOUND, TODAY) == []


@pytest.mark.parametrize("wrong", FOUND, ids=lambda wrong: wrong["name"])
def test_a_finding_is_named_with_file_line_and_days(wrong: dict[str, Any], folder: Path) -> None:
    edit(folder / wrong["file"], *wrong["edits"])
    place = wrong.get("in", wrong["file"])
    found = find_all(folder, TODAY)
    [each] = [each for each in found if each.kind == wrong["name"]]
    assert (each.file, each.line) == (f"meaning/{place}", line_of(folder / place, wrong["at"]))
    assert wrong["en"] in each.message("en")
    assert wrong["vi"] in each.message("vi")
    for name in ("since", "until"):
        assert wrong.get(name) in {None, getattr(each, name)}
    assert len(found) == 1 or not wrong.get("alone", True), [other.text() for other in found]


def test_a_longer_commitment_is_longer_on_the_days_on_which_the_engine_says_so(folder: Path) -> None:
    """Case by case: the engine flags a commitment that is due after the statute."""
    edit(folder / "limits.csv", ["TREE,commune,,commitment,1,,14,", "TREE,commune,,commitment,1,,20,"])
    [found] = find_all(folder, TODAY)
    engine = sla.Engine(sla.load_pack(folder))
    days = [datetime(2025, 1, 1, 9) + timedelta(days=i) for i in range(730)]
    cases = [sla.Case(procedure="TREE", level="commune", received_at=day) for day in days]
    outcomes = [engine.assess(case, errors="return") for case in cases]
    late = [o for o in outcomes if "commitment_after_due" in o.flags]
    known = [o for o in outcomes if o.due_at and o.commitment and o.commitment.due_at]
    assert (found.values["on"], found.values["total"]) == (len(late), len(known))
    assert (found.since, found.until) == (date(2025, 1, 5), late[-1].case.received_at.date() + timedelta(days=1))
    assert (found.values["day"], found.values["due"]) == (late[0].case.received_at, late[0].due_at)
    assert found.values["promised"] == late[0].commitment.due_at  # type: ignore[union-attr]


def test_every_kind_is_shown_by_a_pack() -> None:
    assert {wrong["name"] for wrong in FOUND} == FINDINGS.keys() - {"fault"}


def test_a_finding_says_the_same_in_every_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "limits.csv", ["act:5,2026-01-15", "act:5,2025-05-31"])
    assert main(["check", str(folder), "--today", "2026-06-01", "-q"]) == 1
    text = capsys.readouterr().out
    assert text == (
        "meaning/limits.csv:7: TREE/commune/statutory@2025-01-01: last compared with the text on 2025-05-31, "
        "more than 12 months ago (compare with the text and write the day into checked_on) [stale]\n"
    )
    assert main(["check", str(folder), "--today", "2026-06-01", "-q", "--format", "json"]) == 1
    [told] = json.loads(capsys.readouterr().out)
    assert told["rule"] == "TREE/commune/statutory@2025-01-01"
    assert (told["weight"], told["name"], told["line"]) == ("finding", "stale", 7)
    assert told["message"]["en"] in text
    assert told["remedy"]["vi"] == "đối chiếu lại với văn bản và ghi ngày vào checked_on"
    assert main(["check", str(folder), "--today", "2026-05-31", "-q"]) == 0
    assert main(["check", str(folder), "--today", "none", "-q"]) == 0


def test_a_note_is_a_finding_where_it_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "calendars" / "office.toml", ["date = 2025-05-01", "date = 2025-05-04"])
    how = ["check", str(folder), "--today", "2026-06-01"]
    assert main(how) == 0
    assert capsys.readouterr().out == ""
    assert main([*how, "--notes"]) == 0
    assert "[holiday_on_rest_day]" in capsys.readouterr().out
    assert main([*how, "--strict"]) == 1
    assert "[holiday_on_rest_day]" in capsys.readouterr().out


def test_a_pack_with_faults_is_told_its_faults_alone(folder: Path) -> None:
    edit(folder / "limits.csv", ["act:5,2026-01-15", "act:5,2025-05-31"], ["TREE,commune", "TREE,comune"])
    assert [each.kind for each in find_all(folder, TODAY)] == ["fault"]


def test_what_a_parent_says_is_told_where_it_is_checked(folder: Path, tmp_path: Path) -> None:
    child = tmp_path / "child"
    shutil.copytree(folder, child)
    edit(folder / "limits.csv", ["act:5,2026-01-15", "act:5,2025-05-31"])
    edit(child / "pack.toml", ['id = "meaning"', 'extends = "meaning"\nid = "child"'])
    for name in ("instruments.toml", "conventions.toml"):
        (child / name).write_text("", encoding="utf-8")
    shutil.rmtree(child / "calendars")
    (child / "steps.csv").unlink()
    (child / "succession.csv").unlink()
    header = (child / "procedures.csv").read_text(encoding="utf-8").splitlines()[0]
    (child / "procedures.csv").write_text(header + "\n", encoding="utf-8")
    rows = (child / "limits.csv").read_text(encoding="utf-8").splitlines()
    longer = rows[7].replace("TREE,commune,,commitment,1,,14,calendar_day", "HOUSE,commune,,commitment,1,,3,month")
    assert longer != rows[7]
    (child / "limits.csv").write_text(f"{rows[0]}\n{longer}\n", encoding="utf-8")
    edit(folder / "conventions.toml", ['due_time = "end_of_day"', 'due_time = "end_of_day"\nmonth_end = "last_day"'])
    assert [(each.kind, each.file, each.line) for each in find_all(child, TODAY)] == [
        ("commitment_longer", "child/limits.csv", 2)
    ]
    assert [each.kind for each in find_all(folder, TODAY)] == ["stale"]


@pytest.mark.parametrize("name", sla.shipped_packs())
def test_shipped_packs_are_clean(name: str) -> None:
    found = find_all(find_pack(name), date(2026, 11, 25))
    assert [each.text() for each in found if each.weight != "note"] == []
