"""Rule packs from files: every fault at once with its line, one digest for one content, compiled or read alike."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import slaengine as sla
from slaengine import packs
from slaengine.authoring.conformance import read_cases, run_case
from slaengine.content import compiled_form, digest

BROKEN = Path(__file__).parents[1] / "broken_packs"
FAULTS, CLOCK = (
    tomllib.loads((BROKEN / f"{name}.toml").read_text(encoding="utf-8"))["fault"] for name in ("faults", "clock")
)
MON_APR_28, TUE_APR_29 = date(2025, 4, 28), date(2025, 4, 29)
MON_MAY_5, TUE_MAY_6 = date(2025, 5, 5), date(2025, 5, 6)
GUARDIANSHIP = "1.004837,commune,,statutory,1,,3,"
CHILD = {
    "pack.toml": 'format = 1\nid = "hanoi"\nversion = "1"\nzone = "Asia/Ho_Chi_Minh"\nlevels = ["commune", "ward"]\n'
    'licence = "none"\ntitle_en = "t"\ntitle_vi = "t"\nscope_en = "s"\nscope_vi = "s"\nextends = "vn-national"\n',
    "instruments.toml": '[promise]\nnumber = "1/2025"\ntitle_en = "t"\ntitle_vi = "t"\nsource = "s"\nflag = "seen"\n',
    "conventions.toml": "",
    "procedures.csv": "code,title_vi,title_en,field\n",
    "limits.csv": "code,level,variant,basis,part,combine,amount,unit,convention,calendar,start_event,governs,"
    "supplement_effect,effective_from,effective_until,known_from,until_known_from,citation,checked_on\n"
    "1.004837,commune,,commitment,1,,2,working_day,civil-working-days,vn-public,received,receipt,,2025-01-01,,,,"
    "promise:1,2025-01-01\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of vn-national to edit."""
    return Path(shutil.copytree(packs.find_pack("vn-national"), tmp_path / "mine"))


@pytest.fixture
def child(tmp_path: Path) -> Path:
    """A province that promises less than the law allows."""
    (tmp_path / "hanoi").mkdir()
    for name, text in CHILD.items():
        (tmp_path / "hanoi" / name).write_text(text, encoding="utf-8")
    return tmp_path / "hanoi"


def edit(file: Path, old: str, new: str) -> str:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer holds {old!r}"
    edited = text.replace(old, new, 1)
    file.write_text(edited, encoding="utf-8")
    return edited


def line_of(text: str, part: str) -> int:
    """The last line that holds the part."""
    return max(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def faults_of(folder: Path) -> tuple[sla.Fault, ...]:
    with pytest.raises(sla.RulePackError) as caught:
        sla.load_pack(folder)
    return caught.value.faults


@pytest.mark.parametrize("wrong", FAULTS, ids=lambda wrong: wrong["name"])
def test_a_fault_is_named_with_file_and_line(wrong: dict[str, Any], folder: Path) -> None:
    edited = edit(folder / wrong["file"], wrong["old"], wrong["new"])
    line = line_of(edited, wrong["at"]) + wrong.get("next", 0)
    found = faults_of(folder)
    assert [(f"mine/{wrong['file']}", line)] == [(f.file, f.line) for f in found if wrong["says"] in str(f)]
    assert len(found) == 1 or not wrong.get("alone", True)


@pytest.mark.parametrize("wrong", CLOCK, ids=lambda wrong: wrong["name"])
def test_a_fault_of_the_whole_clock_is_named_with_file_and_line(wrong: dict[str, Any], tmp_path: Path) -> None:
    clock = Path(shutil.copytree(BROKEN / "clock", tmp_path / "clock"))
    edited = edit(clock / wrong["file"], wrong["old"], wrong["new"])
    place = wrong.get("in", wrong["file"])
    text = (clock / place).read_text(encoding="utf-8") if "in" in wrong else edited
    found = faults_of(clock)
    said = [(f.file, f.line) for f in found if wrong["says"] in str(f)]
    assert said == [(f"clock/{place}", line_of(text, wrong["at"]))], found
    assert len(found) == 1 or not wrong.get("alone", True)


def test_the_pack_that_is_broken_is_whole() -> None:
    assert sla.Engine(sla.load_pack(BROKEN / "clock")).tables.size


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "instruments.toml").unlink()
    assert sla.Fault("mine/instruments.toml", 0, "the file is missing", "every pack has one") in faults_of(folder)


def test_an_unknown_file_is_named(folder: Path) -> None:
    (folder / "modifier.csv").write_text("code\n", encoding="utf-8")
    (folder / "limit.csv").write_text("code\n", encoding="utf-8")
    assert [(f.file, f.line, f.message) for f in faults_of(folder)] == [
        ("mine/limit.csv", 0, "this release reads no such file"),
        ("mine/modifier.csv", 0, "this release reads no such file"),
    ]
    assert [f.hint for f in faults_of(folder)] == ["did you mean limits.csv", "did you mean modifiers.csv"]


