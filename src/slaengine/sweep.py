"""What a limit gives for every day of receipt in a window, by which two packs or two limits are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.calendar import Calendar
from slaengine.days import DAY, day_number
from slaengine.engine import Engine
from slaengine.pack import RulePack
from slaengine.rule import Rule, RuleKey
from slaengine.table import Job, assess_columns

__all__ = ["asked_of", "moments_of", "receipts", "shape_of", "sweep"]

Times = NDArray[np.datetime64]
MORNING = 9 * 3_600
"""Receipts come at nine, and wherever a cut-off makes a difference."""


def receipts(first: date, until: date, moments: Iterable[int]) -> Times:
    """Each day of [first, until) at each of these seconds of the day, in order of time.

    >>> receipts(date(2025, 4, 28), date(2025, 4, 30), {32_400}).astype(str).tolist()
    ['2025-04-28T09:00:00', '2025-04-29T09:00:00']
    """
    days = np.arange(day_number(first), max(day_number(first), day_number(until)), dtype=np.int64)
    return (days[:, None] * DAY + np.array(sorted(moments), dtype=np.int64)).ravel().astype("datetime64[s]")


def moments_of(pack: RulePack, rules: Iterable[Rule]) -> set[int]:
    """The seconds of the day at which a receipt may count otherwise: nine o'clock, each cut-off and right after it."""
    found = {MORNING}
    for part in (part for rule in rules for part in rule.parts):
        cut_off = part.convention.cut_off
        if cut_off is not None and cut_off.time is not None:
            found |= {cut_off.time, cut_off.time + 1}
        elif cut_off is not None and cut_off.minutes_before_closing:
            ends = _closings(pack.calendars[part.calendar])
            found |= {end - 60 * cut_off.minutes_before_closing + late for end in ends for late in (0, 1)}
    return {second for second in found if 0 <= second < DAY}


def asked_of(rules: Iterable[Rule]) -> set[str]:
    """The attributes that the due dates of limits depend on."""
    found: set[str] = set()
    for rule in rules:
        found |= {modifier.attribute for modifier in rule.modifiers}
        found |= {part.convention.cut_off.applies_if for part in rule.parts if part.convention.cut_off}
    return found - {""}


def _closings(calendar: Calendar) -> set[int]:
    """The seconds of the day at which the office ever closes."""
    return {60 * segments[-1].close for segments in calendar.profiles[0] if segments}


def sweep(engine: Engine, keys: Sequence[RuleKey], received: Times, attributes: Sequence[str]) -> Times:
    """The due times of each limit, by combination of the attributes and by receipt; NaT where there is none.

    Every other event that starts a clock happens at the receipt, and so does the decision.
    """
    choices = list(product((False, True), repeat=len(attributes)))
    found = [_due(engine, keys, received, dict(zip(attributes, chosen, strict=True))) for chosen in choices]
    return np.stack(found, axis=1)


def _due(engine: Engine, keys: Sequence[RuleKey], received: Times, attributes: dict[str, bool]) -> Times:
    times, shape = np.tile(received, len(keys)), (len(keys), len(received))
    frame: dict[str, Any] = {
        **{name: np.repeat(np.array(words, dtype=object), len(received)) for name, words in _words(keys)},
        **dict.fromkeys(("received_at", "finished_at"), times),
        **{f"{event}_at": times for event in engine.tables.start_events[1:]},
        **{name: np.full(len(times), value) for name, value in attributes.items()},
    }
    due: Times = assess_columns(frame, Job(engine))["due_at"]
    return due.reshape(shape)


def _words(keys: Sequence[RuleKey]) -> Iterator[tuple[str, list[str]]]:
    yield from ((name, [getattr(key, name) for key in keys]) for name in RuleKey._fields)


def shape_of(rule: Rule) -> tuple[Any, ...]:
    """What decides the due dates of a version of a limit, without its name: versions of one shape count alike."""
    parts = tuple((part.combine, part.limit, part.convention.name, part.calendar) for part in rule.parts)
    modifiers = tuple((modifier.attribute, modifier.effect, modifier.limit) for modifier in rule.modifiers)
    validity = (rule.effective_from, rule.effective_until, rule.governs, rule.transition_from)
    return rule.basis, parts, modifiers, validity, rule.start_event, rule.supplement_effect
