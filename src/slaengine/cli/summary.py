"""What `run` says of its answer: counts by status, problem and flag, and by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.table import Column, Table

from slaengine.cli.common import console
from slaengine.frames.tally import Tally
from slaengine.rates import rate_text
from slaengine.vocabulary import Status
from slaengine.words import status_text

__all__ = ["show_summary"]

SHOWN_TYPES = 15


def show_summary(tally: Tally, lang: str, *, no_color: bool) -> None:
    """Counts by status and problem, by flag where they were asked for, and by type, on standard error."""
    shown = console(no_color=no_color)
    table = _table(shown.width, "By status", "status", "records", "share")
    for known in Status:
        if count := tally.status[str(known)]:
            share = f"{rate_text(count, tally.status.total(), 2)}%"
            table.add_row(status_text(lang, known), f"{count:,}", share)
    shown.print(table)
    for title, what, counts in (
        ("Records with a problem", "problem", tally.problem),
        ("Records with a flag", "flag", tally.flag),
    ):
        if counts:
            shown.print(_counts(shown.width, title, what, counts))
    shown.print(_by_type(tally.procedure, shown.width))


def _counts(width: int, title: str, what: str, counts: Counter[str]) -> Table:
    table = _table(width, title, what, "records")
    for word, count in counts.most_common():
        table.add_row(word, f"{count:,}")
    return table


def _by_type(procedures: Mapping[tuple[str | None, str], int], width: int) -> Table:
    by_type: dict[str, Counter[str]] = {}
    for (procedure, status), count in procedures.items():
        by_type.setdefault(procedure or "", Counter())[status] += count
    judged = {name: counts for name, counts in by_type.items() if counts.total() > counts["unknown"]}
    most = sorted(judged, key=lambda name: (-judged[name].total(), name))
    title = f"By type, the {min(SHOWN_TYPES, len(most))} largest of {len(most)} types with a rule"
    kinds = ("early", "on_time", "late", "overdue", "running", "suspended", "unknown")
    shown = [kind for kind in kinds if kind != "suspended" or any(counts[kind] for counts in judged.values())]
    table = _table(width, title, "type", "records", *(kind.replace("_", " ") for kind in shown))
    for name in most[:SHOWN_TYPES]:
        counts = judged[name]
        table.add_row(name, f"{counts.total():,}", *(f"{counts[kind]:,}" for kind in shown))
    return table


def _table(width: int, title: str, name: str, *numbers: str) -> Table:
    """A plain table: names on the left, cut where the terminal is narrow, numbers on the right and never cut."""
    columns = [Column(number, justify="right", min_width=max(len(number), 6)) for number in numbers]
    room = max(width - sum((column.min_width or 0) + 1 for column in columns) - 1, len(name))
    left = Column(name, no_wrap=True, overflow="ellipsis", max_width=room)
    return Table(left, *columns, title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
