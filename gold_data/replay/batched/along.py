"""Along the route: where the ego is on it, its way-points, and how much of the way is left in how much time.

The numbers are those of gold_data.replay.route, .navigation and .pace to the bit, computed for one environment from the
rows of many scenes' routes, laid end to end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.scene import Scene

ROUTE = np.dtype(
    [
        ("segment", "i8"),  # where its segments begin
        ("segments", "i8"),  # how many there are
        ("checkpoint", "i8"),  # where its check points begin
        ("checkpoints", "i8"),
        ("length", "f8"),  # m
        ("start", "i8"),  # frame of the record at which the episode starts
        ("last", "i8"),  # the record's last frame
        ("single_place", "?"),  # of who stands all the time: MetaDrive's right is left there
    ],
    align=True,
)
ROUTE_SEGMENT = np.dtype(
    [
        ("start_x", "f8"),  # m, in the scene's frame
        ("start_y", "f8"),
        ("end_x", "f8"),
        ("end_y", "f8"),
        ("direction_x", "f8"),  # for coordinates
        ("direction_y", "f8"),
        ("unit_x", "f8"),  # for which segment is the nearest
        ("unit_y", "f8"),
        ("heading", "f8"),  # rad
        ("begins", "f8"),  # m along the route
        ("ends", "f8"),
    ]
)

WAYPOINTS, WAYPOINT_SPACING, WAYPOINT_RANGE = 10, 2.0, 30.0
"""How many are seen, m between them, m at which the vector to one is cropped."""
MAX_LATERAL = 4.0
"""m beside the route that the block's range covers."""
ARRIVED = 0.95
"""Share of the route at which there is nothing left to drive."""
STEP = 0.1
"""s."""
SINGLE_PLACE = 0.1
"""m: the length of the route of who stands all the time, exactly; a recorded one is a root of a float32."""


class Place(NamedTuple):
    """Where an ego is: its nearest segment, m along the route and beside it (right positive), the route's heading."""

    segment: int
    longitude: float
    lateral: float
    heading: float  # rad, of the route at that longitude


@dataclass(frozen=True)
class CompiledRoute:
    """One scene's route, ready for kernels but for its place among others."""

    length: float  # m
    start: int  # frame of the record at which the episode starts
    last: int  # the record's last frame
    segments: NDArray[np.void]  # (n,) ROUTE_SEGMENT
    checkpoints: NDArray[np.float64]  # (m, 2) m


@dataclass(frozen=True)
class RouteTable:
    """S routes end to end."""

    routes: NDArray[np.void]  # (S,) ROUTE
    segments: NDArray[np.void]  # ROUTE_SEGMENT
    checkpoints: NDArray[np.float64]  # (., 2) m


def compile_route(scene: Scene) -> CompiledRoute:
    """Lay out a scene's route."""
    route = scene.route
    segments = np.zeros(len(route.start), ROUTE_SEGMENT)
    for name in ("start", "end", "direction", "unit"):
        segments[f"{name}_x"], segments[f"{name}_y"] = getattr(route, name).T
    segments["heading"] = route.heading
    segments["begins"], segments["ends"] = route.longitude[:-1], route.longitude[1:]
    return CompiledRoute(route.length, scene.start, len(scene.track.heading) - 1, segments, route.checkpoints)


def stack_routes(routes: Sequence[CompiledRoute]) -> RouteTable:
    """Put routes end to end; raises SceneError where there is none."""
    if not routes:
        raise SceneError("there is no route to drive along: give at least one scene")
    table = np.zeros(len(routes), ROUTE)
    for name in ("segments", "checkpoints"):
        table[name] = [len(getattr(route, name)) for route in routes]
        table[name[:-1]] = np.cumsum(table[name]) - table[name]
    for name in ("length", "start", "last"):
        table[name] = [getattr(route, name) for route in routes]
    table["single_place"] = table["length"] == SINGLE_PLACE
    return RouteTable(
        table,
        np.concatenate([route.segments for route in routes]),
        np.concatenate([route.checkpoints for route in routes]),
    )


