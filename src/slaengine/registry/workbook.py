"""A sheet of an Excel workbook as rows of text; cells that hold no plain text or number are told, never guessed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from slaengine.errors import InputError

__all__ = ["Row", "read_workbook"]

Row = tuple[int, list[str], dict[int, tuple[str, str, str]]]
"""The number of a row, its texts, and by cell what is wrong with one: name, message, hint."""


def read_workbook(path: Path) -> tuple[Iterator[Row], list[str]]:
    """The rows of the first sheet, and the names of the others.

    Wrong are a formula, a date, a truth value, an error value, and a cell that a merged range leaves empty. A number
    is `code_as_number`, which is wrong only of a code. Raises `InputError` where the file is no workbook, or openpyxl
    is not installed.
    """
    first, *others = _sheets(path)
    return _rows(first), [sheet.title for sheet in others]


def _rows(sheet: Any) -> Iterator[Row]:
    merged = {
        (row, column): f"{area.coord}"
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
        if (row, column) != (area.min_row, area.min_col)
    }
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        faults = {i: fault for i, cell in enumerate(cells) if (fault := _fault(cell, merged))}
        yield number, [_text(cell.value) for cell in cells], faults


def _sheets(path: Path) -> list[Any]:
    try:
        import openpyxl  # noqa: PLC0415  # an extra; lists in csv do without it
    except ImportError as error:
        raise InputError(f"{path.name}: xlsx is read by openpyxl", hint="pip install 'slaengine[xlsx]'") from error
    try:
        return list(openpyxl.load_workbook(path, data_only=False).worksheets)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} is no readable workbook: {error}", hint="save it as .xlsx or .csv") from error


def _text(value: Any) -> str:
    """A cell as people see it: 5 is `5`, 3.5 is `3.5`; no time of day behind a date."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return "" if value is None else str(value)


def _fault(cell: Any, merged: dict[tuple[int, int], str]) -> tuple[str, str, str] | None:
    value, area = cell.value, merged.get((cell.row, cell.column))
    if area:
        return "merged_cells", f"inside the merged cells {area}", "unmerge them and fill in every row"
    if cell.data_type == "f":
        return "formula", f"the formula {getattr(value, 'text', value)}", "paste the value in its place"
    if cell.data_type == "e":
        return "error_value", f"the error {value}", "mend the cell"
    return _no_text(value)


def _no_text(value: Any) -> tuple[str, str, str] | None:
    if isinstance(value, date | time | timedelta):
        said = f"{_text(value)} is a date"
        return "date_in_number", said, "write the number of days as text; Excel takes 3/5 for a date"
    if isinstance(value, bool):
        return "truth_value", f"{value} is no text", "write a number or words"
    if isinstance(value, int | float):  # of concern only where it is a code: 1.000010 has become 1.00001
        return "code_as_number", f"{value} is kept as a number, its zeros are lost", "write the code as text"
    return None
