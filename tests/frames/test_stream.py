"""`slaengine run` over files: every format, parts of every size, folders that are gone on with; whole or not at all."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import resource
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

import slaengine as sla
from frame_forms import digest, random_records
from slaengine.cli import main
from slaengine.frames import pipeline, sources, stream, text
from slaengine.frames.places import find_places
from slaengine.output import OUTPUT
from slaengine.table import Job

HOW = ("--pack", "vn-national", "--today", "2025-03-03", "-q")
TODAY = date(2025, 3, 3)
KINDS = ("csv", "csv.gz", "jsonl", "parquet", "arrow")


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return random_records(11, 500)


@pytest.fixture(scope="module")
def right(table: pa.Table, vn: sla.Engine) -> str:
    return digest(sla.assess_table(table, vn, today=TODAY))


def run(*arguments: Any) -> int:
    return main(["run", *map(str, arguments), *HOW])


def write(table: pa.Table, path: Path) -> Path:
    """By other means than the package's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=77)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, 33)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in table.to_pylist()), encoding="utf-8")
    else:
        with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(table.column_names)
            for row in table.to_pylist():
                rows.writerow(
                    json.dumps(cell, default=str) if isinstance(cell, list) else cell for cell in row.values()
                )
    return path


def read(path: Path) -> pa.Table:
    """An answer as a table, whatever its format, in the types of the schema."""
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".arrow":
        return pa.feather.read_table(path)
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
            rows = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
    numbers = {"margin", "days_saved", "days_late", "days_late_calendar", "elapsed"}
    cells = {name: [row[name] for row in rows] for name in OUTPUT}
    return pa.table(
        {n: [int(c) if n in numbers and c is not None else c for c in column] for n, column in cells.items()}
    )


