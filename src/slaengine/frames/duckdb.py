"""DuckDB: SQL functions that answer, and the pack as tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import sqltypes as sql

from slaengine.calendar import Calendar
from slaengine.engine import Engine
from slaengine.errors import PROBLEMS, InputError
from slaengine.frames.batches import Assessor
from slaengine.output import LAW, Field, Kind
from slaengine.pack import RulePack
from slaengine.table import Job

__all__ = ["register"]

ARGUMENTS = ("procedure", "level", "received_at", "finished_at", "suspensions")
NEEDED = 3
ALONE = ("due_at", "due_date", "status", "problem", "margin", "rule_id")
"""The columns of the answer that have a function of their own."""
TYPES = {Kind.INSTANT: sql.TIMESTAMP, Kind.DAY: sql.DATE, Kind.NUMBER: sql.INTEGER, Kind.WORD: sql.VARCHAR}


def register(
    connection: duckdb.DuckDBPyConnection, engine: Engine, *, today: date | None = None, prefix: str = "sla_"
) -> None:
    """Give a connection the functions and tables of an engine, the name of each preceded by `prefix`.

    `sla_due_at, sla_due_date, sla_status, sla_problem, sla_margin, sla_rule_id`, and for the whole answer as a struct
    `sla_assess`, each of `(procedure, level, received_at [, finished_at [, suspensions]])`; unfinished records are
    judged on `today`. A DATE is judged on dates, a TIMESTAMP is wall-clock time of the pack's zone, and so is `due_at`.
    What is not known is NULL. Times as VARCHAR raise `InputError`: cast them.

    The tables are `sla_rules`, `sla_procedures`, `sla_days` and `sla_problems`.
    """
    job = Job(engine, today)
    for field in LAW:
        if field.name in ALONE:
            _function(connection, f"{prefix}{field.name}", job, (field,), TYPES[field.kind])
    whole = duckdb.struct_type({field.name: TYPES[field.kind] for field in LAW})
    _function(connection, f"{prefix}assess", job, LAW, whole)
    for name, rows in _tables(engine.pack).items():
        connection.register(f"{prefix}{name}", pa.Table.from_pylist(list(rows)))


def _function(
    connection: duckdb.DuckDBPyConnection, name: str, job: Job, fields: tuple[Field, ...], returned: Any
) -> None:
    def answer(*columns: pa.ChunkedArray) -> pa.ChunkedArray:
        if not NEEDED <= len(columns) <= len(ARGUMENTS):
            hint = f"give {', '.join(ARGUMENTS[:NEEDED])}, and then {', '.join(ARGUMENTS[NEEDED:])}"
            raise InputError(f"{name} has {len(columns)} arguments", hint=hint)
        return _answer(job, fields, columns)

    how: dict[str, Any] = {"type": "arrow", "null_handling": "special"}
    connection.create_function(name, answer, None, returned, **how)


def _answer(job: Job, fields: tuple[Field, ...], columns: tuple[pa.ChunkedArray, ...]) -> pa.ChunkedArray:
    table = pa.table(dict(zip(ARGUMENTS, columns, strict=False)))
    assessor = _assessor(job.engine, job.today, table.schema)
    made = job.answer(assessor.columns(table))
    arrays = dict(zip((field.name for field in LAW), assessor.arrays(made), strict=True))
    plain = [_plain(arrays[field.name]) for field in fields]
    found = plain[0] if len(fields) == 1 else pa.StructArray.from_arrays(plain, [field.name for field in fields])
    return pa.chunked_array([found])


@lru_cache(maxsize=64)
def _assessor(engine: Engine, today: date | None, schema: pa.Schema) -> Assessor:
    """What reads arguments of these types; due times are wall-clock readings, whatever the receipts are."""
    assessor = Assessor(Job(engine, today), schema, aware=False)
    assessor.refuse_texts()
    return assessor


def _plain(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    return array.cast(pa.timestamp("us")) if pa.types.is_timestamp(array.type) else array


def _tables(pack: RulePack) -> dict[str, Iterator[dict[str, Any]]]:
    return {
        "rules": _rules(pack),
        "procedures": (procedure._asdict() for procedure in pack.procedures.values()),
        "days": (row for calendar in pack.calendars.values() for row in _days(calendar)),
        "problems": ({"problem": str(p), "code": int(p), "en": e.en, "vi": e.vi} for p, e in PROBLEMS.items() if p),
    }


def _rules(pack: RulePack) -> Iterator[dict[str, Any]]:
    """One row for each part of each version."""
    for rule in pack.rules:
        for number, part in enumerate(rule.parts, start=1):
            yield {
                "rule_id": rule.id,
                **rule.key._asdict(),
                "basis": str(rule.basis),
                "part": number,
                "combine": str(part.combine),
                "amount": str(part.limit.amount),
                "unit": str(part.limit.unit),
                "convention": part.convention.name,
                "calendar": part.calendar,
                "effective_from": rule.effective_from,
                "effective_until": rule.effective_until,
                "citation": "; ".join(map(str, rule.citations)),
            }


def _days(calendar: Calendar) -> Iterator[dict[str, Any]]:
    """One row for each day that the calendar covers, with its name where it has one."""
    first, end = calendar.coverage
    foreseen = {year.year for year in calendar.years if year.provisional}
    for number in range((end - first).days):
        day = first + timedelta(days=number)
        note = calendar.note(day)
        yield {
            "calendar": calendar.id,
            "day": day,
            "is_working_day": bool(calendar.is_working_day(day)),
            "kind": note.kind if note else None,
            "name_en": note.name_en if note else None,
            "name_vi": note.name_vi if note else None,
            "provisional": day.year in foreseen,
        }
