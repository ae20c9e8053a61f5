"""Protobuf's wire format, as far as it tells what kind of message some bytes are.

https://protobuf.dev/programming-guides/encoding/; `gold_data.womd.walk` reads whole messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from gold_data.womd.limits import MalformedRecord

VARINT, FIXED64, LENGTH, GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types. A tag is eight times the field's number plus one of these."""

_VALUES = (VARINT, FIXED64, LENGTH, FIXED32)


def tag_of(number: int, wire_type: int) -> int:
    """The tag of a field."""
    return 8 * number + wire_type


def fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The fields of a message, in order: tag, and from where to where in `data` the value stands; without groups.

    Raises MalformedRecord behind the last field of which the value has at least begun, where `data` are no message.
    """
    open_groups: list[int] = []
    position = 0
    while position < len(data):
        tag, start = varint(data, position)
        position = start
        wire_type = tag & 7
        if wire_type == VARINT:
            _, position = varint(data, start)
        elif wire_type == LENGTH:
            length, start = varint(data, start)
            position = start + length
        elif wire_type in (FIXED32, FIXED64):
            position += 4 if wire_type == FIXED32 else 8
        elif wire_type == GROUP:
            open_groups.append(tag >> 3)
            continue
        if wire_type == END_GROUP and open_groups and open_groups.pop() == tag >> 3:
            continue
        if not open_groups:
            yield tag, start, position
        if wire_type not in _VALUES or (tag < 8 and not open_groups):
            raise MalformedRecord(f"its byte {start - 1} starts no field")
    if position > len(data) or open_groups:
        raise MalformedRecord("its last field is cut off")


def top_level_tags(data: bytes) -> set[int]:
    """The tags of a message of which `data` may be no more than the start; what is no message ends them."""
    tags = set()
    with suppress(MalformedRecord):
        for tag, _, _ in fields(data):
            tags.add(tag)
    return tags


def varint(data: bytes, position: int) -> tuple[int, int]:
    """The varint at `position`, cut to 64 bits, and the position behind it."""
    value = shift = 0
    for byte in data[position : position + 10]:
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
        shift += 7
    if shift < 70:
        raise MalformedRecord("its last field is cut off")
    raise MalformedRecord(f"its varint at byte {position - 10} has more than ten bytes")
