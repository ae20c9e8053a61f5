"""What contacts do to the ego and to those it meets: near to MetaDrive's for the first second, not equal.

Bodies stand upright here: boxes and cylinders seen from above meet in one point or two, at the lowest and highest
height that both have. There Bullet's own solver works, with its constants (btSequentialImpulseConstraintSolver.cpp).
The other is free in the plane between two steps of the record, and put back by each; cones and barriers do not move.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.replay.batched.meeting import Box, apart, boxes_meet, cylinder_meets
from gold_data.replay.batched.rigid_body import (
    Axes,
    Quaternion,
    Vector,
    add,
    axes_of,
    cross,
    dot,
    spin_change,
    yielding,
)
from gold_data.replay.batched.vehicle import (
    PUSH,
    SPEED_X,
    SPEED_Y,
    SPEED_Z,
    SPIN_X,
    SPIN_Y,
    SPIN_Z,
    TURN_W,
    TURN_X,
    TURN_Y,
    TURN_Z,
    X,
    Y,
    Z,
)

SUBSTEP, GRAVITY = 0.02, 9.81
"""s, m/s2."""
HALF_LENGTH, HALF_WIDTH, HEIGHT = 4.515 / 2, 1.852 / 2, 1.19
"""m: of the ego's box."""
INVERSE_MASS = 1.0 / 1100.0
INVERSE_INERTIA = Vector(
    12 * INVERSE_MASS / (4.515**2 + 1.19**2),
    12 * INVERSE_MASS / (1.852**2 + 1.19**2),
    12 * INVERSE_MASS / (1.852**2 + 4.515**2),
)
CORRECTION, KEPT, ITERATIONS = 0.2, 0.85, 10
"""Share of the depth that a substep mends, share of the last impulses that one begins with, rounds of the solver."""

OTHER = np.dtype(
    [
        ("x", "f8"),  # m, in the scene's frame
        ("y", "f8"),
        ("cos", "f8"),  # of the heading
        ("sin", "f8"),
        ("velocity_x", "f8"),  # m/s
        ("velocity_y", "f8"),
        ("velocity_z", "f8"),
        ("yaw_rate", "f8"),  # rad/s
        ("half_length", "f8"),  # m; of a cylinder its radius
        ("half_width", "f8"),
        ("bottom", "f8"),  # m over the ground
        ("top", "f8"),
        ("inverse_mass", "f8"),  # 1/kg; 0 of what nothing moves
        ("inverse_inertia", "f8"),  # 1/(kg m2), about the vertical
        ("friction", "f8"),  # times that of the ego
        ("cylinder", "?"),
        ("touched", "?"),  # since it was put back
        ("points", "i8"),  # 0 to 2 in which it meets the ego
        ("normal", "f8", (2,)),  # from it to the ego
        ("point", "f8", (2, 3)),  # x, y and depth (m)
        ("impulse", "f8", (2, 2, 3)),  # N s of each point, height and direction
        ("gives_way", "f8", (2, 2, 3)),  # m/s a N s
    ],
    align=True,
)
"""One whom the ego may meet, and how they meet."""


@njit(cache=True)
def put_back(
    other: Any,
    x: float,
    y: float,
    cos: float,
    sin: float,
    velocity_x: float,
    velocity_y: float,
    yaw_rate: float,
) -> None:
    """Put one on its record: m, cosine and sine of the heading, m/s, rad/s. What touched it is forgotten."""
    other.x, other.y, other.cos, other.sin = x, y, cos, sin
    other.velocity_x, other.velocity_y, other.velocity_z = velocity_x, velocity_y, 0.0
    other.yaw_rate = yaw_rate
    other.touched = False
    other.points = 0


@njit(cache=True)
def advance(others: NDArray[np.void], count: int) -> None:
    """Move the first `count` of others (N,) OTHER on by a substep, at the velocity that they have."""
    for index in range(count):
        other = others[index]
        other.x += other.velocity_x * SUBSTEP
        other.y += other.velocity_y * SUBSTEP
        if other.yaw_rate != 0.0:
            cos, sin = math.cos(other.yaw_rate * SUBSTEP), math.sin(other.yaw_rate * SUBSTEP)
            other.cos, other.sin = other.cos * cos - other.sin * sin, other.sin * cos + other.cos * sin


