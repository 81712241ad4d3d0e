"""What words state, phrase by phrase: written down by hand, never taken from the reader."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest

from slaengine.registry.amounts import find_amounts, fold, in_words, normal
from slaengine.registry.limits import StatedLimit
from slaengine.registry.phrases import States, read_words

SINGLE = [
    ("Trong thời hạn 03 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ", "3 working_day"),
    ("Không quá 30 ngày", "30 calendar_day"),
    ("không quá ba mươi (30) ngày, kể từ ngày nhận đủ hồ sơ", "30 calendar_day"),
    ("05 (năm) ngày làm việc kể từ ngày nhận hồ sơ hợp lệ.", "5 working_day"),
    ("3,5 ngày làm việc", "3.5 working_day"),
    ("3.5 ngày làm việc", "3.5 working_day"),
    ("3½ ngày làm việc", "3.5 working_day"),
    ("½ ngày", "0.5 calendar_day"),
    ("1/2 ngày làm việc", "0.5 working_day"),
    ("nửa ngày làm việc", "0.5 working_day"),
    ("một ngày rưỡi", "1.5 calendar_day"),
    ("mười lăm ngày làm việc", "15 working_day"),
    ("hai mươi mốt ngày", "21 calendar_day"),
    ("một trăm hai mươi ngày", "120 calendar_day"),
    ("15 ngày và 08 ngày làm việc", "15 calendar_day + 8 working_day"),
    ("Thời gian giải quyết 15 ngày làm việc và 47 ngày.", "15 working_day + 47 calendar_day"),
    ("15 ngày + 08 ngày làm việc", "15 calendar_day + 8 working_day"),
    ("02 tuần", "2 week"),
    ("Trong vòng 3 tháng kể từ ngày nhận đủ hồ sơ", "3 month"),
    ("02 năm kể từ ngày nhận đơn", "2 year"),
    ("năm năm", "5 year"),
    ("24 giờ kể từ khi tiếp nhận hồ sơ", "24 hour"),
    ("8h kể từ khi tiếp nhận hồ sơ", "8 hour"),
    ("30 phút", "0.5 hour"),
    ("Không quá 02 (hai) giờ làm việc, kể từ khi đã nhận đủ các giấy tờ hợp lệ", "2 working_hour"),
    ("trong ngày làm việc", "0 working_day"),
    ("Ngay trong ngày tiếp nhận hồ sơ", "0 working_day"),
    (
        "Trong ngày; tiếp nhận sau 15 giờ thì trả kết quả trong ngày làm việc tiếp theo",
        "0 working_day cut_off 15:00",
    ),
    (
        "Trong ngày làm việc nhận được hồ sơ; nếu nhận hồ sơ sau 15 giờ 30 thì trả kết quả trong ngày làm việc tiếp theo.",
        "0 working_day cut_off 15:30",
    ),
    ("Miễn phí06 ngày làm việc, kể từ ngày nhận đủ hồ sơ theo quy định", "6 working_day"),
    ("Không có thông tinTối đa là 15 ngày, kể từ ngày nhận đủ hồ sơ hợp lệ", "15 calendar_day"),
    ("+ 30 triệu đồng/Giấy phép.)30 ngày kể từ ngày UBCKNN nhận được hồ sơ đầy đủ, hợp lệ.", "30 calendar_day"),
    ("07 ngày làm việc (Sở: 03 ngày; UBND cấp xã: 04 ngày)", "7 working_day"),
    ("30 ngày, kể từ ngày nhận được hồ sơ hợp lệ (bao gồm 20 ngày bổ nhiệm và 10 ngày cấp thẻ)", "30 calendar_day"),
    ("09 ngày làm việc kể từ ngày tiếp nhận hồ sơ (không tính thời gian bổ sung hồ sơ)", "9 working_day"),
    ("Thời hạn giải quyết: 05 ngày làm vệc", "5 working_day"),
    ("5 ngay lam viec ke tu ngay nhan du ho so", "5 working_day"),
    ("10 ngày làm việc, trường hợp từ chối phải trả lời bằng văn bản nêu rõ lý do", "10 working_day"),
]
NOT_SINGLE = [
    ("không quá 30 ngày; vụ việc phức tạp không quá 45 ngày", States.SEVERAL, "30 calendar_day | 45 calendar_day"),
    ("tiếp nhận sau 15 giờ thì trả kết quả trong ngày làm việc tiếp theo", States.CASE, "0 working_day cut_off 15:00"),
    ("27 ngày làm việc đối với trường hợp trồng rừng thay thế tại địa phương khác", States.CASE, "27 working_day"),
    ("Trường hợp cần xác minh: 05 ngày làm việc", States.CASE, "5 working_day"),
    ("02 ngày làm việc kể từ ngày kết thúc kiểm tra", States.CASE, "2 working_day"),
    ("20 ngày, kể từ ngày hết hạn bàn giao nhà ở", States.CASE, "20 calendar_day"),
    ("15 ngày, kể từ ngày nhận được tờ trình của cơ quan quản lý", States.CASE, "15 calendar_day"),
    ("07 ngày làm việc kể từ ngày nhận đủ hồ sơ và kết quả kiểm tra cơ sở", States.CASE, "7 working_day"),
    ("từ 03 đến 05 ngày làm việc", States.CASE, "5 working_day"),
    ("03 - 05 ngày làm việc", States.CASE, "5 working_day"),
    ("15 (mười bốn) ngày", States.SEVERAL, "15 calendar_day"),
    ("60 ngày đối với cấp mới; 15 ngày đối với cấp lại", States.SEVERAL, "60 calendar_day | 15 calendar_day"),
    ("25 ngày (20 ngày đối với cấp mới; 05 ngày đối với cấp lại)", States.SEVERAL, "25 calendar_day | 20 calendar_day | 5 calendar_day"),
    ("07 ngày làm việc/tờ", States.CASE, "7 working_day"),
    ("Thời hạn kiểm tra: 02 ngày làm việc", States.CASE, "2 working_day"),
    ("Trong thời hạn 03 ngày làm việc kể từ khi nhận hồ sơ, hướng dẫn tổ chức hoàn thiện hồ sơ", States.CASE, "3 working_day"),
    ("", States.NONE, ""),
    ("Thời hạn giải quyết:", States.NONE, ""),
    ("Miễn phí", States.NONE, ""),
    ("Không quy định", States.DENIED, ""),
    ("(không quy định thời gian giải quyết)", States.DENIED, ""),
    ("chưa quy định cụ thể về thời gian giải quyết", States.DENIED, ""),
    ("trước ngày 31 tháng 12 hàng năm", States.OTHER, ""),
    ("Ngay sau khi nhận đủ hồ sơ", States.OTHER, ""),
    ("Trước khi tàu cập cảng", States.OTHER, ""),
]  # fmt: skip


def said(words: str) -> str:
    return " | ".join(map(str, read_words(words).limits))


@pytest.mark.parametrize(("words", "limit"), SINGLE)
def test_one_limit_is_read(words: str, limit: str) -> None:
    assert (read_words(words).states, said(words)) == (States.SINGLE, limit)


@pytest.mark.parametrize(("words", "limit"), SINGLE)
def test_composed_and_decomposed_letters_read_the_same(words: str, limit: str) -> None:
    assert said(unicodedata.normalize("NFD", words)) == limit
    assert said(f"  {words.replace(' ', chr(160))} ") == limit


@pytest.mark.parametrize(("words", "states", "limits"), NOT_SINGLE)
def test_what_leaves_a_choice_is_not_taken_for_one_limit(words: str, states: States, limits: str) -> None:
    assert (read_words(words).states, said(words)) == (states, limits)


@pytest.mark.parametrize(("words", "limit"), SINGLE[:10])
def test_words_that_are_cut_off_state_nothing(words: str, limit: str) -> None:
    assert read_words(words, cut=True).states is States.CUT


@pytest.mark.parametrize(
    "words",
    [
        "-" * 5_000 + "x",
        "- " * 5_000 + "5 ngày x",
        "đồng " * 2_000 + "5 ngày",
        "(không tính " * 1_000,
        "thời gian " * 2_000 + "5 ngày",
        "Thời hạn thẩm định, " * 500 + ": 5 ngày",
        "kể từ ngày nhận đủ hồ sơ " * 500,
        "5 ngày " * 2_000,
        "hai mươi " * 2_000 + "ngày",
    ],
)
def test_long_words_are_read_in_a_moment(words: str) -> None:
    assert read_words(words).states is not States.SINGLE


def test_steps_add_up() -> None:
    words = "Thời hạn tiếp nhận và kiểm tra hồ sơ: 03 ngày làm việc; Thời hạn thẩm định hồ sơ: 12 ngày làm việc, kể từ ngày có phiếu;"
    assert (read_words(words).states, said(words)) == (States.STAGES, "15 working_day")
    assert [(step.name_vi, step.name_en, str(step.part)) for step in read_words(words).steps] == [
        ("tiếp nhận và kiểm tra hồ sơ", "Reception, check", "3 working_day"),
        ("thẩm định hồ sơ", "Appraisal", "12 working_day"),
    ]
    mixed = words.replace("12 ngày làm việc", "12 ngày")
    assert read_words(mixed).states is States.SEVERAL


def test_the_span_is_where_the_limit_stands() -> None:
    words = "Miễn phíTrong thời hạn 30 (ba mươi) ngày kể từ ngày nhận đủ hồ sơ"
    assert read_words(words).span == "30 (ba mươi) ngày"
    assert read_words("15 ngày và 08 ngày làm việc.").span == "15 ngày và 08 ngày làm việc"
    assert read_words("Giải quyết trong ngày làm việc.").span == "trong ngày làm việc"


@pytest.mark.parametrize(
    "words",
    [
        "Luật số 47/2014/QH13 ngày 16/6/2014",
        "Từ ngày 01 tháng 7 năm 2026",
        "Quyết định số 15 ngày 20/3/2026",
        "sau 15 giờ cùng ngày",
        "trước 15h00",
        "lệ phí 1.025.000 đồng",
        "vào thứ hai hằng tuần",
        "10/3 ngày",
    ],
)
def test_dates_hours_and_sums_of_money_are_no_amounts(words: str) -> None:
    assert list(find_amounts(normal(words))) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("không", 0),
        ("mười", 10),
        ("mười một", 11),
        ("hai mươi tư", 24),
        ("chín mươi chín", 99),
        ("hai trăm lẻ sáu", 206),
    ],
)
def test_numbers_in_words(text: str, number: int) -> None:
    assert in_words(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "ba hai", "mươi", "mốt", "mười mười", "trăm", "ngày", "một mươi", "linh năm"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert in_words(text) is None


def test_folding_keeps_places() -> None:
    text = "Đã nhận ĐỦ hồ sơ - ½ ngày"
    assert fold(text) == "da nhan du ho so - ½ ngay"
    assert len(fold("ﬁ İ ß")) == len("ﬁ İ ß")


@pytest.mark.parametrize(
    "text", ["", "7", "7 days", "working_day 7", "7 working_day + ", "-1 working_day", "0 working_day cut_off 9"]
)
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write 7 working_day"):
        StatedLimit.read(text)
