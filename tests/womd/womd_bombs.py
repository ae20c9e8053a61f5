"""Records made to fill the memory or the stack, each read with little memory to spare: run as a program of its own."""

from __future__ import annotations

import io
import json
import resource
import struct
from collections.abc import Callable
from typing import Any

import google_crc32c
from womd_wire_examples import delimited

from gold_data.errors import RecordError
from gold_data.womd import MalformedRecord, decode, read_record, scan
from gold_data.womd.tfrecord import masked

SPARE = 250 * 2**20
"""Bytes that a read may take beyond what the program holds before; the records themselves have up to 30 MB."""


def claims_too_much() -> bytes:
    length = struct.pack("<Q", 2**60)
    return length + struct.pack("<I", masked(google_crc32c.value(length))) + bytes(100)


def nested_messages() -> bytes:
    data = b""
    for _ in range(10**4):
        data = delimited(15, data)
    return data


def long_lane() -> bytes:
    point = delimited(8, b"\x09" + bytes(8) + b"\x11" + bytes(8) + b"\x19" + bytes(8))
    return delimited(8, delimited(3, point * 10**6))


CASES: dict[str, tuple[Callable[[], bytes], Callable[[bytes], Any]]] = {
    "a record that claims 2**60 bytes, read": (claims_too_much, lambda data: read_record(io.BytesIO(data), 0, "x")),
    "a record that claims 2**60 bytes, scanned": (claims_too_much, lambda data: [one.reason for one in scan(data)]),  # type: ignore[union-attr]
    "a lane of a million points": (long_lane, decode),
    "a field that claims 2**60 bytes": (lambda: b"\x12" + b"\x80" * 8 + b"\x10" + bytes(100), decode),
    "ten thousand groups in each other": (lambda: b"\x7b" * 10**4 + b"\x7c" * 10**4, decode),
    "ten thousand messages in each other": (nested_messages, decode),
    "a million tracks": (lambda: delimited(2, b"") * 10**6, decode),
}


def bounded(read: Callable[[bytes], Any], data: bytes) -> str:
    with open("/proc/self/statm") as file:
        held = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + SPARE, resource.RLIM_INFINITY))
    try:
        return str(read(data))
    except (MalformedRecord, RecordError) as error:
        return f"refused: {error}"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    decode(b"")  # what is compiled is loaded before memory is counted
    print(json.dumps({name: bounded(read, make()) for name, (make, read) in CASES.items()}))
