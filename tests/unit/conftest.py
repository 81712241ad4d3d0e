"""The shipped packs, each compiled once, and packs made for one test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clock_worlds
import rule_text
import slaengine as sla


@pytest.fixture(scope="session")
def vn() -> sla.Engine:
    return sla.Engine(sla.load_pack("vn-national"))


@pytest.fixture(scope="session")
def us() -> sla.Engine:
    return sla.Engine(sla.load_pack("us-boston-311"))


@pytest.fixture
def pack_of(tmp_path: Path) -> Callable[..., Path]:
    """The folder of a pack with the limits `code=rule`, written as in `vectors/README.md`, on one calendar."""

    def made(calendar: str = "vn-office", **rules: str) -> Path:
        limits = {
            code: clock_worlds.Limit(calendar, tuple(rule_text.versions(rule, clock_worlds.ORACLES)))
            for code, rule in rules.items()
        }
        zone = clock_worlds.CALENDARS[calendar].zone
        return clock_worlds.World().write_pack(tmp_path / "made", limits, zone)

    return made


@pytest.fixture
def engine_of(pack_of: Callable[..., Path]) -> Callable[..., sla.Engine]:
    """The engine of such a pack."""

    def made(calendar: str = "vn-office", settings: dict[str, Any] | None = None, **rules: str) -> sla.Engine:
        return sla.Engine(sla.load_pack(pack_of(calendar, **rules)), **(settings or {}))

    return made