@njit(cache=True)
def respond(state: NDArray[np.float64], others: NDArray[np.void], count: int) -> None:
    """Find which of the first `count` of others (N,) OTHER the ego touches, and what that does to both sides.

    To be called before each `substep`, which then changes the ego's velocities by what is left for it in the state.
    """
    axes = axes_of(Quaternion(state[TURN_X], state[TURN_Y], state[TURN_Z], state[TURN_W]))
    origin = Vector(state[X], state[Y], state[Z])
    if not _find(others, count, axes, origin):
        return
    before_x, before_y, before_z = state[SPEED_X], state[SPEED_Y], state[SPEED_Z] - GRAVITY * SUBSTEP
    velocity = Vector(before_x, before_y, before_z)
    spin = Vector(state[SPIN_X], state[SPIN_Y], state[SPIN_Z])
    for iteration in range(-1, ITERATIONS):
        for friction in range(2):  # after all rows of pressure, since their impulses limit it
            for index in range(count):
                for point in range(others[index].points):
                    for level in range(2):
                        for row in range(friction, 1 + 2 * friction):
                            velocity, spin = _solve(
                                others[index], axes, origin, velocity, spin, point, level, row, iteration < 0
                            )
    state[PUSH], state[PUSH + 1], state[PUSH + 2] = velocity.x - before_x, velocity.y - before_y, velocity.z - before_z
    state[PUSH + 3] = spin.x - state[SPIN_X]
    state[PUSH + 4] = spin.y - state[SPIN_Y]
    state[PUSH + 5] = spin.z - state[SPIN_Z]


@njit(cache=True)
def _find(others: NDArray[np.void], count: int, axes: Axes, origin: Vector) -> bool:
    """Note in the first `count` others in which points they meet the ego; returns whether anybody does."""
    scale = 1.0 / math.sqrt(axes.forward.x * axes.forward.x + axes.forward.y * axes.forward.y)
    ego = Box(
        origin.x + axes.up.x * HEIGHT / 2,
        origin.y + axes.up.y * HEIGHT / 2,
        axes.forward.x * scale,
        axes.forward.y * scale,
        HALF_LENGTH,
        HALF_WIDTH,
    )
    found = False
    for index in range(count):
        other = others[index]
        met = apart()
        if origin.z < other.top and other.bottom < origin.z + HEIGHT:
            if other.cylinder:
                met = cylinder_meets(ego, other.x, other.y, other.half_length)
            else:
                met = boxes_meet(ego, Box(other.x, other.y, other.cos, other.sin, other.half_length, other.half_width))
        if met.points != other.points:
            other.impulse[:] = 0.0
        other.points = met.points
        if met.points:
            found = other.touched = True
            other.normal[0], other.normal[1] = met.normal_x, met.normal_y
            other.point[0, 0], other.point[0, 1], other.point[0, 2] = met.first
            other.point[1, 0], other.point[1, 1], other.point[1, 2] = met.second
    return found


@njit(cache=True)
def _solve(
    other: Any,
    axes: Axes,
    origin: Vector,
    velocity: Vector,
    spin: Vector,
    point: int,
    level: int,
    row: int,
    begin: bool,
) -> tuple[Vector, Vector]:
    """The ego's velocity and spin after one row of the solver: 0 is pressure, 1 friction along, 2 upwards.

    The other's velocities are changed in place. To begin with, the last substep's impulse is brought on again.
    """
    normal_x, normal_y = other.normal[0], other.normal[1]
    if row == 0:
        direction = Vector(normal_x, normal_y, 0.0)
    elif row == 1:
        direction = Vector(-normal_y, normal_x, 0.0)
    else:
        direction = Vector(0.0, 0.0, 1.0)
    x, y, depth = other.point[point, 0], other.point[point, 1], other.point[point, 2]
    z = max(origin.z, other.bottom) if level == 0 else min(origin.z + HEIGHT, other.top)
    arm = Vector(x - origin.x, y - origin.y, z - origin.z)
    torque = cross(arm, direction)
    other_torque = (x - other.x) * direction.y - (y - other.y) * direction.x
    before = other.impulse[point, level, row]
    if begin:
        other.gives_way[point, level, row] = (
            yielding(axes, INVERSE_INERTIA, INVERSE_MASS, arm, direction)
            + other.inverse_mass
            + other.inverse_inertia * other_torque * other_torque
        )
        impulse, before = KEPT * before, 0.0
    else:
        speed = dot(direction, velocity) + dot(torque, spin) - other_torque * other.yaw_rate
        speed -= direction.x * other.velocity_x + direction.y * other.velocity_y + direction.z * other.velocity_z
        if row == 0:
            speed -= depth * CORRECTION / SUBSTEP
        impulse = before - speed / other.gives_way[point, level, row]
        if row == 0:
            impulse = max(impulse, 0.0)
        else:
            limit = other.friction * other.impulse[point, level, 0]
            impulse = min(max(impulse, -limit), limit)
    other.impulse[point, level, row] = impulse
    more = impulse - before
    other.velocity_x -= more * other.inverse_mass * direction.x
    other.velocity_y -= more * other.inverse_mass * direction.y
    other.velocity_z -= more * other.inverse_mass * direction.z
    other.yaw_rate -= more * other.inverse_inertia * other_torque
    return add(velocity, direction, more * INVERSE_MASS), add(spin, spin_change(axes, INVERSE_INERTIA, torque), more)
