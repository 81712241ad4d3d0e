"""What a pack must mean beyond what its files must say: the faults for which it does not load."""

from __future__ import annotations

import difflib
import functools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from slaengine.authoring.check_calendars import calendar_faults, past_midnight
from slaengine.authoring.check_conventions import convention_faults, name_faults
from slaengine.authoring.check_misfits import amount_faults, as_changed, misfits, share_of
from slaengine.authoring.files import Row, Source
from slaengine.authoring.rows import LimitRow
from slaengine.errors import Fault
from slaengine.vocabulary import (
    Combine,
    CutOffEffect,
    Direction,
    DueTime,
    Governs,
    ModifierEffect,
    SupplementEffect,
    Unit,
)

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["find_faults"]

Teller = Callable[[Any], list[tuple[str, str]]]
Versions = dict[tuple[Any, ...], list[Row]]
"""The parts of each version of a limit."""
MOST_ATTRIBUTES = 4
"""Attributes that may modify one version: every combination of them is a row of the tables."""
SHARED = (
    "effective_until",
    "start_event",
    "governs",
    "transition_from",
    "supplement_effect",
    "known_from",
    "valid_from_unknown",
)
"""What all parts of one version say alike."""


class Counted(NamedTuple):
    """What decides whether an amount can be counted at all."""

    amount: int | str
    unit: Unit
    convention: str
    calendar: str


