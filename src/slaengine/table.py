"""Many records at once: columns in, the same columns and the answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine import batch
from slaengine.batch import Answers, Records
from slaengine.columns import Column, clashes, read_records, renamed
from slaengine.days import DAY
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.judging import finished_of
from slaengine.maker import Trait
from slaengine.record import last_of
from slaengine.records import MEANINGS, UNREADABLE
from slaengine.tables import Tables
from slaengine.verdict import refusal
from slaengine.vocabulary import Basis, Flag, Problem, Status, flag_names

__all__ = ["ON_REQUEST", "OUTPUT", "assess_table"]

OUTPUT = (
    "due_at",
    "due_date",
    "status",
    "problem",
    "margin",
    "days_saved",
    "days_late",
    "days_late_calendar",
    "elapsed",
    "rule_id",
)
"""The columns of the answer, in order."""
ON_REQUEST = (
    "provisional",
    "margin_minutes",
    "remaining",
    "used_percent",
    "next_change_at",
    "flags",
    "promise_status",
    "commitment",
)
"""Columns that come only when asked for in `also`."""
BESIDE = ("due_at", "due_date", "status", "problem", "margin", "rule_id")
"""What `commitment` brings of the other basis, each name preceded by `commitment_`."""

STATUS_NAMES = np.array([str(status) for status in Status])
PROBLEM_NAMES = np.array([str(problem) if problem else None for problem in Problem], dtype=object)


def assess_table(
    frame: Mapping[str, Column],
    engine: Engine,
    *,
    today: date | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    prefix: str = "",
    also: Sequence[str] = (),
    block: int = batch.BLOCK,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Assess every record of a table; rows in are rows out, in their order.

    `frame` maps names to NumPy arrays or sequences. Needed are `procedure`, `received_at` and, where the pack has
    several levels, `level`; `columns` maps them to foreign names, `values` foreign values to known ones. All columns
    come back with those of `OUTPUT` added, each name preceded by `prefix`; `also` asks for columns of `ON_REQUEST`.

    Numbers that are not known are masked, times are NaT, `problem` says why and is None where nothing is missing: one
    bad row never fails the batch. A missing column, unequal lengths or a clash of names raise `InputError`.

    >>> import slaengine as sla
    >>> engine = sla.Engine(sla.load_pack("vn-national"))
    >>> found = assess_table({"procedure": ["1.004837"], "level": ["commune"], "received_at": ["2025-04-28"]}, engine)
    >>> found["due_date"]
    array(['2025-05-06'], dtype='datetime64[D]')
    """
    _refuse(frame, also, prefix, block)
    tables = engine.tables
    own = renamed(
        frame, columns or {}, values or {}, [*tables.attributes[1:], *(f"{e}_at" for e in tables.start_events[1:])]
    )
    records = read_records(tables, own, today)
    now = last_of(today, tables.zone)
    settings = {"early": engine.early_from, "early_minutes": engine.early_minutes_from}
    answers = batch.assess(tables, records, today=now, block=block, progress=progress, **settings)
    found = answer_columns(tables, records, answers, also)
    found |= _beside(own, engine, records, answers, found, today, also)
    return {**frame, **{prefix + name: column for name, column in found.items()}}


def _refuse(frame: Mapping[str, Column], also: Sequence[str], prefix: str, block: int) -> None:
    """Refuse what cannot be assessed, before anything is read."""
    if not isinstance(frame, Mapping):
        raise InputError(f"cannot read a {type(frame).__name__}", hint="give a mapping of names to columns")
    if not isinstance(block, int) or block < 1 or isinstance(also, str):
        raise InputError(f"block={block!r}, also={also!r}", hint="a block has a row at least, also is a list of names")
    wrong = [name for name in also if name not in ON_REQUEST]
    if wrong:
        raise InputError(f"there is no column {wrong[0]!r} to ask for", hint=f"there is {', '.join(ON_REQUEST)}")
    extra = [name for name in also if name != "commitment"] + [f"commitment_{n}" for n in BESIDE] * (
        "commitment" in also
    )
    made = [prefix + name for name in (*OUTPUT, *extra)]
    both = clashes(frame, made)
    if both:
        raise InputError(f"the table already has {', '.join(both)}", hint="choose a prefix= for the new columns")


def answer_columns(tables: Tables, records: Records, answers: Answers, also: Sequence[str]) -> dict[str, Any]:
    """The answer under its public names, with what is not known taken out."""
    no_due, no_margin = answers.meaning("has_due") == 0, answers.meaning("has_margin") == 0
    no_lateness, no_elapsed = answers.meaning("has_lateness") == 0, answers.meaning("has_elapsed") == 0
    found = {
        "due_at": _times(answers.due_day.astype(np.int64) * DAY + answers.due_second, "s", no_due),
        "due_date": _times(answers.due_day.astype(np.int64), "D", no_due),
        "status": STATUS_NAMES[answers.meaning("status")],
        "problem": PROBLEM_NAMES[answers.meaning("problem")],
        "margin": np.ma.MaskedArray(answers.margin, no_margin),
        "days_saved": np.ma.MaskedArray(np.maximum(answers.margin, 0), no_margin),
        "days_late": np.ma.MaskedArray(np.maximum(-answers.margin, 0), no_lateness),
        "days_late_calendar": np.ma.MaskedArray(np.maximum(-answers.margin_calendar, 0), no_lateness),
        "elapsed": np.ma.MaskedArray(np.maximum(answers.elapsed, 0), no_elapsed),
        "rule_id": _rule_ids(tables, answers),
    }
    if "provisional" in also:
        found["provisional"] = batch.provisional(tables, records, answers) & ~no_due
    return found | {name: _ON_REQUEST[name](tables, records, answers) for name in also if name in _ON_REQUEST}


