"""The words of explanations and summaries, in English and Vietnamese; one table, so that neither lags behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from slaengine.errors import InputError
from slaengine.rule import CutOff, Part, TimeLimit
from slaengine.vocabulary import Citation, Status, Unit

__all__ = [
    "LANGUAGES",
    "STATUS",
    "cite",
    "cut_off_text",
    "date_text",
    "day_text",
    "limit_text",
    "moment_text",
    "parts_text",
    "say",
]

LANGUAGES = ("en", "vi")

STATUS = {
    Status.UNKNOWN: ("unknown", "chưa xác định"),
    Status.EARLY: ("early", "trước hạn"),
    Status.ON_TIME: ("on time", "đúng hạn"),
    Status.LATE: ("late", "quá hạn"),
    Status.RUNNING: ("running", "trong hạn"),
    Status.OVERDUE: ("overdue", "đang quá hạn"),
    Status.SUSPENDED: ("suspended", "tạm dừng"),
}
UNITS = {
    Unit.WORKING_DAY: ("working day", "working days", "ngày làm việc"),
    Unit.CALENDAR_DAY: ("calendar day", "calendar days", "ngày"),
    Unit.WEEK: ("week", "weeks", "tuần"),
    Unit.MONTH: ("month", "months", "tháng"),
    Unit.YEAR: ("year", "years", "năm"),
    Unit.WORKING_HOUR: ("working hour", "working hours", "giờ làm việc"),
    Unit.HOUR: ("hour", "hours", "giờ"),
}
WEEKDAYS = (
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
)
PHRASES = {
    "same_day": ("the same day", "trong ngày"),
    "rule": ("Rule", "Quy định"),
    "limit": ("Limit", "Thời hạn"),
    "law": ("Legal ground", "Căn cứ"),
    "counting": ("Counting", "Cách tính"),
    "in_force": ("In force", "Hiệu lực"),
    "from_until": ("from {0} until the day before {1}", "từ {0} đến trước {1}"),
    "from": ("from {0}", "từ {0}"),
    "since_unknown": (
        "read as in force on {0}; since when it holds was not read",
        "đọc thấy đang có hiệu lực ngày {0}; chưa đọc được ngày bắt đầu có hiệu lực",
    ),
    "received": ("Received", "Tiếp nhận"),
    "deemed": ("counts as received {0}", "được tính là tiếp nhận {0}"),
    "day_zero": ("not counted (day zero)", "không tính (ngày tiếp nhận)"),
    "ends_here": ("the limit ends on this day", "thời hạn kết thúc vào ngày này"),
    "after_last": ("not the end", "chưa phải ngày kết thúc"),
    "pushed": (
        "received after the cut-off, so the limit ends on {0}",
        "tiếp nhận sau giờ chốt nên thời hạn kết thúc vào {0}",
    ),
    "pushed_off": (
        "a day off, and received after the cut-off, so the limit ends a working day after the next one, on {0}",
        "là ngày nghỉ và tiếp nhận sau giờ chốt nên thời hạn kết thúc vào ngày làm việc sau ngày kế tiếp, {0}",
    ),
    "clamped": (
        "a day off; the limit does not end before the receipt, so on {0}",
        "là ngày nghỉ; thời hạn không kết thúc trước ngày tiếp nhận nên kết thúc vào {0}",
    ),
    "month_end": ("that month has no day {0}, so {1}", "tháng đó không có ngày {0} nên là {1}"),
    "late": ("after the cut-off ({0})", "sau giờ chốt ({0})"),
    "before_closing": ("{0} minutes before closing", "{0} phút trước giờ đóng cửa"),
    "ignored": ("later than the day judged on, so not yet", "sau ngày xét nên chưa tính"),
    "day_n": ("day {0}", "ngày thứ {0}"),
    "days_n": ("days {0} to {1}", "ngày thứ {0} đến {1}"),
    "weekly_rest": ("weekly rest", "nghỉ hằng tuần"),
    "day_off": ("day off", "ngày nghỉ"),
    "make_up": ("make-up working day", "ngày làm bù"),
    "special": ("other hours", "giờ làm việc khác"),
    "stopped": ("the clock stands still", "tạm dừng, không tính"),
    "open": ("{0} h {1:02d} min counted", "tính {0} giờ {1:02d} phút"),
    "closed": ("closed", "ngoài giờ làm việc"),
    "then": ("{0}, then {1}", "{0}, sau đó {1}"),
    "earlier": ("{0}, or if earlier {1}", "{0} hoặc {1}, tùy hạn nào đến trước"),
    "later": ("{0}, or if later {1}", "{0} hoặc {1}, tùy hạn nào đến sau"),
    "stop": ("Stopped", "Tạm dừng"),
    "restart": ("Starts anew", "Tính lại"),
    "extension": ("Extended", "Gia hạn"),
    "not_ended": ("not ended", "chưa kết thúc"),
    "counted": ("counted, due then {0}", "được tính, hạn khi đó là {0}"),
    "stands_still": ("counted, the clock stands still", "được tính, thời hạn đang tạm dừng"),
    "void": ("after the due time, changes nothing; due {0}", "sau hạn nên không làm thay đổi hạn {0}"),
    "promise": ("Promise", "Lịch hẹn"),
    "flags": ("Noted", "Lưu ý"),
    "other_basis": ("Other basis", "Cơ sở kia"),
    "last_day": ("Last day", "Ngày cuối"),
    "rolled": ("a day off, so the limit ends on {0}", "là ngày nghỉ nên thời hạn kết thúc vào {0}"),
    "due": ("Due", "Hạn trả"),
    "finished": ("Finished", "Có kết quả"),
    "today": ("Judged on", "Ngày xét"),
    "status": ("Status", "Kết luận"),
    "margin_saved": ("{0} working day(s) saved", "sớm {0} ngày làm việc"),
    "margin_late": (
        "{0} working day(s) late ({1} calendar day(s))",
        "trễ {0} ngày làm việc ({1} ngày theo lịch)",
    ),
    "elapsed": ("{0} working day(s) used", "đã dùng {0} ngày làm việc"),
    "elapsed_minutes": ("{0} minute(s) used", "đã dùng {0} phút"),
    "problem": ("Problem", "Lý do"),
    "provisional": (
        "The calendar of one of these years is foreseen, not announced.",
        "Lịch nghỉ của một trong các năm này là dự kiến, chưa công bố chính thức.",
    ),
    "pack": ("Rule pack", "Bộ quy tắc"),
    "no_due": ("There is no due date.", "Không xác định được hạn trả."),
}


def say(language: str, phrase: str, *values: object) -> str:
    """A phrase of the table with its values filled in.

    >>> say("vi", "day_n", 3)
    'ngày thứ 3'
    """
    return PHRASES[phrase][_index(language)].format(*values)


def status_text(language: str, status: Status) -> str:
    """The label of a status."""
    return STATUS[status][_index(language)]


def limit_text(language: str, limit: TimeLimit) -> str:
    """How long the law allows, in words.

    >>> limit_text("en", TimeLimit(5, Unit.WORKING_DAY))
    '5 working days'
    """
    if limit.amount == 0:
        return say(language, "same_day")
    one, many, vi = UNITS[limit.unit]
    if language == "vi":
        return f"{str(limit.amount).replace('.', ',')} {vi}"
    return f"{limit.amount} {one if limit.amount == 1 else many}"


def parts_text(language: str, parts: Sequence[Part]) -> str:
    """A limit of several parts in words: `15 calendar days, then 8 working days`."""
    text = limit_text(language, parts[0].limit)
    for part in parts[1:]:
        text = say(language, part.combine, text, limit_text(language, part.limit))
    return text


def cut_off_text(language: str, cut_off: CutOff) -> str:
    """When a cut-off falls: `15:00`, or so many minutes before closing."""
    if cut_off.time is None:
        return say(language, "before_closing", cut_off.minutes_before_closing)
    return f"{cut_off.time // 3600:02d}:{cut_off.time // 60 % 60:02d}"


def day_text(language: str, day: date) -> str:
    """A date with its weekday: `Mon 2025-04-28`, `thứ Hai 28/04/2025`."""
    return f"{WEEKDAYS[_index(language)][day.weekday()]} {date_text(language, day)}"


def date_text(language: str, day: date) -> str:
    """A date as the language writes it: `2025-04-28`, `28/04/2025`."""
    return f"{day:%d/%m/%Y}" if language == "vi" else f"{day:%Y-%m-%d}"


def moment_text(language: str, moment: date) -> str:
    """A date, or an instant with its time of day."""
    text = day_text(language, moment)
    return f"{text} {moment:%H:%M:%S}" if isinstance(moment, datetime) else text


def cite(language: str, citation: Citation, number: str) -> str:
    """A citation by the number of its instrument: `art. 147(2) 91/2015/QH13`."""
    places = "".join(f"({place})" for place in (citation.clause, citation.point) if place)
    if not citation.article[:1].isdigit():
        return f"{number}, {citation.article}{places}"
    return f"{'Điều' if language == 'vi' else 'art.'} {citation.article}{places} {number}"


def _index(language: str) -> int:
    if language not in LANGUAGES:
        raise InputError(f"{language!r} is no language of this package", hint=f"choose {' or '.join(LANGUAGES)}")
    return LANGUAGES.index(language)