def test_text_that_is_no_utf8_is_named(folder: Path) -> None:
    (folder / "procedures.csv").write_bytes("code,title_vi,title_en,field\n1,Thủ tục,t,f\n".encode("utf-16"))
    assert any(f.file == "mine/procedures.csv" and "cannot be read" in f.message for f in faults_of(folder))


def test_a_pack_extends_one_that_is_there(child: Path) -> None:
    edited = edit(child / "pack.toml", '"vn-national"', '"vn-nowhere"')
    fault = next(f for f in faults_of(child) if "vn-nowhere" in f.message)
    assert (fault.file, fault.line) == ("hanoi/pack.toml", line_of(edited, "vn-nowhere"))


def test_packs_do_not_extend_each_other_in_a_circle(folder: Path, child: Path) -> None:
    edit(child / "pack.toml", '"vn-national"', '"mine"')
    edited = edit(folder / "pack.toml", 'id = "vn-national"', 'extends = "hanoi"\nid = "mine"')
    fault = next(f for f in faults_of(child) if "circle" in f.message)
    assert (fault.file, fault.line, fault.message) == (
        "mine/pack.toml",
        line_of(edited, "extends"),
        "extends 'hanoi' in a circle",
    )


def test_all_faults_come_at_once_and_nothing_loads(folder: Path, tmp_path: Path) -> None:
    edit(folder / "limits.csv", GUARDIANSHIP, "1.004837,commune,,statutory,1,,three,")
    edit(folder / "calendars" / "vn-public.toml", "pays_for = 2025-05-02", "pays_for = 2025-05-05")
    (folder / "rules.yaml").write_text("", encoding="utf-8")
    with pytest.raises(sla.RulePackError) as caught:
        sla.load_pack(folder, cache_dir=tmp_path / "cache")
    error = caught.value
    assert not (tmp_path / "cache").exists()
    assert isinstance(error, sla.SlaError)
    assert isinstance(error, ExceptionGroup)
    assert [fault.file for fault in error.faults] == [
        "mine/calendars/vn-public.toml",
        "mine/limits.csv",
        "mine/rules.yaml",
    ]
    assert [str(part) for part in error.exceptions] == [str(fault) for fault in error.faults]
    assert str(error).splitlines() == [
        "rule pack mine does not load: 3 fault(s)",
        *(f"  {fault}" for fault in error.faults),
    ]


def test_a_child_pack_adds_its_promises_to_the_law(child: Path) -> None:
    pack = sla.load_pack(child)
    case = sla.Case(procedure="1.004837", level="commune", received_at=MON_APR_28)
    law = sla.Engine(pack).assess(case, today=TUE_APR_29)
    promise = sla.Engine(pack, basis="commitment").assess(case, today=TUE_APR_29)
    assert (law.due_date, promise.due_date) == (TUE_MAY_6, MON_MAY_5)
    assert promise.rule_id == "1.004837/commune/commitment@2025-01-01"
    assert pack.levels == ("central", "province", "district", "commune", "other", "ward")
    assert (pack.id, str(pack.rules[0].basis)) == ("hanoi", "statutory")


def test_a_pack_is_found_from_inside_its_folder(folder: Path, child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(child / "pack.toml", '"vn-national"', '"mine"')
    monkeypatch.chdir(child)
    assert sla.load_pack(".").digest == sla.load_pack(child).digest
    edit(child / "limits.csv", ",2,working_day,", ",two,working_day,")
    assert [fault.file for fault in faults_of(Path())] == ["hanoi/limits.csv"]


def test_the_digest_speaks_of_content_alone(folder: Path) -> None:
    before = sla.load_pack(folder).digest
    edit(folder / "pack.toml", 'id = "vn-national"', 'id = "renamed"')
    edit(folder / "pack.toml", 'version = "', 'version = "9')
    for name in ("limits.csv", "procedures.csv"):
        header, *rows = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join([header, *reversed(rows)]), encoding="utf-8")
    edit(folder / "conventions.toml", "[civil-working-days]", "# a remark\n[civil-working-days]")
    assert sla.load_pack(folder).digest == before == sla.load_pack("vn-national").digest
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",4,"))
    assert sla.load_pack(folder).digest != before


def test_the_compiled_form_answers_as_the_files_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",4,"))
    read = sla.load_pack(folder)
    packs.compile_pack(folder, tmp_path / "compiled")
    monkeypatch.setattr(packs, "content_of", lambda _: pytest.fail("the files were read"))
    kept = sla.load_pack(folder, cache_dir=tmp_path / "compiled")
    assert kept.digest == read.digest
    assert (kept.rules, kept.conventions, kept.procedures) == (read.rules, read.conventions, read.procedures)
    engines = sla.Engine(kept), sla.Engine(read)
    for row in read_cases(folder):
        one, other = (list(run_case(engine, row)) for engine in engines)
        assert one == other


