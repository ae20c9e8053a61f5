"""A small record with one of everything, and the rules that a description must keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from gold_data.scenarionet import Description
from gold_data.womd.messages import Scenario
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.scenario import decode

STEPS = 6
LANE, LEFT_LINE, RIGHT_EDGE = 1, 2, 3


def add_points(points: Any, *rows: tuple[float, float, float]) -> None:
    for x, y, z in rows:
        points.add(x=x, y=y, z=z)


def add_track(message: Any, track_id: int, object_type: int, steps: int = STEPS) -> Any:
    """A road user that moves 1 m a step along x."""
    track = message.tracks.add(id=track_id, object_type=object_type)
    for step in range(steps):
        track.states.add(
            center_x=float(step),
            center_y=float(track_id),
            center_z=0.5,
            length=4.5,
            width=2.0,
            height=1.5,
            heading=0.25,
            velocity_x=10.0,
            velocity_y=-1.0,
            valid=True,
        )
    return track


def small_message(scenario_id: str = "0123abcd") -> Any:
    """A car, a person and a cyclist on a lane with a line 2 m to its left and an edge 3 m to its right."""
    message = ScenarioMessage(scenario_id=scenario_id, current_time_index=2, sdc_track_index=1)
    message.timestamps_seconds.extend(step * 0.1 for step in range(STEPS))
    add_track(message, 30, 2)
    add_track(message, 20, 1)
    add_track(message, 10, 3)
    message.objects_of_interest.extend([30, 20])
    message.tracks_to_predict.add(track_index=2, difficulty=1)
    for step in range(STEPS):
        state = message.dynamic_map_states.add()
        if step >= 2:
            signal = state.lane_states.add(lane=LANE, state=4 if step < 4 else 6)
            signal.stop_point.x, signal.stop_point.y, signal.stop_point.z = float(step), 1.0, 0.0

    lane = message.map_features.add(id=LANE).lane
    lane.speed_limit_mph, lane.type, lane.interpolating = 25.0, 2, True
    add_points(lane.polyline, *((float(x), 0.0, 0.0) for x in range(5)))
    lane.entry_lanes.extend([7, 8])
    lane.exit_lanes.append(9)
    lane.left_boundaries.add(lane_start_index=0, lane_end_index=2, boundary_feature_id=LEFT_LINE, boundary_type=2)
    lane.right_boundaries.add(lane_start_index=0, lane_end_index=3, boundary_feature_id=RIGHT_EDGE)
    neighbor = lane.left_neighbors.add(feature_id=8, self_end_index=3, neighbor_start_index=1, neighbor_end_index=4)
    neighbor.boundaries.add(lane_start_index=1, lane_end_index=2, boundary_feature_id=LEFT_LINE, boundary_type=2)

    line = message.map_features.add(id=LEFT_LINE).road_line
    line.type = 2
    add_points(line.polyline, *((float(x), 2.0, 0.25 * x) for x in range(-2, 5)))
    edge = message.map_features.add(id=RIGHT_EDGE).road_edge
    edge.type = 1
    add_points(edge.polyline, *((float(x), -3.0, 0.0) for x in range(5)))
    stop = message.map_features.add(id=4).stop_sign
    stop.lane.append(LANE)
    stop.position.x = 4.0
    for feature_id, kind in ((5, "crosswalk"), (6, "speed_bump"), (11, "driveway")):
        area = getattr(message.map_features.add(id=feature_id), kind)
        add_points(area.polygon, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 0.0))
    message.map_features.add(id=12)
    return message


def decoded(message: Any) -> Scenario:
    return decode(message.SerializeToString())


def assert_sane(description: Description) -> None:
    """What MetaDrive asks of a description (sanity_check of metadrive/scenario/scenario_description.py)."""
    assert type(description) is dict
    assert list(description) == [
        *("id", "version", "length", "tracks", "dynamic_map_states", "map_features", "metadata"),
    ]
    assert_plain(description)
    length = description["length"]
    for name, track in description["tracks"].items():
        assert track["type"] in {"VEHICLE", "PEDESTRIAN", "CYCLIST", "OTHER"}
        assert {"position", "heading", "velocity", "length", "width", "height", "valid"} == set(track["state"])
        for array in track["state"].values():
            assert len(array) == length
            assert array.ndim in (1, 2)
            assert array.ndim == 1 or array.shape[1] > 1
        assert track["metadata"]["object_id"] == name
        assert track["metadata"]["type"] == track["type"]
    for name, signal in description["dynamic_map_states"].items():
        assert signal["type"] == "TRAFFIC_LIGHT"
        assert len(signal["state"]["object_state"]) == length
        assert signal["metadata"]["object_id"] == name
    for feature in description["map_features"].values():
        if feature["type"].startswith("LANE_"):
            assert feature["width"].shape == (len(feature["polyline"]), 2)
        for key in {"polyline", "polygon"} & set(feature):
            assert feature[key].dtype == np.float32
            assert feature[key].shape == (len(feature[key]), 3)
    metadata = description["metadata"]
    assert {"metadrive_processed", "coordinate", "ts"} <= set(metadata)
    assert metadata["ts"].shape == (length,)
    assert metadata["sdc_id"] in description["tracks"]
    assert list(metadata["object_summary"]) == list(description["tracks"])


def assert_plain(value: Any) -> None:
    """Only Python's own types and arrays, and text for every key."""
    assert isinstance(value, (int, float, str, np.ndarray, dict, list, tuple, set, type(None)))
    assert not isinstance(value, np.generic)
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            assert_plain(item)


def assert_same(one: Any, other: Any, path: str = "") -> None:
    """Equal values of equal types in equal order, arrays to the bit."""
    assert type(one) is type(other), path
    if isinstance(one, dict):
        assert list(one) == list(other), path
        for key in one:
            assert_same(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), path
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{path}[{index}]")
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()), path
    else:
        assert one == other, path
