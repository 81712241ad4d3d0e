"""The vectors of the whole clock, every one through the oracle, the scalar engine, the batch and the command line."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import clock_worlds
import oracle
import rule_text
import slaengine as sla
from slaengine.cli import main

FOLDER = clock_worlds.VECTORS / "clock"
FILES = ("stops", "hours", "extensions", "restarts", "parts", "governs", "known", "conventions", "promises")
EVENTS = ("suspensions", "extensions", "restarts", "supplements")
TEXTS = ("status", "problem", "promise_status")
TIMES = ("due_at", "due_date")
NUMBERS = ("margin", "margin_minutes", "days_late", "days_late_calendar", "elapsed")
COMPARED = (*TIMES, *TEXTS, *NUMBERS, "flags")


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


VECTORS = {f"{name}-{i:02d}": row for name in FILES for i, row in enumerate(read(name))}
IDS = [f"{code} {row['name']}" for code, row in VECTORS.items()]
every_vector = pytest.mark.parametrize("code", VECTORS, ids=IDS)


def zone_of(row: dict[str, str]) -> str:
    return clock_worlds.CALENDARS[row["calendar"]].zone


def expected(row: dict[str, str]) -> dict[str, str]:
    """The cells that are checked; the order of flags says nothing."""
    return {key: in_order(row[key]) if key == "flags" else row[key] for key in COMPARED if row[key]}


def in_order(flags: str) -> str:
    return ";".join(sorted(flags.split(";")))


def shown(answer: Any, wanted: dict[str, str]) -> dict[str, str]:
    """The same cells of an answer, as the vectors write them."""
    return {key: cell(key, getattr(answer, key)) for key in wanted}


def cell(key: str, value: Any) -> str:
    if key == "flags":
        return in_order(";".join(value)) or "none"
    if value is None or (key == "problem" and not value):
        return "none"
    return value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else str(value)


# --- the oracle ---


@every_vector
def test_oracle_agrees(code: str) -> None:
    row = VECTORS[code]
    answer = oracle.assess_versions(
        clock_worlds.ORACLES[row["calendar"]],
        rule_text.versions(row["rule"], clock_worlds.ORACLES),
        *(rule_text.moment(row[key]) for key in ("received_at", "finished_at", "today")),
        rule_text.attributes(row["attributes"]),
        events=rule_text.events(row["events"]),
        event_times=rule_text.event_times(row["times"]),
        zone=zone_of(row),
        promises=rule_text.promises(row["promises"]),
        known_at=rule_text.known_at(row["known_at"]),
    )
    wanted = expected(row)
    assert shown(answer, wanted) == wanted


# --- the engine, one record at a time ---


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A pack for every zone."""
    folder, limits = tmp_path_factory.mktemp("packs"), dict[str, dict[str, clock_worlds.Limit]]()
    for code, row in VECTORS.items():
        versions = tuple(rule_text.versions(row["rule"], clock_worlds.ORACLES))
        limits.setdefault(zone_of(row), {})[code] = clock_worlds.Limit(row["calendar"], versions)
    return {
        zone: clock_worlds.World().write_pack(folder / zone.rpartition("/")[2], found, zone)
        for zone, found in limits.items()
    }


Engines = Callable[[str, str], sla.Engine]


@pytest.fixture(scope="module")
def engine_of(packs: dict[str, Path]) -> Engines:
    loaded = {zone: sla.load_pack(folder) for zone, folder in packs.items()}

    @cache
    def engine(zone: str, known_at: str) -> sla.Engine:
        return sla.Engine(loaded[zone], known_at=rule_text.known_at(known_at))  # type: ignore[arg-type]

    return engine


def case_of(code: str) -> sla.Case:
    row = VECTORS[code]
    return sla.Case(
        procedure=code,
        received_at=rule_text.moment(row["received_at"]),  # type: ignore[arg-type]
        finished_at=rule_text.moment(row["finished_at"]),
        attributes=rule_text.attributes(row["attributes"]),
        event_times=rule_text.event_times(row["times"]),
        promises=[sla.Promise(**vars(promise)) for promise in rule_text.promises(row["promises"])],
        **{kind: [made(event) for event in events] for kind, events in by_list(row).items()},
    )


def made(event: oracle.Event) -> Any:
    return getattr(sla, type(event).__name__)(**vars(event))


