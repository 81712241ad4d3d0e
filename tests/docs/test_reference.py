"""The reference is complete: every public name, option, key, column, choice and problem is in it, and no other."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

import oracle
import slaengine as sla
import worlds
from slaengine import vocabulary
from slaengine.authoring.findings import FINDINGS
from slaengine.authoring.read import FOLDERS, KNOWN
from slaengine.authoring.rows import FILES
from slaengine.authoring.schema import ConventionEntry, OriginEntry
from slaengine.cli import main
from slaengine.errors import PROBLEMS, Empties
from slaengine.output import BESIDE, ON_REQUEST, OUTPUT

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
CODE = re.compile(r"`([^`]+)`")
OPTION = re.compile(r"^ {2,6}(-\w), (--[\w-]+)|^ {2,6}(--[\w-]+)", flags=re.MULTILINE)
VERBS = re.compile(r"^Commands:\n((?:  .*\n?)+)", flags=re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def sections(page: Path, level: str = "## ") -> dict[str, str]:
    """Heading -> what stands below it."""
    parts = re.split(rf"^{level}(.+)$", text_of(page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the tables, without the headings."""
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        for line in table.splitlines()[2:]:
            yield [cell.strip() for cell in line.strip("|").split("|")]


# --- Python


def documented(name: str) -> str:
    """What the page says under the heading that names it."""
    found = [body for heading, body in sections(REFERENCE / "python-api.md", "##+ ").items() if name in words(heading)]
    rest = [body for body in rows(text_of(REFERENCE / "python-api.md")) if f"`{name}`" in body[0]]
    return "".join(found) + "".join(" ".join(row) for row in rest)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@pytest.mark.parametrize("name", sla.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert documented(name), name


@pytest.mark.parametrize("name", ["load_pack", "Engine", "Case", "assess_table"])
def test_every_argument_is_documented(name: str) -> None:
    [heading] = [h for h in sections(REFERENCE / "python-api.md", "### ") if h.startswith(f"`{name}(")]
    assert words(heading) >= set(inspect.signature(getattr(sla, name)).parameters), name


@pytest.mark.parametrize("name", ["Calendar", "Engine", "Explanation", "Outcome", "RulePack"])
def test_every_public_attribute_is_documented(name: str) -> None:
    thing = getattr(sla, name)
    inside = {"working", "line", "profiles", "tables", "only_level", "pack", "outcome", "engine_digest", "rule_ids"}
    inside |= {"halves", "has_halves"}  # what a calendar compiles, as `working`
    public = {each for each in set(dir(thing)) - set(dir(tuple)) if not each.startswith("_")}
    public |= {each for each in getattr(thing, "__annotations__", ()) if not each.startswith("_")}
    assert public - inside <= words(text_of(REFERENCE / "python-api.md")), name


@pytest.mark.parametrize("name", ["Status", "Basis", "Unit"])
def test_every_word_is_documented(name: str) -> None:
    [row] = [row for row in rows(text_of(REFERENCE / "python-api.md")) if row[0] == f"`{name}`"]
    assert [str(each) for each in getattr(sla, name)] == re.findall(r"`(\w+)`", row[1])
    if name == "Status":
        assert [int(each) for each in sla.Status] == [int(n) for n in re.findall(r"` (\d)", row[1])]


# --- command line


def help_of(*verb: str) -> str:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        assert main([*verb, "--help"]) == 0
    return written.getvalue()


def verbs(*above: str) -> Iterator[tuple[str, ...]]:
    """Every verb, found from the help texts alone."""
    found = VERBS.search(help_of(*above))
    if found is None:
        yield above
        return
    for line in found[1].splitlines():
        if line[2] != " ":
            yield from verbs(*above, line.split()[0])


def test_every_verb_and_option_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    page = sections(REFERENCE / "command-line.md")
    found = {
        " ".join(["slaengine", *verb]): {o for m in OPTION.findall(help_of(*verb)) for o in m if o} for verb in verbs()
    }
    assert found
    assert found == {verb: {o for c in CODE.findall(body) for o in options(c)} for verb, body in page.items()}


def options(code: str) -> list[str]:
    """The options in a piece of code; commands that are shown do not count."""
    return [code] if re.fullmatch(r"-\w|--[\w-]+", code) else []


# --- packs

TABLES = (FILES["instruments.toml"], FILES["conventions.toml"])


def keys(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a file as it is written, those of tables within it too."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in inside(field.annotation):
            yield from keys(inner)
    extra = get_type_hints(model).get("__pydantic_extra__") if model in TABLES else None
    for inner in inside(extra):
        yield from keys(inner)


def inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, str):
        return
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from inside(argument)


@pytest.mark.parametrize("file", FILES)
def test_every_key_and_column_of_a_pack_is_documented(file: str) -> None:
    body = sections(REFERENCE / "pack-format.md")[f"`{file}`"]
    found = {word for code in CODE.findall(body) for word in words(code)}
    assert set(keys(FILES[file])) <= found, file


@pytest.mark.parametrize("file", [name for name in FILES if name.endswith(".csv")])
def test_no_other_column_is_documented(file: str) -> None:
    body = sections(REFERENCE / "pack-format.md")[f"`{file}`"]
    assert [c for row in rows(body) for c in CODE.findall(row[0])] == list(FILES[file].model_fields)


def test_every_finding_is_documented_with_its_weight() -> None:
    found = [(CODE.findall(row[0]), row[1]) for row in rows(text_of(REFERENCE / "findings.md"))]
    assert {names[0]: weight for names, weight in found} == {
        name: kind.weight for name, kind in FINDINGS.items() if name != "fault"
    }
    assert all(len(names) == 1 for names, _ in found)


def test_every_file_of_a_pack_is_documented() -> None:
    found = {
        code
        for row in rows(text_of(REFERENCE / "pack-format.md").partition("\n## ")[0])
        for code in CODE.findall(row[0])
    }
    assert found == KNOWN | {f"{folder}/*.{'csv' if folder == 'cases' else 'toml'}" for folder in FOLDERS}
    assert set(OriginEntry.model_fields) <= words(text_of(REFERENCE / "pack-format.md"))


CHOICES = {
    "deems": vocabulary.Deems,
    "effect": vocabulary.CutOffEffect,
    "count_from": vocabulary.CountFrom,
    "roll": vocabulary.Roll,
    "month_end": vocabulary.MonthEnd,
    "due_time": vocabulary.DueTime,
    "direction": vocabulary.Direction,
    "fraction": vocabulary.Fraction,
    "from": vocabulary.ExtendFrom,
}
WITHIN = {"effect": "cut_off", "from": "extension"}
"""Keys of a table within a convention, whose section has a column for the key and one for its values."""


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_of_a_convention_is_documented(name: str) -> None:
    values: type[StrEnum] = CHOICES[name]
    page = sections(REFERENCE / "conventions.md")
    [body] = [body for heading, body in page.items() if heading.startswith(f"`{WITHIN.get(name, name)}`")]
    column = [CODE.findall(row[1 if name in WITHIN else 0]) for row in rows(body)]
    found = [code for codes in column for code in codes if code in set(values)]
    assert found == list(values)


def test_every_key_of_a_convention_is_explained() -> None:
    said = set(CODE.findall(text_of(REFERENCE / "conventions.md")))
    said |= {word for code in said for word in words(code)}
    assert set(keys(ConventionEntry)) - {"title_en", "title_vi"} <= said


@pytest.mark.parametrize(
    ("file", "column", "values"),
    [
        ("limits.csv", "combine", vocabulary.Combine),
        ("limits.csv", "amount", vocabulary.Unit),
        ("limits.csv", "governs", vocabulary.Governs),
        ("limits.csv", "supplement_effect", vocabulary.SupplementEffect),
        ("limits.csv", "basis", vocabulary.Basis),
        ("modifiers.csv", "effect", vocabulary.ModifierEffect),
    ],
)
def test_every_choice_of_a_row_is_documented(file: str, column: str, values: type[StrEnum]) -> None:
    body = sections(REFERENCE / "pack-format.md")[f"`{file}`"]
    [row] = [row for row in rows(body) if column in CODE.findall(row[0])]
    assert [code for code in CODE.findall(row[1]) if code in set(values)] == list(values)


def test_every_date_that_governs_is_explained() -> None:
    body = sections(DOCS / "explanation" / "law-and-versions.md")["Which date governs"]
    assert [row[0].strip("`") for row in rows(body)] == list(vocabulary.Governs)


def test_every_output_column_is_documented() -> None:
    first, *_ = text_of(REFERENCE / "output-columns.md").partition("\n## ")
    assert [row[0].strip("`") for row in rows(first)] == [*OUTPUT, *ON_REQUEST]
    beside = sections(REFERENCE / "output-columns.md")["The other basis"]
    named = [code for code in CODE.findall(beside) if code.startswith("commitment_")]
    assert named == [f"commitment_{name}" for name in BESIDE]


def test_every_flag_is_documented() -> None:
    found = [row[:2] for row in rows(sections(REFERENCE / "output-columns.md")["Flags"])]
    assert found == [[f"`{flag.name.lower()}`", str(int(flag))] for flag in sla.Flag if flag.name]


def test_the_table_of_problems_is_the_table_of_problems() -> None:
    empties = {
        Empties.NOTHING: "nothing",
        Empties.MARGIN: "the margin",
        Empties.JUDGEMENT: "the judgement",
        Empties.EVERYTHING: "everything",
    }
    expected = [
        [str(int(p)), f"`{p}`", f"`{e.error.__name__}`" if e.error else "—", empties[e.empties], e.en, e.vi]
        for p, e in sorted(PROBLEMS.items())
    ]
    assert list(rows(text_of(REFERENCE / "problems.md"))) == expected


def test_the_glossary_has_at_least_forty_terms() -> None:
    terms = list(rows(text_of(DOCS / "glossary.md")))
    assert len(terms) >= 40
    assert all(len(row) == 3 and all(row) for row in terms)


# --- the examples of the design page

CUT = oracle.CutOff(inclusive=False, effect="day_zero", time=datetime(2024, 1, 1, 15).time())
USUAL = {"roll": "following", "month_end": "last_day", "due_time": "end_of_day", "deems": "next_working_moment"}
DUE_EARLIER = [
    oracle.Rule(1, "month", **{**USUAL, "count_from": "same_day", "roll": "none", "month_end": "next_first"}),
    oracle.Rule(1, "working_day", **{**USUAL, "count_from": "next_day", "deems": "as_is"}, cut_off=CUT),
    oracle.Rule(1, "working_day", **{**USUAL, "count_from": "same_day"}, cut_off=CUT),
    oracle.Rule(
        3, "calendar_day", **{**USUAL, "count_from": "next_day"}, cut_off=oracle.replace(CUT, effect="due_day")
    ),
    oracle.Rule(
        1,
        "month",
        **{**USUAL, "count_from": "next_day", "roll": "none", "month_end": "next_first"},
        cut_off=oracle.replace(CUT, effect="day_one"),
    ),
]


def test_the_later_receipts_that_are_due_earlier(tmp_path: Path) -> None:
    examples = list(rows(sections(DOCS / "design" / "decisions.md")["A later receipt that is due earlier"]))
    assert len(examples) == len(DUE_EARLIER)
    rules = {str(number): ("vn-public", rule) for number, rule in enumerate(DUE_EARLIER)}
    engine = sla.Engine(sla.load_pack(worlds.write_pack(tmp_path / "odd", rules)))
    for number, (_, _, *told) in enumerate(examples):
        for received, due in (told[:2], told[2:]):
            moment = datetime.fromisoformat(received) if "T" in received else date.fromisoformat(received)
            found = engine.assess(sla.Case(procedure=str(number), received_at=moment))
            assert str(found.due_date) == due
            assert oracle.assess(worlds.ORACLES["vn-public"], DUE_EARLIER[number], moment).due_date == found.due_date
        assert told[0] < told[2]
        assert told[1] > told[3]