@pytest.mark.parametrize("name", sla.shipped_packs())
def test_every_shipped_pack_is_the_same_when_compiled(name: str) -> None:
    content = packs.content_of(packs.find_pack(name))
    read = sla.RulePack.from_content(content)
    kept = sla.RulePack.from_compiled(json.loads(json.dumps(compiled_form(content))))
    for field in ("id", "version", "zone", "levels", "instruments", "conventions", "procedures", "rules", "succession"):
        assert getattr(kept, field) == getattr(read, field), field
    assert kept.digest == read.digest == digest(content)
    assert [rule.id for rule in kept.rules] == [rule.id for rule in read.rules]
    for calendar in read.calendars.values():
        assert kept.calendars[calendar.id].announced == calendar.announced
        assert kept.calendars[calendar.id].coverage == calendar.coverage


@pytest.mark.parametrize(
    "line", ['extends = "mine"', "extends = 'mine'", '"extends" = "mine"', 'extends = "mine" # law']
)
def test_a_parent_is_found_however_it_is_written(line: str, folder: Path, child: Path) -> None:
    before = packs.raw_hash(child)
    edit(child / "pack.toml", 'extends = "vn-national"', line)
    with_parent = packs.raw_hash(child)
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",4,"))
    assert len({before, with_parent, packs.raw_hash(child)}) == 3


@pytest.mark.parametrize("below", ["packs", "cases"])
def test_an_edited_file_is_never_overlooked(below: str, folder: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(folder, tmp_path / below / "mine"))
    before = sla.load_pack(moved, cache_dir=tmp_path / "cache").digest
    assert sla.load_pack(moved, cache_dir=tmp_path / "cache").digest == before
    edit(moved / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",4,"))
    assert sla.load_pack(moved, cache_dir=tmp_path / "cache").digest != before


def test_an_edited_parent_is_never_overlooked(folder: Path, child: Path, tmp_path: Path) -> None:
    edit(child / "pack.toml", '"vn-national"', '"mine"')
    before = sla.load_pack(child, cache_dir=tmp_path / "cache").digest
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",4,"))
    assert sla.load_pack(child, cache_dir=tmp_path / "cache").digest != before


def test_a_limit_whose_first_day_was_not_read_says_so(folder: Path) -> None:
    before = sla.load_pack(folder).digest
    limits = folder / "limits.csv"
    header, *rows = limits.read_text(encoding="utf-8").splitlines()
    if "valid_from_unknown" not in header:
        header, rows = f"{header},valid_from_unknown", [f"{row}," for row in rows]
        limits.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        assert sla.load_pack(folder).digest == before, "an empty column is no content"
    mine = [f"{row[:-1]},yes" if row.startswith("1.004845,commune,,") and row.endswith(",") else row for row in rows]
    limits.write_text("\n".join([header, *mine]) + "\n", encoding="utf-8")
    engine = sla.Engine(sla.load_pack(folder))
    assert engine.pack.digest != before
    first = next(rule.effective_from for rule in engine.pack.rules if rule.key.procedure == "1.004845")
    case = sla.Case(procedure="1.004845", level="commune", received_at=first)
    told = engine.explain(engine.assess(case))
    assert "since when it holds was not read" in told.text()
    assert told.data()["rule"]["valid_from_unknown"] is True
    with pytest.raises(sla.NotInForceError, match="the day it was read; since when was not read"):
        engine.assess(sla.Case(procedure="1.004845", level="commune", received_at=first - timedelta(1)))


def test_shipped_packs_have_their_levels() -> None:
    assert {"us-boston-311", "vn-national"} <= set(sla.shipped_packs())
    assert sla.load_pack("vn-national").levels == ("central", "province", "district", "commune", "other")
    assert sla.load_pack("us-boston-311").levels == ("city",)


def shipped_cases() -> list[Any]:
    found = [(name, row) for name in sla.shipped_packs() for row in read_cases(packs.find_pack(name))]
    return [pytest.param(name, row, id=f"{name} {row.model.name}") for name, row in found]


@cache
def engine_of(name: str) -> sla.Engine:
    return sla.Engine(sla.load_pack(name))


@pytest.mark.parametrize(("name", "row"), shipped_cases())
def test_the_cases_that_ship_with_a_pack_pass(name: str, row: Any) -> None:
    assert list(map(str, run_case(engine_of(name), row))) == []


def test_a_case_that_differs_says_where(vn: sla.Engine, folder: Path) -> None:
    path = sorted((folder / "cases").glob("*.csv"))[0]
    header, first, *_ = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{header}\n{re.sub(',[0-9]{4}-[0-9-]{5},', ',2030-01-01,', first)}\n", encoding="utf-8")
    row = read_cases(folder)[0]
    differences = list(run_case(vn, row))
    assert [(d.file, d.line, d.column, d.expected) for d in differences] == [
        (f"mine/cases/{path.name}", 2, "due_date", "2030-01-01")
    ]
