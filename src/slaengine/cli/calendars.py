"""Verbs on calendars: `calendar show`, `calendar import`, `calendar drift`."""

from __future__ import annotations

from calendar import Calendar as Months
from calendar import month_name
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import typer

from slaengine.authoring.holidays_source import find_drift, import_calendar, instrument, instrument_id
from slaengine.calendar import Calendar
from slaengine.cli.common import (
    LangOption,
    NoColorOption,
    OutOption,
    QuietOption,
    VerboseOption,
    console,
    emit,
    tell_pack,
)
from slaengine.errors import InputError
from slaengine.pack import RulePack
from slaengine.packs import load_pack

__all__ = ["drift", "import_", "show"]

MARKS = {"holiday": "*", "substitute_day_off": "~", "make_up_day": "+", "weekly_rest": "."}
LEGEND = "* holiday   ~ substitute day off   + make-up working day   . weekly rest"
WEEK = "Mo  Tu  We  Th  Fr  Sa  Su"
ACROSS = 3

CalendarArgument = Annotated[str, typer.Argument(metavar="PACK[/CALENDAR]", help="A pack, and which of its calendars.")]
CountryOption = Annotated[str, typer.Option("--country", help="Country of the holidays package.")]
SubdivOption = Annotated[str, typer.Option("--subdiv", help="Subdivision of the country.")]


def show(
    calendar: CalendarArgument,
    year: Annotated[int, typer.Argument()],
    lang: LangOption = "en",
    quiet: QuietOption = False,  # noqa: ARG001, FBT002  # a flag; there is nothing to be silent about
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Print a year with marks, its named days and its working days month by month."""
    pack, found = _calendar(calendar)
    if verbose:
        tell_pack(pack, no_color=no_color)
    first, end = found.coverage
    if not first.year <= year <= end.year or date(year, 12, 31) < first or date(year, 1, 1) >= end:
        raise InputError(f"calendar {found.id} does not cover {year}", hint=f"it covers {first} to {end} (exclusive)")
    months = [_month(found, year, month) for month in range(1, 13)]
    rows = [months[i : i + ACROSS] for i in range(0, 12, ACROSS)]
    emit(f"{found.title_vi if lang == 'vi' else found.title_en}, {year}\n")
    emit("\n\n".join(_beside(row) for row in rows))
    emit(f"\n{LEGEND}\n{_total(found, year)}\n")
    emit("\n".join(_named(found, year, lang)))
    return 0


def import_(
    source: Annotated[str, typer.Option("--from", help="Where dates come from; holidays is the Python package.")],
    country: CountryOption,
    years: Annotated[str, typer.Option("--years", help="First and last year: 2000:2030.")],
    subdiv: SubdivOption = "",
    id_: Annotated[str, typer.Option("--id", help="Name of the calendar; default from country and subdivision.")] = "",
    out: OutOption = "-",
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Pin the dates of a source into a calendar file, with the release they came from."""
    if source != "holidays":
        raise InputError(f"--from {source!r} is not known", hint="choose holidays")
    name = id_ or "-".join(part.lower() for part in (country, subdiv) if part)
    emit(import_calendar(name, country, subdiv, _years(years)), out)
    shown = console(no_color=no_color)
    if verbose:
        shown.print(f"calendar {name} from {instrument_id()}", markup=False)
    if not quiet:
        shown.print(f"To use it in a pack, add to its instruments.toml:\n\n{instrument()}", markup=False)
    return 0


def drift(
    calendar: CalendarArgument,
    country: CountryOption = "",
    subdiv: SubdivOption = "",
    quiet: QuietOption = False,  # noqa: FBT002  # a flag
    verbose: VerboseOption = False,  # noqa: FBT002  # a flag
    no_color: NoColorOption = False,  # noqa: FBT002  # a flag
) -> int:
    """Compare a pinned calendar with the installed holidays package, day by day."""
    pack, found = _calendar(calendar)
    if not country:
        country, subdiv = found.origin
    if not country:
        raise InputError(f"calendar {found.id} was not imported", hint="name the country to compare with: --country VN")
    days = find_drift(found, country, subdiv)
    for day in days:
        emit(str(day))
    if verbose:
        tell_pack(pack, no_color=no_color)
    if not quiet:
        said = f"{pack.id}/{found.id}: {len(days)} day(s) differ from the installed package"
        console(no_color=no_color).print(said, markup=False)
    return int(bool(days))


def _years(text: str) -> range:
    first, _, last = text.partition(":")
    if not (first.isdigit() and (last or first).isdigit() and 1900 <= int(first) <= int(last or first) <= 2199):
        raise InputError(f"--years {text!r} are no years", hint="write 2000:2030, from 1900 to 2199")
    return range(int(first), int(last or first) + 1)


def _calendar(text: str) -> tuple[RulePack, Calendar]:
    """A pack and one of its calendars, which need not be named where there is one."""
    try:
        pack, name = load_pack(text), ""
    except InputError:
        place, _, name = text.rpartition("/")
        if not place:
            raise
        pack = load_pack(place)
    if not name and len(pack.calendars) == 1:
        name = next(iter(pack.calendars))
    if name not in pack.calendars:
        raise InputError(f"pack {pack.id} has no calendar {name!r}", hint=f"it has {', '.join(pack.calendars)}")
    return pack, pack.calendars[name]


def _month(calendar: Calendar, year: int, month: int) -> list[str]:
    days = list(Months().itermonthdates(year, month))
    cells = [_cell(calendar, day) if day.month == month else "    " for day in days]
    weeks = ["".join(cells[i : i + 7]) for i in range(0, len(cells), 7)]
    covered = [day for day in days if day.month == month and calendar.coverage[0] <= day < calendar.coverage[1]]
    count = sum(calendar.is_working_day(day) for day in covered)
    return [f"{month_name[month]}: {count}".center(28), f"{WEEK}  ", *weeks, *[" " * 28] * (6 - len(weeks))]


def _cell(calendar: Calendar, day: date) -> str:
    first, end = calendar.coverage
    if not first <= day < end:
        return f"{day.day:>2}? "
    note = calendar.note(day)
    rest = not note and not calendar.is_working_day(day)
    return f"{day.day:>2}{MARKS[note.kind if note else 'weekly_rest'] if note or rest else ' '} "


def _beside(months: list[list[str]]) -> str:
    return "\n".join("  ".join(lines).rstrip() for lines in zip(*months, strict=True))


def _total(calendar: Calendar, year: int) -> str:
    first, end = max(calendar.coverage[0], date(year, 1, 1)), min(calendar.coverage[1], date(year + 1, 1, 1))
    working = calendar.working_days_between(first, date.fromordinal(end.toordinal() - 1)) + calendar.is_working_day(
        first
    )
    provisional = any(entry.provisional for entry in calendar.years if getattr(entry, "year", None) == year)
    return f"{working} working days in {year}" + (" (foreseen, not announced)" if provisional else "")


def _named(calendar: Calendar, year: int, lang: str) -> Iterator[str]:
    for day in sorted({*calendar.days_off, *calendar.make_up_days}):
        note = calendar.note(day)
        if day.year == year and note is not None:
            yield f"{day} {day:%a} {MARKS[note.kind]} {note.name_vi if lang == 'vi' else note.name_en} [{note.source}]"
