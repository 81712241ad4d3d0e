"""Benchmarks: one call, cold start, a batch; each beside what others would write, compared before it is timed.

Run at full size with `python3 make.py bench`; the test suite runs them with ten rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from peers import BusdayPipeline, PortalLoop
from slow import SlowOracle, row_of, table_rows
from workload import TODAY, DatedHourlyWorkload, DatedStoppedWorkload, StoppedWorkload, Workload

import slaengine as sla
from slaengine import batch
from slaengine.batch import Times
from slaengine.days import DAY
from slaengine.events import Event
from slaengine.vocabulary import Status

ROWS = int(os.environ.get("SLAENGINE_BENCH_ROWS", "10"))
FEW = min(ROWS, 2_000)
COLD = """
import time
start = time.perf_counter()
import slaengine as sla
from datetime import datetime
engine = sla.Engine(sla.load_pack("vn-national"))
case = sla.Case(procedure="1.004837", level="commune", received_at=datetime(2025, 4, 28, 9))
assert str(engine.assess(case).due_date) == "2025-05-06"
print(time.perf_counter() - start)
import sys
assert not {"pyarrow", "pandas", "pydantic", "holidays", "typer"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def work() -> Workload:
    made = Workload(ROWS)
    assert made.records is not None
    return made


@pytest.fixture(scope="module")
def answers(work: Workload) -> batch.Answers:
    return run_batch(work)


@pytest.fixture(scope="module")
def stopped() -> StoppedWorkload:
    made = StoppedWorkload(ROWS)
    assert made.records is not None
    return made


class WorkloadAsKnown(Workload):
    """The same, each record judged by what was known on the day of its receipt; only the rules that are asked for."""

    @cached_property
    def engine(self) -> sla.Engine:
        pack = super().engine.pack
        rules = tuple(pack.rules[i] for i in np.unique(self.rule).tolist())
        return sla.Engine(replace(pack, rules=rules), known_at="received")

    @cached_property
    def records(self) -> batch.Records:
        codes, number = self.engine.tables.versions.codes, np.unique(self.rule, return_inverse=True)[1]
        groups = np.array([codes.group(*rule.key) for rule in self.engine.pack.rules], dtype=np.int32)[number]
        times = batch.Times(self.received, True), batch.Times(self.finished, True)
        return batch.Records(groups=groups, received=times[0], finished=times[1])


def run_batch(work: Workload) -> batch.Answers:
    tables = work.engine.tables
    return batch.assess(tables, work.records, today=work.today, early=1)


def note(benchmark: Any, rows: int) -> None:
    benchmark.extra_info["rows"] = rows
    if benchmark.stats:
        benchmark.extra_info["ns_per_row"] = benchmark.stats.stats.median / rows * 1e9


def test_batch_kernel(benchmark: Any, work: Workload) -> None:
    """From codes and seconds to due, verdict, margin: the vector kernel, one thread."""
    found = benchmark(run_batch, work)
    assert (found.meaning("problem") == 0).all()
    note(benchmark, ROWS)


def test_batch_kernel_with_stops(benchmark: Any, stopped: StoppedWorkload) -> None:
    """The same where 10 % of the records stood still one to three times and 5 % of the limits are in hours."""
    assert table_rows(stopped, run_batch(stopped), FEW) == SlowOracle(stopped).answers(FEW)
    benchmark(run_batch, stopped)
    note(benchmark, ROWS)
    benchmark.extra_info["rows_with_stops"] = len(np.unique(stopped.stops[0]))


@pytest.fixture(scope="module", params=[DatedHourlyWorkload, DatedStoppedWorkload], ids=["without", "with"])
def dated(request: pytest.FixtureRequest) -> DatedHourlyWorkload:
    """Limits with up to five versions, by the day of receipt, on eight calendars, 5 % in hours; and with stops."""
    made: DatedHourlyWorkload = request.param(ROWS)
    assert table_rows(made, run_batch(made), FEW) == SlowOracle(made).answers(FEW)
    return made


def test_batch_kernel_dated(benchmark: Any, dated: DatedHourlyWorkload) -> None:
    """The vector kernel on everything that a day of receipt may choose among."""
    benchmark(run_batch, dated)
    note(benchmark, ROWS)
    benchmark.extra_info["versions"] = len(dated.engine.pack.rules)


def test_batch_kernel_two_threads(benchmark: Any, dated: DatedHourlyWorkload) -> None:
    """Both halves of the records at once, each by a thread of its own."""
    halves = [part_of(dated.records, *edges) for edges in ((0, ROWS // 2), (ROWS // 2, ROWS))]

    def run(records: batch.Records) -> batch.Answers:
        return batch.assess(dated.engine.tables, records, today=dated.today, early=1)

    with ThreadPoolExecutor(2) as pool:
        found = benchmark(lambda: list(pool.map(run, halves)))
    assert (np.concatenate([each.due_day for each in found]) == run_batch(dated).due_day).all()
    note(benchmark, ROWS)


def part_of(records: batch.Records, start: int, stop: int) -> batch.Records:
    """The records [start, stop) with their events."""
    received, finished = (
        Times(each.seconds[start:stop], each.instants) for each in (records.received, records.finished)
    )
    return replace(
        records,
        groups=records.groups[start:stop],
        received=received,
        finished=finished,
        events=records.events and events_of(records.events, start, stop),
    )


def events_of(events: batch.Events, start: int, stop: int) -> batch.Events:
    low, high = np.searchsorted(events.rows, (start, stop))
    first, last = events.first[low], events.first[high]
    each = {name: getattr(events, name)[first:last] for name in ("time", "kind", "end", *Event._fields[4:])}
    mine = {"rows": events.rows[low:high] - start, "first": events.first[low : high + 1] - first}
    return events._replace(**each, **mine, trouble=events.trouble[low:high])


def test_batch_known_at_received(benchmark: Any) -> None:
    """The plain limits again, with the calendar as it was known on the day of each receipt."""
    work = WorkloadAsKnown(ROWS)
    answers = run_batch(work)
    assert table_rows(work, answers, FEW) == SlowOracle(work, known_at="received").answers(FEW)
    benchmark(run_batch, work)
    note(benchmark, ROWS)
    benchmark.extra_info["rows_not_covered"] = int((answers.meaning("problem") > 0).sum())


def test_batch_whole_answer(benchmark: Any, work: Workload) -> None:
    """The same with every column of the answer under its public name."""
    from slaengine.table import made_columns

    found = benchmark(lambda: made_columns(work.engine, work.records, run_batch(work)))
    assert len(found["due_at"].values) == ROWS
    note(benchmark, ROWS)


def test_batch_busday_pipeline(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """numpy.busday, whole columns."""
    peer = BusdayPipeline(work)
    found = benchmark(peer.answers)
    assert (found["due_at"].astype("datetime64[D]").astype(int) == answers.due_day).all()
    status = answers.meaning("status")
    assert (found["late"] == (status == Status.LATE)).all()
    closed = ~found["open"]
    wrong = int((found["margin"] != answers.margin)[closed].sum())
    benchmark.extra_info["rows_with_another_margin"] = wrong  # busday_count is not antisymmetric
    assert (found["margin"] == answers.margin)[closed & (answers.margin_calendar >= 0)].all()
    note(benchmark, ROWS)


def test_batch_portal_loop(benchmark: Any, work: Workload, answers: batch.Answers) -> None:
    """holidays and dateutil, row by row, on the first rows."""
    peer = PortalLoop(work)
    found = benchmark.pedantic(lambda: [peer.answer(i) for i in range(FEW)], rounds=3)
    for i, (due, margin) in enumerate(found):
        assert due.date().toordinal() - 719_163 == answers.due_day[i]
        assert margin is None or margin == answers.margin[i]
    note(benchmark, FEW)


def test_one_call(benchmark: Any, work: Workload) -> None:
    """engine.assess on one finished case."""
    case = work.case(int(np.flatnonzero(work.finished < batch.LATER)[0]))
    outcome = benchmark(work.engine.assess, case, today=TODAY)
    assert outcome.due_at is not None


def test_one_call_with_three_stops(benchmark: Any, stopped: StoppedWorkload) -> None:
    """engine.assess on one finished case that stood still three times before it was due."""
    day, amount = stopped.limits["unit"] == 0, stopped.limits["amount"]
    rule = stopped.engine.pack.rules[int(np.flatnonzero(day & (amount >= 10))[0])]
    at = datetime.fromisoformat
    stops = [
        sla.Suspension(at("2024-03-06T08:10:00"), at("2024-03-08T16:45:00")),
        sla.Suspension(at("2024-03-11T10:30:00"), at("2024-03-12T09:05:00")),
        sla.Suspension(at("2024-03-15T14:20:00"), at("2024-03-25T11:00:00")),
    ]
    times = {"received_at": at("2024-03-04T09:15:00"), "finished_at": at("2024-04-26T15:30:00")}
    case = sla.Case(procedure=rule.key.procedure, level=rule.key.level, suspensions=stops, **times)
    due = [stopped.engine.assess(replace(case, suspensions=stops[:number])).due_at for number in range(4)]
    assert due == sorted(set(due))  # each stop counts
    outcome = benchmark(stopped.engine.assess, case, today=TODAY)
    assert row_of(outcome) == SlowOracle(stopped).answer(case)


def test_one_call_portal_loop(benchmark: Any, work: Workload) -> None:
    """The same case by the portal developer's loop."""
    i = int(np.flatnonzero(work.finished < batch.LATER)[0])
    due, _ = benchmark(PortalLoop(work).answer, i)
    assert due == work.engine.assess(work.case(i), today=TODAY).due_at


def test_one_call_busday_offset(benchmark: Any, work: Workload) -> None:
    """One date through numpy.busday_offset, nothing else."""
    peer = BusdayPipeline(work)
    day = np.datetime64(int(work.received[0]) // DAY, "D")
    assert benchmark(np.busday_offset, day, 5, roll="backward", busdaycal=peer.calendar) > day


def test_cold_start(benchmark: Any) -> None:
    """A new process: import, load a pack, first assess; neither pyarrow, pandas nor pydantic is loaded."""
    seconds: list[float] = []

    def once() -> None:
        done = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True)
        seconds.append(float(done.stdout))

    benchmark.pedantic(once, rounds=11 if ROWS > 10 else 1)
    benchmark.extra_info["median_ms_inside_python"] = sorted(seconds)[len(seconds) // 2] * 1000


def test_load_from_files(benchmark: Any) -> None:
    """Reading and checking a pack from its files, and compiling its tables."""
    from slaengine.pack import RulePack
    from slaengine.packs import content_of, find_pack

    folder = find_pack("vn-national")
    engine = benchmark.pedantic(
        lambda: sla.Engine(RulePack.from_content(content_of(folder))), rounds=5 if ROWS > 10 else 1
    )
    assert engine.tables.versions.rules
