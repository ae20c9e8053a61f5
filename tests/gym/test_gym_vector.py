"""Many environments: what gymnasium's own vector of single ones does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from gym_material import SCENES, SETTINGS
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from gold_data.errors import SceneError, SettingsError
from gold_data.gym import DrivingEnv, DrivingVectorEnv
from gold_data.replay.batched.tracking import track_batched

NUMBER, STEPS = 5, 130


def equal(ours: Any, theirs: Any, place: str = "infos") -> None:
    """Values, names and masks are the same; numbers have the same types."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), place
        for name in theirs:
            equal(ours[name], theirs[name], f"{place}/{name}")
    elif theirs is None:
        assert ours is None, place
    else:
        assert ours.dtype == theirs.dtype, place
        if ours.dtype == object:
            for one, other in zip(ours, theirs, strict=True):
                assert np.array_equal(one, other), place
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=place)


def actions(number: int = NUMBER) -> NDArray[np.float32]:
    """(STEPS, B, 2) of egos that go, each its own way."""
    random = np.random.default_rng(7)
    return random.normal([0.0, 0.4], [0.05, 0.3], (STEPS, number, 2)).clip(-1, 1).astype(np.float32)


@pytest.mark.parametrize("blocks", [None, ("pace", "ego")])
def test_it_is_gymnasiums_vector_of_single_environments(blocks: Sequence[str] | None) -> None:
    ours = DrivingVectorEnv(SCENES, NUMBER, SETTINGS, blocks=blocks)
    make = partial(DrivingEnv, SCENES, SETTINGS, blocks=blocks)
    theirs = SyncVectorEnv([make] * NUMBER, autoreset_mode=AutoresetMode.SAME_STEP)
    assert ours.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert ours.observation_space == theirs.observation_space
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.action_space == theirs.action_space
    assert ours.single_action_space == theirs.single_action_space
    for observations, infos in zip(*(env.reset(seed=40) for env in (ours, theirs)), strict=True):
        equal(observations, infos)
    ended = np.zeros(2, int)
    for given in actions():
        step, expected = ours.step(given), theirs.step(given)
        np.testing.assert_array_equal(step[0], expected[0])
        np.testing.assert_array_equal(step[1], np.float32(expected[1]))
        np.testing.assert_array_equal(step[2], expected[2])
        np.testing.assert_array_equal(step[3], expected[3])
        equal(step[4], expected[4])
        ended += step[2].sum(), step[3].sum()
    assert (ended > 0).all()
    ours.close()
    theirs.close()


def test_the_final_observation_is_the_last_one_of_the_episode_that_ended() -> None:
    env, single = DrivingVectorEnv(SCENES, 2, SETTINGS), DrivingEnv(SCENES, SETTINGS)
    first, infos = env.reset(seed=1, options={"scene": 2})
    observation, _ = single.reset(options={"scene": 2})
    np.testing.assert_array_equal(first[0], observation)
    given = np.array([[0.0, 0.8], [0.0, -1.0]])
    terminated = np.zeros(2, bool)
    while not terminated.any():
        observation, reward, *_, last = single.step(given[0])
        observations, rewards, terminated, _, infos = env.step(given)
    assert terminated.tolist() == infos["_final_obs"].tolist() == [True, False]
    np.testing.assert_array_equal(infos["final_obs"][0], observation)
    assert infos["final_obs"][1] is None
    assert infos["final_info"]["arrived"].tolist() == [last["arrived"], False] == [True, False]
    assert rewards[0] == np.float32(reward)
    fresh, _ = single.reset(options={"scene": int(infos["scene"][0])})
    np.testing.assert_array_equal(observations[0], fresh)
    assert not infos["arrived"].any()


def rounds(env: DrivingVectorEnv, seed: int, number: int) -> list[bytes]:
    """All that the first environments give, as bytes."""
    observations, infos = env.reset(seed=seed)
    found = [observations[:number].tobytes(), infos["scene"][:number].tobytes()]
    for given in actions(8)[:, : env.num_envs]:
        *arrays, infos = env.step(given)
        found += [values[:number].tobytes() for values in arrays]
        told = ("cost", "flags", "scene", "completion", "speed")
        found += [infos[name][:number].tobytes() for name in told]
    return found


def test_a_seed_gives_the_same_to_the_bit_whatever_the_number() -> None:
    env = DrivingVectorEnv(SCENES, 4, SETTINGS)
    first = rounds(env, 9, 4)
    assert rounds(env, 9, 4) == first
    assert rounds(DrivingVectorEnv(SCENES, 8, SETTINGS), 9, 4) == first
    assert rounds(env, 90, 4) != first


def test_what_was_given_is_not_written_over() -> None:
    env = DrivingVectorEnv(SCENES, 3, SETTINGS)
    observations, infos = env.reset(seed=0)
    *arrays, later = env.step(np.ones((3, 2)))
    given = [observations, *arrays, *infos.values(), *later.values()]
    copies = [values.copy() for values in given]
    for _ in range(60):
        env.step(np.ones((3, 2)))
    for values, copied in zip(given, copies, strict=True):
        np.testing.assert_array_equal(values, copied)


def test_another_number_drives_the_same_scenes_on_its_own() -> None:
    env = DrivingVectorEnv(SCENES, 2, SETTINGS)
    first = rounds(env, 9, 2)
    more = env.another(5)
    assert (more.num_envs, env.num_envs) == (5, 2)
    assert more.observation_space.shape == (5, *(env.single_observation_space.shape or ()))
    with pytest.raises(ResetNeeded):
        more.step(np.zeros((5, 2)))
    observations, _ = env.reset(seed=1)
    given = np.full((2, 2), 0.3)
    assert rounds(more, 9, 2) == first
    fresh = DrivingVectorEnv(SCENES, 2, SETTINGS)
    np.testing.assert_array_equal(fresh.reset(seed=1)[0], observations)
    np.testing.assert_array_equal(fresh.step(given)[0], env.step(given)[0])
    with pytest.raises(SceneError, match="a batch of 0 environments"):
        env.another(0)


