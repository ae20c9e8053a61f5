"""Two ways to drive the record, and when which of them is driven."""

from __future__ import annotations

import numpy as np
import pytest
from replay_material import STRAIGHT, driving, settings_with, standing, straight

from gold_data.replay import (
    ContactOnLog,
    Description,
    Disturbance,
    DriveJob,
    Rollout,
    StartOffset,
    Tracked,
    drive_job,
    replay_record,
    track_record,
)
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()


def _with_car(left: float) -> Description:
    return straight(others={"car": standing("VEHICLE", 35.0, left, len(STRAIGHT))})


@pytest.fixture(scope="module")
def tracked() -> tuple[Rollout, list[int]]:
    steps: list[int] = []
    with driving() as drive:
        return track_record(drive, _with_car(4.0), "ego", SETTINGS.tracker, steps.append), steps


def test_steps_are_told_from_one_on(tracked: tuple[Rollout, list[int]]) -> None:
    rollout, steps = tracked
    assert steps == list(range(1, rollout.length + 1))


def test_a_rollout_has_one_observation_and_state_more_than_steps(tracked: tuple[Rollout, list[int]]) -> None:
    rollout, _ = tracked
    steps = rollout.length
    assert rollout.observations.shape == (steps + 1, 276)
    assert rollout.actions.shape == rollout.expert_actions.shape == (steps, 2)
    assert rollout.rewards.shape == rollout.costs.shape == rollout.flags.shape == (steps,)
    assert rollout.contact_bearing.shape == (steps,)
    assert rollout.ego_state.shape == rollout.log_state.shape == (steps + 1, 7)
    for name, dtype in {
        "observations": "f4",
        "actions": "f4",
        "rewards": "f4",
        "flags": "u2",
        "ego_state": "f8",
    }.items():
        assert getattr(rollout, name).dtype == np.dtype(dtype), name
    assert rollout.terminated
    assert rollout.arrived
    assert not rollout.truncated
    assert rollout.route_length == pytest.approx(59.0, abs=1e-2)


def test_what_is_stored_is_what_was_executed(tracked: tuple[Rollout, list[int]]) -> None:
    """Row t + 1's last action, as MetaDrive observes it, is row t's action."""
    rollout, _ = tracked
    np.testing.assert_allclose(rollout.observations[1:, 15] * 2 - 1, rollout.actions[:, 0], atol=1e-6)
    np.testing.assert_allclose(rollout.observations[1:, 16] * 2 - 1, rollout.actions[:, 1], atol=1e-6)
    np.testing.assert_array_equal(rollout.actions, rollout.expert_actions)
    assert np.ptp(rollout.actions[:, 1]) > 0


def test_driving_the_stored_actions_again_gives_the_same_bytes(tracked: tuple[Rollout, list[int]]) -> None:
    rollout, _ = tracked
    with driving() as drive:
        again = [drive.reset(_with_car(4.0), "ego").observation]
        again += [drive.step(action).observation for action in rollout.actions]
    assert np.array(again).tobytes() == rollout.observations.tobytes()


def test_log_replay_is_on_the_record_and_executes_nothing() -> None:
    with driving(follow_record=True) as drive:
        rollout = replay_record(drive, _with_car(4.0), "ego", lambda step: None)
    assert rollout.displacement[1:].max() < 1e-3
    np.testing.assert_array_equal(rollout.actions, 0)
    assert rollout.arrived
    assert not rollout.costs.any()


def _driven(description: Description, settings: ConvertSettings = SETTINGS) -> tuple[Tracked | ContactOnLog, int]:
    """What the job gives, and how many drives it took."""
    steps: list[int] = []
    return drive_job(DriveJob(description, "ego", settings), steps.append), steps.count(1)


def test_where_everyone_keeps_clear_there_is_no_log_replay() -> None:
    driven, drives = _driven(_with_car(4.0))
    assert isinstance(driven, Tracked)
    assert driven.rollout.arrived
    assert drives == 1


def test_where_someone_is_near_the_log_replay_is_asked_first() -> None:
    driven, drives = _driven(_with_car(2.0))
    assert isinstance(driven, Tracked)
    assert not driven.rollout.costs.any()
    assert drives == 2


def test_the_margin_is_a_setting() -> None:
    _, drives = _driven(_with_car(4.0), settings_with(acceptance={"contact_margin": 5.0}))
    assert drives == 2


def test_a_record_with_a_contact_is_not_tracked() -> None:
    driven, drives = _driven(_with_car(1.5))
    assert isinstance(driven, ContactOnLog)
    assert driven.log.costs.any()
    assert np.isfinite(driven.log.contact_bearing[driven.log.costs > 0]).any()
    assert drives == 1


def test_a_drive_that_raises_gives_its_engine_back() -> None:
    from metadrive.engine.engine_utils import engine_initialized

    def stop(step: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        drive_job(DriveJob(_with_car(4.0), "ego", SETTINGS), stop)
    assert not engine_initialized()


def test_a_disturbed_drive_starts_where_it_is_told_and_stores_what_was_done_and_what_was_right() -> None:
    noise = np.zeros((20, 2))
    noise[5:10] = (0.3, -0.2)
    offset = StartOffset(left=0.5, heading=0.1, speed=1.0)
    disturbance = Disturbance(start=10, offset=offset, amplitude=0.5, noise=noise)
    with driving() as drive:
        clean = track_record(drive, straight(), "ego", SETTINGS.tracker, lambda step: None)
    with driving() as drive:
        driven = track_record(drive, straight(), "ego", SETTINGS.tracker, lambda step: None, disturbance)
    assert (driven.start, driven.start_offset, driven.noise) == (10, (0.0, 0.5, 0.1, 1.0), 0.5)
    assert (clean.start, clean.start_offset, clean.noise) == (0, (0.0, 0.0, 0.0, 0.0), 0.0)
    np.testing.assert_allclose(driven.log_state[0], clean.log_state[10], atol=1e-4)
    np.testing.assert_allclose(driven.ego_state[0, 1] - driven.log_state[0, 1], 0.5, atol=1e-3)
    np.testing.assert_allclose(driven.ego_state[0, 3] - driven.log_state[0, 3], 0.1, atol=1e-3)
    added = driven.actions.astype(np.float64) - driven.expert_actions
    free = np.abs(driven.actions) < 1.0
    np.testing.assert_allclose(added[5:10][free[5:10]], noise[5:10][free[5:10]], atol=1e-6)
    assert not added[:5].any()
    assert not added[10:].any()
    # It was half a metre beside the record, was pushed off it again, and is back on it in the end.
    assert driven.displacement.max() > 0.45
    assert driven.displacement[-1] < 0.1
    assert driven.arrived
    assert not driven.costs.any()


def test_only_the_undisturbed_drive_asks_whether_the_record_touches_someone() -> None:
    touched = straight(others={"car": standing("VEHICLE", 35.0, 1.0, len(STRAIGHT))})
    late = Disturbance(start=0, offset=None, amplitude=0.0, noise=np.zeros((0, 2)))
    assert isinstance(drive_job(DriveJob(touched, "ego", SETTINGS), lambda step: None), ContactOnLog)
    driven = drive_job(DriveJob(touched, "ego", SETTINGS, late), lambda step: None)
    assert isinstance(driven, Tracked)
    assert driven.rollout.costs.any()
