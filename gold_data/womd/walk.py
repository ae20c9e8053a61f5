"""The walk over a record's bytes, compiled: protobuf's wire format -> rows of tables.

https://protobuf.dev/programming-guides/encoding/, told apart as the protobuf library (upb) does. Which field goes where
is data (gold_data.womd.schema makes it); here is only how it is followed. Compiled code looks wherever an index points
to, so that each read stands behind a comparison with the end of the message that it is in.

Numba keeps what it compiled until this file changes: nothing here may hang on what another one defines.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Octets: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[Any]

VARINT, FIXED64, LENGTH, GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types: the lowest three bits of a tag."""

UNKNOWN, INT32, INT64, BOOL, ENUM, FLOAT, DOUBLE, OCTETS, LIST, MESSAGES, CHOICE, INSIDE = range(12)
"""What is done with a field, and the numbers that tell how:

    UNKNOWN                            it is skipped
    INT32 INT64 BOOL FLOAT DOUBLE      (place): stored in the row, so many octets from its start
    ENUM                               (place, count): the same, where it is less than count
    OCTETS                             (place): stored from where to where in the data they stand
    LIST                               (table, operation): a number, or many of them; each is a row of a table
    MESSAGES                           (table, message, leaf): a message that is a row of a table; what it holds is in
                                       that row alone where leaf is 1
    CHOICE                             (table, message, place, number): the same, but that of all such fields only the
                                       last one given stands, and more of it adds to its row; which one it is, and
                                       which row, is stored from place on
    INSIDE                             (place, message): a message whose fields are part of the row
"""

CUT_OFF, LONG_VARINT, LARGE, NO_FIELD, NUMBER_0, OVER_THE_END, DEEP_GROUPS, PARTS, JUNK, TOO_MANY = range(1, 11)
FAULTS = (
    "",
    "its last field, at byte {}, is cut off",
    "its varint at byte {} has more than ten bytes",
    "its byte {} starts a tag or length that is too large",
    "its byte {} starts no field",
    "its byte {} starts a field with the number 0",
    "its field at byte {} does not end where the message around it does",
    "its unknown groups at byte {} are nested more than 100 deep",
    "its list at byte {} is no whole number of varints or doubles",
    "it has more than 1000000 unknown fields",
)
"""What can be wrong at which byte; TOO_MANY is said of a table."""

DEPTH = 8
"""Messages within each other, as far as they are known."""
MAX_NESTING = 100
"""Groups and messages within each other: protobuf's own limit."""
MAX_UNKNOWN = 1_000_000
"""Unknown fields in a record."""


