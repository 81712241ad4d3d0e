"""Polars: eager frames, and lazy ones that stay lazy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from slaengine.batch import BLOCK
from slaengine.frames.arrow import column_of
from slaengine.frames.batches import Assessor
from slaengine.held import Column, Words

__all__ = ["given", "lazily", "read", "schema_of"]


def schema_of(frame: pl.DataFrame, names: list[str]) -> pa.Schema:
    """The types of some columns as Arrow has them."""
    return frame.select(names).head(0).to_arrow().schema


def read(frame: pl.DataFrame, theirs: str, ours: str) -> Column:
    """A column of a frame; words of categories by the numbers that they have, everything else by way of Arrow."""
    series = frame[theirs]
    return _words(series) if isinstance(series.dtype, pl.Categorical | pl.Enum) else column_of(series.to_arrow(), ours)


def _words(series: pl.Series) -> Column:
    """The words behind the numbers are looked up once each, at some row that holds them."""
    if series.null_count() or not len(series):
        return column_of(series.to_arrow(), "words")
    numbers = series.to_physical().to_numpy()
    low = numbers.min()
    numbers = numbers - low if low else numbers
    rows = np.full(int(numbers.max()) + 1, -1)
    for start in range(0, len(numbers), BLOCK):
        part = numbers[start : start + BLOCK]
        rows[part] = np.arange(start, start + len(part))
        if rows.min() >= 0:
            break  # each has been met
    held = rows >= 0
    words = series.gather(rows[held]).cast(pl.String).to_list()
    return Words(numbers if held.all() else (np.cumsum(held, dtype=np.int32) - np.int32(1)).take(numbers), words)


def given(frame: pl.DataFrame, assessor: Assessor, parts: list[list[pa.Array]]) -> pl.DataFrame:
    """The frame with the columns of the answer added."""
    made = pa.Table.from_batches([pa.RecordBatch.from_arrays(part, schema=pa.schema(assessor.types)) for part in parts])
    found = pl.from_arrow(made, rechunk=False)
    assert isinstance(found, pl.DataFrame)  # noqa: S101  # a table is nothing else
    return frame.hstack(found.get_columns())


def lazily(frame: pl.LazyFrame, assess: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.LazyFrame:
    """A lazy frame that is assessed when it is collected; what cannot be assessed is refused at once."""
    found = assess(frame.collect_schema().to_frame())
    kept: dict[str, Any] = dict.fromkeys(("predicate_pushdown", "projection_pushdown", "slice_pushdown"), False)
    return frame.map_batches(assess, schema=found.schema, **kept)