def find_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault for which the pack does not load."""
    yield from _citation_faults(draft)
    for calendar, source in draft.calendars.values():
        yield from calendar_faults(calendar, source)
    for name, (convention, source) in draft.conventions.items():
        yield from convention_faults(name, convention, source)
    yield from name_faults(draft)
    yield from _twice(draft.procedures, lambda p: (p.code,), "procedure")
    codes = {p.model.code for p in draft.procedures}
    told, versions = _teller(draft), _grouped(draft.limits)
    yield from _limit_faults(draft, codes, told)
    yield from _part_faults(draft, versions)
    yield from _length_faults(draft, versions)
    yield from _version_faults([row for row in draft.limits if row.model.part == 1])
    yield from _restart_faults(draft)
    yield from _refiled_faults(draft)
    yield from _rider_faults(draft, versions, told)


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean {near[0]}" if near else ""


def _citation_faults(draft: Draft) -> Iterator[Fault]:
    known = draft.instruments.keys()
    for place, cited in _citations(draft) if "instrument" not in draft.unread else ():
        for instrument in (each[0] for each in cited if each[0] not in known):
            hint = _near(instrument, known) or "add it to instruments.toml"
            yield place.fault(f"cites {instrument!r}, which is no instrument of the pack", hint)


class _Place(NamedTuple):
    """An entry of a TOML file."""

    source: Source
    place: tuple[str | int, ...]

    def fault(self, message: str, hint: str = "") -> Fault:
        """A fault of this entry."""
        return self.source.fault(self.place, message, hint)


def _citations(draft: Draft) -> Iterator[tuple[Row | _Place, list[list[str]]]]:
    """Every list of citations, with the place at which it stands."""
    for name, (convention, source) in draft.conventions.items():
        yield _at(source, name, "citation"), convention.citation
        if convention.cut_off:
            yield _at(source, name, "cut_off", "citation"), convention.cut_off.citation
        if convention.extension:
            yield _at(source, name, "extension", "citation"), convention.extension.citation
        for i, change in enumerate(convention.changes):
            yield _at(source, name, "changes", i, "citation"), change.citation
    for calendar, source in draft.calendars.values():
        for part in ("weekly_rest", "office_hours", "years"):
            for i, entry in enumerate(getattr(calendar, part)):
                yield _at(source, part, i, "citation"), entry.citation
    for row in (*draft.limits, *draft.modifiers, *draft.steps, *draft.succession):
        yield row, row.model.citation
    for row in draft.limits:
        yield row, row.model.governs_citation


def _at(source: Source, *place: str | int) -> _Place:
    return _Place(source, place)


def _limit_faults(draft: Draft, codes: set[str], told: Teller) -> Iterator[Fault]:
    for row in draft.limits:
        limit: LimitRow = row.model
        for what, name, names in (("procedure", limit.code, codes), ("level", limit.level, draft.levels)):
            if name not in names:
                yield from (row.fault(*said) for said in _absent(draft, what, name, names))
        for said in (*amount_faults(limit.amount, limit.unit), *told(limit)):
            yield row.fault(*said)


def _absent(draft: Draft, what: str, name: str, names: Collection[str]) -> list[tuple[str, str]]:
    """What is to be said of a name that has to be one of those, if it is not."""
    if name in names or what in draft.unread:
        return []
    return [(f"{what} {name!r} is not in the pack", _near(name, names) or f"add the {what}")]


def _teller(draft: Draft) -> Teller:
    """Tells what an amount does not have for its convention, as it began and as its changes left it, and its calendar.

    Most limits of a large pack are counted alike, so what was said once is kept.
    """

    @functools.cache
    def said_of(*counts: Any) -> list[tuple[str, str]]:
        counted = Counted(*counts)
        if counted.convention not in draft.conventions or counted.calendar not in draft.calendars:
            absent = _absent(draft, "convention", counted.convention, draft.conventions)
            return absent + _absent(draft, "calendar", counted.calendar, draft.calendars)
        calendar = draft.calendars[counted.calendar][0]
        each = (misfits(counted, how, calendar) for how in as_changed(draft.conventions[counted.convention][0]))
        return list(dict.fromkeys(chain.from_iterable(each)))

    return lambda row: said_of(row.amount, row.unit, row.convention, row.calendar)


def _twice(rows: list[Row], key: Any, what: str) -> Iterator[Fault]:
    seen: dict[Any, Row] = {}
    for row in rows:
        first = seen.setdefault(key(row.model), row)
        if first is not row:
            yield row.fault(f"{what} {key(row.model)[0]!r} stands twice", f"first in {first.file}:{first.line}")


def _version_of(model: Any) -> tuple[Any, ...]:
    return model.code, model.level, model.variant, model.basis, model.effective_from


def _part_faults(draft: Draft, versions: Versions) -> Iterator[Fault]:
    """Parts are numbered from 1, and say of the whole version what the first part says."""
    for parts in (parts for parts in versions.values() if len(parts) > 1):
        parts.sort(key=lambda row: row.model.part)
        first = parts[0].model
        for number, row in enumerate(parts, start=1):
            if row.model.part != number:
                yield row.fault(f"part {row.model.part} where part {number} is wanted", "number the parts from 1")
            wrong = [name for name in SHARED if getattr(row.model, name) != getattr(first, name)]
            if wrong:
                yield row.fault(f"{wrong[0]} is not that of part 1", "the parts of one version share it")
        yield from _chain_faults(parts)
        yield from _joint_faults(parts, draft)


def _length_faults(draft: Draft, versions: Versions) -> Iterator[Fault]:
    """No limit is longer than 20 years with all parts that follow each other and all that may be added to the last."""
    modifiers = _grouped(draft.modifiers)
    for name, parts in versions.items():
        if len(parts) == 1 and name not in modifiers:
            continue  # one amount by itself is said to be too long where it stands
        added = [row for row in modifiers.get(name, []) if row.model.effect is ModifierEffect.ADD]
        chains: list[list[Row]] = [[]]
        for row in parts:
            chains += [[]] * (row.model.combine not in {"", Combine.THEN})
            chains[-1] = [*chains[-1], row]
        chains[-1] += added
        for rows in chains:
            shares = [share_of(row.model.amount, row.model.unit) for row in rows]
            if sum(shares) > 1 >= max(shares):  # one that is longer by itself is said with its amount
                yield rows[-1].fault("with it the limit is longer than 20 years", "check amounts and units")


def _joint_faults(parts: list[Row], draft: Draft) -> Iterator[Fault]:
    """What a limit of several parts cannot have, because no text was found that says how it would be counted."""
    models = [row.model for row in parts]
    combined = {model.combine for model in models[1:]}
    if {Combine.EARLIER, Combine.LATER} <= combined:
        yield parts[-1].fault("earlier and later in one limit", "use one of them, or two variants")
    if models[0].supplement_effect is SupplementEffect.CLOSE_AND_REFILE:
        yield parts[0].fault("a limit of several parts is not closed and refiled", "use restart, or one part")
    calendar = draft.calendars.get(models[0].calendar)
    if calendar is not None and past_midnight(calendar[0]) and any(_keeps_time(m.convention, draft) for m in models):
        yield parts[0].fault("due_time = same_time after a night, where no day ends", "use due_time = end_of_day")
    last = {
        said: row for row in parts for said in _alone(row.model.convention, draft, follows=Combine.THEN in combined)
    }
    yield from (row.fault(said, "make it a limit of one part") for said, row in last.items())


def _keeps_time(name: str, draft: Draft) -> bool:
    entry = draft.conventions.get(name)
    return entry is not None and any(how.due_time is DueTime.SAME_TIME for how in as_changed(entry[0]))


def _chain_faults(parts: list[Row]) -> Iterator[Fault]:
    for before, row in pairwise(parts):
        if row.model.combine is Combine.THEN and Decimal(before.model.amount) % 1 and not before.model.unit.in_hours:
            yield before.fault("only the last part may have a fraction of a day", "write whole days")
        if row.model.combine is Combine.THEN and not Decimal(row.model.amount) and not row.model.unit.in_hours:
            yield row.fault("a part of nothing follows", "leave it out, or make it an alternative")
        if row.model.combine is Combine.THEN and row.model.unit.in_hours != before.model.unit.in_hours:
            yield row.fault(
                "then: hours do not follow days, nor days hours", "make it an alternative, or two procedures"
            )


def _rider_faults(draft: Draft, versions: Versions, told: Teller) -> Iterator[Fault]:
    """Modifiers and steps belong to a version that is there; levels succeed each other without a circle."""
    for row in (*draft.modifiers, *draft.steps):
        if _version_of(row.model) not in versions and "limit" not in draft.unread:
            yield row.fault("there is no such version of a limit", "name its code, level, variant, basis and first day")
        yield from (row.fault(*said) for said in amount_faults(row.model.amount, row.model.unit))
    for name, rows in _grouped(draft.modifiers).items():
        yield from _modifier_faults(rows, versions.get(name, []), draft, told)
    for row in draft.steps:
        yield from (row.fault(*said) for said in told(row.model))
    for name, rows in _grouped(draft.steps).items():
        yield from _order_faults(rows) if name in versions else ()
    yield from _succession_faults(draft)


def _grouped(rows: list[Row]) -> Versions:
    found: Versions = defaultdict(list)
    for row in rows:
        found[_version_of(row.model)].append(row)
    return found


def _further_faults(row: Row, last: Row, draft: Draft) -> Iterator[Fault]:
    """What a limit cannot have that a modifier in another unit would make one of several parts."""
    if Decimal(last.model.amount) % 1 and not last.model.unit.in_hours:
        yield row.fault("a part of a day is not followed by another part", "add the same unit, or use a variant")
    known = _alone(last.model.convention, draft, follows=last.model.combine is Combine.THEN)
    said_of_parts = set(known) if last.model.part > 1 else set()
    for said in _alone(last.model.convention, draft, follows=True):
        if said not in said_of_parts:
            yield row.fault(said, "add the same unit, or use a variant")


def _alone(name: str, draft: Draft, *, follows: bool) -> Iterator[str]:
    """What a convention says that only a limit of one part can have; `follows`: or one whose parts are alternatives."""
    entry = draft.conventions.get(name)
    hows = list(as_changed(entry[0])) if entry else []
    if any(how.direction is Direction.BACKWARD for how in hows):
        yield "direction = backward in a limit of several parts"
    if any(how.min_working_days for how in hows):
        yield "min_working_days in a limit of several parts"
    if any(how.cut_off is not None and how.cut_off.effect is CutOffEffect.DUE_DAY for how in hows):
        yield "the due day of a limit of several parts is not moved"
    if follows and any(how.extension is not None for how in hows):
        yield "a limit whose parts follow each other is not extended"


def _modifier_faults(rows: list[Row], parts: list[Row], draft: Draft, told: Teller) -> Iterator[Fault]:
    if len(rows) > MOST_ATTRIBUTES:
        yield rows[-1].fault(f"{len(rows)} attributes modify one version", f"{MOST_ATTRIBUTES} at most")
    attributes = [row.model.attribute for row in rows]
    for i, row in enumerate(rows):
        modifier = row.model
        if modifier.effect is ModifierEffect.REPLACE and [r.model.effect for r in rows].count(modifier.effect) > 1:
            yield row.fault("two attributes replace this version's limit", "keep one, and use variants for the others")
        if modifier.attribute in attributes[:i]:
            yield row.fault(f"{modifier.attribute} modifies this version twice", "keep one row")
        if modifier.effect is ModifierEffect.REPLACE and len(parts) > 1:
            yield row.fault("only a limit of one part can be replaced", "add to it instead, or use a variant")
        if parts and modifier.unit.in_hours != parts[-1].model.unit.in_hours:
            yield row.fault("hours do not follow days, nor days hours", "use a variant")
            continue
        if parts and modifier.effect is ModifierEffect.ADD and modifier.unit is not parts[-1].model.unit:
            yield from _further_faults(row, parts[-1], draft)
        if parts:
            yield from _as_modified_faults(row, [part.model for part in parts], told)


def _as_modified_faults(row: Row, parts: list[LimitRow], told: Teller) -> Iterator[Fault]:
    """What the amount of a modifier does not have for its limit's convention and calendar, where its parts do."""
    counted = parts[-1].model_copy(update={"amount": row.model.amount, "unit": row.model.unit})
    known = {said for part in parts for said in told(part)}
    yield from (row.fault(*said) for said in told(counted) if said not in known)


