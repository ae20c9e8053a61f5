"""A record's bytes -> its tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.limits import MAX_RECORD_SIZE, MAX_ROWS, MalformedRecord, check_count
from gold_data.womd.tables import DTYPES, Tables

_ROW_SIZES = np.array([dtype.itemsize for dtype in DTYPES.values()], np.int64)
_ALIGNED = 8
_NO_ROWS = np.empty(0, np.uint8)


def read_tables(data: bytes) -> Tables:
    """The tables of a record's data, in memory of their own; raises MalformedRecord as `decode` does.

    The record is walked twice: first its rows are counted, without a look into those that hold numbers alone, then they
    are stored in as much memory as that takes.
    """
    check_count(len(data), MAX_RECORD_SIZE, "bytes")
    octets = np.frombuffer(data, np.uint8)
    counts = _walk(octets, np.zeros_like(_ROW_SIZES), _NO_ROWS)
    check_count(int(counts.max()), MAX_ROWS, "points, states or signals")
    sizes = (counts * _ROW_SIZES + _ALIGNED - 1) // _ALIGNED * _ALIGNED
    behind = np.cumsum(sizes)
    first = behind - sizes
    rows = np.zeros(behind[-1], np.uint8)
    _walk(octets, first, rows)
    tables = [
        np.ndarray(count, dtype, rows, start)
        for dtype, start, count in zip(DTYPES.values(), first.tolist(), counts.tolist(), strict=True)
    ]
    start, end = tables[0]["scenario_id"][0].tolist()
    return Tables(_text(data[start:end]), *tables)


def _walk(octets: NDArray[np.uint8], first: NDArray[np.int64], rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Walk over a record, its tables beginning at `first` in `rows`; the number of rows of each table."""
    # Here, since numba takes a second to come, and who only looks at a dataset may not have it.
    from gold_data.womd.schema import SCHEMA, counted
    from gold_data.womd.walk import FAULTS, TOO_MANY, walk

    counts = np.empty_like(first)
    places = np.column_stack([first, _ROW_SIZES])
    fault, position, table = walk(octets, SCHEMA.fields, SCHEMA.children, SCHEMA.limits, places, rows, counts)
    if fault == TOO_MANY:
        raise MalformedRecord(f"it has more than {SCHEMA.limits[table]} {counted(table)}")
    if fault:
        raise MalformedRecord(FAULTS[fault].format(position))
    return counts


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRecord(f"its scenario id {octets[:40]!r} is not UTF-8") from None
