"""Scenes that no engine can drive, at gymnasium's doors: one sentence that names scene and field."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from bad_scenes import BAD, bad
from gym_material import SCENES, SETTINGS

from gold_data.errors import SceneError, SettingsError
from gold_data.gym import DrivingEnv, DrivingVectorEnv, EgoScene

SPOILT = [name for name in BAD if name != "no step"]


@pytest.mark.parametrize("name", SPOILT)
def test_both_refuse_it_by_name(name: str) -> None:
    bad_scene = EgoScene(bad(name), "ego")
    with (
        closing(DrivingEnv([SCENES[0], bad_scene], SETTINGS)) as environment,
        pytest.raises(SceneError, match=f"^scene bad: {BAD[name][1]}"),
    ):
        environment.reset(options={"scene": 1})
    with pytest.raises(SceneError, match=f"^scene bad: {BAD[name][1]}"):
        DrivingVectorEnv([SCENES[0], bad_scene], 2, SETTINGS)


def test_the_other_scenes_are_driven_on() -> None:
    with closing(DrivingEnv([SCENES[0], EgoScene(bad("car nowhere"), "ego")], SETTINGS)) as environment:
        with pytest.raises(SceneError):
            environment.reset(options={"scene": 1})
        observation, info = environment.reset(options={"scene": 0})
        assert info["scenario_id"] == "car"
        assert np.isfinite(observation).all()


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (EgoScene(bad("no step"), "ego"), "scenario bad: start 0 leaves no step"),
        (EgoScene(SCENES[0].description, "nobody"), "scenario car: has no ego 'nobody'"),
    ],
)
def test_a_wrong_choice_is_a_setting(scene: EgoScene, said: str) -> None:
    with closing(DrivingEnv([scene], SETTINGS)) as environment, pytest.raises(SettingsError, match=said):
        environment.reset()
    with pytest.raises(SettingsError, match=said):
        DrivingVectorEnv([scene], 2, SETTINGS)


def test_no_environment_is_refused() -> None:
    with pytest.raises(SceneError, match="a batch of 0 environments: ask for one at least"):
        DrivingVectorEnv(SCENES, 0, SETTINGS)
