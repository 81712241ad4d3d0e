"""The cases that ship with a pack, run through the engine: what a jurist wrote against what the engine says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from slaengine.authoring.files import Row, read_csv
from slaengine.authoring.rows import CaseRow
from slaengine.case import Case
from slaengine.columns import read_truth
from slaengine.days import read_moment
from slaengine.engine import Engine
from slaengine.errors import Fault, RulePackError
from slaengine.event_text import read_events, read_pairs
from slaengine.explain import result_of
from slaengine.vocabulary import Basis

__all__ = ["Difference", "read_cases", "run_case"]

YES_OR_NO = {1: True, 0: False, -1: None}
COMPARED = ("due_at", "due_date", "status", "margin", "problem", "flags")


class Difference(NamedTuple):
    """A case of a pack that the engine judges otherwise than the case says."""

    file: str
    line: int
    name: str
    column: str
    expected: str
    found: str

    def __str__(self) -> str:
        found = self.found or "nothing"
        return f"{self.file}:{self.line}: {self.name}: {self.column} is {found}, expected {self.expected}"


def read_cases(folder: Path) -> list[Row]:
    """The conformance cases of a pack's folder. `RulePackError` with every fault in them."""
    faults: list[Fault] = []
    rows = [
        row
        for path in sorted(folder.glob("cases/*.csv"))
        for row in read_csv(path, f"{folder.name}/cases/{path.name}", CaseRow, faults)
    ]
    if faults:
        raise RulePackError(folder.name, tuple(faults))
    return rows


def run_case(engine: Engine, row: Row) -> Iterator[Difference]:
    """Where the engine's answer differs from a case; a blank expectation is not compared.

    A case that names a basis, or what was known, is asked of another engine of the same pack.
    """
    case: CaseRow = row.model
    place = row.fault("")
    try:
        outcome = _asked(engine, case).assess(_case(case), today=_moment(case.today), errors="return")
    except ValueError as error:
        yield Difference(place.file, place.line, case.name, "received_at", case.received_at, str(error))
        return
    found = {**result_of(outcome), "flags": ";".join(outcome.flags) or "none"}
    for column in COMPARED:
        expected = getattr(case, column)
        actual = "" if found[column] is None else str(found[column])
        if expected and expected != actual:
            yield Difference(place.file, place.line, case.name, column, expected, actual)


def _asked(engine: Engine, case: CaseRow) -> Engine:
    """The engine that a case is meant for."""
    basis = Basis(case.basis) if case.basis else engine.basis
    if basis is engine.basis and not case.known_at:
        return engine
    known_at: Any = case.known_at if case.known_at == "received" else _moment(case.known_at)
    return Engine(engine.pack, basis=basis, known_at=known_at)


def _case(case: CaseRow) -> Case:
    return Case(
        procedure=case.procedure,
        level=case.level,
        variant=case.variant,
        received_at=read_moment(case.received_at),
        finished_at=_moment(case.finished_at),
        case_id=case.name,
        attributes={name: YES_OR_NO[read_truth(value, name)] for name, value in read_pairs(case.attributes)},
        event_times={name: read_moment(value) for name, value in read_pairs(case.times)},
        **read_events(case.events),
    )


def _moment(text: str) -> date | None:
    return read_moment(text) if text else None
