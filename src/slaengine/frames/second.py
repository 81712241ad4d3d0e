"""Events in a frame of their own, keyed by `case_id`, as a column of lists of the first frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slaengine.errors import InputError
from slaengine.event_columns import EVENT_LISTS
from slaengine.frames.arrow import column_of, plain_text
from slaengine.held import Column, Lists

__all__ = ["as_lists"]

KEY = "case_id"


def as_lists(events: Mapping[str, pa.Table], have: list[str], ids: pa.Array | pa.ChunkedArray) -> dict[str, Column]:
    """Columns of lists from tables of events. `InputError` for a case that is not there, or is there twice."""
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    ids = plain_text(ids)
    for name in events:
        if name not in EVENT_LISTS:
            raise InputError(f"there are no events named {name!r}", hint=f"choose {', '.join(EVENT_LISTS)}")
        if name in have:
            raise InputError(f"{name!r} is a column and a frame of events", hint="give one of them")
    if len(pc.unique(ids)) < len(ids):
        raise InputError(f"column {KEY!r} names a case twice", hint="events of such a case belong to no one row")
    return {name: _lists(table, name, ids) for name, table in events.items()}


def _lists(table: pa.Table, name: str, ids: pa.Array) -> Lists:
    if KEY not in table.column_names:
        raise InputError(
            f"the events {name!r} have no column {KEY!r}", hint=f"there is {', '.join(table.column_names)}"
        )
    owner = _owners(table.column(KEY).combine_chunks(), name, ids)
    order = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[order], np.arange(len(ids) + 1))
    fields = (name for name in table.column_names if name != KEY)
    items = {field: plain_text(table.column(field).combine_chunks()).take(pa.array(order)) for field in fields}
    return Lists(first, {field: column_of(cells, f"{field} of an event") for field, cells in items.items()})


def _owners(keys: pa.Array, name: str, ids: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The row of the first frame that each event belongs to."""
    try:
        keys = plain_text(keys).cast(ids.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        hint = "give both columns the same type"
        raise InputError(f"{KEY!r} is {ids.type}, and {keys.type} in the events {name!r}", hint=hint) from error
    found = pc.index_in(keys, value_set=ids)
    if found.null_count or keys.null_count:
        lost = keys.filter(pc.is_null(found))[0] if found.null_count else None
        hint = "leave out events of other cases"
        raise InputError(f"the events {name!r} name case {lost}, which is not in the table", hint=hint)
    return found.to_numpy().astype(np.int64)
