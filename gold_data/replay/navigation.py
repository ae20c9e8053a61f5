"""What the ego knows of its route: the `navigation` block, repaired.

MetaDrive 0.4.3 writes the forward coordinate of each way-point twice and never the sideways one, and leaves two of 22
numbers zero (component/navigation_module/trajectory_navigation.py). Here all 22 are filled.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.route import WAYPOINT_SPACING, Place, Route

WAYPOINTS = 10
WAYPOINT_RANGE = 30.0
"""Metres at which the vector to a way-point is cropped (NAVI_POINT_DIST)."""

MAX_LATERAL = 4.0
"""Metres beside the route beyond which the ego is out of road (ScenarioEnv's max_lateral_dist)."""

NAMES = (
    *(f"waypoint_{k}_{side}" for k in range(WAYPOINTS) for side in ("forward", "left")),
    "lateral",
    "heading_error",
)


def navigation(route: Route, place: Place, x: float, y: float, heading: float) -> NDArray[np.float64]:
    """(22,) numbers in [0, 1]: ten way-points as (forward, left), lateral (right positive), heading error.

    `x`, `y` (m) and `heading` (rad) are the ego's in the scene's frame. The way-points are the next ten check points,
    0-2 m to 18-20 m ahead; past the end the end point stands in.
    """
    following = max(int(place.longitude / WAYPOINT_SPACING) + 1, 0)
    index = np.minimum(following + np.arange(WAYPOINTS), len(route.checkpoints) - 1)
    vector = route.checkpoints[index] - (x, y)
    distance = np.hypot(vector[:, 0], vector[:, 1])
    vector *= np.minimum(1.0, WAYPOINT_RANGE / np.maximum(distance, 1e-9))[:, None]
    cos, sin = math.cos(heading), math.sin(heading)
    forward = vector[:, 0] * cos + vector[:, 1] * sin
    left = vector[:, 1] * cos - vector[:, 0] * sin
    numbers = np.empty(2 * WAYPOINTS + 2)
    numbers[0:-2:2] = (forward / WAYPOINT_RANGE + 1) / 2
    numbers[1:-2:2] = (left / WAYPOINT_RANGE + 1) / 2
    numbers[-2] = (place.lateral / MAX_LATERAL + 1) / 2
    numbers[-1] = (wrap(place.heading - heading) / math.pi + 1) / 2
    return np.clip(numbers, 0.0, 1.0)


def wrap(angle: float) -> float:
    """The angle (rad) in (-pi, pi]."""
    angle %= 2 * math.pi
    return angle - 2 * math.pi if angle > math.pi else angle
