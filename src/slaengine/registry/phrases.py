"""What the words beside a figure state: one limit of the whole procedure, the sum of its steps, or less.

The words are rewritten before they are judged: amounts become `¤`, sentences that only say what is not counted go. What
is left must be, from the first letter to the last, one of the forms below. A form says little about the end of a
sentence ("..., the police issue the permit") but nothing in it may speak of a condition. Whatever is of no form, or of
a form that leaves a choice, is never taken for a single limit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from slaengine.registry.amounts import Amount, find_amounts, fold, normal
from slaengine.registry.limits import Part, StatedLimit
from slaengine.vocabulary import Unit

__all__ = ["Reading", "StatedStep", "States", "read_words"]


class States(StrEnum):
    """What words state."""

    SINGLE = "single"
    """One limit of the whole procedure, from the receipt of what is asked for."""
    STAGES = "stages"
    """The steps of the whole procedure, one after the other."""
    CASE = "case"
    """One limit, of which it is not plain that it is the limit of the whole procedure from the receipt."""
    SEVERAL = "several"
    CUT = "cut"
    """The words end in the middle."""
    NONE = "none"
    """No limit, and nothing that could be one."""
    DENIED = "denied"
    """That there is no limit."""
    OTHER = "other"
    """Something about time, but no amount."""


class StatedStep(NamedTuple):
    """A step of the whole procedure, as the words call it."""

    name_vi: str
    name_en: str
    part: Part


@dataclass(frozen=True, slots=True)
class Reading:
    """What words state, the limits in them, where the limit stands that counts, and what kept it from being plain."""

    states: States
    limits: tuple[StatedLimit, ...] = ()
    span: str = ""
    reason: str = ""
    steps: tuple[StatedStep, ...] = ()


TERMS = {
    "tiep nhan": "reception",
    "kiem tra": "check",
    "tham dinh": "appraisal",
    "xem xet": "consideration",
    "ban hanh quyet dinh cong bo": "publication",
    "ra quyet dinh": "decision",
    "quyet dinh": "decision",
    "trinh": "submission",
    "phe duyet": "approval",
    "chap thuan": "approval",
    "tra ket qua giai quyet": "return of the result",
    "tra ket qua": "return of the result",
    "giai quyet": "settlement",
}
"""What steps are called, without marks, and in English; the longer name stands before the one inside it."""
PASSED_OVER = ("ho so", "va")


class Plain:
    """The forms, on words without marks in lower case; `¤` is an amount."""

    BULLET = r"[\s*+\-\u2013\u2022.]*"
    NOISE = r"(?:(?:mien phi|khong co thong tin|[^¤]*\bdong\b[^¤]*\)) ?)?(?:\((?:khong(?: co| quy dinh)?)[ .]*\))?"
    WHOLE = r"(?:thoi ?(?:han|gian) ?(?:giai quyet)?(?: (?:ho so|thu tuc(?: hanh chinh)?))*(?: theo quy dinh)? ?:?)"
    NAMED = r"(?:thoi (?:han|gian) giai quyet [^¤:.;()]{1,150}?(?=\b(?:la|toi da|khong qua)\b))"
    ASKED_FOR = r"(?:thoi (?:han|gian) (?P<act>[^¤:.;()]{5,150}?) (?=la ¤[^¤]*\bho so (?:de nghi )?(?P=act)\b))"
    AT_MOST = (
        r"(?:(?:la|trong (?:thoi (?:han|gian)|vong)|trong|khong qua|toi da|cham nhat(?: sau| trong)?)\b ?[:,]? ?)*"
    )
    LEAD = rf"{BULLET}{NOISE}{BULLET}(?:{NAMED}|{ASKED_FOR}|{WHOLE})?{BULLET}{AT_MOST}"
    BODY = (
        r"(?:(?:co quan|ubcknn|ubnd|uy ban|so|bo|cuc|chi cuc|tong cuc|cang vu|cong an|ngan hang|toa an|vu|phong"
        r"|van phong|bao hiem|trung tam|bo phan|don vi|hoi dong|chu tich)\b[^¤.:;()]{0,140}? )?"
    )
    ASKED = (
        r"(?:cac )?(?:ho so|don|de nghi|yeu cau|giay to|to khai|van ban (?:de nghi|theo quy dinh)|mau vat|tai lieu)\b"
    )
    SINCE = (
        rf"(?:,? ?(?:tinh )?(?:ke )?tu (?:ngay|khi|thoi diem|luc) (?:co quan )?{BODY}(?:da )?(?:tiep )?nhan (?:duoc )?"
        rf"(?:day du |du |dung )*{ASKED}(?P<event>[^¤.:;()]*))"
    )
    END = rf"{SINCE}?(?P<tail>(?: theo quy dinh)? ?(?:[,.;][^¤]*)?)"
    LIMIT = re.compile(rf"{LEAD}(?P<limit>¤){END}")
    DETAIL = re.compile(
        rf"{LEAD}(?P<limit>¤){SINCE}? ?(?:[,.;]? ?(?:cu the|trong do|bao gom|gom)\b|[(:])(?P<detail>[^¤]*¤.*)"
    )
    STEP_NAME = rf"(?:(?:{'|'.join([*TERMS, *PASSED_OVER])})\b,? ?)+"
    STEP = rf"thoi (?:han|gian) {STEP_NAME}"
    NAMED_STEP = re.compile(rf"thoi (?:han|gian) (?P<name>{STEP_NAME}):")
    STEPS = re.compile(
        rf"{BULLET}{NOISE}{BULLET}{WHOLE}?(?:{BULLET}{STEP}: ?{AT_MOST}¤(?:,? ke tu (?:ngay|khi) [^¤.:;()]*)? ?[;.,]?)"
        rf"{{2,}} ?"
    )
    SAME_DAY = re.compile(
        rf"{BULLET}{NOISE}{BULLET}{WHOLE}?{BULLET}(?:[^¤.:;()]{{0,120}}\b)?"
        r"(?P<limit>(?:ngay )?trong ngay(?: lam viec)?)(?: (?:tiep )?nhan[^¤.:;()]*|,? ke tu [^¤.:;()]*)?"
        r"(?: theo quy dinh)? ?[.;,]?"
    )


class Not:
    """What the words may hold without stating another limit, and what a single limit may not have beside it."""

    COUNTED = re.compile(
        r" ?\([^()¤]*khong (?:tinh|ke|bao gom)\b[^()¤]*\)"
        r"|[,.;]? ?(?:\bthoi gian [^¤.;()]* )?khong (?:tinh|ke|bao gom)\b(?: vao)? (?:thoi (?:gian|han)\b)[^¤.;()]*"
    )
    BEYOND = re.compile(
        r"\btruong hop\b|\bdoi voi\b|\bneu\b(?! ro)|\btru (?:truong|khi|cac)|ngoai tru|\brieng\b|keo dai|gia han"
        r"|tang them|cong them|phuc tap|ket qua (?:kiem tra|tham dinh|khao nghiem|danh gia|giai quyet|nghiem thu)"
        r"|\bva (?:co )?(?:ket qua|bao cao|y kien|bien ban)|trinh phe duyet|ho trinh|tinh day du|lay y kien|huong dan"
        r"|hang (?:nam|quy|thang)|\bbuoc \d|\bbo sung\b|\bva nop\b|\bthu ly\b|\b(?:tu|den) (?:ngay|khi|thoi diem|luc)\b"
        r"|(?:trinh|bao cao) (?:thu tuong|chinh phu)"
    )
    REFUSED = re.compile(
        r"[,;.]? ?\b(?:truong hop|neu) (?:tu choi|khong (?:cap|dong y|chap thuan|cung cap|du dieu kien))\b[^¤.;]*"
        r"(?:ly do|tra loi)[^¤.;]*"
    )
    """What is to be done, within the same limit, when the answer is no."""
    STATED = re.compile(
        r"(?<!mien phi\()(?:khong|chua)(?: co)? quy dinh(?: cu the)?(?: ve)?(?: thoi (?:gian|han)(?: giai quyet)?)?"
    )
    EMPTY = re.compile(rf"{Plain.BULLET}{Plain.NOISE}{Plain.BULLET}(?:{Plain.WHOLE})?[\s.;:,()]*")


CUT_OFF = re.compile(
    r"[;,.(]? ?(?:neu |truong hop )?(?:thoi diem )?(?:nhan|tiep nhan)(?: duoc)?(?: ho so)?(?: hop le)? sau "
    r"(?P<hour>\d{1,2}) ?(?:gio|h|:)(?: ?(?P<minute>\d{2})(?: phut)?)?(?: cung ngay| hang ngay| trong ngay)?,? ?"
    r"(?:ma khong giai quyet duoc ngay )?(?:thi )?[^¤.;()]*?ngay lam viec (?:tiep theo|ke tiep|tiep sau|sau)\)?"
)
LONG_RULE = re.compile(r"([\s*+\-\u2013\u2022._]{8})[\s*+\-\u2013\u2022._]+")
"""A line of dashes or dots, which says no more than a short one."""
JOINED = re.compile(r" ?(?:và|\+|cộng) ?")


def read_words(words: str, *, cut: bool = False) -> Reading:
    """What the words state. `cut`: they end in the middle, so that nobody can know.

    >>> str(read_words("Trong thời hạn 03 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ").limits[0])
    '3 working_day'
    >>> read_words("không quá 30 ngày; vụ việc phức tạp không quá 45 ngày").states.value
    'several'
    """
    text = normal(words.replace("¤", " "))
    amounts = _joined(list(find_amounts(text)), text)
    limits = tuple(_limit(group) for group in amounts)
    if cut:
        return Reading(States.CUT, limits, reason="the words are cut off")
    if any(amount.at_odds for group in amounts for amount in group):
        return Reading(States.SEVERAL, limits, reason="digits and words in brackets differ")
    skeleton = Not.REFUSED.sub("", Not.COUNTED.sub("", LONG_RULE.sub(r"\1", _skeleton(text, amounts))))
    late = CUT_OFF.search(skeleton)
    cut_off = _clock(late) if late else ""
    rest = CUT_OFF.sub("", skeleton).strip()
    if not amounts:
        return _without_amount(rest, cut_off, text)
    found = _plain(rest, amounts, text, cut_off)
    if found is not None:
        return found
    reason = "several limits" if len(amounts) > 1 else _why_not(rest)
    return Reading(States.SEVERAL if len(amounts) > 1 else States.CASE, limits, _span(amounts[0], text), reason)


def _joined(amounts: list[Amount], text: str) -> list[list[Amount]]:
    """The amounts, those that only `và` or `+` keeps apart together: a sum in stated order."""
    groups: list[list[Amount]] = []
    for amount in amounts:
        if groups and JOINED.fullmatch(text[groups[-1][-1].end : amount.start].lower()):
            groups[-1].append(amount)
        else:
            groups.append([amount])
    return groups


def _limit(group: Sequence[Amount], cut_off: str = "") -> StatedLimit:
    return StatedLimit(tuple(amount.part for amount in group), cut_off)


def _span(group: Sequence[Amount], text: str) -> str:
    return text[group[0].start : group[-1].end]


def _skeleton(text: str, groups: list[list[Amount]]) -> str:
    pieces, at = [], 0
    for group in groups:
        pieces += [fold(text[at : group[0].start]), "¤"]
        at = group[-1].end
    return "".join([*pieces, fold(text[at:])])


def _clock(late: re.Match[str]) -> str:
    return f"{int(late['hour']):02}:{late['minute'] or '00'}"


def _without_amount(rest: str, cut_off: str, text: str) -> Reading:
    if Not.STATED.search(rest):
        return Reading(States.DENIED, reason="the words say that there is no limit")
    same_day = Plain.SAME_DAY.fullmatch(rest)
    if same_day and not Not.BEYOND.search(rest):
        at = fold(text).find(same_day["limit"])
        limit = StatedLimit.of(0, Unit.WORKING_DAY, cut_off)
        return Reading(States.SINGLE, (limit,), text[at : at + len(same_day["limit"])])
    if cut_off:
        limit = StatedLimit.of(0, Unit.WORKING_DAY, cut_off)
        return Reading(States.CASE, (limit,), reason="only late receipts are spoken of")
    if Not.EMPTY.fullmatch(rest):
        return Reading(States.NONE)
    return Reading(States.OTHER, reason="no amount of time in the words")


def _plain(rest: str, groups: list[list[Amount]], text: str, cut_off: str) -> Reading | None:
    """The reading of words that are of one of the forms."""
    single = Plain.LIMIT.fullmatch(rest) if len(groups) == 1 else None
    if single and not Not.BEYOND.search((single["event"] or "") + single["tail"]):
        limit = _limit(groups[0], cut_off)
        ranged = any(amount.low is not None for amount in groups[0])
        states = States.CASE if ranged else States.SINGLE
        return Reading(states, (limit,), _span(groups[0], text), "a range" if ranged else "")
    if len(groups) > 1 and Plain.STEPS.fullmatch(rest):
        return _steps(groups, text)
    detail = Plain.DETAIL.fullmatch(rest) if len(groups) > 1 else None
    if detail and _adds_up(groups) and not Not.BEYOND.search(detail["event"] or "") and not _chosen(detail["detail"]):
        return Reading(States.SINGLE, (_limit(groups[0], cut_off),), _span(groups[0], text))
    return None


def _steps(groups: list[list[Amount]], text: str) -> Reading:
    """Steps of one unit as their sum; of several units as several limits."""
    parts = [amount.part for group in groups for amount in group]
    if len({part.unit for part in parts}) > 1:
        return Reading(States.SEVERAL, tuple(map(_limit, groups)), reason="steps in several units")
    total = StatedLimit.of(sum(part.amount for part in parts), parts[0].unit)
    ends = [0, *(group[-1].end for group in groups)]
    steps = [_step(text[end : group[0].start], group[0].part) for end, group in zip(ends, groups, strict=False)]
    return Reading(States.STAGES, (total,), text[groups[0][0].start : groups[-1][-1].end], steps=tuple(steps))


def _step(before: str, part: Part) -> StatedStep:
    """A step by the words before its amount: what stands between `thời hạn` and the colon."""
    named = list(Plain.NAMED_STEP.finditer(fold(before)))[-1]
    name = before[slice(*named.span("name"))].strip()
    terms = re.findall("|".join(TERMS), fold(name))
    return StatedStep(name, ", ".join(dict.fromkeys(TERMS[term] for term in terms)).capitalize(), part)


def _adds_up(groups: list[list[Amount]]) -> bool:
    """Whether the first amount is the sum of the others: a total and its details."""
    parts: list[Part] = [amount.part for group in groups for amount in group]
    total, details = parts[0], parts[1:]
    units = {total.unit, Unit.CALENDAR_DAY} if total.unit is Unit.WORKING_DAY else {total.unit}
    return {part.unit for part in details} <= units and sum(part.amount for part in details) == total.amount


def _chosen(detail: str) -> bool:
    """Whether the details are cases to choose from, which never add up to the limit of one."""
    return bool(re.search(r"\b(?:truong hop|doi voi|neu)\b", detail))


def _why_not(rest: str) -> str:
    begun = re.match(rf"{Plain.LEAD}¤(?:{Plain.SINCE})?", rest)
    if not begun:
        return "words before the limit say of what it is"
    beyond = Not.BEYOND.search((begun["event"] or "") + rest[begun.end() :])
    return f"a condition, or another start: {beyond[0]}" if beyond else "words after the limit are not understood"
