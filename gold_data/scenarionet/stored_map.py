"""The map of a stored description, checked and in today's form."""

from __future__ import annotations

from typing import Any

import numpy as np

from gold_data.scenarionet.description import DescriptionError
from gold_data.scenarionet.expected import array, entry, list_of, mapping, numbers, texts
from gold_data.scenarionet.lane_width import add_lane_widths
from gold_data.scenarionet.map import AREA_TYPES, KMH_PER_MPH, LANE_TYPES, ROAD_EDGE_TYPES, ROAD_LINE_TYPES
from gold_data.womd.messages import BoundarySegment, Lane

LINES = frozenset((*ROAD_LINE_TYPES, *ROAD_EDGE_TYPES))
AREAS = frozenset(AREA_TYPES.values())
OLD_NAMES = {"CROSS_WALK": "CROSSWALK"}

_BOUNDARY = ("lane_start_index", "lane_end_index", "boundary_type", "boundary_feature_id")
_NEIGHBOR = ("feature_id", "self_start_index", "self_end_index", "neighbor_start_index", "neighbor_end_index")


def restore_map(stored: Any) -> dict[str, Any]:
    """Make {feature id: feature} as `describe_map` does, of the map of any form.

    Forms before September 2023 call a lane of unknown type UNKNOWN and give it no width. They call an edge of unknown
    type the same, of which MetaDrive makes a kerb: what has a speed limit is taken for the lane that it is, and its
    width is measured. Forms before April 2023 say CROSS_WALK, keep areas as polylines and have no limit in km/h. Raises
    DescriptionError: an unknown type; a part that is missing, of another type or shape, or no number.
    """
    restored: dict[str, Any] = {}
    narrow: list[Lane] = []
    for name, feature in mapping(stored, "map_features").items():
        kind = entry(feature, "type", str, f"map feature {name}")
        kind = OLD_NAMES.get(kind, kind)
        where = f"map feature {name} ({kind})"
        if kind in LANE_TYPES or (kind == "UNKNOWN" and "speed_limit_mph" in feature):
            restored[name] = _lane(feature, "LANE_UNKNOWN" if kind == "UNKNOWN" else kind, where)
            if "width" not in feature:
                narrow.append(_for_width(name, restored[name], where))
        elif kind in LINES:
            restored[name] = {"type": kind, "polyline": numbers(feature, "polyline", (None, 3), where)}
        elif kind in AREAS:
            key = "polygon" if "polygon" in feature else "polyline"
            restored[name] = {"type": kind, "polygon": numbers(feature, key, (None, 3), where)}
        elif kind == "STOP_SIGN":
            lanes = list_of(feature.get("lane"), int, f"'lane' of {where}")
            position = numbers(feature, "position", (3,), where)
            restored[name] = {"type": kind, "lane": lanes, "position": position}
        else:
            raise DescriptionError(f"{where} is of a type that WOMD does not have")
    add_lane_widths(restored, narrow)
    return restored


def _lane(feature: dict[str, Any], kind: str, where: str) -> dict[str, Any]:
    limit = entry(feature, "speed_limit_mph", float, where)
    polyline = numbers(feature, "polyline", (None, 3), where)
    lane = {
        "speed_limit_mph": limit,
        "speed_limit_kmh": limit * KMH_PER_MPH,
        "type": kind,
        "polyline": polyline,
        "interpolating": entry(feature, "interpolating", bool, where),
        **{name: list_of(feature.get(name), int, f"{name!r} of {where}") for name in ("entry_lanes", "exit_lanes")},
        **{name: _boundaries(feature, name, where) for name in ("left_boundaries", "right_boundaries")},
        **{name: _neighbors(feature, name, where) for name in ("left_neighbor", "right_neighbor")},
    }
    if "width" in feature:
        lane["width"] = array(feature, "width", np.float32, (len(polyline), 2), where)
    return lane


def _boundaries(holder: dict[str, Any], key: str, where: str) -> list[dict[str, str]]:
    where = f"{key!r} of {where}"
    return [texts(segment, _BOUNDARY, where) for segment in list_of(holder.get(key), dict, where)]


def _neighbors(holder: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    where = f"{key!r} of {where}"
    return [
        {**texts(neighbor, _NEIGHBOR, where), "boundaries": _boundaries(neighbor, "boundaries", where)}
        for neighbor in list_of(holder.get(key), dict, where)
    ]


def _for_width(name: str, lane: dict[str, Any], where: str) -> Lane:
    """A lane with what its width is measured by."""
    try:
        left, right = (
            tuple(
                BoundarySegment(
                    int(segment["lane_start_index"]),
                    int(segment["lane_end_index"]),
                    int(segment["boundary_feature_id"]),
                    0,
                )
                for segment in lane[side]
            )
            for side in ("left_boundaries", "right_boundaries")
        )
        return Lane(int(name), 0.0, 0, False, lane["polyline"], (), (), left, right, (), ())
    except ValueError:
        raise DescriptionError(f"{where} has no width, and its boundaries name what is no number") from None
