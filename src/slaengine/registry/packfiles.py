"""The files of a pack made from a list: procedures, limits and the decisions they cite."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from slaengine.authoring.rows import LimitRow, ProcedureRow, StepRow
from slaengine.registry.amounts import fold, normal
from slaengine.registry.deciding import Key, Shipped
from slaengine.registry.limits import Part, plain
from slaengine.registry.phrases import StatedStep
from slaengine.vocabulary import Unit

__all__ = ["CONVENTIONS", "MARK", "Settings", "instruments", "limits", "new_files", "procedures", "steps"]

CONVENTIONS = {
    Unit.WORKING_DAY: "civil-working-days",
    Unit.CALENDAR_DAY: "civil-calendar-days",
    Unit.WEEK: "civil-calendar-days",
    Unit.MONTH: "civil-months-years",
    Unit.YEAR: "civil-months-years",
    Unit.HOUR: "elapsed-hours",
    Unit.WORKING_HOUR: "civil-working-hours",
}
"""How vn-national names its ways of counting; it has none for office hours. `--convention` names others."""
BY_HAND = "completed-by-hand"
"""The instrument that a limit cites beside its decision where a person, not the list alone, settled it."""
MARK = "# --- below this line everything is written by slaengine registry import ---"


class Settings(NamedTuple):
    """What an import is told besides the lists."""

    as_of: tuple[date, ...]
    """For each list, the day on which it was published: its limits are stated from then on."""
    basis: str
    extends: str
    calendar: str
    conventions: Mapping[Unit, str]
    sources: tuple[str, ...]
    """For each list, where it comes from."""

    def since(self, shipped: Shipped) -> date:
        """The day of the latest of the lists that state the limit."""
        return max(self.as_of[entry.source] for entry in shipped.entries)


def procedures(shipped: Iterable[Shipped], held: Iterable[str]) -> str:
    """procedures.csv: the codes that have a limit here and are not in the pack that is extended."""
    known = set(held)
    first = {one.key[0]: one.entries[0].row.cells for one in sorted(shipped, key=_by_key, reverse=True)}
    rows = [
        {"code": code} | {name: normal(cells.get(name, "")) for name in ("title_vi", "title_en", "field")}
        for code, cells in sorted(first.items())
        if code not in known
    ]
    return _csv(ProcedureRow, rows)


def limits(shipped: Iterable[Shipped], settings: Settings) -> tuple[str, list[Shipped]]:
    """limits.csv, and the limit that each of its lines below the header belongs to."""
    parts = [
        (one, number, part)
        for one in sorted(shipped, key=_by_key)
        for number, part in enumerate(one.limit.parts, start=1)
    ]
    rows = [
        _of_version(one, settings)
        | _counted(part, _convention(one, part, settings), settings)
        | {"part": str(number), "combine": "then" if number > 1 else ""}
        | {"start_event": "received", "governs": "receipt", "known_from": settings.since(one).isoformat()}
        | {"valid_from_unknown": "yes"}  # a list says what holds, not since when
        for one, number, part in parts
    ]
    return _csv(LimitRow, rows), [one for one, _, _ in parts]


def steps(shipped: Iterable[Shipped], settings: Settings) -> str:
    """steps.csv: the steps of the limits whose rows name them; "" where none does."""
    rows = [
        _of_version(one, settings)
        | _counted(step.part, settings.conventions[step.part.unit], settings)
        | {"step": str(number), "name_en": step.name_en, "name_vi": step.name_vi}
        for one in sorted(shipped, key=_by_key)
        for number, step in enumerate(_stated_steps(one), start=1)
    ]
    return _csv(StepRow, rows) if rows else ""


def _by_key(one: Shipped) -> Key:
    return one.key


def _of_version(one: Shipped, settings: Settings) -> dict[str, str]:
    """What every row of a version says of it."""
    code, level, variant = one.key
    since = settings.since(one).isoformat()
    named = {"code": code, "level": level, "variant": variant, "basis": settings.basis, "effective_from": since}
    return named | {"citation": _citation(one), "checked_on": since}


def _counted(part: Part, convention: str, settings: Settings) -> dict[str, str]:
    counted = {"amount": plain(part.amount), "unit": str(part.unit)}
    return counted | {"convention": convention, "calendar": settings.calendar}


def _stated_steps(one: Shipped) -> tuple[StatedStep, ...]:
    """The steps that add up to a limit; what was completed by hand has none."""
    if one.completion:
        return ()
    return next((entry.reading.steps for entry in one.entries if entry.reading.steps), ())


def _convention(one: Shipped, part: Part, settings: Settings) -> str:
    named = one.completion.convention if one.completion else ""
    if one.limit.cut_off and not named:
        return f"cut_off {one.limit.cut_off}"  # no convention is called so: it is told, and a person names one
    return named or settings.conventions[part.unit]


def _citation(one: Shipped) -> str:
    by_hand = one.completion
    grounds = [f"{_key(number)}:{_place(one.key[0])}" for number in decisions_of(one)]
    if by_hand:
        grounds.append(f"{BY_HAND}:{_place(by_hand.by)} {by_hand.on}")
    return "; ".join(grounds)


def _place(text: str) -> str:
    """A place in an instrument, without the signs that citations are written with."""
    return text.translate(str.maketrans("():;", "    ")).strip()


def decisions_of(one: Shipped) -> list[str]:
    """The numbers of the decisions that a limit cites: the one a person named, or those of its rows."""
    named = one.completion.decision if one.completion else ""
    return [named] if named else list(dict.fromkeys(entry.decision for entry in one.entries))


def _key(number: str) -> str:
    """The name of a decision as an instrument: `2628-qd-btc`."""
    return fold(number).replace("/", "-")


def instruments(kept: str, shipped: Sequence[Shipped], settings: Settings) -> str:
    """instruments.toml: what stood above the mark, and below it every decision that a limit cites."""
    cited = {_key(number): (number, one) for one in reversed(shipped) for number in decisions_of(one)}
    told = ("Decision publishing administrative procedures", "Quyết định công bố thủ tục hành chính")
    entries = [
        _instrument(key, number, *told, settings.sources[one.entries[0].source])
        for key, (number, one) in sorted(cited.items())
    ]
    if any(one.completion for one in shipped):
        by_hand = ("Completed by hand where the list is not plain", "Hoàn thiện thủ công khi danh mục không rõ")
        entries.append(_instrument(BY_HAND, "", *by_hand, "the review file of the import"))
    return "\n".join([f"{kept.partition(MARK)[0].rstrip()}\n\n{MARK}".lstrip(), *entries, ""])


def _instrument(key: str, number: str, title_en: str, title_vi: str, source: str) -> str:
    said = {"number": number, "title_en": title_en, "title_vi": title_vi, "source": source, "flag": "quoted"}
    lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in said.items()]
    return "\n".join([f"\n[{key}]", *lines])


def new_files(name: str, settings: Settings, levels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The files that are written once, to be kept by hand from then on."""
    as_of = max(settings.as_of)
    told = {
        "format": 1,
        "id": name,
        "version": f"{as_of.year}.{as_of.month}",
        "zone": "Asia/Ho_Chi_Minh",
        "levels": list(levels),
        "licence": "Facts: codes, titles, levels, amounts, units and decisions of a published list",
        "title_en": f"Time limits of a published list, as of {as_of}",
        "title_vi": f"Thời hạn theo danh mục công bố, tính đến {as_of}",
        "scope_en": "The limits that the list states plainly or that were completed by hand, in force as published.",
        "scope_vi": "Các thời hạn mà danh mục nêu rõ hoặc đã được hoàn thiện thủ công, có hiệu lực như đã công bố.",
        "extends": settings.extends,
    }
    yield "pack.toml", "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items())
    yield "conventions.toml", f"# The ways of counting are those of {settings.extends}.\n"
    yield (
        "CHANGELOG.md",
        f"# {name}: changes\n\n## {as_of.year}.{as_of.month}\n\nFirst import, of a list as of {as_of}.\n",
    )


def _csv(model: type[LimitRow | ProcedureRow | StepRow], rows: Sequence[Mapping[str, str]]) -> str:
    """A file of a pack: the columns it must have and those that are filled, in the order of its model."""
    filled = {name for row in rows for name in row}
    columns = [name for name, column in model.model_fields.items() if column.is_required() or name in filled]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
