"""What was known when: calendars and packs as an honest office could read them on a day."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import slaengine as sla

Made = Callable[..., sla.Engine]
at = datetime.fromisoformat
TOLD, STORM, ERROR, MENDED = (date(2025, *day) for day in ((8, 6), (8, 7), (8, 15), (10, 1)))
NEW_YEAR, FORESEEN, NOTICE = date(2026, 1, 1), date(2025, 1, 1), date(2025, 10, 13)
MON = date(2025, 8, 4)
FIVE = "amount=5 unit=working_day"


def note(day: date, kind: str = "holiday", **more: Any) -> sla.DayNote:
    return sla.DayNote(day=day, kind=kind, **more)


NOTES = (
    note(STORM, known_from=TOLD),
    note(ERROR, known_until=MENDED),
    note(date(2025, 8, 23), "make_up_day", known_from=TOLD),
    note(date(2025, 9, 1)),
)
OFFICE = sla.Calendar(
    id="office",
    coverage=(FORESEEN, date(2027, 1, 1)),
    weekly_rest=("saturday", "sunday"),
    days_off={n.day: n for n in NOTES if n.kind == "holiday" and not n.known_until},
    make_up_days={NOTES[2].day: NOTES[2]},
    years=(sla.Year(year=2025), sla.Year(year=2026, known_from=NOTICE, foreseen_from=date(2025, 6, 1))),
    announced=NOTES,
)


# --- a calendar


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (TOLD - timedelta(days=1), [True, False, False, False]),
        (TOLD, [False, False, True, False]),
        (MENDED - timedelta(days=1), [False, False, True, False]),
        (MENDED, [False, True, True, False]),
    ],
)
def test_a_calendar_is_what_was_known_notices_of_that_day_included(day: date, works: list[bool]) -> None:
    known = OFFICE.known_at(day)
    assert [known.is_working_day(n.day) for n in NOTES] == works
    assert [known.note(n.day) is not None for n in NOTES] == [n.is_known(day) for n in NOTES]
    assert known.weekly_rest == OFFICE.weekly_rest


def test_after_the_last_announcement_a_calendar_is_itself() -> None:
    last = OFFICE.known_at(date(2030, 1, 1))
    assert (last.coverage, last.years) == (OFFICE.coverage, OFFICE.years)
    assert np.array_equal(last.working, OFFICE.working)
    listed = {n.day for n in (*last.days_off.values(), *last.make_up_days.values())}
    assert listed == {STORM, NOTES[2].day, NOTES[3].day}


@pytest.mark.parametrize(
    ("day", "until", "provisional"),
    [
        (date(2025, 5, 31), NEW_YEAR, [False]),
        (date(2025, 6, 1), date(2027, 1, 1), [False, True]),
        (NOTICE - timedelta(days=1), date(2027, 1, 1), [False, True]),
        (NOTICE, date(2027, 1, 1), [False, False]),
    ],
)
def test_a_year_is_covered_once_it_was_foreseen(day: date, until: date, provisional: list[bool]) -> None:
    known = OFFICE.known_at(day)
    assert known.coverage == (FORESEEN, until)
    assert [year.provisional for year in known.years] == provisional
    if until == NEW_YEAR:
        with pytest.raises(sla.CoverageError, match="it covers 2025-01-01 to 2025-12-31"):
            known.is_working_day(NEW_YEAR)


def test_a_year_in_between_that_is_not_known_ends_the_coverage() -> None:
    years = (sla.Year(year=2025), sla.Year(year=2026, known_from=NOTICE), sla.Year(year=2027))
    calendar = sla.Calendar(id="x", coverage=(FORESEEN, date(2028, 1, 1)), years=years)
    assert calendar.known_at(MON).coverage == (FORESEEN, NEW_YEAR)


def test_a_calendar_of_which_nothing_was_known_answers_nothing() -> None:
    calendar = sla.Calendar(
        id="x",
        coverage=(NEW_YEAR, date(2027, 1, 1)),
        years=(sla.Year(year=2026, known_from=NOTICE),),
        announced=(note(date(2026, 4, 30), known_from=NOTICE),),
    )
    before = calendar.known_at(NOTICE - timedelta(days=1))
    assert before.coverage == (NEW_YEAR, NEW_YEAR)
    with pytest.raises(sla.CoverageError):
        before.is_working_day(NEW_YEAR)


def test_a_calendar_without_dates_of_knowledge_is_always_the_same() -> None:
    plain = sla.Calendar(id="x", coverage=(FORESEEN, NEW_YEAR), years=(sla.Year(year=2025),))
    assert plain.knowledge == frozenset()
    assert plain.known_at(date(1990, 1, 1)) is plain
    assert OFFICE.knowledge == {TOLD, MENDED, NOTICE, date(2025, 6, 1)}


@pytest.mark.parametrize(
    ("entry", "day", "known"),
    [
        (note(STORM), date.min, True),
        (note(STORM, known_from=TOLD), TOLD - timedelta(days=1), False),
        (note(STORM, known_from=TOLD), TOLD, True),
        (note(STORM, known_until=TOLD), TOLD - timedelta(days=1), True),
        (note(STORM, known_until=TOLD), TOLD, False),
        (note(STORM, known_from=TOLD, known_until=MENDED), MENDED, False),
    ],
)
def test_an_entry_is_known_from_and_until(entry: sla.DayNote, day: date, known: bool) -> None:
    assert entry.is_known(day) is known


# --- an engine


@pytest.mark.parametrize("wrong", ["2025-08-06", "today", 20250806, True, "", at("2025-08-06T09:00:00")])
def test_what_is_no_day_of_knowledge_is_refused(wrong: Any, engine_of: Made) -> None:
    with pytest.raises(sla.InputError, match='give a date, "received" or None'):
        engine_of("announced", {"known_at": wrong}, five=FIVE)


def test_an_engine_knows_what_was_known_on_its_day(engine_of: Made) -> None:
    engine = engine_of("announced", five=FIVE)
    case = sla.Case(procedure="five", received_at=MON)
    dues = {}
    for known_at in (None, TOLD - timedelta(days=1), TOLD, "received"):
        known = sla.Engine(engine.pack, known_at=known_at)  # type: ignore[arg-type]
        dues[known_at] = known.assess(case, today=MON).due_date
        table = {"procedure": ["five"], "received_at": [MON]}
        assert sla.assess_table(table, known, today=MON)["due_date"].tolist() == [dues[known_at]]
    assert [due.day for due in dues.values() if due] == [12, 11, 12, 11]


def test_each_receipt_knows_what_was_known_on_its_day(engine_of: Made) -> None:
    engine = engine_of("announced", {"known_at": "received"}, two="amount=2 unit=working_day")
    days = [date(2025, 8, 5), date(2025, 8, 6), date(2025, 8, 13), date(2025, 10, 1)]
    found = sla.assess_table({"procedure": ["two"] * 4, "received_at": days}, engine, today=days[-1])
    ones = [engine.assess(sla.Case(procedure="two", received_at=day), today=days[-1]) for day in days]
    assert found["due_date"].tolist() == [one.due_date for one in ones]
    assert [one.due_date.day for one in ones if one.due_date] == [7, 11, 18, 3]
    assert engine.explain(ones[0]).text()


def test_settings_of_knowledge_are_part_of_the_digest(engine_of: Made) -> None:
    pack = engine_of("announced", five=FIVE).pack
    digests = {sla.Engine(pack, known_at=k).digest for k in (None, TOLD, MENDED, "received")}  # type: ignore[arg-type]
    assert len(digests) == 4
    copy = pickle.loads(pickle.dumps(sla.Engine(pack, known_at="received")))  # its own
    assert copy.assess(sla.Case(procedure="five", received_at=MON), today=MON).due_date == date(2025, 8, 11)


AMENDED = f"{FIVE} || from=2025-07-01 amount=3 unit=working_day known_from=2025-08-15 until_known_from=2025-08-15"


def test_an_amendment_is_known_from_its_publication(engine_of: Made) -> None:
    pack = engine_of(five=AMENDED).pack
    case = sla.Case(procedure="five", received_at=MON)
    for known_at, days in ((None, 3), (date(2025, 8, 14), 5), (date(2025, 8, 15), 3), ("received", 5)):
        outcome = sla.Engine(pack, known_at=known_at).assess(case, today=MON)  # type: ignore[arg-type]
        assert outcome.rule is not None
        assert outcome.rule.limit.amount == days
        assert outcome.rule.effective_until is None  # an end that was not known reads as open


def test_no_rule_was_known(engine_of: Made) -> None:
    known = f"{FIVE} known_from=2025-08-15"
    with pytest.raises(sla.InputError, match="no rule was known on 2025-08-14; choose a later known_at"):
        engine_of(settings={"known_at": date(2025, 8, 14)}, five=known)


def test_a_receipt_before_the_rule_was_known_has_none(engine_of: Made) -> None:
    engine = engine_of(settings={"known_at": "received"}, five=f"{FIVE} known_from=2025-08-15", more=FIVE)
    with pytest.raises(sla.NotInForceError):
        engine.assess(sla.Case(procedure="five", received_at=MON), today=MON)
    assert engine.assess(sla.Case(procedure="five", received_at=date(2025, 8, 15)), today=date(2025, 8, 15)).due_date
    table = {"procedure": ["five", "five", "more"], "received_at": [MON, date(2025, 8, 15), MON]}
    found = sla.assess_table(table, engine, today=date(2025, 8, 15))
    assert found["problem"].tolist() == ["not_in_force", None, None]
    assert sla.Engine(engine.pack, known_at=MON).assess(sla.Case(procedure="more", received_at=MON), today=MON).due_date


def test_a_foreseen_year_makes_the_answer_provisional(pack_of: Callable[..., Path]) -> None:
    folder = pack_of("vn-public", five=FIVE)
    file = folder / "calendars" / "vn-public.toml"
    text = file.read_text(encoding="utf-8")
    head, year, rest = text.partition("year = 2026\n")
    assert year
    file.write_text(f"{head}{year}known_from = 2025-10-13\nforeseen_from = 2025-01-01\n{rest}", encoding="utf-8")
    pack = sla.load_pack(folder)
    case = sla.Case(procedure="five", received_at=date(2025, 12, 29))
    for known_at, provisional in ((None, False), (date(2025, 10, 12), True), (date(2025, 10, 13), False)):
        engine = sla.Engine(pack, known_at=known_at)
        assert engine.assess(case, today=date(2025, 12, 30)).provisional is provisional
        table = {"procedure": ["five"], "received_at": [case.received_at]}
        found = sla.assess_table(table, engine, today=date(2025, 12, 30), also=["provisional"])
        assert found["provisional"].tolist() == [provisional]
    with pytest.raises(sla.CoverageError):
        sla.Engine(pack, known_at=date(2024, 12, 31)).assess(case, today=date(2025, 12, 30))
