"""Benchmarks of frames and files, and of peers in data engines; answers are compared before anything is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import DuckDBJoin, PandasNumpy, PandasOffsets, PolarsBusiness, QuantLibLoop
from test_engine import FEW, ROWS, note, run_batch
from workload import LEVELS, PROCEDURES, TODAY, StoppedWorkload, Workload

import slaengine as sla
from slaengine import batch
from slaengine.frames.places import find_places
from slaengine.frames.stream import Wanted, assess_files
from slaengine.table import Job

NOTHING = np.iinfo(np.int64).min


@pytest.fixture(scope="module")
def work() -> Workload:
    return Workload(ROWS)


@pytest.fixture(scope="module")
def answers(work: Workload) -> batch.Answers:
    return run_batch(work)


@pytest.fixture(scope="module")
def table(work: Workload) -> pa.Table:
    return table_of(work)


def table_of(work: Workload) -> pa.Table:
    """The workload as a table of Arrow's, words in dictionaries; stops, where it has them, as lists."""
    open_yet = work.finished == batch.LATER
    finished = pa.array(np.where(open_yet, 0, work.finished), pa.int64(), mask=open_yet)
    procedures = pa.array([f"p{i:04d}" for i in range(PROCEDURES)])
    columns = {
        "procedure": pa.DictionaryArray.from_arrays((work.rule // len(LEVELS)).astype(np.int16), procedures),
        "level": pa.DictionaryArray.from_arrays((work.rule % len(LEVELS)).astype(np.int8), pa.array(LEVELS)),
        "received_at": pa.array(work.received).cast(pa.timestamp("s")),
        "finished_at": finished.cast(pa.timestamp("s")),
    }
    if isinstance(work, StoppedWorkload):
        owner, start, end = work.stops
        first = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=work.rows)))).astype(np.int32)
        times = [pa.array(moments).cast(pa.timestamp("s")) for moments in (start, end)]
        columns["suspensions"] = pa.ListArray.from_arrays(first, pa.StructArray.from_arrays(times, ["start", "end"]))
    return pa.table(columns)


def as_text(table: pa.Table) -> pa.Table:
    for i, name in enumerate(("procedure", "level")):
        table = table.set_column(i, name, table[name].cast(pa.string()))
    return table


def compared(found: pa.Table, answers: batch.Answers) -> pa.Table:
    """The table, having the kernel's answers."""
    assert (found["due_date"].cast(pa.int32()).to_numpy() == answers.due_day).all()
    status = found["status"].combine_chunks()
    assert (status.indices.to_numpy() == answers.meaning("status")).all()
    known = answers.meaning("has_margin") > 0
    assert (found["margin"].fill_null(0).to_numpy()[known] == answers.margin[known]).all()
    return found


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("words", ["dictionaries", "text"])
def test_arrow(benchmark: Any, words: str, threads: int, table: pa.Table, work: Workload, answers: Any) -> None:
    """Arrow table in, Arrow table out."""
    given = table if words == "dictionaries" else as_text(table)
    compared(sla.assess_table(given, work.engine, today=TODAY, threads=threads), answers)
    benchmark(lambda: sla.assess_table(given, work.engine, today=TODAY, threads=threads))
    note(benchmark, ROWS)


def test_arrow_with_stops(benchmark: Any) -> None:
    """The same where 10 % of the records stood still one to three times, as a column of lists, and 5 % are in hours."""
    work = StoppedWorkload(ROWS)
    table, found = table_of(work), run_batch(work)
    compared(sla.assess_table(table, work.engine, today=TODAY), found)
    benchmark(lambda: sla.assess_table(table, work.engine, today=TODAY))
    note(benchmark, ROWS)


@pytest.mark.parametrize("words", ["dictionaries", "text"])
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frame(benchmark: Any, kind: str, words: str, table: pa.Table, work: Workload, answers: Any) -> None:
    """A frame in, a frame of the same kind out."""
    given = table if words == "dictionaries" else as_text(table)
    frame: Any = given.to_pandas() if kind == "pandas" else pl.from_arrow(given)
    found = sla.assess_table(frame, work.engine, today=TODAY)
    due = pd.Series(found["due_date"]).to_numpy() if kind == "pandas" else found["due_date"].to_numpy()
    assert (due.astype("datetime64[D]").astype(np.int64) == answers.due_day).all()
    benchmark(lambda: sla.assess_table(frame, work.engine, today=TODAY))
    note(benchmark, ROWS)


# --- files


