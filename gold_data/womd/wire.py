"""Protobuf's wire format: the fields of a message, told apart as the protobuf library (upb) does.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TypeAlias

from gold_data.womd.limits import MAX_ENTRIES, MAX_NESTING, MalformedRecord, check_count

VARINT, FIXED64, LENGTH, GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types. A tag is eight times the field's number plus one of these."""

Field: TypeAlias = tuple[int, int, int, int]
"""(tag, value, length, count).

`value` is a varint's value, of 64 unsigned bits; for the other wire types it is the offset in the data of a payload
of `length` bytes. `count` is 1, or the number of fields with this tag and length that follow each other, each header
having two bytes: the payloads stand `length + 2` bytes apart.
"""


def fields(data: bytes, start: int, end: int, depth: int) -> list[Field]:  # noqa: PLR0912 - a call a field is slow
    """The fields, in order and without groups, of the message data[start:end] that is `depth` messages deep.

    Raises MalformedRecord where these bytes are no message.
    """
    found: list[Field] = []
    add = found.append
    position = start
    try:
        while position < end:
            first = position
            tag = data[position]
            position += 1
            if not 8 <= tag < 0x80:
                tag, position = _tag(data, first)
            wire_type = tag & 7
            if wire_type == LENGTH:
                length = data[position]
                value = position = position + 1
                if length >= 0x80:
                    length, value = _short_varint(data, position - 1, 2**31)
                position = value + length
                if value - first == 2 and data[position : position + 2] == data[first:value]:
                    count = _alike(data, first, end, length + 2)
                    add((tag, value, length, count))
                    position = first + count * (length + 2)
                else:
                    add((tag, value, length, 1))
            elif wire_type == VARINT:
                value = data[position]
                position += 1
                if value >= 0x80:
                    value, position = varint(data, position - 1)
                add((tag, value, 0, 1))
            elif wire_type == FIXED64:
                add((tag, position, 8, 1))
                position += 8
            elif wire_type == FIXED32:
                add((tag, position, 4, 1))
                position += 4
            elif wire_type == GROUP:
                position = _behind_group(data, position, end, tag >> 3, depth + 1)
            else:
                raise MalformedRecord(f"its byte {first} starts no field")
            if len(found) > MAX_ENTRIES:
                break
    except IndexError:
        raise MalformedRecord("its last field is cut off") from None
    check_count(len(found), MAX_ENTRIES, "fields in a message")
    if position > end:
        raise MalformedRecord(f"its field at byte {first} does not end where the message around it does")
    return found


def top_level_tags(data: bytes) -> set[int]:
    """The tags of a message of which `data` may be no more than the start; what is no message ends them."""
    tags = set()
    position = 0
    try:
        while position < len(data):
            tag, position = varint(data, position)
            tags.add(tag)
            if tag & 7 == VARINT:
                _, position = varint(data, position)
            elif tag & 7 == LENGTH:
                length, position = varint(data, position)
                position += length
            elif tag & 7 in (FIXED32, FIXED64):
                position += 4 if tag & 7 == FIXED32 else 8
            else:
                break
    except MalformedRecord:
        pass
    return tags


def tag_of(number: int, wire_type: int) -> int:
    """The tag of a field."""
    return 8 * number + wire_type


def payloads(field: Field) -> range:
    """Where the payloads of a length-delimited field start."""
    _, start, length, count = field
    return range(start, start + count * (length + 2), length + 2)


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


def numbers(data: bytes, field: Field) -> list[int]:
    """The varints in a field of a repeated number, be it packed or not."""
    tag, value, length, _ = field
    if tag & 7 == VARINT:
        return [value]
    values = []
    for start in payloads(field):
        position = start
        while position < start + length:
            value, position = varint(data, position)
            values.append(value)
            check_count(len(values), MAX_ENTRIES, "numbers in a list")
        if position > start + length:
            raise MalformedRecord(f"its list at byte {start} does not end with a whole number")
    return values


def int32(value: int) -> int:
    """A varint as a signed number of 32 bits; the upper ones are dropped, as protobuf does."""
    return (value + 2**31) % 2**32 - 2**31


def int64(value: int) -> int:
    """A varint as a signed number of 64 bits."""
    return value if value < 2**63 else value - 2**64


def known(value: int, count: int, default: int) -> int:
    """A varint as an enumeration's number: `default` where it is not among the `count` first ones, as in proto2."""
    number = int32(value)
    return number if 0 <= number < count else default


def _tag(data: bytes, position: int) -> tuple[int, int]:
    tag, behind = _short_varint(data, position, 2**32)
    if tag < 8:
        raise MalformedRecord(f"its byte {position} starts a field with the number 0")
    return tag, behind


def _short_varint(data: bytes, position: int, limit: int) -> tuple[int, int]:
    """A tag or a length: at most five bytes, and below `limit`."""
    value, behind = varint(data, position)
    if value >= limit or behind - position > 5:
        raise MalformedRecord(f"its byte {position} starts a tag or length that is too large")
    return value, behind


def _alike(data: bytes, start: int, end: int, stride: int) -> int:
    """How many fields from `start` on have the same two bytes of header and end by `end`; at least two."""
    tag, length = data[start], data[start + 1]
    whole = (end - start) // stride
    count, window = 0, 128
    while count < whole:
        begin = start + count * stride
        size = min(whole - count, window)
        stop = begin + size * stride
        tags, lengths = data[begin:stop:stride], data[begin + 1 : stop : stride]
        if not tags.count(tag) == lengths.count(length) == size:
            return count + min(_leading(tags, tag), _leading(lengths, length))
        count += size
        window *= 4
    return count


def _leading(octets: bytes, octet: int) -> int:
    return len(octets) - len(octets.lstrip(bytes((octet,))))


def _behind_group(data: bytes, position: int, end: int, number: int, depth: int) -> int:
    """The position behind the end of the unknown group whose start tag ends at `position`."""
    open_groups = [number]
    while open_groups:
        if depth + len(open_groups) > MAX_NESTING + 1:
            raise MalformedRecord(f"its unknown groups are nested more than {MAX_NESTING} deep")
        if position >= end:
            raise MalformedRecord("its last group is not closed")
        first = position
        tag, position = _short_varint(data, position, 2**32)
        wire_type = tag & 7
        if wire_type == VARINT:
            _, position = varint(data, position)
        elif wire_type == FIXED64:
            position += 8
        elif wire_type == FIXED32:
            position += 4
        elif wire_type == LENGTH:
            length, position = _short_varint(data, position, 2**31)
            position += length
        elif wire_type == GROUP:
            open_groups.append(tag >> 3)
        elif wire_type != END_GROUP or tag >> 3 != open_groups.pop():
            raise MalformedRecord(f"its byte {first} starts no field")
    if position > end:
        raise MalformedRecord("its last group is not closed")
    return position
