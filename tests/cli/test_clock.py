"""The whole clock on the command line: events, times, promises, knowledge, and flags that mean the same on every verb."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import clock_worlds
import rule_text
from slaengine.cli import main
from slaengine.packs import find_pack

GUARDIAN = ["--pack", "vn-national", "--procedure", "1.004837", "--level", "commune", "--received", "2025-04-28"]
STOP = "stop 2025-04-29 2025-05-06"
HEADER = "case_id,procedure,received_at,finished_at,fee_paid_at,suspensions,extensions,promises,promised_at,urgent\n"
ROWS = {
    "plain": "five,2025-08-04,,,,,,,",
    "stopped": 'five,2025-08-04,,,"[{""start"": ""2025-08-05"", ""end"": ""2025-08-07""}]",,,,',
    "open": 'five,2025-08-04,,,"[{""start"": ""2025-08-05""}]",,,,',
    "longer": 'five,2025-08-04,,,,"[{""amount"": ""2"", ""unit"": ""working_day"", ""granted_at"": ""2025-08-06""}]",,,',
    "void": 'paid,2025-08-04,,2025-08-05,,"[{""amount"": 2, ""unit"": ""week"", ""granted_at"": ""2025-08-06""}]",,,',
    "unpaid": "paid,2025-08-04,,,,,,,",
    "promised": "five,2025-08-04,2025-08-08,,,,,2025-08-07,",
    "told": 'five,2025-08-04,2025-08-08,,,,"[{""promised_at"": ""2025-08-12"", ""told_at"": ""2025-08-04""}]",,',
    "urgent": "quick,2025-08-04,,,,,,,yes",
    "unreadable": 'five,2025-08-04,,,"[{""start"": ""soon""}]",,,,',
}
FIVE = "amount=5 unit=working_day"
RULES = {
    "five": f"{FIVE} extension=unrolled_end",
    "paid": f"{FIVE} start_event=fee_paid",
    "quick": f"{FIVE} + urgent:replace:1:working_day",
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    limits = {code: clock_worlds.Limit("announced", tuple(rule_text.versions(rule))) for code, rule in RULES.items()}
    return clock_worlds.World().write_pack(tmp_path / "made", limits)


@pytest.fixture
def both(pack: Path) -> Path:
    """The same pack with three promised days for `five`."""
    file = pack / "limits.csv"
    [line] = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("five")]
    promised = line.replace("statutory", "commitment").replace(",5,working_day", ",3,working_day")
    file.write_text(f"{file.read_text(encoding='utf-8')}{promised}\n", encoding="utf-8")
    return pack


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    path.write_text(HEADER + "".join(f"{name},{row}\n" for name, row in ROWS.items()), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row["case_id"]: row for row in csv.DictReader(io.StringIO(text))}


# --- due


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        (["--event", STOP, "--today", "2025-05-06"], ["Due: Thu 2025-05-08 23:59:59", "Status: running"]),
        (
            ["--event", "stop 2025-04-29 -", "--today", "2025-05-06"],
            ["Due: There is no due date.", "Status: suspended"],
        ),
        (["--event", "stop 2025-04-29", "--today", "2025-05-06"], ["Status: suspended"]),
        (
            [
                "--event",
                "stop 2025-04-29 2025-05-05",
                "--event",
                "restart 2025-05-06 2025-05-12",
                "--today",
                "2025-05-13",
            ],
            ["Due: Thu 2025-05-15 23:59:59"],
        ),
        (["--event", f"{STOP}; extend 2 week 2025-05-07", "--today", "2025-05-08"], ["Noted: extension_void"]),
        (["--event", "stop 2025-06-02 2025-06-03", "--today", "2025-06-04"], ["Noted: event_void"]),
        (["--promised", "2025-05-05", "--finished", "2025-05-06"], ["Status: on time", "Promise: late"]),
        (["--known-at", "received", "--today", "2025-05-05"], ["Due: Tue 2025-05-06 23:59:59"]),
        (["--known-at", "2025-05-01", "--today", "2025-05-05"], ["Due: Tue 2025-05-06 23:59:59"]),
    ],
    ids=str,
)
def test_due_takes_what_happened(more: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("due", *GUARDIAN, *more) == 0
    told = capsys.readouterr()
    assert set(lines) <= set(told.out.splitlines())
    assert told.err == ""


def test_due_takes_the_time_of_what_starts_the_clock(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paid = ["due", "--pack", pack, "--procedure", "paid", "--received", "2025-08-04", "--today", "2025-08-06"]
    assert run(*paid, "--time", "fee_paid=2025-08-05T09:00") == 0
    assert "Due: Wed 2025-08-13 23:59:59" in capsys.readouterr().out
    assert run(*paid) == 2
    assert "give the time of 'fee_paid'" in capsys.readouterr().err


def test_due_knows_what_was_known(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The closure of 7 August 2025 was told on the 6th."""
    five = ["due", "--pack", pack, "--procedure", "five", "--received", "2025-08-04", "--today", "2025-08-04"]
    for known_at, day in (("", "Tue 2025-08-12"), ("2025-08-05", "Mon 2025-08-11"), ("received", "Mon 2025-08-11")):
        assert run(*five, *(["--known-at", known_at] if known_at else [])) == 0
        assert f"Due: {day} 23:59:59" in capsys.readouterr().out


