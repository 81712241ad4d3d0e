"""What is not needed is not loaded, and nothing in the package grows out of hand."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import slaengine
from slaengine import packs

SOURCES = sorted(Path(slaengine.__file__).parent.rglob("*.py"))
HEAVY = ("numpy", "pydantic", "pyarrow", "pandas", "polars", "duckdb", "holidays", "dateutil", "typer", "rich")
ONE_ASSESSMENT = """
import slaengine as sla
from datetime import date
engine = sla.Engine(sla.load_pack({folder!r}, cache_dir={cache!r}))
case = sla.Case(procedure="1.004837", level="commune", received_at=date(2025, 4, 28))
assert engine.assess(case, today=date(2025, 4, 29)).due_date == date(2025, 5, 6)
"""


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded once a fresh interpreter has run the code."""
    show = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import slaengine") & set(HEAVY) == set()


def test_a_compiled_pack_and_one_assessment_load_numpy_alone(tmp_path: Path) -> None:
    packs.compile_pack("vn-national", tmp_path)
    folder = str(packs.find_pack("vn-national"))
    assert loaded_by(ONE_ASSESSMENT.format(folder=folder, cache=str(tmp_path))) & set(HEAVY) == {"numpy"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno - f.lineno + 1 > 45}  # type: ignore[operator]
    assert long == {}
    assert len(text.splitlines()) <= 400
