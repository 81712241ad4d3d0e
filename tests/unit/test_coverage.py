"""The coverage map: what is in force when, on packs whose dates are known."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

import slaengine as sla
from slaengine.cli import main
from slaengine.coverage import coverage_map
from slaengine.coverage_page import coverage_page
from slaengine.coverage_text import coverage_text

MEANING = Path(__file__).parents[1] / "broken_packs" / "meaning"


def states(line: object) -> list[tuple[str, str, str]]:
    return [(str(s.since), str(s.until), s.state) for s in line.stretches]  # type: ignore[attr-defined]


def test_a_map_says_what_holds_on_every_day_of_its_window() -> None:
    found = coverage_map(sla.load_pack(MEANING), since=date(2024, 1, 1), until=date(2029, 1, 1))
    lines = {(line.key.procedure, line.key.level, line.key.variant): line for line in found.lines}
    assert states(lines["SHOP", "district", ""]) == [
        ("2024-01-01", "2025-01-01", "none"),
        ("2025-01-01", "2025-07-01", "in_force"),
        ("2025-07-01", "2029-01-01", "succeeded"),
    ]
    assert states(lines["SHOP", "commune", ""]) == [
        ("2024-01-01", "2025-07-01", "none"),
        ("2025-07-01", "2026-01-01", "in_force"),
        ("2026-01-01", "2027-01-01", "in_force"),
        ("2027-01-01", "2029-01-01", "not_covered"),
    ]
    commune = lines["SHOP", "commune", ""]
    assert [commune.year(y) for y in found.years] == ["none", "partly", "in_force", "not_covered", "not_covered"]
    district = lines["SHOP", "district", ""]
    assert [district.year(y) for y in found.years] == ["none", "partly", "succeeded", "succeeded", "succeeded"]
    assert found.counts()["commune", 2026] == {"in_force": 4}
    assert [found.calendars[0].year(year) for year in found.years] == ["none", "covered", "covered", "none", "none"]


@pytest.mark.parametrize("name", ["vn-national", "us-boston-311", "us-cisa-kev", "eu-1182-71"])
def test_stretches_fill_the_window_and_say_what_the_engine_says(name: str) -> None:
    """On the first day of each stretch the engine answers if the map says that a limit is in force, else not."""
    pack = sla.load_pack(name)
    found, engine = coverage_map(pack), sla.Engine(pack)
    for line in found.lines[::7]:
        assert [s.until for s in line.stretches[:-1]] == [s.since for s in line.stretches[1:]]
        assert (line.stretches[0].since, line.stretches[-1].until) == (found.since, found.until)
        for stretch in line.stretches:
            case = sla.Case(
                procedure=line.key.procedure,
                level=line.key.level,
                variant=line.key.variant,
                received_at=stretch.since,
            )
            outcome = engine.assess(case, errors="return")
            expected = stretch.rule.id if stretch.rule else None
            assert outcome.rule_id == expected, (line.key, stretch)


def test_the_map_is_asked_for_a_procedure_a_level_and_a_basis() -> None:
    pack = sla.load_pack(MEANING)
    assert {line.key for line in coverage_map(pack, procedure="TREE").lines} == {("TREE", "commune", "")}
    assert {line.key.level for line in coverage_map(pack, level="district").lines} == {"district"}
    promised = coverage_map(pack, basis="commitment")
    assert {line.key.procedure for line in promised.lines} == {"SHOP", "TREE"}
    assert promised.without == ("HOUSE",)
    with pytest.raises(sla.InputError, match="has no such statutory limits"):
        coverage_map(pack, procedure="NOWHERE")
    with pytest.raises(sla.InputError, match="no day lies"):
        coverage_map(pack, since=date(2025, 1, 1), until=date(2025, 1, 1))


def test_the_map_in_lines() -> None:
    found = coverage_map(sla.load_pack(MEANING), since=date(2024, 1, 1), until=date(2028, 1, 1), procedure="SHOP")
    assert coverage_text(found).splitlines()[4:] == [
        "procedure        level            24  25  26  27",
        "calendar office                   .   #   #   .",
        "SHOP             district         .   +   -   -",
        "SHOP             commune          .   +   #   ?",
        "SHOP             commune:complex  .   +   #   ?",
        "",
        "Limits in force all year, by level (for a part of it, not at all)",
        "level     2024      2025      2026      2027",
        "district  0 (0, 1)  0 (1, 0)  0 (0, 1)  0 (0, 1)",
        "commune   0 (0, 2)  0 (2, 0)  2 (0, 0)  0 (0, 2)",
    ]
    assert "? có hiệu lực, lịch chưa có dữ liệu" in coverage_text(found, "vi")


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_is_whole_and_needs_nothing_else(language: str, tmp_path: Path) -> None:
    folder = shutil.copytree(MEANING, tmp_path / "meaning")
    limits = folder / "limits.csv"
    text = limits.read_text(encoding="utf-8")
    limits.write_text(text.replace("2025-07-01,2026-01-01,", "2025-07-01,2025-12-20,", 1), encoding="utf-8")
    page = coverage_page(coverage_map(sla.load_pack(folder), until=date(2028, 1, 1)), language)
    seen = Seen()
    seen.feed(page)
    assert (seen.open, seen.links) == ([], [])
    assert "url(" not in page
    assert "@import" not in page
    bars = re.findall(r'<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="\d+" fill="([^"]+)"', page)
    assert all(float(width) >= 0 for _, _, width, _ in bars)
    gap = [bar for bar in bars if bar[3] == "#d6453d"]
    assert len(gap) == 1  # the twelve days of 2025 without a version
    assert float(gap[0][2]) == pytest.approx(800 * 12 / 1095, abs=0.1)
    assert {"en": "gap between versions", "vi": "khoảng trống giữa hai quy định"}[language] in page


def test_the_verb_writes_what_the_file_name_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "us-cisa-kev"]) == 0
    assert "known-exploited-vulnerability  federal:older_cve   +   #   #   #   +" in capsys.readouterr().out
    assert main(["coverage", "us-cisa-kev", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [line["stretches"][1]["rule_id"] for line in told["lines"]] == [
        "known-exploited-vulnerability/federal:older_cve/statutory@2021-11-03",
        "known-exploited-vulnerability/federal:recent_cve/statutory@2021-11-03",
    ]
    assert main(["coverage", "us-cisa-kev", "-o", str(tmp_path / "map.html")]) == 0
    assert (tmp_path / "map.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["coverage", "us-cisa-kev", "--basis", "promise"]) == 2
