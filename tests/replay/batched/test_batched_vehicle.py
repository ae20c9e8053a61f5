"""The car without its engine: what must hold for any car, and MetaDrive's own beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import described, driver, driving

from gold_data.replay import Drive
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.vehicle import SPEED_X, SPEED_Y, STATE, X, Y, controls, place, pose, readings, step

LIMIT = 160.0
Numbers = NDArray[np.float64]


@pytest.fixture(scope="module")
def drive() -> Iterator[Drive]:
    with driving() as opened:
        yield opened


def _placed(heading: float = 0.0, speed: float = 0.0) -> Numbers:
    state = np.zeros(STATE)
    place(state, 3.0, -4.0, heading, speed * math.cos(heading), speed * math.sin(heading))
    return state


def _driven(state: Numbers, actions: Numbers) -> Numbers:
    """(T, 7) readings after each action."""
    rows = []
    for steering, throttle in actions:
        step(state, steering, throttle, LIMIT)
        rows.append(readings(state))
    return np.array(rows)


def _settled(heading: float, speed: float) -> Numbers:
    state = _placed(heading, speed)
    _driven(state, np.tile([0.0, 0.001], (30, 1)))
    return state


def test_a_placed_car_is_read_out_where_it_was_put() -> None:
    x, y, height, heading, vx, vy, yaw_rate = readings(_placed(2.5, 7.0))
    assert (x, y, height, yaw_rate) == (3.0, -4.0, 0.0, 0.0)
    assert abs(heading - 2.5) < 1e-12
    np.testing.assert_allclose((vx, vy), (7 * math.cos(2.5), 7 * math.sin(2.5)))
    np.testing.assert_allclose(pose(_placed(2.5, 7.0)), (3.0, -4.0, 2.5))


def test_positions_are_read_out_a_substep_late() -> None:
    state = _settled(0.0, 10.0)
    x, y, heading = pose(state)
    shown_x, shown_y, _, shown_heading, _, _, _ = readings(state)
    assert abs((x - shown_x) - 0.02 * 10.0) < 1e-3
    assert abs(y - shown_y) < 1e-3
    assert abs(heading - shown_heading) < 1e-4


def test_controls() -> None:
    angle, force, brake = controls(-0.5, 0.25, 0.0, LIMIT)
    assert (force, brake) == (200.0, 2.0)
    assert abs(angle + math.radians(20.0)) < 1e-12
    assert controls(0.0, 1.0, 160.1, LIMIT)[1] == 0.0
    assert controls(0.0, 1.0, 160.0, LIMIT)[1] == 800.0
    assert controls(0.0, 0.0, 10.0, LIMIT) == (0.0, 0.0, 2.0)
    assert controls(0.0, -0.5, 10.0, LIMIT) == (0.0, 0.0, 75.0)
    assert controls(7.0, -3.0, 10.0, LIMIT) == controls(1.0, -1.0, 10.0, LIMIT)
    assert controls(-7.0, 3.0, 10.0, LIMIT) == controls(-1.0, 1.0, 10.0, LIMIT)


@settings(max_examples=20, deadline=None)
@given(st.floats(-math.pi, math.pi), st.floats(2.0, 30.0), st.floats(-1.0, 1.0), st.floats(-1.0, 0.0))
def test_without_throttle_no_energy_comes_in(heading: float, speed: float, steering: float, throttle: float) -> None:
    state = _settled(heading, speed)
    moving = np.hypot(*_driven(state, np.tile([steering, throttle], (60, 1)))[:, 4:6].T)
    rises = np.diff(moving)[moving[:-1] > 0.5]
    assert np.all(rises < 1e-3)
    assert moving[-1] < max(moving[0] + 1e-9, 0.35)


def test_a_braked_car_trembles_and_creeps() -> None:
    state = _settled(1.0, 10.0)
    _driven(state, np.tile([0.3, -1.0], (30, 1)))
    at_rest = _driven(state, np.tile([0.3, -1.0], (60, 1)))
    assert np.hypot(*at_rest[:, 4:6].T).max() < 0.35
    assert np.hypot(*(at_rest[:, :2] - at_rest[0, :2]).T).max() < 0.5
    np.testing.assert_allclose(at_rest[:, 2], 0.5375, atol=5e-3)


@settings(max_examples=10, deadline=None)
@given(st.floats(-math.pi, math.pi), st.floats(5.0, 25.0), st.floats(0.1, 0.8), st.floats(0.0, 0.8))
def test_left_and_right_are_alike(heading: float, speed: float, steering: float, throttle: float) -> None:
    """From a car on its springs: lying on the ground, Bullet begins with one corner of four, and is not symmetric."""
    state = _settled(heading, speed)
    mirrored = _mirrored(state)
    wave = np.sin(np.arange(40) / 5)
    actions = np.column_stack([steering * wave, np.full(40, throttle)])
    one = _driven(state, actions)
    other = _driven(mirrored, actions * [-1.0, 1.0])
    other[:, [1, 3, 5, 6]] *= -1
    turned = np.remainder(one[:, 3] - other[:, 3] + math.pi, 2 * math.pi) - math.pi
    np.testing.assert_allclose(turned, 0.0, atol=1e-9)
    np.testing.assert_allclose(np.delete(one, 3, 1), np.delete(other, 3, 1), atol=1e-9)


def _mirrored(state: Numbers) -> Numbers:
    """The same car with y for -y; the left-hand side is its right-hand side."""
    mirrored = state.copy()
    for first in (0, vehicle.SHOWN):
        x, y, z, w = state[first + 3 : first + 7]
        mirrored[first + 1] *= -1
        # Mirrored in the world and along its own x axis, so that it is a rotation again.
        mirrored[first + 3 : first + 7] = y, x, w, z
    mirrored[SPEED_Y] *= -1
    mirrored[[vehicle.SPIN_X, vehicle.SPIN_Z]] *= -1
    return mirrored


@settings(max_examples=10, deadline=None)
@given(st.floats(-math.pi, math.pi), st.floats(-1.0, 1.0), st.floats(0.1, 1.0))
def test_the_world_has_no_direction_of_its_own(turn: float, steering: float, throttle: float) -> None:
    """But for the ground, whose friction acts along the world's axes: so from a car on its springs."""
    state, other = _settled(0.0, 12.0), _settled(0.0, 12.0)
    cos, sin = math.cos(turn), math.sin(turn)
    for first in (0, SPEED_X, vehicle.SPIN_X, vehicle.SHOWN):
        x, y = other[first], other[first + 1]
        other[first], other[first + 1] = x * cos - y * sin, x * sin + y * cos
    for first in (3, vehicle.SHOWN + 3):
        x, y, z, w = other[first : first + 4]
        c, s = math.cos(turn / 2), math.sin(turn / 2)
        other[first : first + 4] = c * x - s * y, c * y + s * x, c * z + s * w, c * w - s * z
    actions = np.tile([steering, throttle], (40, 1))
    one, turned = _driven(state, actions), _driven(other, actions)
    np.testing.assert_allclose(turned[:, 0], one[:, 0] * cos - one[:, 1] * sin, atol=1e-9)
    np.testing.assert_allclose(turned[:, 1], one[:, 0] * sin + one[:, 1] * cos, atol=1e-9)
    np.testing.assert_allclose(turned[:, [2, 6]], one[:, [2, 6]], atol=1e-9)


