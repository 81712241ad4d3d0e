"""What all verbs share: options that mean the same everywhere, messages, progress."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from slaengine.days import read_moment
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.output import ON_REQUEST
from slaengine.pack import RulePack

__all__ = [
    "COULD_NOT_RUN",
    "AlsoOption",
    "ColumnsOption",
    "FormatOption",
    "KnownAtOption",
    "LangOption",
    "NoColorOption",
    "OutOption",
    "PackOption",
    "QuietOption",
    "StrictOption",
    "TodayOption",
    "VerboseOption",
    "choose",
    "clock",
    "console",
    "day_of",
    "emit",
    "moment",
    "progress_bar",
    "read_known_at",
    "read_mapping",
    "read_today",
    "tell_engine",
    "tell_pack",
]

COULD_NOT_RUN = 2

PackOption = Annotated[str, typer.Option("--pack", help="Name of a shipped pack, or a folder with a pack.toml.")]
TodayOption = Annotated[
    str,
    typer.Option(
        "--today",
        help="Judge unfinished records on this day or instant; 'none' judges only finished ones. Default: the clock.",
    ),
]
KnownAtOption = Annotated[
    str,
    typer.Option("--known-at", help="Read the pack as known on this day, or 'received': on the day of each receipt."),
]
ColumnsOption = Annotated[
    str, typer.Option("--columns", help="Foreign column names: procedure=type,received_at=open_dt, or a mapping.toml.")
]
FormatOption = Annotated[str, typer.Option("--format", help="Format, where no file name says it.")]
OutOption = Annotated[str, typer.Option("-o", "--out", help="Where to write; - is standard output.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no summary.")]
VerboseOption = Annotated[bool, typer.Option("-v", "--verbose", help="Say which pack and settings gave the answer.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="A record with a problem is a finding (exit 1).")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="Plain messages.")]
LangOption = Annotated[str, typer.Option("--lang", help="Language of labels and explanations: en or vi.")]
AlsoOption = Annotated[str, typer.Option("--also", help=f"Further columns of the answer, of {', '.join(ON_REQUEST)}.")]


def console(*, no_color: bool = False) -> Console:
    """Where messages go: standard error."""
    return Console(stderr=True, no_color=no_color, highlight=False, soft_wrap=True)


def emit(text: str, out: str = "-") -> None:
    """Data as text: to standard output, or to a file that appears whole."""
    from slaengine.frames.files import whole_file  # noqa: PLC0415  # loads gzip and csv only where they are used

    if out == "-":
        sys.stdout.write(text.rstrip("\n") + "\n")
        return
    with whole_file(out) as file:
        file.write((text.rstrip("\n") + "\n").encode())


def read_today(text: str, zone: tzinfo) -> date | None:
    """The day to judge on: in the pack's zone by the clock where nothing is said, nothing for `none`."""
    if text == "none":
        return None
    return moment(text, "--today") if text else clock(zone)


def clock(zone: tzinfo) -> date:
    """The day it is; only the command line reads the clock."""
    return datetime.now(zone).date()


def day_of(text: str, zone: tzinfo) -> date | None:
    """The day to judge on, without its hour."""
    today = read_today(text, zone)
    return today.date() if isinstance(today, datetime) else today


def choose(given: str, *known: str) -> str:
    """One of the formats that a verb knows."""
    if given not in known:
        raise InputError(f"--format {given!r} is not known here", hint=f"choose {', '.join(known)}")
    return given


def moment(text: str, option: str) -> date:
    """A date or an instant from a flag."""
    try:
        return read_moment(text)
    except ValueError as error:
        raise InputError(f"{option} {text!r} is no time", hint="write 2025-04-28 or 2025-04-28T09:00:00") from error


def read_known_at(text: str) -> date | Literal["received"] | None:
    """The day whose knowledge counts; where nothing is said, everything that is in the pack."""
    if text in {"", "received"}:
        return "received" if text else None
    day = moment(text, "--known-at")
    if isinstance(day, datetime):
        raise InputError(f"--known-at {text!r} is no day", hint="write 2025-04-28, or received")
    return day


def tell_pack(pack: RulePack, *, no_color: bool) -> None:
    """Which pack gave the answer."""
    console(no_color=no_color).print(f"pack {pack.id} {pack.version}, sha256 {pack.digest}", markup=False)


def tell_engine(engine: Engine, *, no_color: bool) -> None:
    """Which pack and settings gave the answer."""
    tell_pack(engine.pack, no_color=no_color)
    known = f", known at {engine.known_at}" if engine.known_at else ""
    told = f"basis {engine.basis}{known}, engine digest {engine.digest}"
    console(no_color=no_color).print(told, markup=False)


def read_mapping(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Column names and values as `--columns` gives them: pairs, or the tables of a TOML file."""
    if not text:
        return {}, {}
    if text.endswith(".toml"):
        return _mapping_file(Path(text))
    names: dict[str, str] = {}
    for pair in text.split(","):
        ours, theirs = (part.strip() for part in pair.partition("=")[::2])
        if not ours or not theirs:
            raise InputError(f"--columns: {pair!r} maps nothing", hint="write ours=theirs,ours=theirs")
        if ours in names:
            raise InputError(f"--columns: {ours!r} is mapped twice", hint="map every name once")
        names[ours] = theirs
    return names, {}


def _mapping_file(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--columns: cannot read {path}: {error}", hint="check the path and the TOML") from error
    unknown = sorted(found.keys() - {"columns", "values"})
    if unknown:
        raise InputError(f"{path}: unknown table [{unknown[0]}]", hint="a mapping has [columns] and [values.NAME]")
    columns, values = found.get("columns", {}), found.get("values", {})
    for place, table in (("columns", columns), ("values", values), *((f"values.{k}", v) for k, v in _items(values))):
        if not isinstance(table, dict) or (place != "values" and not all(isinstance(v, str) for v in table.values())):
            raise InputError(f"{path}: [{place}] is no table of texts", hint="write names and values as text")
    return columns, values


def _items(table: Any) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


@contextmanager
def progress_bar(label: str, total: int | None, *, hidden: bool, no_color: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; what it yields is told how much was done since the last time."""
    shown = console(no_color=no_color)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
        console=shown,
        disable=hidden,
    )
    with bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)
        bar.update(task, total=bar.tasks[0].completed)
