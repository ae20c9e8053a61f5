"""What contacts do to the ego and to those it meets: near to MetaDrive's for the first second, not equal.

Boxes and cylinders that lean as they do on their springs meet, seen from above, in one point or two at the lowest and
one or two at the highest height that both have. There Bullet's own solver works, with its constants and its order
(btSequentialImpulseConstraintSolver.cpp). The other moves in the plane until the next step of the record puts it back,
free but for its tyres, which hold it sideways.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched.manifold import MANIFOLD, find_again, refresh
from gold_data.replay.batched.meeting import Box, Depths, Meeting, boxes_meet, cylinder_meets, depths_of
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
EGO_REACH = 3.0
"""m from its origin to its farthest corner, also where it leans a lot."""
INVERSE_MASS = 1.0 / 1100.0
INVERSE_INERTIA = Vector(
    12 * INVERSE_MASS / (4.515**2 + 1.19**2),
    12 * INVERSE_MASS / (1.852**2 + 1.19**2),
    12 * INVERSE_MASS / (1.852**2 + 4.515**2),
)
SIDE_SHARE = 0.2
"""Share of a tyre's sideways slip that it takes back in a substep."""
FRICTION = 0.5 * 0.5
"""Of the ego with vehicles, cones and barriers; people have none."""
BREAKING = 0.02 * (math.sqrt(HALF_LENGTH**2 + HALF_WIDTH**2 + (HEIGHT / 2) ** 2) + HEIGHT / 2)
"""m apart, or aside, beyond which a point of contact with the ego is none."""
CORRECTION, KEPT, ITERATIONS = 0.2, 0.85, 10
"""Share of the depth that a substep mends, share of the last impulses that one begins with, rounds of the solver."""

WHEELS = ((1.385, 1.11, 0.9), (1.285, 1.203, 0.75), (1.5301, 1.218261, 0.8), (1.726, 1.075, 0.7))
"""Of the vehicles among the bodies: m from the middle to the front and rear wheels, and friction of the tyres."""
CONE, BARRIER = 2.0, 10.0
"""kg with which these take part in a contact, though they never leave their place (component/static_object)."""
TALLER = 0.001
"""m by which an other's faces are less deep than the ego's, since it is taller, and they lean to each other."""
STIFFNESS = 40.0
"""1/s2 a kg, of a vehicle's four springs."""
STANDING = 0.5387
"""m over the ground at which the box of a vehicle at rest begins."""

BODY = [
    ("half_length", "f8"),  # m; of a cylinder its radius
    ("half_width", "f8"),
    ("reach", "f8"),  # m from the middle to a corner
    ("bottom", "f8"),  # m over the ground
    ("middle", "f8"),  # of mass
    ("top", "f8"),
    ("inverse_mass", "f8"),  # 1/kg
    ("inverse_pitch", "f8"),  # 1/(kg m2), inverse inertia about the axis across the body
    ("inverse_roll", "f8"),  # about that along it
    ("inverse_yaw", "f8"),  # about the vertical
    ("friction", "f8"),  # times that of the ego
    ("front", "f8"),  # m from the middle to the front wheels
    ("rear", "f8"),
    ("lean", "f8"),  # m backwards a m of height, on its springs
    ("grip", "f8"),  # N s that a tyre holds sideways in a substep at most
    ("breaking", "f8"),  # m, beyond which a point of contact is none
    ("cylinder", "?"),
    ("stays", "?"),  # where it is, whatever hits it
]
MOTION = [
    ("row", "i8"),  # in row k: the row of him who is k-th in the solver's order, which is changed without a copy
    ("user", "i8"),  # who it is
    ("body", "i8"),  # and with which body
    ("x", "f8"),  # m, in the scene's frame
    ("y", "f8"),
    ("cos", "f8"),  # of the heading
    ("sin", "f8"),
    ("velocity_x", "f8"),  # m/s
    ("velocity_y", "f8"),
    ("velocity_z", "f8"),
    ("spin_x", "f8"),  # rad/s
    ("spin_y", "f8"),
    ("spin_z", "f8"),
    ("touched", "?"),  # since it was put back
]
OTHER = np.dtype([*MOTION, *BODY, *MANIFOLD], align=True)
"""One whom the ego may meet: who and where, its body, and the points of contact."""


def others(count: int) -> NDArray[np.void]:
    """(count,) OTHER, rows in which nobody stands yet."""
    rows = np.zeros(count, OTHER)
    rows["row"], rows["user"] = np.arange(count), -1
    return rows