def _order_faults(rows: list[Row]) -> Iterator[Fault]:
    """The steps of a version are numbered from 1, in the order of the file."""
    for number, row in enumerate(rows, start=1):
        if row.model.step != number:
            yield row.fault(f"step {row.model.step} where step {number} is wanted", "number the steps from 1")


def _succession_faults(draft: Draft) -> Iterator[Fault]:
    after: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in draft.succession:
        entry = row.model
        for level in (entry.level, entry.successor):
            yield from (row.fault(*said) for said in _absent(draft, "level", level, draft.levels))
        after[entry.code, entry.level].add(entry.successor)
        if _reaches(after, entry.code, entry.successor, entry.level):
            yield row.fault(f"{entry.level} and {entry.successor} succeed each other in a circle", "cut the circle")


def _reaches(after: dict[tuple[str, str], set[str]], code: str, level: str, goal: str) -> bool:
    seen, ahead = set[str](), [level]
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            ahead += [*after.get((code, here), ()), *after.get(("", here), ())]
    return False


def _restart_faults(draft: Draft) -> Iterator[Fault]:
    """A restart that chooses the version does so only among limits without alternatives."""
    chosen = {_limit_of(row.model) for row in draft.limits if row.model.governs is Governs.RESTART}
    for row in draft.limits if chosen else ():
        several = row.model.combine not in {"", Combine.THEN} or _least_days(row, draft)
        if several and _limit_of(row.model) in chosen:
            yield row.fault("governs = restart: a version has alternatives", "choose by the receipt, or use variants")