def by_list(row: dict[str, str]) -> dict[str, list[oracle.Event]]:
    """The events of a row in the four lists of a case."""
    found: dict[str, list[oracle.Event]] = {name: [] for name in EVENTS}
    for event in rule_text.events(row["events"]):
        found[f"{type(event).__name__.lower()}s"].append(event)
    return found


@every_vector
def test_scalar_agrees(code: str, engine_of: Engines) -> None:
    row = VECTORS[code]
    engine = engine_of(zone_of(row), row["known_at"])
    found = engine.assess(case_of(code), today=rule_text.moment(row["today"]), errors="return")
    wanted = expected(row)
    assert shown(found, wanted) == wanted


# --- the engine, many at once ---

Kind = tuple[str, ...]


def by_kind() -> dict[Kind, list[str]]:
    """Vectors that can share a batch: columns of one type each, judged on one day, by one state of knowledge."""
    kinds: dict[Kind, list[str]] = {}
    for code, row in VECTORS.items():
        times = rule_text.event_times(row["times"]).values()
        shapes = [type_of(text) for text in (row["received_at"], row["finished_at"], *map(str, times))]
        kinds.setdefault((zone_of(row), row["known_at"], row["today"], *shapes), []).append(code)
    return kinds


def type_of(text: str) -> str:
    """Date-only, with a time, or with an offset."""
    return "" if not text else "date" if len(text) == 10 else "aware" if "+" in text else "time"


@pytest.mark.parametrize("kind", by_kind(), ids=str)
def test_batch_agrees(kind: Kind, engine_of: Engines) -> None:
    codes = by_kind()[kind]
    zone, known_at, today = kind[:3]
    also = ("margin_minutes", "flags", "promise_status")
    found = sla.assess_table(table_of(codes), engine_of(zone, known_at), today=rule_text.moment(today), also=also)
    for i, code in enumerate(codes):
        wanted = expected(VECTORS[code])
        assert {key: read_back(key, found[key][i]) for key in wanted} == wanted, VECTORS[code]["name"]


def table_of(codes: list[str]) -> dict[str, list[Any]]:
    """The records as columns, with every column that any of them needs."""
    rows = [VECTORS[code] for code in codes]
    columns: dict[str, list[Any]] = {"procedure": codes}
    for key in ("received_at", "finished_at"):
        columns[key] = [rule_text.moment(row[key]) for row in rows]
    for key, read in (("attributes", rule_text.attributes), ("times", rule_text.event_times)):
        given = [read(row[key]) for row in rows]
        for name in sorted({name for cell in given for name in cell}):
            columns[name if key == "attributes" else f"{name}_at"] = [cell.get(name) for cell in given]
    for name in EVENTS:
        columns[name] = [[vars(event) for event in by_list(row)[name]] or None for row in rows]
    columns["promises"] = [[vars(promise) for promise in rule_text.promises(row["promises"])] or None for row in rows]
    return columns


def read_back(key: str, value: Any) -> str:
    """A cell of the answer, as the vectors write it."""
    if value is None or value is np.ma.masked or (isinstance(value, np.datetime64) and np.isnat(value)):
        return "none"
    return in_order(str(value)) if key == "flags" else str(value)


# --- the command line ---

CASES = (
    *("name", "citation", "procedure", "level", "variant", "received_at", "finished_at", "today"),
    *(
        "due_at",
        "due_date",
        "status",
        "margin",
        "problem",
        "note",
        "attributes",
        "times",
        "events",
        "known_at",
        "flags",
    ),
)