def bodies(shapes: NDArray[np.void]) -> NDArray[np.void]:
    """(K,) OTHER with the bodies of objects.BODIES filled in: four vehicles, people, and what has an infinite mass.

    Cones and barriers are static in MetaDrive, but Bullet's solver gives them a velocity by their small mass, which
    they keep without moving: they brake a car only a little, and it drives through them.
    """
    rows = others(len(shapes))
    for body, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        vehicle, stays = body < len(WHEELS), bool(np.isinf(shape["mass"]))
        length, width, height = 2 * shape["half_length"], 2 * shape["half_width"], shape["height"]
        mass = (CONE if shape["round"] else BARRIER) if stays else shape["mass"]
        bottom = STANDING if vehicle else 0.0
        row["half_length"], row["half_width"], row["cylinder"] = length / 2, width / 2, shape["round"]
        row["stays"], row["reach"] = stays, shape["half_length"] if shape["round"] else math.hypot(length, width) / 2
        row["bottom"], row["top"] = bottom, bottom + height
        row["middle"] = bottom if vehicle else bottom + height / 2
        row["inverse_mass"] = 1 / mass
        row["inverse_pitch"] = 12 / (mass * (length**2 + height**2))
        row["inverse_roll"] = 12 / (mass * (width**2 + height**2))
        row["inverse_yaw"] = 12 / (mass * (length**2 + width**2))
        row["friction"] = FRICTION if vehicle or stays else 0.0
        swept = math.sqrt(length**2 + width**2 + height**2) / 2 + (height / 2 if vehicle else 0.0)
        row["breaking"] = min(0.02 * swept, BREAKING)
        if vehicle:
            row["front"], row["rear"], friction = WHEELS[body]
            wheelbase = row["front"] + row["rear"]
            row["lean"] = GRAVITY / (2 * STIFFNESS) * (row["front"] - row["rear"]) / wheelbase**2
            row["grip"] = friction * mass * GRAVITY / 4 * SUBSTEP
    return rows


@njit(cache=True)
def forget(rows: NDArray[np.void]) -> None:
    """Clear the rows (N,) OTHER before another episode, whose users are others."""
    for index in range(len(rows)):
        rows[index].user, rows[index].points = -1, 0


@njit(cache=True)
def put_back(
    other: Any,
    shapes: NDArray[np.void],
    user: int,
    body: int,
    x: float,
    y: float,
    cos: float,
    sin: float,
    velocity_x: float,
    velocity_y: float,
    yaw_rate: float,
) -> None:
    """Put a `user` with a body of `bodies` on its record: m, cosine and sine of the heading, m/s, rad/s.

    Points of contact stay, unless it was somebody else that stood in this row before.
    """
    new = other.user != user or other.body != body
    if new:
        shape = shapes[body]
        other.user, other.body, other.points = user, body, 0
        other.half_length, other.half_width, other.cylinder = shape.half_length, shape.half_width, shape.cylinder
        other.bottom, other.middle, other.top = shape.bottom, shape.middle, shape.top
        other.inverse_mass, other.inverse_pitch = shape.inverse_mass, shape.inverse_pitch
        other.inverse_roll, other.inverse_yaw = shape.inverse_roll, shape.inverse_yaw
        other.friction, other.front, other.rear = shape.friction, shape.front, shape.rear
        other.lean, other.reach = shape.lean, shape.reach
        other.grip, other.breaking, other.stays = shape.grip, shape.breaking, shape.stays
    other.touched = False
    other.x, other.y, other.cos, other.sin = x, y, cos, sin
    if other.stays and not new:
        return  # what it was hit with, it keeps
    other.velocity_x, other.velocity_y, other.velocity_z = velocity_x, velocity_y, 0.0
    other.spin_x, other.spin_y, other.spin_z = 0.0, 0.0, yaw_rate


@njit(cache=True)
def advance(rows: NDArray[np.void], count: int) -> None:
    """Move the first `count` of (N,) OTHER on by a substep; the tyres of those touched hold them sideways."""
    for index in range(count):
        other = rows[rows[index].row]
        if other.stays:
            continue
        other.x += other.velocity_x * SUBSTEP
        other.y += other.velocity_y * SUBSTEP
        if other.spin_z != 0.0:
            cos, sin = math.cos(other.spin_z * SUBSTEP), math.sin(other.spin_z * SUBSTEP)
            other.cos, other.sin = other.cos * cos - other.sin * sin, other.sin * cos + other.cos * sin
        if other.touched and other.grip > 0.0:
            _hold(other)


