"""The shipped packs, each compiled once."""

from __future__ import annotations

import pytest

import slaengine as sla


@pytest.fixture(scope="session")
def vn() -> sla.Engine:
    return sla.Engine(sla.load_pack("vn-national"))


@pytest.fixture(scope="session")
def us() -> sla.Engine:
    return sla.Engine(sla.load_pack("us-boston-311"))
