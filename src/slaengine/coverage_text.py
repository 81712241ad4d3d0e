"""The coverage map in lines: a sign for each limit and year, and how many there are of each level."""

from __future__ import annotations

from collections.abc import Iterator

from slaengine.coverage import CoverageMap, Line
from slaengine.words import date_text

__all__ = ["coverage_text", "title_of", "without_text", "word"]

NAMED = 20
"""Procedures without a limit that are named."""

SIGNS = {"in_force": "#", "partly": "+", "not_covered": "?", "none": ".", "succeeded": "-"}
OF_CALENDARS = {"covered": "#", "partly": "+", "foreseen": "~", "none": "."}
WORDS = {
    "title": ("{0} {1}: {2} limits from {3} until {4}", "{0} {1}: thời hạn {2}, từ {3} đến trước {4}"),
    "statutory": ("statutory", "theo quy định"),
    "commitment": ("commitment", "cam kết"),
    "in_force": ("in force all year", "có hiệu lực cả năm"),
    "partly": ("a part of the year", "một phần trong năm"),
    "not_covered": ("in force, calendar not covered", "có hiệu lực, lịch chưa có dữ liệu"),
    "none": ("none", "không có"),
    "succeeded": ("another level decides", "cấp khác giải quyết"),
    "by_level": (
        "Limits in force all year, by level (for a part of it, not at all)",
        "Số thời hạn có hiệu lực cả năm, theo cấp (một phần năm, không có)",
    ),
    "level": ("level", "cấp"),
    "procedure": ("procedure", "thủ tục"),
    "calendar": ("calendar {0}", "lịch {0}"),
    "covered": ("covered", "có dữ liệu"),
    "foreseen": ("foreseen, not announced", "dự kiến, chưa công bố"),
    "held": ("in force", "có hiệu lực"),
    "next": ("the next version", "quy định tiếp theo"),
    "gap": ("gap between versions", "khoảng trống giữa hai quy định"),
    "more": ("and {0} more", "và {0} thủ tục khác"),
    "without": ("Procedures without a limit: {0}", "Thủ tục không có thời hạn: {0}"),
    "limits_signs": ("Limits", "Thời hạn"),
    "calendars_signs": ("Calendars", "Lịch"),
}


def word(name: str, language: str, *values: object) -> str:
    """A phrase of the table with its values filled in."""
    return WORDS[name][language == "vi"].format(*values)


def coverage_text(found: CoverageMap, language: str = "en") -> str:
    """The map as a table: calendars, counts by level, and a line for each limit."""
    return "\n".join(
        [
            title_of(found, language),
            _legend("limits_signs", SIGNS, language),
            _legend("calendars_signs", OF_CALENDARS, language),
            "",
            *_table(_grid(found, language)),
            "",
            word("by_level", language),
            *_table(_counts(found, language)),
            *_without(found, language),
        ]
    )


def _legend(title: str, signs: dict[str, str], language: str) -> str:
    return f"{word(title, language)}: " + "   ".join(f"{sign} {word(name, language)}" for name, sign in signs.items())


def title_of(found: CoverageMap, language: str) -> str:
    """What the map is of."""
    days = (date_text(language, day) for day in (found.since, found.until))
    return word("title", language, found.pack.id, found.pack.version, word(found.basis, language), *days)


def _grid(found: CoverageMap, language: str) -> Iterator[list[str]]:
    yield [word("procedure", language), word("level", language), *(f"{year % 100:02d}" for year in found.years)]
    for years in found.calendars:
        signs = (OF_CALENDARS[years.year(year)] for year in found.years)
        yield [word("calendar", language, years.calendar), "", *signs]
    for line in found.lines:
        yield [line.key.procedure, _level(line), *(SIGNS[line.year(year)] for year in found.years)]


def _level(line: Line) -> str:
    return ":".join(filter(None, line.key[1:]))


def _counts(found: CoverageMap, language: str) -> Iterator[list[str]]:
    counts = found.counts()
    yield [word("level", language), *map(str, found.years)]
    for level in (level for level in found.pack.levels if any(line.key.level == level for line in found.lines)):
        years = [counts[level, year] for year in found.years]
        yield [level, *(f"{c['in_force']} ({c['partly']}, {c.total() - c['in_force'] - c['partly']})" for c in years)]


def _table(rows: Iterator[list[str]]) -> list[str]:
    """Columns side by side."""
    lines = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _without(found: CoverageMap, language: str) -> list[str]:
    return ["", without_text(found, language)] if found.without else []


def without_text(found: CoverageMap, language: str) -> str:
    """The first of the procedures that have no limit, and how many there are besides."""
    more = [word("more", language, len(found.without) - NAMED)] * (len(found.without) > NAMED)
    return word("without", language, ", ".join([*found.without[:NAMED], *more]))
