"""Verbs on records: `due`, `run`, `explain`."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from slaengine.cli.common import (
    AlsoOption,
    ColumnsOption,
    FormatOption,
    KnownAtOption,
    LangOption,
    NoColorOption,
    OutOption,
    PackOption,
    QuietOption,
    StrictOption,
    TodayOption,
    VerboseOption,
    emit,
    read_known_at,
    read_mapping,
    read_today,
    tell_engine,
)
from slaengine.cli.one import Given, case_of_file, case_of_flags, read_told
from slaengine.cli.summary import show_summary
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.explain import Explanation, result_of
from slaengine.outcome import Outcome
from slaengine.packs import load_pack
from slaengine.table import Job
from slaengine.words import moment_text, say, status_text

__all__ = ["due", "explain", "run"]

ProcedureOption = Annotated[str, typer.Option("--procedure", help="Code of the procedure.")]
LevelOption = Annotated[str, typer.Option("--level", help="Level that decides; not needed where a pack has one.")]
VariantOption = Annotated[str, typer.Option("--variant", help="Statutory sub-case, where there are several.")]
ReceivedOption = Annotated[str, typer.Option("--received", help="When the complete dossier was received.")]
FinishedOption = Annotated[str, typer.Option("--finished", help="When the result existed.")]
AttributeOption = Annotated[list[str] | None, typer.Option("--attribute", help="A fact the rule asks for: name=true.")]
TimeOption = Annotated[
    list[str] | None, typer.Option("--time", help="When an event that starts the clock was: fee_paid=2025-08-05T09:00.")
]
EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="What happened to the clock: 'stop 2025-08-04 2025-08-06' (- for an end that has not come), 'restart' or "
        "'supplement' likewise, or 'extend 15 calendar_day 2025-05-05'.",
    ),
]
PromisedOption = Annotated[str, typer.Option("--promised", help="The appointment that was last told.")]
BasisOption = Annotated[str, typer.Option("--basis", help="statutory or commitment.")]


def due(
    pack: PackOption,
    procedure: ProcedureOption,
    received: ReceivedOption,
    level: LevelOption = "",
    variant: VariantOption = "",
    finished: FinishedOption = "",
    attribute: AttributeOption = None,
    time: TimeOption = None,
    event: EventOption = None,
    promised: PromisedOption = "",
    basis: BasisOption = "statutory",
    today: TodayOption = "",
    known_at: KnownAtOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
    quiet: QuietOption = False,  # noqa: ARG001, FBT002  # a flag; there is nothing to be silent about
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Say when one record is due."""
    say(lang, "due")  # an unknown language is said before anything else
    engine = _engine(pack, basis, known_at, verbose=verbose, no_color=no_color)
    case = case_of_flags(
        Given(procedure, level, variant, received, finished, attribute, time, event, promised),
    )
    outcome = engine.assess(case, today=read_today(today, engine.tables.zone))
    if _choose(format_, "text", "json") == "json":
        emit(json.dumps(_beside(outcome), ensure_ascii=False, indent=2))
    else:
        emit("\n".join(f"{label}: {words}" for label, words in _lines(outcome, lang)))
    return 0


