"""Two packs compared: entries, days, and the due dates of every day of receipt, against days counted on paper."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

import slaengine as sla
from slaengine.cli import main
from slaengine.differences import DueChange, compare_packs
from slaengine.packs import find_pack

GUARDIANSHIP = (
    "1.004837,commune,,statutory,1,,3,working_day,civil-working-days,vn-public,received,receipt,,2025-07-01,2027-03-01,"
)
IN_2025 = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}
FROM_AUGUST = {"since": date(2025, 8, 1), "until": date(2026, 1, 1)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(find_pack("vn-national"), tmp_path / "vn-national"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer holds {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def due_of(found: tuple[DueChange, ...], limit: str) -> DueChange:
    [change] = [change for change in found if limit in change.limits]
    return change


def test_a_pack_does_not_differ_from_its_copy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compare_packs("vn-national", folder, **IN_2025)
    assert (found.any, found.entries, found.days, found.due) == (False, (), (), ())
    assert main(["diff", "vn-national", str(folder), "-q"]) == 0
    assert capsys.readouterr().out.endswith("Nothing differs.\n")


def test_a_shorter_limit_is_told_with_its_article_and_its_days(folder: Path) -> None:
    """3 working days became 2. Received Fri 1/8/2025: Mon 4=1, Tue 5=2, Wed 6=3."""
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",2,"))
    found = compare_packs("vn-national", folder, **FROM_AUGUST)
    [entry] = found.entries
    assert entry.name == "1.004837/commune/statutory@2025-07-01"
    assert (entry.table, entry.change, entry.fields) == ("limits", "changed", {"amount": (3, 2)})
    assert entry.citations == ("civil-status-2014:20(2)",)
    [change] = found.due
    assert change.limits == ("1.004837/commune/statutory",)
    assert (change.days, change.of, change.stretches) == (153, 153, ((date(2025, 8, 1), date(2026, 1, 1)),))
    due = datetime(2025, 8, 6, 23, 59, 59), datetime(2025, 8, 5, 23, 59, 59)
    assert change.first == (datetime(2025, 8, 1, 9), *due, ())


def test_a_version_that_takes_over_changes_the_receipts_from_its_day_on(folder: Path) -> None:
    limits = folder / "limits.csv"
    row = next(line for line in limits.read_text(encoding="utf-8").splitlines() if line.startswith(GUARDIANSHIP))
    ended = row.replace(",2025-07-01,2027-03-01,", ",2025-07-01,2025-09-01,")
    begun = row.replace(",3,", ",2,").replace(",2025-07-01,2027-03-01,", ",2025-09-01,2027-03-01,")
    edit(limits, row, f"{ended}\n{begun}")
    found = compare_packs("vn-national", folder, **IN_2025)
    assert [(e.change, e.name, e.fields.get("effective_until")) for e in found.entries] == [
        ("changed", "1.004837/commune/statutory@2025-07-01", ("2027-03-01", "2025-09-01")),
        ("added", "1.004837/commune/statutory@2025-09-01", (None, "2027-03-01")),
    ]
    assert found.due[0].stretches == ((date(2025, 9, 1), date(2026, 1, 1)),)
    assert found.due[0].days == 122  # 30 + 31 + 30 + 31


def test_a_moved_day_off_changes_the_limits_that_reach_it(folder: Path) -> None:
    """Friday 2/5/2025 is worked, Monday 5/5 is off. 3 working days, 30/4 and 1/5 being holidays.

    Received Thu 24/4: 25=1, Sat 26 (make-up)=2, 28=3: as before. Fri 25/4: 26=1, 28=2, 29=3: as before. Sat 26/4:
    28=1, 29=2, then 2/5 for 5/5. Sun 27/4 the same; Mon 28/4: 29=1, 2/5=2, 6/5=3: was 5/5=2, 6/5=3, so as before;
    Tue 29/4 to Thu 1/5: 2/5=1, 6/5=2, 7/5=3 as before. Fri 2/5 to Sun 4/5: 6, 7, 8 for 5, 6, 7. Mon 5/5: as before.
    """
    calendar = folder / "calendars" / "vn-public.toml"
    edit(calendar, "{ date = 2025-05-02", "{ date = 2025-05-05")
    edit(calendar, "pays_for = 2025-05-02", "pays_for = 2025-05-05")
    found = compare_packs("vn-national", folder, **IN_2025)
    assert [(day.day, day.was, day.now) for day in found.days] == [
        (date(2025, 5, 2), "off", "working"),
        (date(2025, 5, 5), "working", "off"),
    ]
    assert found.days[0].was_named[1] == "Nghỉ hoán đổi (làm bù 26/04/2025)"
    change = due_of(found.due, "1.004837/commune/statutory")
    assert change.stretches == ((date(2025, 4, 26), date(2025, 4, 28)), (date(2025, 5, 2), date(2025, 5, 5)))
    assert change.first[1:3] == (datetime(2025, 5, 5, 23, 59, 59), datetime(2025, 5, 2, 23, 59, 59))
    assert change.last[1:3] == (datetime(2025, 5, 7, 23, 59, 59), datetime(2025, 5, 8, 23, 59, 59))


def test_a_cut_off_is_asked_on_both_sides(folder: Path) -> None:
    """From 15:00 to 16:00: receipts of working days between the two are then due on the day itself."""
    edit(folder / "conventions.toml", 'time = "15:00"', 'time = "16:00"')
    window = {"since": date(2025, 8, 4), "until": date(2025, 8, 11)}  # Monday to Sunday
    found = compare_packs("vn-national", folder, **window)
    [entry] = found.entries
    assert (entry.table, entry.name, list(entry.fields)) == ("conventions", "civil-status-same-day", ["cut_off"])
    change = due_of(found.due, "1.001193/commune/statutory")
    assert (change.days, change.stretches) == (5, ((date(2025, 8, 4), date(2025, 8, 9)),))
    day = datetime(2025, 8, 4)
    assert change.first.received == day.replace(hour=15, second=1)
    assert (change.first.was, change.first.now) == (datetime(2025, 8, 5, 23, 59, 59), datetime(2025, 8, 4, 23, 59, 59))


def test_due_dates_are_those_of_the_engine_one_by_one(folder: Path) -> None:
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",8,"))
    window = {"since": date(2026, 1, 25), "until": date(2026, 3, 10)}
    change = compare_packs("vn-national", folder, **window).due[0]
    engines = [sla.Engine(sla.load_pack(place)) for place in ("vn-national", folder)]
    for example in (change.first, change.last):
        case = sla.Case(procedure="1.004837", level="commune", received_at=example.received)
        assert [engine.assess(case).due_at for engine in engines] == [example.was, example.now]


def test_attributes_are_tried(tmp_path: Path) -> None:
    clock = Path(__file__).parents[1] / "broken_packs" / "clock"
    copy = Path(shutil.copytree(clock, tmp_path / "clock"))
    modifiers = (copy / "modifiers.csv").read_text(encoding="utf-8").splitlines()
    header, first = modifiers[0].split(","), modifiers[1].split(",")
    first[header.index("amount")] = str(int(first[header.index("amount")]) + 1)
    (copy / "modifiers.csv").write_text("\n".join([modifiers[0], ",".join(first), *modifiers[2:]]) + "\n")
    found = compare_packs(clock, copy)
    assert [entry.table for entry in found.entries] == ["modifiers"]
    assert first[header.index("attribute")] in found.due[0].first.attributes


def test_the_verb_speaks_both_languages_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "limits.csv", GUARDIANSHIP, GUARDIANSHIP.replace(",3,", ",2,"))
    how = ["diff", "vn-national", str(folder), "--from", "2025-08-01", "--until", "2025-09-01", "-q"]
    assert main(how) == 1
    text = capsys.readouterr().out
    assert "\n  ~ 1.004837/commune/statutory@2025-07-01: amount 3 → 2 [civil-status-2014:20(2)]\n" in text
    assert "    31 of 31 days of receipt: 2025-08-01 .. 2025-08-31\n" in text
    assert main([*how, "--lang", "vi"]) == 1
    assert "    31/31 ngày tiếp nhận: 01/08/2025 .. 31/08/2025\n" in capsys.readouterr().out
    assert main([*how, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["due"][0]["stretches"] == [["2025-08-01", "2025-09-01"]]
    assert told["entries"][0]["fields"] == {"amount": [3, 2]}
    assert told["old"]["digest"] == sla.load_pack("vn-national").digest
    assert main([*how[:3], "--from", "2025-02-01", "--until", "2025-02-01", "-q"]) == 2
    assert "no day lies from 2025-02-01 until 2025-02-01" in capsys.readouterr().err
