"""Polars: eager frames, and lazy ones that stay lazy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa

from slaengine.frames.batches import Assessor

__all__ = ["as_table", "given", "lazily"]


def as_table(frame: pl.DataFrame, names: list[str]) -> pa.Table:
    """Some columns of a frame as Arrow has them."""
    return frame.select(names).to_arrow()


def given(frame: pl.DataFrame, assessor: Assessor, parts: list[list[pa.Array]]) -> pl.DataFrame:
    """The frame with the columns of the answer added."""
    made = pa.Table.from_batches([pa.RecordBatch.from_arrays(part, schema=pa.schema(assessor.types)) for part in parts])
    return frame.hstack(pl.DataFrame(made).get_columns())


def lazily(frame: pl.LazyFrame, assess: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.LazyFrame:
    """A lazy frame that is assessed when it is collected; what cannot be assessed is refused at once."""
    found = assess(frame.collect_schema().to_frame())
    kept: dict[str, Any] = dict.fromkeys(("predicate_pushdown", "projection_pushdown", "slice_pushdown"), False)
    return frame.map_batches(assess, schema=found.schema, **kept)
