"""Amounts of time in Vietnamese words: `03 ngày làm việc`, `3,5 ngày`, `½ ngày`, `ba mươi (30) ngày`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from slaengine.registry.limits import Part
from slaengine.vocabulary import Unit

__all__ = ["Amount", "find_amounts", "fold", "in_words", "mask", "normal", "spoken"]

DIGITS = {
    "không": 0,
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "nhăm": 5,
    "sáu": 6,
    "bảy": 7,
    "bẩy": 7,
    "tám": 8,
    "chín": 9,
}
JOINING = {"linh", "lẻ"}
ONLY_AFTER_TENS = {"mốt", "tư", "lăm", "nhăm"}
ONES = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
SPACES = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")

WORD = rf"\b(?:{'|'.join([*DIGITS, *JOINING, 'mười', 'mươi', 'trăm', 'nửa'])})\b"
DIGITAL = r"(?<![\d.,/])(?:\d{1,4} ?[½¼¾]|[½¼¾]|\d{1,4}(?:[.,]\d{1,2}|/[24])?)(?![\d½¼¾])"
NUMBER = rf"(?<!thứ )(?:{DIGITAL}|(?:{WORD} )*{WORD})"
UNITS = {
    "working_day": r"ng[àa]y(?: h[àa]nh ch[íi]nh)? l[àa]m ?vi?[ệêeẹẽ]c\b|ng[àa]y c[ôo]ng t[áa]c\b",
    "calendar_day": r"ng[àa]y\b",
    "week": r"tu[ầâa]n\b",
    "month": r"th[áa]ng\b",
    "year": r"n[ăa]m\b",
    "working_hour": r"(?:gi[ờơo]|h) ?(?:h[àa]nh ch[íi]nh|l[àa]m ?vi?[ệêeẹẽ]c)\b",
    "hour": r"(?:gi[ờơo]|h)\b",
    "minute": r"ph[úu]t\b",
}
"""How each unit is written, also with marks left out or mistyped; the longer writing stands before the shorter."""
UNIT = "|".join(f"(?P<{unit}>{writing})" for unit, writing in UNITS.items())
AMOUNT = re.compile(
    rf"(?:(?P<low>{NUMBER}) ?(?:-|\u2013|đến|tới) ?)?(?P<number>{NUMBER}) ?(?:\((?P<also>[^()]{{1,30}})\) ?)?(?:{UNIT})"
    r"(?P<half> rưỡi\b)?"
)
ONLY_DATE = r"ng[àa]y \d{1,2} ?(?:/|th[áa]ng) ?(?:\d{1,2}|đầu)(?: ?(?:/|n[ăa]m) ?\d{4})?"
NO_AMOUNT = re.compile(
    rf"{ONLY_DATE}|th[áa]ng \d{{1,2}}(?: n[ăa]m \d{{4}})?|\b\d{{1,2}}/\d{{1,2}}/\d{{4}}|n[ăa]m \d{{4}}"
    r"|(?:sau|trước|lúc|đến|hồi) \d{1,2}(?: ?giờ(?! làm)(?: ?\d{2}(?: phút)?)?| ?h(?:\d{2})?\b|:\d{2})"
)
"""Dates and times of the clock, in which a number stands before a word that could be a unit."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of time where it stands in a text."""

    part: Part
    start: int
    end: int
    low: Decimal | None = None
    """The lower end of a range."""
    at_odds: bool = False
    """Whether the digits and the words in brackets say different numbers."""


def normal(text: str) -> str:
    """Composed characters and single spaces, so that a letter is one character however it was typed."""
    return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """The text in lower case without marks, character by character, so that places in it stay the same."""
    return "".join(map(_bare, text))


def _bare(letter: str) -> str:
    if letter in "đĐ":
        return "d"
    return unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter


def mask(text: str) -> str:
    """Normal text in lower case with dates and times of the clock made unreadable, places unchanged."""
    low = "".join(letter.lower()[:1] or letter for letter in text)
    return NO_AMOUNT.sub(lambda match: "~" * len(match[0]), low)


