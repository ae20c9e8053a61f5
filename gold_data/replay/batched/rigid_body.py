"""The mathematics of one rigid body, compiled: vectors, attitude, turning. Plain tuples: nothing is allocated."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba.extending import register_jitable


class Vector(NamedTuple):
    """Three components, of the world or of a body."""

    x: float
    y: float
    z: float


class Quaternion(NamedTuple):
    """An attitude, of length 1."""

    x: float
    y: float
    z: float
    w: float


class Axes(NamedTuple):
    """A body's own directions, seen from the world: x is its right, y its front, z its roof."""

    right: Vector
    forward: Vector
    up: Vector


@register_jitable
def dot(one: Vector, other: Vector) -> float:
    """Product of the parts along each other."""
    return one.x * other.x + one.y * other.y + one.z * other.z


@register_jitable
def cross(one: Vector, other: Vector) -> Vector:
    """Vector product: of an arm and a force the torque, of a spin and an arm the velocity."""
    return Vector(
        one.y * other.z - one.z * other.y, one.z * other.x - one.x * other.z, one.x * other.y - one.y * other.x
    )


@register_jitable
def add(one: Vector, other: Vector, times: float = 1.0) -> Vector:
    """`one` and so many times `other`."""
    return Vector(one.x + times * other.x, one.y + times * other.y, one.z + times * other.z)


@register_jitable
def axes_of(attitude: Quaternion) -> Axes:
    """The axes of a body with this attitude, of any length but 0."""
    x, y, z, w = attitude
    scale = 2.0 / (x * x + y * y + z * z + w * w)
    xx, yy, zz = x * x * scale, y * y * scale, z * z * scale
    xy, xz, yz = x * y * scale, x * z * scale, y * z * scale
    wx, wy, wz = w * x * scale, w * y * scale, w * z * scale
    return Axes(
        Vector(1.0 - (yy + zz), xy + wz, xz - wy),
        Vector(xy - wz, 1.0 - (xx + zz), yz + wx),
        Vector(xz + wy, yz - wx, 1.0 - (xx + yy)),
    )


@register_jitable
def to_world(axes: Axes, local: Vector) -> Vector:
    """A vector given along the body's axes, in the world."""
    return add(
        add(Vector(axes.right.x * local.x, axes.right.y * local.x, axes.right.z * local.x), axes.forward, local.y),
        axes.up,
        local.z,
    )


@register_jitable
def to_body(axes: Axes, vector: Vector) -> Vector:
    """A vector of the world along the body's axes."""
    return Vector(dot(axes.right, vector), dot(axes.forward, vector), dot(axes.up, vector))


@register_jitable
def spin_change(axes: Axes, inverse_inertia: Vector, angular_impulse: Vector) -> Vector:
    """Change of the angular velocity (rad/s, world) by an angular impulse (N m s, world).

    `inverse_inertia` are the inverse principal moments, 1/(kg m2), about the body's axes.
    """
    local = to_body(axes, angular_impulse)
    return to_world(axes, Vector(inverse_inertia.x * local.x, inverse_inertia.y * local.y, inverse_inertia.z * local.z))


@register_jitable
def yielding(axes: Axes, inverse_inertia: Vector, inverse_mass: float, arm: Vector, direction: Vector) -> float:
    """Velocity (m/s a N s) by which the body's point at `arm` gives way along `direction` to an impulse along it."""
    local = to_body(axes, cross(arm, direction))
    return (
        inverse_mass
        + inverse_inertia.x * local.x * local.x
        + inverse_inertia.y * local.y * local.y
        + inverse_inertia.z * local.z * local.z
    )


@register_jitable
def turned(attitude: Quaternion, spin: Vector, seconds: float) -> Quaternion:
    """The attitude after turning at `spin` (rad/s, world): the exponential map of btTransformUtil.h.

    Bullet turns a body by 45 degrees in a step at most.
    """
    square = dot(spin, spin)
    rate = math.sqrt(square) if square > 1.1920929e-07 else 0.0
    rate = min(rate, 0.25 * math.pi / seconds)
    if rate < 0.001:
        scale = 0.5 * seconds - seconds * seconds * seconds * 0.020833333333 * rate * rate
    else:
        scale = math.sin(0.5 * rate * seconds) / rate
    x, y, z, w = spin.x * scale, spin.y * scale, spin.z * scale, math.cos(0.5 * rate * seconds)
    new_x = w * attitude.x + x * attitude.w + y * attitude.z - z * attitude.y
    new_y = w * attitude.y + y * attitude.w + z * attitude.x - x * attitude.z
    new_z = w * attitude.z + z * attitude.w + x * attitude.y - y * attitude.x
    new_w = w * attitude.w - x * attitude.x - y * attitude.y - z * attitude.z
    scale = 1.0 / math.sqrt(new_x * new_x + new_y * new_y + new_z * new_z + new_w * new_w)
    return Quaternion(new_x * scale, new_y * scale, new_z * scale, new_w * scale)


@register_jitable
def gyroscopic(axes: Axes, inertia: Vector, spin: Vector, seconds: float) -> Vector:
    """Change of the spin (rad/s, world) of a body that nothing turns, as its axes turn with it.

    One Newton step of the implicit equation from the present spin, in the body's axes: what Bullet does
    (btRigidBody.cpp, computeGyroscopicImpulseImplicit_Body).
    """
    x, y, z = to_body(axes, spin)
    off = Vector(
        seconds * y * z * (inertia.z - inertia.y),
        seconds * z * x * (inertia.x - inertia.z),
        seconds * x * y * (inertia.y - inertia.x),
    )
    # The columns of the equation's derivative by the spin; the linear system is solved by Cramer's rule.
    first = Vector(inertia.x, seconds * z * (inertia.x - inertia.z), seconds * y * (inertia.y - inertia.x))
    second = Vector(seconds * z * (inertia.z - inertia.y), inertia.y, seconds * x * (inertia.y - inertia.x))
    third = Vector(seconds * y * (inertia.z - inertia.y), seconds * x * (inertia.x - inertia.z), inertia.z)
    normal = cross(second, third)
    scale = -1.0 / dot(first, normal)
    return to_world(
        axes,
        Vector(scale * dot(off, normal), scale * dot(first, cross(off, third)), scale * dot(first, cross(second, off))),
    )
