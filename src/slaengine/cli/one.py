"""One record: from flags, from a row of a file, or from an explanation that is replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from slaengine.batch import MISSING, UNREADABLE
from slaengine.case import EVENTS, Case
from slaengine.cli.common import moment, read_mapping
from slaengine.columns import read_truth, renamed
from slaengine.days import read_moment
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.event_columns import read_list
from slaengine.event_text import read_events
from slaengine.frames.files import read_table
from slaengine.held import plain
from slaengine.moments import read_times
from slaengine.table import asked_columns

__all__ = ["Given", "Told", "case_of_file", "case_of_flags", "read_told"]

PROMISED = ("first_promised_at", "promised_at")
Columns = Mapping[str, Any]


class Given(NamedTuple):
    """The flags that make a record."""

    procedure: str
    level: str
    variant: str
    received: str
    finished: str
    attribute: list[str] | None
    time: list[str] | None
    event: list[str] | None
    promised: str


def case_of_flags(given: Given) -> Case:
    """The record that the flags describe."""
    if not given.procedure or not given.received:
        raise InputError("a record needs --procedure and --received", hint="give both")
    attributes = [_named(text, "--attribute name=true") for text in given.attribute or ()]
    times = [_named(text, "--time fee_paid=2025-08-05T09:00") for text in given.time or ()]
    return Case(
        procedure=given.procedure,
        level=given.level,
        variant=given.variant,
        received_at=moment(given.received, "--received"),
        finished_at=_maybe(given.finished, "--finished"),
        attributes={name: _yes_or_no(value, f"--attribute {name}") for name, value in attributes},
        event_times={name: moment(value, f"--time {name}") for name, value in times},
        promised_at=_maybe(given.promised, "--promised"),
        **read_events(";".join(given.event or ())),
    )


def _named(text: str, example: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.strip():
        raise InputError(f"{text!r} names nothing", hint=f"write {example}")
    return name.strip(), value


def _maybe(text: str, where: str) -> date | None:
    return moment(text, where) if text else None


def _yes_or_no(value: str, where: str) -> bool | None:
    return {1: True, 0: False, -1: None}[read_truth(value, where)]


def case_of_file(source: str, case_id: str, columns: str, engine: Engine) -> Case:
    """One record, its times read as `run` reads them: by the whole column."""
    names, values = read_mapping(columns)
    found = renamed(read_table([source]), names, values, asked_columns(engine))
    table = {name: plain(column) for name, column in found.items()}
    if "case_id" not in table:
        raise InputError(f"{source} has no column 'case_id'", hint="map one with --columns case_id=...")
    rows = [i for i, value in enumerate(table["case_id"]) if value == case_id]
    if len(rows) != 1:
        raise InputError(f"{source} has {len(rows)} records with case_id {case_id!r}", hint="name one with --case-id")
    cells = {name: str(column[rows[0]]) for name, column in table.items()}
    return _case_of_row(cells, case_id, engine, lambda name: _cell_time(table, name, rows[0], engine))


def _case_of_row(cells: Mapping[str, str], case_id: str, engine: Engine, time_of: Any) -> Case:
    attributes = [name for name in engine.tables.attributes[1:] if name in cells]
    events = [event for event in engine.tables.start_events[1:] if cells.get(f"{event}_at")]
    more: dict[str, Any] = {name: cells.get(name, "") for name in ("procedure", "level", "variant")}
    more |= {name: time_of(name) if cells.get(name) else None for name in ("received_at", "finished_at")}
    more |= {name: moment(cells[name], name) for name in PROMISED if cells.get(name)}
    more |= {name: read_list(cells[name], name, kind) for name, kind in EVENTS.items() if cells.get(name)}
    return Case(
        case_id=case_id,
        attributes={name: _yes_or_no(cells[name], f"case {case_id!r}: {name}") for name in attributes},
        event_times={event: time_of(f"{event}_at") for event in events},
        **more,
    )


def _cell_time(table: Columns, name: str, row: int, engine: Engine) -> date:
    times = read_times(table[name], name, engine.tables.zone, MISSING)
    text = str(table[name][row])
    if times.seconds[row] == UNREADABLE:
        raise InputError(f"{name} {text!r} cannot be read", hint="all rows of a column state the hour, or none does")
    return read_moment(text)


class Told(NamedTuple):
    """A JSON explanation that is to be recomputed."""

    pack: str
    case: Case
    today: date | None
    outcome: dict[str, Any]
    engine_digest: str


def read_told(path: str) -> Told:
    """An explanation that `explain --format json` wrote. `InputError` for anything else."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  # a path from the command line
            told = json.load(file)
        today = read_moment(told["today"]) if told["today"] else None
        case = _case_of_data(told["case"])
        return Told(told["pack"]["id"], case, today, dict(told["outcome"]), str(told["engine_digest"]))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", hint="check the path") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is no explanation", hint="give a file that explain --format json wrote") from error


def _case_of_data(data: dict[str, Any]) -> Case:
    """The case as an explanation holds it in plain values."""
    case = {key: data[key] for key in ("procedure", "level", "variant", "case_id", "attributes")}
    case |= {key: read_moment(data[key]) if data[key] else None for key in ("received_at", "finished_at")}
    case |= {key: read_moment(data[key]) for key in PROMISED if data.get(key)}
    case |= {name: read_list(data[name], name, kind) for name, kind in EVENTS.items() if name in data}
    begun = {name: read_moment(text) for name, text in data.get("event_times", {}).items()}
    return Case(**case, event_times=begun)
