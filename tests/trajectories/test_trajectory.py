from __future__ import annotations

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.trajectories.trajectory import Lineage, Trajectory, to_go


def trajectory(rewards: list[float]) -> Trajectory:
    steps = len(rewards)
    states = np.arange(7.0 * (steps + 1)).reshape(steps + 1, 7)
    return Trajectory(
        scenario_id="a1",
        ego_id="7",
        demonstration=0,
        lineage=Lineage("training/part-0", 12, 345, "a1"),
        observations=np.zeros((steps + 1, 3), np.float32),
        actions=np.zeros((steps, 2), np.float32),
        expert_actions=np.zeros((steps, 2), np.float32),
        rewards=np.array(rewards, np.float32),
        costs=np.array(rewards, np.float32) * 2,
        flags=np.zeros(steps, np.uint16),
        contact_bearing=np.full(steps, np.nan, np.float32),
        ego_state=states + np.array([3, 4, 100, 1, 1, 1, 1]),
        log_state=states,
        terminated=True,
        truncated=False,
        arrived=True,
        route_length=20.0,
        start=0,
        start_offset=(0.0, 0.0, 0.0, 0.0),
        noise=0.0,
    )


def test_sums_to_the_end() -> None:
    episode = trajectory([1.0, -2.0, 4.5])
    assert episode.returns_to_go.tolist() == [3.5, 2.5, 4.5]
    assert episode.costs_to_go.tolist() == [7.0, 5.0, 9.0]
    assert episode.length == 3


def test_displacement_is_in_the_plane() -> None:
    assert trajectory([0.0, 0.0]).displacement.tolist() == [5.0, 5.0, 5.0]


def test_it_cannot_be_changed() -> None:
    episode = trajectory([1.0])
    with pytest.raises(FrozenInstanceError):
        episode.ego_id = "8"  # type: ignore[misc]


@given(st.lists(st.floats(-1e4, 1e4, width=32), max_size=60))
@settings(max_examples=200)
def test_it_is_the_true_sum_rounded_once(values: list[float]) -> None:
    found = to_go(np.array(values, np.float32))
    assert found.dtype == np.float32
    assert found.shape == (len(values),)
    for index, total in enumerate(found):
        true = sum((Fraction(value) for value in values[index:]), Fraction(0))
        below, above = (np.nextafter(total, np.float32(end)) for end in (-np.inf, np.inf))
        # Sixty additions in float64 are off by less than a millionth of a float32's own spacing here.
        slack = Fraction(1, 10**7)
        assert (Fraction(float(below)) + Fraction(float(total))) / 2 - slack <= true
        assert true <= (Fraction(float(above)) + Fraction(float(total))) / 2 + slack


def test_many_small_rewards_are_not_lost() -> None:
    many = np.full(200_000, 0.1, np.float32)
    assert to_go(many)[0] == np.float32(200_000 * float(np.float32(0.1)))
