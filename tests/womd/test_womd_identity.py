from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from womd_wire_examples import delimited, scenario_bytes

from gold_data.womd import MalformedRecord, decode
from gold_data.womd.identity import scenario_id_of
from gold_data.womd.protobuf import ScenarioMessage


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**63))
def test_it_is_the_id_that_decoding_gives(seed: int) -> None:
    data = scenario_bytes(Random(seed))
    try:
        expected = decode(data).scenario_id
    except MalformedRecord:
        return
    assert scenario_id_of(data) == expected


@given(st.text(max_size=40), st.integers(0, 300))
def test_it_stands_behind_whatever_came_before(name: str, tracks: int) -> None:
    message = ScenarioMessage(scenario_id=name, timestamps_seconds=[0.1] * tracks)
    for number in range(tracks):
        message.tracks.add(id=number)
    message.map_features.add(id=5).lane.polyline.add(x=1.0)
    assert scenario_id_of(message.SerializeToString()) == name


def test_the_last_of_several_counts_and_none_is_empty() -> None:
    assert scenario_id_of(delimited(5, b"first") + delimited(2, b"") + delimited(5, b"second")) == "second"
    assert scenario_id_of(b"") == ""
    assert scenario_id_of(delimited(2, delimited(5, b"inside"))) == ""


@pytest.mark.parametrize("data", [delimited(5, b"\xff\xfe"), b"\x2a\x05ab", b"\x2a", b"\x0f"])
def test_what_is_no_message_or_no_text_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        scenario_id_of(data)
