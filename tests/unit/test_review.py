"""What a doubting reader found once and must not find again: one small test a finding."""

from __future__ import annotations

import json
import os
import pickle
import stat
import threading
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oracle
import slaengine as sla
import worlds
from slaengine.cli import main
from slaengine.frames.files import read_table

at = datetime.fromisoformat
GUARDIANSHIP = "1.004837"  # 3 working days
INSPECTION = "Traffic Signal Inspection"  # 1 calendar day at the same time
MON_APR_28, TUE_APR_29, TUE_MAY_6 = date(2025, 4, 28), date(2025, 4, 29), date(2025, 5, 6)
COVERAGE = (date(2025, 1, 1), date(2026, 1, 1))
HEADER = "case_id,procedure,level,received_at,finished_at\n"
USUAL = {
    "unit": "working_day",
    "deems": "as_is",
    "count_from": "next_day",
    "roll": "following",
    "month_end": "last_day",
    "due_time": "end_of_day",
}
AFTER_THREE = oracle.CutOff(inclusive=False, effect="due_day", time=time(15))
RULES = {
    "plain": ("vn-public", oracle.Rule(amount=3, **USUAL)),
    "pushed": ("vn-public", oracle.Rule(amount=3, **{**USUAL, "unit": "calendar_day"}, cut_off=AFTER_THREE)),
    "month": ("vn-public", oracle.Rule(amount=1, **{**USUAL, "unit": "month"})),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small pack to edit."""
    return worlds.write_pack(tmp_path / "odd", RULES)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> sla.Engine:
    return sla.Engine(sla.load_pack(worlds.write_pack(tmp_path_factory.mktemp("packs") / "odd", RULES)))


def guardianship(received: date = MON_APR_28, **more: Any) -> sla.Case:
    return sla.Case(procedure=GUARDIANSHIP, level="commune", received_at=received, **more)


def table(received: Any, **more: Any) -> dict[str, Any]:
    length = len(received)
    return {"procedure": [GUARDIANSHIP] * length, "level": ["commune"] * length, "received_at": received, **more}


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer holds {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path) -> tuple[sla.Fault, ...]:
    with pytest.raises(sla.RulePackError) as caught:
        sla.load_pack(folder)
    return caught.value.faults


def line_of(file: Path, part: str) -> int:
    """The last line that holds the part."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, start=1) if part in line)


# --- times


@pytest.mark.parametrize("unit", ["D", "s", "ns"])
def test_a_masked_time_is_null(unit: str, vn: sla.Engine) -> None:
    days = np.array(["2025-04-28", "2025-04-28"], dtype=f"datetime64[{unit}]")
    masked = np.ma.MaskedArray(days, [False, True])
    found = sla.assess_table(table(masked), vn, today=TUE_APR_29)
    assert found["problem"].tolist() == [None, "received_missing"]
    found = sla.assess_table(table(days, finished_at=masked), vn, today=TUE_APR_29)
    assert found["status"].tolist() == ["early", "running"]


def test_a_masked_word_is_null(vn: sla.Engine) -> None:
    masked = np.ma.MaskedArray([GUARDIANSHIP, GUARDIANSHIP], [False, True])
    found = sla.assess_table({**table([MON_APR_28] * 2), "procedure": masked}, vn, today=TUE_APR_29)
    assert found["problem"].tolist() == [None, "procedure_missing"]


@pytest.mark.parametrize("unit", ["M", "Y", "W"])
def test_a_column_that_names_no_day_is_refused(unit: str, vn: sla.Engine) -> None:
    column = np.array(["2025-04-24"], dtype="datetime64[D]").astype(f"datetime64[{unit}]")
    with pytest.raises(sla.InputError, match="names no day"):
        sla.assess_table(table(column), vn)
    with pytest.raises(sla.InputError, match="names no day"):
        sla.assess_table(table(["2025-04-28"], finished_at=column), vn)


def both_ways(
    engine: sla.Engine, received: datetime, finished: datetime | None = None, today: date | None = None
) -> list[tuple[str, str | None]]:
    """Status and problem of an inspection as one record gets them, then as a row of a table of objects and of text."""
    case = sla.Case(procedure=INSPECTION, received_at=received, finished_at=finished)
    one = engine.assess(case, today=today, errors="return")
    found = [(str(one.status), None if one.problem is sla.Problem.NONE else str(one.problem))]
    for write in (lambda moment: moment, lambda moment: moment and moment.isoformat()):
        columns = {"procedure": [INSPECTION], "received_at": [write(received)], "finished_at": [write(finished)]}
        many = sla.assess_table(columns, engine, today=today)
        found.append((many["status"].item(), many["problem"].item()))
    return found


def test_a_finish_in_the_repeated_hour_is_not_before_its_receipt(us: sla.Engine) -> None:
    """01:45 the first time, 01:15 the second."""
    assert both_ways(us, at("2015-11-01T05:45Z"), at("2015-11-01T06:15Z")) == [("early", None)] * 3


def test_a_finish_in_the_repeated_hour_is_late_after_the_first_reading(us: sla.Engine) -> None:
    """Due at 01:30, whose first reading comes before 01:20 the second time."""
    received = at("2015-10-31T05:30Z")
    assert both_ways(us, received, at("2015-11-01T05:20Z")) == [("on_time", None)] * 3
    assert both_ways(us, received, at("2015-11-01T06:20Z")) == [("late", None)] * 3


def test_today_in_the_repeated_hour_is_after_the_first_reading(us: sla.Engine) -> None:
    received = at("2015-10-31T05:30Z")
    assert both_ways(us, received, today=at("2015-11-01T05:20Z")) == [("running", None)] * 3
    assert both_ways(us, received, today=at("2015-11-01T06:20Z")) == [("overdue", None)] * 3


def test_a_due_time_that_a_clock_change_leaves_out_ends_with_the_last_second_there_was(us: sla.Engine) -> None:
    received, due = at("2015-03-07T02:30"), at("2015-03-08T01:59:59")
    assert us.assess(sla.Case(procedure=INSPECTION, received_at=received), today=received).due_at == due
    found = sla.assess_table({"procedure": [INSPECTION], "received_at": [received]}, us, today=received)
    assert found["due_at"].tolist() == [due]


def test_a_finish_far_in_the_future_is_late(vn: sla.Engine) -> None:
    for finished in (date(2100, 1, 1), at("2100-01-01T09:00")):
        one = vn.assess(guardianship(finished_at=finished))
        received = [MON_APR_28] if not isinstance(finished, datetime) else [at("2025-04-28T09:00")]
        many = sla.assess_table(table(received, finished_at=[finished]), vn)
        assert (str(one.status), many["status"].tolist()) == ("late", ["late"])


@pytest.mark.parametrize("today", ["2025-05-01", 20250501])
def test_today_is_a_date_and_no_text(today: Any, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match="today is"):
        vn.assess(guardianship(), today=today)
    with pytest.raises(sla.InputError, match="today is"):
        sla.assess_table(table([MON_APR_28]), vn, today=today)


# --- names, settings, types


@pytest.mark.parametrize("name", ["suspensions", "extensions", "restarts", "supplements", "promises"])
@pytest.mark.parametrize(
    "cell", ["a stop", 3, MON_APR_28, {"start": MON_APR_28}, [MON_APR_28], [{"deadline": MON_APR_28}]]
)
def test_a_column_of_events_that_cannot_be_read_is_refused(name: str, cell: Any, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match=f"column '{name}'"):
        sla.assess_table(table([MON_APR_28, MON_APR_28], **{name: [None, cell]}), vn)


def test_columns_of_events_stop_the_clock_and_empty_ones_do_not(vn: sla.Engine) -> None:
    stop = [{"start": "2025-04-29", "end": "2025-05-06"}]  # 29 April and 5 May: two working days
    found = sla.assess_table(table([MON_APR_28] * 4, suspensions=[None, [], stop, float("nan")]), vn)
    assert found["due_date"].astype(str).tolist() == ["2025-05-06", "2025-05-06", "2025-05-08", "2025-05-06"]
    for name in ("suspensions", "extensions", "restarts", "supplements", "promises"):
        nothing = sla.assess_table(table([MON_APR_28], **{name: [None]}), vn, also=["flags"])
        assert nothing["due_date"].astype(str).tolist() == ["2025-05-06"]
        assert nothing["flags"].tolist() == [None]


def test_a_misspelt_name_of_a_mapping_is_refused_with_a_near_one(vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError, match="columns: nothing is read under 'finishd_at'; choose finished_at"):
        sla.assess_table(table([MON_APR_28], done=[None]), vn, columns={"finishd_at": "done"})
    with pytest.raises(sla.InputError, match="values: nothing is read under 'levels'; choose level"):
        sla.assess_table(table([MON_APR_28]), vn, values={"levels": {"UBND": "commune"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"procedure": 1004837},
        {"procedure": None},
        {"level": 1},
        {"variant": None},
        {"case_id": 7},
        {"attributes": {"online": "yes"}},
        {"attributes": {"online": 1}},
        {"attributes": ["online"]},
        {"attributes": None},
    ],
    ids=str,
)
def test_a_case_refuses_what_it_cannot_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(sla.InputError):
        sla.Case(**{"procedure": GUARDIANSHIP, "level": "commune", "received_at": MON_APR_28, **wrong})


@pytest.mark.parametrize(
    "ask",
    [
        lambda vn: vn.assess(guardianship(), errors="ignore"),
        lambda vn: sla.Engine(vn.pack, early_from=0),
        lambda vn: sla.Engine(vn.pack, early_from=1.5),
        lambda vn: sla.Engine(vn.pack, early_from="1"),
        lambda vn: sla.assess_table(table([MON_APR_28]), vn, block=0),
        lambda vn: sla.assess_table(table([MON_APR_28]), vn, also="provisional"),
        lambda vn: sla.assess_table(table([MON_APR_28]), vn, also=["provisionally"]),
    ],
)
def test_a_setting_that_means_nothing_is_refused(ask: Any, vn: sla.Engine) -> None:
    with pytest.raises(sla.InputError):
        ask(vn)


def test_an_engine_can_be_pickled_after_use(vn: sla.Engine) -> None:
    used = sla.Engine(vn.pack)
    before = used.assess(guardianship(), today=TUE_APR_29)
    sla.assess_table(table([MON_APR_28]), used, today=TUE_APR_29)
    copy = pickle.loads(pickle.dumps(used))  # our own
    after = copy.assess(guardianship(), today=TUE_APR_29)
    assert (copy.digest, after.due_at, after.steps) == (used.digest, before.due_at, before.steps)
    assert sla.assess_table(table([MON_APR_28]), copy, today=TUE_APR_29)["due_date"].tolist() == [TUE_MAY_6]


def test_the_error_of_a_broken_pack_can_be_pickled(folder: Path) -> None:
    (folder / "instruments.toml").unlink()
    with pytest.raises(sla.RulePackError) as caught:
        sla.load_pack(folder)
    copy = pickle.loads(pickle.dumps(caught.value))  # our own
    assert (copy.faults, str(copy)) == (caught.value.faults, str(caught.value))


# --- a calendar alone

OFFICE = sla.Calendar(
    id="office",
    coverage=COVERAGE,
    weekly_rest=("saturday", "sunday"),
    office_hours=[sla.OfficeHours(since=COVERAGE[0], days=frozenset({"monday"}), segments=(sla.Segment(480, 1020),))],
)


def test_an_aware_time_is_the_day_that_its_own_clock_shows() -> None:
    friday_late = datetime(2025, 5, 2, 23, tzinfo=timezone(timedelta(hours=-5)))
    friday_early = datetime(2025, 5, 2, 1, tzinfo=timezone(timedelta(hours=7)))
    for moment in (friday_late, friday_early, datetime(2025, 5, 2, 12, tzinfo=UTC)):
        assert OFFICE.is_working_day(moment)
        assert OFFICE.add_working_days(moment, 1) == date(2025, 5, 5)


@pytest.mark.parametrize("n", [1.5, np.array([0.5]), "1"])
def test_parts_of_working_days_are_not_added(n: Any) -> None:
    with pytest.raises(sla.InputError, match="give a whole number"):
        OFFICE.add_working_days(MON_APR_28, n)


def test_past_the_coverage_no_office_time_is_told() -> None:
    assert OFFICE.segments_on(MON_APR_28) == (sla.Segment(480, 1020),)
    for day in (COVERAGE[0] - timedelta(days=1), COVERAGE[1]):
        with pytest.raises(sla.CoverageError):
            OFFICE.segments_on(day)


# --- packs


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: text[: len(text) // 2],
        lambda _: "[]",
        lambda _: "{}",
        lambda text: text.replace('[3,"working_day"', '[4,"working_day"', 1),
        lambda text: text.replace('[3,"working_day"', '["many","working_day"', 1),
        lambda text: text.partition("\n")[0] + "\nnull",
    ],
    ids=["empty", "cut", "list", "nothing", "tampered", "nonsense", "null"],
)
def test_a_spoilt_cache_file_is_made_anew(spoil: Any, folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    digest = sla.load_pack(folder, cache_dir=cache).digest
    [file] = cache.iterdir()
    whole = file.read_text(encoding="utf-8")
    assert spoil(whole) != whole
    file.write_text(spoil(whole), encoding="utf-8")
    assert sla.load_pack(folder, cache_dir=cache).digest == digest
    assert file.read_text(encoding="utf-8") == whole


def test_a_cache_that_cannot_be_written_is_an_input_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(sla.InputError, match="cannot keep the pack in"):
        sla.load_pack(folder, cache_dir=tmp_path / "file")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",1990-01-01,", ",20200101,", "'20200101' is no date"),
        (",1990-01-01,", ",0,", "'0' is no date"),
        (",1990-01-01,", ",2025-02-29,", "'2025-02-29' is no day of the calendar"),
        (",2026-01-01\n", ",1735689600\n", "'1735689600' is no date"),
        (",3,working_day,", ",1_0,working_day,", "'1_0' is no amount"),
        (",3,working_day,", ", 3,working_day,", "' 3' is no amount"),
    ],
)
def test_what_only_could_be_read_as_a_date_or_number_is_a_fault(old: str, new: str, says: str, folder: Path) -> None:
    edit(folder / "limits.csv", old, new)
    [fault] = faults_of(folder)
    assert (fault.file, fault.line) == ("odd/limits.csv", 2)
    assert says in fault.message


