"""Compiles the shipped packs into the wheel, so that loading one needs neither pydantic nor a check."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilePacks(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `slaengine/compiled/*.pack`, each named by the hash of the files it was made from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's interface
        """Compile every pack before the wheel is put together."""
        sys.path.insert(0, str(Path(self.root) / "src"))
        from slaengine.packs import compile_pack, shipped_packs  # noqa: PLC0415  # only now on the path

        folder = Path(tempfile.mkdtemp())
        for name in shipped_packs():
            place = compile_pack(name, folder)
            build_data["force_include"][str(place)] = f"slaengine/compiled/{place.name}"
