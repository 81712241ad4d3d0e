"""Benchmarks of the national registry: loading its pack from files and compiled, and importing a list.

At full size (`python3 make.py bench`) the list has 7,500 rows; in the test suite, a few.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import slaengine as sla
from slaengine import packs
from slaengine.cli import main
from slaengine.packs import compile_pack, find_pack

FULL = int(os.environ.get("SLAENGINE_BENCH_ROWS", "10")) > 10
ROWS = 7_500 if FULL else 10
ROUNDS = 9 if FULL else 1
WORDS = (
    "",
    "Trong thời hạn 05 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ",
    "Miễn phí05 (năm) ngày làm việc, kể từ ngày nhận đủ hồ sơ theo quy định",
    "05 ngày làm việc đối với trường hợp cấp mới; 03 ngày làm việc đối với trường hợp cấp lại",
    "Không quá 10 ngày làm việc (không tính thời gian bổ sung hồ sơ)",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_pack("vn-registry", tmp_path_factory.mktemp("compiled")).parent


def test_load_vn_registry_from_files(benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading, checking and making the pack and the one it extends, as if it had not been compiled."""
    monkeypatch.setattr(packs, "_kept", lambda _: None)
    folder = find_pack("vn-registry")
    pack = benchmark.pedantic(lambda: sla.load_pack(folder), rounds=ROUNDS, warmup_rounds=int(FULL))
    benchmark.extra_info |= {"rules": len(pack.rules), "procedures": len(pack.procedures)}


def test_load_vn_registry_compiled(benchmark: Any, kept: Path) -> None:
    """The same pack from its compiled form."""
    pack = benchmark.pedantic(lambda: sla.load_pack("vn-registry", cache_dir=kept), rounds=ROUNDS)
    assert pack.digest == sla.load_pack("vn-registry").digest


def test_import_a_list(benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a list of so many rows to a pack and its review file."""
    monkeypatch.chdir(tmp_path)
    header = "code,title_vi,level,decision,amount,unit,words"
    rows = (f'7.{n:06},Việc {n},xã,1/QĐ-UBND,5,ngày làm việc,"{WORDS[n % len(WORDS)]}"' for n in range(ROWS))
    Path("list.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    number = count()

    def import_anew() -> int:
        return main(["registry", "import", "list.csv", "-q", "--as-of", "2026-07-20", "-o", f"out{next(number)}"])

    assert benchmark.pedantic(import_anew, rounds=3 if FULL else 1) == 1
    benchmark.extra_info["rows"] = ROWS
