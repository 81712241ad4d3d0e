"""Worlds for the whole clock: calendars with seasons, half days and knowledge, and packs of limits made of versions.

Calendars are read from `vectors/calendars` for the oracle and written as files of a pack; limits are versions of the
oracle's rules. A pack holds one procedure for each limit, each with conventions of its own. `worlds.py` says how the
plain part of a convention is written.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import oracle
from worlds import VECTORS, WEEKDAYS
from worlds import convention as plain_convention

ZONE = "Asia/Ho_Chi_Minh"
LIMITS = (
    "code,level,variant,basis,part,combine,amount,unit,convention,calendar,start_event,governs,supplement_effect,"
    "effective_from,effective_until,known_from,until_known_from,citation,checked_on,transition_from,governs_citation"
)
MODIFIERS = "code,level,variant,basis,effective_from,attribute,effect,amount,unit,citation,checked_on"
SUCCESSION = "code,level,successor,effective_from,citation,checked_on"
ALWAYS = date(1990, 1, 1)
"""What a pack says where the oracle says `date.min`."""
Hours = Mapping[str, list[str]]


class Day(NamedTuple):
    """A day that differs from its weekday."""

    day: date
    kind: str
    hours: list[str] = []  # noqa: RUF012  # never changed
    half: bool = False
    known_from: date | None = None
    known_until: date | None = None

    @property
    def is_announced(self) -> bool:
        return self.known_from is not None or self.known_until is not None


@dataclass(frozen=True)
class CalendarData:
    """A calendar as its files state it."""

    id: str
    weekly_rest: list[str]
    coverage: tuple[date, date]
    zone: str = ZONE
    hours: Hours | None = None
    half_weekdays: tuple[str, ...] = ()
    seasons: tuple[tuple[date, Hours], ...] = ()
    days: tuple[Day, ...] = ()
    years: tuple[oracle.Year, ...] = ()

    def for_oracle(self) -> oracle.Calendar:
        plain = [day for day in self.listed() if not day.is_announced]
        made_up = {d.day: segments(d.hours) for d in plain if d.kind == "make_up_day"}
        special = {d.day: segments(d.hours) for d in plain if d.kind == "special_day"}
        return oracle.Calendar(
            weekly_rest=frozenset(map(WEEKDAYS.index, self.weekly_rest)),
            days_off=frozenset(d.day for d in plain if d.kind in {"holiday", "substitute_day_off"}),
            make_up=frozenset(made_up),
            coverage=self.coverage,
            hours=by_weekday(self.hours) if self.hours else None,
            make_up_hours=made_up,
            special_hours=special,
            half_weekdays=frozenset(map(WEEKDAYS.index, self.half_weekdays)),
            half_days=frozenset(d.day for d in plain if d.half),
            seasons=tuple(
                oracle.Season(since, by_weekday(hours), frozenset(map(WEEKDAYS.index, self.half_weekdays)))
                for since, hours in self.seasons
            ),
            entries=tuple(
                oracle.Entry(d.day, d.kind, tuple(segments(d.hours)), d.half, d.known_from, d.known_until)
                for d in self.listed()
                if d.is_announced
            ),
            years=self.years,
        )

    def listed(self) -> list[Day]:
        """The days without days off that are made up for, which a pack does not name twice."""
        made_up = {d.day for d in self.days if d.kind == "make_up_day" and not d.is_announced}
        return [d for d in self.days if d.day not in made_up or d.kind in {"make_up_day", "special_day"}]

    def as_toml(self) -> str:
        """The calendar as a pack file."""
        first, until = self.coverage
        lines = [
            f'id = "{self.id}"\ntitle_en = "t"\ntitle_vi = "t"\nsource = "vectors"',
            f"coverage = {{ from = {first}, until = {until} }}",
            f'[[weekly_rest]]\ndays = {self.weekly_rest}\nfrom = {first}\ncitation = "v:1"',
        ]
        for since, hours in ((first, self.hours or {}), *self.seasons):
            for day, named in hours.items():
                half = str(day in self.half_weekdays).lower()
                entry = f'days = ["{day}"]\nfrom = {since}\nhours = {named}\ncitation = "v:1"\nhalf = {half}'
                lines.append(f"[[office_hours]]\n{entry}")
        lines += [self._year(year) for year in range(first.year - 1, (until - timedelta(days=1)).year + 1)]
        return "\n".join(lines) + "\n"

    def _year(self, number: int) -> str:
        known = next((year for year in self.years if year.year == number), oracle.Year(number))
        lines = [f'[[years]]\nyear = {number}\ncitation = "v:1"\nprovisional = false']
        lines += dated(known_from=known.known_from, foreseen_from=known.foreseen_from)
        for kind in ("holiday", "substitute_day_off", "make_up_day", "special_day"):
            days = [d for d in self.listed() if d.kind == kind and d.day.year == number]
            lines += [f"{kind} = [", *map(entry_of, days), "]"]
        return "\n".join(lines)


def entry_of(day: Day) -> str:
    keys = [f"date = {day.day}", 'name_en = "x"', 'name_vi = "x"', 'source = "v"']
    if day.kind in {"make_up_day", "special_day"}:
        keys += [f"hours = {day.hours}", f"half = {str(day.half).lower()}"]
    return f"{{ {', '.join(keys + dated(known_from=day.known_from, known_until=day.known_until))} }},"


def dated(**days: date | None) -> list[str]:
    return [f"{key} = {day}" for key, day in days.items() if day is not None]


def by_weekday(hours: Hours) -> dict[int, list[oracle.Segment]]:
    return {WEEKDAYS.index(day): segments(named) for day, named in hours.items()}


def segments(texts: Iterable[str]) -> list[oracle.Segment]:
    """`22:00-06:00` goes on into the next day."""
    found = []
    for text in texts:
        opens, closes = (int(end[:2]) * 60 + int(end[3:5]) for end in text.split("-"))
        found.append((opens, closes if closes > opens else closes + 24 * 60))
    return found


def read_calendar(name: str) -> CalendarData:
    toml = tomllib.loads((VECTORS / "calendars" / f"{name}.toml").read_text(encoding="utf-8"))
    with (VECTORS / "calendars" / f"{name}.csv").open(encoding="utf-8") as file:
        days = tuple(map(read_day, csv.DictReader(file)))
    assert set(toml) <= {"weekly_rest", "coverage", "zone", "hours", "half_weekdays", "seasons"}, name
    return CalendarData(
        id=name,
        weekly_rest=toml["weekly_rest"],
        coverage=(toml["coverage"]["from"], toml["coverage"]["until"]),
        zone=toml.get("zone", ZONE),
        hours=toml.get("hours"),
        half_weekdays=tuple(toml.get("half_weekdays", ())),
        seasons=tuple((season["from"], season["hours"]) for season in toml.get("seasons", ())),
        days=days,
    )


def read_day(row: dict[str, str]) -> Day:
    known = (date.fromisoformat(row[key]) if row.get(key) else None for key in ("known_from", "known_until"))
    return Day(
        date.fromisoformat(row["date"]), row["kind"], (row["hours"] or "").split(), row.get("half") == "true", *known
    )


CALENDARS = {path.stem: read_calendar(path.stem) for path in sorted((VECTORS / "calendars").glob("*.toml"))}
ORACLES = {name: calendar.for_oracle() for name, calendar in CALENDARS.items()}


# --- packs ---


class Limit(NamedTuple):
    """A limit of a pack: the calendar of its first parts, and its versions in time."""

    calendar: str
    versions: tuple[oracle.Version, ...]


class World(NamedTuple):
    """Calendars by name, as files state them and as the oracle has them (a part names one by being it)."""

    calendars: Mapping[str, CalendarData] = CALENDARS
    oracles: Mapping[str, oracle.Calendar] = ORACLES

    def name_of(self, calendar: oracle.Calendar) -> str:
        return next(name for name, known in self.oracles.items() if known is calendar)

    def write_pack(
        self,
        folder: Path,
        limits: Mapping[str, Limit],
        zone: str = ZONE,
        levels: Iterable[str] = ("office",),
        succession: Iterable[tuple[str, str, str, str]] = (),
    ) -> Path:
        """A pack with one procedure for each limit."""
        (folder / "calendars").mkdir(parents=True)
        named = f'id = "{folder.name}"\nversion = "1"\nzone = "{zone}"\nlevels = {list(levels)}'
        titles = 'title_en = "t"\ntitle_vi = "t"'
        rows = [_Row(self, code, limit.calendar, v) for code, limit in limits.items() for v in limit.versions]
        files = {
            "pack.toml": f'format = 1\n{named}\nlicence = "none"\n{titles}\nscope_en = "s"\nscope_vi = "s"\n',
            "instruments.toml": f'[v]\nnumber = "1"\n{titles}\nsource = "vectors"\nflag = "seen"\n',
            "conventions.toml": "\n".join(text for row in rows for text in row.conventions()),
            "procedures.csv": "code,title_vi,title_en,field\n" + "".join(f"{code},t,t,f\n" for code in limits),
            "limits.csv": table(LIMITS, (line for row in rows for line in row.limits())),
            "modifiers.csv": table(MODIFIERS, (line for row in rows for line in row.modifiers())),
            "succession.csv": table(SUCCESSION, ((*row, "v:1", "") for row in succession)),
        }
        for name in {name for row in rows for name in row.calendars()}:
            assert self.calendars[name].zone == zone or not limits, f"{name} lies in another zone"
            files[f"calendars/{name}.toml"] = self.calendars[name].as_toml()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder


class _Row(NamedTuple):
    """One version of one limit, as rows of the pack's files."""

    world: World
    code: str
    calendar: str
    version: oracle.Version

    @property
    def since(self) -> date:
        return max(self.version.effective_from, ALWAYS)

    def parts(self) -> list[tuple[str, oracle.Rule, str]]:
        """How each part is joined, the part, and its calendar."""
        own = self.world.name_of(self.version.calendar) if self.version.calendar else self.calendar
        rule = self.version.rule
        further = [(p.combine, p.rule, self.world.name_of(p.calendar) if p.calendar else own) for p in rule.parts]
        return [("", rule, own), *further]

    def calendars(self) -> list[str]:
        return [calendar for _, _, calendar in self.parts()]

    def convention(self, part: int) -> str:
        return f"c-{self.code}-{self.since}-{part}"

    def conventions(self) -> list[str]:
        return [convention(self.convention(i), rule) for i, (_, rule, _) in enumerate(self.parts(), 1)]

    def limits(self) -> list[tuple[object, ...]]:
        v, rule = self.version, self.version.rule
        governed = "" if v.governs == "receipt" else "v:1"
        shared = (rule.start_event, v.governs, rule.supplement_effect, self.since, v.effective_until or "")
        known = (v.known_from or "", v.until_known_from or "", "v:1", "2026-01-01", v.transition_from or "", governed)
        code = (self.code, "office", "", "statutory")
        return [
            (*code, i, combine, part.amount, part.unit, self.convention(i), calendar, *shared, *known)
            for i, (combine, part, calendar) in enumerate(self.parts(), 1)
        ]

    def modifiers(self) -> list[tuple[object, ...]]:
        name = (self.code, "office", "", "statutory", self.since)
        return [
            (*name, m.attribute, m.effect, m.amount, m.unit, "v:1", "2026-01-01") for m in self.version.rule.modifiers
        ]


