"""Many records at once: columns in, the columns of the answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine import batch
from slaengine.batch import Answers, Records
from slaengine.columns import Column, clashes, read_records, refuse_missing, renamed
from slaengine.days import DAY
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.judging import finished_of
from slaengine.maker import Trait
from slaengine.output import BESIDE, FLAG_WORDS, PROBLEM_WORDS, STATUS_WORDS, Field, Made, as_numpy, fields_of
from slaengine.record import last_of
from slaengine.records import MEANINGS, UNREADABLE
from slaengine.tables import Tables
from slaengine.verdict import refusal
from slaengine.vocabulary import Basis, Flag, Status

__all__ = ["Job", "asked_columns", "assess_columns", "made_columns"]

Numbers = NDArray[Any]

PROBLEM_CODES = MEANINGS["problem"] - 1
PARTS = ("has_due", "has_margin", "has_lateness", "has_elapsed", "has_rule", "problem")
"""Of which parts of an answer one byte tells whether they are known, a bit each."""
KNOWN = np.array([(MEANINGS[part] > 0).astype(np.uint8) << np.uint8(bit) for bit, part in enumerate(PARTS)]).sum(
    0, np.uint8
)
PROBLEM = 1 << PARTS.index("problem")


class Job(NamedTuple):
    """What is asked of every record of a table: the engine, the day, foreign names, and the columns wanted.

    `hours` says of columns of text whether any row of them, of this part or another, states the hour.
    """

    engine: Engine
    today: date | None = None
    names: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    prefix: str = ""
    also: Sequence[str] = ()
    block: int = batch.BLOCK
    hours: Mapping[str, bool] = {}

    @property
    def fields(self) -> list[Field]:
        """The columns of the answer."""
        return fields_of(self.also)

    def check(self, have: Iterable[str]) -> None:
        """Refuse what cannot be assessed, before anything is read: `have` names the columns there are."""
        if not isinstance(self.block, int) or self.block < 1:
            raise InputError(f"block={self.block!r}", hint="a block has a row at least")
        both = clashes(have, (self.prefix + field.name for field in self.fields))
        if both:
            raise InputError(f"the table already has {', '.join(both)}", hint="choose a prefix= for the new columns")
        renamed(dict.fromkeys(have, ()), self.names, self.values, asked_columns(self.engine))
        refuse_missing(self.engine.tables, have, self.names)

    def answer(self, columns: Mapping[str, Column], progress: Callable[[int], None] | None = None) -> dict[str, Made]:
        """The columns of the answer to some records."""
        own = renamed(columns, self.names, self.values, asked_columns(self.engine))
        return _answer(self, own, progress)


def asked_columns(engine: Engine) -> list[str]:
    """The columns that a pack's rules ask for: attributes, and the times of events that start a clock."""
    tables = engine.tables
    return [*tables.attributes[1:], *(f"{event}_at" for event in tables.start_events[1:])]


