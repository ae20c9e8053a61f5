"""Episodes that differ from their records: how they are drawn, and what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gym_material import SCENES, SETTINGS
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_material import arcs, described, driver, on_path, straight, track

from gold_data.errors import SceneError, SettingsError
from gold_data.gym import DrivingEnv, DrivingVectorEnv, EgoScene, draw_variation
from gold_data.replay import StartOffset, Variation
from gold_data.settings import DemonstrationSettings

FRAMES = 60
CAR = track("VEHICLE", *on_path(20.0 + arcs(np.full(FRAMES, 5.0))))
MET = EgoScene(described(driver(np.full(FRAMES, 5.0)), {"car": CAR}, name="met"), "ego")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 4), st.floats(0, 0.5), st.floats(0, 2), st.floats(0, 1))
def test_a_variation_is_within_its_bounds(seed: int, traffic: float, pace: float, start: float, inside: float) -> None:
    course, bounds = MET.course(), DemonstrationSettings()
    drawn = draw_variation(np.random.default_rng(seed), course, traffic=traffic, pace=pace, start=start, inside=inside)
    assert abs(drawn.traffic) <= traffic * 10 + 0.5
    assert abs(drawn.pace - 1) <= pace
    assert max(0, -drawn.traffic) <= drawn.start <= bounds.latest * course.arrival
    assert (drawn.offset is None) == (not start)
    if drawn.offset:
        assert abs(drawn.offset.left) <= start * bounds.left
        assert abs(drawn.offset.heading) <= start * bounds.heading
    assert drawn == draw_variation(
        np.random.default_rng(seed), course, traffic=traffic, pace=pace, start=start, inside=inside
    )


def test_nothing_varied_is_the_record_to_the_bit() -> None:
    env = DrivingVectorEnv(SCENES, 3, SETTINGS, expert=True)
    scenes = {"scene": np.arange(3)}
    plain = [env.reset(options=scenes)]
    plain += [(step[0], step[-1]) for step in (env.step(np.full((3, 2), 0.2)) for _ in range(10))]
    again = [env.reset(options=scenes | {"variation": [Variation(), None, Variation()]})]
    assert again[0][1]["varied"].tolist() == [True, False, True]
    again += [(step[0], step[-1]) for step in (env.step(np.full((3, 2), 0.2)) for _ in range(10))]
    for (seen, told), (other, infos) in zip(plain, again, strict=True):
        np.testing.assert_array_equal(seen, other)
        for name in ("expert_actions", "completion", "frames", "flags"):
            np.testing.assert_array_equal(told[name], infos[name])


def test_a_start_inside_the_record_and_off_it_is_the_single_environments() -> None:
    offset = StartOffset(left=0.4, heading=0.05, speed=-1.0)
    scene = EgoScene(straight(name="nobody"), "ego")
    env = DrivingVectorEnv([scene], 2, SETTINGS, expert=True)
    single = DrivingEnv([scene], SETTINGS, expert=True)
    seen, infos = env.reset(options={"scene": 0, "variation": [Variation(12, offset), None]})
    other, info = single.reset(options={"scene": 0, "start": 12, "offset": offset})
    steps, ended = 0, np.zeros(2, bool)
    while not ended[0]:
        np.testing.assert_allclose(seen[0], other, atol=2e-4)
        assert infos["frames"].tolist() == [info["frames"], 60]
        for name in ("speed", "expert_actions"):
            np.testing.assert_allclose(infos[name][0], info[name], atol=2e-3)
        given_actions = np.array([info["expert_actions"], [0.0, 0.3]])
        seen, rewards, terminated, truncated, infos = env.step(given_actions)
        other, reward, over, cut, info = single.step(given_actions[0])
        ended, steps = terminated | truncated, steps + 1
        assert rewards[0] == pytest.approx(reward, abs=1e-3)
        assert (terminated[0], truncated[0]) == (over, cut)
    assert steps > 30


def test_others_are_ahead_or_behind_by_the_shift() -> None:
    env = DrivingVectorEnv([MET], 3, SETTINGS, blocks=("neighbours",), expert=True)
    shifts = [Variation(10), Variation(10, traffic=8), Variation(10, traffic=-8)]
    seen, infos = env.reset(options={"scene": 0, "variation": shifts})
    assert infos["varied"].all()
    assert np.isfinite(infos["expert_actions"]).all(axis=1).tolist() == [True, False, False]
    _, first = DrivingVectorEnv([MET], 1, SETTINGS).reset(options={"scene": 0})
    # The car is 20 m ahead, and 4 m further or nearer by the shift: the nearer it is, the larger or smaller the number
    # of its distance, all of which differ.
    assert len({tuple(row) for row in seen.tolist()}) == 3
    assert first["frames"].tolist() == [FRAMES]
    gone = np.abs(seen).sum()
    for _ in range(45):
        seen, *_ = env.step(np.zeros((3, 2)))
    assert gone > 0
    # Behind the end of the record there is no traffic: it comes earlier where the others are ahead.
    nobody = DrivingVectorEnv(SCENES[2:], 1, SETTINGS, blocks=("neighbours",)).reset()[0][0]
    assert [np.array_equal(row, nobody) for row in seen] == [False, True, False]


def test_pace_moves_the_time_to_arrive_and_the_limit() -> None:
    scene = EgoScene(straight(name="nobody"), "ego")
    env = DrivingVectorEnv([scene], 3, SETTINGS, blocks=("pace",), expert=True)
    varied = [Variation(), Variation(pace=0.5), Variation(20, pace=2.0)]
    seen, infos = env.reset(options={"scene": 0, "variation": varied})
    frames = [60, 1 + round(59 * 0.5), 1 + 39 * 2]
    assert infos["frames"].tolist() == frames
    assert np.isfinite(infos["expert_actions"]).all(axis=1).tolist() == [True, False, False]
    needed = seen[:, 2]
    assert needed[1] > 1.9 * needed[0] > 0
    assert needed[2] < 0.7 * needed[0]
    cut = np.zeros(3, int)
    for step in range(1, 130):
        *_, truncated, _ = env.step(np.tile([0.0, -1.0], (3, 1)))
        cut = np.where((cut == 0) & truncated, step, cut)
    assert cut.tolist() == [math.ceil(1.5 * frame) for frame in frames]


def test_who_would_touch_somebody_at_once_begins_as_recorded() -> None:
    env = DrivingVectorEnv([MET], 2, SETTINGS, expert=True)
    on_the_car = StartOffset(forward=20.0)
    plain, _ = env.reset(options={"scene": 0})
    seen, infos = env.reset(options={"scene": 0, "variation": [Variation(5, on_the_car, -3, 1.2), Variation(5)]})
    assert infos["varied"].tolist() == [False, True]
    assert infos["frames"].tolist() == [FRAMES, FRAMES - 5]
    np.testing.assert_array_equal(seen[0], plain[0])
    assert (seen[1] != plain[1]).any()
    assert np.isfinite(infos["expert_actions"]).all()


@pytest.mark.parametrize("variation", [Variation(59), Variation(-1), Variation(5, traffic=-6), Variation(40, pace=0.0)])
def test_what_the_record_has_no_room_for_is_refused(variation: Variation) -> None:
    env = DrivingVectorEnv([MET], 1, SETTINGS)
    with pytest.raises(SceneError, match="does not fit its record of 60"):
        env.reset(options={"scene": 0, "variation": [variation]})
    inside = DrivingVectorEnv([EgoScene(MET.description, "ego", 5)], 1, SETTINGS)
    with pytest.raises(SceneError, match="a whole record alone"):
        inside.reset(options={"scene": 0, "variation": [Variation()]})
    with pytest.raises(SettingsError, match=r"give 1 times a gold_data\.replay\.Variation"):
        env.reset(options={"variation": [None, None]})