@pytest.mark.parametrize("zone", sorted({zone_of(row) for row in VECTORS.values()}))
def test_command_line_agrees(
    zone: str, packs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The vectors as the cases of a pack, which has no promises and checks no null."""
    folder = tmp_path / "vectors"
    shutil.copytree(packs[zone], folder)
    (folder / "cases").mkdir()
    codes = [code for code, row in VECTORS.items() if zone_of(row) == zone and not row["promises"]]
    with (folder / "cases" / "vectors.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CASES, extrasaction="ignore", restval="")
        writer.writeheader()
        for code in codes:
            row = {key: "" if text == "none" and key != "flags" else text for key, text in VECTORS[code].items()}
            writer.writerow(row | {"procedure": code})
    status = main(["test", str(folder)])
    told = capsys.readouterr()
    assert (status, told.out) == (0, ""), told.out
    assert f"{len(codes)} case(s) run" in told.err


# --- the smaller files ---


@pytest.mark.parametrize("row", read("succession"), ids=lambda row: row["name"])
def test_succession_agrees(row: dict[str, str], tmp_path: Path) -> None:
    entries = [re.fullmatch(r"(.+):(.+)>(.+)@(.+)", text) for text in rule_text.split(row["table"])]
    succession = [(("" if e[1] == "*" else e[1]), e[2], e[3], e[4]) for e in entries if e]
    assert len(succession) == len(entries)
    levels = sorted({level for entry in succession for level in entry[1:3]} | {row["level"], "office"})
    limits = {"p": clock_worlds.Limit("every-day", (oracle.Version(rule_text.rule("amount=1 unit=week"), date.min),))}
    folder = clock_worlds.World().write_pack(tmp_path / "p", limits, levels=levels, succession=succession)
    competent = sla.load_pack(folder).competent_level(row["procedure"], row["level"], rule_text.day(row["on"]))
    assert competent == row["competent"]


def test_every_hard_case_is_covered_by_rows_that_exist() -> None:
    rows = {row["number"]: row["where"] for row in read("coverage")}
    assert list(rows) == [f"{kind}{n}" for kind, most in (("H", 54), ("V", 17), ("W", 16)) for n in range(1, most + 1)]
    for number, where in rows.items():
        for name, count in re.findall(r"([\w/]+)\.csv \((\d+)\)", where):
            with (clock_worlds.VECTORS / f"{name}.csv").open(encoding="utf-8") as file:
                found = [row for row in csv.DictReader(file) if row["name"].split()[0] == number]
            assert len({row["name"] for row in found}) == int(count), (number, name)
        assert ".csv" in where, number


# --- packs that are refused ---


class Broken(NamedTuple):
    """A pack of one limit with something wrong: in its rule, or in a file, where `old` became `new`."""

    rule: str = "amount=5 unit=working_day"
    calendar: str = "vn-office"
    file: str = ""
    old: str = ""
    new: str = ""

    def write(self, folder: Path) -> Path:
        limits = {"p": clock_worlds.Limit(self.calendar, tuple(rule_text.versions(self.rule, clock_worlds.ORACLES)))}
        clock_worlds.World().write_pack(folder, limits)
        if self.file:
            text = (folder / self.file).read_text(encoding="utf-8")
            assert self.old in text
            (folder / self.file).write_text(text.replace(self.old, self.new, 1), encoding="utf-8")
        return folder


def entry(day: str, more: str = "") -> str:
    return f'{{ date = {day}, name_en = "x", name_vi = "x", source = "v"{more} }},\n'


MADE_UP = ', hours = ["08:00-12:00"]'
HOUR = "amount=2 unit=working_hour count_from=instant due_time=exact"
OFFICE, HOLIDAYS = "calendars/vn-office.toml", 'year = 2025\ncitation = "v:1"\nprovisional = false\nholiday = [\n'
GOVERNS = "amount=5 unit=working_day || from=2025-07-01 amount=3 unit=working_day"
DAYS = "amount=5 unit=working_day"
BROKEN = {
    "H50 a day both off and made up, in one year list": Broken(
        file=OFFICE,
        old="make_up_day = [\n{ date = 2025",
        new=f"make_up_day = [\n{entry('2025-04-30', MADE_UP)}{{ date = 2025",
    ),
    "H50 two entries for one day whose knowledge overlaps": Broken(
        file=OFFICE,
        old=HOLIDAYS,
        new=HOLIDAYS
        + entry("2025-08-07", ", known_from = 2025-08-06")
        + entry("2025-08-07", ", known_from = 2025-08-01"),
    ),
    "H50 knowledge that ends before it begins": Broken(
        file=OFFICE,
        old=HOLIDAYS,
        new=HOLIDAYS + entry("2025-08-07", ", known_from = 2025-10-01, known_until = 2025-08-01"),
    ),
    "H53 an unknown key of a convention": Broken(file="conventions.toml", old="deems =", new="reems ="),
    "H53 an unknown key of the stops": Broken(
        f"{DAYS} stop_first_day=false", file="conventions.toml", old="first_day =", new="first_days ="
    ),
    "H53 an unknown key of the extension": Broken(
        f"{DAYS} extension=start max_times=1", file="conventions.toml", old="max_times", new="max_time"
    ),
    "H53 an unknown column of modifiers.csv": Broken(file="modifiers.csv", old="checked_on", new="checked_on,reason"),
    "H53 an unknown unit in roll_up_to": Broken(
        f"{DAYS} roll_up_to=calendar_day:90", file="conventions.toml", old="calendar_day = 90", new="days = 90"
    ),
    "H53 transition_from without transitional": Broken(f"{GOVERNS} transition_from=2026-01-01"),
    "H53 transitional without transition_from": Broken(f"{GOVERNS} governs=transitional"),
    "H53 governs without a citation": Broken(
        f"{GOVERNS} governs=decision", file="limits.csv", old=",2026-01-01,,v:1", new=",2026-01-01,,"
    ),
    "H53 an extension without a citation": Broken(
        f"{DAYS} extension=start", file="conventions.toml", old='extension]\ncitation = "v:1"', new="extension]"
    ),
    "H53 an unknown supplement effect": Broken(
        f"{DAYS} supplement_effect=suspend", file="limits.csv", old="suspend", new="pause"
    ),
    "H40 count_from instant on a day limit": Broken(f"{DAYS} count_from=instant"),
    "H40 an hour limit that does not begin at once": Broken("amount=2 unit=working_hour count_from=next_day"),
    "H40 due_time exact on a day limit": Broken(f"{DAYS} due_time=exact"),
    "H40 hours and days joined by then": Broken(f"{HOUR} | then {DAYS}"),
    "H13 working hours in a calendar without hours": Broken(HOUR, "vn-public"),
    "H14 due_day cut-off with an hour limit": Broken(f"{HOUR} cut_time=15:00 cut_effect=due_day"),
    "H16 close of business with hours past midnight": Broken(f"{DAYS} due_time=close_of_business", "night-shift"),
    "H16 same_time with hours past midnight": Broken(f"{DAYS} due_time=same_time", "night-shift"),
    "H16 cut-off before closing with hours past midnight": Broken(
        f"{DAYS} deems=next_working_moment cut_before_closing=60 cut_effect=day_zero", "night-shift"
    ),
    "H25 half days and no word how they count": Broken(DAYS, "half-saturday"),
    "V5 a fraction and no word how it counts": Broken("amount=3.5 unit=working_day"),
    "V5 a fraction of calendar days": Broken("amount=3.5 unit=calendar_day fraction=open_seconds"),
    "V5 an hour amount that is no whole second": Broken(HOUR.replace("amount=2", "amount=0.0001")),
    "H5 backward hours": Broken(f"{HOUR} direction=backward"),
    "H5 backward fractions": Broken("amount=3.5 unit=working_day fraction=open_seconds direction=backward"),
    "V11 replace on a limit of two parts": Broken(f"{DAYS} | then {DAYS} + complex:replace:9:working_day"),
    "H48 a pack without a zone": Broken(file="pack.toml", old='zone = "Asia/Ho_Chi_Minh"\n', new=""),
    "H49 a limit longer than twenty years": Broken("amount=5001 unit=working_day"),
    "H2 clear days in months": Broken("amount=1 unit=month count_from=clear"),
}
OVERLAP, WEEKEND = "H50 two entries for one day whose knowledge overlaps", "H50 a holiday on a weekend"
"""No faults: the one is a finding of `slaengine check`, the other is what official notices do."""
FAULTS = {row["name"]: row for row in read("load_faults")}


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in {OVERLAP, WEEKEND}])
def test_broken_pack_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(sla.RulePackError) as refused:
        sla.load_pack(BROKEN[name].write(tmp_path / "broken"))
    assert any(FAULTS[name]["says"] in str(fault) for fault in refused.value.faults), refused.value.faults


def test_a_day_listed_twice_at_one_time_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = BROKEN[OVERLAP].write(tmp_path / "overlap")
    sla.load_pack(folder)
    assert main(["check", str(folder), "--today", "2025-12-01"]) == 1
    assert FAULTS[OVERLAP]["says"] in capsys.readouterr().out


def test_a_holiday_on_a_weekend_changes_nothing(tmp_path: Path) -> None:
    folder = Broken(file=OFFICE, old=HOLIDAYS, new=HOLIDAYS + entry("2025-06-14")).write(tmp_path / "weekend")
    with_it, without = (
        sla.load_pack(place).calendars["vn-office"] for place in (folder, Broken().write(tmp_path / "plain"))
    )
    june = np.arange("2025-06-01", "2025-07-01", dtype="datetime64[D]")
    assert main(["check", str(folder), "--today", "2025-12-01"]) == 0
    assert FAULTS[WEEKEND]["change"] == "holiday 2025-06-14, a Saturday"
    assert with_it.is_working_day(june).tolist() == without.is_working_day(june).tolist()
