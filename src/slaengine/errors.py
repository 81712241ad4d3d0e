"""Errors, and the one table that links a problem to its exception, the columns it empties and its words."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Self

from slaengine.vocabulary import Problem

__all__ = [
    "PROBLEMS",
    "CoverageError",
    "Empties",
    "Fault",
    "InputError",
    "NotInForceError",
    "RuleNotFoundError",
    "RulePackError",
    "SlaError",
    "describe",
    "raise_problem",
]


class SlaError(ValueError):
    """Root of every error; says what is wrong (`str`), as which problem, and what to do (`hint`)."""

    def __init__(self, message: str, *, problem: Problem = Problem.NONE, hint: str = "") -> None:
        super().__init__(message)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; {self.hint}" if self.hint else message


class RuleNotFoundError(SlaError):
    """No such procedure, level or variant in the pack; the hint names near ones."""


class NotInForceError(SlaError):
    """The rule exists, but not on that date; the hint says when it was in force."""


class CoverageError(SlaError):
    """A calendar says nothing about a day that is needed; the hint says what is covered."""


class InputError(SlaError):
    """The record, column or file itself is at fault."""


class Fault(NamedTuple):
    """One thing wrong with a rule pack, where, and what to do about it."""

    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class RulePackError(SlaError, ExceptionGroup[Exception]):
    """Every fault of a rule pack at once; `.faults` lists them with file and line."""

    faults: tuple[Fault, ...]

    def __new__(cls, name: str, faults: tuple[Fault, ...]) -> Self:
        """Group the faults, as `ExceptionGroup` wants it."""
        self = ExceptionGroup.__new__(cls, cls._summary(name, faults), [SlaError(str(fault)) for fault in faults])
        self.faults = faults
        return self

    def __reduce__(self) -> tuple[type[RulePackError], tuple[str, tuple[Fault, ...]]]:
        return type(self), (self.name, self.faults)

    def __init__(self, name: str, faults: tuple[Fault, ...]) -> None:
        SlaError.__init__(self, self._summary(name, faults))
        self.name = name

    @staticmethod
    def _summary(name: str, faults: tuple[Fault, ...]) -> str:
        return f"rule pack {name} does not load: {len(faults)} fault(s)"

    def __str__(self) -> str:
        return "\n".join([str(self.args[0]), *(f"  {fault}" for fault in self.faults)])


class Empties(IntEnum):
    """Which columns of the answer a problem makes null; a due date that is known stays known."""

    NOTHING = 0
    MARGIN = 1
    JUDGEMENT = 2
    EVERYTHING = 3


class Entry(NamedTuple):
    """A row of the table of problems."""

    error: type[SlaError] | None
    empties: Empties
    en: str
    vi: str


_RULE, _INPUT, _ALL = RuleNotFoundError, InputError, Empties.EVERYTHING

PROBLEMS: dict[Problem, Entry] = {
    Problem.NONE: Entry(None, Empties.NOTHING, "no problem", "không có vướng mắc"),
    Problem.PROCEDURE_MISSING: Entry(_INPUT, _ALL, "no procedure is given", "thiếu mã thủ tục"),
    Problem.PROCEDURE_UNKNOWN: Entry(_RULE, _ALL, "the pack has no such procedure", "bộ quy tắc không có thủ tục này"),
    Problem.LEVEL_MISSING: Entry(_INPUT, _ALL, "no level is given", "thiếu cấp giải quyết"),
    Problem.LEVEL_UNKNOWN: Entry(
        _RULE, _ALL, "the procedure has no limit at this level", "thủ tục không có thời hạn ở cấp này"
    ),
    Problem.VARIANT_NEEDED: Entry(
        _INPUT, _ALL, "the procedure needs a variant to be named", "cần nêu rõ trường hợp của thủ tục"
    ),
    Problem.VARIANT_UNKNOWN: Entry(_RULE, _ALL, "the procedure has no such variant", "thủ tục không có trường hợp này"),
    Problem.RECEIVED_MISSING: Entry(_INPUT, _ALL, "no time of receipt is given", "thiếu thời điểm tiếp nhận"),
    Problem.RECEIVED_UNREADABLE: Entry(
        _INPUT, _ALL, "the time of receipt cannot be read", "không đọc được thời điểm tiếp nhận"
    ),
    Problem.NONEXISTENT_TIME: Entry(
        _INPUT,
        _ALL,
        "the time of receipt was skipped by a clock change",
        "thời điểm tiếp nhận rơi vào khoảng bị bỏ qua khi đổi giờ",
    ),
    Problem.NOT_IN_FORCE: Entry(
        NotInForceError, _ALL, "no version of the rule was in force", "không có quy định có hiệu lực tại ngày đó"
    ),
    Problem.CALENDAR_NOT_COVERED: Entry(
        CoverageError,
        _ALL,
        "the calendar does not cover the days needed",
        "lịch làm việc chưa có dữ liệu cho các ngày cần tính",
    ),
    Problem.TIME_NEEDED: Entry(
        _INPUT,
        _ALL,
        "the rule needs the hour of receipt, not only the date",
        "quy định cần giờ tiếp nhận, không chỉ ngày",
    ),
    Problem.ATTRIBUTE_NEEDED: Entry(
        _INPUT,
        _ALL,
        "the rule depends on an attribute that is not given",
        "thiếu thông tin mà quy tắc cần để tính hạn",
    ),
    Problem.NO_SUCH_DAY: Entry(
        _INPUT,
        _ALL,
        "the month lacks the corresponding day, and the rule refuses to choose",
        "tháng không có ngày tương ứng",
    ),
    Problem.NO_CLOSING_TIME: Entry(
        _INPUT, _ALL, "the due day has no closing time", "ngày đến hạn không có giờ đóng cửa"
    ),
    Problem.START_EVENT_MISSING: Entry(
        _INPUT,
        _ALL,
        "the event that starts the clock is not given",
        "thiếu thời điểm của sự kiện bắt đầu tính thời hạn",
    ),
    Problem.EVENT_UNREADABLE: Entry(
        _INPUT,
        _ALL,
        "a clock event cannot be read, or ends before it begins",
        "không đọc được một sự kiện của thời hạn, hoặc sự kiện kết thúc trước khi bắt đầu",
    ),
    Problem.SUPPLEMENT_UNRULED: Entry(
        _INPUT,
        _ALL,
        "the rule does not say what a supplement does to the limit",
        "quy định không nêu việc bổ sung hồ sơ ảnh hưởng thế nào đến thời hạn",
    ),
    Problem.STOP_BEFORE_EXTENSION: Entry(
        _INPUT,
        _ALL,
        "a stop begins in a part of the limit that an extension already follows",
        "có lần tạm dừng bắt đầu trong phần thời hạn mà việc gia hạn đã nối tiếp",
    ),
    Problem.FINISHED_UNREADABLE: Entry(
        _INPUT, Empties.JUDGEMENT, "the time of the finish cannot be read", "không đọc được thời điểm có kết quả"
    ),
    Problem.FINISHED_BEFORE_RECEIVED: Entry(
        _INPUT, Empties.JUDGEMENT, "finished before it was received", "có kết quả trước khi tiếp nhận"
    ),
    Problem.RECEIVED_AFTER_TODAY: Entry(_INPUT, Empties.JUDGEMENT, "received after today", "tiếp nhận sau ngày xét"),
    Problem.MARGIN_NOT_COVERED: Entry(
        None,
        Empties.MARGIN,
        "the margin lies outside the calendar's coverage",
        "lịch chưa đủ để tính số ngày chênh lệch",
    ),
    Problem.TODAY_NEEDED: Entry(
        None, Empties.JUDGEMENT, "an unfinished case needs a date to be judged on", "cần ngày xét cho hồ sơ chưa xong"
    ),
}


def describe(problem: Problem, language: str = "en") -> str:
    """The words for a problem in English (`en`) or Vietnamese (`vi`).

    >>> describe(Problem.NOT_IN_FORCE)
    'no version of the rule was in force'
    """
    entry = PROBLEMS[problem]
    return {"en": entry.en, "vi": entry.vi}[language]


def raise_problem(problem: Problem, record: str, hint: str = "") -> None:
    """Raise the problem's exception, naming the record; a problem that only empties columns passes."""
    error = PROBLEMS[problem].error
    if error is not None:
        raise error(f"{record}: {describe(problem)}", problem=problem, hint=hint)
