"""MetaDrive's car without the engine: Bullet 2.83's raycast vehicle on the plane z = 0, one substep at a time.

The car is MetaDrive's `static_default`. Its chassis hangs on four springs that end in points of tyre on the ground;
each tyre drives, brakes and holds sideways up to its grip. Order and laws follow btDiscreteDynamicsWorld.cpp and
btRaycastVehicle.cpp of Bullet, and component/vehicle/base_vehicle.py of MetaDrive. Positions are read out one substep
late, as panda3d has them from Bullet's interpolation; velocities are not.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched.ground import MANIFOLD, find_points, is_near, push_back
from gold_data.replay.batched.rigid_body import (
    Axes,
    Quaternion,
    Vector,
    add,
    axes_of,
    cross,
    dot,
    gyroscopic,
    spin_change,
    turned,
    yielding,
)

SUBSTEP, SUBSTEPS = 0.02, 5
"""s of one of Bullet's steps, and how many of them make a step of MetaDrive's."""

X, Y, Z, TURN_X, TURN_Y, TURN_Z, TURN_W = range(7)
"""Where in a state its position (m) and attitude (quaternion) are, as they are for contacts."""
SPEED_X, SPEED_Y, SPEED_Z, SPIN_X, SPIN_Y, SPIN_Z = range(7, 13)
"""Velocity (m/s) and angular velocity (rad/s), of the world's axes."""
SHOWN = 13
"""From here on position and attitude once more, a substep late: as they are read out."""
PUSH = 20
"""From here on the change of velocity and angular velocity that others' contacts make in the next substep."""
GROUND = 26
"""From here on the contact of the chassis with the ground."""
STATE = GROUND + MANIFOLD
"""Numbers of a state."""

MASS = 1100.0
"""kg."""
INERTIA = Vector(MASS / 12 * (4.515**2 + 1.19**2), MASS / 12 * (1.852**2 + 1.19**2), MASS / 12 * (1.852**2 + 4.515**2))
"""kg m2: that of the chassis' box about its middle, though the centre of mass is at its bottom."""
INVERSE_MASS = 1.0 / MASS
INVERSE_INERTIA = Vector(1.0 / INERTIA.x, 1.0 / INERTIA.y, 1.0 / INERTIA.z)
GRAVITY = 9.81
"""m/s2."""

ENGINE, BRAKE, DRAG = 800.0, 150.0, 2.0
"""N of engine, and N s a substep of brake, a wheel; the brake's where the throttle is exactly 0."""
MAX_STEERING = math.radians(40.0)

TRACK, FRONT, REAR, AXLE = 0.815, 1.05234, -1.4166, 0.113
"""m: where the springs begin, seen from the origin: beside it, ahead, behind and over it."""
RADIUS, REST, TRAVEL = 0.313, 0.4, 0.15
"""m: of a wheel, of a spring at rest, and how far that goes either way."""
STIFFNESS, COMPRESSION, RELAXATION, MAX_FORCE = 40.0, 1.2, 4.8, 6000.0
"""Of a spring: 1/s2 a kg, damping in 1/s a kg, and the N that it brings to the chassis at most."""
GRIP = 0.9
"""Friction of a tyre."""
SIDE_SHARE = 0.2
"""Share of a tyre's sideways slip that it takes back in a substep."""
ROLL_INFLUENCE = 0.5
"""Share of the sideways impulse's lever that rolls the chassis."""


@njit(cache=True)
def place(state: NDArray[np.float64], x: float, y: float, heading: float, vx: float, vy: float) -> None:
    """Put a (STATE,) car on the ground as MetaDrive does at a reset, with x, y (m), heading (rad), vx, vy (m/s).

    Its springs are fully compressed: it rises for a second. Follows ScenarioMapManager.update_route.
    """
    state[:] = 0.0
    state[X], state[Y] = x, y
    # The body's front is its y axis.
    half = (heading - math.pi / 2) / 2
    state[TURN_Z], state[TURN_W] = math.sin(half), math.cos(half)
    state[SPEED_X], state[SPEED_Y] = vx, vy
    _show(state)


@register_jitable
def _show(state: NDArray[np.float64]) -> None:
    """Let position and attitude be read out; one by one, since numba makes a text of shapes that differ for a slice."""
    for number in range(7):
        state[SHOWN + number] = state[number]


@register_jitable
def controls(steering: float, throttle: float, speed_km_h: float, max_speed_km_h: float) -> tuple[float, float, float]:
    """Front wheels' angle (rad, left positive), engine force (N) and brake (N s a substep) for a whole step.

    `steering` and `throttle` are clipped to [-1, 1]; beyond `max_speed_km_h` at the step's start the engine is off.
    Follows BaseVehicle._set_action and _apply_throttle_brake.
    """
    angle = min(max(steering, -1.0), 1.0) * MAX_STEERING
    throttle = min(max(throttle, -1.0), 1.0)
    if throttle < 0.0:
        return angle, 0.0, -throttle * BRAKE
    return angle, 0.0 if speed_km_h > max_speed_km_h else throttle * ENGINE, DRAG


