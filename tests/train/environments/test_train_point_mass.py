"""The toy by hand, and its expert by the figures that the study measured (algorithms 3.2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.errors import SceneError
from gold_data.replay import Flag
from gold_train.environments.point_mass import LIMIT, Layout, Points, layout_of

ALONG = Layout("along", 0.1, 0.1, 0.1)


def points(*layouts: Layout) -> Points:
    made = Points(layouts, len(layouts))
    made.begin(np.arange(len(layouts)), np.arange(len(layouts)))
    return made


def test_one_step_by_hand() -> None:
    made = points(Layout("one", -0.2, 0.3, 0.05))
    np.testing.assert_allclose(made.observations[0], [-0.8, -0.2, 0, 0, 1.8, 0.5, 0.8, 0.25, 0.5], rtol=1e-6)
    made.step(np.array([[1.0, -0.5]]))
    position, velocity = (-0.8 + 0.012, -0.2 - 0.006), (0.12, -0.06)
    front = position[0] + 1.3 - 0.055
    seen = [*position, *velocity, 1 - position[0], 0.3 - position[1], -position[0], 0.05 - position[1], front]
    np.testing.assert_allclose(made.observations[0], seen, rtol=1e-6)
    nearer = math.hypot(1.8, 0.5) - math.hypot(1 - position[0], 0.3 - position[1])
    assert made.results.rewards[0] == pytest.approx(5 * nearer, rel=1e-6)
    assert made.completion[0] == pytest.approx(nearer / math.hypot(1.8, 0.5))
    assert made.speed[0] == pytest.approx(math.hypot(*velocity))
    made.step(np.zeros((1, 2)))
    np.testing.assert_allclose(made.velocity[0], 0.9 * np.array(velocity))


def test_actions_are_clipped_and_rounded_to_what_is_stored() -> None:
    one, other = points(ALONG), points(ALONG)
    one.step(np.array([[7.0, 0.1]]))
    other.step(np.array([[1.0, np.float32(0.1)]]))
    np.testing.assert_array_equal(one.velocity, other.velocity)


def test_straight_on_leads_through_the_hazard_to_the_goal() -> None:
    made = points(ALONG)
    flags, costs = [], []
    while not made.results.terminated[0]:
        made.step(np.array([[0.6, 0.0]]))
        inside = abs(made.position[0, 0]) < 0.35
        assert made.results.costs[0] == inside
        assert np.isnan(made.results.contact_bearings[0]) != inside
        flags.append(made.results.flags[0])
        costs.append(made.results.costs[0])
    assert made.arrived[0]
    assert abs(1 - made.position[0, 0]) < 0.12
    assert made.results.rewards[0] > 5
    assert {int(flag) for flag in flags} == {0, Flag.CONTACT_OBJECT | Flag.OTHER_PARKED | Flag.AT_FAULT}
    assert sum(costs) > 5


def test_who_stands_still_is_swept_for_51_steps_and_cut_off_after_60() -> None:
    made = points(ALONG)
    costs, ends = [], []
    for _ in range(LIMIT):
        made.step(np.zeros((1, 2)))
        costs.append(made.results.costs[0])
        ends.append(bool(made.results.truncated[0]))
    assert sum(costs) == 51
    assert ends == [False] * 59 + [True]
    assert not made.results.terminated[0]
    assert made.results.flags[0] == Flag.CONTACT_VEHICLE
    assert made.results.contact_bearings[0] == math.pi


def test_a_wall_stops_what_runs_into_it() -> None:
    made = points(ALONG)
    for _ in range(40):
        made.step(np.array([[0.1, 1.0]]))
    assert made.position[0, 1] == 1.5
    assert made.velocity[0, 1] == 0
    assert made.velocity[0, 0] > 0


def test_random_pushes_get_nowhere() -> None:
    made = points(*(layout_of(str(number)) for number in range(200)))
    random, costs = np.random.default_rng(0), np.zeros(200)
    for _ in range(LIMIT):
        made.step(random.uniform(-1, 1, (200, 2)))
        costs += made.results.costs
    assert not made.arrived.any()
    assert 50 < costs.mean() < 52


@settings(max_examples=50, deadline=None)
@given(name=st.text(max_size=20))
def test_a_name_is_a_scene(name: str) -> None:
    layout = layout_of(name)
    assert layout == layout_of(name)
    assert layout != layout_of(f"{name}0")
    assert max(abs(layout.start), abs(layout.goal)) <= 0.3
    assert abs(layout.hazard) <= 0.15


def test_a_point_depends_on_its_scene_and_actions_alone() -> None:
    layouts = [layout_of(str(number)) for number in range(4)]
    pushes = np.random.default_rng(1).uniform(-1, 1, (20, 4, 2))
    together, alone = points(*layouts), points(layouts[2])
    for push in pushes:
        together.step(push)
        alone.step(push[2:3])
        np.testing.assert_array_equal(together.observations[2], alone.observations[0])
        assert together.results.rewards[2] == alone.results.rewards[0]


def test_wrong_use_is_told() -> None:
    with pytest.raises(SceneError, match="0 points in 1 scenes"):
        Points([ALONG], 0)
    with pytest.raises(SceneError, match="2 points in 0 scenes"):
        Points([], 2)
    for actions in (np.zeros((2, 2)), np.zeros((1, 3)), np.array([[0, np.nan]])):
        with pytest.raises(SceneError, match="give two numbers for each of 1"):
            points(ALONG).step(actions)
