"""From files to a file: reading, computing and writing at the same time, in a memory that does not grow."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from slaengine.columns import renamed
from slaengine.errors import InputError
from slaengine.frames.arrow import column_of
from slaengine.frames.batches import Assessor
from slaengine.frames.files import whole_file
from slaengine.frames.pipeline import ahead
from slaengine.frames.places import Place
from slaengine.frames.sinks import opened, storable
from slaengine.frames.sources import Source
from slaengine.frames.tally import Tally, tally_of
from slaengine.frames.text import Rejected, refuse
from slaengine.frames.whole import in_order
from slaengine.held import Words
from slaengine.moments import states_hour
from slaengine.table import Job

__all__ = ["Done", "Wanted", "assess_files"]

Progress = Callable[[int, int], None]
"""Is told the rows that were written, and how far the source is read."""


PANDAS = b"pandas"
"""What pandas notes of the columns of its own file, which are not those of ours."""


class Wanted(NamedTuple):
    """What is wanted of files: the answers, which columns, and what becomes of lines that are no records.

    `rejects` names the file for such lines; "" refuses them.
    """

    job: Job
    select: Sequence[str] = ()
    rejects: str = ""
    threads: int = 1


@dataclass
class Done:
    """What was done: the records written, the lines rejected, and the counts of the answer."""

    rows: int = 0
    rejected: int = 0
    tally: Tally = field(default_factory=Tally)

    def add(self, other: Done) -> None:
        """Count what was done elsewhere."""
        self.rows += other.rows
        self.rejected += other.rejected
        self.tally.add(other.tally)


def assess_files(
    places: list[Place],
    out: str,
    kind: str,
    wanted: Wanted,
    progress: Progress,
    *,
    without: frozenset[str] = frozenset(),
) -> Done:
    """Assess the records of files into one file, which appears whole or not at all; `without` names columns to drop.

    Reading, computing and writing each have a thread, and hold some batches between them.
    """
    source = Source(places)
    plan = Plan(source, wanted, kind, without)
    done = Done()
    with ExitStack() as stack:
        sink = stack.enter_context(opened(out, kind, plan.schema))
        reject = _Rejects(wanted.rejects, stack) if wanted.rejects else refuse
        read = stack.enter_context(closing(ahead(source.batches(plan.read, reject))))
        found = stack.enter_context(closing(ahead(in_order(plan.answer, read, wanted.threads))))
        for batch, tally in found:
            sink.write(batch)
            done.rows += batch.num_rows
            done.tally.add(tally)
            progress(batch.num_rows, source.done)
    if isinstance(reject, _Rejects):
        done.rejected = reject.finish()
    return done


class Plan:
    """Which columns are read, and which come out, in their order."""

    def __init__(self, source: Source, wanted: Wanted, kind: str, without: frozenset[str]) -> None:
        self._source = source
        self._assessor = Assessor(wanted.job, source.schema)
        self._answers = [field.name for field in self._assessor.types]
        kept = [name for name in source.schema.names if name not in without]
        self._names = _chosen(wanted.select, [*kept, *self._answers])
        self._kind = kind
        inside = set(self._assessor.read.values()) | set(self._names)
        self.read = [name for name in source.schema.names if name in inside]
        """The columns to read."""

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema of what is written, and in its metadata which pack and settings gave the answer."""
        whole, ours = self._assessor.schema, set(self._answers)
        fields = [
            whole.field(name) if name in ours else storable(self._kind, whole.field(name)) for name in self._names
        ]
        metadata = {key: value for key, value in whole.metadata.items() if key != PANDAS}
        return pa.schema(fields, metadata=metadata)

    def answer(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Tally]:
        """A batch of the output, and what it counts up to."""
        job = self._assessor.job._replace(names={}, hours=self._hours)
        columns = self._assessor.columns(batch)
        made = job.answer(columns)
        arrays = dict(zip(self._answers, self._assessor.arrays(made), strict=True))
        found = [
            arrays[field.name] if field.name in arrays else batch.column(field.name).cast(field.type)
            for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(found, schema=self.schema), tally_of(made, self._procedures(job, columns))

    @staticmethod
    def _procedures(job: Job, columns: Mapping[str, Any]) -> Words:
        name = "procedure"
        words = renamed({name: columns[name]}, {}, {name: job.values.get(name, {})})[name]
        assert isinstance(words, Words)  # noqa: S101  # columns of keys are nothing else
        return words

    @cached_property
    def _hours(self) -> dict[str, bool]:
        """Which columns of text state the hour: the source is read from its beginning until each is seen to."""
        open_yet = {ours: theirs for ours, theirs in self._assessor.read.items() if theirs in self._assessor.texts}
        stated = dict.fromkeys(open_yet, False)
        if not open_yet:
            return stated
        for batch in Source(self._source.places).batches(set(open_yet.values()), lambda _: None):
            seen = [
                ours for ours, theirs in open_yet.items() if states_hour(column_of(batch.column(theirs), ours), ours)
            ]
            for ours in seen:
                stated[ours] = True
                del open_yet[ours]
            if not open_yet:
                break
        return stated


def _chosen(select: Sequence[str], have: list[str]) -> list[str]:
    for name in select:
        if name not in have:
            near = difflib.get_close_matches(name, have, n=3)
            hint = f"choose {', '.join(near or have)}"
            raise InputError(f"--select: there is no column {name!r}", hint=hint)
    if len(set(select)) < len(select):
        raise InputError("--select names a column twice", hint="name every column once")
    return list(select) or have


class _Rejects:
    """A csv file of lines that are no records, which is there only if there are any, and appears with the output."""

    def __init__(self, path: str, stack: ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._writer: Any = None
        self.count = 0

    def __call__(self, rejected: Rejected) -> None:
        if self._writer is None:
            text = io.TextIOWrapper(self._stack.enter_context(whole_file(self._path)), encoding="utf-8", newline="")
            self._stack.callback(text.detach)
            self._stack.callback(text.flush)
            self._writer = csv.writer(text, lineterminator="\n")
            self._writer.writerow(Rejected._fields)
        self._writer.writerow(rejected)
        self.count += 1

    def finish(self) -> int:
        """How many there were; a file of an earlier run is removed where there are none."""
        if not self.count:
            Path(self._path).unlink(missing_ok=True)
        return self.count
