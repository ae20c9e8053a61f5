"""Scenario message -> plain arrays by the protobuf library: slow, and obviously right.

It is what `gold_data.womd.scenario` must equal on any bytes, and the documentation of what that one reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from gold_data.womd.limits import MAX_POINTS, MAX_STEPS, MAX_TRACKS, MalformedRecord, check_count
from gold_data.womd.messages import (
    SIGNAL,
    STATE,
    BoundarySegment,
    Crosswalk,
    Driveway,
    EmptyFeature,
    Lane,
    LaneNeighbor,
    MapFeature,
    Points,
    RequiredPrediction,
    RoadEdge,
    RoadLine,
    Scenario,
    SpeedBump,
    StopSign,
    Track,
)
from gold_data.womd.protobuf import ScenarioMessage


def decode_with_protobuf(data: bytes) -> Scenario:
    """The Scenario of a record's data; raises MalformedRecord where protobuf cannot parse it, and beyond the limits."""
    try:
        message = ScenarioMessage.FromString(data)
    except DecodeError as error:
        raise MalformedRecord(f"protobuf cannot parse it ({error})") from error
    if isinstance(message.scenario_id, bytes):  # upb's way with a string that is not UTF-8
        raise MalformedRecord("its scenario id is not UTF-8")
    check_count(len(message.tracks), MAX_TRACKS, "tracks")
    check_count(len(message.dynamic_map_states), MAX_STEPS, "dynamic map states")
    return Scenario(
        scenario_id=message.scenario_id,
        timestamps_seconds=np.array(message.timestamps_seconds, np.float64),
        current_time_index=message.current_time_index,
        tracks=tuple(_track(track) for track in message.tracks),
        dynamic_map_states=tuple(_signals(state.lane_states) for state in message.dynamic_map_states),
        map_features=tuple(_feature(feature) for feature in message.map_features),
        sdc_track_index=message.sdc_track_index,
        objects_of_interest=tuple(message.objects_of_interest),
        tracks_to_predict=tuple(RequiredPrediction(p.track_index, p.difficulty) for p in message.tracks_to_predict),
    )


def _track(track: Any) -> Track:
    check_count(len(track.states), MAX_STEPS, "states in a track")
    names = STATE.names or ()
    states = np.zeros(len(track.states), STATE)
    for row, state in zip(states, track.states, strict=True):
        for name in names:
            row[name] = getattr(state, name)
    return Track(track.id, track.object_type, states)


def _signals(lane_states: Any) -> Any:
    signals = np.zeros(len(lane_states), SIGNAL)
    for row, state in zip(signals, lane_states, strict=True):
        row["lane"], row["state"] = state.lane, state.state
        row["stop_point"] = state.stop_point.x, state.stop_point.y, state.stop_point.z
    return signals


def _points(points: Any) -> Points:
    check_count(len(points), MAX_POINTS, "points in a polyline or polygon")
    return np.array([(point.x, point.y, point.z) for point in points], np.float64).reshape(-1, 3)


def _boundaries(boundaries: Any) -> tuple[BoundarySegment, ...]:
    return tuple(
        BoundarySegment(b.lane_start_index, b.lane_end_index, b.boundary_feature_id, b.boundary_type)
        for b in boundaries
    )


def _neighbors(neighbors: Any) -> tuple[LaneNeighbor, ...]:
    return tuple(
        LaneNeighbor(
            n.feature_id,
            n.self_start_index,
            n.self_end_index,
            n.neighbor_start_index,
            n.neighbor_end_index,
            _boundaries(n.boundaries),
        )
        for n in neighbors
    )


def _lane(id: int, lane: Any) -> Lane:
    return Lane(
        id=id,
        speed_limit_mph=lane.speed_limit_mph,
        type=lane.type,
        interpolating=lane.interpolating,
        polyline=_points(lane.polyline),
        entry_lanes=tuple(lane.entry_lanes),
        exit_lanes=tuple(lane.exit_lanes),
        left_boundaries=_boundaries(lane.left_boundaries),
        right_boundaries=_boundaries(lane.right_boundaries),
        left_neighbors=_neighbors(lane.left_neighbors),
        right_neighbors=_neighbors(lane.right_neighbors),
    )


def _stop_sign(id: int, sign: Any) -> StopSign:
    return StopSign(id, tuple(sign.lane), _points([sign.position])[0])


_KINDS: dict[str, Callable[[int, Any], MapFeature]] = {
    "lane": _lane,
    "road_line": lambda id, line: RoadLine(id, line.type, _points(line.polyline)),
    "road_edge": lambda id, edge: RoadEdge(id, edge.type, _points(edge.polyline)),
    "stop_sign": _stop_sign,
    "crosswalk": lambda id, crosswalk: Crosswalk(id, _points(crosswalk.polygon)),
    "speed_bump": lambda id, bump: SpeedBump(id, _points(bump.polygon)),
    "driveway": lambda id, driveway: Driveway(id, _points(driveway.polygon)),
}


def _feature(feature: Any) -> MapFeature:
    kind = feature.WhichOneof("feature_data")
    return EmptyFeature(feature.id) if kind is None else _KINDS[kind](feature.id, getattr(feature, kind))
