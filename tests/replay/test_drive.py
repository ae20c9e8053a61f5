"""The one interface: what a drive makes of an engine's readings, beside MetaDrive's own reward, cost and ends."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_material import STRAIGHT, WORLD, described, driver, driving, settings_with, standing, straight

from gold_data.replay import Description, Drive, Flag, Outcome, Readings, Scene, StartOffset, slices
from gold_data.settings import ConvertSettings


def _busy(frames: int = 60) -> Description:
    """A bend with traffic, a person to be run over, a solid line to be crossed."""
    return described(
        driver(np.full(frames, 10.0), 0.01),
        {
            "beside": driver(np.full(frames, 9.0), 0.01, left=3.6),
            "person": standing("PEDESTRIAN", 25.0, 3.0, frames),
            "parked": standing("VEHICLE", 45.0, 4.5, frames),
        },
        curvature=0.01,
        solid=(-2.5, 5.5),
    )


def _compare(drive: Drive, outcome: Outcome) -> None:
    """Reward, cost, arrival and the ends of one step are MetaDrive's own."""
    from gold_data.replay.metadrive import MetaDrive

    assert isinstance(drive.engine, MetaDrive)
    reward, terminated, _, information = drive.engine.stock_result
    assert outcome.reward == pytest.approx(reward, abs=1e-4)
    assert outcome.cost == information["cost"]
    assert information["route_completion"] == pytest.approx(
        drive.scene.route.locate(outcome.readings.x, outcome.readings.y).longitude / drive.scene.route.length, abs=1e-5
    )
    if outcome.terminated:
        assert terminated
    assert bool(outcome.flags & Flag.CONTACT_HUMAN) == information["crash_human"]
    assert bool(outcome.flags & Flag.CONTACT_VEHICLE) == information["crash_vehicle"]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("start", "offset"), [(0, None), (15, None), (0, StartOffset(0.3, 0.8, 0.1, 1.0))])
def test_reward_cost_and_ends_are_metadrives_under_random_actions(
    seed: int, start: int, offset: StartOffset | None
) -> None:
    random = np.random.default_rng(seed)
    with driving() as drive:
        outcome = drive.reset(_busy(), "ego", start, offset)
        action = np.zeros(2)
        while not (outcome.terminated or outcome.truncated):
            action = 0.8 * action + random.normal([0.01, 0.1], [0.06, 0.3])
            outcome = drive.step(action)
            _compare(drive, outcome)
            assert outcome.observation.dtype == np.float32
            assert np.all((outcome.observation >= 0) & (outcome.observation <= 1))


def test_the_route_ends_before_a_jump_also_for_an_ego_that_starts_inside_the_record() -> None:
    description = straight()
    description["tracks"]["ego"]["state"]["position"][40:, 1] += 150.0
    with driving() as drive:
        drive.reset(description, "ego", start=10)
        assert drive.scene.route.length == pytest.approx(38.0, abs=1e-2)
        for _ in range(5):
            _compare(drive, drive.step((0.0, 0.2)))


@pytest.mark.parametrize(("rays", "size"), [(120, 276), (240, 396)])
def test_the_observation_is_metadrives_vector_and_then_ours(rays: int, size: int) -> None:
    with driving(settings_with(simulator={"lidar_rays": rays})) as drive:
        outcome = drive.reset(_busy(), "ego")
        assert outcome.observation.shape == (size,)
        assert drive.blocks[-1].name == "conflict"
        stock = outcome.readings.stock
        assert len(stock) == size - 115
        np.testing.assert_array_equal(outcome.observation[: size - 115], stock)
        assert stock[41:].min() < 1.0, "the lidar sees nobody"
        outcome = drive.step((0.2, 0.5))
        ego = dict(zip(drive.blocks[1].names, outcome.observation[12:19].tolist(), strict=True))
        assert ego["last_steering"] == pytest.approx(0.6)
        assert ego["last_throttle"] == pytest.approx(0.75)
        assert ego["speed"] == pytest.approx((outcome.readings.speed * 3.6 + 1) / 161, abs=1e-5)


def test_a_reset_has_no_reward_no_cost_and_no_flags() -> None:
    with driving() as drive:
        outcome = drive.reset(_busy(), "ego")
    assert (outcome.reward, outcome.cost, outcome.flags, outcome.terminated, outcome.arrived) == (0, 0, 0, False, False)
    assert math.isnan(outcome.contact_bearing)


def test_the_callers_description_is_not_changed_by_driving() -> None:
    description = _busy()
    before = pickle.dumps(description)
    with driving() as drive:
        drive.reset(description, "ego", offset=StartOffset(left=0.5))
        for _ in range(5):
            drive.step((0.1, 0.1))
    assert pickle.dumps(description) == before


