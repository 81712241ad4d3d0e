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
from slaengine.engine import Engine, last_of
from slaengine.errors import InputError
from slaengine.tables import Tables
from slaengine.vocabulary import Problem, Status

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
ON_REQUEST = ("provisional",)
"""Columns that come only when asked for in `also`."""

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
    if not isinstance(frame, Mapping):
        raise InputError(f"cannot read a {type(frame).__name__}", hint="give a mapping of names to columns")
    if not isinstance(block, int) or block < 1 or isinstance(also, str):
        raise InputError(f"block={block!r}, also={also!r}", hint="a block has a row at least, also is a list of names")
    wrong = [name for name in also if name not in ON_REQUEST]
    if wrong:
        raise InputError(f"there is no column {wrong[0]!r} to ask for", hint=f"there is {', '.join(ON_REQUEST)}")
    made = [prefix + name for name in (*OUTPUT, *also)]
    both = clashes(frame, made)
    if both:
        raise InputError(f"the table already has {', '.join(both)}", hint="choose a prefix= for the new columns")
    records = read_records(engine.tables, renamed(frame, columns or {}, values or {}, engine.tables.attributes[1:]))
    now = last_of(today, engine.tables.zone)
    answers = batch.assess(engine.tables, records, today=now, early=engine.early_from, block=block, progress=progress)
    found = answer_columns(engine.tables, records, answers, also)
    return {**frame, **{prefix + name: column for name, column in found.items()}}


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
    return found


def _times(numbers: NDArray[np.int64], unit: str, missing: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    times = numbers.astype(f"datetime64[{unit}]")
    times[missing] = np.datetime64("NaT")
    return times


def _rule_ids(tables: Tables, answers: Answers) -> NDArray[Any]:
    names = np.array([rule.id if rule else None for rule in tables.versions.rules], dtype=object)
    found: NDArray[Any] = names[answers.row]
    found[answers.meaning("has_rule") == 0] = None
    return found
