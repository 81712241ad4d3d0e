"""Verbs on lists of procedures: `registry import`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from slaengine.cli.common import (
    ColumnsOption,
    NoColorOption,
    QuietOption,
    VerboseOption,
    console,
    emit,
    moment,
    progress_bar,
    read_mapping,
    tell_pack,
)
from slaengine.errors import InputError
from slaengine.pack import RulePack
from slaengine.packs import find_beside, load_pack
from slaengine.registry.importing import Imported, import_lists
from slaengine.registry.packfiles import CONVENTIONS, Settings
from slaengine.registry.sheet import Sheet, read_sheet
from slaengine.vocabulary import Basis, Unit

__all__ = ["import_"]


def import_(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Lists, csv or xlsx.")],
    out: Annotated[str, typer.Option("-o", "--out", help="Folder of the pack to write.")],
    as_of: Annotated[
        list[str], typer.Option("--as-of", help="Day on which the list was published; one, or one for each FILE.")
    ],
    columns: ColumnsOption = "",
    level: Annotated[str, typer.Option("--level", help="Level of every row, where the list has no such column.")] = "",
    decision: Annotated[str, typer.Option("--decision", help="Decision of every row, where no column says it.")] = "",
    basis: Annotated[
        str, typer.Option("--basis", help="statutory, or commitment for the shorter limits of an office.")
    ] = "statutory",
    extends: Annotated[str, typer.Option("--extends", help="Pack with the calendar.")] = "vn-national",
    calendar: Annotated[str, typer.Option("--calendar", help="Which of its calendars, where it has several.")] = "",
    convention: Annotated[
        list[str] | None, typer.Option("--convention", help="How a unit is counted: hour=civil-hours.")
    ] = None,
    review: Annotated[str, typer.Option("--review", help="Review file; default: beside the pack.")] = "",
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Where the list comes from; one, or one for each FILE.")
    ] = None,
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Make a pack of lists of procedures: what is sure is shipped, the rest goes to a review file with the reason."""
    place, base = Path(out), _base(extends, Path(out))
    sheets = _sheets(files, columns, {"level": level, "decision": decision})
    settings = Settings(
        as_of=_days(as_of, len(files)),
        basis=_basis(basis),
        extends=extends,
        calendar=_calendar(calendar, base),
        conventions=_conventions(convention or (), base),
        sources=_for_each("--source", source or [sheet.file for sheet in sheets], len(files)),
    )
    total = sum(len(sheet.rows) for sheet in sheets)
    hidden = quiet or not console().is_terminal
    with progress_bar("reading", total, hidden=hidden, no_color=no_color) as told:
        found = import_lists(sheets, place, Path(review or f"{place}-review.csv"), base, settings, told)
    _tell(found, quiet=quiet, no_color=no_color)
    if verbose:
        _tell_more(found, place, no_color=no_color)
    return int(bool(found.findings or found.review))


def _sheets(files: Sequence[str], columns: str, given: Mapping[str, str]) -> list[Sheet]:
    twice = [name for name, times in Counter(Path(file).name for file in files).items() if times > 1]
    if twice:
        raise InputError(f"two lists are called {twice[0]}", hint="rename one: a review row names its list")
    names, values = read_mapping(columns)
    given = {name: text for name, text in given.items() if text}
    return [read_sheet(Path(file), columns=names, values=values, given=given) for file in files]


def _tell(found: Imported, *, quiet: bool, no_color: bool) -> None:
    for finding in found.findings:
        emit(str(finding))
    if not quiet:
        console(no_color=no_color).print(_summary(found), markup=False)


def _tell_more(found: Imported, place: Path, *, no_color: bool) -> None:
    grades = ", ".join(f"{count:,} {name}" for name, count in sorted(found.grades.items()))
    console(no_color=no_color).print(f"rows by themselves: {grades}", markup=False)
    tell_pack(load_pack(place), no_color=no_color)


def _base(extends: str, out: Path) -> RulePack:
    if (out / "pack.toml").is_file():
        said = tomllib.loads((out / "pack.toml").read_text(encoding="utf-8")).get("extends")
        if said != extends:
            raise InputError(f"{out} extends {said}, not {extends}", hint=f"give --extends {said}")
    folder = find_beside(out.resolve(), extends)
    return load_pack(folder or extends)


def _days(texts: Sequence[str], files: int) -> tuple[date, ...]:
    days = [moment(text, "--as-of") for text in _for_each("--as-of", texts, files)]
    if any(isinstance(day, datetime) for day in days):
        raise InputError("--as-of: a list is published on a day", hint="write 2026-07-20")
    return tuple(days)


def _for_each(option: str, given: Sequence[str], files: int) -> tuple[str, ...]:
    """What an option says of each list."""
    if len(given) not in {1, files}:
        raise InputError(f"{option} is given {len(given)} times for {files} list(s)", hint="give it once, or for each")
    return tuple(given) if len(given) == files else tuple(given) * files


def _basis(text: str) -> str:
    if text not in set(Basis):
        raise InputError(f"--basis {text!r} is not known", hint=f"choose {' or '.join(Basis)}")
    return text


def _calendar(name: str, base: RulePack) -> str:
    known = list(base.calendars)
    if name not in known and (name or len(known) > 1):
        raise InputError(f"--calendar {name!r} is none of {base.id}'s", hint=f"choose {', '.join(known)}")
    return name or known[0]


def _conventions(pairs: Sequence[str], base: RulePack) -> Mapping[Unit, str]:
    found = dict(CONVENTIONS)
    for pair in pairs:
        unit, _, name = pair.partition("=")
        if unit not in set(Unit) or name not in base.conventions:
            hint = f"write unit=name, with one of {', '.join(base.conventions)}"
            raise InputError(f"--convention {pair!r} names no way of counting", hint=hint)
        found[Unit(unit)] = name
    return found


def _summary(found: Imported) -> str:
    """What became of every row, one line a kind."""
    shipped, rejected = found.shipped + found.by_hand, found.rejected + found.declined
    review = sum(found.review.values())
    by_hand = f", {found.by_hand:,} row(s) completed by hand" if found.by_hand else ""
    lines = [
        f"{found.rows:,} row(s) in = {shipped:,} shipped + {review:,} review + {rejected:,} rejected",
        f"shipped: {found.limits:,} limit(s) of {found.procedures:,} procedure(s){by_hand}",
    ]
    lines += [f"review: {count:,} {reason}" for reason, count in sorted(found.review.items())]
    lines += [f"rejected: {found.rejected:,} unreadable, named above"] if found.rejected else []
    lines += [f"rejected: {found.declined:,} by hand, no limit"] if found.declined else []
    return "\n".join(lines)