@pytest.fixture(scope="module")
def files(table: pa.Table, work: Workload, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    """The records as Parquet with words as text, and what is to be written."""
    path = tmp_path_factory.mktemp("files") / "in.parquet"
    given = as_text(table)
    pq.write_table(given, path)
    return path, sla.assess_table(pq.read_table(path), work.engine, today=TODAY)


def test_parquet_without_computing(benchmark: Any, files: tuple[Path, pa.Table]) -> None:
    """PyArrow reads the columns, and writes them with the answer that lies ready: what files alone cost."""
    path, ready = files

    def read_and_write() -> None:
        read = pq.read_table(path)
        made = [ready.column(i) for i in range(read.num_columns, ready.num_columns)]
        pq.write_table(
            pa.Table.from_arrays([*read.columns, *made], schema=ready.schema), path.with_name("plain.parquet")
        )

    benchmark.pedantic(read_and_write, rounds=5 if ROWS > 10 else 1)
    note(benchmark, ROWS)


def test_parquet_to_parquet(benchmark: Any, files: tuple[Path, pa.Table], work: Workload, answers: Any) -> None:
    """The same with computing, in a stream."""
    path, _ = files
    out = path.with_name("out.parquet")

    def run() -> None:
        assess_files(find_places([str(path)]), str(out), "parquet", Wanted(Job(work.engine, TODAY)), lambda *_: None)

    benchmark.pedantic(run, rounds=5 if ROWS > 10 else 1)
    written = pq.read_table(out)
    assert (written["due_date"].cast(pa.int32()).to_numpy() == answers.due_day).all()
    note(benchmark, ROWS)


PEAK = r"""
import json, re, sys
sys.path.insert(0, sys.argv[1])
from workload import TODAY, Workload
from slaengine.frames.places import find_places
from slaengine.frames.stream import Wanted, assess_files
from slaengine.table import Job
job = Job(Workload(1).engine, TODAY)
done = assess_files(find_places(sys.argv[2:-1]), sys.argv[-1], "parquet", Wanted(job), lambda *_: None)
peak = re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())  # of this program alone, unlike ru_maxrss
print(json.dumps([done.rows, int(peak[1]) // 1024]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of one program")
@pytest.mark.parametrize("times", [1, 5])
def test_peak_memory(benchmark: Any, times: int, files: tuple[Path, pa.Table], tmp_path: Path) -> None:
    """The resident memory of a process that assesses the file, or five times as many rows."""
    paths = [str(files[0])] * times
    command = [sys.executable, "-c", PEAK, str(Path(__file__).parent), *paths, str(tmp_path / "out.parquet")]
    peak: list[int] = []

    def once() -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows, size = json.loads(done.stdout)
        assert rows == ROWS * times
        peak.append(size)

    benchmark.pedantic(once, rounds=1)
    benchmark.extra_info["peak_mib"] = max(peak)
    note(benchmark, ROWS * times)


# --- peers


def judged(benchmark: Any, found: dict[str, Any], answers: batch.Answers, due: str = "due") -> None:
    """Compare a peer's whole columns with the kernel's; how often its margin differs is noted."""
    assert (found[due].astype(np.int64) == answers.due_day).all()
    finished = answers.meaning("has_margin") > 0
    late = np.asarray(found["late"])[finished].astype(bool)
    assert (late == (answers.meaning("status") == sla.Status.LATE)[finished]).all()
    margin = np.nan_to_num(np.asarray(found["margin"], dtype=float))[finished]
    benchmark.extra_info["rows_with_another_margin"] = int((margin != answers.margin[finished]).sum())


def test_peer_pandas_numpy(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """pandas with numpy.busday inside."""
    peer = PandasNumpy(work)
    judged(benchmark, peer.answers(), answers)
    benchmark.pedantic(peer.answers, rounds=3 if ROWS > 10 else 1)
    note(benchmark, ROWS)


def test_peer_polars(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """Polars' expressions for business days."""
    peer = PolarsBusiness(work)
    judged(benchmark, peer.answers(), answers)
    benchmark.pedantic(peer.answers, rounds=3 if ROWS > 10 else 1)
    note(benchmark, ROWS)


@pytest.mark.parametrize("threads", [1, 2])
def test_peer_duckdb(benchmark: Any, threads: int, work: Workload, answers: batch.Answers) -> None:
    """SQL joined to tables of working days."""
    peer = DuckDBJoin(work, threads)
    judged(benchmark, peer.answers(), answers)
    benchmark.pedantic(peer.answers, rounds=3 if ROWS > 10 else 1)
    note(benchmark, ROWS)


def test_peer_pandas_offsets(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """pandas' offsets, row by row, on the first rows; they know no make-up days, and so are wrong on some."""
    peer = PandasOffsets(work, FEW)
    found = benchmark.pedantic(peer.answers, rounds=3 if ROWS > 10 else 1)
    wrong = int((np.array(found) != answers.due_day[:FEW]).sum())
    assert wrong < max(FEW // 4, 3)
    benchmark.extra_info["rows_with_another_due_date"] = wrong
    note(benchmark, FEW)


def test_peer_quantlib(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """QuantLib's calendar, row by row, on the first rows."""
    library = pytest.importorskip("QuantLib", reason="this peer needs QuantLib")
    peer = QuantLibLoop(work, FEW, library)
    found = benchmark.pedantic(peer.answers, rounds=3 if ROWS > 10 else 1)
    assert found == answers.due_day[:FEW].tolist()
    note(benchmark, FEW)
