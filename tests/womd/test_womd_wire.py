from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from womd_wire_examples import delimited, varint

from gold_data.womd import wire
from gold_data.womd.limits import MalformedRecord


@given(st.integers(0, 2**64 - 1), st.integers(0, 3))
def test_varints_of_up_to_ten_octets(number: int, overlong: int) -> None:
    octets = varint(number, overlong)
    if len(octets) <= 10:
        assert wire.varint(octets + b"\x01", 0) == (number, len(octets))
    else:
        with pytest.raises(MalformedRecord, match="more than ten bytes"):
            wire.varint(octets, 0)


def test_signed_numbers() -> None:
    assert [wire.int32(n) for n in (5, 2**31, 2**64 - 1, 2**32 + 7)] == [5, -(2**31), -1, 7]
    assert [wire.int64(n) for n in (5, 2**63, 2**64 - 1)] == [5, -(2**63), -1]
    assert [wire.known(n, 4, 2) for n in (3, 4, 2**64 - 1, 2**32 + 1)] == [3, 2, 2, 1]


def test_fields_of_each_wire_type() -> None:
    data = (
        b"\x08\x96\x01"
        + b"\x11"
        + bytes(8)
        + delimited(3, b"abc")
        + b"\x25"
        + bytes(4)
        + b"\x2b\x08\x01\x2c"
        + b"\x30\x01"
    )
    assert wire.fields(data, 0, len(data), 0) == [
        (8, 150, 0, 1),
        (17, 4, 8, 1),
        (26, 14, 3, 1),
        (37, 18, 4, 1),
        (48, 1, 0, 1),
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(0, 90), st.binary(max_size=4))
def test_a_run_is_counted_to_its_last_whole_field(count: int, length: int, tail: bytes) -> None:
    data = delimited(2, bytes(length)) * count + delimited(2, bytes(length + 1)) + b"\x38\x01" + tail
    whole = data[: len(data) - len(tail)]
    assert wire.fields(whole, 0, len(whole), 0)[0] == (18, 2, length, count)
    assert list(wire.payloads((18, 2, length, 3))) == [2, 4 + length, 6 + 2 * length]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x05", "number 0"),
        (b"\x0e\x01", "starts no field"),
        (b"\x0c", "starts no field"),
        (b"\x08", "cut off"),
        (b"\x0a\x05ab", "does not end"),
        (b"\x0a\xff\xff\xff\xff\x0fa", "too large"),
        (b"\x0b\x08\x01", "not closed"),
        (b"\x0b\x14", "starts no field"),
        (b"\x0b" * 101 + b"\x0c" * 101, "nested"),
    ],
)
def test_what_is_no_message(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedRecord, match=reason):
        wire.fields(data, 0, len(data), 0)


def test_top_level_tags_of_the_start_of_a_message() -> None:
    data = b"\x08\x01" + delimited(2, b"abc") + b"\x1d" + bytes(4) + delimited(4, bytes(50))
    assert wire.top_level_tags(data[:-20]) == {8, 18, 29, 34}
    assert wire.top_level_tags(b"\x08\x01\x0f\x10\x01") == {8, 15}
