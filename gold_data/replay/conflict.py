"""The block `conflict`: when somebody will be where the ego's route leads, if everybody goes on as now.

Read from the same rows as the block `neighbours`: from where the road users are in this frame and how fast, with the
bodies that they touch with, and from nothing that comes later.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched.along import locate, segment_at

EGO_LENGTH, EGO_WIDTH = 4.515, 1.852
"""m, as in gold_data.replay.scene."""
STATIONS, SPACING = 17, 2.5
"""How many places on the route are looked at, and m between them; the first is at the ego's front."""
REACH = (STATIONS - 1) * SPACING
"""m from the ego's front to the last station."""
HORIZON = 5.0
"""s ahead; what is later is not told."""
MARGIN = 0.25
"""m beside the ego that have to stay free, as along a record that is a demonstration."""
FREE = EGO_WIDTH / 2 + MARGIN
"""m around a station."""
SOON = 1.5
"""s between the ego's being at a station and somebody else's being there within which they meet."""
SETS_OFF = 3.0
"""m/s at least with which the ego is taken to go on: one that waits asks what it would meet if it drove."""
BESIDE = 0.1
"""Sine of the angle to the route below which somebody runs along it, in whatever bend: 6 degrees."""
STANDS = 1e-6
"""m/s that make no difference: 5 micrometres within the horizon."""

LEADER, CROSSING = STATIONS, STATIONS + 2
"""Where the numbers of the leader and of the crossing begin."""
NUMBERS = STATIONS + 5


class Ahead(NamedTuple):
    """The ego and the stations before it; the rectangle that these lie in has the ego's axes, and its middle as 0."""

    segment: int  # row of the route's segment of the first station
    last: int  # row of the route's last segment
    longitude: float  # m along the route of the first station
    x: float  # m, of the ego's middle
    y: float
    cos: float  # of its heading
    sin: float
    speed: float  # m/s with which it is taken to go on
    rear: float  # m forward
    front: float
    right: float  # m to the left
    left: float


class Approach(NamedTuple):
    """A road user, in whose frame the places of the road move past its body."""

    x: float  # m
    y: float
    cos: float  # of its heading
    sin: float
    a_length: float  # s in which a place moves by a metre along its heading
    a_width: float  # and to its left
    lasts_length: float  # s from the middle of the body to its end and FREE beyond
    lasts_width: float  # and to its side


@njit(cache=True)
def write_conflict(
    route: Any,
    segments: NDArray[np.void],
    longitude: float,
    poses: NDArray[np.void],
    first: int,
    last: int,
    bodies: NDArray[np.void],
    x: float,
    y: float,
    heading: float,
    velocity_x: float,
    velocity_y: float,
    max_speed: float,
    out: NDArray[Any],
) -> None:
    """Write the block to (22,) `out`, with poses[first:last] for the road users; gold_data.replay.observation says what
    each number is.

    `route` is a row of RouteTable.routes; `longitude` (m), x, y (m), heading (rad) and velocity (m/s) are the ego's.
    """
    out[:CROSSING] = 1.0
    out[CROSSING], out[CROSSING + 1 : NUMBERS] = 0.0, 1.0
    if first == last:
        return
    ahead = _look_ahead(route, segments, longitude, x, y, heading, velocity_x, velocity_y)
    for index in range(first, last):
        pose = poses[index]
        body = bodies[pose.body]
        if _may_come(ahead, pose, body):
            _tell(ahead, route, segments, pose, body, max_speed, out)


@register_jitable
def _look_ahead(
    route: Any,
    segments: NDArray[np.void],
    longitude: float,
    x: float,
    y: float,
    heading: float,
    velocity_x: float,
    velocity_y: float,
) -> Ahead:
    cos, sin = math.cos(heading), math.sin(heading)
    longitude += EGO_LENGTH / 2
    begin, last = segment_at(route, segments, longitude), route.segment + route.segments - 1
    rear, front, right, left = math.inf, -math.inf, math.inf, -math.inf
    segment = begin
    for station in range(STATIONS):
        at = longitude + station * SPACING
        while segment < last and segments[segment].ends <= at:
            segment += 1
        far_x, far_y = _station(segments[segment], at)
        far_x, far_y = far_x - x, far_y - y
        forward, aside = far_x * cos + far_y * sin, far_y * cos - far_x * sin
        rear, front = min(rear, forward), max(front, forward)
        right, left = min(right, aside), max(left, aside)
    speed = max(velocity_x * cos + velocity_y * sin, SETS_OFF)
    return Ahead(begin, last, longitude, x, y, cos, sin, speed, rear, front, right, left)


@register_jitable
def _station(segment: Any, longitude: float) -> tuple[float, float]:
    """x, y (m) at a longitude (m) of the route, on this segment of it or straight on."""
    along = longitude - segment.begins
    return segment.start_x + along * segment.direction_x, segment.start_y + along * segment.direction_y


