"""One environment as a vector of one: what a vector gives, without resets that nobody needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from gold_train.environments.point_mass import Layout
from gold_train.environments.point_mass_env import PointMassEnv, PointMassVectorEnv
from gold_train.environments.vector_of_one import VectorOfOne

LAYOUTS = tuple(Layout(str(number), 0.1 * number, 0.1 * number, 0.0) for number in range(3))
"""In which straight on leads to the goal."""


class Counted(PointMassEnv):
    """Counts its resets."""

    resets = 0
    closed = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        self.resets += 1
        return super().reset(seed=seed, options=options)

    def close(self) -> None:
        self.closed = True


def test_it_gives_what_a_vector_gives_whose_next_episode_is_in_the_same_scene() -> None:
    ours, theirs = VectorOfOne(Counted(LAYOUTS)), PointMassVectorEnv(LAYOUTS[1:2], 1)
    for name in ("observation_space", "action_space", "single_observation_space", "single_action_space"):
        assert getattr(ours, name) == getattr(theirs, name)
    asked = {"scene": np.array([1]), "reset_mask": np.ones(1, bool)}
    observations, infos = ours.reset(options=asked)
    expected, others = theirs.reset(options={"scene": 0})
    np.testing.assert_array_equal(observations, expected)
    assert set(infos) == set(others)
    ended = 0
    for _ in range(100):
        step, other = ours.step(np.array([[0.8, 0.0]])), theirs.step(np.array([[0.8, 0.0]]))
        np.testing.assert_array_equal(step[0], other[0])
        assert [values.tolist() for values in step[1:4]] == [values.tolist() for values in other[1:4]]
        assert set(step[4]) == set(other[4])
        for name in ("cost", "flags", "completion", "speed", "arrived", "scenario_id"):
            assert step[4][name].tolist() == other[4][name].tolist(), name
        if "final_info" in other[4]:
            ended += 1
            np.testing.assert_array_equal(step[4]["final_obs"][0], other[4]["final_obs"][0])
            assert step[4]["final_info"]["completion"].tolist() == other[4]["final_info"]["completion"].tolist()
    assert ended >= 2


def test_an_episode_that_nobody_drives_costs_no_reset() -> None:
    env = Counted(LAYOUTS)
    one = VectorOfOne(env)
    for scene in (0, 1, 2):
        one.reset(options={"scene": np.array([scene])})
        while not any(one.step(np.array([[0.8, 0.0]]))[2]):
            pass
    assert env.resets == 3
    one.step(np.zeros((1, 2)))
    assert env.resets == 4
    one.close()
    assert env.closed


def test_it_must_be_begun() -> None:
    with pytest.raises(ResetNeeded):
        VectorOfOne(PointMassEnv(LAYOUTS)).step(np.zeros((1, 2)))
