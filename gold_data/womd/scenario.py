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
from gold_data.womd.tables import LANE_KIND, Tables, rows_of

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
            [Track(id, kind, tables.states[first:behind]) for id, kind, first, behind in rows_of(tables.tracks)]
        ),
        dynamic_map_states=_signals(tables),
        map_features=_features(tables),
        sdc_track_index=int(row["sdc_track_index"]),
        objects_of_interest=tuple(tables.objects_of_interest.tolist()),
        tracks_to_predict=tuple([RequiredPrediction(*row) for row in rows_of(tables.tracks_to_predict)]),
    )


def _signals(tables: Tables) -> tuple[NDArray[np.void], ...]:
    signals = tables.lane_states.view(SIGNAL)
    return tuple([signals[first:behind] for first, behind in rows_of(tables.dynamic_map_states)])


def _features(tables: Tables) -> tuple[MapFeature, ...]:
    builds = {
        LANE_KIND: (_lane_of(tables), rows_of(tables.lanes)),
        4: (_line_of(RoadLine, tables), rows_of(tables.road_lines)),
        5: (_line_of(RoadEdge, tables), rows_of(tables.road_edges)),
        7: (_stop_sign_of(tables), rows_of(tables.stop_signs)),
        8: (_area_of(Crosswalk, tables), rows_of(tables.crosswalks)),
        9: (_area_of(SpeedBump, tables), rows_of(tables.speed_bumps)),
        10: (_area_of(Driveway, tables), rows_of(tables.driveways)),
    }
    features: list[MapFeature] = []
    for id, kind, row in rows_of(tables.map_features):
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
        tuple(map(BoundarySegment._make, rows_of(table)))
        for table in (tables.left_boundaries, tables.right_boundaries, tables.neighbor_boundaries)
    )
    neighbors_left, neighbors_right = (
        tuple([LaneNeighbor._make((*row[:5], inner[row[5] : row[6]])) for row in rows_of(table)])
        for table in (tables.left_neighbors, tables.right_neighbors)
    )

    def build(id: int, speed_limit_mph: float, type: int, interpolating: bool, *spans: int) -> Lane:
        return Lane(
            id,
            speed_limit_mph,
            type,
            interpolating,
            points[spans[0] : spans[1]],
            entries[spans[2] : spans[3]],
            exits[spans[4] : spans[5]],
            left_neighbors=neighbors_left[spans[6] : spans[7]],
            right_neighbors=neighbors_right[spans[8] : spans[9]],
            left_boundaries=boundaries_left[spans[10] : spans[11]],
            right_boundaries=boundaries_right[spans[12] : spans[13]],
        )

    return build


def _line_of(make: type[RoadLine] | type[RoadEdge], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, type, first, behind: make(id, type, points[first:behind])


def _area_of(make: type[Crosswalk] | type[SpeedBump] | type[Driveway], tables: Tables) -> _Build:
    points = tables.xyz
    return lambda id, first, behind: make(id, points[first:behind])


def _stop_sign_of(tables: Tables) -> _Build:
    lanes = tuple(tables.stop_sign_lanes.tolist())
    return lambda id, first, behind, x, y, z: StopSign(id, lanes[first:behind], np.array((x, y, z)))