def table(header: str, rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return f"{header}\n{text.getvalue()}"


def convention(name: str, rule: oracle.Rule) -> str:
    """The convention of a part; its tables come last, as TOML wants it."""
    head, sign, cut_off = plain_convention(name, rule).partition(f'["{name}".cut_off]')
    return "".join([head, *(f"{key} = {value}\n" for key, value in keys_of(rule)), sign + cut_off, stops(name, rule)])


def keys_of(rule: oracle.Rule) -> list[tuple[str, str]]:
    """What is said only where it is not the usual."""
    found = []
    if rule.direction != "forward":
        found.append(("direction", f'"{rule.direction}"'))
    if rule.roll_between:
        found.append(("roll_between", "true"))
    if rule.roll_up_to:
        found.append(("roll_up_to", f"{{ {', '.join(f'{unit} = {most}' for unit, most in rule.roll_up_to)} }}"))
    if rule.fraction:
        found.append(("fraction", f'"{rule.fraction}"'))
    if rule.half_day_counts is not None:
        found.append(("half_day_counts", str(rule.half_day_counts)))
    counts = {key: getattr(rule, key) for key in ("skip_days_off_up_to", "min_working_days", "min_working_days_from")}
    found += [(key, str(count)) for key, count in counts.items() if count]
    return found


def stops(name: str, rule: oracle.Rule) -> str:
    first, last = (str(flag).lower() for flag in (rule.stop_first_day, rule.stop_last_day))
    text = f'["{name}".stops]\nfirst_day = {first}\nlast_day = {last}\n'
    if (rule.stop_first_day, rule.stop_last_day) == (True, False):
        text = ""
    terms = rule.extension
    if terms is None:
        return text
    text += f'["{name}".extension]\ncitation = "v:1"\nfrom = "{terms.start}"\n'
    text += f"may_shorten = {str(terms.may_shorten).lower()}\n"
    if terms.max_times is not None:
        text += f"max_times = {terms.max_times}\n"
    if terms.max_total is not None:
        amount, unit = terms.max_total
        text += f'max_total = {{ amount = {amount}, unit = "{unit}" }}\n'
    return text
