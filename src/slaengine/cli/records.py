"""Verbs on records: `due`, `run`, `explain`."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from slaengine.batch import MISSING, UNREADABLE
from slaengine.case import Case
from slaengine.cli.common import (
    AlsoOption,
    ColumnsOption,
    FormatOption,
    LangOption,
    NoColorOption,
    OutOption,
    PackOption,
    QuietOption,
    StrictOption,
    TodayOption,
    VerboseOption,
    console,
    emit,
    moment,
    progress_bar,
    read_mapping,
    read_today,
)
from slaengine.columns import read_times, read_truth, renamed
from slaengine.days import read_moment
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.explain import Explanation, result_of
from slaengine.frames.files import count_bytes, format_of, read_table, write_table
from slaengine.packs import load_pack
from slaengine.table import assess_table
from slaengine.vocabulary import Status
from slaengine.words import moment_text, say, status_text

__all__ = ["due", "explain", "run"]

ProcedureOption = Annotated[str, typer.Option("--procedure", help="Code of the procedure.")]
LevelOption = Annotated[str, typer.Option("--level", help="Level that decides; not needed where a pack has one.")]
VariantOption = Annotated[str, typer.Option("--variant", help="Statutory sub-case, where there are several.")]
ReceivedOption = Annotated[str, typer.Option("--received", help="When the complete dossier was received.")]
FinishedOption = Annotated[str, typer.Option("--finished", help="When the result existed.")]
AttributeOption = Annotated[list[str] | None, typer.Option("--attribute", help="A fact the rule asks for: name=true.")]
BasisOption = Annotated[str, typer.Option("--basis", help="statutory or commitment.")]

SHOWN_TYPES = 15


def due(
    pack: PackOption,
    procedure: ProcedureOption,
    received: ReceivedOption,
    level: LevelOption = "",
    variant: VariantOption = "",
    finished: FinishedOption = "",
    attribute: AttributeOption = None,
    basis: BasisOption = "statutory",
    today: TodayOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
) -> int:
    """Say when one record is due."""
    say(lang, "due")  # an unknown language is said before anything else
    engine = Engine(load_pack(pack), basis=basis)
    case = _case(procedure, level, variant, received, finished, attribute)
    outcome = engine.assess(case, today=read_today(today, engine.tables.zone))
    if _choose(format_, "text", "json") == "json":
        emit(json.dumps(result_of(outcome), ensure_ascii=False, indent=2))
    else:
        due_at = outcome.due_at
        label = f"{say(lang, 'due')}: {moment_text(lang, due_at) if due_at else say(lang, 'no_due')}"
        emit(
            f"{label}\n{say(lang, 'status')}: {status_text(lang, outcome.status)}\n"
            f"{say(lang, 'rule')}: {outcome.rule_id}"
        )
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
    basis: BasisOption = "statutory",
    today: TodayOption = "",
    columns: ColumnsOption = "",
    format_: FormatOption = "text",
    lang: LangOption = "en",
    out: OutOption = "-",
    replay: Annotated[str, typer.Option("--replay", help="A JSON explanation to recompute and compare.")] = "",
) -> int:
    """Tell day by day how one record's due date came about, or recompute an explanation and compare."""
    if replay:
        return _replay(replay, pack, basis, out)
    if not pack:
        raise InputError("no pack is named", hint="give --pack")
    engine = Engine(load_pack(pack), basis=basis)
    if source and (procedure or received or level or variant or finished or attribute):
        raise InputError("a record comes from FILE or from flags, not from both", hint="name it with --case-id alone")
    if source:
        case = _case_of_file(source, case_id, columns, engine)
    else:
        case = _case(procedure, level, variant, received, finished, attribute)
    explanation = engine.explain(engine.assess(case, today=read_today(today, engine.tables.zone)))
    emit(_rendered(explanation, format_, lang), out)
    return 0


