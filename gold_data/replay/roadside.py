"""What the road tells the ego: the blocks `signal` and `speed_limit`.

Both are asked for along the route: which lanes it follows is settled once a scene, where a step only looks ahead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.replay.navigation import wrap
from gold_data.replay.route import WAYPOINT_SPACING, Route
from gold_data.replay.scene import Scene

COLOURS = {
    **dict.fromkeys(("LANE_STATE_GO", "LANE_STATE_ARROW_GO"), 1),
    **dict.fromkeys(("LANE_STATE_CAUTION", "LANE_STATE_ARROW_CAUTION"), 2),
    **dict.fromkeys(("LANE_STATE_STOP", "LANE_STATE_ARROW_STOP"), 3),
    **dict.fromkeys(("LANE_STATE_FLASHING_STOP", "LANE_STATE_FLASHING_CAUTION"), 4),
    "LANE_STATE_UNKNOWN": 5,
}
"""By a signal's state: which of the block's numbers is 1. 0 is for a frame in which the record does not show it."""

RANGE = 50.0
"""m ahead of the ego's middle in which a stop point is seen."""
BESIDE, ASKEW = 2.0, math.radians(30.0)
"""m beside the route and rad against it within which a lane runs with it."""
FOLLOWED, SHARE = 20.0, 0.75
"""m behind the stop point that the lane is looked at, and the share of it that has to run with the route.

Lanes that turn off from one stop point leave 2 m or 30 degrees within 10 m, on curves of up to 20 m radius."""
NEAR = 10.0
"""m from the route beyond which no lane is the route's."""
KM_H = 1.609344
"""km/h of a mile an hour."""
HIGHEST = 160.0
"""km/h that count as 1."""
SPACING = 2.0
"""m of route between two places at which the limit is looked up."""

ROADS = ("LANE_UNKNOWN", "LANE_FREEWAY", "LANE_SURFACE_STREET")
"""Lanes of cars."""


@dataclass(frozen=True)
class Roadside:
    """What stands along the route of a scene of L frames."""

    stops: NDArray[np.float64]  # (n,) m along the route, ascending: stop points of the lanes that it follows
    colours: NDArray[np.int8]  # (n, L) see COLOURS
    limits: NDArray[np.float64]  # (m,) km/h of the route's nearest lane, every 2 m; 0 where nothing is known


def roadside_of(scene: Scene) -> Roadside:
    """Find the signals and limits along a scene's route, from its description's signals and lanes.

    A signal whose lane the map lacks is left out, as in MetaDrive.
    """
    features = scene.description["map_features"]
    found = []
    for light in scene.description["dynamic_map_states"].values():
        longitude = _stop_on(scene.route, light, features)
        if longitude is not None:
            found.append((longitude, [COLOURS.get(state, 0) for state in light["state"]["object_state"]]))
    found.sort(key=lambda signal: signal[0])
    return Roadside(
        stops=np.array([longitude for longitude, _ in found]),
        colours=np.array([colours for _, colours in found], np.int8).reshape(len(found), scene.frames),
        limits=_limits(scene.route, features),
    )


@njit(cache=True)
def write_signal(
    stops: NDArray[np.float64],
    first: int,
    last: int,
    colours: NDArray[np.int8],
    colours_from: int,
    frames: int,
    frame: int,
    longitude: float,
    out: NDArray[Any],
) -> None:
    """Write the block `signal` to (6,) `out`: share of 50 m to the nearest stop point ahead, and 1 at its colour.

    Of stops[first:last] those are looked at that the record shows in this frame; 1 and no colour where there is none,
    as there is none behind its end. Colours of the k-th stand from colours[colours_from + k * frames] on; `longitude`
    is the ego's (m).
    """
    out[0], out[1:6] = 1.0, 0.0
    if frame >= frames:
        return
    for signal in range(first, last):
        ahead = stops[signal] - longitude
        colour = colours[colours_from + (signal - first) * frames + frame]
        if colour and 0.0 <= ahead <= RANGE:
            out[0] = ahead / RANGE
            out[colour] = 1.0
            return


@njit(cache=True)
def write_speed_limit(limits: NDArray[np.float64], first: int, last: int, longitude: float, out: NDArray[Any]) -> None:
    """Write the block `speed_limit` to (2,) `out`: whether it is known of limits[first:last], and it over 160 km/h."""
    limit = limits[first + min(max(int(longitude / SPACING), 0), last - first - 1)]
    out[0] = 1.0 if limit > 0.0 else 0.0
    out[1] = min(limit / HIGHEST, 1.0)


