"""Rows of a list as statements about procedures: levels, figure and decision read, and each row graded."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from slaengine.errors import Fault
from slaengine.registry.amounts import find_amounts, fold, normal
from slaengine.registry.grading import Figure, Graded, Says, grade
from slaengine.registry.phrases import Reading, read_words
from slaengine.registry.sheet import ListRow, Sheet
from slaengine.vocabulary import Unit

__all__ = ["Entry", "decision_number", "read_entries"]

LEVELS = {
    "central": "central",
    "bo": "central",
    "trung uong": "central",
    "province": "province",
    "tinh": "province",
    "district": "district",
    "huyen": "district",
    "commune": "commune",
    "xa": "commune",
    "other": "other",
    "co quan khac": "other",
}
"""Levels as lists write them, without marks and without `cấp`."""
SAYS = {"": Says.NOTHING, "none": Says.NOTHING} | {says.value: says for says in Says if says is not Says.UNIT}
BARE = re.compile(r"\d{1,5}(?:[.,]\d{1,2})?|\d{0,4} ?[½¼¾]|\d/[24]")
LONGEST = 7_300
"""Days in 20 years, the longest limit that a pack may state; a larger number is an Excel date, or no amount of days."""
DECISION = re.compile(r"\d+[a-z]?(?:/\d{4})?/(?:QĐ|QD|NQ|TT|NĐ|NQLT|TTLT)-[A-ZĐ][\w\-]*", re.IGNORECASE)
CUT_LENGTH, CUT_OFTEN = 100, 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list: what it is about, what it says, and how far that can be trusted."""

    row: ListRow
    code: str
    levels: tuple[str, ...]
    decision: str
    figure: Figure
    reading: Reading
    graded: Graded
    source: int
    """Which of the lists it stands in, from 0."""

    @property
    def key(self) -> tuple[str, str]:
        """File and row, which a completed review names."""
        return self.row.file, str(self.row.number)

    @property
    def fingerprint(self) -> str:
        """Of all that is read of the row: a completion holds for this content only."""
        text = "\0".join(self.row.cells.get(name, "") for name in sorted(self.row.cells))
        return f"f{hashlib.sha256(normal(text).encode()).hexdigest()[:12]}"  # no program takes it for a number


def read_entries(sheets: Sequence[Sheet], progress: Callable[[int], None]) -> tuple[list[Entry], list[Fault]]:
    """The rows of the lists, graded, and the findings of those that cannot be used at all."""
    entries: list[Entry] = []
    rejected = [fault for sheet in sheets for fault in sheet.rejected]
    for number, sheet in enumerate(sheets):
        cut = _cut_lengths(sheet.rows)
        for row in sheet.rows:
            found = _entry(row, number, cut)
            if isinstance(found, Fault):
                rejected.append(found)
            else:
                entries.append(found)
            progress(1)
    return entries, rejected


def _cut_lengths(rows: Iterable[ListRow]) -> set[int]:
    """The length at which the words of a list are cut off: its longest, if several different words have it."""
    lengths = Counter(len(words) for words in {row.cells.get("words", "") for row in rows})
    longest = max(lengths, default=0)
    return {longest} if longest >= CUT_LENGTH and lengths[longest] >= CUT_OFTEN else set()


def _entry(row: ListRow, source: int, cut: set[int]) -> Entry | Fault:
    cells = row.cells
    levels = [_level(part) for part in re.split(r"[;,/\n]", cells["level"]) if part.strip()]
    if None in levels:
        return _fault(row, "level_unknown", f"level {cells['level']!r} is not known", "map it in [values.level]")
    figure = _figure(cells.get("amount", ""), cells.get("unit", ""))
    if isinstance(figure, str):
        return _fault(row, *_WRONG[figure](cells))
    worded = _worded(cells.get("amount", ""), cells.get("unit", ""))
    words = " ".join(filter(None, (cells.get("words", ""), worded)))
    reading = read_words(words, cut=len(cells.get("words", "")) in cut)
    return Entry(
        row=row,
        code=normal(cells["code"]),
        levels=tuple(dict.fromkeys(level for level in levels if level)),
        decision=decision_number(cells["decision"]),
        figure=figure,
        reading=reading,
        graded=grade(figure, reading),
        source=source,
    )


_WRONG: dict[str, Callable[..., tuple[str, str, str]]] = {
    "unit": lambda cells: ("unit_unknown", f"unit {cells['unit']!r} is not known", "map it in [values.unit]"),
    "amount": lambda cells: (
        "amount_too_large",
        f"{cells['amount']} is no number of days; it may be a date that Excel keeps as a number",
        "write the number of days as text",
    ),
}


def _fault(row: ListRow, name: str, message: str, hint: str) -> Fault:
    return Fault(row.file, row.number, f"{name}: {message}", hint)


def _level(text: str) -> str | None:
    return LEVELS.get(re.sub(r"^cap\b", "", fold(normal(text))).strip())


def _figure(amount: str, unit: str) -> Figure | str:
    """What the two columns say; `unit` or `amount` where one of them is of no use."""
    amount = normal(amount)
    number = _number(amount) if BARE.fullmatch(amount) else None
    says = _says(unit)
    if says is None:
        return "unit"
    if number is not None and number > LONGEST:
        return "amount"
    if number is None:
        return Figure(says[0]) if says[0] is Says.GLUED else Figure()
    if says[0] is Says.NOTHING:
        return Figure(Says.LOST, number)
    return Figure(says[0], number, says[1])


def _number(text: str) -> Decimal | None:
    """The number of a bare amount: by the reader of words, with a unit that changes nothing."""
    if text.isdigit():
        return Decimal(text)
    return next((found.part.amount for found in find_amounts(f"{text} ngày")), None)


def _says(unit: str) -> tuple[Says, Unit | None] | None:
    """What the unit column says: a unit, a known way of saying none, or nothing that is known."""
    text = normal(unit).lower()
    if text in SAYS:
        return SAYS[text], None
    if text.removesuffix("s") in set(Unit) - {Unit.HOUR}:
        return Says.UNIT, Unit(text.removesuffix("s"))
    found = [amount.part for amount in find_amounts(f"1 {text}")] if text not in {"hour", "hours"} else []
    if text in {"hour", "hours"} or [part.unit for part in found] == [Unit.HOUR]:
        return Says.HOURS, None
    whole = len(found) == 1 and not re.search(r"\d", text) and found[0].amount == 1
    return (Says.UNIT, found[0].unit) if whole else None


def _worded(amount: str, unit: str) -> str:
    """An amount column that holds words is read as words: `15 ngày`, or `mười lăm` beside `ngày`."""
    amount = normal(amount)
    if BARE.fullmatch(amount):
        return ""
    return amount if any(find_amounts(amount)) else f"{amount} {unit}" if amount else ""


def decision_number(text: str) -> str:
    """The number of the decision, without what stands around it; "" where it is none.

    >>> decision_number("Quyết định số 6225/QĐ-BQP"), decision_number("Demo/QĐ-BCA")
    ('6225/QĐ-BQP', '')
    """
    bare = re.sub(r"^(?:quyết định|qđ)?\s*(?:số)?[\s:]*", "", normal(text), flags=re.IGNORECASE)
    bare = re.sub(r"\s*[./]*\s*/\s*", "/", bare)
    match = DECISION.match(bare)
    return match[0] if match else ""