@njit(cache=True)
def locate(route: Any, segments: NDArray[np.void], x: float, y: float) -> Place:
    """Project a position (m) onto its nearest segment; the longitude is not clamped at the route's ends.

    `route` is a row of RouteTable.routes. As Route.locate.
    """
    first = route.segment
    nearest, least = first, math.inf
    for index in range(first, first + route.segments):
        segment = segments[index]
        ahead, aside = x - segment.start_x, y - segment.start_y
        behind = (segment.start_x - x) * segment.unit_x + (segment.start_y - y) * segment.unit_y
        beyond = (x - segment.end_x) * segment.unit_x + (y - segment.end_y) * segment.unit_y
        beside = ahead * segment.unit_y - aside * segment.unit_x
        off = max(behind, beyond, 0.0)
        if off * off + beside * beside > least * least * (1 + 1e-12):
            continue  # cheaper than the root, which alone decides between segments that are equally far
        distance = math.hypot(off, beside)
        if distance < least:
            nearest, least = index, distance
    segment = segments[nearest]
    ahead, aside = x - segment.start_x, y - segment.start_y
    longitude = segment.begins + (ahead * segment.direction_x + aside * segment.direction_y)
    lateral = ahead * segment.direction_y - aside * segment.direction_x
    return Place(nearest, longitude, lateral, segments[segment_at(route, segments, longitude)].heading)


@register_jitable
def segment_at(route: Any, segments: NDArray[np.void], longitude: float) -> int:
    """Row of the first segment that ends beyond a longitude (m), or of the last one."""
    low, high = route.segment, route.segment + route.segments - 1
    while low < high:
        middle = (low + high) // 2
        if segments[middle].ends > longitude:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def write_navigation(
    route: Any, checkpoints: NDArray[np.float64], place: Place, x: float, y: float, heading: float, out: NDArray[Any]
) -> None:
    """Write the block `navigation` to (22,) `out`; x, y (m) and heading (rad) in the scene's frame."""
    following = max(int(place.longitude / WAYPOINT_SPACING) + 1, 0)
    cos, sin = math.cos(heading), math.sin(heading)
    for waypoint in range(WAYPOINTS):
        index = route.checkpoint + min(following + waypoint, route.checkpoints - 1)
        ahead, aside = checkpoints[index, 0] - x, checkpoints[index, 1] - y
        crop = min(1.0, WAYPOINT_RANGE / max(math.hypot(ahead, aside), 1e-9))
        ahead, aside = ahead * crop, aside * crop
        out[2 * waypoint] = _share((ahead * cos + aside * sin) / WAYPOINT_RANGE)
        out[2 * waypoint + 1] = _share((aside * cos - ahead * sin) / WAYPOINT_RANGE)
    out[2 * WAYPOINTS] = _share(place.lateral / MAX_LATERAL)
    out[2 * WAYPOINTS + 1] = _share(wrap(place.heading - heading) / math.pi)


@njit(cache=True)
def write_pace(
    step: int, last: int, longitude: float, length: float, speed: float, max_speed: float, out: NDArray[Any]
) -> None:
    """Write the block `pace` to (4,) `out`: `step` of `last` steps of the record are done, m of the route, m/s."""
    time_left = max(last - step, 0) * STEP
    route_left = min(max(ARRIVED * length - longitude, 0.0), length)
    needed = route_left / max(time_left, 1.0)
    out[0] = min(max(time_left / max(last * STEP, STEP), 0.0), 1.0)
    out[1] = min(max(route_left / max(length, 1.0), 0.0), 1.0)
    out[2] = min(max(needed / max_speed, 0.0), 1.0)
    out[3] = min(max((needed - speed) / max_speed / 2 + 0.5, 0.0), 1.0)


@register_jitable
def wrap(angle: float) -> float:
    """The angle (rad) in (-pi, pi]."""
    angle %= 2 * math.pi
    return angle - 2 * math.pi if angle > math.pi else angle


@register_jitable
def _share(value: float) -> float:
    return min(max((value + 1) / 2, 0.0), 1.0)
