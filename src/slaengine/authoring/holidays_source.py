"""The `holidays` package as a source: its dates pinned into a calendar file, and compared with what is installed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from slaengine.calendar import Calendar
from slaengine.days import WEEKDAYS
from slaengine.errors import InputError

__all__ = ["Drift", "find_drift", "import_calendar"]

SUBSTITUTED = re.compile(r"substituted from (\d\d)/(\d\d)/(\d{4})")


class Entry(NamedTuple):
    """One day as the package has it."""

    day: date
    kind: str
    name: str
    estimated: bool
    pays_for: date | None = None


class Drift(NamedTuple):
    """A day on which a pinned calendar and the installed package differ."""

    day: date
    pinned: str
    installed: str

    def __str__(self) -> str:
        return f"{self.day} {self.day:%a}: pinned {self.pinned or 'nothing'}, installed {self.installed or 'nothing'}"


def import_calendar(id_: str, country: str, subdiv: str, years: range) -> str:
    """A calendar file with the dates of the installed package, and the release they came from.

    A year with a date that the package only estimates comes in as provisional. Unknown countries raise `InputError`.
    """
    entries, source = list(_entries(country, subdiv, years, "")), f"Python package holidays {_release()}"
    names = {entry.day: entry.name for entry in _entries(country, subdiv, years, "vi")}
    rest = sorted(_load(country, subdiv, years, "").weekend)
    where = f"{country}-{subdiv}" if subdiv else country
    head = [
        f"# Imported from {source}. The days are pinned: a later release never moves them silently.",
        f"id = {_text(id_)}",
        f"title_en = {_text(f'Public holidays of {where}')}",
        f"title_vi = {_text(f'Ngày lễ của {where}')}",
        f"source = {_text(source)}",
        f'origin = {{ package = "holidays", release = "{_release()}", country = "{country}", subdiv = "{subdiv}" }}',
        f"coverage = {{ from = {years.start}-01-01, until = {years.stop}-01-01 }}",
        "\n[[weekly_rest]]",
        f"days = [{', '.join(_text(WEEKDAYS[day]) for day in rest)}]",
        f"from = {years.start}-01-01",
        f'citation = "{instrument_id()}:whole"',
    ]
    return "\n".join([*head, *(_year(year, entries, names, source) for year in years)]) + "\n"


def instrument_id() -> str:
    """The name of the installed release as an instrument."""
    return f"holidays-{_release().replace('.', '-')}"


def instrument() -> str:
    """The entry for instruments.toml that an imported calendar cites."""
    title = f"Python package holidays {_release()}"
    lines = [
        'number = ""',
        f"title_en = {_text(title)}",
        f"title_vi = {_text(title)}",
        'source = "the release that was installed"',
        'flag = "seen"',
    ]
    return "\n".join([f"[{instrument_id()}]", *lines])


def find_drift(calendar: Calendar, country: str, subdiv: str) -> list[Drift]:
    """The days of the calendar's coverage that the installed package counts otherwise."""
    first, end = calendar.coverage
    entries = _entries(country, subdiv, range(first.year, end.year + 1), "")
    installed = {e.day: "make_up_day" if e.kind == "make_up_day" else "day_off" for e in entries}
    pinned = {**dict.fromkeys(calendar.days_off, "day_off"), **dict.fromkeys(calendar.make_up_days, "make_up_day")}
    days = sorted(day for day in pinned.keys() | installed.keys() if first <= day < end)
    found = (Drift(day, pinned.get(day, ""), installed.get(day, "")) for day in days)
    return [drift for drift in found if drift.pinned != drift.installed]


def _release() -> str:
    from importlib.metadata import version  # noqa: PLC0415  # only an import asks

    return version("holidays")


def _load(country: str, subdiv: str, years: range, language: str) -> Any:
    import holidays  # noqa: PLC0415  # slow to load, and only imports need it

    try:
        found = holidays.country_holidays(country, subdiv=subdiv or None, years=years)
        wanted = language if language in found.supported_languages else "en_US"
        chosen = wanted if wanted in found.supported_languages else found.default_language
        return holidays.country_holidays(country, subdiv=subdiv or None, years=years, language=chosen)
    except NotImplementedError as error:
        raise InputError(f"the package holidays has no {country} {subdiv}".strip(), hint=str(error)) from error


def _entries(country: str, subdiv: str, years: range, language: str) -> Iterator[Entry]:
    found = _load(country, subdiv, years, language)
    days = {day: found.get(day) for day in sorted(found) if day.year in years}
    paid: dict[date, date] = {}
    for day, name in days.items():
        match = SUBSTITUTED.search(name)
        if match:
            paid[date(int(match[3]), int(match[1]), int(match[2]))] = day
        moved = bool(match) or "observed" in name
        yield Entry(day, "substitute_day_off" if moved else "holiday", name, "estimated" in name)
    for day in sorted(getattr(found, "weekend_workdays", ())):
        if day.year in years and day not in days:
            yield Entry(day, "make_up_day", "Make-up working day", estimated=False, pays_for=paid.get(day))


def _year(year: int, entries: list[Entry], names: dict[date, str], source: str) -> str:
    mine = [entry for entry in entries if entry.day.year == year]
    provisional = any(entry.estimated for entry in mine)
    lines = [
        "\n[[years]]",
        f"year = {year}",
        f'citation = "{instrument_id()}:whole"',
        f"provisional = {str(provisional).lower()}",
    ]
    for kind in ("holiday", "substitute_day_off", "make_up_day"):
        lines += [f"{kind} = [", *(_line(e, names.get(e.day, e.name), source) for e in mine if e.kind == kind), "]"]
    return "\n".join(lines)


def _line(entry: Entry, name_vi: str, source: str) -> str:
    pays = f", pays_for = {entry.pays_for}" if entry.pays_for else ""
    names = f"name_en = {_text(entry.name)}, name_vi = {_text(name_vi)}"
    return f"    {{ date = {entry.day}, {names}, source = {_text(source)}{pays} }},"


def _text(value: str) -> str:
    """A TOML basic string."""
    return json.dumps(value, ensure_ascii=False)  # a JSON text is a TOML basic string
