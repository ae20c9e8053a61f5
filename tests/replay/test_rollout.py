"""What a rollout says of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gold_data.replay import Rollout


@pytest.fixture
def rollout() -> Rollout:
    steps = 4
    states = np.arange((steps + 1) * 7, dtype=np.float64).reshape(steps + 1, 7)
    return Rollout(
        observations=np.zeros((steps + 1, 3), np.float32),
        actions=np.zeros((steps, 2), np.float32),
        expert_actions=np.zeros((steps, 2), np.float32),
        rewards=np.zeros(steps, np.float32),
        costs=np.zeros(steps, np.float32),
        flags=np.zeros(steps, np.uint16),
        contact_bearing=np.full(steps, np.nan, np.float32),
        ego_state=states,
        log_state=states.copy(),
        terminated=True,
        truncated=False,
        arrived=True,
        route_length=30.0,
        start=0,
        start_offset=(0.0, 0.0, 0.0, 0.0),
        noise=0.0,
    )


def test_the_length_is_the_number_of_steps(rollout: Rollout) -> None:
    assert rollout.length == 4


def test_the_displacement_is_in_the_plane_at_every_state(rollout: Rollout) -> None:
    moved = rollout.log_state + np.array([3.0, -4.0, 100.0, 1.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(rollout.displacement, 0.0)
    np.testing.assert_array_equal(replace(rollout, log_state=moved).displacement, np.full(5, 5.0))
