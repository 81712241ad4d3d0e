"""The files of a pack made from a list: procedures, limits and the decisions they cite."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from slaengine.registry.amounts import fold, normal
from slaengine.registry.deciding import Shipped
from slaengine.registry.limits import Part, plain
from slaengine.vocabulary import Unit

__all__ = [
    "BY_HAND",
    "CONVENTIONS",
    "MARK",
    "Settings",
    "decision_of",
    "instruments",
    "limits",
    "new_files",
    "procedures",
]

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
PROCEDURES = ("code", "title_vi", "title_en", "field")
LIMITS = (
    "code",
    "level",
    "variant",
    "basis",
    "part",
    "combine",
    "amount",
    "unit",
    "convention",
    "calendar",
    "start_event",
    "governs",
    "supplement_effect",
    "effective_from",
    "effective_until",
    "known_from",
    "until_known_from",
    "citation",
    "checked_on",
    "valid_from_unknown",
)


STEPS = (
    "code",
    "level",
    "variant",
    "basis",
    "effective_from",
    "step",
    "name_en",
    "name_vi",
    "amount",
    "unit",
    "convention",
    "calendar",
    "citation",
    "checked_on",
)


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
    first = {one.key[0]: one.entries[0] for one in sorted(shipped, key=lambda one: one.key, reverse=True)}
    rows = [
        (code, *(normal(entry.row.cells.get(name, "")) for name in PROCEDURES[1:]))
        for code, entry in sorted(first.items())
        if code not in set(held)
    ]
    return _csv(PROCEDURES, rows)


def limits(shipped: Sequence[Shipped], settings: Settings) -> tuple[str, list[Shipped]]:
    """limits.csv, and the limit that each of its lines below the header belongs to."""
    rows: list[tuple[str, ...]] = []
    owners: list[Shipped] = []
    for one in sorted(shipped, key=lambda one: one.key):
        since = settings.since(one).isoformat()
        for number, part in enumerate(one.limit.parts, start=1):
            how = (plain(part.amount), part.unit, _convention(one, part, settings), settings.calendar)
            joined = (settings.basis, str(number), "then" if number > 1 else "")
            dates = (since, "", since, "", _citation(one), since, "yes")  # a list says what holds, not since when
            rows.append((*one.key, *joined, *how, "received", "receipt", "", *dates))
            owners.append(one)
    return _csv(LIMITS, rows), owners


def steps(shipped: Iterable[Shipped], settings: Settings) -> str:
    """steps.csv: the steps of the limits whose rows name them; "" where none does."""
    rows: list[tuple[str, ...]] = []
    for one in sorted(shipped, key=lambda one: one.key):
        since = settings.since(one).isoformat()
        stated = next((entry.reading.steps for entry in one.entries if entry.reading.steps and not one.completion), ())
        for number, step in enumerate(stated, start=1):
            how = (plain(step.part.amount), step.part.unit, settings.conventions[step.part.unit], settings.calendar)
            named = (str(number), step.name_en, step.name_vi)
            rows.append((*one.key, settings.basis, since, *named, *how, _citation(one), since))
    return _csv(STEPS, rows) if rows else ""


def _convention(one: Shipped, part: Part, settings: Settings) -> str:
    named = one.completion.convention if one.completion else ""
    if one.limit.cut_off and not named:
        return f"cut_off {one.limit.cut_off}"  # no convention is called so: it is told, and a person names one
    return named or settings.conventions[part.unit]


def _citation(one: Shipped) -> str:
    by_hand = one.completion
    grounds = [f"{_key(decision_of(one))}:{one.key[0]}"]
    if by_hand:
        grounds.append(f"{BY_HAND}:{by_hand.by.translate(str.maketrans('():;', '    ')).strip()} {by_hand.on}")
    return "; ".join(grounds)


def decision_of(one: Shipped) -> str:
    """The number of the decision that a limit cites: the one a person named, or the list's."""
    named = one.completion.decision if one.completion else ""
    return named or one.entries[0].decision


def _key(number: str) -> str:
    """The name of a decision as an instrument: `2628-qd-btc`."""
    return fold(number).replace("/", "-")


def instruments(kept: str, shipped: Sequence[Shipped], settings: Settings) -> str:
    """instruments.toml: what stood above the mark, and below it every decision that a limit cites."""
    cited = {_key(decision_of(one)): one for one in reversed(shipped)}
    told = ("Decision publishing administrative procedures", "Quyết định công bố thủ tục hành chính")
    entries = [
        _instrument(key, decision_of(one), *told, settings.sources[one.entries[0].source])
        for key, one in sorted(cited.items())
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


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