@register_jitable
def _hold(other: Any) -> None:
    """What a touched vehicle's four tyres do about its going sideways, each bearing a quarter of its weight."""
    left_x, left_y = -other.sin, other.cos
    sideways = left_x * other.velocity_x + left_y * other.velocity_y
    front, rear = other.front, -other.rear
    front_impulse = -(sideways + other.spin_z * front) / (other.inverse_mass + other.inverse_yaw * front * front)
    rear_impulse = -(sideways + other.spin_z * rear) / (other.inverse_mass + other.inverse_yaw * rear * rear)
    front_impulse = 2 * min(max(SIDE_SHARE * front_impulse, -other.grip), other.grip)
    rear_impulse = 2 * min(max(SIDE_SHARE * rear_impulse, -other.grip), other.grip)
    other.velocity_x += left_x * (front_impulse + rear_impulse) * other.inverse_mass
    other.velocity_y += left_y * (front_impulse + rear_impulse) * other.inverse_mass
    other.spin_z += (front * front_impulse + rear * rear_impulse) * other.inverse_yaw


@njit(cache=True)
def respond(state: NDArray[np.float64], rows: NDArray[np.void], count: int) -> None:
    """Find which of the first `count` of (N,) OTHER the ego touches, and what that does to both sides.

    To be called before each `substep`, which then changes the ego's velocities by what is left for it in the state.
    """
    axes = axes_of(Quaternion(state[TURN_X], state[TURN_Y], state[TURN_Z], state[TURN_W]))
    origin = Vector(state[X], state[Y], state[Z])
    if not _find(rows, count, axes, origin):
        return
    before_x, before_y, before_z = state[SPEED_X], state[SPEED_Y], state[SPEED_Z] - GRAVITY * SUBSTEP
    velocity = Vector(before_x, before_y, before_z)
    spin = Vector(state[SPIN_X], state[SPIN_Y], state[SPIN_Z])
    for iteration in range(-1, ITERATIONS):
        for friction in range(2):  # after all rows of pressure, since their impulses limit it
            for index in range(count):
                other = rows[rows[index].row]
                for slot in range(other.points):
                    for row in range(friction, 1 + 2 * friction):
                        velocity, spin = _solve(other, axes, velocity, spin, slot, row, iteration < 0)
    state[PUSH], state[PUSH + 1], state[PUSH + 2] = velocity.x - before_x, velocity.y - before_y, velocity.z - before_z
    state[PUSH + 3] = spin.x - state[SPIN_X]
    state[PUSH + 4] = spin.y - state[SPIN_Y]
    state[PUSH + 5] = spin.z - state[SPIN_Z]


@register_jitable
def _find(rows: NDArray[np.void], count: int, axes: Axes, origin: Vector) -> bool:
    """Note in the first `count` of rows in which points they meet the ego; returns whether anybody does."""
    found = False
    for index in range(count):
        other = rows[rows[index].row]
        away_x, away_y = other.x - origin.x, other.y - origin.y
        reach = EGO_REACH + other.reach
        if away_x * away_x + away_y * away_y > reach * reach:
            other.points = 0
            continue
        if other.cylinder:
            other.points = 0  # it tips over at once, and meets the ego somewhere else
        refresh(other, axes, origin, other.breaking)
        low, high = max(origin.z, other.bottom), min(origin.z + HEIGHT, other.top)
        if low < high:
            below, above = _meet(other, axes, origin, low, high)
            other.touched |= below.points + above.points > 0
            for turn in range(4):  # once round the face, as Bullet goes
                met, z = (below, low) if turn in (0, 3) else (above, high)
                if met.points > turn // 2:
                    point = met.first if turn < 2 else met.second
                    find_again(other, axes, origin, other.breaking, point, z, met.normal_x, met.normal_y)
        found |= other.points > 0
    return found


