"""The toy's environments: gymnasium's own checks, and that many are what single ones are."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from gold_data.errors import SettingsError
from gold_train.environments.point_mass import layout_of
from gold_train.environments.point_mass_env import PointMassEnv, PointMassVectorEnv

LAYOUTS = tuple(layout_of(str(number)) for number in range(5))
NUMBER, STEPS = 4, 150


def equal(ours: Any, theirs: Any, place: str = "infos") -> None:
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), place
        for name in theirs:
            equal(ours[name], theirs[name], f"{place}/{name}")
        return
    assert ours.dtype == theirs.dtype, place
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one, other), place


def test_gymnasium_finds_nothing_wrong() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(PointMassEnv(LAYOUTS), skip_render_check=True)


def test_it_is_gymnasiums_vector_of_single_environments() -> None:
    ours = PointMassVectorEnv(LAYOUTS, NUMBER)
    theirs = SyncVectorEnv([partial(PointMassEnv, LAYOUTS)] * NUMBER, autoreset_mode=AutoresetMode.SAME_STEP)
    assert ours.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    for ones, others in zip(ours.reset(seed=3), theirs.reset(seed=3), strict=True):
        equal(ones, others)
    random, ended, step = np.random.default_rng(0), np.zeros(2, int), ours.step(np.zeros((NUMBER, 2)))
    theirs.step(np.zeros((NUMBER, 2)))
    for _ in range(STEPS):
        actions = (0.5 * step[0][:, 4:6] + random.normal(0.0, 0.2, (NUMBER, 2))).clip(-1, 1).astype(np.float32)
        actions[1] = 0.0  # who stands is cut off
        step, expected = ours.step(actions), theirs.step(actions)
        assert step[0] in ours.observation_space
        np.testing.assert_array_equal(step[0], expected[0])
        np.testing.assert_array_equal(step[1], np.float32(expected[1]))
        np.testing.assert_array_equal(step[2:4], expected[2:4])
        equal(step[4], expected[4])
        ended += step[2].sum(), step[3].sum()
    assert (ended > 1).all()


def test_scenes_are_begun_as_asked_while_the_others_go_on() -> None:
    env = PointMassVectorEnv(LAYOUTS, 3)
    first, infos = env.reset(options={"scene": np.array([4, 0, 2])})
    assert infos["scene"].tolist() == [4, 0, 2]
    assert infos["scenario_id"].tolist() == ["4", "0", "2"]
    before, *_ = env.step(np.full((3, 2), 0.5))
    mask = np.array([True, False, False])
    observations, infos = env.reset(options={"scene": np.array([2, 1, 1]), "reset_mask": mask})
    np.testing.assert_array_equal(observations, [first[2], before[1], before[2]])
    assert infos["_scene"].tolist() == mask.tolist()
    assert infos["scenario_id"].tolist() == ["2", None, None]


@pytest.mark.parametrize(
    ("seed", "options", "message"),
    [
        (None, {"start": 3}, "no option 'start' to reset with; there are scene, reset_mask"),
        (None, {"scene": 5}, "numbered from 0 to 4"),
        (None, {"scene": "4"}, "numbered from 0 to 4"),
        (None, {"scene": [0, 1]}, "scene: give one for each of 3"),
        (None, {"reset_mask": np.ones(2, bool)}, "reset_mask: give one for each of 3"),
        ([1, 2], {}, "seed: give one for each of 3"),
    ],
)
def test_what_cannot_be_reset_is_refused(seed: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        PointMassVectorEnv(LAYOUTS, 3).reset(seed=seed, options=options)


def test_who_was_not_begun_cannot_be_pushed() -> None:
    with pytest.raises(ResetNeeded):
        PointMassEnv(LAYOUTS).step(np.zeros(2))
    env = PointMassVectorEnv(LAYOUTS, 2)
    env.reset(options={"reset_mask": np.array([True, False])})
    with pytest.raises(ResetNeeded):
        env.step(np.zeros((2, 2)))
