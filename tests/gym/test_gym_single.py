"""One environment: gymnasium's own checks, that it is a drive, seeds and options."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Literal

import numpy as np
import pytest
from gym_material import SCENES, SETTINGS
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from numpy.typing import NDArray

from gold_data.errors import SceneError, SettingsError
from gold_data.gym import DrivingEnv
from gold_data.replay import Drive, Flag, Outcome, StartOffset
from gold_data.replay.batched.engine import Batched

FORWARD = np.array([0.05, 0.7], np.float32)


@pytest.fixture
def environment() -> Iterator[DrivingEnv]:
    with closing(DrivingEnv(SCENES, SETTINGS)) as environment:
        yield environment


@pytest.mark.parametrize("engine", ["batched", "metadrive"])
def test_gymnasium_finds_nothing_wrong(engine: Literal["batched", "metadrive"]) -> None:
    with closing(DrivingEnv(SCENES, SETTINGS, engine=engine)) as environment, warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(environment, skip_render_check=True)  # there is nothing to render


def along(drive: Drive, outcome: Outcome) -> float:
    return drive.scene.route.locate(outcome.readings.x, outcome.readings.y).longitude


@pytest.mark.parametrize("number", range(len(SCENES)))
def test_an_episode_is_what_a_drive_gives(environment: DrivingEnv, number: int) -> None:
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    outcome = drive.reset(SCENES[number].description, "ego")
    observation, info = environment.reset(options={"scene": number})
    np.testing.assert_array_equal(observation, outcome.observation)
    assert (info["cost"], info["flags"], info["arrived"], info["scene"]) == (0, 0, False, number)
    ended = False
    while not ended:
        outcome = drive.step(FORWARD)
        observation, reward, terminated, truncated, info = environment.step(FORWARD)
        assert observation in environment.observation_space
        np.testing.assert_array_equal(observation, outcome.observation)
        assert (reward, terminated, truncated) == (outcome.reward, outcome.terminated, outcome.truncated)
        assert type(reward) is float
        assert (info["cost"], info["flags"], info["arrived"]) == (outcome.cost, outcome.flags, outcome.arrived)
        assert info["completion"] == outcome.completion == pytest.approx(along(drive, outcome) / info["route_length"])
        assert info["speed"] == pytest.approx(outcome.readings.speed, rel=1e-15)
        if outcome.flags & Flag.contact():
            assert info["contact_bearing"] == np.float32(outcome.contact_bearing)
        else:
            assert info["contact_bearing"] == 0
        ended = terminated or truncated
    assert info["scenario_id"] == SCENES[number].scenario_id
    assert (info["ego_id"], info["route_length"]) == ("ego", drive.scene.route.length)
    assert info["frames"] == drive.scene.frames


def test_an_ego_that_stands_is_cut_off_at_the_settings_limit(environment: DrivingEnv) -> None:
    environment.reset(options={"scene": 2})
    ends = [environment.step(np.array([0.0, -1.0]))[2:4] for _ in range(36)]
    assert ends == [(False, False)] * 35 + [(False, True)]


def driven(environment: DrivingEnv, seed: int | None, episodes: int) -> list[tuple[Any, ...]]:
    random = np.random.default_rng(5)
    found: list[tuple[Any, ...]] = []
    for _ in range(episodes):
        observation, info = environment.reset(seed=seed)
        found.append((observation.tobytes(), info))
        for _ in range(10):
            observation, reward, *_, info = environment.step(random.uniform(-1, 1, 2))
            found.append((observation.tobytes(), reward, info))
        seed = None
    return found


def test_a_seed_gives_the_same_episodes_to_the_bit(environment: DrivingEnv) -> None:
    first = driven(environment, 11, 5)
    assert driven(environment, 11, 5) == first
    with closing(DrivingEnv(SCENES, SETTINGS)) as another:
        assert driven(another, 11, 5) == first
    scenes = [one[1]["scenario_id"] for one in first if len(one) == 2]
    assert sorted(scenes[:3]) == sorted(scene.scenario_id for scene in SCENES)


def test_seeds_are_of_different_orders(environment: DrivingEnv) -> None:
    orders = {
        tuple(environment.reset(seed=seed if k == 0 else None)[1]["scene"] for k in range(3)) for seed in range(20)
    }
    assert len(orders) == 6


def test_asking_for_a_scene_leaves_the_order_where_it_is(environment: DrivingEnv) -> None:
    plain = [environment.reset(seed=3 if k == 0 else None)[1]["scene"] for k in range(6)]
    mixed = []
    for k in range(6):
        mixed.append(environment.reset(seed=3 if k == 0 else None)[1]["scene"])
        assert environment.reset(options={"scene": 1})[1]["scene"] == 1
    assert mixed == plain


def test_an_episode_can_start_inside_a_record_and_off_its_pose(environment: DrivingEnv) -> None:
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    offset = StartOffset(left=0.4, heading=0.1)
    expected = drive.reset(SCENES[0].description, "ego", 12, offset).observation
    observation, _ = environment.reset(options={"scene": 0, "start": 12, "offset": offset})
    np.testing.assert_array_equal(observation, expected)
    at_start, _ = environment.reset(options={"scene": 0})
    assert (observation != at_start).any()


def test_named_blocks_are_those_of_the_whole(environment: DrivingEnv) -> None:
    whole, _ = environment.reset(options={"scene": 0})
    with closing(DrivingEnv(SCENES, SETTINGS, blocks=["ego", "side"])) as few:
        observation, _ = few.reset(options={"scene": 0})
        assert observation in few.observation_space
        np.testing.assert_array_equal(observation, np.concatenate([whole[12:19], whole[:12]]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": 3}, "no option 'speed' to reset with; there are scene, start, offset"),
        ({"scene": 3}, "scenes are numbered from 0 to 2"),
        ({"scene": -1}, "scene -1"),
        ({"scene": "car"}, "scene car"),
        ({"scene": 2, "start": 23}, "scenario nobody: start 23 leaves no step; choose 0 to 22"),
        ({"scene": 2, "start": -1}, "start -1"),
        ({"offset": (0.0, 0.4)}, "StartOffset"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(environment: DrivingEnv, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        environment.reset(options=options)


@pytest.mark.parametrize("action", [np.array([np.nan, 0]), np.array([0, np.inf]), np.zeros(3), np.zeros((1, 2))])
def test_what_is_no_action_is_refused(environment: DrivingEnv, action: NDArray[np.float64]) -> None:
    environment.reset(seed=0)
    with pytest.raises(SceneError, match="give two numbers"):
        environment.step(action)


def test_wrong_use_is_told(environment: DrivingEnv) -> None:
    with pytest.raises(ResetNeeded):
        environment.step(FORWARD)
    with pytest.raises(SceneError, match="no scene"):
        DrivingEnv([], SETTINGS)
    with pytest.raises(SettingsError, match="no engine 'carla'"):
        DrivingEnv(SCENES, SETTINGS, engine="carla")  # type: ignore[arg-type]


def test_closing_twice_is_closing(environment: DrivingEnv) -> None:
    environment.reset(seed=0)
    environment.close()
    environment.close()
