"""`assess_table`: whatever kind of table goes in, the same kind with the answer added comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar, overload

from slaengine import batch
from slaengine.engine import Engine
from slaengine.errors import InputError
from slaengine.frames.whole import How
from slaengine.held import Column
from slaengine.table import Job, assess_columns

__all__ = ["assess_table"]

EXTRA = {"pyarrow", "narwhals"}


class Streaming(Protocol):
    """A frame with an Arrow stream: of pandas, Polars, PyArrow, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class Lazy(Protocol):
    """A lazy frame of Polars."""

    def collect_schema(self) -> Any:
        """Its columns."""


class Scanned(Protocol):
    """A dataset of PyArrow."""

    def scanner(self) -> Any:
        """What reads it."""


class Indexed(Protocol):
    """A frame of pandas."""

    def itertuples(self) -> Any:
        """Its rows."""


Frame = TypeVar("Frame", bound=Streaming | Lazy | Scanned | Indexed)


@overload
def assess_table(
    frame: Mapping[str, Column],
    engine: Engine,
    *,
    today: date | None = ...,
    columns: Mapping[str, str] | None = ...,
    values: Mapping[str, Mapping[str, str]] | None = ...,
    prefix: str = ...,
    also: Sequence[str] = ...,
    events: Mapping[str, Any] | None = ...,
    threads: int = ...,
    block: int = ...,
    progress: Callable[[int], None] | None = ...,
) -> dict[str, Any]: ...
@overload
def assess_table(
    frame: Frame,
    engine: Engine,
    *,
    today: date | None = ...,
    columns: Mapping[str, str] | None = ...,
    values: Mapping[str, Mapping[str, str]] | None = ...,
    prefix: str = ...,
    also: Sequence[str] = ...,
    events: Mapping[str, Any] | None = ...,
    threads: int = ...,
    block: int = ...,
    progress: Callable[[int], None] | None = ...,
) -> Frame: ...
def assess_table(
    frame: Any,
    engine: Engine,
    *,
    today: date | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    prefix: str = "",
    also: Sequence[str] = (),
    events: Mapping[str, Any] | None = None,
    threads: int = 1,
    block: int = batch.BLOCK,
    progress: Callable[[int], None] | None = None,
) -> Any:
    """Assess every record of a table; rows in are rows out, in their order.

    `frame` is a mapping of names to NumPy arrays or sequences, a frame of pandas or Polars (lazy ones stay lazy), a
    PyArrow table, record batch, reader or dataset, a DuckDB relation, or whatever has an Arrow stream. The same kind
    comes back, with all columns and those of `OUTPUT` added, each name preceded by `prefix`; `also` asks for columns of
    `ON_REQUEST`. Nothing that is given is changed.

    Needed are `procedure`, `received_at` and, where the pack has several levels, `level`; `columns` maps them to
    foreign names, `values` foreign values to known ones. `events` are clock events in frames of their own, keyed by
    `case_id`. Neither the number of `threads` nor `block`, the rows that the kernel takes at once, changes an answer.

    What is not known is null (in NumPy masked, NaT or None), and `problem` says why: one bad row never fails the batch.
    A missing column, unequal lengths, a type that cannot be read or a clash of names raise `InputError`.

    >>> import slaengine as sla
    >>> engine = sla.Engine(sla.load_pack("vn-national"))
    >>> found = assess_table({"procedure": ["1.004837"], "level": ["commune"], "received_at": ["2025-04-28"]}, engine)
    >>> found["due_date"]
    array(['2025-05-06'], dtype='datetime64[D]')
    """
    job = Job(engine, today, columns or {}, values or {}, prefix, also, block)
    if isinstance(frame, Mapping) and not events and threads == 1:
        return assess_columns(frame, job, progress)
    try:
        from slaengine.frames.kinds import assess_frame  # noqa: PLC0415  # loads pyarrow, which NumPy does not need
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        hint = "run: pip install 'slaengine[batch]'"
        raise InputError(f"frames need the package {error.name}", hint=hint) from error
    return assess_frame(frame, job, How(threads, progress, events or {}))
