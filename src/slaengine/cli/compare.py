"""Verbs that look at whole packs: `diff`, `coverage`."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from slaengine.cli.common import (
    FormatOption,
    LangOption,
    NoColorOption,
    OutOption,
    QuietOption,
    VerboseOption,
    choose,
    emit,
    moment,
    progress_bar,
    tell_pack,
)
from slaengine.coverage import coverage_data, coverage_map
from slaengine.coverage_page import coverage_page
from slaengine.coverage_text import coverage_text
from slaengine.differences import compare_packs
from slaengine.differences_text import differences_data, differences_text
from slaengine.errors import InputError
from slaengine.packs import load_pack
from slaengine.words import say

__all__ = ["coverage", "diff"]

FromOption = Annotated[str, typer.Option("--from", help="First day; default: the first that a calendar covers.")]
UntilOption = Annotated[str, typer.Option("--until", help="First day that is no longer asked about.")]


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A pack: name or folder.")],
    new: Annotated[str, typer.Argument(metavar="B", help="Another one, or another version of it.")],
    since: FromOption = "",
    until: UntilOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
    out: OutOption = "-",
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Compare two packs: entry by entry, day by day, and by the due dates they give."""
    say(lang, "due")  # an unknown language is said before anything is read
    kind = choose(format_, "text", "json")
    window = {"since": day(since, "--from"), "until": day(until, "--until")}
    with progress_bar("comparing", None, hidden=quiet, no_color=no_color) as told:
        found = compare_packs(old, new, **window, progress=told)
    if verbose:
        for pack in (found.old, found.new):
            tell_pack(pack, no_color=no_color)
    text = differences_text(found, lang)
    emit(text if kind == "text" else json.dumps(differences_data(found), ensure_ascii=False, indent=2), out)
    return int(found.any)


def coverage(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A pack: name or folder.")],
    procedure: Annotated[str, typer.Option("--procedure", help="Only this procedure.")] = "",
    level: Annotated[str, typer.Option("--level", help="Only this level.")] = "",
    basis: Annotated[str, typer.Option("--basis", help="statutory or commitment.")] = "statutory",
    since: FromOption = "",
    until: UntilOption = "",
    format_: FormatOption = "",
    lang: LangOption = "en",
    out: OutOption = "-",
    quiet: QuietOption = False,  # noqa: ARG001, FBT002  # a flag; there is nothing to be silent about
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Show what is in force when: procedure by level by date, and the years that calendars cover."""
    say(lang, "due")  # an unknown language is said before anything is read
    by_name = {".html": "html", ".json": "json"}.get(Path(out).suffix, "text")
    kind = choose(format_ or by_name, "text", "json", "html")
    loaded = load_pack(pack)
    if verbose:
        tell_pack(loaded, no_color=no_color)
    days = {"since": day(since, "--from"), "until": day(until, "--until")}
    found = coverage_map(loaded, basis=basis, procedure=procedure, level=level, **days)
    if kind == "json":
        emit(json.dumps(coverage_data(found), ensure_ascii=False, indent=2), out)
    else:
        emit(coverage_text(found, lang) if kind == "text" else coverage_page(found, lang), out)
    return 0


def day(text: str, option: str) -> date | None:
    """A day from a flag; nothing where it is not given."""
    found = moment(text, option) if text else None
    if isinstance(found, datetime):
        raise InputError(f"{option} {text!r} is no day", hint="write 2025-04-28")
    return found
