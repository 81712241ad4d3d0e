"""300 rows labelled by reading before there was a reader: none that is called sure is wrong, and few are missed.

Words of more than 160 characters are not part of the repository; where the published lists lie beside it, those rows
are compared too.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from slaengine.registry.entries import Entry, read_entries
from slaengine.registry.grading import Grade
from slaengine.registry.sheet import COLUMNS, ListRow, Sheet, read_sheet

ROOT = Path(__file__).parents[2]
LISTS = ROOT.parent / "shared" / "domain" / "data"
NATIONAL = {
    "title_vi": "name_vi",
    "level": "levels",
    "decision": "publishing_decision",
    "words": "time_text",
    "field": "field_vi",
}
UNITS = {"no_information": "none", "free_text": "none"}
WORDS_AT_LEAST = 0.95


class Label(NamedTuple):
    list: str
    row: str
    code: str
    mode: str
    amount: str
    unit: str
    states: str
    limit: str
    grade: str
    words: str
    words_sha256: str


def silent(done: int) -> None:
    """No progress is shown."""


def labels() -> list[Label]:
    with (Path(__file__).parent / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [Label(**row) for row in csv.DictReader(file)]


def alone(label: Label) -> Entry:
    """The labelled row as a list of its own."""
    cells = {"code": label.code, "title_vi": "t", "level": "commune", "decision": "1/QĐ-X"}
    cells |= {"amount": label.amount, "unit": UNITS.get(label.unit, label.unit), "words": label.words}
    entries, rejected = read_entries([Sheet("labels", [ListRow("labels", 1, cells)])], silent)
    assert rejected == []
    return entries[0]


def wrong_among_sure(pairs: list[tuple[Label, Entry]]) -> list[Label]:
    sure = [(label, entry) for label, entry in pairs if entry.graded.grade is Grade.SURE]
    return [label for label, entry in sure if (label.grade, label.limit) != ("sure", str(entry.graded.limit))]


def share_of_plain_words(pairs: list[tuple[Label, Entry]]) -> float:
    """Of the rows whose words state one limit that their figure does not contradict: sure, with that limit."""
    plain = [(label, entry) for label, entry in pairs if (label.states, label.grade) == ("single", "sure")]
    return sum(str(entry.graded.limit) == label.limit for label, entry in plain) / len(plain)


def test_the_sample_is_what_it_says() -> None:
    found = labels()
    assert len(found) == 300
    assert len({(label.list, label.row) for label in found}) == 300
    assert Counter(label.grade for label in found) == {
        "sure": 129,
        "ambiguous": 89,
        "no_limit_stated": 26,
        "contradicted": 24,
        "unit_lost": 24,
        "glued_with_fee": 8,
    }


def test_short_words_agree_with_the_labels() -> None:
    pairs = [(label, alone(label)) for label in labels() if not label.words_sha256]
    assert len(pairs) == 206
    assert wrong_among_sure(pairs) == []
    assert share_of_plain_words(pairs) >= WORDS_AT_LEAST


def published() -> Iterator[tuple[Label, Entry]]:
    names = {"portal": "portal_time_limits.csv", "defence": "defence_time_limits.csv"}
    if not all((LISTS / name).exists() for name in names.values()):
        pytest.skip(f"the published lists are not in {LISTS}; they are not part of the repository")
    assert set(NATIONAL) < set(COLUMNS)
    sheets = [read_sheet(LISTS / name, columns=NATIONAL, values={"unit": UNITS}) for name in names.values()]
    entries, rejected = read_entries(sheets, silent)
    assert rejected == []
    found = {entry.key: entry for entry in entries}
    for label in labels():
        yield label, found[names[label.list], label.row]


def test_all_words_agree_with_the_labels() -> None:
    pairs = list(published())
    for label, entry in pairs:
        words = unicodedata.normalize("NFC", entry.row.cells["words"].strip())
        assert not label.words_sha256 or hashlib.sha256(words.encode()).hexdigest()[:16] == label.words_sha256
    assert wrong_among_sure(pairs) == []
    assert share_of_plain_words(pairs) >= WORDS_AT_LEAST
    agreed = sum(label.grade == entry.graded.grade for label, entry in pairs)
    assert agreed >= 0.95 * len(pairs)
