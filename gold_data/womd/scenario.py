"""A record's bytes -> the Scenario message in plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap
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
from gold_data.womd.tables import Tables

_Build: TypeAlias = Callable[..., MapFeature]


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
    kinds = {
        3: (_lanes(tables), tables.lanes),
        4: (_lines(RoadLine, tables), tables.road_lines),
        5: (_lines(RoadEdge, tables), tables.road_edges),
        7: (_stop_signs(tables), tables.stop_signs),
        8: (_areas(Crosswalk, tables), tables.crosswalks),
        9: (_areas(SpeedBump, tables), tables.speed_bumps),
        10: (_areas(Driveway, tables), tables.driveways),
    }
    rows = {number: (build, table.tolist()) for number, (build, table) in kinds.items()}
    features: list[MapFeature] = []
    for id, kind, row in tables.map_features.tolist():
        if kind:
            build, parts = rows[kind]
            features.append(build(id, *parts[row]))
        else:
            features.append(EmptyFeature(id))
    return tuple(features)


def _lanes(tables: Tables) -> _Build:
    points, entries, exits = tables.xyz, tables.entry_lanes.tolist(), tables.exit_lanes.tolist()
    left_boundaries, right_boundaries = (
        [BoundarySegment._make(row) for row in table.tolist()]
        for table in (tables.left_boundaries, tables.right_boundaries)
    )
    inner = [BoundarySegment._make(row) for row in tables.neighbor_boundaries.tolist()]
    left_neighbors, right_neighbors = (
        [LaneNeighbor._make([*row, tuple(inner[first:behind])]) for *row, (first, behind) in table.tolist()]
        for table in (tables.left_neighbors, tables.right_neighbors)
    )

    def build(id: int, speed_limit_mph: float, type: int, interpolating: bool, *spans: tuple[int, int]) -> Lane:
        polyline, entry, exit, left_neighbor, right_neighbor, left_boundary, right_boundary = starmap(slice, spans)
        return Lane(
            id,
            speed_limit_mph,
            type,
            interpolating,
            points[polyline],
            tuple(entries[entry]),
            tuple(exits[exit]),
            tuple(left_boundaries[left_boundary]),
            tuple(right_boundaries[right_boundary]),
            tuple(left_neighbors[left_neighbor]),
            tuple(right_neighbors[right_neighbor]),
        )

    return build


def _lines(make: type[RoadLine] | type[RoadEdge], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, type, span: make(id, type, points[slice(*span)])


def _areas(make: type[Crosswalk] | type[SpeedBump] | type[Driveway], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, span: make(id, points[slice(*span)])


def _stop_signs(tables: Tables) -> _Build:
    lanes = tables.stop_sign_lanes.tolist()
    return lambda id, span, position: StopSign(id, tuple(lanes[slice(*span)]), np.array(position))
