"""What conventions must mean with their changes, and which names a case has no room for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from slaengine.authoring.check_misfits import as_changed
from slaengine.authoring.files import Source
from slaengine.authoring.schema import ConventionEntry
from slaengine.errors import Fault
from slaengine.vocabulary import CASE_COLUMNS

if TYPE_CHECKING:
    from slaengine.authoring.read import Draft

__all__ = ["convention_faults", "name_faults"]


def convention_faults(name: str, convention: ConventionEntry, source: Source) -> Iterator[Fault]:
    """The changes of a convention follow each other, and what each leaves is a convention."""
    for i, (before, change) in enumerate(pairwise(convention.changes), start=1):
        if change.effective_from <= before.effective_from:
            message = f"the change of {change.effective_from} stands after that of {before.effective_from}"
            yield source.fault((name, "changes", i), message, "write the changes in the order of their days")
    for i, changed in enumerate(list(as_changed(convention))[1:]):
        try:
            changed.check()
        except ValueError as error:
            yield source.fault((name, "changes", i), f"it leaves a rule that cannot be: {error}", "change it otherwise")


def name_faults(draft: Draft) -> Iterator[Fault]:
    """Attributes and start events are columns beside those of every case, so each needs a name of its own."""
    events = {f"{row.model.start_event}_at": row for row in draft.limits if row.model.start_event != "received"}
    for column, row in events.items():
        if column in CASE_COLUMNS:
            yield row.fault(f"start_event {row.model.start_event!r}: each case has {column}", "choose another name")
    taken = {*CASE_COLUMNS, *events}
    for row in draft.modifiers:
        if row.model.attribute in taken:
            yield row.fault(f"attribute {row.model.attribute!r} has the name of a column", "choose another name")
    for name, (convention, source) in draft.conventions.items():
        for i, changed in enumerate(as_changed(convention)):
            if changed.cut_off is not None and changed.cut_off.applies_if in taken:
                place = (name, "changes", i - 1) if i else (name, "cut_off")
                message = f"attribute {changed.cut_off.applies_if!r} has the name of a column"
                yield source.fault(place, message, "choose another name")
