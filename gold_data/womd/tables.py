"""A record as tables: one for each kind of message or list in it, its rows in the record's order.

A column has the name of its field in schemas/scenario.proto or schemas/map.proto; a field that the record lacks is 0. A
repeated field is a column of dtype SPAN: which rows of another table are its entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.messages import STATE, Points

SPAN = np.dtype([("first", "<i8"), ("behind", "<i8")])
"""Rows of another table, or octets of the record: from `first` on, `behind` is the first that is none of them."""

POINT = np.dtype([("x", "<f8"), ("y", "<f8"), ("z", "<f8")])
SIGNAL_ROW = np.dtype([("lane", "<i8"), ("state", "<i4"), ("stop_point", POINT)])
"""TrafficSignalLaneState; its rows lie in memory as those of dtype SIGNAL do."""
BOUNDARY = np.dtype(
    [("lane_start_index", "<i4"), ("lane_end_index", "<i4"), ("boundary_feature_id", "<i8"), ("boundary_type", "<i4")]
)
NEIGHBOR = np.dtype(
    [
        ("feature_id", "<i8"),
        ("self_start_index", "<i4"),
        ("self_end_index", "<i4"),
        ("neighbor_start_index", "<i4"),
        ("neighbor_end_index", "<i4"),
        ("boundaries", SPAN),
    ]
)
LANE = np.dtype(
    [
        ("speed_limit_mph", "<f8"),
        ("type", "<i4"),
        ("interpolating", "?"),
        ("polyline", SPAN),
        ("entry_lanes", SPAN),
        ("exit_lanes", SPAN),
        ("left_neighbors", SPAN),
        ("right_neighbors", SPAN),
        ("left_boundaries", SPAN),
        ("right_boundaries", SPAN),
    ]
)
LINE = np.dtype([("type", "<i4"), ("polyline", SPAN)])
"""RoadLine and RoadEdge."""
STOP_SIGN = np.dtype([("lane", SPAN), ("position", POINT)])
AREA = np.dtype([("polygon", SPAN)])
"""Crosswalk, SpeedBump and Driveway."""
FEATURE = np.dtype([("id", "<i8"), ("kind", "<i8"), ("row", "<i8")])
"""MapFeature: `kind` is the field's number of the one that it is (lane: 3, ...), `row` its row there; 0 for none."""
LANE_KIND = 3
"""The `kind` of a feature that is a lane."""
TRACK = np.dtype([("id", "<i4"), ("object_type", "<i4"), ("states", SPAN)])
STEP = np.dtype([("lane_states", SPAN)])
"""DynamicMapState."""
PREDICTION = np.dtype([("track_index", "<i4"), ("difficulty", "<i4")])
SCENARIO = np.dtype(
    [
        ("timestamps_seconds", SPAN),
        ("tracks", SPAN),
        ("objects_of_interest", SPAN),
        ("scenario_id", SPAN),  # octets of the record
        ("sdc_track_index", "<i4"),
        ("dynamic_map_states", SPAN),
        ("map_features", SPAN),
        ("current_time_index", "<i4"),
        ("tracks_to_predict", SPAN),
    ]
)


@dataclass(frozen=True)
class Tables:
    """The tables of one record. A kind of feature that another one replaced in its MapFeature has its rows, too."""

    scenario_id: str
    scenario: NDArray[np.void]  # one row of SCENARIO
    timestamps_seconds: NDArray[np.float64]
    tracks: NDArray[np.void]  # TRACK
    states: NDArray[np.void]  # messages.STATE
    objects_of_interest: NDArray[np.int32]
    dynamic_map_states: NDArray[np.void]  # STEP
    lane_states: NDArray[np.void]  # SIGNAL_ROW
    map_features: NDArray[np.void]  # FEATURE
    lanes: NDArray[np.void]  # LANE
    road_lines: NDArray[np.void]  # LINE
    road_edges: NDArray[np.void]  # LINE
    stop_signs: NDArray[np.void]  # STOP_SIGN
    crosswalks: NDArray[np.void]  # AREA
    speed_bumps: NDArray[np.void]  # AREA
    driveways: NDArray[np.void]  # AREA
    points: NDArray[np.void]  # POINT, of all polylines and polygons
    entry_lanes: NDArray[np.int64]
    exit_lanes: NDArray[np.int64]
    stop_sign_lanes: NDArray[np.int64]
    left_neighbors: NDArray[np.void]  # NEIGHBOR
    right_neighbors: NDArray[np.void]  # NEIGHBOR
    neighbor_boundaries: NDArray[np.void]  # BOUNDARY
    left_boundaries: NDArray[np.void]  # BOUNDARY
    right_boundaries: NDArray[np.void]  # BOUNDARY
    tracks_to_predict: NDArray[np.void]  # PREDICTION

    @property
    def xyz(self) -> Points:
        """(N, 3) `points` as numbers."""
        return self.points.view(np.float64).reshape(-1, 3)


DTYPES: dict[str, np.dtype[Any]] = {
    "scenario": SCENARIO,
    "timestamps_seconds": np.dtype("<f8"),
    "tracks": TRACK,
    "states": STATE,
    "objects_of_interest": np.dtype("<i4"),
    "dynamic_map_states": STEP,
    "lane_states": SIGNAL_ROW,
    "map_features": FEATURE,
    "lanes": LANE,
    "road_lines": LINE,
    "road_edges": LINE,
    "stop_signs": STOP_SIGN,
    "crosswalks": AREA,
    "speed_bumps": AREA,
    "driveways": AREA,
    "points": POINT,
    "entry_lanes": np.dtype("<i8"),
    "exit_lanes": np.dtype("<i8"),
    "stop_sign_lanes": np.dtype("<i8"),
    "left_neighbors": NEIGHBOR,
    "right_neighbors": NEIGHBOR,
    "neighbor_boundaries": BOUNDARY,
    "left_boundaries": BOUNDARY,
    "right_boundaries": BOUNDARY,
    "tracks_to_predict": PREDICTION,
}
"""What a row of each of the Tables holds."""


def rows_of(table: NDArray[np.void]) -> list[tuple[Any, ...]]:
    """The rows of a table as Python's numbers; those of a column within a column stand where that one does.

    A column at a time: numpy takes ten times as long to do it row by row.
    """
    return list(zip(*[column.tolist() for column in _columns(table)], strict=True))


def _columns(table: NDArray[Any]) -> Iterator[NDArray[Any]]:
    if table.dtype.names is None:
        yield table
    for name in table.dtype.names or ():
        yield from _columns(table[name])