def test_a_year_with_two_lists_is_a_fault(folder: Path) -> None:
    file = folder / "calendars" / "vn-public.toml"
    again = '[[years]]\nyear = 2025\ncitation = "v:1"\nprovisional = false\n'
    lists = "holiday = []\nsubstitute_day_off = []\nmake_up_day = []\n"
    file.write_text(file.read_text(encoding="utf-8") + again + lists, encoding="utf-8")
    [fault] = faults_of(folder)
    assert (fault.file, fault.line) == ("odd/calendars/vn-public.toml", line_of(file, "[[years]]"))
    assert fault.message == "2025 has two lists"


@pytest.mark.parametrize("name", ["vn-public.toml.bak", "2026.csv", "notes.txt"])
def test_a_foreign_file_among_the_calendars_is_a_fault(name: str, folder: Path) -> None:
    (folder / "calendars" / name).write_text("", encoding="utf-8")
    [fault] = faults_of(folder)
    assert fault[:3] == (f"odd/calendars/{name}", 0, "this release reads no such file")


def test_a_pack_does_not_extend_one_of_another_zone(folder: Path, tmp_path: Path) -> None:
    child = worlds.write_pack(tmp_path / "child", {"more": RULES["plain"]}, zone="Europe/London")
    edit(child / "pack.toml", "format = 1\n", 'format = 1\nextends = "odd"\n')
    [fault] = [fault for fault in faults_of(child) if "zone" in fault.message]
    assert (fault.file, fault.line) == ("child/pack.toml", line_of(child / "pack.toml", "zone ="))
    assert fault.message == "zone Europe/London is not Asia/Ho_Chi_Minh, its parent's"


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_list_item_on_the_line_of_its_bracket_is_found_there(wrong: int, folder: Path) -> None:
    file = folder / "calendars" / "vn-public.toml"
    names = ["x" if i != wrong else "" for i in range(3)]
    items = [
        f'{{ date = 2025-06-0{i + 2}, name_en = "{name}", name_vi = "x", source = "v" }},'
        for i, name in enumerate(names)
    ]
    head, year, rest = file.read_text(encoding="utf-8").partition("year = 2025\n")
    rest = rest.replace("holiday = [\n", f"holiday = [ {items[0]}\n{items[1]}\n{items[2]}\n", 1)
    file.write_text(head + year + rest, encoding="utf-8")
    [fault] = faults_of(folder)
    assert (fault.file, fault.line) == ("odd/calendars/vn-public.toml", line_of(file, f"date = 2025-06-0{wrong + 2}"))


