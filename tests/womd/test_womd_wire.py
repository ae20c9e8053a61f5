from __future__ import annotations

from random import Random

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from womd_wire_examples import delimited, scenario_bytes, varint

from gold_data.womd import wire
from gold_data.womd.limits import MalformedRecord
from gold_data.womd.protobuf import ScenarioMessage


@given(st.integers(0, 2**64 - 1), st.integers(0, 3))
def test_varints_of_up_to_ten_octets(number: int, overlong: int) -> None:
    octets = varint(number, overlong)
    if len(octets) <= 10:
        assert wire.varint(octets + b"\x01", 0) == (number, len(octets))
    else:
        with pytest.raises(MalformedRecord, match="more than ten bytes"):
            wire.varint(octets, 0)


def test_top_level_tags_of_the_start_of_a_message() -> None:
    data = b"\x08\x01" + delimited(2, b"abc") + b"\x1d" + bytes(4) + delimited(4, bytes(50))
    assert wire.top_level_tags(data[:-20]) == {8, 18, 29, 34}
    assert wire.top_level_tags(b"\x08\x01\x0f\x10\x01") == {8, 15}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**63))
def test_fields_are_those_of_a_message_without_its_groups(seed: int) -> None:
    data = scenario_bytes(Random(seed))
    try:
        message = ScenarioMessage.FromString(data)
    except DecodeError:
        return
    found = list(wire.fields(data))
    assert sum(tag == wire.tag_of(8, wire.LENGTH) for tag, _, _ in found) == len(message.map_features)
    ids = [data[start:end] for tag, start, end in found if tag == wire.tag_of(5, wire.LENGTH)]
    if isinstance(message.scenario_id, str):
        assert (ids or [b""])[-1].decode() == message.scenario_id


def test_a_field_in_a_group_may_have_the_number_0() -> None:
    assert list(wire.fields(b"\x4b\x00\x01\x4c\x08\x01")) == [(8, 5, 6)]


@pytest.mark.parametrize(
    "data", [b"\x00\x05", b"\x0e\x01", b"\x0c", b"\x08", b"\x0a\x05ab", b"\x0b\x08\x01", b"\x0b\x14"]
)
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        list(wire.fields(data))
