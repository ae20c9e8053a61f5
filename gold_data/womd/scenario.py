"""A record's bytes -> the Scenario message in plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.messages import (
    SIGNAL,
    BoundarySegment,
    Crosswalk,
    Driveway,
    EmptyFeature,
    Lane,
    LaneNeighbor,
    MapFeature,
    RequiredPrediction,
    RoadEdge,
    RoadLine,
    Scenario,
    SpeedBump,
    StopSign,
    Track,
)
from gold_data.womd.reading import read_tables
from gold_data.womd.reference import decode_with_protobuf
from gold_data.womd.tables import LANE_KIND, Tables

_Build: TypeAlias = Callable[..., MapFeature]
_Span: TypeAlias = tuple[int, int]


def decode(data: bytes) -> Scenario:
    """The Scenario of a record's data (schemas/scenario.proto), in arrays of their own.

    Whatever bytes it is given, the result is that of `decode_with_protobuf`, but for more than a million unknown fields
    or entries of a list, which it alone refuses. Raises MalformedRecord where protobuf raises DecodeError, where the id
    is not UTF-8, and beyond the limits of gold_data.womd.limits.
    """
    try:
        return scenario_of(read_tables(data))
    except ModuleNotFoundError:  # who only looks at a dataset may have no numba, and waits longer for the same
        return decode_with_protobuf(data)


def scenario_of(tables: Tables) -> Scenario:
    """Deal the tables of a record out to the messages that they were filled from."""
    (row,) = tables.scenario
    return Scenario(
        scenario_id=tables.scenario_id,
        timestamps_seconds=tables.timestamps_seconds,
        current_time_index=int(row["current_time_index"]),
        tracks=tuple(
            [Track(id, kind, tables.states[first:behind]) for id, kind, (first, behind) in tables.tracks.tolist()]
        ),
        dynamic_map_states=_signals(tables),
        map_features=_features(tables),
        sdc_track_index=int(row["sdc_track_index"]),
        objects_of_interest=tuple(tables.objects_of_interest.tolist()),
        tracks_to_predict=tuple([RequiredPrediction(*row) for row in tables.tracks_to_predict.tolist()]),
    )


def _signals(tables: Tables) -> tuple[NDArray[np.void], ...]:
    signals = tables.lane_states.view(SIGNAL)
    return tuple([signals[first:behind] for ((first, behind),) in tables.dynamic_map_states.tolist()])


def _features(tables: Tables) -> tuple[MapFeature, ...]:
    builds = {
        LANE_KIND: (_lane_of(tables), tables.lanes.tolist()),
        4: (_line_of(RoadLine, tables), tables.road_lines.tolist()),
        5: (_line_of(RoadEdge, tables), tables.road_edges.tolist()),
        7: (_stop_sign_of(tables), tables.stop_signs.tolist()),
        8: (_area_of(Crosswalk, tables), tables.crosswalks.tolist()),
        9: (_area_of(SpeedBump, tables), tables.speed_bumps.tolist()),
        10: (_area_of(Driveway, tables), tables.driveways.tolist()),
    }
    features: list[MapFeature] = []
    for id, kind, row in tables.map_features.tolist():
        if kind:
            build, rows = builds[kind]
            features.append(build(id, *rows[row]))
        else:
            features.append(EmptyFeature(id))
    return tuple(features)


def _lane_of(tables: Tables) -> _Build:
    points = tables.xyz
    entries, exits = tuple(tables.entry_lanes.tolist()), tuple(tables.exit_lanes.tolist())
    boundaries_left, boundaries_right, inner = (
        tuple(map(BoundarySegment._make, table.tolist()))
        for table in (tables.left_boundaries, tables.right_boundaries, tables.neighbor_boundaries)
    )
    neighbors_left, neighbors_right = (
        tuple([LaneNeighbor._make([*row, inner[first:behind]]) for *row, (first, behind) in table.tolist()])
        for table in (tables.left_neighbors, tables.right_neighbors)
    )

    def build(
        id: int,
        speed_limit_mph: float,
        type: int,
        interpolating: bool,
        polyline: _Span,
        entry: _Span,
        exit: _Span,
        left_neighbor: _Span,
        right_neighbor: _Span,
        left_boundary: _Span,
        right_boundary: _Span,
    ) -> Lane:
        return Lane(
            id,
            speed_limit_mph,
            type,
            interpolating,
            points[polyline[0] : polyline[1]],
            entries[entry[0] : entry[1]],
            exits[exit[0] : exit[1]],
            boundaries_left[left_boundary[0] : left_boundary[1]],
            boundaries_right[right_boundary[0] : right_boundary[1]],
            neighbors_left[left_neighbor[0] : left_neighbor[1]],
            neighbors_right[right_neighbor[0] : right_neighbor[1]],
        )

    return build


def _line_of(make: type[RoadLine] | type[RoadEdge], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, type, span: make(id, type, points[span[0] : span[1]])


def _area_of(make: type[Crosswalk] | type[SpeedBump] | type[Driveway], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, span: make(id, points[span[0] : span[1]])


def _stop_sign_of(tables: Tables) -> _Build:
    lanes = tuple(tables.stop_sign_lanes.tolist())
    return lambda id, span, position: StopSign(id, lanes[span[0] : span[1]], np.array(position))