def run(
    sources: Annotated[list[str], typer.Argument(metavar="IN...", help="Files of records; - is standard input.")],
    out: OutOption,
    pack: PackOption,
    today: TodayOption = "",
    basis: BasisOption = "statutory",
    columns: ColumnsOption = "",
    prefix: Annotated[str, typer.Option("--prefix", help="What to put before the names of new columns.")] = "",
    also: AlsoOption = "",
    format_: FormatOption = "",
    lang: LangOption = "en",
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    strict: StrictOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Assess every record of files: due date, status, days saved; the answer is added as columns."""
    say(lang, "due")  # an unknown language is said before anything is read
    engine = Engine(load_pack(pack), basis=basis)
    names, values = read_mapping(columns)
    format_of(out, format_)  # what cannot be written is said before anything is read
    if verbose:
        _tell(engine, no_color=no_color)
    with progress_bar("reading", count_bytes(sources), hidden=quiet, no_color=no_color) as told:
        frame = read_table(sources, format=format_, progress=told)
    length = len(next(iter(frame.values())))
    with progress_bar("assessing", length, hidden=quiet, no_color=no_color) as told:
        now, more = read_today(today, engine.tables.zone), [name for name in also.split(",") if name]
        mapped = functools.partial(assess_table, columns=names, values=values, prefix=prefix, also=more)
        found = mapped(frame, engine, today=now, progress=told)
    with progress_bar("writing", length, hidden=quiet, no_color=no_color) as told:
        write_table(found, out, format=format_, progress=told)
    if not quiet:
        types = renamed(frame, names, values, engine.tables.attributes[1:])["procedure"]
        _summary(found, prefix, types, lang, no_color=no_color)
    return int(strict and any(problem is not None for problem in found[f"{prefix}problem"]))


def _case(procedure: str, level: str, variant: str, received: str, finished: str, attribute: list[str] | None) -> Case:
    if not procedure or not received:
        raise InputError("a record needs --procedure and --received", hint="give both")
    return Case(
        procedure=procedure,
        level=level,
        variant=variant,
        received_at=moment(received, "--received"),
        finished_at=moment(finished, "--finished") if finished else None,
        attributes=dict(_attribute(text) for text in attribute or ()),
    )


def _attribute(text: str) -> tuple[str, bool | None]:
    name, _, value = text.partition("=")
    return name, _yes_or_no(value, f"--attribute {name}")


def _yes_or_no(value: str, where: str) -> bool | None:
    return {1: True, 0: False, -1: None}[read_truth(value, where)]


def _case_of_file(source: str, case_id: str, columns: str, engine: Engine) -> Case:
    """One record, its times read as `run` reads them: by the whole column."""
    names, values = read_mapping(columns)
    table = renamed(read_table([source]), names, values, engine.tables.attributes[1:])
    if "case_id" not in table:
        raise InputError(f"{source} has no column 'case_id'", hint="map one with --columns case_id=...")
    rows = [i for i, value in enumerate(table["case_id"]) if value == case_id]
    if len(rows) != 1:
        raise InputError(f"{source} has {len(rows)} records with case_id {case_id!r}", hint="name one with --case-id")
    cells = {name: str(column[rows[0]]) for name, column in table.items()}
    times = {
        name: _cell_time(table, name, rows[0], engine) for name in ("received_at", "finished_at") if cells.get(name)
    }
    asked = [name for name in engine.tables.attributes[1:] if name in cells]
    return Case(
        procedure=cells.get("procedure", ""),
        level=cells.get("level", ""),
        variant=cells.get("variant", ""),
        received_at=times.get("received_at"),  # type: ignore[arg-type]  # Case says what is missing
        finished_at=times.get("finished_at"),
        case_id=case_id,
        attributes={name: _yes_or_no(cells[name], f"case {case_id!r}: {name}") for name in asked},
    )


def _cell_time(table: Mapping[str, Any], name: str, row: int, engine: Engine) -> date:
    times = read_times(table[name], name, engine.tables.zone, MISSING)
    text = str(table[name][row])
    if times.seconds[row] == UNREADABLE:
        raise InputError(f"{name} {text!r} cannot be read", hint="all rows of a column state the hour, or none does")
    return read_moment(text)


def _rendered(explanation: Explanation, format_: str, lang: str) -> str:
    kind = _choose(format_, "text", "json", "html")
    return explanation.json() if kind == "json" else getattr(explanation, kind)(lang)


def _choose(given: str, *known: str) -> str:
    if given not in known:
        raise InputError(f"--format {given!r} is not known here", hint=f"choose {', '.join(known)}")
    return given


def _replay(path: str, pack: str, basis: str, out: str) -> int:
    """Recompute a JSON explanation; 1 where the result, or the pack it rests on, is another."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  # a path from the command line
            told = json.load(file)
        case, today = told["case"], told["today"]
        times = {key: read_moment(case[key]) if case[key] else None for key in ("received_at", "finished_at")}
        words = {key: case[key] for key in ("procedure", "level", "variant", "case_id", "attributes")}
        replayed = Case(**{**words, **times})
        judged_on = read_moment(today) if today else None
        name, outcome, digest = pack or told["pack"]["id"], dict(told["outcome"]), str(told["engine_digest"])
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", hint="check the path") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is no explanation", hint="give a file that explain --format json wrote") from error
    engine = Engine(load_pack(name), basis=basis)
    found = result_of(engine.assess(replayed, today=judged_on, errors="return"))
    differences = _differences(outcome, digest, found, engine.digest)
    emit("\n".join(differences) or "the same result, from the same pack and settings", out)
    return int(bool(differences))


