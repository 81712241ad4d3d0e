"""Verbs on packs: `check`, `test`, `packs`, `schema`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from slaengine.authoring.conformance import read_cases, run_case
from slaengine.authoring.files import read_toml
from slaengine.authoring.findings import Finding
from slaengine.authoring.lint import find_all
from slaengine.authoring.rows import FILES
from slaengine.authoring.schema import PackFile
from slaengine.cli.common import (
    FormatOption,
    LangOption,
    NoColorOption,
    QuietOption,
    VerboseOption,
    choose,
    console,
    day_of,
    emit,
    progress_bar,
    tell_engine,
)
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.output import ON_REQUEST, OUTPUT
from slaengine.packs import find_pack, load_pack, shipped_packs
from slaengine.vocabulary import Basis
from slaengine.words import say

__all__ = ["check", "packs", "schema", "test"]

DayOption = Annotated[
    str, typer.Option("--today", help="The day by which years and comparisons are late; 'none' asks for neither.")
]
NotesOption = Annotated[bool, typer.Option("--notes", help="Tell also what a pack leaves open.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Tell notes too, and count them as findings (exit 1).")]
FEW = 3
"""Packs that are checked before a progress bar could be read."""
PathsArgument = Annotated[list[str], typer.Argument(metavar="PATHS...", help="Packs, or folders that hold packs.")]


def check(
    paths: PathsArgument,
    today: DayOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
    notes: NotesOption = False,  # noqa: FBT002  # a flag
    strict: StrictOption = False,  # noqa: FBT002  # a flag
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Lint packs: every fault and every finding, with file, line, days and remedy."""
    say(lang, "due")  # an unknown language is said before anything is read
    kind = choose(format_, "text", "json")
    shown, folders, told = console(no_color=no_color), list(_folders(paths)), list[Finding]()
    with progress_bar("checking", len(folders), hidden=quiet or len(folders) < FEW, no_color=no_color) as done:
        for folder in folders:
            found = find_all(folder, day_of(today, _zone_of(folder)))
            told += [each for each in found if each.weight != "note" or notes or strict]
            if verbose:
                shown.print(f"pack {folder}: {len(found)} fault(s), finding(s) and note(s)", markup=False)
            done(1)
    if kind == "json":
        emit(json.dumps([each.data() for each in told], ensure_ascii=False, indent=2))
    elif told:
        emit("\n".join(each.text(lang) for each in told))
    findings = [each for each in told if each.weight != "note" or strict]
    if not quiet:
        shown.print(f"{len(folders)} pack(s) checked, {len(findings)} finding(s)")
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


def _zone_of(folder: Path) -> ZoneInfo:
    """The zone in whose day a pack is checked; a pack that states none has faults, whatever the day is."""
    pack, _ = read_toml(folder / "pack.toml", "", PackFile, [])
    return ZoneInfo(pack.zone if pack else "UTC")
