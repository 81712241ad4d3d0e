"""A list of procedures as people keep it, csv or xlsx, as rows of text; what cannot be read is told with its row."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from slaengine.errors import Fault, InputError
from slaengine.registry.workbook import Row, read_workbook

__all__ = ["COLUMNS", "ListRow", "Sheet", "read_sheet"]

COLUMNS = ("code", "title_vi", "level", "decision", "amount", "unit", "words", "mode", "field", "title_en")
"""The columns of a list that are read; all but the first two may be missing or given for the whole list."""
NEEDED = ("code", "title_vi", "level", "decision")
HEADER_WITHIN = 30
DELIMITERS = ",;\t|"
VIETNAMESE = set("ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
SIGNS = set(
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u00bc\u00bd\u00be\u00b0\u00b1\u00b2\u00b3\u00d7\u00a7\u00a0\u20ac"
)
"""Signs besides letters that a list may hold; what TCVN3 and VNI make of letters is not among them."""
DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?: .*)?|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}[-. ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct"
    r"|nov|dec|thg ?\d{1,2})\w*(?:[-. ]\d{2,4})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list by the names of the columns that are read here."""

    file: str
    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """What was read of a list: its rows, those that could not be, and what was found on the way."""

    file: str
    rows: list[ListRow] = field(default_factory=list)
    rejected: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Rows below the header: those read and those rejected, each row once."""
        return len(self.rows) + len({fault.line for fault in self.rejected})


def read_sheet(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    given: Mapping[str, str] | None = None,
) -> Sheet:
    """The rows of a list. `columns` maps our names to the list's, `values` its values to ours, `given` holds for all.

    The header is the first of the first 30 rows that has the needed columns; rows above it are told, not read.
    Raises `InputError` for a file that is no list, or lacks a column; it names the near ones.
    """
    sheet = Sheet(path.name)
    rows = _grid(path, sheet)
    names = {name: (columns or {}).get(name, name) for name in COLUMNS}
    _known_columns(columns or {})
    places, start = _find_header(rows, sheet.file, names, given or {})
    if start > 1:
        sheet.notes.append(Fault(sheet.file, 0, f"header_below: {start - 1} row(s) above the header are not read"))
    layout = Layout(places, values or {}, given or {})
    for row in rows:
        _take(sheet, row, layout)
    return sheet


def _grid(path: Path, sheet: Sheet) -> Iterator[Row]:
    kind = path.suffix.lower()
    if kind in {".xls", ".ods", ".pdf", ".doc", ".docx"}:
        raise InputError(f"{path.name}: {kind} is not read", hint="save the list as .xlsx or .csv")
    if kind not in {".xlsx", ".xlsm"}:
        return _read_csv(path, sheet)
    rows, others = read_workbook(path)
    if others:
        said = f"only the first sheet is read, not {', '.join(others)}"
        sheet.notes.append(Fault(sheet.file, 0, f"other_sheets: {said}", "make a list of its own of each"))
    return rows


def _known_columns(columns: Mapping[str, str]) -> None:
    for name in columns:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1)
            raise InputError(
                f"--columns: a list has no column {name!r}", hint=f"map one of {', '.join(near or COLUMNS)}"
            )


def _find_header(
    rows: Iterator[Row], file: str, names: Mapping[str, str], given: Mapping[str, str]
) -> tuple[dict[str, int], int]:
    """Where the columns stand, and in which row that is said."""
    wanted = [names[name] for name in NEEDED if name not in given]
    best: list[str] = []
    for tried, (number, cells, _) in enumerate(rows):
        found = [_plain(cell) for cell in cells]
        places = {name: found.index(_plain(theirs)) for name, theirs in names.items() if _plain(theirs) in found}
        if all(_plain(name) in found for name in wanted):
            _one_each(file, number, found, places)
            if not {"words", "amount"} & places.keys():
                raise InputError(f"{file}: no column says how long", hint="map amount and unit, or words")
            return places, number
        if sum(bool(cell) for cell in cells) > sum(map(bool, best)):
            best = cells
        if tried == HEADER_WITHIN:
            break
    if not best:
        raise InputError(f"{file}: the file is empty", hint="give a list with a header and a row for each procedure")
    missing = [name for name in wanted if _plain(name) not in [_plain(cell) for cell in best]]
    near = {name: difflib.get_close_matches(name, [cell for cell in best if cell], n=1, cutoff=0.4) for name in missing}
    says = "; ".join(f"{name} (near: {', '.join(n)})" if n else name for name, n in near.items())
    raise InputError(f"{file}: missing columns: {says}", hint="map them with --columns")


def _one_each(file: str, number: int, found: Sequence[str], places: Mapping[str, int]) -> None:
    for place in places.values():
        if found.count(found[place]) > 1:
            raise InputError(f"{file}:{number}: column {found[place]!r} stands twice", hint="name every column once")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


class Layout(NamedTuple):
    """Where our columns stand in a list, what its values mean, and what holds for every row."""

    places: Mapping[str, int]
    values: Mapping[str, Mapping[str, str]]
    given: Mapping[str, str]


def _take(sheet: Sheet, row: Row, layout: Layout) -> None:
    """One row of the list, or the finding for which it is none; rows without any text are no rows."""
    (number, cells, faults), places = row, layout.places
    if not any(map(str.strip, cells)) and not any(place in faults for place in places.values()):
        return
    wrong = [(name, *faults[place]) for name, place in places.items() if place in faults]
    wrong = [fault for fault in wrong if fault[0] == "code" or fault[1] != "code_as_number"]
    texts = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
    texts = {name: text if name == "words" else _tidy(text) for name, text in texts.items()}
    texts |= {name: text for name, text in layout.given.items() if not texts.get(name)}
    if not wrong:
        wrong = list(_cell_faults(texts, len(cells), max(places.values())))
    for name, fault, message, hint in wrong[:1]:
        sheet.rejected.append(Fault(sheet.file, number, f"{fault}: {name}: {message}", hint))
    if not wrong:
        read = {name: layout.values.get(name, {}).get(text, text) for name, text in texts.items()}
        sheet.rows.append(ListRow(sheet.file, number, read))


def _tidy(text: str) -> str:
    """A cell without space around it, in composed letters. Words stay as they are: their length tells a cut."""
    return unicodedata.normalize("NFC", text).strip()


def _cell_faults(texts: Mapping[str, str], width: int, last: int) -> Iterator[tuple[str, str, str, str]]:
    if width <= last:
        yield "row", "short_row", f"{width} cells where {last + 1} are wanted", "check quotes and delimiters"
    for name in ("code", "title_vi", "level"):
        if not texts.get(name):
            yield name, f"{name}_missing", "nothing is there", "fill it in; of merged cells only the first has a value"
    if DATE.fullmatch(texts.get("amount", "")):
        yield "amount", "date_in_number", f"{texts['amount']!r} is a date", "write the number of days as text"


def _read_csv(path: Path, sheet: Sheet) -> Iterator[Row]:
    text = _decode(path, sheet)
    delimiter = max(DELIMITERS, key=lambda sign: _evenness(text, sign))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells, {}
    except csv.Error as error:
        raise InputError(f"{path.name}:{reader.line_num}: {error}", hint="check the quotes of that line") from error


def _evenness(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows have the same number of cells with a delimiter, and how many cells that is."""
    head = io.StringIO("\n".join(text.splitlines()[:HEADER_WITHIN]))
    try:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=delimiter) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((times, width) for width, times in widths.items()), default=(0, 0))


