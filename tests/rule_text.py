"""The short text in which vectors state rules, events and promises, read into the words of the oracle.

`vectors/README.md` says what may be written. What is not known is an error that says what would be: a misspelt key
would otherwise be a vector that proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

import oracle

UNITS = ("working_day", "calendar_day", "week", "month", "year", "working_hour", "hour")
GOVERNS = ("receipt", "deemed", "restart", "decision", "transitional", "more_favourable", "each_day")
COMBINE = ("then", "earlier", "later")
VERSION_KEYS = ("from", "until", "governs", "transition_from", "known_from", "until_known_from")
CUT_KEYS = ("cut_time", "cut_before_closing", "cut_inclusive", "cut_effect", "cut_applies_if")
EXTENSION_KEYS = ("extension", "max_times", "max_total", "may_shorten")
DEFAULTS = {
    "deems": "as_is",
    "count_from": "next_day",
    "roll": "following",
    "month_end": "last_day",
    "due_time": "end_of_day",
}
Keys = dict[str, str]


# --- single words ---


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def moment(text: str) -> date | None:
    """A date, or an instant where a time is given; `-` and a blank are none."""
    if text in {"", "-"}:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def amount(text: str) -> int | Decimal:
    """An exact number; whole ones are whole."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    return int(number) if number == int(number) else number


def flag(text: str) -> bool:
    return one_of("yes or no", text, ("true", "false")) == "true"


def one_of(what: str, word: str, known: Iterable[str]) -> str:
    if word not in known:
        raise ValueError(f"{what}: {word!r} is not one of {', '.join(known)}")
    return word


# --- rules ---


def versions(text: str, calendars: Mapping[str, oracle.Calendar] | None = None) -> list[oracle.Version]:
    """The versions of a limit in time; a part may name a calendar of its own out of `calendars`."""
    keys = [read_version(part, calendars or {}) for part in text.split(" || ")]
    found = [version for version, _ in keys]
    for i, (_, known) in enumerate(keys):
        end = max(i - 1, 0)  # `until_known_from` speaks of the version before; the first one's of its own end
        if known is not None:
            found[end] = replace(found[end], until_known_from=known)
    for i, (before, after) in enumerate(pairwise(found)):
        if before.effective_until is None:
            found[i] = replace(found[i], effective_until=after.effective_from)
    return found


def rule(text: str, calendars: Mapping[str, oracle.Calendar] | None = None) -> oracle.Rule:
    """A limit that has one version only."""
    found = versions(text, calendars)
    if len(found) != 1:
        raise ValueError(f"one version expected: {text!r}")
    return found[0].rule


def read_version(text: str, calendars: Mapping[str, oracle.Calendar]) -> tuple[oracle.Version, date | None]:
    head, *rest = text.split(" | ")
    keys, modifiers = keys_of(head)
    own = {key: keys.pop(key) for key in VERSION_KEYS if key in keys}
    main, calendar = read_rule(keys), calendar_of(keys, calendars)
    parts = []
    for part in rest:
        found, more = read_part(part, calendars)
        parts.append(found)
        modifiers += more
    version = oracle.Version(
        rule=replace(main, parts=tuple(parts), modifiers=tuple(modifiers)),
        effective_from=day(own["from"]) if "from" in own else date.min,
        effective_until=day(own["until"]) if "until" in own else None,
        governs=one_of("governs", own.get("governs", "receipt"), GOVERNS),
        transition_from=day(own["transition_from"]) if "transition_from" in own else None,
        known_from=day(own["known_from"]) if "known_from" in own else None,
        calendar=calendar,
    )
    return version, day(own["until_known_from"]) if "until_known_from" in own else None


def read_part(text: str, calendars: Mapping[str, oracle.Calendar]) -> tuple[oracle.Part, list[oracle.Modifier]]:
    combine, _, rest = text.strip().partition(" ")
    keys, modifiers = keys_of(rest)
    one_of("the first word of a part", combine, COMBINE)
    return oracle.Part(combine, read_rule(keys), calendar_of(keys, calendars)), modifiers


def keys_of(text: str) -> tuple[Keys, list[oracle.Modifier]]:
    head, *modifiers = text.split(" + ")
    return pairs(head), [read_modifier(modifier) for modifier in modifiers]


def pairs(text: str) -> Keys:
    found: Keys = {}
    for word in text.split():
        key, sign, value = word.partition("=")
        if not sign or key in found:
            raise ValueError(f"{word!r}: key=value, each key once, in {text!r}")
        if value:
            found[key] = value
    return found


def read_modifier(text: str) -> oracle.Modifier:
    words = text.strip().split(":")
    if len(words) != 4:
        raise ValueError(f"{text!r}: a modifier is attribute:effect:amount:unit")
    attribute, effect, size, unit = words
    one_of("effect of a modifier", effect, ("add", "replace"))
    return oracle.Modifier(attribute, effect, amount(size), one_of("unit", unit, UNITS))


def calendar_of(keys: Keys, calendars: Mapping[str, oracle.Calendar]) -> oracle.Calendar | None:
    return calendars[one_of("calendar", keys["calendar"], calendars)] if "calendar" in keys else None


