"""Where two bodies meet, seen from above: two boxes in one point or two, a box and a cylinder in one.

As Bullet has it for boxes that stand upright (btBoxBoxDetector.cpp): of all edges' directions that in which they are
least deep in each other, and the edge that faces it, cut off where the first one's edge ends.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba.extending import register_jitable


class Box(NamedTuple):
    """A rectangle on the ground: middle, cosine and sine of the heading, half its length and width; all m."""

    x: float
    y: float
    cos: float
    sin: float
    half_length: float
    half_width: float


class Depths(NamedTuple):
    """How deep two boxes are in each other along and beside the first, and along and beside the second; m."""

    along: float
    beside: float
    other_along: float
    other_beside: float


class Point(NamedTuple):
    """A point in which two bodies meet, on the second one, and how deep they are in each other there; all m."""

    x: float
    y: float
    depth: float


class Meeting(NamedTuple):
    """The points (0, 1 or 2, the others mean nothing), and the direction from the second body to the first."""

    points: int
    normal_x: float
    normal_y: float
    first: Point
    second: Point


@register_jitable
def apart() -> Meeting:
    """No meeting."""
    return Meeting(0, 0.0, 0.0, Point(0.0, 0.0, 0.0), Point(0.0, 0.0, 0.0))


@register_jitable
def depths_of(one: Box, other: Box) -> Depths:
    """How deep two boxes are in each other, in the directions of all edges."""
    along, beside = _within(one, other.x - one.x, other.y - one.y)
    other_along, other_beside = _within(other, one.x - other.x, one.y - other.y)
    cos = abs(one.cos * other.cos + one.sin * other.sin)
    sin = abs(one.sin * other.cos - one.cos * other.sin)
    return Depths(
        one.half_length + other.half_length * cos + other.half_width * sin - abs(along),
        one.half_width + other.half_length * sin + other.half_width * cos - abs(beside),
        other.half_length + one.half_length * cos + one.half_width * sin - abs(other_along),
        other.half_width + one.half_length * sin + one.half_width * cos - abs(other_beside),
    )


@register_jitable
def boxes_meet(one: Box, other: Box, depths: Depths) -> Meeting:
    """How two boxes meet, in that direction in which `depths` are the least; they do not if one is below 0."""
    least = min(depths)
    if least < 0.0:
        return apart()
    along, beside = _within(one, other.x - one.x, other.y - one.y)
    if least == depths.along:
        return _clipped(one, other, math.copysign(1.0, along), 0.0, False)
    if least == depths.beside:
        return _clipped(one, other, 0.0, math.copysign(1.0, beside), False)
    other_along, other_beside = _within(other, one.x - other.x, one.y - other.y)
    if least == depths.other_along:
        return _clipped(other, one, math.copysign(1.0, other_along), 0.0, True)
    return _clipped(other, one, 0.0, math.copysign(1.0, other_beside), True)


@register_jitable
def cylinder_meets(one: Box, x: float, y: float, radius: float) -> Meeting:
    """How a box meets a cylinder that stands at x, y; all m."""
    along, beside = _within(one, x - one.x, y - one.y)
    near_along = min(max(along, -one.half_length), one.half_length)
    near_beside = min(max(beside, -one.half_width), one.half_width)
    away_along, away_beside = along - near_along, beside - near_beside
    distance = math.sqrt(away_along * away_along + away_beside * away_beside)
    if distance > radius:
        return apart()
    if distance > 0.0:
        away_along, away_beside, depth = away_along / distance, away_beside / distance, radius - distance
    elif one.half_length - abs(along) < one.half_width - abs(beside):  # its middle is in the box
        near_along = math.copysign(one.half_length, along)
        away_along, away_beside, depth = math.copysign(1.0, along), 0.0, radius + one.half_length - abs(along)
    else:
        near_beside = math.copysign(one.half_width, beside)
        away_along, away_beside, depth = 0.0, math.copysign(1.0, beside), radius + one.half_width - abs(beside)
    near_x, near_y = _turned(one, near_along - depth * away_along, near_beside - depth * away_beside)
    away_x, away_y = _turned(one, away_along, away_beside)
    first = Point(one.x + near_x, one.y + near_y, depth)
    return Meeting(1, -away_x, -away_y, first, first)


@register_jitable
def _within(box: Box, x: float, y: float) -> tuple[float, float]:
    """A vector along and across a box."""
    return x * box.cos + y * box.sin, y * box.cos - x * box.sin


@register_jitable
def _turned(box: Box, along: float, beside: float) -> tuple[float, float]:
    """A vector given along and across a box."""
    return along * box.cos - beside * box.sin, along * box.sin + beside * box.cos


@register_jitable
def _clipped(box: Box, other: Box, along: float, beside: float, second: bool) -> Meeting:
    """How the edge of `box` that looks `along` or `beside` it (1 or -1) meets the edge of `other` that faces it most.

    `second` says whether `box` is the second body of the meeting.
    """
    out_x, out_y = _turned(box, along, beside)
    reach, half = (box.half_length, box.half_width) if beside == 0.0 else (box.half_width, box.half_length)
    facing_along, facing_beside = _within(other, -out_x, -out_y)
    if abs(facing_along) > abs(facing_beside):
        edge_along, edge_beside = math.copysign(other.half_length, facing_along), 0.0
        span_along, span_beside = 0.0, -other.half_width  # from left to right: the order is Bullet's
    else:
        edge_along, edge_beside = 0.0, math.copysign(other.half_width, facing_beside)
        span_along, span_beside = other.half_length, 0.0
    edge_x, edge_y = _turned(other, edge_along, edge_beside)
    edge_x, edge_y = edge_x + other.x - box.x, edge_y + other.y - box.y
    span_x, span_y = _turned(other, span_along, span_beside)
    # The edge is edge + share x span, for shares from -1 to 1; its part beside the box's own edge is what counts.
    middle, slope = edge_y * out_x - edge_x * out_y, span_y * out_x - span_x * out_y
    low, high = -1.0, 1.0
    if slope != 0.0:
        ends = (-half - middle) / slope, (half - middle) / slope
        low, high = max(low, min(ends)), min(high, max(ends))
    depth, rise = reach - (edge_x * out_x + edge_y * out_y), -(span_x * out_x + span_y * out_y)
    first = _at(box.x + edge_x + low * span_x, box.y + edge_y + low * span_y, depth + low * rise, out_x, out_y, second)
    last = _at(
        box.x + edge_x + high * span_x, box.y + edge_y + high * span_y, depth + high * rise, out_x, out_y, second
    )
    points = 2
    if last.depth < 0.0:
        points = 1
    if first.depth < 0.0:
        first, points = last, points - 1
    sign = 1.0 if second else -1.0
    return Meeting(points, sign * out_x, sign * out_y, first, last)


@register_jitable
def _at(x: float, y: float, depth: float, out_x: float, out_y: float, outwards: bool) -> Point:
    """A point, moved `outwards` to where the edge is that it is behind."""
    shift = depth if outwards else 0.0
    return Point(x + shift * out_x, y + shift * out_y, depth)