def _in_hours(tables: Tables, answers: Answers) -> NDArray[np.bool_]:
    hours: NDArray[np.bool_] = tables.traits.take(answers.row) & Trait.HOURS > 0
    return hours


def _margin_minutes(tables: Tables, records: Records, answers: Answers) -> Any:
    """Known for limits in hours whose finish states the hour."""
    known = (answers.meaning("has_minutes") > 0) & _in_hours(tables, answers)
    given = finished_of(tables, records, slice(None), np.zeros(len(known), dtype=np.uint8))
    finished, on_date = answers.finishes(given, records.on_dates)
    exact = tables.hours.elapsed.take(answers.row) > 0
    known &= exact | (finished // DAY >= tables.count.covered_from.take(answers.row))  # else no office hours are known
    return np.ma.MaskedArray(answers.minutes, ~known | on_date)


def _remaining(tables: Tables, _: Records, answers: Answers) -> Any:
    """Working days (open minutes) to the due day (moment), negative past it."""
    left = np.where(_in_hours(tables, answers), answers.minutes, answers.margin)
    return np.ma.MaskedArray(left, (answers.meaning("has_elapsed") == 0) | (answers.meaning("has_due") == 0))


def _used_percent(tables: Tables, records: Records, answers: Answers) -> Any:
    left, used = _remaining(tables, records, answers), np.maximum(answers.elapsed, 0).astype(np.int64)
    total = used + left.data
    return np.ma.MaskedArray(np.where(total > 0, 100 * used // np.maximum(total, 1), 100), left.mask)


def _next_change(_: Tables, __: Records, answers: Answers) -> Any:
    """The second after the due time of a running case."""
    seconds = answers.due_day.astype(np.int64) * DAY + answers.due_second + 1
    return _times(seconds, "s", (answers.meaning("status") != Status.RUNNING) | (answers.meaning("has_due") == 0))


_ON_REQUEST = {
    "margin_minutes": _margin_minutes,
    "remaining": _remaining,
    "used_percent": _used_percent,
    "next_change_at": _next_change,
}


def _beside(
    own: Mapping[str, Column],
    engine: Engine,
    records: Records,
    answers: Answers,
    found: Mapping[str, Any],
    today: date | None,
    also: Sequence[str],
) -> dict[str, Any]:
    """What stands beside the answer: the other basis, the promises, and the flags that all of this raises."""
    other = _other(own, engine, today) if engine.other and {"flags", "commitment"} & set(also) else {}
    made: dict[str, Any] = {}
    if "commitment" in also:
        made = {f"commitment_{name}": other.get(name, _nothing(name, len(answers.row))) for name in BESIDE}
    if "flags" in also:
        bits = np.where(_answered(answers), answers.flags | _promise_flags(records, answers), 0)
        if other:
            promise, law = (other, found) if engine.basis is Basis.STATUTORY else (found, other)
            bits[promise["due_at"] > law["due_at"]] |= Flag.COMMITMENT_AFTER_DUE
        names = {bit: ";".join(flag_names(bit)) or None for bit in np.unique(bits).tolist()}
        made["flags"] = np.array([names[bit] for bit in bits.tolist()], dtype=object)
    if "promise_status" in also:
        made["promise_status"] = _promise_status(engine, records, answers, last_of(today, engine.tables.zone))
    return made


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


def _promise_status(engine: Engine, records: Records, answers: Answers, now: int | None) -> NDArray[Any]:
    """How each record stands against its last promise; null where there is none, or no answer at all."""
    names = np.full(len(answers.row), None, dtype=object)
    if records.promised is not None:
        settings = {"early": engine.early_from, "early_minutes": engine.early_minutes_from}
        verdict = batch.against_promise(engine.tables, records, answers, today=now, **settings)
        some = (records.promised.number > 0) & _answered(answers)
        names[some] = STATUS_NAMES[MEANINGS["status"].take(verdict)][some]
        names[some & (records.promised.last == UNREADABLE)] = str(Status.UNKNOWN)
    return names


def _other(own: Mapping[str, Column], engine: Engine, today: date | None) -> dict[str, Any]:
    """The answers by the other basis; nothing where it has no rule for a record."""
    assert engine.other is not None  # noqa: S101  # asked only where there is one
    found = assess_table(
        {name: column for name, column in own.items() if name not in OUTPUT}, engine.other, today=today
    )
    none = np.array([rule is None for rule in found["rule_id"]], dtype=bool)
    for name in ("status", "problem"):
        found[name] = np.where(none, None, found[name].astype(object))
    return found


def _nothing(name: str, length: int) -> Any:
    """A column of the other basis where the pack has none."""
    if name in {"due_at", "due_date"}:
        return np.full(length, np.datetime64("NaT"), dtype="datetime64[s]" if name == "due_at" else "datetime64[D]")
    whole = np.ma.MaskedArray(np.zeros(length, dtype=np.int32), np.ones(length, dtype=bool))
    return whole if name == "margin" else np.full(length, None, dtype=object)


def _times(numbers: NDArray[np.int64], unit: str, missing: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    times = numbers.astype(f"datetime64[{unit}]")
    times[missing] = np.datetime64("NaT")
    return times


def _rule_ids(tables: Tables, answers: Answers) -> NDArray[Any]:
    names = np.array([line.rule.id if line else None for line in tables.own], dtype=object)
    found: NDArray[Any] = names[answers.row]
    found[answers.meaning("has_rule") == 0] = None
    return found