def test_a_start_inside_the_record_has_its_traffic_and_its_time() -> None:
    """The same moment, once reached from the start and once started at: the engine's rays and our pace agree."""
    description = _busy()
    with driving(follow_record=True) as drive:
        drive.reset(description, "ego")
        for _ in range(20):
            reached = drive.step((0.0, 0.0))
        length = drive.scene.route.length
        started = drive.reset(description, "ego", start=20)
        assert drive.scene.route.length == pytest.approx(length, abs=1e-3)
        where = slices(drive.blocks)
        np.testing.assert_allclose(started.observation[where["pace"]], reached.observation[where["pace"]], atol=1e-3)
        assert started.observation[where["pace"]][0] == pytest.approx(39 / 59)
        np.testing.assert_allclose(
            started.observation[where["navigation"]], reached.observation[where["navigation"]], atol=1e-3
        )
        np.testing.assert_allclose(started.observation[where["lidar"]], reached.observation[where["lidar"]], atol=0.02)
        later = drive.step((0.0, 0.0))
        assert later.observation[where["pace"]][0] == pytest.approx(38 / 59)
        outcome = later
        while not (outcome.terminated or outcome.truncated):
            outcome = drive.step((0.0, 0.0))
        assert drive.steps <= 40


def test_an_offset_moves_turns_and_speeds_the_spawn() -> None:
    heading = 0.9
    description = straight(heading=heading)
    with driving() as drive:
        plain = drive.reset(description, "ego")
        plain_state = drive.ego_state(plain.readings)
        moved = drive.reset(description, "ego", offset=StartOffset(forward=1.0, left=-0.6, heading=0.15, speed=2.5))
        state = drive.ego_state(moved.readings)
        where = slices(drive.blocks)
    cos, sin = math.cos(heading), math.sin(heading)
    assert state[0] - plain_state[0] == pytest.approx(cos + 0.6 * sin, abs=5e-3)
    assert state[1] - plain_state[1] == pytest.approx(sin - 0.6 * cos, abs=5e-3)
    assert state[3] - plain_state[3] == pytest.approx(0.15, abs=1e-4)
    assert math.hypot(*state[4:6]) - math.hypot(*plain_state[4:6]) == pytest.approx(2.5, abs=1e-3)
    assert math.atan2(state[5], state[4]) == pytest.approx(heading + 0.15, abs=1e-4)
    assert moved.observation[where["navigation"]][20] == pytest.approx(
        (0.6 / 4 + 1) / 2, abs=1e-3
    )  # right of the route


def test_states_are_in_the_records_world_frame() -> None:
    description = straight(heading=-2.0)
    state = description["tracks"]["ego"]["state"]
    with driving(follow_record=True) as drive:
        outcome = drive.reset(description, "ego")
        np.testing.assert_allclose(drive.ego_state(outcome.readings)[:2], WORLD, atol=2e-3)
        for _ in range(10):
            outcome = drive.step((0.0, 0.0))
        np.testing.assert_allclose(drive.ego_state(outcome.readings)[:2], state["position"][10, :2], atol=2e-3)
        log = drive.log_state()
    assert log.shape == (11, 7)
    assert log.dtype == np.float64
    np.testing.assert_allclose(log[:, :3], state["position"][:11], atol=1e-3)
    np.testing.assert_array_equal(log[:, 3], state["heading"][:11])
    np.testing.assert_array_equal(log[:, 4:6], state["velocity"][:11])
    np.testing.assert_allclose(log[:, 6], 0, atol=1e-5)


def test_after_the_record_its_last_state_stays() -> None:
    with driving(settings_with(ends={"limit": 1.5})) as drive:
        outcome = drive.reset(straight(np.full(20, 5.0)), "ego")
        steps = 0
        while not (outcome.terminated or outcome.truncated):
            outcome = drive.step((0.0, -0.3))
            steps += 1
        log = drive.log_state()
    assert (steps, outcome.truncated, outcome.arrived) == (30, True, False)
    assert len(log) == 31
    np.testing.assert_array_equal(log[20:], np.tile(log[19], (11, 1)))


def test_arrival_ends_or_goes_on_to_the_records_end() -> None:
    speeds = np.concatenate([np.full(30, 10.0), np.linspace(10, 0, 20), np.zeros(20)])
    description = straight(speeds)
    outcomes: dict[str, list[Outcome]] = {"arrival": [], "record": []}
    for end, found in outcomes.items():
        with driving(settings_with(ends={"end": end}), follow_record=True) as drive:
            found.append(drive.reset(description, "ego"))
            while not (found[-1].terminated or found[-1].truncated):
                found.append(drive.step((0.0, 0.0)))
                _compare(drive, replace(found[-1], terminated=False))
    at_arrival, to_the_end = outcomes["arrival"], outcomes["record"]
    assert at_arrival[-1].terminated
    assert at_arrival[-1].arrived
    assert not any(outcome.arrived for outcome in at_arrival[:-1])
    assert len(to_the_end) == len(speeds)  # a reset and L - 1 steps
    assert to_the_end[-1].truncated
    assert not to_the_end[-1].terminated
    after = to_the_end[len(at_arrival) - 1 :]
    assert [outcome.reward for outcome in after] == [5.0] * len(after)
    assert len(after) > 20


