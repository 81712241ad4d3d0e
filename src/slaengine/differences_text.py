"""The differences of two packs in words, in English and Vietnamese, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from slaengine.differences import DayChange, Differences, DueChange, Entry, Example
from slaengine.pack import RulePack
from slaengine.rule import TimeLimit
from slaengine.vocabulary import Unit
from slaengine.words import date_text, day_text, limit_text, moment_text

__all__ = ["differences_data", "differences_text"]

FEW = 3
"""Limits and stretches that are named; of the others their number is told."""
SIGNS = {"added": "+", "removed": "-", "changed": "~"}
TABLES = {
    "pack": ("Pack", "Bộ quy tắc"),
    "limits": ("Limits", "Thời hạn"),
    "modifiers": ("Modifiers", "Điều kiện làm thay đổi thời hạn"),
    "steps": ("Steps", "Các bước"),
    "succession": ("Succession of levels", "Kế thừa giữa các cấp"),
    "procedures": ("Procedures", "Thủ tục"),
    "conventions": ("Conventions", "Cách tính"),
    "calendars": ("Calendars", "Lịch làm việc"),
    "years": ("Years of calendars", "Các năm của lịch"),
    "days": ("Entries of calendars", "Các ngày ghi trong lịch"),
    "instruments": ("Legal documents", "Văn bản"),
}
WORDS = {
    "days": ("Days that count otherwise", "Ngày được tính khác"),
    "due": ("Due dates, receipts from {0} until {1}", "Hạn trả, hồ sơ tiếp nhận từ {0} đến trước {1}"),
    "differ": ("{0} of {1} days of receipt: {2}", "{0}/{1} ngày tiếp nhận: {2}"),
    "first": ("first", "đầu tiên"),
    "last": ("last", "cuối cùng"),
    "received": ("received {0}: due {1} → {2}", "tiếp nhận {0}: hạn {1} → {2}"),
    "none": ("none", "không có"),
    "nothing": ("nothing", "không có"),
    "working": ("working day", "ngày làm việc"),
    "off": ("day off", "ngày nghỉ"),
    "more": ("and {0} more", "và {0} mục khác"),
    "alike": ("{0} limits alike", "{0} thời hạn như nhau"),
    "with": ("with {0}", "với {0}"),
    "same": ("Nothing differs.", "Không có khác biệt."),
}


def differences_text(found: Differences, language: str = "en") -> str:
    """Everything that differs, in lines: entries, then days, then due dates."""
    lines = [f"{_named(found.old)} → {_named(found.new)}"]
    told = {f"{day.calendar} {day.day}" for day in found.days}
    for table, title in TABLES.items():
        entries = [e for e in found.entries if e.table == table and " ".join(e.name.split()[:2]) not in told]
        lines += _section(title[_vi(language)], (_entry_line(entry, language) for entry in entries))
    lines += _section(_word("days", language), (_day_line(day, language) for day in found.days))
    window = (date_text(language, day) for day in (found.since, found.until))
    due = (line for change in found.due for line in _due_lines(change, language))
    lines += _section(_word("due", language, *window), due)
    return "\n".join(lines if found.any else [*lines, _word("same", language)])


def differences_data(found: Differences) -> dict[str, Any]:
    """Everything that differs, as plain values."""
    return {
        **{name: _pack_data(pack) for name, pack in (("old", found.old), ("new", found.new))},
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "entries": [
            {**entry._asdict(), "fields": {name: list(pair) for name, pair in entry.fields.items()}}
            for entry in found.entries
        ],
        "days": [{**day._asdict(), "day": day.day.isoformat()} for day in found.days],
        "due": [_due_data(change) for change in found.due],
    }


def _pack_data(pack: RulePack) -> dict[str, str]:
    return {"id": pack.id, "version": pack.version, "digest": pack.digest}


def _due_data(change: DueChange) -> dict[str, Any]:
    examples = {name: _example_data(getattr(change, name)) for name in ("first", "last")}
    stretches = [[day.isoformat() for day in stretch] for stretch in change.stretches]
    return {**change._asdict(), "stretches": stretches, **examples}


def _example_data(example: Example) -> dict[str, Any]:
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in example._asdict().items()}


def _vi(language: str) -> bool:
    return language == "vi"


def _word(name: str, language: str, *values: object) -> str:
    return WORDS[name][_vi(language)].format(*values)


def _named(pack: RulePack) -> str:
    return f"{pack.id} {pack.version} (sha256 {pack.digest[:12]})"


def _section(title: str, lines: Iterator[str]) -> list[str]:
    found = [f"  {line}" for line in lines]
    return ["", title, *found] if found else []


def _entry_line(entry: Entry, language: str) -> str:
    """One entry: what a new or former one is about, or each field that changed."""
    if entry.change == "changed":
        pairs = ((name, *(_value(side, language) for side in pair)) for name, pair in entry.fields.items())
        said = "; ".join(f"{name} {was} → {now}" for name, was, now in pairs)
    else:
        said = _gist({name: pair[entry.change == "added"] for name, pair in entry.fields.items()}, language)
    cited = f" [{'; '.join(entry.citations)}]" if entry.citations else ""
    return f"{SIGNS[entry.change]} {': '.join(filter(None, (entry.name, said)))}{cited}"


def _gist(fields: dict[str, Any], language: str) -> str:
    """What an entry is about, in few words."""
    if "amount" in fields:
        limit = limit_text(language, TimeLimit(_number(fields["amount"]), Unit(fields["unit"])))
        return ", ".join([limit, *(fields[name] for name in ("convention", "calendar") if name in fields)])
    wanted = ("title_vi", "name_vi") if _vi(language) else ("title_en", "name_en", "title_vi")
    return next((str(fields[name]) for name in wanted if fields.get(name)), str(fields.get("successor", "")))


def _number(amount: int | str) -> int | Decimal:
    return amount if isinstance(amount, int) else Decimal(amount)


def _value(value: Any, language: str) -> str:
    if value in (None, "", [], {}):
        return _word("nothing", language)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _day_line(change: DayChange, language: str) -> str:
    sides, vi = ((change.was, change.was_named), (change.now, change.now_named)), _vi(language)
    was, now = (f"{_state(state, language)}{f' ({names[vi]})' if names[vi] else ''}" for state, names in sides)
    return f"{change.calendar} {day_text(language, change.day)}: {was} → {now}"


def _state(state: str, language: str) -> str:
    return _word(state, language) if state in {"off", "working"} else f"{_word('working', language)} {state}"


def _due_lines(change: DueChange, language: str) -> Iterator[str]:
    many = f"{_word('alike', language, len(change.limits))}: " if len(change.limits) > 1 else ""
    yield f"{many}{_few(change.limits, language)}"
    stretches = [_stretch(*stretch, language) for stretch in change.stretches]
    yield f"  {_word('differ', language, change.days, change.of, _few(stretches, language))}"
    yield f"  {_word('first', language)}: {_example(change.first, language)}"
    if change.last != change.first:
        yield f"  {_word('last', language)}: {_example(change.last, language)}"


def _few(names: Sequence[str], language: str) -> str:
    more = [_word("more", language, len(names) - FEW)] * (len(names) > FEW)
    return ", ".join([*names[:FEW], *more])


def _stretch(first: date, until: date, language: str) -> str:
    last = until - timedelta(days=1)
    return date_text(language, first) + (f" .. {date_text(language, last)}" if last > first else "")


def _example(example: Example, language: str) -> str:
    none = _word("none", language)
    was, now = (moment_text(language, due) if due else none for due in (example.was, example.now))
    said = _word("received", language, moment_text(language, example.received), was, now)
    return said + (f", {_word('with', language, ', '.join(example.attributes))}" if example.attributes else "")