def test_some_can_be_reset_while_the_others_drive_on() -> None:
    env = DrivingVectorEnv(SCENES, 3, SETTINGS)
    env.reset(seed=0, options={"scene": np.array([0, 1, 2])})
    before, *_ = env.step(np.full((3, 2), 0.5))
    mask = np.array([False, True, False])
    observations, infos = env.reset(seed=[None, 4, None], options={"reset_mask": mask})
    np.testing.assert_array_equal(observations[~mask], before[~mask])
    assert (observations[1] != before[1]).any()
    assert infos["_scene"].tolist() == mask.tolist()
    assert infos["scenario_id"][0] is None
    assert infos["scene"][1] == DrivingEnv(SCENES, SETTINGS).reset(seed=4)[1]["scene"]


@pytest.mark.parametrize(
    ("seed", "options", "message"),
    [
        ([1, 2], {}, "2 seeds for 3 environments"),
        (None, {"start": 3}, "no option 'start' to reset with; there are scene, reset_mask, variation"),
        (None, {"scene": 3}, "numbered from 0 to 2"),
        (None, {"scene": [0, 1]}, "2 scenes for 3 environments"),
        (None, {"scene": 0.5}, "scene 0.5"),
        (None, {"reset_mask": np.zeros(3, bool)}, "True at least once"),
        (None, {"reset_mask": np.ones(2, bool)}, "give 3 times"),
    ],
)
def test_what_cannot_be_reset_is_refused(seed: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        DrivingVectorEnv(SCENES, 3, SETTINGS).reset(seed=seed, options=options)


def test_wrong_use_is_told() -> None:
    env = DrivingVectorEnv(SCENES, 3, SETTINGS)
    with pytest.raises(ResetNeeded):
        env.step(np.zeros((3, 2)))
    env.reset(seed=0, options={"reset_mask": np.array([True, True, False])})
    with pytest.raises(ResetNeeded):
        env.step(np.zeros((3, 2)))
    env.reset(seed=0)
    with pytest.raises(SceneError, match=r"actions of shape \(2, 2\): give two numbers for each of 3"):
        env.step(np.zeros((2, 2)))
    with pytest.raises(SceneError, match="the action of environment 2"):
        env.step(np.array([[0.0, 0.0], [0.0, 0.0], [0.0, np.nan]]))
    with pytest.raises(SceneError, match="a batch of 0 environments"):
        DrivingVectorEnv(SCENES, 0, SETTINGS)
    with pytest.raises(SceneError, match="no scene"):
        DrivingVectorEnv([], 3, SETTINGS)


def test_the_expert_tells_what_the_tracker_would_do_whoever_drives() -> None:
    ours = DrivingVectorEnv(SCENES, NUMBER, SETTINGS, expert=True)
    make = partial(DrivingEnv, SCENES, SETTINGS, expert=True)
    theirs = SyncVectorEnv([make] * NUMBER, autoreset_mode=AutoresetMode.SAME_STEP)
    (_, infos), (_, expected) = ours.reset(seed=40), theirs.reset(seed=40)
    asked = [infos["expert_actions"]]
    ends = 0
    for given in actions():
        np.testing.assert_allclose(infos["expert_actions"], expected["expert_actions"], atol=1e-6)
        *_, terminated, truncated, infos = ours.step(given)
        expected = theirs.step(given)[4]
        asked.append(infos["expert_actions"])
        over = terminated | truncated
        if over.any():
            ends += over.sum()
            final, last = (told["final_info"]["expert_actions"][over] for told in (infos, expected))
            np.testing.assert_allclose(final, last, atol=1e-6)
    assert ends > 0
    assert np.ptp(np.concatenate(asked), axis=0).min() > 0.5
    assert "expert_actions" not in DrivingVectorEnv(SCENES, 1, SETTINGS).reset()[1]
    theirs.close()


def test_who_does_what_the_expert_says_drives_as_the_tracker_does() -> None:
    env = DrivingVectorEnv(SCENES, 3, SETTINGS, expert=True).another(2)
    for scene in range(len(SCENES)):
        expected = track_batched(SCENES[scene].description, "ego", SETTINGS)
        _, infos = env.reset(options={"scene": [scene, 0]})
        for step in range(expected.length):
            np.testing.assert_array_equal(infos["expert_actions"][0], expected.expert_actions[step])
            *_, infos = env.step(infos["expert_actions"])
        assert infos["_final_info"][0]


def test_the_expert_of_others_is_not_asked_again_where_some_are_reset() -> None:
    env = DrivingVectorEnv(SCENES, 2, SETTINGS, expert=True)
    undisturbed: list[NDArray[np.float32]] = []
    disturbed: list[NDArray[np.float32]] = []
    for found, resets in ((undisturbed, False), (disturbed, True)):
        _, infos = env.reset(options={"scene": [1, 2]})
        for given in actions(2)[:20] * [0.5, 1.0]:
            found.append(infos["expert_actions"][0])
            *_, infos = env.step(given)
            if resets:
                _, again = env.reset(options={"scene": [1, 2], "reset_mask": np.array([False, True])})
                assert not again["expert_actions"][0].any()
    np.testing.assert_array_equal(np.array(undisturbed), np.array(disturbed))