def _stop_on(route: Route, light: Mapping[str, Any], features: Mapping[str, Any]) -> float | None:
    """Metres along the route of a signal's stop point, if the route follows its lane."""
    lane, point = features.get(str(light["lane"])), light["stop_point"]
    if lane is None or not np.isfinite(point[:2]).all():
        return None
    stop = route.locate(float(point[0]), float(point[1]))
    line = np.asarray(lane["polyline"], np.float64)[:, :2]
    if abs(stop.lateral) > BESIDE or len(line) < 2:
        return None
    start = min(int(np.argmin(np.hypot(*(line - point[:2]).T))), len(line) - 2)
    along = np.diff(line[start:], axis=0)
    reached = np.cumsum(np.hypot(*along.T))
    length = np.diff(np.minimum(reached, FOLLOWED), prepend=0.0)
    with_it = looked_at = 0.0
    for place, (forward, aside), metres in zip(line[start:-1], along, length, strict=True):
        if metres == 0.0:
            continue
        here = route.locate(*place.tolist())
        runs_along = abs(here.lateral) <= BESIDE and abs(wrap(math.atan2(aside, forward) - here.heading)) <= ASKEW
        if looked_at == 0.0 and not runs_along:
            return None
        if looked_at > 0.0 and here.longitude > route.length:
            break  # where the ego would have gone is not known
        looked_at += metres
        with_it += metres * runs_along
    return stop.longitude if looked_at > 0.0 and with_it >= SHARE * looked_at else None


def _limits(route: Route, features: Mapping[str, Any]) -> NDArray[np.float64]:
    at = np.append(np.arange(len(route.checkpoints) - 1) * WAYPOINT_SPACING, route.length)
    roads = [feature for feature in features.values() if feature["type"] in ROADS and len(feature["polyline"])]
    found = np.zeros(len(at))
    if not roads:
        return found
    points = np.concatenate([road["polyline"][:, :2] for road in roads])
    road = np.repeat(np.arange(len(roads)), [len(road["polyline"]) for road in roads])
    low, high = route.checkpoints.min(axis=0) - NEAR, route.checkpoints.max(axis=0) + NEAR
    x, y = points.T
    near = np.flatnonzero(
        (road[:-1] == road[1:])
        & (np.maximum(x[:-1], x[1:]) >= low[0])
        & (np.minimum(x[:-1], x[1:]) <= high[0])
        & (np.maximum(y[:-1], y[1:]) >= low[1])
        & (np.minimum(y[:-1], y[1:]) <= high[1])
    )
    points = points.astype(np.float64)
    limits = np.array([_limit(road) for road in roads])[road[near]]
    headings = np.array([route.heading_at(longitude) for longitude in at])
    _look_up(route.checkpoints, headings, points[near], points[near + 1], limits, found)
    return found


def _limit(lane: Mapping[str, Any]) -> float:
    """km/h; a lane without a limit has 0 miles an hour in WOMD, and other databases have no such entry."""
    limit = float(lane.get("speed_limit_mph") or 0.0) * KM_H
    return limit if math.isfinite(limit) and limit > 0 else 0.0


@njit(cache=True)
def _look_up(
    places: NDArray[np.float64],
    headings: NDArray[np.float64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    limits: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Fill in the limit of the nearest segment of a lane that runs with the route, the first of those equally near."""
    for place in range(len(places)):
        x, y = places[place]
        cos, sin = math.cos(headings[place]), math.sin(headings[place])
        least = NEAR * NEAR
        for index in range(len(starts)):
            along_x, along_y = ends[index, 0] - starts[index, 0], ends[index, 1] - starts[index, 1]
            square = along_x * along_x + along_y * along_y
            if along_x * cos + along_y * sin < math.cos(ASKEW) * math.sqrt(square) or square == 0.0:
                continue
            from_x, from_y = x - starts[index, 0], y - starts[index, 1]
            share = min(max((from_x * along_x + from_y * along_y) / square, 0.0), 1.0)
            off_x, off_y = from_x - share * along_x, from_y - share * along_y
            if off_x * off_x + off_y * off_y < least:
                least = off_x * off_x + off_y * off_y
                found[place] = limits[index]
