"""The points in which the ego and another body press on each other, kept from substep to substep as Bullet does.

A point that is found where one was before goes on with that one's impulses; one that is found no more stays as long as
the bodies are near there (btPersistentManifold.cpp and btManifoldResult.cpp of Bullet 2.83). How hard the bodies push
hangs on this: the solver stops before it is through, so that the order of the points and what they begin with count.
"""

from __future__ import annotations

import math
from typing import Any

from numba.extending import register_jitable

from gold_data.replay.batched.meeting import Point
from gold_data.replay.batched.rigid_body import Axes, Vector, add, cross, dot, to_body, to_world

SLOTS = 4

MANIFOLD = [
    ("points", "i8"),
    ("on_ego", "f8", (SLOTS, 3)),  # m, along the ego's axes
    ("on_other", "f8", (SLOTS, 3)),  # along the other's, from its middle on the ground
    ("normal", "f8", (SLOTS, 2)),  # from the other to the ego
    ("distance", "f8", (SLOTS,)),  # m, below 0 in each other
    ("impulse", "f8", (SLOTS, 3)),  # N s: of pressure, of friction along and upwards
    ("arm", "f8", (SLOTS, 3)),  # m, from the ego's centre of mass, in the world
    ("other_arm", "f8", (SLOTS, 3)),  # from the other's
    ("gives_way", "f8", (SLOTS, 3)),  # m/s a N s, of both together, in the impulse's direction
]
"""Fields of a body that the ego meets; of the slots the first `points` are in use."""


@register_jitable
def refresh(other: Any, axes: Axes, origin: Vector, breaking: float) -> None:
    """Find the points' distance anew, and drop those that have come apart by more than `breaking` (m), or aside.

    `axes` and `origin` are the ego's.
    """
    for slot in range(other.points - 1, -1, -1):
        arm, at_other = _places(other, axes, slot)
        apart = Vector(origin.x + arm.x - at_other.x, origin.y + arm.y - at_other.y, origin.z + arm.z - at_other.z)
        distance = apart.x * other.normal[slot, 0] + apart.y * other.normal[slot, 1]
        aside = dot(apart, apart) - distance * distance
        other.distance[slot] = distance
        if distance > breaking or aside > breaking * breaking:
            other.points -= 1
            _move(other, other.points, slot)
            continue
        other.arm[slot, 0], other.arm[slot, 1], other.arm[slot, 2] = arm
        other.other_arm[slot, 0] = at_other.x - other.x
        other.other_arm[slot, 1] = at_other.y - other.y
        other.other_arm[slot, 2] = at_other.z - other.middle


@register_jitable
def find_again(  # one found point
    other: Any, axes: Axes, origin: Vector, breaking: float, point: Point, z: float, normal_x: float, normal_y: float
) -> None:
    """Keep a point that lies on the other at height `z`, in the slot of the one that was nearest on the ego."""
    arm = Vector(point.x - point.depth * normal_x - origin.x, point.y - point.depth * normal_y - origin.y, z - origin.z)
    on_ego = to_body(axes, arm)
    nearest, least = -1, breaking * breaking
    for slot in range(other.points):
        square = _square(add(_on_ego(other, slot), on_ego, -1.0))
        if square < least:
            nearest, least = slot, square
    if nearest < 0:
        if other.points < SLOTS:
            nearest = other.points
            other.points += 1
        else:
            nearest = _least_missed(other, on_ego, -point.depth)
        other.impulse[nearest, 0], other.impulse[nearest, 1], other.impulse[nearest, 2] = 0.0, 0.0, 0.0
    x, y = point.x - other.x, point.y - other.y
    other.on_ego[nearest, 0], other.on_ego[nearest, 1], other.on_ego[nearest, 2] = on_ego
    other.on_other[nearest, 0] = x * other.cos + y * other.sin
    other.on_other[nearest, 1] = y * other.cos - x * other.sin
    other.on_other[nearest, 2] = z
    other.normal[nearest, 0], other.normal[nearest, 1] = normal_x, normal_y
    other.distance[nearest] = -point.depth
    other.arm[nearest, 0], other.arm[nearest, 1], other.arm[nearest, 2] = arm
    other.other_arm[nearest, 0], other.other_arm[nearest, 1], other.other_arm[nearest, 2] = x, y, z - other.middle


@register_jitable
def _places(other: Any, axes: Axes, slot: int) -> tuple[Vector, Vector]:
    """Where a point is: from the ego's origin, and, on the other, in the world."""
    along, beside = other.on_other[slot, 0], other.on_other[slot, 1]
    at_other = Vector(
        other.x + along * other.cos - beside * other.sin,
        other.y + along * other.sin + beside * other.cos,
        other.on_other[slot, 2],
    )
    return to_world(axes, _on_ego(other, slot)), at_other


@register_jitable
def _on_ego(other: Any, slot: int) -> Vector:
    return Vector(other.on_ego[slot, 0], other.on_ego[slot, 1], other.on_ego[slot, 2])


@register_jitable
def _move(other: Any, source: int, target: int) -> None:
    """Copy a slot."""
    for number in range(3):
        other.on_ego[target, number] = other.on_ego[source, number]
        other.on_other[target, number] = other.on_other[source, number]
        other.impulse[target, number] = other.impulse[source, number]
        other.arm[target, number] = other.arm[source, number]
        other.other_arm[target, number] = other.other_arm[source, number]
    other.normal[target, 0], other.normal[target, 1] = other.normal[source, 0], other.normal[source, 1]
    other.distance[target] = other.distance[source]


@register_jitable
def _least_missed(other: Any, on_ego: Vector, distance: float) -> int:
    """The slot that a fifth point takes: that without which the points span most, but never the deepest point's."""
    deepest, least = -1, distance
    for slot in range(SLOTS):
        if other.distance[slot] < least:
            deepest, least = slot, other.distance[slot]
    chosen, largest = 0, -math.inf
    for slot in range(SLOTS):
        anchor = 1 if slot == 0 else 0
        one = 2 if slot == 3 else 3
        another = 2 if slot < 2 else 1
        side = add(on_ego, _on_ego(other, anchor), -1.0)
        area = _square(cross(side, add(_on_ego(other, one), _on_ego(other, another), -1.0)))
        if slot == deepest:
            area = 0.0
        if area > largest:
            chosen, largest = slot, area
    return chosen


@register_jitable
def _square(vector: Vector) -> float:
    return dot(vector, vector)
