"""From the files of a pack to its canonical content, or to every fault in them at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from slaengine.authoring.check import find_faults
from slaengine.authoring.files import Row, Source, read_csv, read_toml
from slaengine.authoring.rows import LimitRow, ModifierRow, ProcedureRow, StepRow, SuccessionRow
from slaengine.authoring.schema import (
    CalendarFile,
    ConventionEntry,
    ConventionsFile,
    InstrumentEntry,
    InstrumentsFile,
    PackFile,
)
from slaengine.errors import Fault, RulePackError

__all__ = ["Draft", "read_draft", "read_pack_files"]

KNOWN = {
    "pack.toml",
    "instruments.toml",
    "conventions.toml",
    "procedures.csv",
    "limits.csv",
    "modifiers.csv",
    "steps.csv",
    "succession.csv",
    "CHANGELOG.md",
    "README.md",
}
FOLDERS = {"calendars", "cases"}
KINDS = ("holiday", "substitute_day_off", "make_up_day", "special_day")
YEAR = ("year", "citation", "provisional", "known_from", "foreseen_from")
TABLES: dict[str, type[BaseModel]] = {"modifiers": ModifierRow, "steps": StepRow, "succession": SuccessionRow}
"""CSV files that a pack may leave out."""
WHERE_FILLED = "valid_from_unknown"
"""A column that is content only where it is filled."""


class Draft(NamedTuple):
    """A pack as it was read, entry by entry with its source, before anything is said about its meaning.

    `unread` names the kinds of entries of which a file could not be read: who refers to one is not at fault.
    """

    pack: PackFile
    levels: list[str]
    instruments: dict[str, tuple[InstrumentEntry, Source]]
    conventions: dict[str, tuple[ConventionEntry, Source]]
    calendars: dict[str, tuple[CalendarFile, Source]]
    procedures: list[Row]
    limits: list[Row]
    modifiers: list[Row]
    steps: list[Row]
    succession: list[Row]
    unread: set[str]


def read_pack_files(folder: Path, find: Callable[[str], Path | None]) -> dict[str, Any]:
    """The canonical content of the pack in a folder; `find` tells where the packs that it extends lie.

    Raises `RulePackError` with every fault, its file and line.
    """
    faults: list[Fault] = []
    draft = read_draft(folder, find, faults)
    if draft is not None:
        faults.extend(find_faults(draft))
    if draft is None or faults:
        raise RulePackError(folder.name, tuple(sorted(faults, key=lambda f: (f.file, f.line))))
    return _content(draft)


def read_draft(folder: Path, find: Callable[[str], Path | None], faults: list[Fault]) -> Draft | None:
    """The pack in a folder with what it extends; nothing if its pack.toml does not say what it is."""
    chain = list(_chain(folder, find, faults))
    if not chain:
        return None
    pack = chain[0][1]
    draft = Draft(pack, [], {}, {}, {}, [], [], [], [], [], set())
    for place, part in reversed(chain):
        _read_folder(place, part, draft, faults)
    return draft


def _chain(folder: Path, find: Callable[[str], Path | None], faults: list[Fault]) -> Iterator[tuple[Path, PackFile]]:
    """The pack and, one after the other, those it extends."""
    seen: set[Path] = set()
    place: Path | None = folder
    while place is not None:
        pack, source = read_toml(place / "pack.toml", f"{place.name}/pack.toml", PackFile, faults)
        if pack is None:
            return
        yield place, pack
        seen.add(place)
        place = find(pack.extends) if pack.extends else None
        if pack.extends and place is None:
            faults.append(
                source.fault(("extends",), f"extends {pack.extends!r}, which is not there", "name a pack beside it")
            )
        parent = _zone_of(place)
        if parent and parent != pack.zone:
            faults.append(
                source.fault(("zone",), f"zone {pack.zone} is not {parent}, its parent's", "one pack, one zone")
            )
        if place in seen:
            faults.append(source.fault(("extends",), f"extends {pack.extends!r} in a circle", "cut the circle"))
            return


def _zone_of(folder: Path | None) -> str:
    """The zone a pack states; "" where it cannot be read, which is said elsewhere."""
    pack, _ = read_toml(folder / "pack.toml", "", PackFile, []) if folder else (None, None)
    return pack.zone if pack else ""


def _read_folder(folder: Path, pack: PackFile, draft: Draft, faults: list[Fault]) -> None:
    name = folder.name
    faults.extend(_unknown_files(folder))
    draft.levels.extend(level for level in pack.levels if level not in draft.levels)
    instruments, source = read_toml(folder / "instruments.toml", f"{name}/instruments.toml", InstrumentsFile, faults)
    _add(draft, "instrument", None if instruments is None else dict(instruments), source, faults)
    conventions, source = read_toml(folder / "conventions.toml", f"{name}/conventions.toml", ConventionsFile, faults)
    _add(draft, "convention", None if conventions is None else dict(conventions), source, faults)
    for path in sorted(folder.glob("calendars/*.toml")):
        calendar, source = read_toml(path, f"{name}/calendars/{path.name}", CalendarFile, faults)
        _add(draft, "calendar", {calendar.id: calendar} if calendar else None, source, faults)
    before = len(faults)
    draft.procedures.extend(read_csv(folder / "procedures.csv", f"{name}/procedures.csv", ProcedureRow, faults))
    if len(faults) > before:
        draft.unread.add("procedure")
    before = len(faults)
    draft.limits.extend(read_csv(folder / "limits.csv", f"{name}/limits.csv", LimitRow, faults))
    if len(faults) > before:
        draft.unread.add("limit")
    for table, model in TABLES.items():
        if (folder / f"{table}.csv").exists():
            getattr(draft, table).extend(read_csv(folder / f"{table}.csv", f"{name}/{table}.csv", model, faults))


def _unknown_files(folder: Path) -> Iterator[Fault]:
    for path in sorted(folder.iterdir()):
        known = path.name in FOLDERS if path.is_dir() else path.name in KNOWN
        if not known and not path.name.startswith("."):
            near = difflib.get_close_matches(path.name, KNOWN | FOLDERS, n=1)
            hint = f"did you mean {near[0]}" if near else "packs hold " + ", ".join(sorted(KNOWN | FOLDERS))
            yield Fault(f"{folder.name}/{path.name}", 0, "this release reads no such file", hint)
    for path in sorted(folder.glob("*/*")):
        wanted = {"calendars": ".toml", "cases": ".csv"}.get(path.parent.name, path.suffix)
        if path.suffix != wanted and not path.name.startswith("."):
            place = f"{folder.name}/{path.parent.name}/{path.name}"
            yield Fault(place, 0, "this release reads no such file", f"{path.parent.name} holds {wanted} files")


def _add(draft: Draft, kind: str, entries: dict[str, Any] | None, source: Source, faults: list[Fault]) -> None:
    if entries is None:
        draft.unread.add(kind)
    found: dict[str, Any] = getattr(draft, f"{kind}s")
    for key, entry in (entries or {}).items():
        if key in found:
            faults.append(source.fault((key,), f"{key} is already in {found[key][1].name}", "rename one of them"))
        found.setdefault(key, (entry, source))


def _content(draft: Draft) -> dict[str, Any]:
    """Plain mappings and lists, in an order of their own, so that the digest speaks of content alone."""
    pack = draft.pack.model_dump(mode="json", exclude={"extends", "levels"})
    return {
        **pack,
        "levels": draft.levels,
        "instruments": {key: entry.model_dump(mode="json") for key, (entry, _) in sorted(draft.instruments.items())},
        "conventions": {key: entry.model_dump(mode="json") for key, (entry, _) in sorted(draft.conventions.items())},
        "calendars": {key: _calendar(entry) for key, (entry, _) in sorted(draft.calendars.items())},
        "procedures": sorted(map(_plain, draft.procedures), key=itemgetter("code")),
        "limits": _sorted(draft.limits, "part"),
        "modifiers": _sorted(draft.modifiers, "attribute"),
        "steps": _sorted(draft.steps, "step"),
        "succession": list(map(_plain, draft.succession)),
    }


def _plain(row: Row) -> dict[str, Any]:
    """The cells of a row as plain values: words and numbers as they are, days as text; faster than a dump."""
    model: BaseModel = row.model
    cells = dict(model.__dict__)
    for name in _days_of(type(model)):
        if cells[name] is not None:
            cells[name] = cells[name].isoformat()
    return cells


@cache
def _days_of(model: type[BaseModel]) -> list[str]:
    """The columns of a model that are days."""
    return [name for name, field in model.model_fields.items() if field.annotation in (date, date | None)]


def _sorted(rows: list[Row], last: str) -> list[dict[str, Any]]:
    """The rows of a table that belong to versions of limits, in an order of their own."""
    keys = ("code", "level", "variant", "basis", "effective_from", last)
    dumped = list(map(_plain, rows))
    for row in dumped:
        if not row.get(WHERE_FILLED, True):
            del row[WHERE_FILLED]
    return sorted(dumped, key=itemgetter(*keys))


def _calendar(calendar: CalendarFile) -> dict[str, Any]:
    c = calendar.model_dump(mode="json")
    hours = [{**{k: v for k, v in h.items() if k != "hours"}, "segments": h["hours"]} for h in c["office_hours"]]
    return {
        "title_en": c["title_en"],
        "title_vi": c["title_vi"],
        "source": c["source"],
        "origin": [c["origin"]["country"], c["origin"]["subdiv"]] if c["origin"] else ["", ""],
        "coverage": [c["coverage"]["since"], c["coverage"]["until"]],
        "weekly_rest": c["weekly_rest"],
        "office_hours": hours,
        "years": [{key: y[key] for key in YEAR} for y in c["years"]],
        **{kind: list(_days(c["years"], kind)) for kind in KINDS},
    }


def _days(years: list[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    """The entries of one kind, by day and by when they were known; one that stands twice counts once."""
    found = {(day["date"], day["known_from"] or ""): day for year in years for day in year[kind]}
    for _, day in sorted(found.items()):
        yield {
            **{k: v for k, v in day.items() if k != "hours"},
            "pays_for": day.get("pays_for"),
            "segments": day.get("hours", []),
            "half": day.get("half", False),
        }