def test_a_car_on_its_side_stays_a_number() -> None:
    state = _settled(0.0, 20.0)
    state[3:7] = 0.0, math.sin(0.8), 0.0, math.cos(0.8)
    state[vehicle.Z] = 1.0
    rows = _driven(state, np.tile([0.5, 1.0], (100, 1)))
    assert np.isfinite(rows).all()
    assert np.abs(rows[:, 2]).max() < 5.0


ACTIONS = {
    "constant": np.tile([0.12, 0.6], (90, 1)),
    "random": np.random.default_rng(1).uniform(-1.0, 1.0, (90, 2)),
    "wave": np.column_stack([0.4 * np.sin(np.arange(90) / 7), 0.2 + 0.5 * np.sin(np.arange(90) / 11)]),
    "bang-bang": np.random.default_rng(2).choice([-1.0, 1.0], (15, 2)).repeat(6, axis=0),
    "gentle": np.random.default_rng(3).normal(0, 0.03, (90, 2)).cumsum(axis=0) + np.array([0.0, 0.1]),
    "coasting": np.tile([0.02, 0.0], (90, 1)),
    "to rest": np.tile([-0.05, -1.0], (90, 1)),
    "off from rest": np.tile([1.0, 1.0], (90, 1)),
}


@pytest.mark.parametrize(
    ("kind", "speed", "heading"), list(zip(ACTIONS, (12, 25, 30, 8, 17, 22, 29, 0), range(8), strict=True))
)
def test_metadrive_drives_the_same(drive: Drive, kind: str, speed: float, heading: float) -> None:
    """Within dynamics' own sensitivity to the rounding of MetaDrive's single precision."""
    actions = np.clip(ACTIONS[kind], -1, 1).astype(np.float32).astype(np.float64)
    curvature = 0.01 * math.sin(heading)
    now = drive.reset(described(driver(np.full(91, float(speed)), curvature, heading)), "ego").readings
    log = drive.scene.log
    state = np.zeros(STATE)
    place(state, *log.position[0], log.heading[0], *log.velocity[0])
    errors = []
    for action in [None, *actions]:
        if action is not None:
            now = drive.engine.step(action)
            step(state, action[0], action[1], LIMIT)
        x, y, height, facing, vx, vy, yaw_rate = readings(state)
        errors.append(
            [
                math.hypot(x - now.x, y - now.y),
                abs(height - now.height),
                abs(math.remainder(facing - now.heading, 2 * math.pi)),
                math.hypot(vx - now.velocity[0], vy - now.velocity[1]),
                abs(yaw_rate - now.yaw_rate),
            ]
        )
    limits = {0: 1e-6, 1: 5e-5, 10: 1e-4, 50: 5e-3, 90: 3e-2}
    for after, limit in limits.items():
        assert np.max(errors[: after + 1]) < limit, f"{kind} after {after} steps"
    assert abs(state[X] - now.x) + abs(state[Y] - now.y) < 1.0