@njit(cache=True)
def readings(state: NDArray[np.float64]) -> tuple[float, float, float, float, float, float, float]:
    """x, y, height (m), heading (rad), a substep late, then vx, vy (m/s) and yaw rate (rad/s), as MetaDrive has them.

    Follows BaseObject.position, .heading_theta and .velocity.
    """
    axes = axes_of(Quaternion(state[SHOWN + 3], state[SHOWN + 4], state[SHOWN + 5], state[SHOWN + 6]))
    heading = math.atan2(axes.forward.y, axes.forward.x)
    return (
        state[SHOWN],
        state[SHOWN + 1],
        state[SHOWN + 2],
        heading,
        state[SPEED_X],
        state[SPEED_Y],
        state[SPIN_Z],
    )


@register_jitable
def pose(state: NDArray[np.float64]) -> tuple[float, float, float]:
    """x, y (m) and heading (rad) where the body is now: what Bullet tests contacts at."""
    axes = axes_of(Quaternion(state[TURN_X], state[TURN_Y], state[TURN_Z], state[TURN_W]))
    return state[X], state[Y], math.atan2(axes.forward.y, axes.forward.x)


@njit(cache=True)
def substep(state: NDArray[np.float64], angle_cos: float, angle_sin: float, force: float, brake: float) -> None:
    """Go on by 0.02 s in a (STATE,) car, with the front wheels' angle and `controls`' force and brake.

    The change of velocities at PUSH is added where Bullet adds those of contacts, and taken away.
    """
    position = Vector(state[X], state[Y], state[Z])
    attitude = Quaternion(state[TURN_X], state[TURN_Y], state[TURN_Z], state[TURN_W])
    velocity = Vector(state[SPEED_X], state[SPEED_Y], state[SPEED_Z])
    spin = Vector(state[SPIN_X], state[SPIN_Y], state[SPIN_Z])
    axes = axes_of(attitude)

    turn = gyroscopic(axes, INERTIA, spin, SUBSTEP)
    velocity = Vector(velocity.x, velocity.y, velocity.z - GRAVITY * SUBSTEP)
    if state[GROUND] > 0.0 or is_near(axes, position.z):
        find_points(state[GROUND:], axes, position)
        velocity, spin = push_back(state[GROUND:], axes, position.z, velocity, spin, turn)
    velocity = add(velocity, Vector(state[PUSH], state[PUSH + 1], state[PUSH + 2]))
    spin = add(add(spin, turn), Vector(state[PUSH + 3], state[PUSH + 4], state[PUSH + 5]))
    state[PUSH : PUSH + 6] = 0.0

    _show(state)
    position, attitude = add(position, velocity, SUBSTEP), turned(attitude, spin, SUBSTEP)
    state[X], state[Y], state[Z] = position
    state[TURN_X], state[TURN_Y], state[TURN_Z], state[TURN_W] = attitude

    axes = axes_of(attitude)
    velocity, spin = _roll_on(axes, position.z, velocity, spin, angle_cos, angle_sin, force, brake)
    state[SPEED_X], state[SPEED_Y], state[SPEED_Z] = velocity
    state[SPIN_X], state[SPIN_Y], state[SPIN_Z] = spin


@njit(cache=True)
def step(state: NDArray[np.float64], steering: float, throttle: float, max_speed_km_h: float) -> None:
    """Go on by 0.1 s in a (STATE,) car that meets nobody."""
    speed = math.sqrt(state[SPEED_X] * state[SPEED_X] + state[SPEED_Y] * state[SPEED_Y])
    angle, force, brake = controls(steering, throttle, 3.6 * speed, max_speed_km_h)
    angle_cos, angle_sin = math.cos(angle), math.sin(angle)
    for _ in range(SUBSTEPS):
        substep(state, angle_cos, angle_sin, force, brake)


