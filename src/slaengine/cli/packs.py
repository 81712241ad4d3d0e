"""Verbs on packs: `check`, `test`, `packs`, `schema`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from slaengine.authoring.check import find_faults, find_warnings
from slaengine.authoring.conformance import read_cases, run_case
from slaengine.authoring.read import read_draft
from slaengine.authoring.rows import FILES
from slaengine.cli.common import NoColorOption, QuietOption, VerboseOption, console, emit, tell_engine
from slaengine.engine import Engine
from slaengine.errors import Fault, InputError
from slaengine.packs import find_beside, find_pack, load_pack, shipped_packs
from slaengine.table import ON_REQUEST, OUTPUT
from slaengine.vocabulary import Basis

__all__ = ["check", "packs", "schema", "test"]

PathsArgument = Annotated[list[str], typer.Argument(metavar="PATHS...", help="Packs, or folders that hold packs.")]


def check(
    paths: PathsArgument,
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Lint packs: every fault and every finding, with file and line."""
    shown, folders, findings = console(no_color=no_color), list(_folders(paths)), 0
    for folder in folders:
        found = _findings(folder)
        findings += len(found)
        for fault in found:
            emit(str(fault))
        if verbose:
            shown.print(f"pack {folder}: {len(found)} finding(s)", markup=False)
    if not quiet:
        shown.print(f"{len(folders)} pack(s) checked, {findings} finding(s)")
    return int(bool(findings))


def test(
    paths: PathsArgument,
    quiet: QuietOption = False,  # noqa: FBT002, PT028  # a flag of a verb
    verbose: VerboseOption = False,  # noqa: FBT002, PT028  # a flag of a verb
    no_color: NoColorOption = False,  # noqa: FBT002, PT028  # a flag of a verb
) -> int:
    """Run the cases that ship with packs."""
    cases, differences = 0, 0
    for folder in _folders(paths):
        pack = load_pack(folder)
        engine = Engine(pack, basis=min((rule.basis for rule in pack.rules), key=list(Basis).index))
        if verbose:
            tell_engine(engine, no_color=no_color)
        for row in read_cases(folder):
            cases += 1
            for difference in run_case(engine, row):
                differences += 1
                emit(str(difference))
    if not quiet:
        console(no_color=no_color).print(f"{cases} case(s) run, {differences} difference(s)")
    return int(bool(differences))


def packs() -> int:
    """List the packs that come with the package."""
    for name in shipped_packs():
        pack = load_pack(name)
        emit(
            f"{name} {pack.version}: {pack.title_en}, {len(pack.procedures)} procedures, "
            f"{len(pack.rules)} limits, sha256 {pack.digest[:12]}"
        )
    return 0


def schema(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(FILES)}, or output.")] = "",
) -> int:
    """Print the JSON Schema of the files of a pack, or the columns of the answer."""
    if name == "output":
        emit(json.dumps({"columns": list(OUTPUT), "on_request": list(ON_REQUEST)}, indent=2))
        return 0
    if name and name not in FILES:
        raise InputError(f"there is no schema {name!r}", hint=f"choose {', '.join(FILES)} or output")
    wanted = [name] if name else list(FILES)
    found = {file: FILES[file].model_json_schema() for file in wanted}
    emit(json.dumps(found[name] if name else found, ensure_ascii=False, indent=2))
    return 0


def _folders(paths: list[str]) -> Iterator[Path]:
    """The packs that the paths are, or hold."""
    for path in paths:
        inside = sorted(file.parent for file in Path(path).glob("*/pack.toml"))
        yield from inside or [find_pack(path)]


def _findings(folder: Path) -> list[Fault]:
    faults: list[Fault] = []
    draft = read_draft(folder, lambda name: find_beside(folder, name), faults)
    if draft is not None:
        faults += [*find_faults(draft), *find_warnings(draft)]
    return sorted(faults, key=lambda fault: (fault.file, fault.line))
