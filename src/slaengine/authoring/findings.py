"""What `check` tells beside faults: each kind of finding with its weight, words and remedy, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from slaengine.authoring.files import Row, Source
from slaengine.errors import Fault
from slaengine.rule import TimeLimit
from slaengine.words import date_text, limit_text

__all__ = ["FINDINGS", "Finding", "Kind", "at_entry", "at_row", "of_fault"]

OPEN = "further notice", "khi có thay đổi"
"""What an end that is not set is called."""


class Kind(NamedTuple):
    """One kind of finding; a `note` tells what a pack leaves open, and is no finding unless it is asked for."""

    weight: str
    en: str
    vi: str
    remedy_en: str
    remedy_vi: str


class Finding(NamedTuple):
    """One thing that a pack says and hardly means: where, of which limit, between which days."""

    kind: str
    file: str
    line: int
    rule: str = ""
    since: date | None = None
    until: date | None = None
    values: Mapping[str, Any] = {}

    @property
    def weight(self) -> str:
        """`fault` (the pack does not load), `finding` or `note`."""
        return FINDINGS[self.kind].weight

    def message(self, language: str = "en") -> str:
        """What was found."""
        return self._filled(FINDINGS[self.kind].vi if language == "vi" else FINDINGS[self.kind].en, language)

    def remedy(self, language: str = "en") -> str:
        """What to do about it."""
        kind = FINDINGS[self.kind]
        return self._filled(kind.remedy_vi if language == "vi" else kind.remedy_en, language)

    def _filled(self, text: str, language: str) -> str:
        days = {"since": self.since, "until": self.until or OPEN[language == "vi"]}
        values = {**self.values, **days}
        return text.format(rule=self.rule, **{name: _said(value, language) for name, value in values.items()})

    def text(self, language: str = "en") -> str:
        """One line; a fault reads as it does where a pack is loaded."""
        remedy, place = self.remedy(language), f"{self.file}:{self.line}" if self.line else self.file
        told = f"{place}: {self.message(language)}" + (f" ({remedy})" if remedy else "")
        return told if self.kind == "fault" else f"{told} [{self.kind}]"

    def data(self) -> dict[str, Any]:
        """The same as plain values, in both languages."""
        days = {name: day.isoformat() if day else None for name, day in (("since", self.since), ("until", self.until))}
        texts = {
            name: {language: tell(language) for language in ("en", "vi")}
            for name, tell in (("message", self.message), ("remedy", self.remedy))
        }
        place = {"file": self.file, "line": self.line, "rule": self.rule or None}
        return {"weight": self.weight, "name": self.kind, **place, **days, **texts}


def _said(value: Any, language: str) -> Any:
    """Days, moments and limits in words; whatever else as it is."""
    if isinstance(value, TimeLimit):
        return limit_text(language, value)
    if isinstance(value, datetime):
        return f"{date_text(language, value)} {value:%H:%M:%S}"
    return date_text(language, value) if isinstance(value, date) else value


def of_fault(fault: Fault) -> Finding:
    """A fault among the findings."""
    return Finding("fault", fault.file, fault.line, values={"message": fault.message, "hint": fault.hint})


def at_row(kind: str, row: Row, rule: str = "", **values: Any) -> Finding:
    """A finding of a row of a CSV file."""
    return _at(kind, row.file, row.line, rule, values)


def at_entry(kind: str, source: Source, place: tuple[str | int, ...], **values: Any) -> Finding:
    """A finding of an entry of a TOML file."""
    return _at(kind, source.name, source.line(place), "", values)


def _at(kind: str, file: str, line: int, rule: str, values: dict[str, Any]) -> Finding:
    since, until = values.pop("since", None), values.pop("until", None)
    return Finding(kind, file, line, rule, since, until, values)


FINDINGS: dict[str, Kind] = {
    "fault": Kind("fault", "{message}", "{message}", "{hint}", "{hint}"),
    "gap": Kind(
        "finding",
        "{rule}: no version is in force from {since} until {until}",
        "{rule}: không có quy định có hiệu lực từ {since} đến trước {until}",
        "move effective_until or effective_from, or add the version between them",
        "sửa effective_until hoặc effective_from, hoặc bổ sung quy định còn thiếu",
    ),
    "overlap_as_known": Kind(
        "finding",
        "{rule}: read with what was known, the version before it still holds from {since} until {until}",
        "{rule}: theo những gì đã biết, quy định trước đó vẫn còn hiệu lực từ {since} đến trước {until}",
        "give the end of one version the until_known_from that the next has as known_from",
        "ghi until_known_from của quy định trước bằng known_from của quy định sau",
    ),
    "never_known": Kind(
        "finding",
        "{rule}: became known on {day}, when it had ended on {until}, so no office could ever apply it",
        "{rule}: được biết ngày {day} khi đã hết hiệu lực từ {until}, nên chưa bao giờ áp dụng được",
        "correct known_from or effective_until, or leave the version out",
        "sửa known_from hoặc effective_until, hoặc bỏ quy định này",
    ),
    "dead_part": Kind(
        "finding",
        "{rule}: part {part} ({limit}) never decides beside part {other}",
        "{rule}: phần {part} ({limit}) không bao giờ có tác dụng bên cạnh phần {other}",
        "leave the part out, or correct its amount",
        "bỏ phần này hoặc sửa lại thời hạn",
    ),
    "level_abolished": Kind(
        "finding",
        "{rule}: in force from {since} until {until}, though {successor} took over from {level} on {day}",
        "{rule}: có hiệu lực từ {since} đến trước {until} dù {successor} đã thay {level} từ {day}",
        "end the version on {day}, and give {successor} its own",
        "kết thúc quy định vào {day} và bổ sung quy định cho {successor}",
    ),
    "no_successor": Kind(
        "finding",
        "{rule}: {successor} took over from {level} on {since}, and has no limit then",
        "{rule}: {successor} thay {level} từ {since} nhưng chưa có thời hạn vào ngày đó",
        "add the limit of {successor}, or a succession of this procedure to another level",
        "bổ sung thời hạn của {successor}, hoặc ghi cấp kế thừa khác cho thủ tục này",
    ),
    "variant_without_default": Kind(
        "finding",
        "{rule}: from {since} until {until} there is this case and no ordinary one",
        "{rule}: từ {since} đến trước {until} có trường hợp này mà không có trường hợp thông thường",
        "add the ordinary case (an empty variant), or end this one with it",
        "bổ sung trường hợp thông thường (variant để trống) hoặc kết thúc trường hợp này cùng ngày",
    ),
    "commitment_longer": Kind(
        "finding",
        "{rule}: later than the statute ({law}) for {on} of {total} days of receipt from {since} until {until}, "
        "first {day}: due {promised} instead of {due}",
        "{rule}: muộn hơn thời hạn luật định ({law}) ở {on}/{total} ngày tiếp nhận từ {since} đến trước {until}, "
        "ngày đầu tiên {day}: hạn {promised} thay vì {due}",
        "shorten the commitment, or end it where the shorter statute begins",
        "rút ngắn cam kết, hoặc kết thúc cam kết khi thời hạn luật định ngắn hơn có hiệu lực",
    ),
    "steps_longer": Kind(
        "finding",
        "{rule}: its steps together take {steps}, the whole limit is {limit}",
        "{rule}: tổng thời hạn các bước là {steps}, trong khi toàn bộ thời hạn là {limit}",
        "shorten a step, or correct the limit",
        "rút ngắn một bước hoặc sửa lại thời hạn",
    ),
    "stale": Kind(
        "finding",
        "{rule}{more}: last compared with the text on {day}, more than 12 months ago",
        "{rule}{more}: đối chiếu với văn bản lần cuối ngày {day}, đã quá 12 tháng",
        "compare with the text and write the day into checked_on",
        "đối chiếu lại với văn bản và ghi ngày vào checked_on",
    ),
    "unchecked": Kind(
        "finding",
        "{rule}{more}: nobody is known to have compared it with the text",
        "{rule}{more}: chưa được đối chiếu với văn bản",
        "compare with the text and write the day into checked_on",
        "đối chiếu với văn bản và ghi ngày vào checked_on",
    ),
    "unverified": Kind(
        "finding",
        "{rule}{more}: rests only on what nobody read ({instruments})",
        "{rule}{more}: chỉ dựa vào văn bản chưa ai đọc ({instruments})",
        "read the text and set its flag to seen, or cite one that was read",
        "đọc văn bản và ghi flag = seen, hoặc dẫn văn bản đã đọc",
    ),
    "uncovered_years": Kind(
        "finding",
        "{rule}{more}: in force in {years}, which calendar {calendar} does not cover",
        "{rule}{more}: có hiệu lực trong {years} mà lịch {calendar} chưa có dữ liệu",
        "add the years to the calendar, or end the versions where they ended",
        "bổ sung các năm đó vào lịch, hoặc ghi ngày hết hiệu lực của quy định",
    ),
    "listed_twice": Kind(
        "finding",
        "{day} is listed twice",
        "ngày {day} được ghi hai lần",
        "keep one entry",
        "giữ lại một dòng",
    ),
    "make_up_on_working_day": Kind(
        "finding",
        "{day} is a make-up day, and a working day anyway",
        "{day} được ghi làm bù nhưng vốn là ngày làm việc",
        "correct the date, or list other hours of that day as a special_day",
        "sửa lại ngày, hoặc ghi giờ làm việc khác thành special_day",
    ),
    "substitute_on_rest_day": Kind(
        "finding",
        "{day} is a substitute day off, and a day of the weekly rest anyway",
        "{day} được ghi nghỉ bù nhưng vốn là ngày nghỉ hằng tuần",
        "correct the date",
        "sửa lại ngày",
    ),
    "special_on_day_off": Kind(
        "finding",
        "{day} has hours of its own, and is no working day",
        "{day} có giờ làm việc riêng nhưng không phải ngày làm việc",
        "correct the date, or list it as a make_up_day",
        "sửa lại ngày, hoặc ghi thành make_up_day",
    ),
    "no_limit": Kind(
        "finding",
        "procedure {code} has no limit",
        "thủ tục {code} không có thời hạn",
        "add one or leave the procedure out",
        "bổ sung thời hạn hoặc bỏ thủ tục này",
    ),
    "no_default": Kind(
        "note",
        "{rule}: each case of {code} has a limit of its own, and none is the ordinary one ({variants})",
        "{rule}: mỗi trường hợp của {code} có thời hạn riêng, không có trường hợp thông thường ({variants})",
        "nothing, if the law has no ordinary case; records must name theirs",
        "không cần sửa nếu luật không có trường hợp thông thường; hồ sơ phải nêu rõ trường hợp",
    ),
    "first_day_unread": Kind(
        "note",
        "{rule}: read as in force on {until}; what held from {since} on was not read",
        "{rule}: đọc thấy có hiệu lực ngày {until}; chưa đọc được quy định từ {since} đến trước ngày đó",
        "find the day from which it holds, and the version before it",
        "tìm ngày bắt đầu có hiệu lực và quy định trước đó",
    ),
    "commitment_alone": Kind(
        "note",
        "{rule}: a commitment from {since} until {until} beside no statutory limit",
        "{rule}: cam kết từ {since} đến trước {until} mà không có thời hạn luật định",
        "add the statutory limit, if there is one",
        "bổ sung thời hạn luật định nếu có",
    ),
    "before_calendar": Kind(
        "note",
        "{rule}{more}: older than calendar {calendar}; receipts in {years} have no due date",
        "{rule}{more}: có hiệu lực trước khi lịch {calendar} bắt đầu; hồ sơ tiếp nhận trong {years} không có hạn trả",
        "add the years to the calendar, where records of them are asked about",
        "bổ sung các năm đó vào lịch nếu cần tính hồ sơ của thời gian này",
    ),
    "holiday_on_rest_day": Kind(
        "note",
        "{day} is a holiday on a day of the weekly rest, and takes no working day away",
        "ngày lễ {day} trùng ngày nghỉ hằng tuần nên không làm giảm ngày làm việc",
        "list the substitute day off, if the law gives one",
        "ghi ngày nghỉ bù nếu luật có quy định",
    ),
    "still_provisional": Kind(
        "note",
        "{year} has begun, and its days off are still marked as foreseen",
        "năm {year} đã bắt đầu mà ngày nghỉ vẫn ghi là dự kiến",
        "enter the notice of that year, if it can be found",
        "cập nhật thông báo nghỉ lễ, tết của năm đó nếu tìm được",
    ),
    "known_always": Kind(
        "note",
        "{year}: {count} of {total} days have no known_from, so they count as always known",
        "năm {year}: {count}/{total} ngày không có known_from nên được coi là luôn đã biết",
        "give the day of the notice, where answers of earlier days are asked for",
        "ghi ngày thông báo nếu cần trả lời theo hiểu biết tại thời điểm trước",
    ),
    "version_known_always": Kind(
        "note",
        "{rule}{more}: no known_from, so it counts as always known",
        "{rule}{more}: không có known_from nên được coi là luôn đã biết",
        "give the day on which it was published, where answers of earlier days are asked for",
        "ghi ngày công bố nếu cần trả lời theo hiểu biết tại thời điểm trước",
    ),
    "unused": Kind(
        "note",
        "{what} {name} is used by nothing in this pack",
        "{what} {name} không được dùng trong bộ quy tắc",
        "leave it out, unless other packs build on it",
        "bỏ đi, trừ khi bộ quy tắc khác dùng đến",
    ),
}
"""Every kind of finding, the heaviest first."""
