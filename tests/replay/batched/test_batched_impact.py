"""What contacts do: momentum, what stays, and MetaDrive's ego beside ours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import arcs, described, driver, driving, on_path, track

from gold_data.replay import Description, Drive
from gold_data.replay.batched.impact import advance, bodies, forget, others, put_back, respond
from gold_data.replay.batched.objects import BODIES, CONE, PEDESTRIAN
from gold_data.replay.batched.vehicle import PUSH, SPEED_X, SPIN_X, STATE, controls, place, readings, step, substep

SHAPES: Any = bodies(BODIES).view(np.recarray)
M_CAR, XL_CAR = 1, 3
MASS, SUBSTEP = 1100.0, 0.02


@pytest.fixture(scope="module")
def drive() -> Iterator[Drive]:
    with driving() as opened:
        yield opened


def _rows(count: int = 1) -> Any:
    return others(count).view(np.recarray)


def _ego(speed: float) -> NDArray[np.float64]:
    """A car that stands on its springs at the origin."""
    state = np.zeros(STATE)
    place(state, 0.0, 0.0, 0.0, 0.0, 0.0)
    for _ in range(30):
        step(state, 0.0, 0.001, 160.0)
    state[:2] = 0.0
    state[SPEED_X : SPEED_X + 3] = speed, 0.0, 0.0
    state[SPIN_X : SPIN_X + 3] = 0.0
    return state


def _put(row: Any, body: int, x: float, y: float, heading: float, speed: float = 0.0) -> None:
    cos, sin = math.cos(heading), math.sin(heading)
    put_back(row, SHAPES, 0, body, x, y, cos, sin, speed * cos, speed * sin, 0.0)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0, M_CAR, 2, XL_CAR, PEDESTRIAN, 5]),
    st.floats(-3.0, 3.0),
    st.floats(-2.0, 2.0),
    st.floats(-math.pi, math.pi),
    st.floats(-10.0, 20.0),
)
def test_what_one_side_gains_the_other_loses(body: int, x: float, y: float, heading: float, speed: float) -> None:
    state, rows = _ego(10.0), _rows()
    _put(rows[0], body, x, y, heading, speed)
    before = rows[0].velocity_x, rows[0].velocity_y, rows[0].velocity_z
    mass = 1 / rows[0].inverse_mass
    respond(state, rows, 1)
    after = np.array([rows[0].velocity_x, rows[0].velocity_y, rows[0].velocity_z])
    np.testing.assert_allclose(MASS * state[PUSH : PUSH + 3], -mass * (after - before), atol=1e-6)
    # About the ego's origin.
    arm = np.array([rows[0].x - state[0], rows[0].y - state[1], rows[0].middle - state[2]])
    spin = np.array([rows[0].spin_x, rows[0].spin_y, rows[0].spin_z])
    cos, sin = math.cos(heading), math.sin(heading)
    axes = np.array([[sin, cos, 0.0], [-cos, sin, 0.0], [0.0, 0.0, 1.0]])
    inertia = np.diag(1 / np.array([rows[0].inverse_pitch, rows[0].inverse_roll, rows[0].inverse_yaw]))
    gained = np.cross(arm, mass * (after - before)) + axes @ inertia @ axes.T @ spin
    own = 1 / 12 * MASS * np.array([1.852**2 + 1.19**2, 4.515**2 + 1.19**2, 1.852**2 + 4.515**2])
    lost = own * state[PUSH + 3 : PUSH + 6]  # the ego looks along x, and hardly leans
    # The points on both sides are apart by the depth, and with them the lines on which friction acts.
    scale = max(1.0, float(np.abs(MASS * state[PUSH : PUSH + 3]).max()))
    np.testing.assert_allclose((gained + lost) / scale, 0.0, atol=1.2)
    if rows[0].points == 0:
        assert not state[PUSH : PUSH + 6].any()


def test_who_is_passed_by_is_not_touched() -> None:
    state, rows = _ego(10.0), _rows()
    _put(rows[0], M_CAR, 3.0, 1.95, 0.0)
    respond(state, rows, 1)
    assert not rows[0].touched
    assert not state[PUSH : PUSH + 6].any()
    _put(rows[0], M_CAR, 3.0, 1.84, 0.0)
    respond(state, rows, 1)
    assert rows[0].touched


def test_two_equal_cars_meet_half_way() -> None:
    state, rows = _ego(10.0), _rows()
    _put(rows[0], M_CAR, 4.54, 0.0, 0.0)
    respond(state, rows, 1)
    substep(state, 1.0, 0.0, 0.0, 2.0)
    together = 10.0 * MASS / (MASS + 1200.0)
    assert abs(state[SPEED_X] - together) < 0.15
    assert abs(rows[0].velocity_x - together) < 0.15


def test_who_is_solved_first_is_said_by_the_row_and_not_by_the_place() -> None:
    pushes = []
    for places, order in (((0, 1), (0, 1)), ((1, 0), (1, 0)), ((0, 1), (1, 0))):
        state, rows = _ego(10.0), _rows(2)
        _put(rows[places[0]], M_CAR, 4.5, 0.6, 0.0)
        _put(rows[places[1]], XL_CAR, 5.0, -1.2, 0.1)
        rows.row[:] = order
        respond(state, rows, 2)
        assert rows.touched.all()
        pushes.append(state[PUSH : PUSH + 6].copy())
    np.testing.assert_array_equal(pushes[0], pushes[1])
    assert (pushes[0] != pushes[2]).any()


def test_a_cone_brakes_a_car_a_little_and_stays() -> None:
    state, rows = _ego(10.0), _rows()
    for _ in range(4):
        _put(rows[0], CONE, 2.4, 0.2, 0.0)
        for _ in range(5):
            respond(state, rows, 1)
            substep(state, 1.0, 0.0, 0.0, 2.0)
            advance(rows, 1)
    assert (rows[0].x, rows[0].y) == (2.4, 0.2)
    assert 9.5 < state[SPEED_X] < 10.0
    assert state[0] > 3.0


def test_someone_else_in_a_row_begins_without_contact() -> None:
    state, rows = _ego(3.0), _rows()
    _put(rows[0], M_CAR, 4.5, 0.0, 0.0)
    respond(state, rows, 1)
    assert rows[0].points == 4
    put_back(rows[0], SHAPES, 1, PEDESTRIAN, 9.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    assert (rows[0].points, rows[0].touched) == (0, False)
    assert rows[0].half_length == 0.35


def test_another_episode_begins_without_contact() -> None:
    state, rows = _ego(10.0), _rows()
    _put(rows[0], CONE, 2.4, 0.0, 0.0)
    respond(state, rows, 1)
    assert rows[0].points > 0
    assert rows[0].velocity_x > 1.0
    _put(rows[0], CONE, 9.0, 0.0, 0.0)
    assert rows[0].x == 9.0
    assert rows[0].velocity_x > 1.0
    forget(rows)
    _put(rows[0], CONE, 2.4, 0.0, 0.0)
    assert (rows[0].points, rows[0].velocity_x) == (0, 0.0)


def test_rows_beyond_the_count_are_left_alone() -> None:
    state, rows = _ego(3.0), _rows(2)
    _put(rows[1], M_CAR, 4.5, 0.0, 0.0, 3.0)
    respond(state, rows, 1)
    advance(rows, 1)
    assert not rows[1].touched
    assert rows[1].x == 4.5
    assert not state[PUSH : PUSH + 6].any()


def test_no_contact_makes_a_number_that_is_none() -> None:
    """Also not where a body stands in the very middle of the ego, or three of them at once."""
    state, rows = _ego(20.0), _rows(3)
    for _ in range(10):
        for row, body in zip(rows, (M_CAR, PEDESTRIAN, 5), strict=True):
            put_back(row, SHAPES, 0, body, state[0], state[1], 1.0, 0.0, 0.0, 0.0, 0.3)
        for _ in range(5):
            respond(state, rows, 3)
            substep(state, 1.0, 0.0, 100.0, 2.0)
            advance(rows, 3)
    assert np.isfinite(state).all()
    assert np.isfinite([row.velocity_x for row in rows]).all()


def _moving(kind: str, ahead: float, left: float, heading: float, speed: float) -> Description:
    positions, headings = on_path(arcs(np.full(60, speed)), heading=heading)
    size = (4.6, 1.9, 1.6) if kind == "VEHICLE" else (0.7, 0.7, 1.8)
    return track(kind, positions + [ahead, left], headings, size)  # noqa: RUF005 - an array


def _beside(drive: Drive, speed: float, other: Description, body: int, steering: float, steps: int) -> tuple[int, Any]:
    """The first step of contact in MetaDrive, and (steps, 2) how far our ego is from its, in m and rad."""
    drive.reset(described(driver(np.full(60, speed)), {"other": other}), "ego")
    motion, log = drive.scene.others, drive.scene.log
    state, rows = np.zeros(STATE), _rows()
    place(state, *log.position[0], log.heading[0], *log.velocity[0])
    apart, contacts = [], []
    for frame in range(steps):
        action = np.array([steering, 0.1])
        now = drive.engine.step(action)
        x, y = motion.position[0, frame]
        heading = motion.heading[0, frame]
        put_back(rows[0], SHAPES, 0, body, x, y, math.cos(heading), math.sin(heading), *motion.velocity[0, frame], 0.0)
        angle, force, brake = controls(steering, 0.1, 3.6 * math.hypot(*state[7:9]), 160.0)
        for _ in range(5):
            respond(state, rows, 1)
            substep(state, math.cos(angle), math.sin(angle), force, brake)
            advance(rows, 1)
        x, y, _, heading, _, _, _ = readings(state)
        turned = math.remainder(heading - now.heading, 2 * math.pi)
        apart.append((math.hypot(x - now.x, y - now.y), abs(turned)))
        contacts.append(now.flags != 0)
    return contacts.index(True), np.array(apart)


@pytest.mark.parametrize(
    ("speed", "other", "body", "steering", "limit"),
    [
        (10.0, _moving("VEHICLE", 18.0, 0.0, 0.0, 0.0), M_CAR, 0.0, 0.02),
        (5.0, _moving("VEHICLE", 15.0, 1.2, 0.0, 0.0), M_CAR, 0.0, 0.05),
        (10.0, _moving("VEHICLE", 18.0, -0.5, 0.3, 0.0), M_CAR, 0.0, 0.1),
        (15.0, _moving("VEHICLE", 1.0, 2.6, 0.0, 15.0), M_CAR, 0.05, 0.1),
        (8.0, _moving("VEHICLE", 8.0, 2.6, 0.0, 5.0), M_CAR, 0.08, 0.02),
        (8.0, _moving("VEHICLE", -12.0, 0.2, 0.0, 14.0), M_CAR, 0.0, 0.03),
        (10.0, _moving("VEHICLE", 15.0, -12.0, math.pi / 2, 9.0), M_CAR, 0.0, 0.03),
        (8.0, _moving("PEDESTRIAN", 12.0, 0.3, 1.0, 0.0), PEDESTRIAN, 0.0, 0.2),
        (8.0, _moving("TRAFFIC_CONE", 12.0, 0.5, 0.0, 0.0), CONE, 0.0, 0.05),
    ],
    ids=["into", "corner", "turned", "swipe", "swipe-slow", "rear-ended", "crossing", "pedestrian", "cone"],
)
def test_metadrives_ego_is_near_after_a_contact(
    drive: Drive, speed: float, other: Description, body: int, steering: float, limit: float
) -> None:
    """Within centimetres in the first step, and within `limit` (m) a second later."""
    first, apart = _beside(drive, speed, other, body, steering, 30)
    assert np.max(apart[:first]) < 1e-4
    assert apart[first, 0] < 0.03
    assert apart[first + 10, 0] < limit
    assert apart[first + 10, 1] < 0.05
