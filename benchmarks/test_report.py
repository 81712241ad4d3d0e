"""The pages say what the stored result says."""

from __future__ import annotations

import json

import report


def test_the_pages_are_made_from_the_stored_result() -> None:
    for path, text in report.pages(json.loads(report.STORED.read_text(encoding="utf-8"))).items():
        assert path.read_text(encoding="utf-8") == text, f"run python3 benchmarks/report.py: {path.name} is older"
