"""What the Vietnamese packs say beside due dates: who decides, who used up the time, what a province promises."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

import slaengine as sla
from slaengine.authoring.conformance import read_cases
from slaengine.packs import find_pack

NATIONAL = sla.load_pack("vn-national")
DONG_THAP = sla.load_pack("vn-dong-thap")
LIMITS = (
    "code,level,variant,basis,part,combine,amount,unit,convention,calendar,start_event,governs,supplement_effect,"
    "effective_from,effective_until,known_from,until_known_from,citation,checked_on\n"
)
PACK = (
    'format = 1\nid = "{0}"\nversion = "1"\nzone = "Asia/Ho_Chi_Minh"\nlevels = ["province", "commune"]\n'
    'licence = "none"\ntitle_en = "t"\ntitle_vi = "t"\nscope_en = "s"\nscope_vi = "s"\nextends = "vn-national"\n'
)
INSTRUMENT = '[{0}]\nnumber = "{1}"\ntitle_en = "t"\ntitle_vi = "t"\nsource = "s"\nflag = "{2}"\n'


def overlay(folder: Path, name: str, instrument: str, limits: str) -> Path:
    """A pack on top of national law."""
    place = folder / name
    place.mkdir()
    (place / "pack.toml").write_text(PACK.format(name), encoding="utf-8")
    (place / "instruments.toml").write_text(instrument, encoding="utf-8")
    (place / "conventions.toml").write_text("", encoding="utf-8")
    (place / "procedures.csv").write_text("code,title_vi,title_en,field\n", encoding="utf-8")
    (place / "limits.csv").write_text(LIMITS + limits, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "code", ["1.001669", "2.000806", "2.000779", "vn.building-permit", "vn.land-first-certificate"]
)
def test_the_commune_decides_where_the_district_did(code: str) -> None:
    assert NATIONAL.competent_level(code, "district", date(2025, 6, 30)) == "district"
    assert NATIONAL.competent_level(code, "district", date(2025, 7, 1)) == "commune"


def test_no_district_limit_outlives_the_districts() -> None:
    ends = {rule.effective_until for rule in NATIONAL.rules if rule.key.level == "district"}
    assert None not in ends
    assert max(end for end in ends if end) == date(2025, 7, 1)


def test_the_step_that_used_up_the_time_is_named() -> None:
    """Ten working days from Mon 19/4/2021 (21/4, 30/4 and 3/5 are off) end on Thu 6/5, seven more on Mon 17/5."""
    case = sla.Case(
        procedure="vn.labour-leasing-licence-withdrawal",
        level="province",
        received_at=datetime(2021, 4, 19, 9, 0),
        finished_at=datetime(2021, 5, 18, 9, 0),
    )
    done = {1: datetime(2021, 5, 10, 9, 0), 2: datetime(2021, 5, 18, 9, 0)}
    department, chairman = sla.Engine(NATIONAL).steps(case, done)
    assert (department.due_at, str(department.status)) == (datetime(2021, 5, 6, 23, 59, 59), "late")
    assert (chairman.due_at, str(chairman.status)) == (datetime(2021, 5, 19, 23, 59, 59), "early")
    assert (department.used_up, chairman.used_up) == (True, False)


def test_steps_are_the_parts_of_their_chain() -> None:
    chains = [rule for rule in NATIONAL.rules if rule.steps and rule.further]
    assert len(chains) > 10
    for rule in chains:
        assert [step.limit for step in rule.steps] == [part.limit for part in rule.parts], rule.id


def test_dong_thap_promises_nothing_longer_than_the_statute_of_the_same_days() -> None:
    statutes = {rule.key: [] for rule in DONG_THAP.rules}
    for rule in DONG_THAP.rules:
        if str(rule.basis) == "statutory":
            statutes[rule.key].append(rule)
    compared = 0
    for promise in (rule for rule in DONG_THAP.rules if str(rule.basis) == "commitment"):
        for law in statutes[promise.key]:
            if law.effective_until is None or law.effective_until > promise.effective_from:
                compared += 1
                assert promise.limit.unit is law.limit.unit
                assert promise.limit.amount <= law.limit.amount, promise.id
    assert compared > 10


def test_a_promise_that_the_statute_fell_below_is_flagged(tmp_path: Path) -> None:
    """Cao Bang published 22 working days in 2025; the national portal of July 2026 shows 13."""
    promise = (
        "1.004122,province,,commitment,1,,22,working_day,civil-working-days,vn-public,received,receipt,,2025-11-18,,,,"
    )
    place = overlay(
        tmp_path,
        "cao-bang",
        INSTRUMENT.format("decision-1949", "1949/QĐ-UBND", "seen"),
        promise + "decision-1949:list,\n",
    )
    engine = sla.Engine(sla.load_pack(place))
    outcome = engine.assess(sla.Case(procedure="1.004122", level="province", received_at=datetime(2026, 8, 3, 9, 0)))
    assert outcome.due_date == date(2026, 8, 20)  # 13 working days, the make-up Saturday 22/8 not reached
    assert outcome.commitment is not None
    assert outcome.commitment.due_date == date(2026, 9, 4)
    assert "commitment_after_due" in outcome.flags


def test_an_overlay_that_knows_the_first_day_adds_the_version_before(tmp_path: Path) -> None:
    own = "1.002755,commune,,statutory,1,,3,working_day,civil-working-days,vn-public,received,receipt,,2024-01-01,2026-07-20,,,"
    place = overlay(tmp_path, "own", INSTRUMENT.format("own", "1", "unverified"), own + "own:1,\n")
    case = sla.Case(procedure="1.002755", level="commune", received_at=datetime(2026, 7, 17, 9, 0))
    assert sla.Engine(sla.load_pack(place)).assess(case).due_date == date(2026, 7, 22)


def hours_of(place: Path) -> Path:
    """The national calendar with invented office hours, 08:00 to 12:00 and 13:00 to 17:00, make-up days too."""
    shipped = Path(__file__).parents[2] / "rules" / "vn-national" / "calendars" / "vn-public.toml"
    text = shipped.read_text(encoding="utf-8").replace('id = "vn-public"', 'id = "office"')
    text = text.replace(", pays_for", ', hours = ["08:00-12:00", "13:00-17:00"], pays_for')
    days = '["monday", "tuesday", "wednesday", "thursday", "friday"]'
    text += f"\n[[office_hours]]\ndays = {days}\nfrom = 2013-01-01\n"
    text += 'hours = ["08:00-12:00", "13:00-17:00"]\ncitation = "own:1"\n'
    (place / "calendars").mkdir()
    (place / "calendars" / "office.toml").write_text(text, encoding="utf-8")
    return place


KARAOKE = (
    "1.004194,commune,karaoke,statutory,1,,16,working_day,last-office-hour,office,received,receipt,,2025-11-17,,,,"
)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2026, 10, 1, 15, 59, 59), date(2026, 10, 23)),  # Thu 1/10 zero: Fri 2/10 = 1, Fri 23/10 = 16
        (datetime(2026, 10, 1, 16, 0, 0), date(2026, 10, 26)),  # the last hour: as received Fri 2/10
        (datetime(2026, 10, 3, 10, 0, 0), date(2026, 10, 27)),  # a Saturday: as received Mon 5/10
    ],
)
def test_an_overlay_with_office_hours_has_the_last_office_hour(tmp_path: Path, received: datetime, due: date) -> None:
    place = hours_of(
        overlay(tmp_path, "own", INSTRUMENT.format("own", "1", "unverified"), KARAOKE + "decree-297-2025:6,\n")
    )
    engine = sla.Engine(sla.load_pack(place))
    case = sla.Case(procedure="1.004194", level="commune", variant="karaoke", received_at=received)
    assert engine.assess(case).due_date == due


@pytest.mark.parametrize("name", ["vn-national", "vn-dong-thap", "vn-quang-ninh"])
def test_every_case_names_an_article_of_its_pack_and_how_its_days_were_counted(name: str) -> None:
    instruments = sla.load_pack(name).instruments
    for row in read_cases(find_pack(name)):
        cited = [part.split(":")[0].strip() for part in row.model.citation.split(";")]
        assert cited, row.model.name
        assert set(cited) <= set(instruments), row.model.name
        assert row.model.note, row.model.name


def test_there_are_enough_cases_of_viet_nam() -> None:
    names = ("vn-national", "vn-civil-code", "vn-dong-thap", "vn-quang-ninh")
    assert sum(len(read_cases(find_pack(name))) for name in names) >= 380