# --- the command line


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return written(tmp_path / "records.csv", HEADER + f"a,{GUARDIANSHIP},commune,2025-04-28,2025-05-05\n")


HOW = ["--pack", "vn-national", "--today", "2025-05-06", "-q"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What is said of a command that cannot run: one sentence on standard error, nothing on standard output."""
    assert run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("slaengine: ")
    assert "Traceback" not in told.err
    return told.err


def test_a_folder_is_not_written_over(records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in (tmp_path / "out.csv", tmp_path / "out.csv.gz"):
        place.mkdir()
        assert "it is a folder; name a file" in refused(capsys, "run", records, "-o", place, *HOW)
    explained = ["explain", records, "--case-id", "a", *HOW[:-1], "-o", tmp_path / "out.csv"]
    assert "it is a folder" in refused(capsys, *explained)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_written_into_and_stays(records: Path, tmp_path: Path) -> None:
    pipe, found = tmp_path / "out.csv", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    assert run("run", records, "-o", pipe, *HOW) == 0
    reader.join(timeout=10)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert "2025-05-06T23:59:59" in found[0]


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "junk",
        "[]",
        "{}",
        '"text"',
        '{"case": 1, "today": null}',
        '{"case": {"received_at": 20250428}, "today": null}',
        '{"case": {"received_at": "soon", "finished_at": null}, "today": null}',
    ],
)
def test_junk_is_not_replayed(junk: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path / "told.json", junk)
    assert "is no explanation; give a file that" in refused(capsys, "explain", "--replay", file)


def test_an_explanation_with_one_part_spoilt_is_not_replayed(
    vn: sla.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(vn.explain(vn.assess(guardianship(), today=TUE_APR_29)).json())
    for spoilt in (
        {"case": {**told["case"], "procedure": 5}},
        {"case": {**told["case"], "attributes": 5}},
        {"case": {**told["case"], "received_at": None}},
        {"outcome": 5},
        {"today": 5},
    ):
        file = written(tmp_path / "told.json", json.dumps({**told, **spoilt}))
        assert "is no explanation" in refused(capsys, "explain", "--replay", file)


@pytest.mark.parametrize(
    "mapping",
    [
        "columns = 3\n",
        "[columns]\nprocedure = 1\n",
        'values = "x"\n',
        '[values]\nlevel = "x"\n',
        "[values.level]\nUBND = 3\n",
    ],
)
def test_a_mapping_of_wrong_types_is_refused(
    mapping: str, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "mapping.toml", mapping)
    assert "is no table of texts" in refused(capsys, "run", records, "-o", "-", *HOW, "--columns", file)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ("level=a,level=level", "'level' is mapped twice"),
        ("level=a, level=level", "'level' is mapped twice"),
        ("finishd_at=finished_at", "nothing is read under 'finishd_at'; choose finished_at"),
    ],
)
def test_the_option_columns_maps_each_name_once_and_none_in_vain(
    pairs: str, says: str, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, "run", records, "-o", "-", *HOW, "--columns", pairs)


def test_an_unknown_language_writes_nothing(records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    assert "choose en or vi" in refused(capsys, "run", records, "-o", out, *HOW, "--lang", "fr")
    assert not out.exists()


def test_explain_reads_a_file_as_run_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"a,{GUARDIANSHIP},commune,2025-04-28T09:00,", f"b,{GUARDIANSHIP},commune,2025-04-28,"]
    file = written(tmp_path / "in.csv", HEADER + "\n".join(rows) + "\n")
    how = ["--pack", "vn-national", "--today", "2025-05-06"]
    assert "received_at '2025-04-28' cannot be read" in refused(capsys, "explain", file, "--case-id", "b", *how)
    assert run("explain", file, "--case-id", "a", *how) == 0


@pytest.mark.parametrize("text", ["a,b\n1,2\n\n", "a,b\n1,2\n\r\n\n", "a,b\n\n1,2\n"])
def test_a_blank_line_is_no_record(text: str, tmp_path: Path) -> None:
    assert read_table([str(written(tmp_path / "a.csv", text))]) == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize("finished", ["", "2025-05-05T09:00:00,5"])
def test_a_file_with_semicolons_is_told_so(finished: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = f"a;{GUARDIANSHIP};commune;2025-04-28;{finished}\n"
    file = written(tmp_path / "in.csv", HEADER.replace(",", ";") + row)
    assert "comma" in refused(capsys, "run", file, "-o", "-", *HOW)


# --- explanations


def told(engine: sla.Engine, procedure: str, received: date, today: date | None = None, **more: Any) -> str:
    case = sla.Case(procedure=procedure, received_at=received, **more)
    return engine.explain(engine.assess(case, today=today or received)).text()


def test_an_explanation_tells_a_cut_off_that_moves_the_due_day(odd: sla.Engine) -> None:
    """Three days from Wednesday end on Saturday, which rolls to Monday; after 15:00 on Tuesday."""
    rolled, pushed = "2025-07-09T15:00", "2025-07-09T16:00"
    assert "Last day      Sat 2025-07-12: a day off, so the limit ends on Mon 2025-07-14" in told(
        odd, "pushed", at(rolled)
    )
    assert "after the cut-off" not in told(odd, "pushed", at(rolled))
    text = told(odd, "pushed", at(pushed))
    assert "after the cut-off (15:00)" in text
    assert "Sat 2025-07-12: a day off, and received after the cut-off, so the limit ends a working day after" in text
    assert "on Tue 2025-07-15" in text
    assert "Tue 2025-07-15 23:59:59" in text
    assert "Wed 2025-07-16: received after the cut-off, so the limit ends on Thu 2025-07-17" in told(
        odd, "pushed", at("2025-07-13T16:00")
    )


def test_an_explanation_tells_a_month_without_the_day(odd: sla.Engine) -> None:
    text = told(odd, "month", date(2025, 1, 31))
    assert "Last day      that month has no day 31, so Fri 2025-02-28" in text
    assert "has no day" not in told(odd, "month", date(2025, 2, 28))


def test_an_explanation_tells_a_finish_after_today(vn: sla.Engine) -> None:
    case = guardianship(finished_at=date(2025, 5, 5))
    ahead, known = (vn.explain(vn.assess(case, today=day)).text() for day in (TUE_APR_29, TUE_MAY_6))
    assert "Mon 2025-05-05 (later than the day judged on, so not yet)" in ahead
    assert "Judged on     Tue 2025-04-29" in ahead
    assert "so not yet" not in known
