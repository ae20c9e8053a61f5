from __future__ import annotations

import struct
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from womd_equality import equal
from womd_wire_examples import delimited, scenario_bytes, varint

from gold_data.womd import limits
from gold_data.womd.limits import MalformedRecord
from gold_data.womd.messages import EmptyFeature, Lane, Scenario
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.reference import decode_with_protobuf
from gold_data.womd.scenario import decode


def decoded(data: bytes) -> Scenario | None:
    try:
        return decode(data)
    except MalformedRecord:
        return None


def by_protobuf(data: bytes) -> Scenario | None:
    try:
        return decode_with_protobuf(data)
    except MalformedRecord:
        return None


@settings(max_examples=600, deadline=None)
@given(st.integers(0, 2**63))
def test_any_bytes_are_read_or_refused_as_protobuf_does(seed: int) -> None:
    data = scenario_bytes(Random(seed))
    assert equal(decoded(data), by_protobuf(data))


def test_the_examples_hold_what_is_read_and_what_is_refused() -> None:
    refused = [by_protobuf(scenario_bytes(Random(seed))) is None for seed in range(300)]
    assert 0.15 < np.mean(refused) < 0.6


def whole_message() -> ScenarioMessage:
    message = ScenarioMessage(scenario_id="é1", sdc_track_index=1, current_time_index=10)
    message.timestamps_seconds.extend([0.0, 0.1])
    message.objects_of_interest.extend([7, -1])
    message.tracks_to_predict.add(track_index=1, difficulty=2)
    for id in (3, 4):
        track = message.tracks.add(id=id, object_type=id - 2)
        track.states.add(center_x=id, center_y=-1.5, length=4.5, heading=0.25, velocity_x=1.5, valid=True)
        track.states.add(valid=False)
    signal = message.dynamic_map_states.add().lane_states.add(lane=900, state=6)
    signal.stop_point.x, signal.stop_point.z = 1.0, 2.0
    message.dynamic_map_states.add()
    lane = message.map_features.add(id=5).lane
    lane.speed_limit_mph, lane.type, lane.interpolating = 25.0, 2, True
    for x in range(3):
        lane.polyline.add(x=x, y=1.0, z=0.0)
    lane.entry_lanes.extend([6, 300])
    lane.left_boundaries.add(lane_start_index=1, lane_end_index=200, boundary_feature_id=70000, boundary_type=2)
    neighbor = lane.right_neighbors.add(feature_id=6, self_end_index=300, neighbor_end_index=2)
    neighbor.boundaries.add(lane_end_index=9, boundary_feature_id=8)
    message.map_features.add(id=6).road_line.polyline.add(x=1.0)
    message.map_features.add(id=7).road_edge.type = 1
    message.map_features.add(id=8).stop_sign.lane.extend([5, 6])
    message.map_features.add(id=9).crosswalk.polygon.add(y=2.0)
    message.map_features.add(id=10).speed_bump.polygon.add(y=3.0)
    message.map_features.add(id=11).driveway.polygon.add(z=4.0)
    message.map_features.add(id=12)
    return message


def test_each_field_is_read() -> None:
    scenario = decode(whole_message().SerializeToString())
    assert equal(scenario, decode_with_protobuf(whole_message().SerializeToString()))
    assert (scenario.scenario_id, scenario.sdc_track_index, scenario.current_time_index) == ("é1", 1, 10)
    assert scenario.objects_of_interest == (7, -1)
    assert [track.object_type for track in scenario.tracks] == [1, 2]
    assert scenario.tracks[1].states["center_x"].tolist() == [4.0, 0.0]
    assert scenario.dynamic_map_states[0]["stop_point"].tolist() == [[1.0, 0.0, 2.0]]
    lane = scenario.map_features[0]
    assert isinstance(lane, Lane)
    assert lane.polyline.tolist() == [[0, 1, 0], [1, 1, 0], [2, 1, 0]]
    assert lane.left_boundaries[0].boundary_feature_id == 70000
    assert lane.right_neighbors[0].boundaries[0].lane_end_index == 9
    assert scenario.map_features[-1] == EmptyFeature(12)


def test_the_arrays_are_the_scenario_s_own() -> None:
    scenario = decode(whole_message().SerializeToString())
    for array in (scenario.timestamps_seconds, scenario.tracks[0].states, scenario.dynamic_map_states[0]):
        assert array.flags.writeable


def test_packed_timestamps() -> None:
    assert decode(delimited(1, struct.pack("<3d", 1, 2, 3))).timestamps_seconds.tolist() == [1, 2, 3]
    with pytest.raises(MalformedRecord, match="doubles"):
        decode(delimited(1, bytes(15)))


def test_an_id_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(MalformedRecord, match="UTF-8"):
        decode(delimited(5, b"\xff"))
    assert decode(delimited(5, b"\xff") + delimited(5, b"abc")).scenario_id == "abc"


def test_a_replaced_kind_of_feature_has_to_be_well_formed() -> None:
    lane, edge = delimited(3, delimited(8, b"\x09" + bytes(8))), delimited(5, b"")
    assert type(decode(delimited(8, lane + edge)).map_features[0]).__name__ == "RoadEdge"
    with pytest.raises(MalformedRecord):
        decode(delimited(8, delimited(3, delimited(8, b"\x09")) + edge))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (delimited(2, b"") * (limits.MAX_TRACKS + 1), "more than 10000 tracks"),
        (delimited(2, delimited(3, b"") * (limits.MAX_STEPS + 1)), "more than 10000 states in a track"),
        (delimited(7, b"") * (limits.MAX_STEPS + 1), "more than 10000 dynamic map states"),
        (delimited(8, delimited(8, delimited(1, b"") * (limits.MAX_POINTS + 1))), "more than 200000 points"),
    ],
)
def test_more_than_a_record_may_hold_is_refused(data: bytes, reason: str) -> None:
    for reader in (decode, decode_with_protobuf):
        with pytest.raises(MalformedRecord, match=reason):
            reader(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x78\x01" * (limits.MAX_ENTRIES + 1),
        b"\x7a\x00\x72\x00" * (limits.MAX_ENTRIES // 2 + 1),
        delimited(4, b"\x01" * (limits.MAX_ENTRIES + 1)),
    ],
)
def test_lists_without_end_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedRecord, match="1000000"):
        decode(data)


def test_unknown_groups_nest_as_deep_as_protobuf_lets_them() -> None:
    for groups in range(95, 103):
        nested = b"\x7b" * groups + b"\x7c" * groups
        state = delimited(2, delimited(3, nested))
        boundary = delimited(8, delimited(3, delimited(11, delimited(6, nested))))
        for data in (nested, state, boundary):
            assert equal(decoded(data), by_protobuf(data))


def test_numbers_are_cut_as_protobuf_cuts_them() -> None:
    for number in (2**31, 2**32 + 1, 2**63, 2**64 - 1):
        data = delimited(2, b"\x08" + varint(number) + b"\x10" + varint(number)) + b"\x30" + varint(number)
        assert equal(decode(data), decode_with_protobuf(data))
