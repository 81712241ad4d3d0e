"""The public API has types that a user's own checker understands and enforces."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import slaengine as sla

HERE = Path(__file__).parent
PACKAGE = Path(sla.__file__).parent
ERROR = re.compile(r"(\w+\.py):(\d+): error: ")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int]]:
    """What mypy finds in both files, with nothing of this project's settings: file and line."""
    ini = tmp_path_factory.mktemp("mypy") / "mypy.ini"
    path = "" if "site-packages" in PACKAGE.parts else f"mypy_path = {PACKAGE.parent}\n"
    ini.write_text(f"[mypy]\nstrict = true\n{path}", encoding="utf-8")
    files = [str(HERE / name) for name in ("api.py", "wrong.py")]
    command = [sys.executable, "-m", "mypy", "--config-file", str(ini), "--cache-dir", str(ini.parent), *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ini.parent)
    assert ran.returncode in {0, 1}, ran.stdout + ran.stderr
    return {(name, int(line)) for name, line in ERROR.findall(ran.stdout)}


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_right_use_passes(checked: set[tuple[str, int]]) -> None:
    assert {(name, line) for name, line in checked if name != "wrong.py"} == set()


def test_wrong_use_is_refused_and_nothing_else(checked: set[tuple[str, int]]) -> None:
    lines = enumerate((HERE / "wrong.py").read_text(encoding="utf-8").splitlines(), start=1)
    assert {line for name, line in checked if name == "wrong.py"} == {n for n, text in lines if "  # " in text}


def test_every_public_name_is_used_in_the_sample() -> None:
    text = (HERE / "api.py").read_text(encoding="utf-8")
    assert [name for name in sla.__all__ if not re.search(rf"\bsla\.{name}\b", text)] == []
    assert set(dir(sla)) == {*sla.__all__, "__version__"}
    assert all(getattr(sla, name) is not None for name in sla.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Deadline'"):
        sla.Deadline  # type: ignore[attr-defined]  # noqa: B018