def _decode(path: Path, sheet: Sheet) -> str:
    """The text of a file in UTF-8, UTF-16 or windows-1258; the last two are told."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", hint="check the path") from error
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp1258" and (strange := _strange(text)):
            raise InputError(
                f"{path.name}: encoding: neither UTF-8 nor windows-1258 ({' '.join(sorted(strange)[:5])} in it)",
                hint="save the list as UTF-8; lists in TCVN3 or VNI fonts must be converted first",
            )
        if encoding != "utf-8-sig":
            hint = "check the titles, or save it as UTF-8"
            sheet.notes.append(Fault(path.name, 0, f"encoding: read as {encoding}", hint))
        return text
    raise InputError(f"{path.name}: encoding: not readable as text", hint="save the list as UTF-8")


def _encodings(raw: bytes) -> Iterable[str]:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return ("utf-16",)
    if b"\0" in raw[:200]:
        return ("utf-16-be",) if raw[:1] == b"\0" else ("utf-16-le",)
    return ("utf-8-sig", "cp1258")


def _strange(text: str) -> set[str]:
    """Letters and signs that no Vietnamese text has."""
    letters = unicodedata.normalize("NFC", text).lower()
    return {sign for sign in letters if ord(sign) > 126 and sign not in VIETNAMESE | SIGNS}
