"""Many environments at once do what one does behind `Drive`, whatever their number, order and threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from replay_material import STRAIGHT, described, driver, settings_with, standing, straight

from gold_data.errors import SceneError
from gold_data.replay import Description, Drive, make_scene
from gold_data.replay.batched import batch as batch_module
from gold_data.replay.batched.batch import Batch, Results
from gold_data.replay.batched.engine import Batched
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
STEPS = 40
DESCRIPTIONS: tuple[Description, ...] = (
    straight(others={"car": standing("VEHICLE", 10.0, 0.5, len(STRAIGHT))}),
    described(driver(np.full(80, 5.0), -0.08), {"walker": standing("PEDESTRIAN", 6.0, -0.5, 80)}, curvature=-0.08),
    straight(STRAIGHT, heading=2.0),
)
SCENES = [make_scene(description, "ego") for description in DESCRIPTIONS]


def actions(environments: int) -> NDArray[np.float64]:
    """(STEPS, B, 2), beyond [-1, 1] now and then."""
    random = np.random.default_rng(7)
    return np.clip(random.normal([0.0, 0.5], [0.3, 0.5], (STEPS, environments, 2)), -1.5, 1.5)


def driven(
    scenes: NDArray[np.int64], chosen: NDArray[np.float64], settings: ConvertSettings = SETTINGS
) -> list[Results]:
    batch = Batch(SCENES, len(scenes), settings)
    batch.reset(np.arange(len(scenes)), scenes)
    taken = [Results._make(values.copy() for values in batch.results)]
    for step in chosen:
        batch.step(step)
        taken.append(Results._make(values.copy() for values in batch.results))
    return taken


@pytest.mark.parametrize("scene", range(len(SCENES)))
@pytest.mark.parametrize("end", ["arrival", "record"])
def test_an_environment_is_a_drive_to_the_bit(scene: int, end: str) -> None:
    settings = settings_with(ends={"end": end})
    chosen = actions(1)
    drive = Drive(Batched(settings.simulator), settings)
    outcomes = [drive.reset(DESCRIPTIONS[scene], "ego"), *(drive.step(step[0]) for step in chosen)]
    for outcome, results in zip(outcomes, driven(np.array([scene]), chosen, settings), strict=True):
        np.testing.assert_array_equal(results.observations[0], outcome.observation)
        assert results.rewards[0] == np.float32(outcome.reward)
        assert results.costs[0] == outcome.cost
        assert results.flags[0] == outcome.flags
        np.testing.assert_allclose(results.contact_bearings[0], outcome.contact_bearing, rtol=1e-6)
        assert (results.terminated[0], results.truncated[0]) == (outcome.terminated, outcome.truncated)
        assert results.arrived[0] == outcome.arrived
    touched = [outcome.flags & 7 for outcome in outcomes]
    assert any(touched) is (scene != 2)


def test_neither_number_nor_order_nor_threads_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = actions(24)
    scenes = np.arange(24) % len(SCENES)
    whole = driven(scenes, chosen)
    order = np.random.default_rng(3).permutation(24)
    shuffled = driven(scenes[order], chosen[:, order])
    few = driven(scenes[:5], chosen[:, :5])
    threads = numba.get_num_threads()
    monkeypatch.setattr(batch_module, "ROWS_A_THREAD", 1)  # so that as many as there are have something to do
    alone = driven(scenes, chosen)
    assert numba.get_num_threads() == threads
    for step in range(STEPS + 1):
        for name, values in whole[step]._asdict().items():
            np.testing.assert_array_equal(getattr(shuffled[step], name), values[order], err_msg=name)
            np.testing.assert_array_equal(getattr(few[step], name), values[:5], err_msg=name)
            np.testing.assert_array_equal(getattr(alone[step], name), values, err_msg=name)


def test_an_episode_begins_anew_whatever_came_before() -> None:
    chosen = actions(2)
    batch = Batch(SCENES, 2, SETTINGS)
    batch.reset(np.arange(2), np.array([0, 1]))
    for step in chosen:
        batch.step(step)
    batch.reset(np.array([0]), np.array([1]))
    fresh = Batch(SCENES, 2, SETTINGS)
    fresh.reset(np.arange(2), np.array([1, 1]))
    for step in chosen:
        np.testing.assert_array_equal(batch.results.observations[0], fresh.results.observations[0])
        batch.step(step)
        fresh.step(step)
        assert batch.results.flags[0] == fresh.results.flags[0]


def test_what_cannot_be_driven_is_refused() -> None:
    with pytest.raises(SceneError, match="a batch of 0 environments"):
        Batch(SCENES, 0, SETTINGS)
    with pytest.raises(SceneError, match="no scene"):
        Batch(iter([]), 3, SETTINGS)
    batch = Batch(SCENES, 2, SETTINGS)
    with pytest.raises(SceneError, match="there is no scene 3: they go from 0 to 2"):
        batch.reset(np.array([0]), np.array([3]))
    with pytest.raises(SceneError, match="there is no environment -1"):
        batch.reset(np.array([-1]), np.array([0]))
    batch.reset(np.arange(2), np.zeros(2, np.int64))
    before = batch.states.copy()
    with pytest.raises(SceneError, match=r"actions of shape \(1, 2\): give two numbers for each of 2"):
        batch.step(np.zeros((1, 2)))
    with pytest.raises(SceneError, match=r"the action of environment 1 is \[nan, 0.0\]"):
        batch.step(np.array([[0.0, 0.0], [np.nan, 0.0]]))
    np.testing.assert_array_equal(batch.states, before)
