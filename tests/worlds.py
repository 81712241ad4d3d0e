"""Worlds to test in: the calendars of the vectors, for the oracle and as files of a pack that the engine reads."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

import oracle

VECTORS = Path(__file__).parent / "vectors"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LIMITS = (
    "code,level,variant,basis,part,combine,amount,unit,convention,calendar,start_event,governs,supplement_effect,"
    "effective_from,effective_until,known_from,until_known_from,citation,checked_on"
)


@dataclass(frozen=True)
class CalendarData:
    """A calendar of the vectors as its two files state it."""

    id: str
    weekly_rest: list[str]
    coverage: tuple[date, date]
    hours: dict[str, list[str]]
    days: list[tuple[date, str, list[str]]]

    def off(self) -> list[date]:
        """The days off; a make-up day wins over one."""
        made_up = {day for day, kind, _ in self.days if kind == "make_up_day"}
        return [day for day, kind, _ in self.days if kind != "make_up_day" and day not in made_up]

    def for_oracle(self) -> oracle.Calendar:
        made_up = {day: [minutes(h) for h in hours] for day, kind, hours in self.days if kind == "make_up_day"}
        return oracle.Calendar(
            weekly_rest=frozenset(map(WEEKDAYS.index, self.weekly_rest)),
            days_off=frozenset(self.off()),
            make_up=frozenset(made_up),
            coverage=self.coverage,
            hours={WEEKDAYS.index(day): [minutes(h) for h in hours] for day, hours in self.hours.items()} or None,
            make_up_hours=made_up,
        )

    def as_toml(self) -> str:
        """The calendar as a pack file."""
        first, until = self.coverage
        lines = [
            f'id = "{self.id}"\ntitle_en = "t"\ntitle_vi = "t"\nsource = "vectors"',
            f"coverage = {{ from = {first}, until = {until} }}",
            f'[[weekly_rest]]\ndays = {self.weekly_rest}\nfrom = {first}\ncitation = "v:1"',
            *(
                f'[[office_hours]]\ndays = ["{day}"]\nfrom = {first}\nhours = {hours}\ncitation = "v:1"'
                for day, hours in self.hours.items()
            ),
            *(self._year(year) for year in range(first.year - 1, (until - timedelta(days=1)).year + 1)),
        ]
        return "\n".join(lines) + "\n"

    def _year(self, year: int) -> str:
        entry = 'date = {}, name_en = "x", name_vi = "x", source = "v"'
        off = [f"{{ {entry.format(day)} }}," for day in self.off() if day.year == year]
        paid = self.coverage[0] - timedelta(days=400)
        made_up = [
            f"{{ {entry.format(day)}, pays_for = {paid}, hours = {hours} }},"
            for day, kind, hours in self.days
            if kind == "make_up_day" and day.year == year
        ]
        return "\n".join(
            [
                f'[[years]]\nyear = {year}\ncitation = "v:1"\nprovisional = false\nholiday = [',
                *off,
                "]\nsubstitute_day_off = []\nmake_up_day = [",
                *made_up,
                "]",
            ]
        )


def minutes(text: str) -> tuple[int, int]:
    a, b = (time.fromisoformat(part) for part in text.split("-"))
    return a.hour * 60 + a.minute, b.hour * 60 + b.minute


def read_calendar(name: str) -> CalendarData:
    toml = tomllib.loads((VECTORS / "calendars" / f"{name}.toml").read_text())
    with (VECTORS / "calendars" / f"{name}.csv").open(encoding="utf-8") as file:
        days = [(date.fromisoformat(r["date"]), r["kind"], r["hours"].split()) for r in csv.DictReader(file)]
    coverage = (toml["coverage"]["from"], toml["coverage"]["until"])
    return CalendarData(name, toml["weekly_rest"], coverage, toml.get("hours", {}), days)


CALENDARS = {name: read_calendar(name) for name in ("vn-public", "office", "every-day", "never")}
ORACLES = {name: calendar.for_oracle() for name, calendar in CALENDARS.items()}


def write_pack(folder: Path, rules: dict[str, tuple[str, oracle.Rule]], zone: str = "Asia/Ho_Chi_Minh") -> Path:
    """A pack with one procedure for each rule (code -> calendar, rule), every one with a convention of its own."""
    (folder / "calendars").mkdir(parents=True)
    named = f'id = "{folder.name}"\nversion = "1"\nzone = "{zone}"\nlevels = ["office"]'
    titles = 'title_en = "t"\ntitle_vi = "t"'
    files = {
        "pack.toml": f'format = 1\n{named}\nlicence = "none"\n{titles}\nscope_en = "s"\nscope_vi = "s"\n',
        "instruments.toml": f'[v]\nnumber = "1"\n{titles}\nsource = "vectors"\nflag = "seen"\n',
        "conventions.toml": "\n".join(convention(f"c-{code}", rule) for code, (_, rule) in rules.items()),
        "procedures.csv": "code,title_vi,title_en,field\n" + "".join(f"{code},t,t,f\n" for code in rules),
        "limits.csv": LIMITS + "\n" + "".join(limit(code, *rule) for code, rule in rules.items()),
    }
    for name in {calendar for calendar, _ in rules.values()}:
        files[f"calendars/{name}.toml"] = CALENDARS[name].as_toml()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def limit(code: str, calendar: str, rule: oracle.Rule) -> str:
    return (
        f"{code},office,,statutory,1,,{rule.amount},{rule.unit},c-{code},{calendar},received,receipt,,"
        "1990-01-01,,,,v:1,2026-01-01\n"
    )


def convention(name: str, rule: oracle.Rule) -> str:
    keys = ("deems", "count_from", "roll", "month_end", "due_time")
    text = f'["{name}"]\ntitle_en = "t"\ntitle_vi = "t"\ncitation = "v:1"\n'
    text += "".join(f'{key} = "{getattr(rule, key)}"\n' for key in keys)
    return text + (cut_off(name, rule.cut_off) if rule.cut_off else "")


def cut_off(name: str, cut: oracle.CutOff) -> str:
    when = f'time = "{cut.time}"' if cut.time is not None else f"minutes_before_closing = {cut.minutes_before_closing}"
    condition = f'applies_if = "{cut.applies_if}"\n' if cut.applies_if else ""
    inclusive = str(cut.inclusive).lower()
    return (
        f'["{name}".cut_off]\ncitation = "v:1"\n{when}\ninclusive = {inclusive}\neffect = "{cut.effect}"\n{condition}'
    )
