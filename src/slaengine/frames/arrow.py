"""Arrow arrays as the columns that `slaengine.columns` reads, without copies where types allow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slaengine.errors import InputError
from slaengine.held import NO_TIME, Aware, Column, Lists, Words, in_seconds

__all__ = ["column_of", "is_text", "plain_text"]

KEYS = {"procedure", "level", "variant"}


def column_of(array: pa.Array | pa.ChunkedArray, name: str) -> Column:
    """An array as a column; `name` is the engine's name of it. `InputError` for keys that are no words."""
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    kind = array.type
    if pa.types.is_dictionary(kind) and not is_text(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    for known, read in READERS:
        if known(kind):
            return read(array)
    if name in KEYS and array.null_count == len(array):
        return _nothing(array)
    if name in KEYS:
        raise InputError(f"column {name!r} is of type {kind}", hint="give words as text; numbers lose leading zeros")
    cells: list[Any] = array.to_pylist()
    return cells


def is_text(kind: pa.DataType) -> bool:
    """Whether a type holds text, be it in a dictionary."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def plain_text(array: pa.Array) -> pa.Array:
    """An array that all of Arrow's functions can work on: without a dictionary, and without views of text."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(pa.large_string()) if pa.types.is_string_view(array.type) else array


def _is_list(kind: pa.DataType) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type)


def _numbers(array: pa.Array, width: int) -> np.ndarray[Any, Any]:
    """The numbers of an array of fixed width, those of nulls without meaning; never to be written to."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=f"i{width}")
    return np.frombuffer(data, dtype=f"i{width}", count=len(array), offset=array.offset * width)


def _valid(array: pa.Array) -> np.ndarray[Any, Any]:
    """Which cells are given, from the bits that say so: a twentieth of the time that Arrow takes."""
    bits = array.buffers()[0]
    if bits is None:
        return np.full(len(array), array.null_count == 0)
    given = np.unpackbits(np.frombuffer(bits, np.uint8), count=array.offset + len(array), bitorder="little")
    return given[array.offset :].view(bool)


def _codes(array: pa.Array, width: int) -> np.ndarray[Any, Any]:
    """The numbers of an array, -1 for null."""
    numbers = _numbers(array, width)
    return np.where(_valid(array), numbers, numbers.dtype.type(-1)) if array.null_count else numbers


def _words(array: pa.Array) -> Words:
    """Indices are signed or so small that their sign makes no difference: no dictionary has 2**31 words."""
    kind, words = array.type.index_type, array.dictionary
    if pa.types.is_unsigned_integer(kind) and len(words) > 2 ** (kind.bit_width - 1):
        return Words(_codes(array.indices.cast(pa.int64()), 8), words.to_pylist())
    return Words(_codes(array.indices, kind.bit_width // 8), words.to_pylist())


def _text(array: pa.Array) -> Words:
    return _words(plain_text(array).dictionary_encode())


def _truths(array: pa.Array) -> Words:
    return Words(_codes(array.cast(pa.int8()), 1), [False, True])


def _nothing(array: pa.Array) -> Words:
    return Words(np.full(len(array), -1, dtype=np.int8), [])


def _days(array: pa.Array) -> np.ndarray[Any, Any]:
    array = array.cast(pa.date32()) if pa.types.is_date64(array.type) else array
    return _masked(array, _numbers(array, 4).astype("datetime64[D]"))


def _instants(array: pa.Array) -> Any:
    kind = array.type
    times = _numbers(array, 8).view(f"datetime64[{kind.unit}]")
    if kind.tz is None:
        return _masked(array, times)
    seconds = in_seconds(times)
    return Aware(np.where(_valid(array), seconds, NO_TIME) if array.null_count else seconds)


def _masked(array: pa.Array, times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Times, masked where the array is null."""
    return np.ma.MaskedArray(times, ~_valid(array)) if array.null_count else times


def _lists(array: pa.Array) -> Lists:
    """Lists of structs laid end to end, without the nulls among them."""
    sizes = pc.fill_null(pc.list_value_length(array), 0).to_numpy().astype(np.int64)
    items = array.flatten()
    first = np.concatenate(([0], np.cumsum(sizes)))
    if items.null_count:
        some = _valid(items)
        before = np.concatenate(([0], np.cumsum(some)))
        first, items = before[first], items.filter(pa.array(some))
    fields = zip(items.type.names, items.flatten(), strict=True)
    return Lists(first, {field: column_of(cells, f"{field} of an event") for field, cells in fields})


READERS = (
    (pa.types.is_dictionary, _words),
    (is_text, _text),
    (pa.types.is_boolean, _truths),
    (pa.types.is_null, _nothing),
    (pa.types.is_date, _days),
    (pa.types.is_timestamp, _instants),
    (_is_list, _lists),
)
"""Types, and what reads arrays of them."""