@pytest.mark.parametrize(
    ("kind", "out"), [*itertools.product(KINDS, ("parquet",)), *itertools.product(("arrow",), KINDS)]
)
def test_every_format_gives_the_same_answer(kind: str, out: str, table: pa.Table, right: str, tmp_path: Path) -> None:
    source = write(table, tmp_path / f"in.{kind}")
    assert run(source, "-o", tmp_path / f"out.{out}") == 0
    assert digest(read(tmp_path / f"out.{out}")) == right
    assert {path.name for path in tmp_path.iterdir()} == {f"in.{kind}", f"out.{out}"}


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize("threads", [1, 3])
def test_parts_and_threads_change_no_byte(
    size: int, threads: int, table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("csv", "parquet"):
        source = write(table, tmp_path / f"in.{kind}")
        assert run(source, "-o", tmp_path / "whole.csv") == 0
        monkeypatch.setattr(sources, "ROWS", size)
        monkeypatch.setattr(text, "BATCH", size)
        assert run(source, "-o", tmp_path / "parts.csv", "--threads", threads) == 0
        monkeypatch.undo()
        assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_hour_at_the_end_decides_over_the_dates_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `assess_table` reads the column: if one row states the hour, a row that does not cannot be read."""
    monkeypatch.setattr(text, "BATCH", 2)
    received = ["2025-02-03"] * 5 + ["2025-02-03T09:00"]
    records = {"procedure": ["1.004837"] * 6, "level": ["commune"] * 6, "received_at": received}
    for kind in ("csv", "jsonl", "parquet", "arrow"):
        write(pa.table(records), tmp_path / f"in.{kind}")
        assert run(tmp_path / f"in.{kind}", "-o", tmp_path / "out.csv") == 0
        assert read(tmp_path / "out.csv")["problem"].to_pylist() == ["received_unreadable"] * 5 + [None]


def test_a_pattern_and_a_partitioned_folder_are_one_table(table: pa.Table, vn: sla.Engine, tmp_path: Path) -> None:
    known = table.filter(pa.compute.is_valid(table["level"])).sort_by([("level", "ascending"), ("note", "ascending")])
    folder, layout = tmp_path / "cases", ds.partitioning(pa.schema([known.schema.field("level")]), flavor="hive")
    ds.write_dataset(known, folder, format="parquet", partitioning=layout)
    (folder / "_SUCCESS").write_text("")
    (folder / ".hidden.parquet").write_text("")
    for source in (folder, f"{folder}/**/*.parquet"):
        assert run(source, "-o", tmp_path / "out.parquet") == 0
        found = pq.read_table(tmp_path / "out.parquet")
        found = found.set_column(found.column_names.index("level"), "level", found["level"].cast(pa.string()))
        found = found.sort_by([("level", "ascending"), ("note", "ascending")])
        assert found["level"].to_pylist() == known["level"].to_pylist()
        assert digest(found) == digest(sla.assess_table(known, vn, today=TODAY))


def test_selected_columns_alone_are_read_and_written(table: pa.Table, tmp_path: Path, capsys: Any) -> None:
    source = write(table, tmp_path / "in.parquet")
    assert run(source, "-o", tmp_path / "out.parquet", "--select", "due_at,note,law", "--prefix", "law_") == 2
    assert "there is no column 'due_at'; choose law_due_at" in capsys.readouterr().err
    assert run(source, "-o", tmp_path / "out.parquet", "--select", "law_due_at,note", "--prefix", "law_") == 0
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column_names == ["law_due_at", "note"]
    assert found["note"].to_pylist() == table["note"].to_pylist()
    assert run(source, "-o", tmp_path / "twice.parquet", "--select", "note,note") == 2


def test_types_and_metadata_pass_through(table: pa.Table, vn: sla.Engine, tmp_path: Path) -> None:
    marked = table.replace_schema_metadata({b"mine": b"kept"})
    source = write(marked, tmp_path / "in.arrow")
    for name in ("out.parquet", "out.arrow"):
        assert run(source, "-o", tmp_path / name) == 0
        found = read(tmp_path / name)
        if name == "out.arrow":  # Parquet has no seconds, and keeps them as milliseconds
            assert [found.schema.field(field.name) for field in table.schema] == list(table.schema)
        assert found.select(table.column_names).to_pydict() == table.to_pydict()
        told = json.loads(found.schema.metadata[b"slaengine"])
        assert (told["pack"]["digest"], told["engine_digest"]) == (vn.pack.digest, vn.digest)
        assert found.schema.metadata[b"mine"] == b"kept"


def test_standard_input_is_read_in_every_format(table: pa.Table, right: str, tmp_path: Path) -> None:
    for kind in ("parquet", "jsonl"):
        source, out = write(table, tmp_path / f"in.{kind}"), tmp_path / "out.parquet"
        command = [sys.executable, "-m", "slaengine", "run", "-", "--format", kind, "-o", str(out), *HOW]
        subprocess.run(command, input=source.read_bytes(), check=True)
        assert digest(read(out)) == right


# --- bad lines

BAD = b'procedure,level,received_at\n1.004837,commune,2025-04-28\n1.004837\n\n1.004837,comm\xffune,2025-04-28\n"a"b,c,d\n1.004837,"com\nmune",2025-04-28,9\n1.004837,commune,2025-04-29\n'


@pytest.mark.parametrize("kind", ["csv", "csv.gz"])
def test_lines_that_are_no_records_go_to_a_file_of_their_own(kind: str, tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / f"in.{kind}"
    source.write_bytes(gzip.compress(BAD) if kind == "csv.gz" else BAD)
    assert run(source, "-o", tmp_path / "out.csv") == 0
    assert "6 records in = 2 out + 4 rejected (see " in capsys.readouterr().err
    with (tmp_path / "out.csv.rejected.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("3", "1 cells where the header has 3"),
        ("5", "not UTF-8"),
        ("6", "',' expected after '\"'"),
        ("8", "4 cells where the header has 3"),
    ]
    assert rows[3]["text"] == '1.004837,"com\nmune",2025-04-28,9'
    assert {row["path"] for row in rows} == {str(source)}
    assert run(source, "-o", tmp_path / "out.csv", "--strict") == 1


def test_a_json_line_that_is_no_object_is_rejected(tmp_path: Path, capsys: Any) -> None:
    good = {"procedure": "1.004837", "level": "commune", "received_at": "2025-04-28"}
    lines = [json.dumps(good), "{", "[1]", "", json.dumps({**good, "more": [1]})]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run(tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl", "--rejects", tmp_path / "bad.csv") == 0
    assert "4 records in = 2 out + 2 rejected" in capsys.readouterr().err
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["more"] for row in found] == [None, [1]]
    assert (tmp_path / "bad.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[1] == "2"


def test_the_file_of_rejects_of_an_earlier_run_does_not_stay(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(BAD)
    assert run(source, "-o", tmp_path / "out.csv") == 0
    source.write_bytes(BAD.splitlines(keepends=True)[0])
    assert run(source, "-o", tmp_path / "out.csv") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"a": 1}, {"a": "x"}], "field 'a'"),
        ([{"a": 2**70}], "field 'a'"),
        ([{"b": 1}], "there is no column 'procedure'"),
    ],
)
def test_json_without_one_type_or_column_is_refused(rows: Any, says: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert run(tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl") == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


# --- files that are damaged, and outputs that cannot be written


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.97])
def test_a_file_cut_short_is_named_and_leaves_nothing(
    kind: str, share: float, table: pa.Table, tmp_path: Path, capsys: Any
) -> None:
    source = write(table, tmp_path / f"in.{kind}")
    source.write_bytes(source.read_bytes()[: int(source.stat().st_size * share)])
    assert run(source, "-o", tmp_path / "out.parquet") == 2
    assert f"cannot read {source}" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_page_that_is_damaged_is_named_and_leaves_nothing(table: pa.Table, tmp_path: Path, capsys: Any) -> None:
    source = write(table, tmp_path / "in.parquet")
    raw = bytearray(source.read_bytes())
    raw[200:4000] = b"\xff" * 3800
    source.write_bytes(raw)
    assert run(source, "-o", tmp_path / "out.parquet") == 2
    assert f"cannot read {source}" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_files_with_other_columns_are_no_table(table: pa.Table, tmp_path: Path, capsys: Any) -> None:
    first, second = write(table, tmp_path / "a.parquet"), write(table.drop_columns(["note"]), tmp_path / "b.parquet")
    assert run(first, second, "-o", tmp_path / "out.parquet") == 2
    assert "its columns differ from the first file's; expected case_id (string)" in capsys.readouterr().err
    assert run(tmp_path / "none*.parquet", "-o", tmp_path / "out.parquet") == 2
    assert "there is no file of records in" in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_nothing(kind: str, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk; the signal that comes with it is ignored, as Python does."""
    source = write(random_records(3, 500), tmp_path / "in.parquet")
    command = [sys.executable, "-m", "slaengine", "run", str(source), "-o", str(tmp_path / f"out.{kind}"), *HOW]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limited)
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