@njit(cache=True)
def walk(  # noqa: PLR0912, PLR0915 - one loop: arrays handed from function to function cost numba more than the walk
    data: Octets, fields: Numbers, children: Numbers, limits: Numbers, places: Numbers, rows: Octets, counts: Numbers
) -> tuple[int, int, int]:
    """Follow a record's `data` down to its numbers, and store them in `rows`, the octets of all tables.

    `fields[message, tag]` are an operation and its numbers. `children[message]` are pairs (table, place), then -1: to
    which tables its lists and messages go, and where in its own row is stored which of their rows these are; `limits`
    says for each table how many rows of it one message may have. `places[table]` are the table's first octet and the
    octets of a row. `counts` becomes the number of rows of each table. Where `rows` are empty, rows are counted only.

    Returns (what is wrong or 0, the octet at which it is, the table that it is about).
    """
    store = len(rows) > 0
    firsts = np.zeros(len(counts), np.int64)
    around = np.empty((DEPTH, 5), np.int64)
    counts[:] = 0
    counts[0] = 1
    message, end, row, chosen, chosen_row = 0, len(data), 0, 0, 0
    level = position = unknown = 0
    while True:
        if position == end:
            for child in range(children.shape[1]):
                table = children[message, child, 0]
                if table < 0:
                    break
                if counts[table] - firsts[table] > limits[table]:
                    return TOO_MANY, position, table
                if store:
                    place = row + children[message, child, 1]
                    _store(rows, place, np.uint64(firsts[table]), 8)
                    _store(rows, place + 8, np.uint64(counts[table]), 8)
            if level == 0:
                return 0, position, 0
            level -= 1
            message, end, row = around[level, 0], around[level, 1], around[level, 2]
            chosen, chosen_row = around[level, 3], around[level, 4]
            continue

        start = position
        tag: Any = np.int64(data[position])
        position += 1
        if tag >= 0x80:
            tag, position = _header(data, start, end, 1 << 32)
            if position < 0:
                return -position, start, 0
        if tag < 8:
            return NUMBER_0, start, 0
        wire_type = tag & 7
        operation = UNKNOWN
        if tag < 0x80:
            operation, first, second = fields[message, tag, 0], fields[message, tag, 1], fields[message, tag, 2]
        if operation == UNKNOWN:
            unknown += 1
            if unknown > MAX_UNKNOWN:
                return JUNK, start, 0
            if wire_type == GROUP:
                position = _behind_group(data, position, end, tag >> 3, level + 1)
            else:
                position = _behind_value(data, position, end, wire_type)
            if position < 0:
                return -position, start, 0
            continue

        if wire_type == LENGTH:
            if position == end:
                return CUT_OFF, start, 0
            length: Any = np.int64(data[position])
            position += 1
            if length >= 0x80:
                length, position = _header(data, position - 1, end, 1 << 31)
                if position < 0:
                    return -position, start, 0
            stop = position + length
            if stop > end:
                return OVER_THE_END, start, 0
            if operation == MESSAGES and not store and fields[message, tag, 3] != 0:
                counts[first] += 1
                position = stop
                continue
            if operation >= MESSAGES:
                around[level, 0], around[level, 1], around[level, 2] = message, end, row
                message, end = second, stop
                if operation == INSIDE:
                    row += first
                elif operation == CHOICE and first == chosen:
                    row = chosen_row
                else:
                    _open(children, message, firsts, counts)
                    if operation == CHOICE:
                        chosen, chosen_row = first, places[first, 0] + counts[first] * places[first, 1]
                        if store:
                            place = row + fields[around[level, 0], tag, 3]
                            _store(rows, place, np.uint64(fields[around[level, 0], tag, 4]), 8)
                            _store(rows, place + 8, np.uint64(counts[first]), 8)
                    row = places[first, 0] + counts[first] * places[first, 1]
                    counts[first] += 1
                around[level, 3], around[level, 4] = chosen, chosen_row
                chosen = 0
                level += 1
                continue
            if operation == LIST:
                size = places[first, 1]
                while position < stop:
                    place = places[first, 0] + counts[first] * size
                    counts[first] += 1
                    if second == DOUBLE:
                        if stop - position < 8:
                            return PARTS, start, 0
                        if store:
                            _copy(rows, place, data, position, 8)
                        position += 8
                    else:
                        value, position = _varint(data, position, stop)
                        if position < 0:
                            return PARTS, start, 0
                        if store:
                            _store(rows, place, value, size)
            elif operation == OCTETS and store:
                _store(rows, row + first, np.uint64(position), 8)
                _store(rows, row + first + 8, np.uint64(stop), 8)
            position = stop
        elif wire_type == VARINT:
            if position == end:
                return CUT_OFF, start, 0
            value = np.uint64(data[position])
            position += 1
            if value >= 0x80:
                value, position = _varint(data, position - 1, end)
                if position < 0:
                    return -position, start, 0
            if operation == LIST:
                if store:
                    size = places[first, 1]
                    _store(rows, places[first, 0] + counts[first] * size, value, size)
                counts[first] += 1
            elif store:
                place = row + first
                if operation == INT32:
                    _store(rows, place, value, 4)
                elif operation == INT64:
                    _store(rows, place, value, 8)
                elif operation == BOOL:
                    rows[place] = value != 0
                elif value & np.uint64(0xFFFFFFFF) < np.uint64(second):
                    _store(rows, place, value, 4)
        elif wire_type == FIXED64:
            if end - position < 8:
                return CUT_OFF, start, 0
            if operation == LIST:
                if store:
                    _copy(rows, places[first, 0] + counts[first] * 8, data, position, 8)
                counts[first] += 1
            elif store:
                _copy(rows, row + first, data, position, 8)
            position += 8
        elif wire_type == FIXED32:
            if end - position < 4:
                return CUT_OFF, start, 0
            if store:
                _copy(rows, row + first, data, position, 4)
            position += 4