READ: dict[str, Callable[[str], Any]] = {
    "amount": amount,
    "unit": lambda value: one_of("unit", value, UNITS),
    "deems": lambda value: one_of("deems", value, ("as_is", "next_working_moment")),
    "count_from": lambda value: one_of("count_from", value, ("next_day", "same_day", "clear", "instant")),
    "roll": lambda value: one_of("roll", value, ("following", "preceding", "modified_following", "none")),
    "month_end": lambda value: one_of("month_end", value, ("last_day", "next_first", "refuse")),
    "due_time": lambda value: one_of("due_time", value, ("end_of_day", "close_of_business", "same_time", "exact")),
    "direction": lambda value: one_of("direction", value, ("forward", "backward")),
    "roll_between": flag,
    "roll_up_to": lambda value: tuple(
        (unit, int(size)) for unit, _, size in (v.partition(":") for v in value.split(","))
    ),
    "fraction": lambda value: one_of("fraction", value, ("open_seconds", "half_day")),
    "half_day_counts": lambda value: amount(one_of("half_day_counts", value, ("0", "0.5", "1"))),
    "skip_days_off_up_to": int,
    "min_working_days": int,
    "min_working_days_from": int,
    "stop_first_day": flag,
    "stop_last_day": flag,
    "start_event": str,
    "supplement_effect": lambda value: one_of("supplement_effect", value, ("suspend", "restart", "close_and_refile")),
}


def read_rule(keys: Keys) -> oracle.Rule:
    for key in keys:
        one_of("key", key, (*READ, *CUT_KEYS, *EXTENSION_KEYS, "calendar"))
    for key in ("amount", "unit"):
        if key not in keys:
            raise ValueError(f"{key}= is missing")
    values = {key: READ[key](value) for key, value in (DEFAULTS | keys).items() if key in READ}
    return oracle.Rule(**values, cut_off=cut_off(keys), extension=extension_terms(keys))


def cut_off(keys: Keys) -> oracle.CutOff | None:
    if not any(key in keys for key in CUT_KEYS):
        return None
    if "cut_effect" not in keys or ("cut_time" in keys) == ("cut_before_closing" in keys):
        raise ValueError("a cut-off needs cut_effect= and one of cut_time= and cut_before_closing=")
    return oracle.CutOff(
        inclusive=flag(keys.get("cut_inclusive", "false")),
        effect=one_of("cut_effect", keys["cut_effect"], ("day_zero", "day_one", "due_day")),
        time=time.fromisoformat(keys["cut_time"]) if "cut_time" in keys else None,
        minutes_before_closing=int(keys.get("cut_before_closing", "0")),
        applies_if=keys.get("cut_applies_if"),
    )


def extension_terms(keys: Keys) -> oracle.ExtensionTerms | None:
    if "extension" not in keys:
        if any(key in keys for key in EXTENSION_KEYS):
            raise ValueError("bounds of an extension need extension=")
        return None
    size, _, unit = keys.get("max_total", "").partition(":")
    return oracle.ExtensionTerms(
        start=one_of("extension", keys["extension"], ("start", "unrolled_end", "rolled_end")),
        max_times=int(keys["max_times"]) if "max_times" in keys else None,
        max_total=(amount(size), one_of("unit", unit, UNITS)) if size else None,
        may_shorten=flag(keys.get("may_shorten", "false")),
    )


# --- the record ---


def events(text: str) -> list[oracle.Event]:
    return [read_event(part.split()) for part in split(text)]


def read_event(words: list[str]) -> oracle.Event:
    kind, *values = words
    one_of("event", kind, ("stop", "extend", "restart", "supplement"))
    if kind == "extend":
        if len(values) != 3:
            raise ValueError(f"{words}: extend amount unit granted_at")
        return oracle.Extension(amount(values[0]), one_of("unit", values[1], UNITS), moment(values[2]))
    most = 2 if kind == "restart" else 3
    if not 1 <= len(values) <= most:
        raise ValueError(f"{words}: 1 to {most} times")
    times = [moment(value) for value in values] + [None] * (3 - len(values))
    if kind == "stop":
        return oracle.Suspension(times[0], times[1], window_end=times[2])
    return oracle.Restart(times[0], times[1]) if kind == "restart" else oracle.Supplement(*times)


def promises(text: str) -> list[oracle.Promise]:
    found = []
    for part in split(text):
        words = part.split()
        promised = moment(words[0])
        if len(words) > 2 or promised is None:
            raise ValueError(f"{part!r}: promised_at told_at")
        found.append(oracle.Promise(promised, moment(words[1]) if len(words) == 2 else None))
    return found


def attributes(text: str) -> dict[str, bool]:
    return {key: flag(value) for key, value in pairs(text).items()}


def event_times(text: str) -> dict[str, date | None]:
    return {key: moment(value) for key, value in pairs(text).items()}


def known_at(text: str) -> date | str | None:
    if text == "received":
        return text
    return day(text) if text else None