def find_amounts(text: str) -> Iterator[Amount]:
    """The amounts of time in a normal text, in order; what only looks like one is passed over.

    >>> [str(found.part) for found in find_amounts("15 ngày và 08 ngày làm việc")]
    ['15 calendar_day', '8 working_day']
    """
    for match in AMOUNT.finditer(mask(text)):
        number = _number(match["number"])
        if number is None:
            continue
        number += Decimal("0.5") if match["half"] else 0
        also = in_words(match["also"].strip()) if match["also"] else None
        also = also if also is not None or not match["also"] else _digits(match["also"].strip())
        part = _part(number, match)
        if part is not None:
            at_odds = bool(match["also"]) and also != number
            yield Amount(part, match.start(), match.end(), _number(match["low"] or ""), at_odds)


def _part(number: Decimal, match: re.Match[str]) -> Part | None:
    unit = next(name for name in UNITS if match[name])
    if unit != "minute":
        return Part(number, Unit(unit))
    hours = number / 60
    return Part(hours, Unit.HOUR) if hours == round(hours, 6) else None


def _number(text: str) -> Decimal | None:
    return in_words(text) if text[:1].isalpha() else _digits(text)


def _digits(text: str) -> Decimal | None:
    """`03`, `3,5`, `1/2`, `3½` as an exact number; nothing for what is none."""
    match = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,2})?)? ?([½¼¾])?|(\d)/([24])", text)
    if not text or not match:
        return None
    if match[3]:
        return Decimal(match[3]) / Decimal(match[4])
    return Decimal((match[1] or "0").replace(",", ".")) + Decimal(VULGAR.get(match[2] or "", "0"))


def in_words(text: str) -> Decimal | None:
    """A number from 0 to 999 in Vietnamese words; nothing for what is none.

    >>> in_words("ba mươi lăm"), in_words("một trăm linh năm"), in_words("nửa"), in_words("ba hai")
    (Decimal('35'), Decimal('105'), Decimal('0.5'), None)
    """
    words = text.lower().split()
    if words == ["nửa"]:
        return Decimal("0.5")
    total, hundred = 0, "trăm" in words[1:2]
    if hundred and words[0] in DIGITS:
        total, words = DIGITS[words[0]] * 100, words[2:]
    below = _below_hundred(words, after_hundred=hundred)
    return None if below is None else Decimal(total + below)


def _below_hundred(words: list[str], *, after_hundred: bool) -> int | None:
    match words:
        case [] if after_hundred:
            return 0
        case [joining, one] if after_hundred and joining in JOINING:
            return DIGITS.get(one)
        case [one] if one in DIGITS and one not in ONLY_AFTER_TENS and not after_hundred:
            return DIGITS[one]
        case ["mười", *rest]:
            tens = 10
        case [ten, "mươi", *rest] if DIGITS.get(ten, 0) > 1:
            tens = DIGITS[ten] * 10
        case _:
            return None
    return tens if not rest else tens + DIGITS[rest[0]] if len(rest) == 1 and rest[0] in DIGITS else None


def spoken(number: int) -> str:
    """A number from 0 to 999 in words, as `in_words` reads it.

    >>> spoken(15), spoken(21), spoken(105)
    ('mười lăm', 'hai mươi mốt', 'một trăm linh năm')
    """
    hundreds, below = divmod(number, 100)
    head = [f"{ONES[hundreds]} trăm"] if hundreds else []
    if below == 0 and hundreds:
        return head[0]
    tens, ones = divmod(below, 10)
    last = ({5: "lăm"} if tens else {}) | ({1: "mốt"} if tens > 1 else {})
    tail = [last.get(ones, ONES[ones])] if ones or not tens else []
    middle = ["mười" if tens == 1 else f"{ONES[tens]} mươi"] if tens else ["linh"] * bool(hundreds)
    return " ".join([*head, *middle, *tail])