@njit(cache=True)
def _varint(data: Octets, position: int, end: int) -> tuple[np.uint64, int]:
    """The varint at `position`, cut to 64 bits, and the position behind it; or what is wrong, below 0."""
    value = np.uint64(0)
    for octet in range(10):
        if position == end:
            return value, -CUT_OFF
        bits = np.uint64(data[position])
        position += 1
        value |= (bits & np.uint64(0x7F)) << np.uint64(7 * octet)
        if bits < 0x80:
            return value, position
    return value, -LONG_VARINT


@njit(cache=True)
def _header(data: Octets, position: int, end: int, limit: int) -> tuple[Any, int]:
    """A tag or a length, of at most five octets and below `limit`, and the position behind it; or what is wrong."""
    value, behind = _varint(data, position, end)
    if behind >= 0 and (value >= np.uint64(limit) or behind - position > 5):
        behind = -LARGE
    return np.int64(value), behind


@njit(cache=True)
def _behind_value(data: Octets, position: int, end: int, wire_type: int) -> int:
    """The position behind an unknown field's value; or what is wrong, below 0."""
    if wire_type == VARINT:
        _, position = _varint(data, position, end)
    elif wire_type == FIXED64:
        position += 8
    elif wire_type == FIXED32:
        position += 4
    elif wire_type == LENGTH:
        length, position = _header(data, position, end, 1 << 31)
        if position >= 0:
            position += length
    else:
        return -NO_FIELD
    return -CUT_OFF if position > end else position


@njit(cache=True)
def _behind_group(data: Octets, position: int, end: int, number: int, depth: int) -> int:
    """The position behind the end of an unknown group whose start tag ends at `position`; or what is wrong, below 0."""
    numbers = np.empty(MAX_NESTING + 2, np.int64)
    numbers[0] = number
    groups = 1
    while groups > 0:
        if depth + groups > MAX_NESTING + 1:
            return -DEEP_GROUPS
        tag, position = _header(data, position, end, 1 << 32)
        if position < 0:
            return position
        wire_type = tag & 7
        if wire_type == GROUP:
            numbers[groups] = tag >> 3
            groups += 1
        elif wire_type == END_GROUP and numbers[groups - 1] == tag >> 3:
            groups -= 1
        else:
            position = _behind_value(data, position, end, wire_type)  # here upb lets a field have the number 0
            if position < 0:
                return position
    return position


@njit(cache=True)
def _store(rows: Octets, place: int, value: np.uint64, size: int) -> None:
    """Store the lowest octets of a number, the lowest one first."""
    for octet in range(np.uint64(size)):
        rows[np.uint64(place) + octet] = np.uint8(value >> (np.uint64(8) * octet))


@njit(cache=True)
def _copy(rows: Octets, place: int, data: Octets, position: int, size: int) -> None:
    for octet in range(np.uint64(size)):
        rows[np.uint64(place) + octet] = data[np.uint64(position) + octet]


@njit(cache=True)
def _open(children: Numbers, message: int, firsts: Numbers, counts: Numbers) -> None:
    """Note where the rows of a message begin in the tables that hold them."""
    for child in range(children.shape[1]):
        table = children[message, child, 0]
        if table < 0:
            break
        firsts[table] = counts[table]
