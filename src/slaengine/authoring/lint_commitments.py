"""Commitments against the statute in force on each day of receipt, counted by the engine where it is not plain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from slaengine.authoring.files import Row
from slaengine.authoring.findings import Finding, at_row
from slaengine.authoring.lint_versions import LimitName, Limits
from slaengine.engine import Engine
from slaengine.pack import RulePack
from slaengine.rule import Rule, RuleKey
from slaengine.sweep import Times, asked_of, moments_of, receipts, shape_of, sweep
from slaengine.vocabulary import Basis

__all__ = ["lint_commitments"]


class Longer(NamedTuple):
    """For how many days of receipt a commitment is due later than the statute, and how both stand on the first."""

    on: int
    total: int
    since: date
    until: date | None
    day: Any
    promised: Any
    due: Any


def lint_commitments(pack: RulePack, limits: Limits) -> Iterator[Finding]:
    """Every commitment that is due later than the statute in force on some day of receipt, or stands beside none."""
    told: dict[Any, Longer | None] = {}
    for promise, statutes in _pairs(pack):
        row = _row_of(promise, limits)
        if not statutes:
            days = {"since": promise.effective_from, "until": promise.effective_until}
            yield at_row("commitment_alone", row, promise.id, **days)
        for statute in statutes:
            shapes = shape_of(promise), shape_of(statute)
            if shapes not in told:
                told[shapes] = _longer(pack, promise, statute)
            longer = told[shapes]
            if longer is not None:
                yield at_row("commitment_longer", row, promise.id, law=statute.id, **longer._asdict())


def _pairs(pack: RulePack) -> Iterator[tuple[Rule, list[Rule]]]:
    """Each version of a commitment with the versions of the statute that hold on some of its days."""
    statutes: dict[RuleKey, list[Rule]] = defaultdict(list)
    for rule in pack.rules:
        if rule.basis is Basis.STATUTORY:
            statutes[rule.key].append(rule)
    for rule in pack.rules:
        if rule.basis is Basis.COMMITMENT:
            yield rule, [statute for statute in statutes[rule.key] if _days_of(rule, statute)]


def _days_of(promise: Rule, statute: Rule) -> tuple[date, date] | None:
    """The days [first, end) on which both hold."""
    first = max(promise.effective_from, statute.effective_from)
    end = min(promise.effective_until or date.max, statute.effective_until or date.max)
    return (first, end) if first < end else None


def _row_of(rule: Rule, limits: Limits) -> Row:
    """The row of a version, or of the one that a change of its convention split it off."""
    versions = limits[LimitName(*rule.key, rule.basis)]
    return [parts[0] for parts in versions if parts[0].model.effective_from <= rule.effective_from][-1]


def _longer(pack: RulePack, promise: Rule, statute: Rule) -> Longer | None:
    """Where the commitment is due later than the statute; plain limits that are counted alike need no counting."""
    if _alike(promise, statute) and promise.limit.amount <= statute.limit.amount:
        return None
    days = _days_of(promise, statute)
    assert days is not None  # noqa: S101  # only such pairs are asked about
    both = promise, statute
    coverages = [pack.calendars[part.calendar].coverage for rule in both for part in rule.parts]
    first, end = max(days[0], *(start for start, _ in coverages)), min(days[1], *(until for _, until in coverages))
    if first >= end:
        return None  # no calendar knows the days on which both hold
    received, attributes = receipts(first, end, moments_of(pack, both)), sorted(asked_of(both))
    promised, due = (_due(pack, rule, received, attributes) for rule in both)
    known = ~(np.isnat(promised) | np.isnat(due))
    return _told(received, promised, due, known, days)


def _due(pack: RulePack, rule: Rule, received: Times, attributes: list[str]) -> Times:
    """The due times of one version alone, by combination of the attributes and by receipt."""
    alone = Engine(replace(pack, rules=(rule,)), basis=rule.basis)
    due: Times = sweep(alone, [rule.key], received, attributes)[0]
    return due


def _told(received: Times, promised: Times, due: Times, known: Any, days: tuple[date, date]) -> Longer | None:
    later = known & (promised > due)
    on = received.astype("datetime64[D]")
    some, compared = np.unique(on[later.any(axis=0)]), np.unique(on[known.any(axis=0)])
    if not len(some):
        return None
    at = int(np.flatnonzero(later.any(axis=0))[0])
    choice = int(np.flatnonzero(later[:, at])[0])
    open_end = None if days[1] == date.max else days[1]
    whole = len(some) == len(compared)
    since, until = days[0] if whole else some[0].item(), open_end if whole else (some[-1] + 1).item()
    examples = (times[choice, at].item() for times in (promised, due))
    return Longer(len(some), len(compared), since, until, received[at].item(), *examples)


def _alike(promise: Rule, statute: Rule) -> bool:
    """Whether two limits of one part differ in their amount alone."""

    def counted(rule: Rule) -> tuple[object, ...]:
        return rule.limit.unit, rule.convention, rule.calendar, rule.start_event

    plain = not (promise.further or statute.further or promise.modifiers or statute.modifiers)
    return plain and counted(promise) == counted(statute)
