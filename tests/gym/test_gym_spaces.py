"""Blocks that a policy names."""

from __future__ import annotations

import numpy as np
import pytest

from gold_data.errors import SettingsError
from gold_data.gym.spaces import ChosenBlocks, action_space
from gold_data.replay import blocks, slices
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
LAYOUT = blocks(SETTINGS.simulator.lidar_rays)


def test_all_blocks_are_the_whole_observation_copied() -> None:
    chosen = ChosenBlocks(SETTINGS)
    size = sum(block.size for block in LAYOUT)
    observation = np.arange(size, dtype=np.float32)
    assert chosen.space.shape == (size,)
    taken = chosen(observation)
    np.testing.assert_array_equal(taken, observation)
    assert not np.shares_memory(taken, observation)


def test_blocks_come_in_the_order_in_which_they_are_named() -> None:
    where = slices(LAYOUT)
    chosen = ChosenBlocks(SETTINGS, ["pace", "ego"])
    observations = np.arange(2 * sum(block.size for block in LAYOUT), dtype=np.float32).reshape(2, -1)
    expected = np.concatenate([observations[:, where["pace"]], observations[:, where["ego"]]], axis=1)
    np.testing.assert_array_equal(chosen(observations), expected)
    assert chosen.space.shape == expected.shape[1:]


@pytest.mark.parametrize(
    ("names", "message"),
    [(["radar"], "no block 'radar'; name some of side, ego"), (["ego", "ego"], "twice"), ([], "none does")],
)
def test_what_cannot_be_chosen_is_refused(names: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ChosenBlocks(SETTINGS, names)


def test_actions_are_steering_and_throttle() -> None:
    space = action_space()
    assert space.dtype == np.float32
    assert (space.low.tolist(), space.high.tolist()) == ([-1, -1], [1, 1])
