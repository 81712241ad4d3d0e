"""The two commands of the README, and the chores behind them; needs only Python 3.11 and a package index.

python3 make.py boston    assess the Boston example file, in an environment of its own
python3 make.py test      build the wheel and run the test suite against it, in an environment of its own
python3 make.py bench     run the benchmarks at every size, store their result and write the pages that show it
python3 make.py lint      ruff and mypy
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent
ENVIRONMENTS = ROOT / ".venv"
PYTHON = Path("Scripts/python.exe") if os.name == "nt" else Path("bin/python")
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
BOSTON = ROOT / "examples" / "boston311_2015"


def environment(name: str, *requirements: str) -> str:
    """A fresh environment with these packages; the path of its Python."""
    place = ENVIRONMENTS / name
    shutil.rmtree(place, ignore_errors=True)
    venv.EnvBuilder(with_pip=True).create(place)
    python = str(place / PYTHON)
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
    return python


def wheel(extra: str) -> str:
    """Build the wheel of this checkout; what pip is to install, with an extra."""
    place = ROOT / "dist" / extra
    shutil.rmtree(place, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", str(place), str(ROOT))
    return f"{next(place.glob('*.whl'))}[{extra}]"


def run(*command: str, **variables: str) -> None:
    """Run a command and stop with its exit code if it fails."""
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode
    if code:
        sys.exit(code)


def boston() -> None:
    """The main job on the real example file."""
    python = environment("example", wheel("cli"))
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    files = (str(BOSTON / "requests.csv.gz"), "-o", str(out / "boston311_2015.csv.gz"))
    how = ("--pack", "us-boston-311", "--columns", str(BOSTON / "columns.toml"), "--today", "2016-01-12")
    run(python, "-m", "slaengine", "run", *files, *how)
    sys.stderr.write(f"written: {(out / 'boston311_2015.csv.gz').relative_to(ROOT)}\n")


def test() -> None:
    """The test suite, against the built wheel; further arguments go to pytest."""
    python = environment("test", wheel("test"))
    run(python, "-m", "pytest", *sys.argv[2:])


def bench() -> None:
    """The benchmarks at every size, stored, and the pages that show them."""
    python = environment("bench", wheel("test"), "QuantLib")
    runs = [ROOT / "out" / f"bench-{rows}.json" for rows in SIZES]
    runs[0].parent.mkdir(exist_ok=True)
    for rows, stored in zip(SIZES, runs, strict=True):
        out = ("--benchmark-enable", "--benchmark-json", str(stored))
        run(python, "-m", "pytest", "benchmarks", *out, *sys.argv[2:], SLAENGINE_BENCH_ROWS=str(rows))
    run(python, "benchmarks/report.py", *map(str, runs))


def lint() -> None:
    """Style and types."""
    python = environment("lint", f"{ROOT}[dev]")
    run(python, "-m", "ruff", "check", ".")
    run(python, "-m", "ruff", "format", "--check", ".")
    run(python, "-m", "mypy")


if __name__ == "__main__":
    chores = {"boston": boston, "test": test, "bench": bench, "lint": lint}
    if len(sys.argv) < 2 or sys.argv[1] not in chores:
        sys.exit(__doc__)
    chores[sys.argv[1]]()
