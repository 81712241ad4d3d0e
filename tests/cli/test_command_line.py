"""The command line as people use it: data to standard output, messages to standard error, exit codes that mean one thing."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from slaengine.cli import main
from slaengine.packs import find_pack

ROOT = Path(__file__).parents[2]
BOSTON = ROOT / "examples" / "boston311_2015"
GUARDIAN = ["--pack", "vn-national", "--procedure", "1.004837", "--level", "commune"]
HEADER = "case_id,procedure,level,received_at,finished_at\n"
ROWS = (
    HEADER
    + "a,1.004837,commune,2025-04-28,2025-05-05\nb,1.004837,commune,2025-04-28,\nc,9.999999,commune,2025-04-28,\n"
)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_due_prints_one_due_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("due", *GUARDIAN, "--received", "2025-04-28T09:00", "--today", "2025-05-05") == 0
    out = capsys.readouterr()
    assert out.out == "Due: Tue 2025-05-06 23:59:59\nStatus: running\nRule: 1.004837/commune/statutory@2018-06-21\n"
    assert out.err == ""


def test_due_speaks_vietnamese_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("due", *GUARDIAN, "--received", "2025-04-28", "--today", "none", "--lang", "vi") == 0
    assert capsys.readouterr().out.startswith("Hạn trả: thứ Ba 06/05/2025 23:59:59\nKết luận: chưa xác định\n")
    assert run("due", *GUARDIAN, "--received", "2025-04-28", "--today", "none", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["due_at"] == "2025-05-06T23:59:59"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["due", "--pack", "nowhere", "--procedure", "x", "--received", "2025-04-28"],
            "us-boston-311, ",
        ),
        (
            ["due", *GUARDIAN[:2], "--procedure", "1.00483", "--level", "commune", "--received", "2025-04-28"],
            "near ones: 1.004837",
        ),
        (["due", *GUARDIAN, "--received", "yesterday"], "--received 'yesterday' is no time"),
        (["due", *GUARDIAN, "--received", "2025-04-28", "--format", "xml"], "choose text, json"),
        (["due", *GUARDIAN, "--received", "2025-04-28", "--lang", "fr"], "choose en or vi"),
        (["run", "nowhere.csv", "-o", "-", "--pack", "vn-national"], "cannot read nowhere.csv"),
        (["explain", "--pack", "vn-national"], "needs --procedure and --received"),
        (["calendar", "show", "vn-national", "1999"], "does not cover 1999"),
        (["calendar", "drift", "vn-national"], "--country VN"),
        (["calendar", "import", "--from", "the press", "--country", "GB", "--years", "2020:2021"], "choose holidays"),
        (["calendar", "import", "--from", "holidays", "--country", "XX", "--years", "2020:2021"], "has no XX"),
        (["schema", "nothing.toml"], "choose pack.toml"),
        (["check", "nowhere"], "there is no pack 'nowhere'"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    out = capsys.readouterr()
    assert says in out.err
    assert "Traceback" not in out.err
    assert out.out == ""


def test_run_adds_columns_and_keeps_order(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("run", records, "-o", out, "--pack", "vn-national", "--today", "2025-05-06", "-q") == 0
    found = rows_of(out.read_text(encoding="utf-8"))
    assert [(row["case_id"], row["status"], row["problem"]) for row in found] == [
        ("a", "early", ""),
        ("b", "running", ""),
        ("c", "unknown", "procedure_unknown"),
    ]
    assert found[0]["margin"] == "1"
    assert found[1]["margin"] == ""


def test_run_reads_standard_input_and_writes_standard_output(records: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "slaengine",
        "run",
        "-",
        "-o",
        "-",
        "--pack",
        "vn-national",
        "--today",
        "2025-05-06",
    ]
    done = subprocess.run(
        command, input=records.read_text(), capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert [row["status"] for row in rows_of(done.stdout)] == ["early", "running", "unknown"]
    assert "By status" in done.stderr


def test_run_summarises_by_status_problem_and_type(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run("run", records, "-o", tmp_path / "out.csv.gz", "--pack", "vn-national", "--today", "2025-05-06", "-v") == 0
    )
    err = capsys.readouterr().err
    for words in ("By status", "procedure_unknown", "1.004837", "engine digest", "sha256"):
        assert words in err
    with gzip.open(tmp_path / "out.csv.gz", "rt", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_strict_makes_a_problem_a_finding(records: Path, tmp_path: Path) -> None:
    how = ["-o", tmp_path / "out.csv", "--pack", "vn-national", "--today", "2025-05-06", "-q"]
    assert run("run", records, *how, "--strict") == 1
    assert run("run", records, *how) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("procedure,level\n1.004837,commune\n", "no column 'received_at'"),
        (HEADER + 'a,"1.004837\n', "unexpected end of data"),
        (HEADER.replace("case_id", "level") + "x,1.004837,commune,2025-04-28,\n", "twice in the header"),
        (HEADER.replace("case_id", "status") + "x,1.004837,commune,2025-04-28,\n", "already has status"),
    ],
)
def test_a_failed_run_leaves_no_output(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "result" / "out.csv"
    source.write_text(text, encoding="utf-8")
    out.parent.mkdir()
    assert run("run", source, "-o", out, "--pack", "vn-national", "--today", "2025-05-06", "-q") == 2
    assert says in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


def test_an_unreadable_time_is_that_rows_problem(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = ["a,1.004837,commune,28/04/2025,", "b,1.004837,commune,2025-04-28,soon", "c,1.004837,commune,,"]
    source.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    assert run("run", source, "-o", out, "--pack", "vn-national", "--today", "2025-05-06", "-q") == 0
    found = rows_of(out.read_text(encoding="utf-8"))
    assert [row["problem"] for row in found] == ["received_unreadable", "finished_unreadable", "received_missing"]
    assert [row["due_date"] for row in found] == ["", "2025-05-06", ""]


def test_columns_map_foreign_names_and_values(tmp_path: Path) -> None:
    source, out, mapping = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "mapping.toml"
    source.write_text("type,cap,open\n1.004837,xã,2025-04-28\n", encoding="utf-8")
    mapping.write_text(
        '[columns]\nprocedure = "type"\nlevel = "cap"\nreceived_at = "open"\n[values.level]\n"xã" = "commune"\n',
        encoding="utf-8",
    )
    assert run("run", source, "-o", out, "--pack", "vn-national", "--today", "none", "--columns", mapping, "-q") == 0
    row = rows_of(out.read_text(encoding="utf-8"))[0]
    assert (row["cap"], row["due_date"], row["problem"]) == ("xã", "2025-05-06", "today_needed")
    assert list(row)[:3] == ["type", "cap", "open"]


def test_several_files_are_one_table(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("run", records, records, "-o", out, "--pack", "vn-national", "--today", "2025-05-06", "-q") == 0
    assert len(rows_of(out.read_text(encoding="utf-8"))) == 6


def test_explain_tells_every_day_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    case = ["explain", *GUARDIAN, "--received", "2025-04-28", "--today", "2025-05-05"]
    assert run(*case) == 0
    text = capsys.readouterr().out
    assert "Wed 2025-04-30: day off, Victory / Reunification Day" in text
    assert "art. 20(2) 60/2014/QH13" in text
    assert run(*case, "--format", "json", "-o", told) == 0
    assert run("explain", "--replay", told) == 0
    changed = json.loads(told.read_text(encoding="utf-8"))
    changed["outcome"]["due_date"] = "2025-05-02"
    told.write_text(json.dumps(changed), encoding="utf-8")
    capsys.readouterr()
    assert run("explain", "--replay", told) == 1
    assert capsys.readouterr().out == "due_date: was 2025-05-02, is 2025-05-06\n"


def test_explain_takes_a_record_from_a_file(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run("explain", records, "--case-id", "a", "--pack", "vn-national", "--today", "2025-05-06", "--lang", "vi") == 0
    )
    assert "trước hạn; sớm 1 ngày làm việc" in capsys.readouterr().out
    assert run("explain", records, "--case-id", "z", "--pack", "vn-national") == 2


def test_check_and_test_find_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = find_pack("us-boston-311"), tmp_path / "bad"
    assert run("check", good) == 0
    assert run("test", good) == 0
    shutil.copytree(good, bad)
    cases = bad / "cases" / "service_levels.csv"
    cases.write_text(
        cases.read_text(encoding="utf-8").replace("2015-03-05T10:15:00", "2015-03-06T10:15:00"), encoding="utf-8"
    )
    assert run("test", bad) == 1
    limits = bad / "limits.csv"
    limits.write_text(limits.read_text(encoding="utf-8").replace("business-days", "buisness-days", 1), encoding="utf-8")
    capsys.readouterr()
    assert run("check", tmp_path) == 1
    assert (
        "bad/limits.csv:2: convention 'buisness-days' is not in the pack (did you mean business-days)"
        in capsys.readouterr().out
    )


def test_calendar_show_marks_the_year(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("calendar", "show", "vn-national", "2025", "--lang", "vi") == 0
    out = capsys.readouterr().out
    assert "250 working days in 2025" in out
    assert "26+ 27." in out
    assert "2025-05-02 Fri ~ Nghỉ hoán đổi (làm bù 26/04/2025)" in out


def test_calendar_drift_lists_the_days_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """The days of 2013 to 2026 that the installed package lacks: the pack's own notices name them."""
    assert run("calendar", "drift", "vn-national", "--country", "VN") == 1
    days = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {
        "2014-01-28",
        "2014-02-05",
        "2026-01-02",
        "2013-01-05",
        "2013-02-23",
        "2014-01-25",
        "2014-02-08",
        "2026-01-10",
    } <= set(days)


