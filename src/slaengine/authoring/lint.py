"""Everything `check` tells about a pack: its faults or, of a pack that loads, what it says and hardly means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from slaengine.authoring.check import find_faults
from slaengine.authoring.findings import Finding, of_fault
from slaengine.authoring.lint_commitments import lint_commitments
from slaengine.authoring.lint_sources import lint_calendars, lint_sources
from slaengine.authoring.lint_versions import limits_of, lint_versions
from slaengine.authoring.read import read_draft
from slaengine.errors import Fault
from slaengine.packs import find_beside, load_pack
from slaengine.vocabulary import Basis

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["find_all"]


def find_all(folder: Path, today: date | None) -> list[Finding]:
    """Every fault of the pack in a folder or, where it has none, every finding and note, by file and line.

    `today` is the day by which years and comparisons are late; None leaves those findings out. What a pack that it
    extends says is told where that one is checked.
    """
    faults: list[Fault] = []
    draft = read_draft(folder, lambda name: find_beside(folder, name), faults)
    if draft is not None:
        faults += find_faults(draft)
    if draft is None or faults:
        found = [of_fault(fault) for fault in faults]
    else:
        found = [each for each in _lint(draft, folder, today) if each.file.startswith(f"{folder.name}/")]
    return sorted(found, key=lambda each: (each.file, each.line, each.kind))


def _lint(draft: Draft, folder: Path, today: date | None) -> Iterator[Finding]:
    limits = limits_of(draft)
    yield from lint_versions(draft, limits)
    yield from lint_sources(draft, limits, today)
    yield from lint_calendars(draft, today)
    if any(name.basis is Basis.COMMITMENT for name in limits):
        yield from lint_commitments(load_pack(folder), limits)
