"""The chassis against the ground: in the first two substeps of an episode, and after it was thrown over.

MetaDrive puts the ego down at height 0, where its box lies on the plane and its springs are fully compressed. What that
costs of the velocity, 1-2 cm/s, makes centimetres in an episode. Bullet 2.83 keeps up to four points of a contact from
step to step (btPersistentManifold.h), adds the box's lowest corner to them (btConvexPlaneCollisionAlgorithm.cpp), and
solves for their impulses one after the other, ten times (btSequentialImpulseConstraintSolver.cpp).
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched.rigid_body import Axes, Vector, add, cross, dot, spin_change, to_world, yielding

SUBSTEP = 0.02
"""s."""

WIDTH, LENGTH, HEIGHT = 1.852, 4.515, 1.19
"""m; the box of the chassis, whose bottom's centre is the body's origin and its centre of mass."""

INVERSE_MASS = 1.0 / 1100.0
INVERSE_INERTIA = Vector(
    12 * INVERSE_MASS / (LENGTH**2 + HEIGHT**2),
    12 * INVERSE_MASS / (WIDTH**2 + HEIGHT**2),
    12 * INVERSE_MASS / (WIDTH**2 + LENGTH**2),
)

FRICTION = 0.5 * 0.9
"""Of the chassis times that of the ground."""

BREAKING = 0.02 * (math.sqrt((WIDTH / 2) ** 2 + (LENGTH / 2) ** 2 + (HEIGHT / 2) ** 2) + HEIGHT / 2)
"""m over the ground, or aside, beyond which a point is no contact: 0.02 of what the turning box sweeps."""

CORRECTION = 0.2
"""Share of the depth that a substep is to mend (ERP)."""

KEPT = 0.85
"""Share of the last substep's impulse with which the next one begins (warm start)."""

ITERATIONS = 10
POINTS = 4

POINT = 8
"""Of each point: where it is on the chassis (3), where it met the ground (2), its impulses up, along -y and along x."""

MANIFOLD = 1 + POINTS * POINT
"""Numbers of a manifold: how many points there are, and these."""


@register_jitable
def is_near(axes: Axes, height: float) -> bool:
    """Whether the chassis' lowest corner is near enough to the ground, its origin `height` metres over it."""
    reach = abs(axes.right.z) * WIDTH / 2 + abs(axes.forward.z) * LENGTH / 2
    return height - reach + min(axes.up.z * HEIGHT, 0.0) < BREAKING


@register_jitable
def find_points(manifold: NDArray[np.float64], axes: Axes, origin: Vector) -> None:
    """Drop the points of a (MANIFOLD,) row that have come away, and add the lowest corner."""
    count = int(manifold[0])
    for point in range(count - 1, -1, -1):
        place = 1 + point * POINT
        now = add(origin, to_world(axes, Vector(manifold[place], manifold[place + 1], manifold[place + 2])))
        aside_x, aside_y = manifold[place + 3] - now.x, manifold[place + 4] - now.y
        if now.z > BREAKING or aside_x * aside_x + aside_y * aside_y > BREAKING * BREAKING:
            count -= 1
            last = 1 + count * POINT
            for number in range(POINT):
                manifold[place + number] = manifold[last + number]
    corner = Vector(
        WIDTH / 2 if axes.right.z <= 0.0 else -WIDTH / 2,
        LENGTH / 2 if axes.forward.z <= 0.0 else -LENGTH / 2,
        0.0 if axes.up.z >= 0.0 else HEIGHT,
    )
    now = add(origin, to_world(axes, corner))
    if now.z < BREAKING:
        nearest, least = count, BREAKING * BREAKING
        for point in range(count):
            place = 1 + point * POINT
            away = add(Vector(manifold[place], manifold[place + 1], manifold[place + 2]), corner, -1.0)
            if dot(away, away) < least:
                nearest, least = point, dot(away, away)
        if nearest < POINTS:
            place = 1 + nearest * POINT
            manifold[place], manifold[place + 1], manifold[place + 2] = corner
            manifold[place + 3], manifold[place + 4] = now.x, now.y
            if nearest == count:
                count += 1
                manifold[place + 5 : place + 8] = 0.0
    manifold[0] = count


@register_jitable
def push_back(
    manifold: NDArray[np.float64], axes: Axes, height: float, velocity: Vector, spin: Vector, turn: Vector
) -> tuple[Vector, Vector]:
    """Velocity (m/s) and spin (rad/s) as the ground leaves them; its impulses stay in the (MANIFOLD,) row.

    `velocity` is with gravity's change, `spin` without the gyroscopic one, `turn`: friction does not look at that.
    """
    count = int(manifold[0])
    for iteration in range(-1, ITERATIONS):
        for friction in range(2):  # after all rows of weight, since their impulses limit it
            for point in range(count):
                place = 1 + point * POINT
                arm = to_world(axes, Vector(manifold[place], manifold[place + 1], manifold[place + 2]))
                for row in range(friction, 1 + 2 * friction):
                    direction = _direction(row)
                    torque = cross(arm, direction)
                    weight, before = manifold[place + 5], manifold[place + 5 + row]
                    if iteration < 0:
                        impulse, before = before * KEPT, 0.0
                    elif friction and weight <= 0.0:
                        continue
                    else:
                        speed = dot(direction, velocity) + dot(torque, spin)
                        if not friction:
                            above = arm.z + height
                            # It may come down to the ground in this substep, or out of it slowly.
                            speed += dot(torque, turn) + above * (1.0 if above > 0.0 else CORRECTION) / SUBSTEP
                        impulse = before - speed / yielding(axes, INVERSE_INERTIA, INVERSE_MASS, arm, direction)
                        limit = FRICTION * weight
                        impulse = min(max(impulse, -limit), limit) if friction else max(impulse, 0.0)
                    manifold[place + 5 + row] = impulse
                    velocity = add(velocity, direction, INVERSE_MASS * (impulse - before))
                    spin = add(spin, spin_change(axes, INVERSE_INERTIA, torque), impulse - before)
    return velocity, spin


@register_jitable
def _direction(row: int) -> Vector:
    """Up, and Bullet's two directions of friction on a floor, whichever way the body slides."""
    if row == 0:
        return Vector(0.0, 0.0, 1.0)
    return Vector(0.0, -1.0, 0.0) if row == 1 else Vector(1.0, 0.0, 0.0)