def test_due_shows_the_other_basis(both: Path, capsys: pytest.CaptureFixture[str]) -> None:
    five = ["due", "--pack", both, "--procedure", "five", "--received", "2025-08-04", "--finished", "2025-08-11"]
    assert run(*five) == 0
    beside = "Other basis: Fri 2025-08-08 23:59:59, late (five/office/commitment@1990-01-01)"
    assert capsys.readouterr().out.splitlines()[-1] == beside
    assert run(*five, "--format", "json", "--promised", "2025-08-08", "--event", "stop 2025-08-20") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["due_date"], told["commitment"]["due_date"]) == ("2025-08-12", "2025-08-08")
    assert (told["promise_status"], told["flags"], told["remaining"], told["used_percent"]) == ("late", [], 1, 80)
    assert (told["next_change_at"], told["margin_minutes"]) == (None, None)


def test_a_supplement_needs_a_rule_that_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    """The one-stop decree restarts the limits of guardianship; no text was read on those of the police."""
    supplement = ("--event", "supplement 2025-05-05 2025-05-06", "--received", "2025-04-28T09:00", "--today", "none")
    asked = ("due", "--pack", "vn-national", "--level", "commune", *supplement)
    assert run(*asked, "--procedure", "1.004837") == 0
    assert capsys.readouterr().out.startswith("Due: Fri 2025-05-09 23:59:59")  # 7, 8, 9 May
    assert run(*asked, "--procedure", "1.004222") == 2
    assert "the rule does not say what a supplement does" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--event", "stop"], "'stop' is no event; write \"stop 2025-08-04 2025-08-06\""),
        (["--event", "stop 2025-13-01"], "is no event"),
        (["--event", "stop - 2025-05-06"], "is no event"),
        (["--event", "stop 2025-04-29 2025-05-06 2025-05-07 2025-05-08"], "is no event"),
        (["--event", "restart 2025-04-29 2025-05-06 2025-05-07"], "is no event"),
        (["--event", "pause 2025-04-29"], "'pause 2025-04-29' is no event"),
        (["--event", "extend many week 2025-05-05"], "is no event"),
        (["--event", "extend 15 calendar_day"], "is no event"),
        (["--event", "extend 2 weeks 2025-05-05"], "a clock event cannot be read"),
        (["--event", "stop 2025-05-06 2025-04-29"], "a clock event cannot be read, or ends before it begins"),
        (["--time", "fee_paid"], "--time fee_paid '' is no time"),
        (["--time", "=2025-05-05"], "'=2025-05-05' names nothing; write --time fee_paid=2025-08-05T09:00"),
        (["--time", "fee_paid=soon"], "--time fee_paid 'soon' is no time"),
        (["--promised", "Friday"], "--promised 'Friday' is no time"),
        (["--known-at", "yesterday"], "--known-at 'yesterday' is no time"),
        (["--known-at", "2025-05-05T09:00"], "is no day; write 2025-04-28, or received"),
        (["--attribute", "=true"], "names nothing; write --attribute name=true"),
    ],
    ids=str,
)
@pytest.mark.parametrize("verb", ["due", "explain"])
def test_what_cannot_be_read_says_what_to_write(
    verb: str, more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(verb, *GUARDIAN, "--today", "2025-05-08", *more) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert (told.out, "Traceback" in told.err) == ("", False)


# --- run


def test_run_reads_events_and_adds_what_is_asked_for(records: Path, pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    also = "flags, promise_status,used_percent,next_change_at,commitment"
    assert run("run", records, "-o", out, "--pack", pack, "--today", "2025-08-08", "--also", also, "-q") == 0
    found = rows_of(out.read_text(encoding="utf-8"))
    assert {name: row["due_date"] for name, row in found.items()} == {
        "plain": "2025-08-12",
        "stopped": "2025-08-14",
        "open": "",
        "longer": "2025-08-14",
        "void": "2025-08-13",
        "unpaid": "",
        "promised": "2025-08-12",
        "told": "2025-08-12",
        "urgent": "2025-08-05",
        "unreadable": "",
    }
    assert found["open"]["status"] == "suspended"
    assert {name: row["problem"] for name, row in found.items() if row["problem"]} == {
        "unpaid": "start_event_missing",
        "unreadable": "event_unreadable",
    }
    assert {name: row["flags"] for name, row in found.items() if row["flags"]} == {"void": "extension_void"}
    assert {name: row["promise_status"] for name, row in found.items() if row["promise_status"]} == {
        "promised": "late",
        "told": "early",
    }
    assert found["plain"]["next_change_at"] == "2025-08-13T00:00:00"
    assert found["plain"]["used_percent"] == "60"  # the 5th, 6th and 8th of five
    assert {row["commitment_due_at"] for row in found.values()} == {""}


def test_run_knows_what_was_known(records: Path, pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for known_at, due in (("received", "2025-08-11"), ("2025-08-05", "2025-08-11"), ("2025-08-06", "2025-08-12")):
        how = ["--pack", pack, "--today", "2025-08-08", "--known-at", known_at, "-q"]
        assert run("run", records, "-o", out, *how) == 0
        assert rows_of(out.read_text(encoding="utf-8"))["plain"]["due_date"] == due


def test_run_puts_the_other_basis_beside(records: Path, both: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    how = ["--pack", both, "--today", "2025-08-08", "--also", "commitment", "--prefix", "our_", "-q"]
    assert run("run", records, "-o", out, *how) == 0
    row = rows_of(out.read_text(encoding="utf-8"))["promised"]
    beside = {name: cell for name, cell in row.items() if name.startswith("our_commitment")}
    assert beside == {
        "our_commitment_due_at": "2025-08-08T23:59:59",
        "our_commitment_due_date": "2025-08-08",
        "our_commitment_status": "on_time",
        "our_commitment_problem": "",
        "our_commitment_margin": "0",
        "our_commitment_rule_id": "five/office/commitment@1990-01-01",
    }


def test_the_summary_counts_flags_when_they_are_asked_for(
    records: Path, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = ["-o", tmp_path / "out.csv", "--pack", pack, "--today", "2025-08-08"]
    assert run("run", records, *how, "--also", "flags", "--prefix", "our_") == 0
    err = capsys.readouterr().err
    assert "Records with a flag" in err
    assert "extension_void" in err
    assert "suspended" in err
    assert run("run", records, *how) == 0
    assert "Records with a flag" not in capsys.readouterr().err


def test_the_summary_takes_foreign_names_of_start_events(
    records: Path, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = records.read_text(encoding="utf-8").replace("fee_paid_at", "paid").replace("suspensions", "stops")
    records.write_text(text, encoding="utf-8")
    out = tmp_path / "out.csv"
    columns = ["--columns", "fee_paid_at=paid,suspensions=stops"]
    assert run("run", records, "-o", out, "--pack", pack, "--today", "2025-08-08", *columns) == 0
    assert "By type" in capsys.readouterr().err
    assert rows_of(out.read_text(encoding="utf-8"))["stopped"]["due_date"] == "2025-08-14"
    assert run("explain", records, "--case-id", "void", "--pack", pack, "--today", "2025-08-08", *columns) == 0


@pytest.mark.parametrize("cell", ["[{", '"{""start"": ""2025-08-05""}"', "3", "stop 2025-08-05"])
def test_a_cell_that_is_no_list_of_events_stops_the_run(
    cell: str, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"procedure,received_at,suspensions\nfive,2025-08-04,{cell}\n", encoding="utf-8")
    assert run("run", source, "-o", out, "--pack", pack, "-q") == 2
    assert "column 'suspensions'" in capsys.readouterr().err
    assert not out.exists()


def test_an_unknown_column_on_request_is_refused(records: Path, pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", records, "-o", "-", "--pack", pack, "--also", "flag", "-q") == 2
    assert "there is no column 'flag' to ask for; there is provisional," in capsys.readouterr().err


# --- explain


@pytest.mark.parametrize("name", ["stopped", "longer", "promised", "told", "urgent", "void"])
def test_explain_judges_a_record_of_a_file_as_run_does(
    name: str, records: Path, both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, how = tmp_path / "out.csv", ["--pack", both, "--today", "2025-08-08"]
    assert run("run", records, "-o", out, *how, "-q") == 0
    row = rows_of(out.read_text(encoding="utf-8"))[name]
    assert run("explain", records, "--case-id", name, *how, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)["outcome"]
    for column in ("due_at", "due_date", "status", "margin", "elapsed", "rule_id"):
        assert ("" if told[column] is None else str(told[column])) == row[column]


@pytest.mark.parametrize(("name", "says"), [("unreadable", "clock event cannot be read"), ("unpaid", "'fee_paid'")])
def test_explain_says_what_is_wrong_with_a_record_of_a_file(
    name: str, says: str, records: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", records, "--case-id", name, "--pack", pack, "--today", "2025-08-08") == 2
    assert says in capsys.readouterr().err


def test_an_explanation_with_events_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    case = ["explain", *GUARDIAN, "--event", STOP, "--event", "extend 2 week 2025-05-06", "--promised", "2025-05-05"]
    case += ["--time", "fee_paid=2025-04-29", "--event", "restart 2025-05-07 -", "--today", "2025-05-08"]
    assert run(*case, "--format", "json", "-o", told) == 0
    assert run("explain", "--replay", told) == 0
    assert capsys.readouterr().out == "the same result, from the same pack and settings\n"
    changed = json.loads(told.read_text(encoding="utf-8"))
    del changed["case"]["restarts"]
    told.write_text(json.dumps(changed), encoding="utf-8")
    assert run("explain", "--replay", told) == 1
    assert "status: was suspended, is running" in capsys.readouterr().out


def test_a_replay_knows_what_was_known(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    five = ["--pack", pack, "--procedure", "five", "--received", "2025-08-04", "--today", "2025-08-04"]
    assert run("explain", *five, "--known-at", "received", "--format", "json", "-o", told) == 0
    assert run("explain", "--replay", told, "--pack", pack, "--known-at", "received") == 0
    capsys.readouterr()
    assert run("explain", "--replay", told, "--pack", pack) == 1
    assert "due_date: was 2025-08-11, is 2025-08-12" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--event", STOP], ["--time", "a=2025-04-29"], ["--promised", "2025-05-05"]], ids=str)
def test_a_record_comes_from_a_file_or_from_flags(
    more: list[str], records: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", records, "--case-id", "plain", "--pack", pack, *more) == 2
    assert "a record comes from FILE or from flags" in capsys.readouterr().err


# --- the same flags everywhere

VERBS = {
    "due": ["due", *GUARDIAN, "--today", "2025-05-06"],
    "explain": ["explain", *GUARDIAN, "--today", "2025-05-06"],
    "run": ["run", "RECORDS", "-o", "-", "--pack", "it-road-fines", "--today", "2025-05-06"],
    "check": ["check", str(find_pack("it-road-fines"))],
    "test": ["test", str(find_pack("it-road-fines"))],
    "diff": ["diff", "it-road-fines", "itsm-incidents"],
    "coverage": ["coverage", "it-road-fines"],
    "show": ["calendar", "show", "vn-national", "2025"],
    "import": ["calendar", "import", "--from", "holidays", "--country", "GB", "--years", "2024"],
    "drift": ["calendar", "drift", "vn-national", "--country", "VN"],
}


def told_by(verb: str, records: Path, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = [str(records) if word == "RECORDS" else word for word in VERBS[verb]]
    command = [sys.executable, "-m", "slaengine", *arguments, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_quiet_verbose_and_plain_mean_the_same_on_every_verb(verb: str, records: Path) -> None:
    plain = told_by(verb, records, "--no-color")
    quiet, verbose = told_by(verb, records, "-q"), told_by(verb, records, "-v", "-q")
    assert "Traceback" not in plain.stderr, plain.stderr
    assert plain.returncode in {0, 1}
    assert {quiet.returncode, verbose.returncode} == {plain.returncode}
    assert quiet.stdout == verbose.stdout == plain.stdout
    assert plain.stdout or verb in {"check", "test"}
    assert quiet.stderr == ""
    wanted = {"check": "pack ", "import": "calendar gb from holidays-"}.get(verb, ", sha256 ")
    assert wanted in verbose.stderr
    assert "\x1b" not in plain.stderr


def test_verbose_tells_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("due", *GUARDIAN, "--today", "2025-05-06", "--known-at", "received", "-v") == 0
    assert "basis statutory, known at received, engine digest " in capsys.readouterr().err