def _differences(told: Mapping[str, Any], told_digest: str, found: Mapping[str, Any], digest: str) -> list[str]:
    rows = [(name, told.get(name), value) for name, value in found.items()]
    rows.append(("engine digest", told_digest, digest))
    return [f"{name}: was {before}, is {now}" for name, before, now in rows if before != now]


def _tell(engine: Engine, *, no_color: bool) -> None:
    shown, pack = console(no_color=no_color), engine.pack
    shown.print(f"pack {pack.id} {pack.version}, sha256 {pack.digest}\nengine digest {engine.digest}", markup=False)


def _summary(found: Mapping[str, Any], prefix: str, procedures: Any, lang: str, *, no_color: bool) -> None:
    """Counts by status and problem, and by type, on standard error."""
    shown = console(no_color=no_color)
    status = Counter(found[f"{prefix}status"].tolist())
    table = _table(shown.width, "By status", "status", "records", "share")
    for known in Status:
        if status[str(known)]:
            count = status[str(known)]
            table.add_row(status_text(lang, known), f"{count:,}", f"{count / status.total():.2%}")
    shown.print(table)
    problems = Counter(problem for problem in found[f"{prefix}problem"] if problem is not None)
    if problems:
        table = _table(shown.width, "Records with a problem", "problem", "records")
        for problem, count in problems.most_common():
            table.add_row(problem, f"{count:,}")
        shown.print(table)
    shown.print(_by_type(procedures, found[f"{prefix}status"], shown.width))


def _by_type(procedures: Any, statuses: Any, width: int) -> Table:
    by_type: dict[str, Counter[str]] = {}
    for procedure, status in zip(procedures, statuses.tolist(), strict=True):
        by_type.setdefault(procedure, Counter())[status] += 1
    judged = {name: counts for name, counts in by_type.items() if counts.total() > counts["unknown"]}
    most = sorted(judged, key=lambda name: (-judged[name].total(), name))
    title = f"By type, the {min(SHOWN_TYPES, len(most))} largest of {len(most)} types with a rule"
    table = _table(width, title, "type", "records", "early", "on time", "late", "overdue", "running", "unknown")
    for name in most[:SHOWN_TYPES]:
        counts = judged[name]
        cells = (counts[key] for key in ("early", "on_time", "late", "overdue", "running", "unknown"))
        table.add_row(name, f"{counts.total():,}", *(f"{cell:,}" for cell in cells))
    return table


def _table(width: int, title: str, name: str, *numbers: str) -> Table:
    """A plain table: names on the left, cut where the terminal is narrow, numbers on the right and never cut."""
    columns = [Column(number, justify="right", min_width=max(len(number), 6)) for number in numbers]
    room = max(width - sum((column.min_width or 0) + 1 for column in columns) - 1, len(name))
    left = Column(name, no_wrap=True, overflow="ellipsis", max_width=room)
    return Table(left, *columns, title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
