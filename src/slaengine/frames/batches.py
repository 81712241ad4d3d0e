"""Record batches in, the same batches with the answer out: what every stream of Arrow's rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import pyarrow as pa

from slaengine.clock import clock_of
from slaengine.errors import InputError
from slaengine.frames.arrow import column_of, is_text
from slaengine.frames.schema import as_arrow, dictionary_of, is_aware, our_fields, output_schema
from slaengine.frames.whole import PART, How, answers, in_order, needed, stated_hours, time_columns
from slaengine.held import Column, part_of
from slaengine.output import Made
from slaengine.table import Job

__all__ = ["Assessor"]


class Assessor:
    """Answers tables and batches of one schema; batches may come from several threads at once."""

    def __init__(self, job: Job, schema: pa.Schema, *, aware: bool | None = None) -> None:
        job.check(schema.names)
        self.job = job
        self.read = needed(job, schema.names)
        self.aware = is_aware(job, schema) if aware is None else aware
        self.schema = output_schema(job, schema, aware=self.aware)
        self.types = our_fields(job, aware=self.aware)
        times = time_columns(job)
        self.texts = [name for ours, name in self.read.items() if ours in times and is_text(schema.field(name).type)]
        """The columns of times that have to be read by the whole column."""

    def columns(self, part: pa.RecordBatch | pa.Table) -> dict[str, Column]:
        """What is read of a part, under the engine's names."""
        return {ours: column_of(part.column(theirs), ours) for ours, theirs in self.read.items()}

    def arrays(self, made: Mapping[str, Made]) -> list[pa.Array]:
        """The columns of an answer as Arrow arrays."""
        utc = clock_of(self.job.engine.tables.zone).utc
        return [
            as_arrow(kind.type, made[field.name], self._words.get(field.name), utc)
            for field, kind in zip(self.job.fields, self.types, strict=True)
        ]

    def batch(self, part: pa.RecordBatch, hours: Mapping[str, bool] | None = None) -> pa.RecordBatch:
        """A batch with the answer added; `hours` says which columns of text state the hour in any batch."""
        job = self.job._replace(names={}, hours=hours or {})
        made = job.answer(self.columns(part))
        return pa.RecordBatch.from_arrays([*part.columns, *self.arrays(made)], schema=self.schema)

    def parts(self, table: pa.Table, lists: Mapping[str, Column], how: How) -> Iterator[list[pa.Array]]:
        """The columns of the answer to a table, part by part; `lists` are the events of other frames."""
        hours = stated_hours(
            self.job, {o: column_of(table.column(t), o) for o, t in self.read.items() if t in self.texts}
        )

        def columns(start: int, stop: int) -> dict[str, Column]:
            part = table.slice(start, stop - start)
            return self.columns(part) | {name: part_of(column, start, stop) for name, column in lists.items()}

        job = self.job._replace(hours=hours)
        yield from map(self.arrays, answers(job, table.num_rows, columns, how))

    def table(self, table: pa.Table, lists: Mapping[str, Column], how: How) -> pa.Table:
        """A table with the answer added."""
        parts = zip(*self.parts(table, lists, how), strict=True)
        made = [pa.chunked_array(chunks, kind.type) for chunks, kind in zip(parts, self.types, strict=True)]
        return pa.Table.from_arrays([*table.columns, *made], schema=self.schema)

    def batches(self, parts: Iterable[pa.RecordBatch], how: How) -> Iterator[pa.RecordBatch]:
        """A stream with the answer added. `InputError` for times as text, which a stream cannot show whole."""
        self.refuse_texts()
        return self._stream(parts, how)

    def refuse_texts(self) -> None:
        """Refuse times as text, of which a part alone does not say how they are to be read."""
        if self.texts:
            hint = "cast it to a date or a timestamp, or give a table"
            raise InputError(f"column {self.texts[0]!r} holds times as text in a stream", hint=hint)

    def _stream(self, parts: Iterable[pa.RecordBatch], how: How) -> Iterator[pa.RecordBatch]:
        small = (part.slice(start, PART) for part in parts for start in range(0, max(part.num_rows, 1), PART))
        for batch in in_order(self.batch, small, how.threads):
            if how.progress is not None:
                how.progress(batch.num_rows)
            yield batch

    @cached_property
    def _words(self) -> dict[str, pa.Array]:
        """The dictionaries of the columns of words, one for all batches."""
        engine = self.job.engine
        words = {field.name: field.words for field in self.job.fields if field.words}
        words |= {"rule_id": engine.rule_ids.words}
        if "commitment" in self.job.also:
            words["commitment_rule_id"] = (engine.other or engine).rule_ids.words
        return {name: dictionary_of(each) for name, each in words.items()}
