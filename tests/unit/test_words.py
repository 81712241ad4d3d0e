"""The words of explanations: both languages complete, neither ahead of the other."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

import slaengine as sla
from slaengine import words

at = datetime.fromisoformat


@pytest.mark.parametrize("table", [words.PHRASES, words.STATUS], ids=["phrases", "status"])
def test_every_phrase_is_there_in_both_languages(table: dict[object, tuple[str, ...]]) -> None:
    for phrase, both in table.items():
        assert len(both) == len(words.LANGUAGES) == 2, phrase
        assert all(both), phrase
        assert both[0] != both[1], phrase
        places = [sorted(re.findall(r"{(\d)}", text)) for text in both]
        assert places[0] == places[1], phrase


def test_every_status_unit_and_weekday_has_its_words() -> None:
    assert set(words.STATUS) == set(sla.Status)
    assert set(words.UNITS) == set(sla.Unit)
    assert [len(names) for names in words.WEEKDAYS] == [7, 7]
    assert [words.status_text("vi", status) for status in (sla.Status.LATE, sla.Status.OVERDUE)] == [
        "quá hạn",
        "đang quá hạn",
    ]


@pytest.mark.parametrize(
    ("limit", "en", "vi"),
    [
        (sla.TimeLimit(0, sla.Unit.WORKING_DAY), "the same day", "trong ngày"),
        (sla.TimeLimit(1, sla.Unit.WORKING_DAY), "1 working day", "1 ngày làm việc"),
        (sla.TimeLimit(15, sla.Unit.CALENDAR_DAY), "15 calendar days", "15 ngày"),
        (sla.TimeLimit(2, sla.Unit.WEEK), "2 weeks", "2 tuần"),
        (sla.TimeLimit(6, sla.Unit.MONTH), "6 months", "6 tháng"),
        (sla.TimeLimit(1, sla.Unit.YEAR), "1 year", "1 năm"),
    ],
)
def test_a_limit_is_told_in_words(limit: sla.TimeLimit, en: str, vi: str) -> None:
    assert (words.limit_text("en", limit), words.limit_text("vi", limit)) == (en, vi)


@pytest.mark.parametrize(
    ("moment", "en", "vi"),
    [
        (date(2025, 4, 28), "Mon 2025-04-28", "thứ Hai 28/04/2025"),
        (date(2025, 5, 4), "Sun 2025-05-04", "Chủ nhật 04/05/2025"),
        (at("2025-05-06T23:59:59"), "Tue 2025-05-06 23:59:59", "thứ Ba 06/05/2025 23:59:59"),
    ],
)
def test_a_moment_is_told_with_its_weekday(moment: date, en: str, vi: str) -> None:
    assert (words.moment_text("en", moment), words.moment_text("vi", moment)) == (en, vi)


@pytest.mark.parametrize(
    ("citation", "en", "vi"),
    [
        (sla.Citation("cc", "147", "2"), "art. 147(2) 91/2015/QH13", "Điều 147(2) 91/2015/QH13"),
        (sla.Citation("cc", "5", "3", "a"), "art. 5(3)(a) 91/2015/QH13", "Điều 5(3)(a) 91/2015/QH13"),
        (sla.Citation("cc", "whole"), "91/2015/QH13, whole", "91/2015/QH13, whole"),
    ],
)
def test_a_citation_is_told_by_the_number_of_its_instrument(citation: sla.Citation, en: str, vi: str) -> None:
    assert (words.cite("en", citation, "91/2015/QH13"), words.cite("vi", citation, "91/2015/QH13")) == (en, vi)


def test_another_language_is_refused() -> None:
    with pytest.raises(sla.InputError, match="'fr' is no language of this package; choose en or vi"):
        words.say("fr", "due")
