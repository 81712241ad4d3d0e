"""What a limit gives for every day of receipt in a window, by which two packs or two limits are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar
from slaengine.days import DAY, day_number
from slaengine.engine import Engine
from slaengine.pack import RulePack
from slaengine.rule import Rule
from slaengine.table import assess_table

__all__ = ["Held", "moments_of", "receipts", "shape_of", "sweep"]

Times = NDArray[np.datetime64]
MORNING = 9 * 3_600
"""Receipts come at nine, and wherever a cut-off makes a difference."""


class Held(NamedTuple):
    """The versions of one limit and the pack they stand in."""

    pack: RulePack
    rules: tuple[Rule, ...]

    @property
    def attributes(self) -> set[str]:
        """The attributes that its due dates depend on."""
        cut_offs = {p.convention.cut_off.applies_if for r in self.rules for p in r.parts if p.convention.cut_off}
        return ({m.attribute for rule in self.rules for m in rule.modifiers} | cut_offs) - {""}


def receipts(first: date, until: date, moments: Sequence[int]) -> Times:
    """Each day of [first, until) at each of these seconds of the day, in order of time."""
    days = np.arange(day_number(first), max(day_number(first), day_number(until)), dtype=np.int64)
    return (days[:, None] * DAY + np.array(moments, dtype=np.int64)).ravel().astype("datetime64[s]")


def moments_of(sides: Iterable[Held]) -> list[int]:
    """The seconds of the day at which a receipt may count otherwise: nine o'clock, each cut-off and right after it."""
    found = {MORNING}
    for pack, rules in sides:
        for part in (part for rule in rules for part in rule.parts):
            cut_off = part.convention.cut_off
            if cut_off is not None and cut_off.time is not None:
                found |= {cut_off.time, cut_off.time + 1}
            elif cut_off is not None and cut_off.minutes_before_closing:
                ends = _closings(pack.calendars[part.calendar])
                found |= {end - 60 * cut_off.minutes_before_closing + late for end in ends for late in (0, 1)}
    return sorted(second for second in found if 0 <= second < DAY)


def _closings(calendar: Calendar) -> set[int]:
    """The seconds of the day at which the office ever closes."""
    return {60 * segments[-1].close for segments in calendar.profiles[0] if segments}


def sweep(held: Held, received: Times, attributes: Sequence[str] = ()) -> Times:
    """The due times, a row for each combination of the attributes; NaT where there is no due date.

    Every other event that starts a clock happens at the receipt.
    """
    choices = list(product((False, True), repeat=len(attributes)))
    if not held.rules:
        return np.full((len(choices), len(received)), np.datetime64("NaT"), dtype="datetime64[s]")
    engine = Engine(replace(held.pack, rules=held.rules), basis=held.rules[0].basis)
    return np.stack([_due(engine, received, dict(zip(attributes, chosen, strict=True))) for chosen in choices])


def _due(engine: Engine, received: Times, attributes: dict[str, bool]) -> Times:
    key, count = engine.pack.rules[0].key, len(received)
    frame: dict[str, Any] = {
        **{name: np.full(count, word, dtype=object) for name, word in key._asdict().items()},
        "received_at": received,
        **{f"{event}_at": received for event in engine.tables.start_events[1:]},
        **{name: np.full(count, value) for name, value in attributes.items()},
    }
    due: Times = assess_table(frame, engine)["due_at"]
    return due


def shape_of(rule: Rule) -> tuple[Any, ...]:
    """What decides the due dates of a version of a limit, without its name: versions of one shape count alike."""
    parts = tuple((part.combine, part.limit, part.convention.name, part.calendar) for part in rule.parts)
    modifiers = tuple((modifier.attribute, modifier.effect, modifier.limit) for modifier in rule.modifiers)
    validity = (rule.effective_from, rule.effective_until, rule.governs, rule.transition_from)
    return rule.basis, parts, modifiers, validity, rule.start_event, rule.supplement_effect