@register_jitable
def _roll_on(
    axes: Axes,
    height: float,
    velocity: Vector,
    spin: Vector,
    angle_cos: float,
    angle_sin: float,
    force: float,
    brake: float,
) -> tuple[Vector, Vector]:
    """Velocity and spin after the impulses of all springs, and then of all tyres, none of which sees another's."""
    arm_a, load_a = _spring(axes, height, velocity, spin, TRACK, FRONT)
    arm_b, load_b = _spring(axes, height, velocity, spin, -TRACK, FRONT)
    arm_c, load_c = _spring(axes, height, velocity, spin, TRACK, REAR)
    arm_d, load_d = _spring(axes, height, velocity, spin, -TRACK, REAR)
    up_a, up_b = min(load_a, MAX_FORCE) * SUBSTEP, min(load_b, MAX_FORCE) * SUBSTEP
    up_c, up_d = min(load_c, MAX_FORCE) * SUBSTEP, min(load_d, MAX_FORCE) * SUBSTEP
    torque = Vector(
        arm_a.y * up_a + arm_b.y * up_b + arm_c.y * up_c + arm_d.y * up_d,
        -(arm_a.x * up_a + arm_b.x * up_b + arm_c.x * up_c + arm_d.x * up_d),
        0.0,
    )
    lifted = Vector(velocity.x, velocity.y, velocity.z + INVERSE_MASS * (up_a + up_b + up_c + up_d))
    rocked = add(spin, spin_change(axes, INVERSE_INERTIA, torque))

    push_a, twist_a = _tyre(axes, lifted, rocked, arm_a, load_a, angle_cos, angle_sin, force, brake)
    push_b, twist_b = _tyre(axes, lifted, rocked, arm_b, load_b, angle_cos, angle_sin, force, brake)
    push_c, twist_c = _tyre(axes, lifted, rocked, arm_c, load_c, 1.0, 0.0, force, brake)
    push_d, twist_d = _tyre(axes, lifted, rocked, arm_d, load_d, 1.0, 0.0, force, brake)
    push = add(add(push_a, push_b), add(push_c, push_d))
    twist = add(add(twist_a, twist_b), add(twist_c, twist_d))
    return add(lifted, push, INVERSE_MASS), add(rocked, spin_change(axes, INVERSE_INERTIA, twist))


@register_jitable
def _spring(
    axes: Axes, height: float, velocity: Vector, spin: Vector, beside: float, ahead: float
) -> tuple[Vector, float]:
    """Where a wheel meets the ground, from the origin (m), and the force of its spring (N); in the air both are 0."""
    mount_z = axes.right.z * beside + axes.forward.z * ahead + axes.up.z * AXLE
    reach = REST + RADIUS
    top = height + mount_z
    if top <= 0.0 or top >= axes.up.z * reach:
        return Vector(0.0, 0.0, 0.0), 0.0
    down = top / axes.up.z
    arm = Vector(
        axes.right.x * beside + axes.forward.x * ahead + axes.up.x * (AXLE - down),
        axes.right.y * beside + axes.forward.y * ahead + axes.up.y * (AXLE - down),
        mount_z - axes.up.z * down,
    )
    length = min(max(down - RADIUS, REST - TRAVEL), REST + TRAVEL)
    # A car that lies nearly on its side is held up ten times as hard, and not damped.
    lean, closing = 10.0, 0.0
    if axes.up.z > 0.1:
        lean = 1.0 / axes.up.z
        closing = lean * (velocity.z + spin.x * arm.y - spin.y * arm.x)
    damping = COMPRESSION if closing < 0.0 else RELAXATION
    return arm, max(MASS * (STIFFNESS * (REST - length) * lean - damping * closing), 0.0)


@register_jitable
def _tyre(
    axes: Axes,
    velocity: Vector,
    spin: Vector,
    arm: Vector,
    load: float,
    angle_cos: float,
    angle_sin: float,
    force: float,
    brake: float,
) -> tuple[Vector, Vector]:
    """Impulse (N s) and angular impulse (N m s) of a tyre that `load` (N) holds on the ground."""
    nothing = Vector(0.0, 0.0, 0.0)
    if load == 0.0:
        return nothing, nothing
    axle_x = axes.right.x * angle_cos + axes.forward.x * angle_sin
    axle_y = axes.right.y * angle_cos + axes.forward.y * angle_sin
    scale = 1.0 / math.sqrt(axle_x * axle_x + axle_y * axle_y)
    axle = Vector(axle_x * scale, axle_y * scale, 0.0)
    ahead = Vector(-axle.y, axle.x, 0.0)
    slip = add(velocity, cross(spin, arm))

    side = -SIDE_SHARE * dot(axle, slip) / yielding(axes, INVERSE_INERTIA, INVERSE_MASS, arm, axle)
    if force != 0.0:
        drive = force * SUBSTEP
    else:  # each wheel would stop the whole car alone: at rest they tremble
        drive = -dot(ahead, slip) / yielding(axes, INVERSE_INERTIA, INVERSE_MASS, arm, ahead)
        drive = min(max(drive, -brake), brake)
    limit = load * SUBSTEP * GRIP
    square = 0.25 * drive * drive + side * side
    if square > limit * limit and side != 0.0:
        held = limit / math.sqrt(square)
        drive, side = drive * held, side * held

    lever = add(arm, axes.up, (ROLL_INFLUENCE - 1.0) * dot(axes.up, arm))
    push = Vector(ahead.x * drive + axle.x * side, ahead.y * drive + axle.y * side, 0.0)
    twist = add(
        cross(arm, Vector(ahead.x * drive, ahead.y * drive, 0.0)),
        cross(lever, Vector(axle.x * side, axle.y * side, 0.0)),
    )
    return push, twist
