from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_material import described, driver, standing, straight

from gold_data.errors import SceneError
from gold_data.replay import Disturbance, Rollout, StartOffset, make_scene
from gold_data.replay.batched.demonstrating import Drives, TrackedScenes
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.disturbance import together
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
RECORDS = (
    straight(np.full(40, 8.0), {"car": standing("VEHICLE", 20.0, 4.0, 40)}, name="beside"),
    described(driver(np.full(30, 6.0), 0.05), {"other": driver(np.full(30, 6.0), 0.05, left=3.5)}, curvature=0.05),
    straight(np.concatenate([np.linspace(9.0, 0.0, 30), np.zeros(10), np.linspace(0.0, 5.0, 30)]), name="stops"),
)


@pytest.fixture(scope="module")
def tracked() -> TrackedScenes:
    return TrackedScenes((make_scene(record, "ego") for record in RECORDS), SETTINGS)


def noisy(seed: int, start: int = 0, offset: StartOffset | None = None) -> Disturbance:
    return Disturbance(start, offset, 1.0, np.random.default_rng(seed).normal(0, 0.2, (80, 2)))


def one_of(drives: Drives, number: int) -> Drives:
    first, last = drives.first[number], drives.first[number + 1]
    return Drives(
        first=np.array([0, last - first]),
        observations=drives.observations[first:last],
        actions=drives.actions[first:last],
        expert_actions=drives.expert_actions[first:last],
        rewards=drives.rewards[first:last],
        costs=drives.costs[first:last],
        arrived=drives.arrived[number : number + 1],
    )


def assert_same(drives: Drives, rollout: Rollout) -> None:
    np.testing.assert_array_equal(drives.observations, rollout.observations[:-1])
    for name in ("actions", "expert_actions", "rewards", "costs"):
        np.testing.assert_array_equal(getattr(drives, name), getattr(rollout, name))
    assert drives.arrived.tolist() == [rollout.arrived]


@settings(max_examples=8, deadline=None)
@given(scenes=st.lists(st.integers(0, 2), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_from_the_records_start_drives_are_those_of_one_at_a_time(
    tracked: TrackedScenes, scenes: list[int], seed: int
) -> None:
    disturbances = [noisy(seed + k) if (seed + k) % 3 else None for k in range(len(scenes))]
    drives = tracked.drive(np.array(scenes), together(disturbances))
    for number, (scene, disturbance) in enumerate(zip(scenes, disturbances, strict=True)):
        assert_same(one_of(drives, number), track_batched(RECORDS[scene], "ego", SETTINGS, disturbance))


@pytest.mark.parametrize(
    ("start", "offset"),
    [
        (0, StartOffset(left=0.6, heading=-0.1, speed=2.0)),
        (7, None),
        (12, StartOffset(forward=0.3, left=-0.5, heading=0.08, speed=-1.5)),
    ],
)
@pytest.mark.parametrize("scene", [0, 1, 2])
def test_from_inside_and_off_the_pose_they_are_as_near_as_float32_has_places(
    tracked: TrackedScenes, scene: int, start: int, offset: StartOffset | None
) -> None:
    disturbance = noisy(3, start, offset)
    drives = tracked.drive(np.array([scene]), together([disturbance]))
    rollout = track_batched(RECORDS[scene], "ego", SETTINGS, disturbance)
    assert len(drives.actions) == rollout.length
    assert drives.arrived.tolist() == [rollout.arrived]
    np.testing.assert_allclose(drives.actions, rollout.actions, atol=5e-3)
    np.testing.assert_allclose(drives.rewards, rollout.rewards, atol=5e-3)
    off = np.abs(drives.observations - rollout.observations[:-1])
    assert np.mean(off > 5e-3) < 2e-3


def test_what_a_drive_gives_depends_on_nobody_else(tracked: TrackedScenes) -> None:
    scenes = np.array([2, 0, 1, 0])
    disturbances = [noisy(k, start=k) for k in range(4)]
    every = tracked.drive(scenes, together(disturbances))
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        back = tracked.drive(scenes[::-1].copy(), together(disturbances[::-1]))
    finally:
        numba.set_num_threads(threads)
    for number in range(4):
        one, other = one_of(every, number), one_of(back, 3 - number)
        np.testing.assert_array_equal(one.observations, other.observations)
        np.testing.assert_array_equal(one.rewards, other.rewards)


def test_what_cannot_be_driven_is_refused(tracked: TrackedScenes) -> None:
    with pytest.raises(SceneError, match="there is no scene 3: they go from 0 to 2"):
        tracked.drive(np.array([0, 3]), together([None, None]))
    for start in (-1, 39, 40):
        with pytest.raises(SceneError, match="starts outside of its record"):
            tracked.drive(np.array([0]), together([noisy(0, start)]))
    with pytest.raises(SceneError, match="there is nothing to drive"):
        tracked.drive(np.zeros(0, np.int64), together([]))
    with pytest.raises(SceneError, match="there is no scene"):
        TrackedScenes((), SETTINGS)
    for made in (make_scene(RECORDS[0], "ego", 5), make_scene(RECORDS[0], "ego", 0, StartOffset(left=1.0))):
        with pytest.raises(SceneError, match="begins off its record"):
            TrackedScenes((made,), SETTINGS)