@register_jitable
def _meet(other: Any, axes: Axes, origin: Vector, low: float, high: float) -> tuple[Meeting, Meeting]:
    """How they meet at two heights (m over the ground): both lean on their springs, so that this is not the same."""
    ego_low, ego_high = _ego_at(axes, origin, low), _ego_at(axes, origin, high)
    if other.cylinder:
        radius = other.half_length
        return cylinder_meets(ego_low, other.x, other.y, radius), cylinder_meets(ego_high, other.x, other.y, radius)
    other_low, other_high = _other_at(other, low), _other_at(other, high)
    one, another = depths_of(ego_low, other_low), depths_of(ego_high, other_high)
    depths = Depths(
        max(one.along, another.along),
        max(one.beside, another.beside),
        max(one.other_along, another.other_along) - TALLER,
        max(one.other_beside, another.other_beside) - TALLER,
    )
    return boxes_meet(ego_low, other_low, depths), boxes_meet(ego_high, other_high, depths)


@register_jitable
def _ego_at(axes: Axes, origin: Vector, height: float) -> Box:
    """The ego seen from above, cut at a height."""
    scale = 1.0 / math.sqrt(axes.forward.x * axes.forward.x + axes.forward.y * axes.forward.y)
    rise = height - origin.z
    return Box(
        origin.x + axes.up.x * rise,
        origin.y + axes.up.y * rise,
        axes.forward.x * scale,
        axes.forward.y * scale,
        HALF_LENGTH,
        HALF_WIDTH,
    )


@register_jitable
def _other_at(other: Any, height: float) -> Box:
    """The same of a box that it meets."""
    back = other.lean * (height - other.bottom)
    x, y = other.x - back * other.cos, other.y - back * other.sin
    return Box(x, y, other.cos, other.sin, other.half_length, other.half_width)


@register_jitable
def _solve(
    other: Any, axes: Axes, velocity: Vector, spin: Vector, slot: int, row: int, begin: bool
) -> tuple[Vector, Vector]:
    """The ego's velocity and spin after one row of the solver: 0 is pressure, 1 friction along, 2 upwards.

    The other's velocities are changed in place. To begin with, the last substep's impulse is brought on again.
    """
    if row == 0:
        direction = Vector(other.normal[slot, 0], other.normal[slot, 1], 0.0)
    elif row == 1:
        direction = Vector(-other.normal[slot, 1], other.normal[slot, 0], 0.0)
    else:
        direction = Vector(0.0, 0.0, 1.0)
    arm = Vector(other.arm[slot, 0], other.arm[slot, 1], other.arm[slot, 2])
    other_arm = Vector(other.other_arm[slot, 0], other.other_arm[slot, 1], other.other_arm[slot, 2])
    torque, other_torque = cross(arm, direction), cross(other_arm, direction)
    other_axes = Axes(Vector(other.sin, -other.cos, 0.0), Vector(other.cos, other.sin, 0.0), Vector(0.0, 0.0, 1.0))
    inverse_inertia = Vector(other.inverse_pitch, other.inverse_roll, other.inverse_yaw)
    before = other.impulse[slot, row]
    if begin:
        other.gives_way[slot, row] = yielding(axes, INVERSE_INERTIA, INVERSE_MASS, arm, direction) + yielding(
            other_axes, inverse_inertia, other.inverse_mass, other_arm, direction
        )
        impulse, before = KEPT * before, 0.0
    elif row > 0 and other.impulse[slot, 0] <= 0.0:
        return velocity, spin  # the friction that it began with stays
    else:
        speed = dot(direction, velocity) + dot(torque, spin)
        speed -= dot(direction, Vector(other.velocity_x, other.velocity_y, other.velocity_z))
        speed -= dot(other_torque, Vector(other.spin_x, other.spin_y, other.spin_z))
        if row == 0:
            distance = other.distance[slot]
            speed += distance * (1.0 if distance > 0.0 else CORRECTION) / SUBSTEP
        impulse = before - speed / other.gives_way[slot, row]
        if row == 0:
            impulse = max(impulse, 0.0)
        else:
            limit = other.friction * other.impulse[slot, 0]
            impulse = min(max(impulse, -limit), limit)
    other.impulse[slot, row] = impulse
    more = impulse - before
    turned = spin_change(other_axes, inverse_inertia, other_torque)
    other.velocity_x -= more * other.inverse_mass * direction.x
    other.velocity_y -= more * other.inverse_mass * direction.y
    other.velocity_z -= more * other.inverse_mass * direction.z
    other.spin_x -= more * turned.x
    other.spin_y -= more * turned.y
    other.spin_z -= more * turned.z
    return add(velocity, direction, more * INVERSE_MASS), add(spin, spin_change(axes, INVERSE_INERTIA, torque), more)