@register_jitable
def _may_come(ahead: Ahead, pose: Any, body: Any) -> bool:
    """Whether somebody's way within the horizon comes near the rectangle of the stations."""
    room = body.reach + 1.5 * FREE  # as far as the corner of the body with FREE around it
    far_x, far_y = pose.x - ahead.x, pose.y - ahead.y
    way_x, way_y = pose.velocity_x * HORIZON, pose.velocity_y * HORIZON
    forward, moved = far_x * ahead.cos + far_y * ahead.sin, way_x * ahead.cos + way_y * ahead.sin
    if forward + max(moved, 0.0) + room < ahead.rear or forward + min(moved, 0.0) - room > ahead.front:
        return False
    aside, moved = far_y * ahead.cos - far_x * ahead.sin, way_y * ahead.cos - way_x * ahead.sin
    return aside + max(moved, 0.0) + room >= ahead.right and aside + min(moved, 0.0) - room <= ahead.left


@register_jitable
def _tell(
    ahead: Ahead, route: Any, segments: NDArray[np.void], pose: Any, body: Any, max_speed: float, out: NDArray[Any]
) -> None:
    """Add what one road user does to the block.

    Numbers are rounded before they are compared: the block is the same whether it is written as float32 or float64.
    """
    approach = _approach(pose, body)
    enters, leaves = _stay(approach, ahead.x, ahead.y)
    runs_into = enters if enters <= leaves else math.inf
    is_there = asked = False
    crossing, crossing_time = -1, 0.0
    segment = ahead.segment
    for station in range(STATIONS):
        at = ahead.longitude + station * SPACING
        while segment < ahead.last and segments[segment].ends <= at:
            segment += 1
        x, y = _station(segments[segment], at)
        enters, leaves = _stay(approach, x, y)
        if enters > leaves or enters >= HORIZON or runs_into <= enters:
            continue
        if enters == 0.0 and not is_there:
            is_there = True
            _lead(segments[segment], station, x, y, pose, body, max_speed, out)
        elif enters > 0.0 and not is_there and not asked:
            asked = True
            if _runs_beside(route, segments, pose, body):
                return
        out[station] = min(out[station], np.float32(enters / HORIZON))
        arrives = station * SPACING / ahead.speed
        if crossing < 0 and enters < arrives + SOON and leaves > arrives - SOON:
            crossing, crossing_time = station, enters
    if crossing < 0 or is_there:
        return
    distance, time = np.float32(crossing * SPACING / REACH), np.float32(crossing_time / HORIZON)
    if out[CROSSING] == 0.0 or (distance, time) < (np.float32(out[CROSSING + 1]), np.float32(out[CROSSING + 2])):
        out[CROSSING], out[CROSSING + 1], out[CROSSING + 2] = 1.0, distance, time


@register_jitable
def _approach(pose: Any, body: Any) -> Approach:
    cos, sin = float(pose.cos), float(pose.sin)
    back = _moving(-pose.velocity_x * cos - pose.velocity_y * sin)
    over = _moving(pose.velocity_x * sin - pose.velocity_y * cos)
    length, width = body.half_length + FREE, body.half_width + FREE
    return Approach(float(pose.x), float(pose.y), cos, sin, 1 / back, 1 / over, length / abs(back), width / abs(over))


@register_jitable
def _stay(approach: Approach, x: float, y: float) -> tuple[float, float]:
    """From when to when (s, from now on) a place (m) is within FREE of somebody's body; never, if the first is later.

    The body is a rectangle, and so is what is around it.
    """
    far_x, far_y = x - approach.x, y - approach.y
    beside = -(far_x * approach.cos + far_y * approach.sin) * approach.a_length
    across = -(far_y * approach.cos - far_x * approach.sin) * approach.a_width
    enters = max(beside - approach.lasts_length, across - approach.lasts_width, 0.0)
    return enters, min(beside + approach.lasts_length, across + approach.lasts_width)


@register_jitable
def _moving(speed: float) -> float:
    """A speed (m/s) that one can divide by."""
    return speed if abs(speed) > STANDS else STANDS


@register_jitable
def _lead(
    segment: Any, station: int, x: float, y: float, pose: Any, body: Any, max_speed: float, out: NDArray[Any]
) -> None:
    """Take somebody who is at a station, at x, y (m) of a segment, for the leader if the gap is less than before."""
    forward, aside = segment.direction_x, segment.direction_y
    cos, sin = abs(pose.cos * forward + pose.sin * aside), abs(pose.sin * forward - pose.cos * aside)
    gap = station * SPACING + (pose.x - x) * forward + (pose.y - y) * aside
    gap -= cos * body.half_length + sin * body.half_width
    share = np.float32(min(max(gap / REACH, 0.0), 1.0))
    if share < out[LEADER]:
        speed = (pose.velocity_x * forward + pose.velocity_y * aside) / max_speed
        out[LEADER], out[LEADER + 1] = share, min(max((speed + 1) / 2, 0.0), 1.0)


@register_jitable
def _runs_beside(route: Any, segments: NDArray[np.void], pose: Any, body: Any) -> bool:
    """Whether somebody drives along the route, with or against it, beside it: in a bend it would seem to cross."""
    place = locate(route, segments, pose.x, pose.y)
    towards = pose.velocity_y * math.cos(place.heading) - pose.velocity_x * math.sin(place.heading)
    speed = math.hypot(pose.velocity_x, pose.velocity_y)
    return abs(place.lateral) > FREE + body.half_width and abs(towards) < BESIDE * speed
