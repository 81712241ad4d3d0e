"""The review file: every row that is not sure, with its reason, and columns for whoever completes it."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from slaengine.errors import Fault, InputError
from slaengine.registry.entries import Entry, decision_number
from slaengine.registry.limits import StatedLimit

__all__ = ["REVIEW_COLUMNS", "Completion", "Typed", "completions", "read_review", "review_text"]

COMPLETED = ("limit", "variant", "convention", "decided_by", "completed_by", "completed_on")
"""The columns that are empty in a fresh review file."""
REVIEW_COLUMNS = (
    "file",
    "row",
    "code",
    "level",
    "mode",
    "title_vi",
    "decision",
    "figure",
    "words",
    "reason",
    "says",
    "reads",
    "span",
    "fingerprint",
    *COMPLETED,
)
NOT_SHIPPED = "none"
"""What `limit` says where the row states no limit that is to be shipped."""
VARIANT = re.compile(r"[\w\-]*")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a person decided about a row: its limit (None: there is none), and for which variant."""

    limit: StatedLimit | None
    variant: str
    convention: str
    decision: str
    by: str
    on: date


class Typed(NamedTuple):
    """A row of a review file in which somebody wrote; no completion where what they wrote cannot be used."""

    cells: Mapping[str, str]
    completion: Completion | None

    @property
    def key(self) -> tuple[str, str]:
        """File and row of the list."""
        return self.cells["file"], self.cells["row"]


def read_review(path: Path) -> tuple[list[Typed], list[Fault]]:
    """The rows of a review file in which somebody wrote, and what is wrong with some; no file is no such row.

    A row is completed when `limit` is filled in; then `completed_by` and `completed_on` must be too.
    """
    rows: list[Typed] = []
    findings: list[Fault] = []
    for number, cells in _rows(path) if path.exists() else ():
        if any(cells[name].strip() for name in COMPLETED):
            try:
                rows.append(Typed(cells, _completion(cells)))
            except ValueError as error:
                rows.append(Typed(cells, None))
                findings.append(Fault(path.name, number, f"completion: {error}", "mend the row, import again"))
    return rows, findings


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The lines of a review file as spreadsheet programs leave them: with commas, semicolons or tabs."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
        delimiter = max(",;\t", key=(lines or [""])[0].count)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header = next(reader, [])
        rows = [(reader.line_num, dict(zip(header, cells, strict=True))) for cells in reader if any(cells)]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}", hint="save it as UTF-8 csv, all columns kept") from error
    if tuple(header) != REVIEW_COLUMNS:
        raise InputError(f"{path} is no review file", hint=f"its columns are {','.join(REVIEW_COLUMNS)}")
    return rows


def _completion(cells: Mapping[str, str]) -> Completion:
    limit = cells["limit"].strip()
    if not limit:
        raise ValueError("limit is empty: write one such as 7 working_day, or none")
    if not cells["completed_by"].strip():
        raise ValueError("completed_by is empty: say who completed the row")
    if not VARIANT.fullmatch(cells["variant"].strip()):
        raise ValueError(f"variant {cells['variant']!r}: letters, digits, _ and - only")
    decided_by = cells["decided_by"].strip()
    if decided_by and not decision_number(decided_by):
        raise ValueError(f"decided_by {decided_by!r} is no number of a decision, such as 2628/QĐ-BTC")
    return Completion(
        limit=None if limit == NOT_SHIPPED else StatedLimit.read(limit),
        variant=cells["variant"].strip(),
        convention=cells["convention"].strip(),
        decision=decision_number(decided_by),
        by=cells["completed_by"].strip(),
        on=_day(cells["completed_on"].strip()),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"completed_on {text!r} is no date; write 2026-11-25") from None


def completions(
    rows: Iterable[Typed], entries: Iterable[Entry], file: str
) -> tuple[dict[tuple[str, str], list[Completion]], list[Fault]]:
    """The completions by the row they belong to, one for each variant; findings where a row has changed, or is gone."""
    known = {entry.key: entry for entry in entries}
    found: dict[tuple[str, str], list[Completion]] = defaultdict(list)
    findings: list[Fault] = []
    for typed in rows:
        place = f"{' row '.join(typed.key)}, {typed.cells['code']}, {typed.cells['limit']}"
        entry = known.get(typed.key)
        if entry is None:
            findings.append(Fault(file, 0, f"completion_without_row: {place}", "the list no longer has that row"))
        elif entry.fingerprint != typed.cells["fingerprint"]:
            findings.append(Fault(file, 0, f"completion_outdated: {place}", "the row has changed; complete it again"))
        elif typed.completion:
            found[typed.key].append(typed.completion)
    return dict(found), findings


def review_text(
    entries: Iterable[Entry], doubts: Mapping[tuple[str, str], tuple[str, str]], typed: Iterable[Typed]
) -> str:
    """The review file: the rows in doubt and those that were completed, with what was written in them.

    What was written for a row that has changed since is told in `says`, so that it is not taken for the new row's.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, REVIEW_COLUMNS, lineterminator="\n")
    writer.writeheader()
    written: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in typed:
        written[row.key].append(row.cells)
    for entry in entries:
        reason = doubts.get(entry.key, ("completed", ""))
        rows = written.get(entry.key, [{}] if entry.key in doubts else [])
        writer.writerows(_review_cells(entry, *reason, before) for before in rows)
    return text.getvalue()


def _review_cells(entry: Entry, reason: str, says: str, before: Mapping[str, str]) -> dict[str, str]:
    current = before.get("fingerprint") == entry.fingerprint
    if before and not current:
        says = f"{says}; before it changed it was completed as {before['limit']} by {before['completed_by']}"
    cells = entry.row.cells
    found = {
        "file": entry.row.file,
        "row": str(entry.row.number),
        "code": entry.code,
        "level": ";".join(entry.levels),
        "figure": str(entry.figure),
        "reason": reason,
        "says": says.strip("; "),
        "reads": " | ".join(map(str, entry.reading.limits)),
        "span": entry.reading.span,
        "fingerprint": entry.fingerprint,
    } | {name: before.get(name, "") if current else "" for name in COMPLETED}
    return {name: found.get(name, cells.get(name, "")) for name in REVIEW_COLUMNS}
