"""What was known when: the rules and calendars of a pack as an honest office could read them on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from slaengine.calendar import Calendar
from slaengine.days import day_number
from slaengine.errors import InputError
from slaengine.rule import Rule

__all__ = ["known_rules"]

Known = tuple[list[int], list[list[Rule]], dict[str, Calendar]]
ALWAYS = date.min


def known_rules(
    rules: Sequence[Rule], calendars: Mapping[str, Calendar], known_at: date | Literal["received"] | None
) -> Known:
    """The epochs of knowledge (the day numbers they begin on), the rules of each, and the calendars that they name.

    Without `known_at` there is one epoch, that after the last announcement; with a date the one of that day. A rule
    names its calendar as it was known in its epoch.
    """
    if known_at is None or known_at == "received":
        days = [ALWAYS, *sorted(_announcements(rules, calendars))] if known_at else [date.max]
    elif isinstance(known_at, date) and not isinstance(known_at, datetime):
        days = [known_at]
    else:
        raise InputError(f"known_at is {known_at!r}", hint='give a date, "received" or None')
    found: dict[str, Calendar] = {}
    if not any(_known(rules, day) for day in days):
        raise InputError(f"no rule was known on {days[-1]}", hint="choose a later known_at")
    known = [[_named(rule, calendars, day, found) for rule in _known(rules, day)] for day in days]
    return [day_number(day) for day in days], known, found


def _announcements(rules: Sequence[Rule], calendars: Mapping[str, Calendar]) -> set[date]:
    """The days on which something of these rules or their calendars became known."""
    used = {name for rule in rules for name in _calendars_of(rule)}
    told = {day for rule in rules for day in (rule.known_from, rule.until_known_from) if day}
    return told.union(*(calendars[name].knowledge for name in used))


def _calendars_of(rule: Rule) -> set[str]:
    return {part.calendar for part in rule.parts} | {step.calendar for step in rule.steps}


def _known(rules: Sequence[Rule], day: date) -> list[Rule]:
    """The rules known on a day; an end that was not known yet reads as open."""
    known = [rule for rule in rules if (rule.known_from or ALWAYS) <= day]
    return [r if (r.until_known_from or ALWAYS) <= day else replace(r, effective_until=None) for r in known]


def _named(rule: Rule, calendars: Mapping[str, Calendar], day: date, found: dict[str, Calendar]) -> Rule:
    """The rule with the calendars that it had on a day, which are added to those found."""
    names = {name: _name(calendars[name], day) for name in _calendars_of(rule)}
    for name, known in names.items():
        if known not in found:
            found[known] = calendars[name] if known == name else calendars[name].known_at(day)
    if all(name == known for name, known in names.items()):
        return rule
    return replace(
        rule,
        calendar=names[rule.calendar],
        further=tuple(part._replace(calendar=names[part.calendar]) for part in rule.further),
        steps=tuple(step._replace(calendar=names[step.calendar]) for step in rule.steps),
    )


def _name(calendar: Calendar, day: date) -> str:
    """The name of a calendar as known on a day: its own after the last announcement, a numbered one before."""
    told = sorted(calendar.knowledge)
    number = bisect_right(told, day)
    return calendar.id if number == len(told) else f"{calendar.id}@{number}"
