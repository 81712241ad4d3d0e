"""Verbs that look at whole packs: `diff`."""

from __future__ import annotations

import json
from datetime import date, datetime
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
from slaengine.differences import compare_packs
from slaengine.differences_text import differences_data, differences_text
from slaengine.errors import InputError
from slaengine.words import say

__all__ = ["diff"]

PackArgument = Annotated[str, typer.Argument(help="Name of a shipped pack, or a folder with a pack.toml.")]
FromOption = Annotated[str, typer.Option("--from", help="First day of receipt; default: the first that is covered.")]
UntilOption = Annotated[str, typer.Option("--until", help="First day of receipt that is no longer asked about.")]


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


def day(text: str, option: str) -> date | None:
    """A day from a flag; nothing where it is not given."""
    found = moment(text, option) if text else None
    if isinstance(found, datetime):
        raise InputError(f"{option} {text!r} is no day", hint="write 2025-04-28")
    return found
