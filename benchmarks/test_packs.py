"""Benchmarks of loading a pack as large as a national registry: from its files, and from its compiled form.

At full size (`python3 make.py bench`) it has 2,850 procedures and 7,000 limits; in the test suite, a few.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from registry_pack import LIMITS, PROCEDURES, write_registry

import slaengine as sla
from slaengine.packs import compile_pack

FULL = int(os.environ.get("SLAENGINE_BENCH_ROWS", "10")) > 10
FRESH = """
import json, sys, time, tracemalloc
import slaengine as sla
sla.load_pack
folder, kept, measured = sys.argv[1:]
if measured == "memory":
    tracemalloc.start()
start = time.perf_counter()
pack = sla.load_pack(folder, cache_dir=kept)
seconds = time.perf_counter() - start
assert not {"pyarrow", "pandas", "pydantic", "holidays", "typer"} & set(sys.modules)
memory = tracemalloc.get_traced_memory() if measured == "memory" else (0, 0)
print(json.dumps({"seconds": seconds, "kept": memory[0], "peak": memory[1], "rules": len(pack.rules)}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    size = (PROCEDURES, LIMITS) if FULL else (10, 30)
    return write_registry(tmp_path_factory.mktemp("packs") / "large-registry", *size)


@pytest.fixture(scope="module")
def kept(folder: Path) -> Path:
    return compile_pack(folder, folder.parent / "compiled").parent


def in_fresh_process(folder: Path, kept: Path, measured: str) -> dict[str, Any]:
    """What loading the compiled pack takes in a process of its own."""
    command = [sys.executable, "-c", FRESH, str(folder), str(kept), measured]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_load_registry_from_files(benchmark: Any, folder: Path) -> None:
    """Reading, checking and making the pack, without any compiled form."""
    pack = benchmark.pedantic(lambda: sla.load_pack(folder), rounds=9 if FULL else 1, warmup_rounds=int(FULL))
    benchmark.extra_info["rules"] = len(pack.rules)


def test_load_registry_compiled(benchmark: Any, folder: Path, kept: Path) -> None:
    """Finding the compiled form by the hash of the files, and making the pack: the first load of a fresh process."""
    found: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: found.append(in_fresh_process(folder, kept, "time")), rounds=21 if FULL else 1)
    seconds = sorted(each["seconds"] for each in found)
    benchmark.extra_info["median_ms_inside_python"] = seconds[len(seconds) // 2] * 1000
    assert {each["rules"] for each in found} == {len(sla.load_pack(folder, cache_dir=kept).rules)}


def test_memory_of_registry(benchmark: Any, folder: Path, kept: Path) -> None:
    """What the compiled pack keeps in memory, and the most that loading it takes."""
    found = benchmark.pedantic(lambda: in_fresh_process(folder, kept, "memory"), rounds=1)
    benchmark.extra_info["kept_mb"] = found["kept"] / 1e6
    benchmark.extra_info["peak_mb"] = found["peak"] / 1e6
