"""Bytes that are, nearly are, or are not Scenario messages: fields in any order, twice, packed or not, unknown."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gold_data.womd.protobuf import ScenarioMessage

_NUMBERS = (0, 1, 2, 3, 5, 8, 9, 127, 128, 300, 2**31 - 1, 2**31, 2**32 + 1, 2**63, 2**64 - 1, 2**64 - 300)
_NAN_BITS = (0x7FF0000000000001, 0xFFF8000000000123, 0x7FF8000000000000)


def scenario_bytes(random: Random) -> bytes:
    """A Scenario message at random, in half of the cases damaged."""
    data = message_bytes(ScenarioMessage.DESCRIPTOR, random, 0)
    if random.random() < 0.5 and data:
        return _damaged(data, random)
    return data


def message_bytes(descriptor: Any, random: Random, depth: int) -> bytes:
    """A message of this kind at random: any field any number of times."""
    pieces = []
    for _ in range(random.choice((0, 1, 2, 3, 6))):
        if random.random() < 0.1:
            pieces.append(_unknown(random))
        elif random.random() < 0.04:
            pieces.append(_of_wrong_wire_type(random.choice(descriptor.fields), random))
        else:
            pieces.append(_field(random.choice(descriptor.fields), random, depth))
    if random.random() < 0.5:
        random.shuffle(pieces)
    return b"".join(pieces)


def varint(number: int, overlong: int = 0) -> bytes:
    """A varint, by choice with `overlong` octets more than it needs."""
    octets = bytearray()
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    for _ in range(overlong):
        octets[-1] |= 0x80
        octets.append(0)
    return bytes(octets)


def delimited(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return varint(8 * number + 2) + varint(len(payload)) + payload


def _field(field: Any, random: Random, depth: int) -> bytes:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        if field.is_repeated and random.random() < 0.5:
            return _run(field, random)
        payload = message_bytes(field.message_type, random, depth + 1)
        return _tag(field.number, 2, random) + varint(len(payload), _overlong(random)) + payload
    if field.type == FieldDescriptor.TYPE_STRING:
        return delimited(field.number, random.choice((b"", b"abc", "é".encode(), b"\xff", b"\xed\xa0\x80")))
    wire_type, write = _scalar(field)
    if field.is_repeated and random.random() < 0.5:
        return delimited(field.number, b"".join(write(random) for _ in range(random.randrange(5))))
    return b"".join(_tag(field.number, wire_type, random) + write(random) for _ in range(random.choice((1, 1, 2))))


def _run(field: Any, random: Random) -> bytes:
    """Messages that follow each other with the same fields set, in the order of a common writer."""
    chosen = [inner for inner in field.message_type.fields if random.random() < 0.8]
    small = random.random() < 0.7
    messages = []
    for _ in range(random.choice((2, 3, 8, 150))):
        messages.append(delimited(field.number, _regular(chosen, random, small)))
        if random.random() < 0.02:
            chosen = chosen[1:]
    return b"".join(messages)


def _regular(chosen: list[Any], random: Random, small: bool) -> bytes:
    payload = b""
    for field in chosen:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for _ in range(random.randrange(3) if field.is_repeated else 1):
                payload += delimited(field.number, _regular(field.message_type.fields, random, small))
        else:
            wire_type, write = _scalar(field)
            value = varint(random.randrange(200)) if wire_type == 0 and small else write(random)
            payload += varint(8 * field.number + wire_type) + value
    return payload


def _scalar(field: Any) -> tuple[int, Callable[[Random], bytes]]:
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return 1, lambda random: struct.pack("<Q", random.choice((*_NAN_BITS, random.getrandbits(64))))
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return 5, lambda random: random.choice((b"\x01\0\x80\x7f", b"\x01\0\xc0\xff", random.randbytes(4)))
    return 0, lambda random: varint(random.choice((*_NUMBERS, random.getrandbits(64))))


def _unknown(random: Random) -> bytes:
    number = random.choice((9, 12, 13, 15, 16, 2000, 2**29 - 1))
    group = varint(8 * number + 3) + b"\x08\x01" + varint(8 * number + 4)
    nested = b"\x7b" * 40 + b"\x7c" * 40
    return random.choice(
        (
            varint(8 * number) + varint(random.choice(_NUMBERS)),
            varint(8 * number + 1) + random.randbytes(8),
            varint(8 * number + 5) + random.randbytes(4),
            delimited(number, random.randbytes(random.randrange(200))),
            group,
            nested,
        )
    )


def _of_wrong_wire_type(field: Any, random: Random) -> bytes:
    return random.choice(
        (
            varint(8 * field.number) + varint(random.choice(_NUMBERS)),
            varint(8 * field.number + 1) + random.randbytes(8),
            varint(8 * field.number + 5) + random.randbytes(4),
            varint(8 * field.number + 3) + varint(8 * field.number + 4),
        )
    )


def _tag(number: int, wire_type: int, random: Random) -> bytes:
    return varint(8 * number + wire_type, _overlong(random))


def _overlong(random: Random) -> int:
    return random.choice((1, 2, 3, 4)) if random.random() < 0.02 else 0


def _damaged(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return random.choice(
        (
            data[:place],
            data[:place] + bytes((data[place] ^ 1 << random.randrange(8),)) + data[place + 1 :],
            data[:place] + random.randbytes(1) + data[place:],
            data[:place] + data[place + 1 :],
        )
    )