def explain(
    source: Annotated[str, typer.Argument(metavar="[FILE]", help="A file of records to take the record from.")] = "",
    case_id: Annotated[str, typer.Option("--case-id", help="The record of FILE to explain.")] = "",
    pack: PackOption = "",
    procedure: ProcedureOption = "",
    received: ReceivedOption = "",
    level: LevelOption = "",
    variant: VariantOption = "",
    finished: FinishedOption = "",
    attribute: AttributeOption = None,
    time: TimeOption = None,
    event: EventOption = None,
    promised: PromisedOption = "",
    basis: BasisOption = "statutory",
    today: TodayOption = "",
    known_at: KnownAtOption = "",
    columns: ColumnsOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
    out: OutOption = "-",
    replay: Annotated[str, typer.Option("--replay", help="A JSON explanation to recompute and compare.")] = "",
    quiet: QuietOption = False,  # noqa: ARG001, FBT002  # a flag; there is nothing to be silent about
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Tell day by day how one record's due date came about, or recompute an explanation and compare."""
    asked = functools.partial(_engine, basis=basis, known_at=known_at, verbose=verbose, no_color=no_color)
    if replay:
        return _replay(replay, pack, asked, out)
    if not pack:
        raise InputError("no pack is named", hint="give --pack")
    engine, given = asked(pack), Given(procedure, level, variant, received, finished, attribute, time, event, promised)
    if source and any(given):
        raise InputError("a record comes from FILE or from flags, not from both", hint="name it with --case-id alone")
    case = case_of_file(source, case_id, columns, engine) if source else case_of_flags(given)
    explanation = engine.explain(engine.assess(case, today=read_today(today, engine.tables.zone)))
    emit(_rendered(explanation, format_, lang), out)
    return 0


def run(
    sources: Annotated[list[str], typer.Argument(metavar="IN...", help="Files of records; - is standard input.")],
    out: OutOption,
    pack: PackOption,
    today: TodayOption = "",
    known_at: KnownAtOption = "",
    basis: BasisOption = "statutory",
    columns: ColumnsOption = "",
    prefix: Annotated[str, typer.Option("--prefix", help="What to put before the names of new columns.")] = "",
    also: AlsoOption = "",
    select: Annotated[str, typer.Option("--select", help="The columns to write, old and new, in this order.")] = "",
    rejects: Annotated[
        str, typer.Option("--rejects", help="Where lines go that are no records. Default: OUT.rejected.csv.")
    ] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a job into a folder that was stopped.")] = False,  # noqa: FBT002  # a flag
    threads: Annotated[int, typer.Option("--threads", help="How many compute at once.")] = 1,
    format_: FormatOption = "",
    lang: LangOption = "en",
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    strict: StrictOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Assess every record of files: due date, status, days saved; the answer is added as columns."""
    from slaengine.cli.target import Target  # noqa: PLC0415  # loads pyarrow, which no other verb needs

    say(lang, "due")  # an unknown language is said before anything is read
    target = Target(out, format_, rejects, resume=resume)
    names, values = read_mapping(columns)
    engine = _engine(pack, basis, known_at, verbose=verbose, no_color=no_color)
    job = Job(engine, read_today(today, engine.tables.zone), names, values, prefix, _listed(also))
    done = target.assess(sources, job, _listed(select), threads, quiet=quiet, no_color=no_color)
    if not quiet:
        show_summary(done.tally, lang, no_color=no_color)
    return int(strict and bool(done.tally.problem or done.rejected))


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _engine(pack: str, basis: str, known_at: str, *, verbose: bool, no_color: bool) -> Engine:
    engine = Engine(load_pack(pack), basis=basis, known_at=read_known_at(known_at))
    if verbose:
        tell_engine(engine, no_color=no_color)
    return engine


def _lines(outcome: Outcome, lang: str) -> list[tuple[str, str]]:
    """The answer in a few lines: those of the law, and what there is of promises and flags."""
    due_at, beside = outcome.due_at, outcome.commitment
    lines = [
        (say(lang, "due"), moment_text(lang, due_at) if due_at else say(lang, "no_due")),
        (say(lang, "status"), status_text(lang, outcome.status)),
        (say(lang, "rule"), outcome.rule_id or ""),
    ]
    if outcome.promise_status is not None:
        lines.append((say(lang, "promise"), status_text(lang, outcome.promise_status)))
    if beside is not None and beside.due_at is not None:
        words = f"{moment_text(lang, beside.due_at)}, {status_text(lang, beside.status)} ({beside.rule_id})"
        lines.append((say(lang, "other_basis"), words))
    return lines + [(say(lang, "flags"), ", ".join(outcome.flags))] * bool(outcome.flags)


def _beside(outcome: Outcome) -> dict[str, Any]:
    """The answer as plain values, with the columns that `run` adds on request."""
    change, promise = outcome.next_change_at, outcome.promise_status
    return {
        **result_of(outcome),
        "margin_minutes": outcome.margin_minutes,
        "remaining": outcome.remaining,
        "used_percent": outcome.used_percent,
        "next_change_at": change.isoformat() if change else None,
        "flags": list(outcome.flags),
        "promise_status": None if promise is None else str(promise),
        "commitment": result_of(outcome.commitment) if outcome.commitment else None,
    }


def _rendered(explanation: Explanation, format_: str, lang: str) -> str:
    kind = _choose(format_, "text", "json", "html")
    return explanation.json() if kind == "json" else getattr(explanation, kind)(lang)


def _choose(given: str, *known: str) -> str:
    if given not in known:
        raise InputError(f"--format {given!r} is not known here", hint=f"choose {', '.join(known)}")
    return given


def _replay(path: str, pack: str, asked: Callable[[str], Engine], out: str) -> int:
    """Recompute a JSON explanation; 1 where the result, or the pack it rests on, is another."""
    told = read_told(path)
    engine = asked(pack or told.pack)
    found = result_of(engine.assess(told.case, today=told.today, errors="return"))
    differences = _differences(told.outcome, told.engine_digest, found, engine.digest)
    emit("\n".join(differences) or "the same result, from the same pack and settings", out)
    return int(bool(differences))


def _differences(told: Mapping[str, Any], told_digest: str, found: Mapping[str, Any], digest: str) -> list[str]:
    rows = [(name, told.get(name), value) for name, value in found.items()]
    rows.append(("engine digest", told_digest, digest))
    return [f"{name}: was {before}, is {now}" for name, before, now in rows if before != now]
