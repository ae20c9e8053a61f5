"""The map: a record's features as ScenarioNet's, points in float32."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    described = {str(feature.id): kept for feature in features if (kept := _describe(feature)) is not None}
    add_lane_widths(described, [feature for feature in features if isinstance(feature, Lane)])
    return described


def _describe(feature: MapFeature) -> dict[str, Any] | None:
    match feature:
        case Lane():
            return _lane(feature)
        case RoadLine():
            return {"type": ROAD_LINE_TYPES[feature.type], "polyline": _points(feature.polyline)}
        case RoadEdge():
            return {"type": ROAD_EDGE_TYPES[feature.type], "polyline": _points(feature.polyline)}
        case StopSign():
            return {"type": "STOP_SIGN", "lane": list(feature.lane), "position": _points(feature.position)}
        case Crosswalk() | SpeedBump() | Driveway():
            return {"type": AREA_TYPES[type(feature)], "polygon": _points(feature.polygon)}
        case EmptyFeature():
            return None


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "speed_limit_mph": lane.speed_limit_mph,
        "speed_limit_kmh": lane.speed_limit_mph * KMH_PER_MPH,
        "type": LANE_TYPES[lane.type],
        "polyline": _points(lane.polyline),
        "interpolating": lane.interpolating,
        "entry_lanes": list(lane.entry_lanes),
        "exit_lanes": list(lane.exit_lanes),
        "left_boundaries": _boundaries(lane.left_boundaries),
        "right_boundaries": _boundaries(lane.right_boundaries),
        "left_neighbor": _neighbors(lane.left_neighbors),
        "right_neighbor": _neighbors(lane.right_neighbors),
    }


def _points(points: Points) -> NDArray[np.float32]:
    return points.astype(np.float32)


def _boundaries(segments: Iterable[BoundarySegment]) -> list[dict[str, str]]:
    return [
        {
            "lane_start_index": str(segment.lane_start_index),
            "lane_end_index": str(segment.lane_end_index),
            "boundary_type": ROAD_LINE_TYPES[segment.boundary_type],
            "boundary_feature_id": str(segment.boundary_feature_id),
        }
        for segment in segments
    ]


def _neighbors(neighbors: Iterable[LaneNeighbor]) -> list[dict[str, Any]]:
    return [
        {
            "feature_id": str(neighbor.feature_id),
            "self_start_index": str(neighbor.self_start_index),
            "self_end_index": str(neighbor.self_end_index),
            "neighbor_start_index": str(neighbor.neighbor_start_index),
            "neighbor_end_index": str(neighbor.neighbor_end_index),
            "boundaries": _boundaries(neighbor.boundaries),
        }
        for neighbor in neighbors
    ]