def assess_columns(
    frame: Mapping[str, Column], job: Job, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """The columns, and those of the answer as NumPy holds them."""
    job.check(frame)
    made = job.answer(frame, progress)
    return {**frame, **{job.prefix + field.name: as_numpy(field, made[field.name]) for field in job.fields}}


def _answer(job: Job, own: Mapping[str, Column], progress: Callable[[int], None] | None = None) -> dict[str, Made]:
    engine = job.engine
    records = read_records(engine.tables, own, job.today, job.hours)
    now = last_of(job.today, engine.tables.zone)
    settings = batch.Settings(now, engine.early_from, engine.early_minutes_from)
    if not job.also:
        room = _Room(engine, len(records.groups), job.block)
        for answers in batch.assessed(engine.tables, records, settings, room.columns, job.block, progress):
            room.write(answers)
        return room.made()
    how = settings._asdict()
    answers = batch.assess(engine.tables, records, block=job.block, progress=progress, **how)
    found = made_columns(engine, records, answers, job.also)
    return found | _beside(job, own, records, answers, found)


def made_columns(engine: Engine, records: Records, answers: Answers, also: Sequence[str] = ()) -> dict[str, Made]:
    """The answer under its public names, and which of it is known."""
    room = _Room(engine, len(answers.row))
    room.copy(answers)
    found = room.made()
    if "provisional" in also:
        found["provisional"] = Made(batch.provisional(engine.tables, records, answers) & _has(answers, "has_due"))
    asked = {name: _ON_REQUEST[name] for name in also if name in _ON_REQUEST}
    return found | {name: make(engine.tables, records, answers, found["due_at"].values) for name, make in asked.items()}


class _Room:
    """The columns of an answer, and what is needed to write them some records at a time."""

    def __init__(self, engine: Engine, length: int, block: int = 0) -> None:
        room = np.empty((10, length), dtype=np.int32)  # laid together, so that memory comes in large pages
        self._due, few, self._ids = room[:2].ravel().view(np.int64), room[9].view(np.int8), engine.rule_ids
        self._day, self._margin, self._saved, self._late, self._late_calendar, self._elapsed, self._rule = room[2:9]
        self._status, self._problem, bits = (few[place * length :][:length] for place in range(3))
        self._bits = bits.view(np.uint8)
        self._spare = Answers.empty(min(length, block * batch.BLOCKS))

    def columns(self, start: int, stop: int) -> Answers:
        """Columns for the answers to the records [start, stop), where what is made of them will lie, or spare ones."""
        mine = {"due_day": self._day, "margin": self._margin}
        mine |= {"margin_calendar": self._late_calendar, "elapsed": self._elapsed}
        spare = self._spare.renewed(start, stop)
        return spare._replace(**{name: column[start:stop] for name, column in mine.items()})

    def copy(self, answers: Answers) -> None:
        """Write the columns of answers that lie elsewhere."""
        self._day[:], self._margin[:] = answers.due_day, answers.margin
        self.write(answers)

    def write(self, answers: Answers) -> None:
        """Write what is made of answers, a block at a time, so that it stays in the cache."""
        end = answers.start + len(answers.row)
        for start in range(answers.start, end, batch.BLOCK):
            stop = min(start + batch.BLOCK, end)
            self._write(slice(start, stop), answers.part(start, stop))

    def _write(self, part: slice, a: Answers) -> None:
        verdict, saved, bits = a.verdict.astype(np.intp), self._saved[part], self._bits[part]
        MEANINGS["status"].take(verdict, out=self._status[part], mode="clip")
        KNOWN.take(verdict, out=bits, mode="clip")
        self._problem[part] = 0
        if np.bitwise_or.reduce(bits) & PROBLEM:
            PROBLEM_CODES.take(verdict, out=self._problem[part], mode="clip")
        np.maximum(a.margin, 0, out=saved)
        np.subtract(saved, a.margin, out=self._late[part])
        np.negative(np.minimum(a.margin_calendar, 0), out=self._late_calendar[part])
        np.maximum(a.elapsed, 0, out=self._elapsed[part])
        np.add(np.multiply(a.due_day, DAY, dtype=np.int64), a.due_second, out=self._due[part])
        self._ids.number.take(a.row, out=self._rule[part], mode="clip")

    def made(self) -> dict[str, Made]:
        """The columns under their public names, and which of them is known."""
        known = _Known(self._bits)
        return {
            "due_at": Made(self._due, known.of("has_due")),
            "due_date": Made(self._day, known.of("has_due")),
            "status": Made(self._status, None, STATUS_WORDS),
            "problem": Made(self._problem, known.of("problem"), PROBLEM_WORDS),
            "margin": Made(self._margin, known.of("has_margin")),
            "days_saved": Made(self._saved, known.of("has_margin")),
            "days_late": Made(self._late, known.of("has_lateness")),
            "days_late_calendar": Made(self._late_calendar, known.of("has_lateness")),
            "elapsed": Made(self._elapsed, known.of("has_elapsed")),
            "rule_id": Made(self._rule, known.of("has_rule"), self._ids.words),
        }


class _Known:
    """Which parts of each answer are known, by the bits of each."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self._bits = bits
        self._all, self._any = np.bitwise_and.reduce(bits), np.bitwise_or.reduce(bits)
        self._made: dict[str, NDArray[np.bool_] | None] = {}

    def of(self, part: str) -> NDArray[np.bool_] | None:
        """Whose part is known; nothing where everybody's is."""
        if part not in self._made:
            bit = 1 << PARTS.index(part)
            self._made[part] = None if self._all & bit else self._bits & bit > 0
        return self._made[part]


def _in_hours(tables: Tables, answers: Answers) -> NDArray[np.bool_]:
    hours: NDArray[np.bool_] = tables.traits.take(answers.row) & Trait.HOURS > 0
    return hours


def _has(answers: Answers, part: str) -> NDArray[np.bool_]:
    return answers.meaning(part) > 0


def _margin_minutes(tables: Tables, records: Records, answers: Answers, _: Numbers) -> Made:
    """Known for limits in hours whose finish states the hour."""
    known = _has(answers, "has_minutes") & _in_hours(tables, answers)
    given = finished_of(tables, records, slice(None), np.zeros(len(known), dtype=np.uint8))
    finished, on_date = answers.finishes(given, records.on_dates)
    exact = tables.hours.elapsed.take(answers.row) > 0
    known &= exact | (finished // DAY >= tables.count.covered_from.take(answers.row))  # else no office hours are known
    return Made(answers.minutes, known & ~on_date)


def _remaining(tables: Tables, _: Records, answers: Answers, __: Numbers) -> Made:
    """Working days (open minutes) to the due day (moment), negative past it."""
    left = np.where(_in_hours(tables, answers), answers.minutes, answers.margin)
    return Made(left, _has(answers, "has_elapsed") & _has(answers, "has_due"))


def _used_percent(tables: Tables, records: Records, answers: Answers, due: Numbers) -> Made:
    left, used = _remaining(tables, records, answers, due), np.maximum(answers.elapsed, 0).astype(np.int64)
    total = used + left.values
    percent = np.where(total > 0, 100 * used // np.maximum(total, 1), 100)
    return Made(percent.astype(np.int32), left.known)


def _next_change(_: Tables, __: Records, answers: Answers, due: Numbers) -> Made:
    """The second after the due time of a running case."""
    return Made(due + 1, (answers.meaning("status") == Status.RUNNING) & _has(answers, "has_due"))


_ON_REQUEST = {
    "margin_minutes": _margin_minutes,
    "remaining": _remaining,
    "used_percent": _used_percent,
    "next_change_at": _next_change,
}


def _beside(
    job: Job, own: Mapping[str, Column], records: Records, answers: Answers, found: Mapping[str, Made]
) -> dict[str, Made]:
    """What stands beside the answer: the other basis, the promises, and the flags that all of this raises."""
    engine, also = job.engine, job.also
    other = _other(job, own) if engine.other and {"flags", "commitment"} & set(also) else {}
    made: dict[str, Made] = {}
    if "commitment" in also:
        made = {f"commitment_{name}": other.get(name, _nothing(found[name])) for name in BESIDE}
    if "flags" in also:
        bits = np.where(_answered(answers), answers.flags | _promise_flags(records, answers), 0)
        if other:
            promise, law = (other, found) if engine.basis is Basis.STATUTORY else (found, other)
            bits[_later(promise["due_at"], law["due_at"])] |= Flag.COMMITMENT_AFTER_DUE
        made["flags"] = Made((bits - 1).astype(np.int8), bits > 0, FLAG_WORDS)
    if "promise_status" in also:
        made["promise_status"] = _promise_status(job, records, answers)
    return made


def _later(a: Made, b: Made) -> NDArray[np.bool_]:
    """Where both are known, and a lies after b."""
    later: NDArray[np.bool_] = a.values > b.values
    for known in (a.known, b.known):
        later = later if known is None else later & known
    return later


def _promise_flags(records: Records, answers: Answers) -> Any:
    if records.promised is None:
        return 0
    far = np.iinfo(np.int64).max
    flags = records.promised.flags(np.where(answers.meaning("has_due"), answers.due_day.astype(np.int64), far))
    return flags.astype(np.int16)


def _answered(answers: Answers) -> NDArray[np.bool_]:
    """Which records have an answer, be it only a due date."""
    answered: NDArray[np.bool_] = (answers.verdict < refusal(0)) | (answers.meaning("has_due") > 0)
    return answered


def _promise_status(job: Job, records: Records, answers: Answers) -> Made:
    """How each record stands against its last promise; null where there is none, or no answer at all."""
    if records.promised is None:
        return Made(np.zeros(len(answers.row), dtype=np.int8), np.zeros(len(answers.row), dtype=bool), STATUS_WORDS)
    engine, now = job.engine, last_of(job.today, job.engine.tables.zone)
    settings = {"early": engine.early_from, "early_minutes": engine.early_minutes_from}
    verdict = batch.against_promise(engine.tables, records, answers, today=now, **settings)
    status = np.where(records.promised.last == UNREADABLE, np.int8(Status.UNKNOWN), MEANINGS["status"].take(verdict))
    return Made(status, (records.promised.number > 0) & _answered(answers), STATUS_WORDS)


def _other(job: Job, own: Mapping[str, Column]) -> dict[str, Made]:
    """The answers by the other basis; nothing where it has no rule for a record."""
    assert job.engine.other is not None  # noqa: S101  # asked only where there is one
    found = _answer(job._replace(engine=job.engine.other, also=()), own)
    some = found["rule_id"].known
    return {name: made._replace(known=_both(made.known, some)) for name, made in found.items()}


def _both(a: NDArray[np.bool_] | None, b: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    return a if b is None else b if a is None else a & b


def _nothing(like: Made) -> Made:
    """A column of the other basis where the pack has none."""
    return like._replace(values=np.zeros_like(like.values), known=np.zeros(len(like.values), dtype=bool))
