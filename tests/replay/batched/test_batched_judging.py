"""Reward, cost and ends of the kernels: those of the functions on one scene, bit for bit."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.replay import ends, reward
from gold_data.replay.batched import judging
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import MAX_LATERAL
from gold_data.replay.route import Place
from gold_data.settings import EndSettings

ANGLES = st.floats(-10, 10)


@given(st.floats(-20, 300), st.floats(-20, 300), st.floats(-9, 9), ANGLES, ANGLES, st.floats(-1, 1), st.floats(0, 45))
@settings(max_examples=300, deadline=None)
def test_the_dense_reward_is_that_of_one_scene(
    before: float, longitude: float, lateral: float, there: float, heading: float, steering: float, speed: float
) -> None:
    expected = reward.driving_reward(before, Place(longitude, lateral, there), heading, steering, speed)
    assert judging.driving_reward(before, longitude, lateral, there, heading, steering, speed) == expected


@given(st.floats(-20, 300), st.floats(-9, 9), st.floats(0.1, 250))
@settings(max_examples=300, deadline=None)
def test_standing_and_ends_are_those_of_one_scene(longitude: float, lateral: float, length: float) -> None:
    expected = ends.standing(Place(longitude, lateral, 0.0), length)
    now = judging.standing(longitude, lateral, length)
    assert tuple(now) == (expected.arrived, expected.out_of_road, expected.turned_back)
    for end in ("arrival", "record"):
        assert judging.is_terminated(now, end == "record") == ends.terminated(expected, EndSettings(end=end))


def test_the_limits_themselves_count_as_inside() -> None:
    assert tuple(judging.standing(95.0, 4.0, 100.0)) == (False, False, False)
    assert tuple(judging.standing(0.0, 0.0, 1.9)) == (True, False, False)
    assert tuple(judging.standing(-10.1, -4.1, 100.0)) == (False, True, True)


def test_penalties_and_costs_are_those_of_one_scene_for_all_flags_and_ends() -> None:
    for bits, arrived, out in itertools.product(range(128), (False, True), (False, True)):
        expected = reward.reward(0.7, Flag(bits), ends.Standing(arrived, out, False))
        assert judging.reward(0.7, bits, judging.Standing(arrived, out, False)) == expected
        assert judging.cost(bits) == reward.cost(Flag(bits))


def test_constants_are_those_of_one_scene() -> None:
    assert (judging.ARRIVAL, judging.LEAVING) == (reward.ARRIVAL, reward.OUT_OF_ROAD)
    assert judging.PENALTY == reward.CONTACT == reward.SOLID_LINE
    assert (judging.MAX_LATERAL, judging.ARRIVED, judging.MIN_ROUTE) == (MAX_LATERAL, ends.ARRIVED, ends.MIN_ROUTE)