def _refiled_faults(draft: Draft) -> Iterator[Fault]:
    """A dossier that is filed anew is judged by one limit of one version."""
    closing = [row for row in draft.limits if row.model.supplement_effect is SupplementEffect.CLOSE_AND_REFILE]
    if not closing:
        return
    partly = {
        _limit_of(row.model): "governs = more_favourable or each_day"
        for row in draft.limits
        if row.model.governs in (Governs.MORE_FAVOURABLE, Governs.EACH_DAY)
    }
    for row in draft.limits:
        if row.model.combine not in {"", Combine.THEN}:
            partly[_limit_of(row.model)] = "a version with alternatives"
    for row in closing:
        beside = partly.get(_limit_of(row.model))
        if beside:
            yield row.fault(f"close_and_refile beside {beside}", "use restart, or a variant")


def _least_days(row: Row, draft: Draft) -> bool:
    entry = draft.conventions.get(row.model.convention)
    return entry is not None and any(how.min_working_days for how in as_changed(entry[0]))


def _limit_of(model: Any) -> tuple[Any, ...]:
    return model.code, model.level, model.variant, model.basis


def _version_faults(rows: list[Row]) -> Iterator[Fault]:
    """Of one limit and basis no two versions hold at once."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        limit: LimitRow = row.model
        groups[limit.code, limit.level, limit.variant, limit.basis].append(row)
    for key, versions in ((key, versions) for key, versions in groups.items() if len(versions) > 1):
        for before, after in pairwise(sorted(versions, key=lambda r: r.model.effective_from)):
            until = before.model.effective_until
            if until is None or until > after.model.effective_from:
                yield after.fault(
                    f"{'/'.join(filter(None, key))}: two versions hold on {after.model.effective_from}",
                    f"end the one of {before.file}:{before.line}",
                )