SLOW = """
import sys, time
from slaengine.frames import stream, sources
sources.ROWS = {rows}
plan = stream.Plan.answer
def answer(self, batch):
    time.sleep(0.2)
    return plan(self, batch)
stream.Plan.answer = answer
from slaengine.cli import main
sys.exit(main(sys.argv[1:]))
"""


def begun(folder: Path, *arguments: Any, rows: int) -> subprocess.Popen[str]:
    """A run that takes its time over parts of so many rows, as soon as it writes."""
    command = [sys.executable, "-c", SLOW.format(rows=rows), "run", *map(str, arguments), *HOW]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not [p for p in folder.rglob(".*") if p.is_file()]:
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_nothing_under_the_final_name(
    how: signal.Signals, table: pa.Table, tmp_path: Path
) -> None:
    out = tmp_path / "result"
    out.mkdir()
    source = write(table, tmp_path / "in.parquet")
    process = begun(out, source, "-o", out / "out.parquet", rows=50)
    process.send_signal(how)
    told = process.communicate(timeout=60)[1]
    assert not (out / "out.parquet").exists()
    if how is signal.SIGINT:
        assert (process.returncode, told.strip()) == (2, "slaengine: stopped")
        assert list(out.iterdir()) == []


# --- folders


@pytest.fixture
def folder(table: pa.Table, tmp_path: Path) -> Path:
    for i in range(6):
        write(table.slice(i * 80, 80), tmp_path / "cases" / f"year={2020 + i % 3}" / f"part-{i}.parquet")
    return tmp_path / "cases"


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_resumed_job_is_that_of_one_never_stopped(how: signal.Signals, folder: Path, tmp_path: Path) -> None:
    assert run(folder, "-o", f"{tmp_path}/whole/") == 0
    process = begun(tmp_path, folder, "-o", f"{tmp_path}/out/", rows=sources.ROWS)
    partial, deadline = tmp_path / ".out.partial", time.monotonic() + 60
    while time.monotonic() < deadline and not any(partial.rglob("year=*/part*.parquet")):
        time.sleep(0.02)
    process.send_signal(how)
    process.communicate(timeout=60)
    assert not (tmp_path / "out").exists()
    finished = list(partial.rglob("year=*/part*.parquet"))
    assert 0 < len(finished) < 6
    before = {path: path.stat().st_mtime_ns for path in finished[:-1]}
    assert run(folder, "-o", f"{tmp_path}/out/") == 2  # not without being told to
    assert run(folder, "-o", f"{tmp_path}/out/", "--resume", "--prefix", "law_") == 2  # not with other settings
    assert run(folder, "-o", f"{tmp_path}/out/", "--resume") == 0
    assert not partial.exists()
    whole, found = files_of(tmp_path / "whole"), files_of(tmp_path / "out")
    assert {name: raw for name, raw in found.items() if not name.rpartition("/")[2].startswith(".")} == whole
    assert all((tmp_path / "out" / path.relative_to(partial)).stat().st_mtime_ns == at for path, at in before.items())
    assert run(folder, "-o", f"{tmp_path}/out/", "--resume") == 0  # nothing left to do
    assert run(folder, "-o", f"{tmp_path}/out/") == 2