def test_an_imported_calendar_loads_and_does_not_drift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = tmp_path / "gb"
    shutil.copytree(find_pack("us-boston-311"), pack)
    calendar = pack / "calendars" / "gb-eng.toml"
    assert (
        run(
            "calendar",
            "import",
            "--from",
            "holidays",
            "--country",
            "GB",
            "--subdiv",
            "ENG",
            "--years",
            "2000:2030",
            "-o",
            calendar,
        )
        == 0
    )
    entry = capsys.readouterr().err.partition("instruments.toml:")[2]
    instruments = pack / "instruments.toml"
    instruments.write_text(instruments.read_text(encoding="utf-8") + entry, encoding="utf-8")
    assert run("check", pack) == 0
    assert run("calendar", "drift", pack / "gb-eng") == 0
    capsys.readouterr()
    assert run("calendar", "show", pack / "gb-eng", "2022") == 0
    assert "2022-09-19 Mon * State Funeral of Queen Elizabeth II" in capsys.readouterr().out


def test_estimated_dates_come_in_as_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("calendar", "import", "--from", "holidays", "--country", "MY", "--years", "2024:2030") == 0
    assert "provisional = true" in capsys.readouterr().out.partition("year = 2030")[2]


def test_schema_and_packs_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "limits.csv") == 0
    assert "effective_from" in json.loads(capsys.readouterr().out)["properties"]
    assert run("schema", "output") == 0
    assert "due_at" in json.loads(capsys.readouterr().out)["columns"]
    assert run("packs") == 0
    assert "us-boston-311" in capsys.readouterr().out


def test_boston_is_reproduced(tmp_path: Path) -> None:
    """The measured shares of the example file: targets to the minute, and the city's own flag."""
    out = tmp_path / "out.csv"
    how = ["--pack", "us-boston-311", "--columns", BOSTON / "columns.toml", "--today", "2016-01-12", "-q"]
    assert run("run", BOSTON / "requests.csv.gz", "-o", out, *how) == 0
    with out.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert len(found) == 60_762
    assert all(row["due_at"] for row in found if row["rule_id"])
    targets = [row for row in found if row["target_dt"]]
    assert len(targets) == 47_260
    off = [abs((moment(row["due_at"]) - moment(row["target_dt"])).total_seconds()) for row in targets if row["due_at"]]
    assert len(off) == 47_260
    assert sum(seconds <= 60 for seconds in off) / len(targets) >= 0.965
    assert sum(seconds <= 300 for seconds in off) / len(targets) >= 0.979
    flags = {"early": "ONTIME", "on_time": "ONTIME", "running": "ONTIME", "late": "OVERDUE", "overdue": "OVERDUE"}
    flagged = [row for row in targets if row["ontime"]]
    assert sum(flags.get(row["status"]) == row["ontime"] for row in flagged) / len(flagged) >= 0.99


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
