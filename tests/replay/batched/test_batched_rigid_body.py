"""Vectors, attitude and turning of one body."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.replay.batched.rigid_body import (
    Axes,
    Quaternion,
    Vector,
    axes_of,
    cross,
    dot,
    gyroscopic,
    spin_change,
    to_body,
    to_world,
    turned,
    yielding,
)

numbers = st.floats(-3.0, 3.0)
vectors = st.builds(Vector, numbers, numbers, numbers)
INVERSE = Vector(0.5, 2.0, 0.25)


@st.composite
def attitudes(draw: st.DrawFn) -> Quaternion:
    parts = np.array([draw(st.floats(0.1, 1.0)), *(draw(st.floats(-1.0, 1.0)) for _ in range(3))])
    return Quaternion(*(parts / np.linalg.norm(parts)).tolist())


def _matrix(axes: Axes) -> NDArray[np.float64]:
    """(3, 3) with the axes as columns."""
    return np.array(axes).T


@settings(max_examples=50, deadline=None)
@given(attitudes(), vectors)
def test_axes_are_a_rotation_and_there_and_back_is_the_same(attitude: Quaternion, vector: Vector) -> None:
    matrix = _matrix(axes_of(attitude))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert abs(np.linalg.det(matrix) - 1) < 1e-12
    axes = axes_of(attitude)
    np.testing.assert_allclose(to_world(axes, vector), matrix @ np.array(vector), atol=1e-12)
    np.testing.assert_allclose(to_body(axes, to_world(axes, vector)), vector, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(attitudes(), vectors, vectors)
def test_how_a_body_gives_way(attitude: Quaternion, arm: Vector, direction: Vector) -> None:
    """As the impulse's own work has it: along the direction, at the arm's end."""
    axes = axes_of(attitude)
    turn = spin_change(axes, INVERSE, cross(arm, direction))
    matrix = _matrix(axes)
    world = matrix @ np.diag(INVERSE) @ matrix.T
    np.testing.assert_allclose(turn, world @ np.cross(arm, direction), atol=1e-9)
    expected = 0.1 + dot(direction, cross(turn, arm))
    assert abs(yielding(axes, INVERSE, 0.1, arm, direction) - expected) < 1e-9


def test_a_turn_about_the_vertical() -> None:
    level = Quaternion(0.0, 0.0, 0.0, 1.0)
    axes = axes_of(turned(level, Vector(0.0, 0.0, 2.0), 0.1))
    np.testing.assert_allclose(axes.forward, (-math.sin(0.2), math.cos(0.2), 0.0), atol=1e-12)
    axes = axes_of(turned(level, Vector(0.0, 0.0, 1e-4), 0.1))
    np.testing.assert_allclose(axes.forward, (-1e-5, 1.0, 0.0), atol=1e-9)


def test_a_body_turns_by_45_degrees_at_most() -> None:
    axes = axes_of(turned(Quaternion(0.0, 0.0, 0.0, 1.0), Vector(0.0, 0.0, 1000.0), 0.1))
    assert math.atan2(axes.right.y, axes.right.x) < math.pi


@settings(max_examples=50, deadline=None)
@given(attitudes(), vectors)
def test_a_free_body_keeps_its_angular_momentum(attitude: Quaternion, spin: Vector) -> None:
    """To the first order of the step."""
    inertia, seconds = Vector(1.0, 1.5, 2.0), 1e-4
    axes = axes_of(attitude)
    change = gyroscopic(axes, inertia, spin, seconds)
    later = Vector(spin.x + change.x, spin.y + change.y, spin.z + change.z)
    momentum = _matrix(axes) @ np.diag(inertia) @ np.array(to_body(axes, spin))
    after = axes_of(turned(attitude, later, seconds))
    kept = _matrix(after) @ np.diag(inertia) @ np.array(to_body(after, later))
    np.testing.assert_allclose(kept, momentum, atol=2e-6)