def test_a_folder_keeps_its_shape_and_sums_up(folder: Path, tmp_path: Path, capsys: Any) -> None:
    assert main(["run", str(folder), "-o", f"{tmp_path}/out/", "--format", "csv.gz", *HOW[:-1]]) == 0
    told = capsys.readouterr().err
    assert "480 records in = 480 out + 0 rejected" in told
    assert "By status" in told
    names = [name for name in files_of(tmp_path / "out") if name.startswith("year")]
    assert names == sorted(f"year={2020 + i % 3}/part-{i}.csv.gz" for i in range(6))
    log = json.loads((tmp_path / "out" / "_slaengine.json").read_text(encoding="utf-8"))
    assert sum(file["rows"] for file in log["files"].values()) == 480
    with gzip.open(tmp_path / "out" / names[0], "rt") as file:
        assert "year" not in file.readline()


def test_what_cannot_be_a_folder_job_is_refused(folder: Path, tmp_path: Path, capsys: Any) -> None:
    assert run(folder, "-o", tmp_path / "out.parquet", "--resume") == 2
    assert "--resume goes on with a job into a folder" in capsys.readouterr().err
    twice = [folder / "year=2020" / "part-0.parquet", write(pa.table({"a": [1]}), tmp_path / "b" / "part-0.parquet")]
    assert run(*twice, "-o", f"{tmp_path}/out/") == 2
    assert "two files are named part-0.parquet" in capsys.readouterr().err
    assert run("-", "-o", f"{tmp_path}/out/") == 2
    assert not (tmp_path / "out").exists()


# --- stages


def test_stages_work_ahead_and_keep_the_order() -> None:
    assert list(pipeline.ahead(iter(range(100)))) == list(range(100))
    made: list[int] = []
    items = pipeline.ahead((made.append(i) or i for i in range(100)), depth=2)
    assert next(items) == 0
    time.sleep(0.3)
    assert 2 <= len(made) <= 5
    items.close()
    assert len(made) <= 5


def test_a_fault_in_a_stage_is_raised_where_its_work_is_asked_for() -> None:
    def faulty() -> Any:
        yield 1
        raise sla.InputError("no")

    items = pipeline.ahead(pipeline.ahead(faulty()))
    assert next(items) == 1
    with pytest.raises(sla.InputError, match="no"):
        next(items)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a few parts are ever held, however many there are."""
    monkeypatch.setattr(sources, "ROWS", 10)
    held, most = 0, 0
    answer = stream.Plan.answer

    def counted(self: Any, batch: Any) -> Any:
        nonlocal held, most
        held += 1
        most = max(most, held)
        return answer(self, batch)

    def written(rows: int, done: int) -> None:
        nonlocal held
        held -= 1

    monkeypatch.setattr(stream.Plan, "answer", counted)
    source = write(random_records(5, 1_000), tmp_path / "in.parquet")
    engine = sla.Engine(sla.load_pack("vn-national"))
    wanted = stream.Wanted(Job(engine, TODAY))
    done = stream.assess_files(find_places([str(source)]), str(tmp_path / "out.arrow"), "arrow", wanted, written)
    assert (done.rows, held) == (1_000, 0)
    assert most <= 6
