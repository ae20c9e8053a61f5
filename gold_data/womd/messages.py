"""A WOMD Scenario as plain arrays: what both decoders make of a record's bytes.

Names, kinds and units are those of schemas/scenario.proto and schemas/map.proto; a field that the record lacks has
proto2's default (0, False, ""). Enumerations stay the record's numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

STATE = np.dtype(
    [
        ("center_x", "f8"),
        ("center_y", "f8"),
        ("center_z", "f8"),
        ("length", "f4"),
        ("width", "f4"),
        ("height", "f4"),
        ("heading", "f4"),
        ("velocity_x", "f4"),
        ("velocity_y", "f4"),
        ("valid", "?"),
    ]
)
"""One ObjectState: metres, radians, metres a second, in the record's world frame."""

SIGNAL = np.dtype([("lane", "i8"), ("state", "i4"), ("stop_point", "f8", (3,))])
"""One TrafficSignalLaneState."""

Points: TypeAlias = NDArray[np.float64]  # (N, 3) metres, world frame


@dataclass(frozen=True)
class Track:
    """One road user: `states` has dtype STATE, one row a step."""

    id: int
    object_type: int
    states: NDArray[np.void]


class BoundarySegment(NamedTuple):
    """Which stretch of a lane (point indices, both included) runs along which road line or edge."""

    lane_start_index: int
    lane_end_index: int
    boundary_feature_id: int
    boundary_type: int


class LaneNeighbor(NamedTuple):
    """A lane beside this one, and the stretches (point indices) over which they lie side by side."""

    feature_id: int
    self_start_index: int
    self_end_index: int
    neighbor_start_index: int
    neighbor_end_index: int
    boundaries: tuple[BoundarySegment, ...]


@dataclass(frozen=True)
class Lane:
    """A LaneCenter."""

    id: int
    speed_limit_mph: float
    type: int
    interpolating: bool
    polyline: Points
    entry_lanes: tuple[int, ...]
    exit_lanes: tuple[int, ...]
    left_boundaries: tuple[BoundarySegment, ...]
    right_boundaries: tuple[BoundarySegment, ...]
    left_neighbors: tuple[LaneNeighbor, ...]
    right_neighbors: tuple[LaneNeighbor, ...]


@dataclass(frozen=True)
class RoadLine:
    """A painted line."""

    id: int
    type: int
    polyline: Points


@dataclass(frozen=True)
class RoadEdge:
    """A kerb or another edge that is not driven over."""

    id: int
    type: int
    polyline: Points


@dataclass(frozen=True)
class StopSign:
    """A stop sign and the lanes that it holds for; `position` is (3,)."""

    id: int
    lane: tuple[int, ...]
    position: Points


@dataclass(frozen=True)
class Crosswalk:
    """A pedestrian crossing."""

    id: int
    polygon: Points


@dataclass(frozen=True)
class SpeedBump:
    """A speed bump."""

    id: int
    polygon: Points


@dataclass(frozen=True)
class Driveway:
    """An entrance from the road."""

    id: int
    polygon: Points


@dataclass(frozen=True)
class EmptyFeature:
    """A MapFeature whose kind is not set, or one that this version of the schema does not know."""

    id: int


MapFeature: TypeAlias = Lane | RoadLine | RoadEdge | StopSign | Crosswalk | SpeedBump | Driveway | EmptyFeature


@dataclass(frozen=True)
class RequiredPrediction:
    """A track that WOMD's prediction challenge asks for."""

    track_index: int
    difficulty: int


@dataclass(frozen=True)
class Scenario:
    """One WOMD record.

    `dynamic_map_states` has one array of dtype SIGNAL a step (the signals seen at that step, in the record's order).
    """

    scenario_id: str
    timestamps_seconds: NDArray[np.float64]
    current_time_index: int
    tracks: tuple[Track, ...]
    dynamic_map_states: tuple[NDArray[np.void], ...]
    map_features: tuple[MapFeature, ...]
    sdc_track_index: int
    objects_of_interest: tuple[int, ...]
    tracks_to_predict: tuple[RequiredPrediction, ...]
