"""The pages do what they say: their code runs, their output is the output, their links lead somewhere.

Each page is run from top to bottom in a folder of its own that holds copies of `examples` and `rules`, and the pack
`riverton` that the page on writing packs makes (the page itself starts without it). What a page may hold:

    python    run in one namespace a page, as far as the packages of CLUSTER are installed; a text or vi block right after it is exactly what it prints
    console   `$ slaengine ...` is run, the lines below are exactly its standard output (with 2>&1 also its messages);
              `$ echo $?` is the exit code of the command before
    toml csv  shown, and written to a file where a line "`path`:" or "`path`, appended:" stands right above
    text vi   shown
    sh        one of a few commands, not run here
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import pkgutil
import re
import shlex
import shutil
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import slaengine
from slaengine.cli import main

ROOT = Path(__file__).parents[2]
WRITE_A_PACK = ROOT / "docs" / "how-to" / "write-a-pack.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)

KINDS = {"python", "console", "toml", "csv", "text", "vi", "sh"}
CLUSTER = ("pyspark", "dask", "ray")
"""What pages may use that the tests do without."""
SHELL = {
    "python3 make.py boston",
    "python3 make.py test",
    "pip install .",
    "pip install '.[cli]'",
    "venv-pack -o slaengine.tar.gz",
    "spark-submit --archives slaengine.tar.gz#env --conf spark.pyspark.python=env/bin/python job.py",
}
WRITTEN_ON = date(2026, 11, 25)
"""The day on which commands are run that look at the clock."""
PLACE = re.compile(r"`([\w./\-]+)`(, appended)?:")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"#+ (.+)")


class Block(NamedTuple):
    kind: str
    text: str
    line: int
    place: re.Match[str] | None
    """The file it is, where the line above says so."""
    follows: str
    """The kind of the block right above it, with nothing but blank lines between."""


def blocks_of(page: Path) -> list[Block]:
    found: list[Block] = []
    above, follows, start, lines = "", "", 0, list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if not start and line.lstrip().startswith("```"):
            assert line.startswith("```"), f"{page.name}:{number}: a fence is not indented"
            start, kind, lines = number, line.removeprefix("```"), []
        elif start and line == "```":
            found.append(Block(kind, "\n".join(lines), start, PLACE.fullmatch(above), follows))
            start, follows, above = 0, kind, ""
        elif start:
            lines.append(line)
        elif line.strip():
            above, follows = line.strip(), ""
    assert not start, f"{page.name}:{start}: the block does not end"
    return found


def write_file(folder: Path, block: Block) -> None:
    assert block.place is not None
    file = folder / block.place[1]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a" if block.place[2] else "w", encoding="utf-8") as stream:
        stream.write(block.text + "\n")


def skip_without(block: Block) -> None:
    """Leave a page where it needs what is not there; warnings of what is there are its own affair."""
    for package in CLUSTER:
        if re.search(rf"^(import|from) {package}\b", block.text, flags=re.MULTILINE):
            warnings.simplefilter("ignore")
            pytest.importorskip(package, reason=f"the rest of the page needs {package}")
            if package == "pyspark" and shutil.which("java") is None:
                pytest.skip("the rest of the page needs Java")


def run_python(block: Block, page: Path, namespace: dict[str, Any]) -> str:
    """What the block prints."""
    printed = io.StringIO()
    code = compile("\n" * block.line + block.text, str(page), "exec")  # so that errors name the page's own lines
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)  # noqa: S102  # what this test is for
    return tidy(printed.getvalue())


def run_command(line: str) -> tuple[str, int]:
    """What a command writes, and its exit code."""
    words = shlex.split(line)
    assert words.pop(0) == "slaengine", line
    both = words[-1] == "2>&1"
    out, other = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out if both else other):
        code = main(words[:-1] if both else words)
    written: bytes = out.buffer.getvalue()  # type: ignore[attr-defined]
    return tidy(written.decode()), code


def run_console(block: Block, page: Path) -> None:
    code = 0
    joined = block.text.replace("\\\n", " ")
    for command, expected in commands_of(joined):
        if command == "echo $?":
            found = str(code)
        else:
            found, code = run_command(command)
        assert found == tidy(expected), f"{page.name}:{block.line}: {command}"


def commands_of(text: str) -> Iterator[tuple[str, str]]:
    assert text.startswith("$ "), text
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages find: the example file, the shipped packs, and the pack that one page writes."""
    folder = tmp_path_factory.mktemp("world")
    for name in ("examples", "rules"):
        shutil.copytree(ROOT / name, folder / name)
    for block in blocks_of(WRITE_A_PACK):
        if block.place:
            write_file(folder, block)
    return folder


@every_page
def test_the_page_runs(page: Path, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = blocks_of(page)
    without = shutil.ignore_patterns("riverton*") if page == WRITE_A_PACK else None
    folder = shutil.copytree(world, tmp_path / "here", ignore=without)
    monkeypatch.chdir(folder)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("slaengine.cli.common.clock", lambda _: WRITTEN_ON)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block, after in zip(blocks, [*blocks[1:], None], strict=False):
        assert block.kind in KINDS, f"{page.name}:{block.line}: {block.kind!r} is not known here"
        if block.place:
            write_file(folder, block)
        elif block.kind == "python":
            skip_without(block)
            found = run_python(block, page, namespace)
            shown = after.text if after and after.kind in {"text", "vi"} and after.follows == "python" else ""
            assert found == tidy(shown), f"{page.name}:{block.line}"
        elif block.kind == "console":
            run_console(block, page)
        elif block.kind == "sh":
            assert set(block.text.splitlines()) <= SHELL, f"{page.name}:{block.line}"


def anchors_of(page: Path) -> set[str]:
    headings = (HEADING.fullmatch(line) for line in page.read_text(encoding="utf-8").splitlines())
    return {re.sub(r"[^\w\- ]", "", m[1].lower()).replace(" ", "-") for m in headings if m}


@every_page
def test_the_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" not in target, f"{page.name}: {target} leaves the project"
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        assert place.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors_of(place), f"{page.name}: {target}"


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    assert {page for page in PAGES if page.name not in {"README.md", "index.md"}} <= linked


@every_page
def test_the_page_speaks_of_this_project_alone(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"shared/|(?<!\w)/work\b|pypi|localhost|://", text, flags=re.IGNORECASE), page.name


def test_the_two_commands_of_the_readme_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 make\.py (\w+)$", readme, flags=re.MULTILINE)
    assert commands == ["boston", "test"]
    chores = (ROOT / "make.py").read_text(encoding="utf-8")
    assert all(f'"{name}": {name}' in chores and f"\ndef {name}()" in chores for name in commands)


MODULES = sorted(
    module.name for module in pkgutil.walk_packages(slaengine.__path__, "slaengine.") if "__main__" not in module.name
)


@pytest.mark.parametrize("name", ["slaengine", *MODULES])
def test_the_doctests_pass(name: str) -> None:
    if name == "slaengine.frames.spark":
        pytest.importorskip("pyspark", reason="this module needs pyspark")
    assert doctest.testmod(importlib.import_module(name)).failed == 0
