"""The coverage map as one page that needs nothing else: who would rather look than read sees holes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from html import escape

from slaengine.coverage import CoverageMap, Line, Stretch, Years
from slaengine.coverage_text import title_of, without_text, word
from slaengine.words import date_text, parts_text

__all__ = ["coverage_page"]

LEFT, WIDTH = 330, 800
"""Room for names, and for the days of the window, in pixels."""
TALL, FLAT, GAP, MANY = 16, 4, 3, 400
"""The height of a line with its name, and where there are too many lines for names; the gap between two."""
LONGEST = 44
COLOURS = {
    "held": "#2f7d95",
    "next": "#1d5468",
    "not_covered": "#f0b429",
    "none": "#f1f1ee",
    "succeeded": "#cdd2d6",
    "gap": "#d6453d",
}
SHADES = {"covered": "#5a9e6f", "partly": "#a9cfb4", "foreseen": "#d8d27a", "none": "#f1f1ee"}
STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1f2a30; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .5rem; text-align: right; border-bottom: 1px solid #e4e4df; font-weight: normal; }
th:first-child { text-align: left; } thead th { color: #5c6970; }
.key span { display: inline-block; margin-right: 1.2rem; white-space: nowrap; }
.key i { display: inline-block; width: 1.1em; height: .8em; margin-right: .4em; border-radius: 2px; }
svg { display: block; max-width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #1f2a30; }
svg .faint { fill: #5c6970; }
"""


def coverage_page(found: CoverageMap, language: str = "en") -> str:
    """A page with the calendars, the counts of each level, and a bar for every limit."""
    title = escape(title_of(found, language))
    levels = [level for level in found.pack.levels if any(line.key.level == level for line in found.lines)]
    body = [
        f"<h1>{title}</h1>",
        _key(COLOURS, language),
        _calendars(found, language),
        _counts(found, levels, language),
        *(_level(found, level, language) for level in levels),
        f"<p>{escape(without_text(found, language))}</p>" if found.without else "",
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    lines = ["<!doctype html>", f'<html lang="{language}"><head>{head}</head><body>', *body, "</body></html>"]
    return "\n".join(lines)


def _key(colours: Mapping[str, str], language: str) -> str:
    spans = (
        f'<span><i style="background:{colour}"></i>{escape(word(name, language))}</span>'
        for name, colour in colours.items()
    )
    return f'<p class="key">{"".join(spans)}</p>'


def _calendars(found: CoverageMap, language: str) -> str:
    rows = "".join(_calendar(years, i, found, language) for i, years in enumerate(found.calendars))
    picture = _picture(found, len(found.calendars) * TALL, rows)
    return f"<h2>{escape(word('calendars_signs', language))}</h2>{_key(SHADES, language)}{picture}"


def _calendar(years: Years, i: int, found: CoverageMap, language: str) -> str:
    name = _name(years.calendar, i)
    for year in found.years:
        days = max(date(year, 1, 1), found.since), min(date(year + 1, 1, 1), found.until)
        state = years.year(year)
        name += _bar(found, days, (i * TALL, TALL), SHADES[state], f"{year}: {word(state, language)}")
    return name


def _counts(found: CoverageMap, levels: list[str], language: str) -> str:
    """How many limits each level has in each year."""
    counts = found.counts()
    head = "".join(f"<th>{year}</th>" for year in found.years)
    rows = ""
    for level in levels:
        cells = "".join(_count(counts[level, year]) for year in found.years)
        rows += f"<tr><th>{escape(level)}</th>{cells}</tr>"
    title = escape(word("by_level", language))
    return f"<h2>{title}</h2><table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _count(states: Counter[str]) -> str:
    """A cell, the darker the more of the level's limits are in force all year."""
    share = states["in_force"] / states.total()
    rest = states.total() - states["in_force"] - states["partly"]
    colour = f"rgba(47,125,149,{share * 0.55:.2f})"
    return f'<td style="background:{colour}">{states["in_force"]}<br><small>{states["partly"]}, {rest}</small></td>'


def _level(found: CoverageMap, level: str, language: str) -> str:
    """The limits of a level, a line each; where they are many they are flat, and named where the pointer rests."""
    lines = [line for line in found.lines if line.key.level == level]
    height = TALL if len(lines) <= MANY else FLAT
    rows = "".join(_line(found, line, i, height, language) for i, line in enumerate(lines))
    return f"<h2>{escape(level)}: {len(lines)}</h2>{_picture(found, len(lines) * height, rows)}"


def _line(found: CoverageMap, line: Line, i: int, height: int, language: str) -> str:
    name = _title(found, line, language)
    bars = [] if height < TALL else [_name(name, i)]
    for number, stretch in enumerate(line.stretches):
        told = f"{name}: {_told(stretch, language)}"
        days = stretch.since, stretch.until
        bars.append(_bar(found, days, (i * height, height), _colour(line, number), told))
    return "".join(bars)


def _title(found: CoverageMap, line: Line, language: str) -> str:
    procedure = found.pack.procedures.get(line.key.procedure)
    titles = (procedure.title_en, procedure.title_vi) if procedure else ("", "")
    title = titles[language == "vi"] or titles[1]
    return " ".join(filter(None, (line.key.procedure, line.key.variant and f"({line.key.variant})", title)))


def _told(stretch: Stretch, language: str) -> str:
    """What holds on a stretch, and from when to when."""
    days = f"{date_text(language, stretch.since)} .. {date_text(language, stretch.until - timedelta(days=1))}"
    limit = f", {parts_text(language, stretch.rule.parts)}" if stretch.rule else ""
    state = "held" if stretch.state == "in_force" else stretch.state
    return f"{word(state, language)}, {days}{limit}"


def _colour(line: Line, number: int) -> str:
    """The colour of a stretch: versions in turn, and what lies between two of them as a gap."""
    stretch, held = line.stretches[number], [i for i, s in enumerate(line.stretches) if s.rule]
    if stretch.state == "none" and held and held[0] < number < held[-1]:
        return COLOURS["gap"]
    if stretch.state == "in_force":
        return COLOURS["next" if held.index(number) % 2 else "held"]
    return COLOURS[stretch.state]


def _picture(found: CoverageMap, height: int, rows: str) -> str:
    """Lines under an axis of years."""
    axis = "".join(
        f'<text class="faint" x="{_x(found, max(date(year, 1, 1), found.since)) + 2:.1f}" y="11">{year}</text>'
        for year in found.years
    )
    size = f'width="{LEFT + WIDTH}" height="{height + TALL}" viewBox="0 0 {LEFT + WIDTH} {height + TALL}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{axis}{rows}</svg>'


def _name(name: str, i: int) -> str:
    shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return f'<text x="0" y="{i * TALL + TALL + 11}">{escape(shown)}<title>{escape(name)}</title></text>'


def _bar(found: CoverageMap, days: tuple[date, date], place: tuple[int, int], colour: str, told: str) -> str:
    """The days [first, until) at a place (its top and its height), told where the pointer rests."""
    (top, height), (left, right) = place, (_x(found, day) for day in days)
    shown = height - GAP if height == TALL else height
    size = f'x="{left:.1f}" y="{top + TALL}" width="{right - left:.1f}" height="{shown}"'
    return f'<rect {size} fill="{colour}"><title>{escape(told)}</title></rect>'


def _x(found: CoverageMap, day: date) -> float:
    return LEFT + WIDTH * (day - found.since).days / (found.until - found.since).days