def test_leaving_the_road_costs_and_terminates() -> None:
    with driving() as drive:
        outcome = drive.reset(straight(), "ego")
        while not (outcome.terminated or outcome.truncated):
            outcome = drive.step((0.4, 0.5))
            _compare(drive, outcome)
    assert outcome.terminated
    assert not outcome.arrived
    assert outcome.flags & Flag.OUT_OF_ROAD
    assert (outcome.reward, outcome.cost) == (-5.0, 1.0)


def test_a_lone_line_is_flagged_and_costs_nothing() -> None:
    with driving() as drive:
        outcome = drive.reset(straight(solid=(0.0,)), "ego")
        outcome = drive.step((0.0, 0.1))
        _compare(drive, outcome)
    assert outcome.flags == Flag.SOLID_LINE
    assert (outcome.reward, outcome.cost) == (-1.0, 0.0)


def test_an_action_beyond_its_range_is_executed_clipped() -> None:
    description = straight()
    with driving() as drive:
        drive.reset(description, "ego")
        clipped = [drive.step((-1.0, 1.0)) for _ in range(3)][-1]
        drive.reset(description, "ego")
        beyond = [drive.step((-7.0, 3.0)) for _ in range(3)][-1]
    assert beyond.observation.tobytes() == clipped.observation.tobytes()
    assert beyond.reward == clipped.reward


class _Scripted:
    """An engine that reports what it is told to."""

    def __init__(self, script: list[Readings]) -> None:
        self._script = script
        self.actions: list[NDArray[np.float64]] = []
        self.closed = False

    def reset(self, scene: Scene) -> Readings:
        return self._script[0]

    def step(self, action: NDArray[np.float64]) -> Readings:
        self.actions.append(action)
        return self._script[len(self.actions)]

    def close(self) -> None:
        self.closed = True


def _readings(x: float, y: float, speed: float = 10.0, flags: Flag = Flag(0)) -> Readings:  # noqa: B008
    return Readings(x, y, 0.5, 0.0, (speed, 0.0), 0.0, np.zeros(161, np.float32), flags)


def test_what_is_executed_is_what_float32_can_store() -> None:
    """So that stored actions drive the same episode again to the bit."""
    engine = _Scripted([_readings(0.0, 0.0), _readings(1.0, 0.0)])
    drive = Drive(engine, ConvertSettings())
    assert not drive.reset(straight(), "ego").action.any()
    outcome = drive.step((0.1, -0.7))
    stored = np.array([0.1, -0.7], np.float32)
    np.testing.assert_array_equal(outcome.action, stored)
    np.testing.assert_array_equal(engine.actions[0], stored)


@pytest.mark.parametrize(
    ("other", "speed", "judged"),
    [
        (standing("VEHICLE", 6.0, 0.0, 60), 10.0, Flag.OTHER_PARKED | Flag.AT_FAULT),
        (standing("VEHICLE", -4.0, 0.0, 60), 10.0, Flag.OTHER_PARKED | Flag.AT_FAULT),
        (standing("VEHICLE", 6.0, 0.0, 60), 0.2, Flag.OTHER_PARKED),
        (driver(np.full(60, 9.0)), 10.0, Flag(0)),  # passes by from behind
        (driver(np.full(60, 30.0)), 10.0, Flag.AT_FAULT),  # ahead of it
    ],
)
def test_who_is_at_fault(other: Description, speed: float, judged: Flag) -> None:
    contact = Flag.CONTACT_VEHICLE
    script = [_readings(0.0, 0.0), _readings(1.5, 0.0, speed, contact)]
    drive = Drive(_Scripted(script), ConvertSettings())
    drive.reset(straight(others={"other": copy.deepcopy(other)}), "ego")
    outcome = drive.step((0.0, 0.0))
    assert outcome.flags == contact | judged
    assert outcome.cost == 1.0
    assert math.isfinite(outcome.contact_bearing)


def test_a_contact_with_nobody_there_is_kept_without_a_bearing() -> None:
    script = [_readings(0.0, 0.0), _readings(1.0, 0.0, flags=Flag.CONTACT_HUMAN)]
    drive = Drive(_Scripted(script), ConvertSettings())
    drive.reset(straight(), "ego")
    outcome = drive.step((0.0, 0.0))
    assert outcome.flags == Flag.CONTACT_HUMAN
    assert math.isnan(outcome.contact_bearing)


def test_turning_back_terminates_without_a_cost() -> None:
    script = [_readings(0.0, 0.0), _readings(-5.0, 0.0), _readings(-7.0, 0.0)]
    drive = Drive(_Scripted(script), ConvertSettings())
    drive.reset(straight(STRAIGHT), "ego")
    assert not drive.step((0.0, 0.0)).terminated
    outcome = drive.step((0.0, 0.0))
    assert outcome.terminated
    assert (outcome.cost, outcome.reward) == (0.0, 0.0)


def test_closing_a_drive_closes_its_engine() -> None:
    engine = _Scripted([])
    Drive(engine, ConvertSettings()).close()
    assert engine.closed
