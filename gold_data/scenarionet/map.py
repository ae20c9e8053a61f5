"""The map: a record's features as ScenarioNet's, points in float32."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet.lane_width import add_lane_widths
from gold_data.womd.messages import (
    BoundarySegment,
    Crosswalk,
    Driveway,
    EmptyFeature,
    Lane,
    LaneNeighbor,
    MapFeature,
    Points,
    RoadEdge,
    RoadLine,
    SpeedBump,
    StopSign,
)

LANE_TYPES = ("LANE_UNKNOWN", "LANE_FREEWAY", "LANE_SURFACE_STREET", "LANE_BIKE_LANE")
"""By LaneCenter.LaneType."""
ROAD_LINE_TYPES = (
    "UNKNOWN",
    "ROAD_LINE_BROKEN_SINGLE_WHITE",
    "ROAD_LINE_SOLID_SINGLE_WHITE",
    "ROAD_LINE_SOLID_DOUBLE_WHITE",
    "ROAD_LINE_BROKEN_SINGLE_YELLOW",
    "ROAD_LINE_BROKEN_DOUBLE_YELLOW",
    "ROAD_LINE_SOLID_SINGLE_YELLOW",
    "ROAD_LINE_SOLID_DOUBLE_YELLOW",
    "ROAD_LINE_PASSING_DOUBLE_YELLOW",
)
"""By RoadLine.RoadLineType."""
ROAD_EDGE_TYPES = ("UNKNOWN", "ROAD_EDGE_BOUNDARY", "ROAD_EDGE_MEDIAN")
"""By RoadEdge.RoadEdgeType."""
AREA_TYPES = {Crosswalk: "CROSSWALK", SpeedBump: "SPEED_BUMP", Driveway: "DRIVEWAY"}
KMH_PER_MPH = 1.609344


def describe_map(features: Sequence[MapFeature]) -> dict[str, Any]:
    """Make {feature id: what ScenarioNet keeps of it}, in the record's order; features without a kind are left out.

    Polylines and polygons are (N, 3) float32 metres, N may be 0; a lane's `width` is (N, 2), metres to its left and
    right boundary. Follows extract_map_features and compute_width of scenarionet/converter/waymo/utils.py.
    """
    kept = [feature for feature in features if not isinstance(feature, EmptyFeature)]
    lines = _in_float32([_points(feature) for feature in kept])
    described = {str(feature.id): _describe(feature, line) for feature, line in zip(kept, lines, strict=True)}
    add_lane_widths(described, [feature for feature in kept if isinstance(feature, Lane)])
    return described


def _points(feature: Lane | RoadLine | RoadEdge | StopSign | Crosswalk | SpeedBump | Driveway) -> Points:
    match feature:
        case Lane() | RoadLine() | RoadEdge():
            return feature.polyline
        case StopSign():
            return feature.position[np.newaxis]
        case Crosswalk() | SpeedBump() | Driveway():
            return feature.polygon


def _in_float32(lines: list[Points]) -> list[NDArray[np.float32]]:
    """Points in float32: of all lines at once, since a call a line is slow."""
    together = np.concatenate([np.zeros((0, 3)), *lines]).astype(np.float32)
    ends = list(accumulate(map(len, lines)))
    return [together[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _describe(
    feature: Lane | RoadLine | RoadEdge | StopSign | Crosswalk | SpeedBump | Driveway, line: NDArray[np.float32]
) -> dict[str, Any]:
    match feature:
        case Lane():
            return _lane(feature, line)
        case RoadLine():
            return {"type": ROAD_LINE_TYPES[feature.type], "polyline": line}
        case RoadEdge():
            return {"type": ROAD_EDGE_TYPES[feature.type], "polyline": line}
        case StopSign():
            return {"type": "STOP_SIGN", "lane": list(feature.lane), "position": line[0]}
        case Crosswalk() | SpeedBump() | Driveway():
            return {"type": AREA_TYPES[type(feature)], "polygon": line}


def _lane(lane: Lane, line: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "speed_limit_mph": lane.speed_limit_mph,
        "speed_limit_kmh": lane.speed_limit_mph * KMH_PER_MPH,
        "type": LANE_TYPES[lane.type],
        "polyline": line,
        "interpolating": lane.interpolating,
        "entry_lanes": list(lane.entry_lanes),
        "exit_lanes": list(lane.exit_lanes),
        "left_boundaries": _boundaries(lane.left_boundaries),
        "right_boundaries": _boundaries(lane.right_boundaries),
        "left_neighbor": _neighbors(lane.left_neighbors),
        "right_neighbor": _neighbors(lane.right_neighbors),
    }


def _boundaries(segments: Sequence[BoundarySegment]) -> list[dict[str, str]]:
    return [
        {
            "lane_start_index": str(start),
            "lane_end_index": str(end),
            "boundary_type": ROAD_LINE_TYPES[type],
            "boundary_feature_id": str(id),
        }
        for start, end, id, type in segments
    ]


def _neighbors(neighbors: Sequence[LaneNeighbor]) -> list[dict[str, Any]]:
    return [
        {
            "feature_id": str(id),
            "self_start_index": str(self_start),
            "self_end_index": str(self_end),
            "neighbor_start_index": str(neighbor_start),
            "neighbor_end_index": str(neighbor_end),
            "boundaries": _boundaries(boundaries),
        }
        for id, self_start, self_end, neighbor_start, neighbor_end, boundaries in neighbors
    ]
