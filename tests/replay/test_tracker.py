"""The tracker: its inverse models against MetaDrive's car, and the closed loop on records of several kinds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_material import STRAIGHT, Floats, described, driver, driving, straight

from gold_data.replay import Description, Disturbance, Readings, Rollout, Tracker, make_scene, track_record
from gold_data.replay.flags import Flag
from gold_data.replay.tracker import BRAKE_FORCE, ENGINE_FORCE, MASS, steering_for, throttle_for
from gold_data.settings import TrackerSettings

STOP_AND_GO = np.concatenate([np.full(10, 8.0), np.linspace(8, 0, 40), np.zeros(15), np.linspace(0, 6, 30)])

RECORDS = {
    "straight": straight(heading=2.0),
    "left bend": described(driver(STRAIGHT, 0.03), curvature=0.03),
    "right bend": described(driver(np.full(80, 5.0), -0.08), curvature=-0.08),
    "stop and go": straight(STOP_AND_GO),
}


@pytest.fixture(scope="module")
def tracked() -> dict[str, Rollout]:
    with driving() as drive:
        return {
            name: track_record(drive, record, "ego", TrackerSettings(), lambda step: None)
            for name, record in RECORDS.items()
        }


@pytest.mark.parametrize("name", RECORDS)
def test_the_ego_arrives_on_its_path_and_on_time(tracked: dict[str, Rollout], name: str) -> None:
    rollout = tracked[name]
    assert rollout.arrived
    assert not rollout.costs.any()
    assert not rollout.flags.any()
    assert rollout.displacement[-1] < 0.15
    assert rollout.displacement.max() < 0.3  # the read-out's lag at the start
    assert np.abs(np.diff(rollout.actions[:, 0])).max() <= TrackerSettings().max_steering_change + 1e-6


def test_a_car_that_stands_is_held_by_the_brake(tracked: dict[str, Rollout]) -> None:
    speeds = np.hypot(*tracked["stop and go"].ego_state[:, 4:6].T)
    assert speeds[58:63].max() < 0.05
    np.testing.assert_allclose(tracked["stop and go"].actions[58:63, 1], -0.01, atol=1e-6)


def test_the_inputs_are_never_exactly_zero_while_driving(tracked: dict[str, Rollout]) -> None:
    """MetaDrive brakes a car whose throttle is exactly 0."""
    for rollout in tracked.values():
        assert np.all(rollout.actions[:, 1] != 0)


def test_throttle_and_brake_give_the_acceleration_asked_for() -> None:
    with driving() as drive:
        outcome = drive.reset(straight(), "ego")
        for wanted in (2.0, 0.5, -1.0, -3.0):
            speeds = [outcome.readings.speed]
            for _ in range(8):
                outcome = drive.step((0.0, throttle_for(wanted)))
                speeds.append(outcome.readings.speed)
            np.testing.assert_allclose(np.diff(speeds)[1:] / 0.1, wanted, rtol=0.02)


def test_full_throttle_is_the_force_of_four_wheels() -> None:
    with driving() as drive:
        start = drive.reset(straight(), "ego").readings.speed
        for _ in range(10):
            outcome = drive.step((0.0, 1.0))
    assert (outcome.readings.speed - start) / 1.0 == pytest.approx(4 * ENGINE_FORCE / MASS, rel=0.02)
    assert throttle_for(4 * ENGINE_FORCE / MASS) == pytest.approx(1.0)
    assert throttle_for(-4 * BRAKE_FORCE / (MASS * 0.02)) == pytest.approx(-1.0)


@pytest.mark.parametrize(("curvature", "speed"), [(0.05, 8.0), (0.1, 5.0), (-0.02, 15.0)])
def test_a_steering_input_gives_the_yaw_rate_asked_for(curvature: float, speed: float) -> None:
    with driving() as drive:
        drive.reset(straight(np.full(60, speed)), "ego")
        for _ in range(20):
            readings = drive.step((steering_for(curvature, speed), 1e-6)).readings
    assert readings.yaw_rate / readings.speed == pytest.approx(curvature, rel=0.03)


@given(st.floats(-0.25, 0.25), st.floats(0, 25))
def test_steering_is_odd_and_goes_with_the_curvature(curvature: float, speed: float) -> None:
    assert steering_for(-curvature, speed) == pytest.approx(-steering_for(curvature, speed))
    assert steering_for(curvature + 0.01, speed) > steering_for(curvature, speed)


@given(st.floats(-3, 3), st.floats(0, 40))
def test_steering_for_an_impossible_curve_is_the_tightest(curvature: float, speed: float) -> None:
    steering = steering_for(curvature, speed)
    assert math.isfinite(steering)
    assert steering * curvature >= 0


def _readings(x: float, y: float, heading: float, speed: float) -> Readings:
    velocity = (speed * math.cos(heading), speed * math.sin(heading))
    return Readings(x, y, 0.5, heading, velocity, 0.0, np.zeros(161, np.float32), Flag(0))


def _action(
    readings: Readings, step: int = 20, steering: float = 0.0, description: Description | None = None
) -> Floats:
    scene = make_scene(description or straight(), "ego")
    tracker = Tracker(scene, TrackerSettings())
    for earlier in range(0, step, 2):  # it looks for its place near the last one
        tracker.action(earlier, _readings(earlier * 1.0, 0.0, 0.0, 10.0), 0.0)
    return tracker.action(step, readings, steering)


def test_on_the_path_and_on_time_nothing_is_corrected() -> None:
    on_time = 20.0 - 0.02 * 10 * math.exp(-2.0)
    steering, throttle = _action(_readings(on_time, 0.0, 0.0, 10.0))
    assert steering == pytest.approx(0.0, abs=1e-3)
    assert throttle == pytest.approx(0.0, abs=1e-2)


def test_errors_are_steered_and_driven_against() -> None:
    assert _action(_readings(20.0, 0.5, 0.0, 10.0))[0] < -0.01  # left of the path: to the right
    assert _action(_readings(20.0, 0.0, -0.1, 10.0))[0] > 0.01  # turned right: to the left
    assert _action(_readings(18.0, 0.0, 0.0, 10.0))[1] > 0.5  # late
    assert _action(_readings(22.0, 0.0, 0.0, 10.0))[1] < -0.2  # early
    assert _action(_readings(20.0, 0.0, 0.0, 8.0))[1] > 0.5  # slow


@given(
    st.floats(-60, 120), st.floats(-30, 30), st.floats(-9, 9), st.floats(0, 40), st.integers(0, 90), st.floats(-1, 1)
)
def test_actions_are_in_range_wherever_the_car_is(
    x: float, y: float, heading: float, speed: float, step: int, steering: float
) -> None:
    tracker = Tracker(make_scene(RECORDS["stop and go"], "ego"), TrackerSettings())
    action = tracker.action(step, _readings(x, y, heading, speed), steering)
    following = tracker.action(step + 1, _readings(x, y, heading, speed), steering)
    assert action.shape == (2,)
    assert np.all(np.abs([action, following]) <= 1)
    for change in (action[0], following[0] - action[0]):
        assert abs(change) <= TrackerSettings().max_steering_change + 1e-7


@pytest.mark.parametrize("noise", [0.35, -0.35])
def test_steady_noise_beyond_the_limit_of_change_does_not_carry_the_wish_along(noise: float) -> None:
    """Counted from what was executed, the wish could never come back by more than the noise adds."""
    steady = Disturbance(start=0, offset=None, amplitude=1.0, noise=np.tile([noise, 0.0], (60, 1)))
    with driving() as drive:
        driven = track_record(drive, RECORDS["stop and go"], "ego", TrackerSettings(), lambda step: None, steady)
    assert driven.arrived
    assert driven.displacement.max() < 2.0
    late = driven.expert_actions[20:, 0]
    assert abs(np.median(late) + noise) < 0.1


def test_a_start_inside_the_record_is_tracked_from_there() -> None:
    with driving() as drive:
        outcome = drive.reset(RECORDS["left bend"], "ego", start=20)
        tracker = Tracker(drive.scene, TrackerSettings())
        steering = 0.0
        while not (outcome.terminated or outcome.truncated):
            action = tracker.action(drive.steps, outcome.readings, steering)
            steering = float(action[0])
            outcome = drive.step(action)
        assert outcome.arrived
        state, log = drive.ego_state(outcome.readings), drive.log_state()[-1]
    assert math.dist(state[:2], log[:2]) < 0.15
