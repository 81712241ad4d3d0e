"""What holds for all phrases and lists, not only for those that were thought of."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slaengine.registry.amounts import find_amounts, fold, in_words, mask, normal, spoken
from slaengine.registry.deciding import decide
from slaengine.registry.entries import read_entries
from slaengine.registry.grading import Figure, Grade, Says, grade
from slaengine.registry.limits import Part, StatedLimit
from slaengine.registry.phrases import States, read_words
from slaengine.registry.sheet import ListRow, Sheet
from slaengine.vocabulary import Unit

UNITS = {
    Unit.WORKING_DAY: ["ngày làm việc", "ngày  làm việc", "Ngày làm việc", "ngay lam viec"],
    Unit.CALENDAR_DAY: ["ngày", "NGÀY"],
    Unit.WEEK: ["tuần"],
    Unit.MONTH: ["tháng"],
    Unit.YEAR: ["năm"],
    Unit.WORKING_HOUR: ["giờ làm việc"],
    Unit.HOUR: ["giờ"],
}
LEADS = ["", "Miễn phí", "Không có thông tin", "Thời hạn giải quyết: ", "- ", "* Thời hạn giải quyết: - "]
MOST = ["", "Trong thời hạn ", "không quá ", "Không quá ", "tối đa là ", "chậm nhất ", "Trong vòng "]
SINCE = ["", " kể từ ngày nhận đủ hồ sơ hợp lệ", ", kể từ khi nhận đủ hồ sơ theo quy định", " từ ngày tiếp nhận hồ sơ"]
ENDS = ["", ".", ";", " (không tính thời gian bổ sung hồ sơ).", ", cơ quan có thẩm quyền cấp giấy phép;"]
CONDITIONS = [" đối với trường hợp cấp mới", ", trường hợp phức tạp thì kéo dài", " nếu phải xác minh"]

units = st.sampled_from(list(UNITS))


@st.composite
def written(draw: st.DrawFn, part: Part) -> str:
    """An amount as somebody could have written it."""
    whole = part.amount == int(part.amount)
    forms = [str(part.amount.normalize()) if not whole else str(int(part.amount))]
    forms += [forms[0].replace(".", ",")]
    if whole and part.amount < 1000:
        number = int(part.amount)
        forms += [f"{number:02}", f"{number:02} ({spoken(number)})", spoken(number), f"{spoken(number)} ({number})"]
    return f"{draw(st.sampled_from(forms))} {draw(st.sampled_from(UNITS[part.unit]))}"


@st.composite
def parts(draw: st.DrawFn) -> Part:
    unit = draw(units)
    whole = st.integers(1, 999).map(Decimal)
    halves = st.integers(0, 40).map(lambda n: Decimal(n) + Decimal("0.5"))
    return Part(draw(st.one_of(whole, halves) if unit is Unit.WORKING_DAY else whole), unit)


@given(st.data(), st.lists(parts(), min_size=1, max_size=3))
def test_a_limit_that_was_written_is_read(data: st.DataObject, limit: list[Part]) -> None:
    amounts = " và ".join(data.draw(written(part)) for part in limit)
    lead, most, since, end = (data.draw(st.sampled_from(choices)) for choices in (LEADS, MOST, SINCE, ENDS))
    space = " " * (lead[-1:].isalpha() and amounts[0].isalpha())  # a list may glue a number to a word, not two words
    reading = read_words(f"{lead}{most}{space}{amounts}{since}{end}")
    assert (reading.states, reading.limits) == (States.SINGLE, (StatedLimit(tuple(limit)),))
    assert normal(reading.span).lower() == normal(amounts).lower()


@given(st.data(), parts(), st.sampled_from(CONDITIONS))
def test_a_condition_keeps_a_limit_from_being_sure(data: st.DataObject, part: Part, condition: str) -> None:
    words = f"{data.draw(st.sampled_from(MOST))}{data.draw(written(part))}{condition}"
    for figure in (Figure(), Figure(Says.UNIT, part.amount, part.unit)):
        assert grade(figure, read_words(words)).grade is not Grade.SURE


@given(st.data(), parts(), parts())
def test_figure_and_words_are_sure_only_together(data: st.DataObject, figure: Part, words: Part) -> None:
    graded = grade(Figure(Says.UNIT, figure.amount, figure.unit), read_words(data.draw(written(words))))
    assert (graded.grade is Grade.SURE) == (figure == words)
    assert graded.limit in {None, StatedLimit((words,))}


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    reading = read_words(text)
    assert all(part.amount >= 0 for limit in reading.limits for part in limit.parts)
    assert len(fold(text)) == len(mask(text)) == len(text)


@given(st.text("0123456789 ,./½ngàylmviệcthươ()-đếnvàốkể", max_size=60))
def test_amounts_stand_where_they_are_said_to(text: str) -> None:
    text = normal(text)
    found = list(find_amounts(text))
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(re.search(r"[\d½]|\w", text[amount.start : amount.end]) for amount in found)


@given(st.integers(0, 999))
def test_numbers_in_words_round_trip(number: int) -> None:
    assert in_words(spoken(number)) == number


cells = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["1", "2"]),
        "title_vi": st.sampled_from(["Cấp", "Cấp lại"]),
        "level": st.sampled_from(["xã", "tỉnh;xã", "sao"]),
        "decision": st.sampled_from(["1/QĐ-X", "Demo"]),
        "amount": st.sampled_from(["", "3", "7", "120", "99999", "05 ngày"]),
        "unit": st.sampled_from(["", "ngày", "ngày làm việc", "giờ", "quả", "glued_with_fee"]),
        "words": st.sampled_from(["", "03 ngày", "07 ngày làm việc", "07 ngày đối với cấp mới", "không quy định"]),
    }
)


@given(st.lists(cells, max_size=8))
def test_every_row_has_one_fate(rows: list[dict[str, str]]) -> None:
    listed = [ListRow("l", number, row) for number, row in enumerate(rows, start=2)]
    told: list[int] = []
    entries, rejected = read_entries([Sheet("l", listed)], told.append)
    decided = decide(entries, {}, {})
    shipped = {entry.key for entry in entries} - decided.doubts.keys()
    assert len(rows) == len(shipped) + len(decided.doubts) + len(rejected) == len(told)
    keys = [one.key for one in decided.shipped]
    assert len(keys) == len(set(keys))
    for one in decided.shipped:
        assert all(entry.graded.limit == one.limit for entry in one.entries)
