"""Tables that lie in memory: their columns answered part by part, in the order of their rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np

from slaengine.errors import InputError
from slaengine.event_columns import PROMISES
from slaengine.held import Column, part_of
from slaengine.moments import states_hour
from slaengine.output import Made
from slaengine.table import Job, asked_columns
from slaengine.vocabulary import CASE_COLUMNS

__all__ = [
    "PART",
    "How",
    "answer_parts",
    "answer_whole",
    "answers",
    "in_order",
    "needed",
    "stated_hours",
    "time_columns",
]

Progress = Callable[[int], None]
PART = 1 << 19
"""Rows answered at once: enough for the records that take the whole driver, few enough for the memory."""
A = TypeVar("A")
B = TypeVar("B")


class How(NamedTuple):
    """How a frame is answered: with threads, telling the rows done, and with events that stand in other frames."""

    threads: int = 1
    progress: Progress | None = None
    events: Mapping[str, Any] = {}


def needed(job: Job, have: Iterable[str]) -> dict[str, str]:
    """The columns of a table that are read, by the engine's name of each.

    Promises are read only where something is asked for that rests on them.
    """
    there = set(have)
    promised = {"flags", "promise_status"} & set(job.also)
    ours = [name for name in (*CASE_COLUMNS, *asked_columns(job.engine)) if name != "case_id"]
    ours = [name for name in ours if promised or name not in PROMISES]
    found = {name: job.names.get(name, name) for name in ours}
    return {name: theirs for name, theirs in found.items() if theirs in there}


def time_columns(job: Job) -> set[str]:
    """The columns that are dates or instants as a whole."""
    return {"received_at", "finished_at", *(f"{event}_at" for event in job.engine.tables.start_events[1:])}


def stated_hours(job: Job, columns: Mapping[str, Column]) -> dict[str, bool]:
    """Of columns of text, whether any row states the hour: what a part of them alone cannot say."""
    found = {name: states_hour(columns[name], name) for name in time_columns(job) & columns.keys()}
    return {name: stated for name, stated in found.items() if stated is not None}


def answers(
    job: Job,
    length: int,
    columns: Callable[[int, int], Mapping[str, Column]],
    how: How,
) -> Iterator[dict[str, Made]]:
    """The answers to the rows of a table, part by part, one at least; `columns` reads the rows [start, stop) of it.

    They come under the engine's names; `job` says which columns of text state the hour.
    """
    job = job._replace(names={})
    starts = range(0, max(length, 1), PART)
    work = in_order(lambda start: job.answer(columns(start, start + PART)), starts, how.threads)
    for start, made in zip(starts, work, strict=True):
        if how.progress is not None and length:
            how.progress(min(PART, length - start))
        yield made


def answer_parts(job: Job, columns: Mapping[str, Column], how: How) -> Iterator[dict[str, Made]]:
    """The answers to columns that lie in memory, part by part."""
    job = job._replace(hours=stated_hours(job, columns))

    def part(start: int, stop: int) -> dict[str, Column]:
        return {name: part_of(column, start, stop) for name, column in columns.items()}

    return answers(job, len(columns["procedure"]), part, how)


def answer_whole(job: Job, columns: Mapping[str, Column], how: How) -> dict[str, Made]:
    """The answer to columns that lie in memory, as one."""
    return _merged(answer_parts(job, columns, how))


def _merged(parts: Iterable[Mapping[str, Made]]) -> dict[str, Made]:
    """The parts of an answer as one."""
    found = list(parts)
    if len(found) == 1:
        return dict(found[0])
    return {name: _joined([part[name] for part in found]) for name in found[0]}


def _joined(parts: list[Made]) -> Made:
    known: Any = None
    if any(part.known is not None for part in parts):
        every = [np.ones(len(p.values), dtype=bool) if p.known is None else p.known for p in parts]
        known = np.concatenate(every)
    return Made(np.concatenate([part.values for part in parts]), known, parts[0].words)


def in_order(work: Callable[[A], B], parts: Iterable[A], threads: int) -> Iterator[B]:
    """The results of work on parts, in their order, some threads working ahead."""
    if not isinstance(threads, int) or threads < 1:
        raise InputError(f"threads={threads!r}", hint="give a whole number, 1 at least")
    if threads == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[B]] = deque()
        for part in parts:
            ahead.append(pool.submit(work, part))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
