"""pandas: frames with their index kept; words as categories, numbers as Int32, times as datetime64[s]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from slaengine.clock import clock_of
from slaengine.errors import InputError
from slaengine.frames.arrow import column_of
from slaengine.held import Aware, Column, Words, in_seconds
from slaengine.output import Field, Kind, Made
from slaengine.table import Job

__all__ = ["given", "read"]


def read(frame: pd.DataFrame, theirs: str, ours: str) -> Column:
    """A column of a frame; text is numbered once, times are taken as they lie."""
    series = frame[theirs]
    if isinstance(series, pd.DataFrame):
        raise InputError(f"column {theirs!r} stands twice", hint="name every column once")
    kind = series.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return Words(series.cat.codes.to_numpy(), series.cat.categories.tolist())
    if isinstance(kind, pd.DatetimeTZDtype):
        return Aware(in_seconds(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()))
    if isinstance(kind, (pd.ArrowDtype, pd.StringDtype)):
        return column_of(pa.chunked_array(pa.array(series)), ours)
    if kind.kind in "mMb" or kind.kind != "O":
        return _of_numpy(series, ours)
    return _of_objects(series.to_numpy())


def _of_numpy(series: pd.Series[Any], ours: str) -> Column:
    """Times as they lie; truths and numbers as Arrow has them, which refuses the latter as keys."""
    if series.dtype.kind == "M":
        return series.to_numpy()
    return column_of(pa.array(series, from_pandas=True), ours)


def _of_objects(cells: np.ndarray[Any, Any]) -> Column:
    """Text is numbered; everything else is left to be read one by one."""
    if pd.api.types.infer_dtype(cells, skipna=True) != "string":
        return cells
    codes, words = pd.factorize(cells)
    return Words(codes, words.tolist())


def given(frame: pd.DataFrame, job: Job, made: dict[str, Made], *, aware: bool) -> pd.DataFrame:
    """The frame with the columns of the answer added; the frame that was given stays as it is."""
    new = {job.prefix + field.name: _array(field, made[field.name], job, aware=aware) for field in job.fields}
    return pd.concat([frame, pd.DataFrame(new, index=frame.index, copy=False)], axis=1)


def _array(field: Field, made: Made, job: Job, *, aware: bool) -> Any:
    unknown = np.zeros(len(made.values), dtype=bool) if made.known is None else ~made.known
    if field.kind is Kind.WORD:
        codes = np.where(unknown, -1, made.values) if unknown.any() else made.values
        return pd.Categorical.from_codes(codes, categories=list(made.words), validate=False)
    if field.kind is Kind.NUMBER:
        return pd.arrays.IntegerArray(made.values.astype(np.int32, copy=False), unknown)
    if field.kind is Kind.TRUTH:
        return made.values
    zone = job.engine.tables.zone
    seconds = made.values if field.kind is Kind.INSTANT else made.values.astype(np.int64) * 86_400
    aware = aware and field.kind is Kind.INSTANT
    times = (clock_of(zone).utc(seconds) if aware else seconds).view("datetime64[s]")
    times = np.where(unknown, np.datetime64("NaT", "s"), times) if unknown.any() else times
    return pd.DatetimeIndex(times, tz="UTC").tz_convert(zone) if aware else times


def is_aware(received: Column) -> bool:
    """Whether receipts carry a zone, so that due times do."""
    return isinstance(received, Aware)
