from __future__ import annotations

import numpy as np
import pytest
from gym_material import SCENES
from replay_material import STRAIGHT, settings_with, straight

from gold_data.errors import SceneError
from gold_data.gym import Demonstrations, Drawn, EgoScene
from gold_data.settings import ConvertSettings
from gold_data.trajectories.trajectory import to_go

FREE = (SCENES[2], EgoScene(straight(STRAIGHT, name="long"), "ego"))
"""Without anybody in the way."""


@pytest.fixture(scope="module")
def demonstrations() -> Demonstrations:
    return Demonstrations(FREE, ConvertSettings())


def equal(one: Drawn, other: Drawn) -> bool:
    return set(one.columns) == set(other.columns) and all(
        np.array_equal(one.columns[name], other.columns[name]) for name in one.columns
    )


def test_drives_are_a_function_of_name_and_number(demonstrations: Demonstrations) -> None:
    drawn = demonstrations.draw(12, "a")
    assert equal(Demonstrations(FREE, ConvertSettings()).draw(12, "a"), drawn)
    assert not equal(demonstrations.draw(12, "b"), drawn)
    assert demonstrations.ids == [f"{scene.scenario_id}/ego" for scene in FREE]


def test_columns_are_those_of_a_cache(demonstrations: Demonstrations) -> None:
    drawn = demonstrations.draw(12, "a")
    columns, steps = drawn.columns, int(drawn.first[-1])
    assert set(columns) == {
        "observations", "actions", "expert_actions", "rewards", "costs", "returns_to_go", "costs_to_go", "timesteps",
    }  # fmt: skip
    assert {len(values) for values in columns.values()} == {steps}
    assert len(drawn.first) == len(drawn.scenes) + 1
    for first, last in zip(drawn.first[:-1], drawn.first[1:], strict=True):
        assert columns["timesteps"][first:last].tolist() == list(range(last - first))
        np.testing.assert_array_equal(columns["returns_to_go"][first:last], to_go(columns["rewards"][first:last]))
        # The drive ends where it arrives.
        assert columns["rewards"][last - 1] == 5.0
    assert not columns["costs"].any()


def test_scenes_take_turns(demonstrations: Demonstrations) -> None:
    scenes = demonstrations.draw(40, "a").scenes
    assert np.bincount(scenes).max() <= 20
    assert np.bincount(scenes).min() >= 12  # some drives are not kept


def test_some_columns_of_the_observation(demonstrations: Demonstrations) -> None:
    every = demonstrations.draw(6, "a").columns
    some = demonstrations.draw(6, "a", np.array([30, 2])).columns
    np.testing.assert_array_equal(some["observations"], every["observations"][:, [30, 2]])
    np.testing.assert_array_equal(some["actions"], every["actions"])


def test_where_no_drive_arrives_without_cost_there_is_nothing_to_show() -> None:
    # The walker stands where the record passes.
    blocked = Demonstrations(SCENES[1:2], settings_with(demonstrations={"inside": 0.0, "moved": 0.0, "noisy": 0.0}))
    with pytest.raises(SceneError, match="none of 3 disturbed drives arrives without cost"):
        blocked.draw(3, "a")
