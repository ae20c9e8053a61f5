"""MetaDrive's own numbers of the ego and its route: the blocks `ego` and `navigation_stock`.

Follows component/vehicle/base_vehicle.py, component/navigation_module/trajectory_navigation.py and obs/state_obs.py of
MetaDrive 0.4.3 with all that is odd in them. Places along the route are float32 there, and so they are here: of a route
of 300 m its last bit is 3e-5 m, which decides at a vertex between two segments.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched.along import Place, wrap

EGO, NAVIGATION_STOCK = 7, 22
"""Numbers of the two blocks."""
WAYPOINTS, WAYPOINT_SPACING, WAYPOINT_RANGE = 9, 2.0, 30.0
"""Of ten way-points the first is left out; m between them, m at which the vector to one is cropped."""
MAX_LATERAL = 4.0
"""m beside the route that the navigation's range covers."""
MAX_LANE_WIDTH = 4.5
"""m that the ego's range covers."""
MAX_STEERING = 60.0
"""What the steering input in [-1, 1] is divided by: MetaDrive takes it for degrees."""
SLACK = 0.1
"""m by which a segment reaches beyond its end where its direction is asked for, and not its heading."""
STEP = 0.1
"""s."""


@njit(cache=True)
def write_stock(
    route: Any,
    segments: NDArray[np.void],
    checkpoints: NDArray[np.float64],
    place: Place,
    x: float,
    y: float,
    forward_x: float,
    forward_y: float,
    heading: float,
    heading_before: float,
    speed: float,
    max_speed_km_h: float,
    steering: float,
    throttle: float,
    out: NDArray[Any],
) -> None:
    """Write `ego` and `navigation_stock` to (29,) `out`.

    x, y (m) and heading (rad) are those that are read out, `heading_before` that before the step, `forward` what of the
    car's axis lies in the plane, shortened by its pitch; speed in m/s, steering and throttle as they were executed.
    """
    longitude, lateral = _coordinates(segments[place.segment], x, y)
    right = lateral
    last = route.segment + route.segments - 1
    towards = _first_ending(segments, route.segment, last, longitude, SLACK)
    side_x, side_y = segments[towards].direction_y, -segments[towards].direction_x
    if route.single_place:
        side_x, side_y, right = -side_x, -side_y, -lateral
    out[0] = min(max(math.cos(heading) * side_x + math.sin(heading) * side_y, -1.0), 1.0) / 2 + 0.5
    out[1] = min(max((speed * 3.6 + 1) / (max_speed_km_h + 1), 0.0), 1.0)
    out[2] = _share(steering / MAX_STEERING)
    out[3] = _share(steering)
    out[4] = _share(throttle)
    turned = math.cos(heading) * math.cos(heading_before) + math.sin(heading) * math.sin(heading_before)
    out[5] = min(math.acos(min(max(turned, 0.0), 1.0)) / STEP, 1.0)
    out[6] = _share(right * 2 / MAX_LANE_WIDTH)

    following = max(int(longitude / WAYPOINT_SPACING) + 1, 0)
    for waypoint in range(WAYPOINTS):
        index = route.checkpoint + min(min(following, route.checkpoints - 1) + 1 + waypoint, route.checkpoints - 1)
        ahead, aside = checkpoints[index, 0] - x, checkpoints[index, 1] - y
        distance = math.sqrt(ahead * ahead + aside * aside)
        crop = WAYPOINT_RANGE / distance if distance > WAYPOINT_RANGE else 1.0
        share = _share((ahead * forward_x + aside * forward_y) * crop / WAYPOINT_RANGE)
        out[EGO + 2 * waypoint] = out[EGO + 2 * waypoint + 1] = share
    course = segments[_first_ending(segments, route.segment, last, longitude, 0.0)].heading
    out[EGO + 2 * WAYPOINTS] = _share(right / MAX_LATERAL)
    out[EGO + 2 * WAYPOINTS + 1] = _share(wrap(course - heading) / math.pi)
    out[EGO + 2 * WAYPOINTS + 2] = out[EGO + 2 * WAYPOINTS + 3] = 0.0


@register_jitable
def _coordinates(segment: Any, x: float, y: float) -> tuple[float, float]:
    """Longitude and lateral (m, right positive) on a segment, rounded wherever InterpolatingLine rounds them."""
    ahead = np.float32(np.float32(x) - np.float32(segment.start_x))
    aside = np.float32(np.float32(y) - np.float32(segment.start_y))
    forward, sideways = np.float32(segment.direction_x), np.float32(segment.direction_y)
    along = np.float32(np.float32(ahead * forward) + np.float32(aside * sideways))
    beside = np.float32(np.float32(ahead * sideways) - np.float32(aside * forward))
    return float(np.float32(np.float32(segment.begins) + along)), float(beside)


@register_jitable
def _first_ending(segments: NDArray[np.void], low: int, high: int, longitude: float, slack: float) -> int:
    """Row of the first of segments[low : high + 1] that ends beyond a longitude, or no more than the slack before."""
    while low < high:
        middle = (low + high) // 2
        end = np.float32(segments[middle].ends + slack)
        if end > longitude or (slack > 0.0 and end == longitude):
            high = middle
        else:
            low = middle + 1
    return low


@register_jitable
def _share(value: float) -> float:
    return min(max((value + 1) / 2, 0.0), 1.0)
