"""The engines that frames are answered by."""

from __future__ import annotations

import pytest

import slaengine as sla


@pytest.fixture(scope="session")
def vn() -> sla.Engine:
    return sla.Engine(sla.load_pack("vn-national"))
