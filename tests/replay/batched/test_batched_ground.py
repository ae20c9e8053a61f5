"""The chassis on the ground."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from gold_data.replay.batched.ground import MANIFOLD, SUBSTEP, find_points, is_near, push_back
from gold_data.replay.batched.rigid_body import Quaternion, Vector, axes_of

LEVEL = axes_of(Quaternion(0.0, 0.0, 0.0, 1.0))
NOTHING = Vector(0.0, 0.0, 0.0)


def _rolled(angle: float) -> Quaternion:
    return Quaternion(0.0, math.sin(angle / 2), 0.0, math.cos(angle / 2))


def _on_all_corners() -> NDArray[np.float64]:
    """Each corner is found where it is the lowest."""
    manifold = np.zeros(MANIFOLD)
    for x, y in ((1e-5, 1e-5), (1e-5, -1e-5), (-1e-5, 1e-5), (-1e-5, -1e-5)):
        find_points(manifold, axes_of(Quaternion(x, y, 0.0, 1.0)), NOTHING)
    return manifold


def test_only_a_chassis_near_the_ground_is_near() -> None:
    assert is_near(LEVEL, 0.06)
    assert not is_near(LEVEL, 0.07)
    rolled = axes_of(_rolled(0.2))
    assert is_near(rolled, math.sin(0.2) * 0.926 + 0.06)
    assert not is_near(rolled, math.sin(0.2) * 0.926 + 0.07)
    assert is_near(axes_of(_rolled(math.pi)), 1.19)  # on its roof


def test_a_falling_chassis_is_stopped_and_not_thrown_up() -> None:
    manifold = _on_all_corners()
    assert manifold[0] == 4
    for _ in range(3):  # the solver's rounds do not get to the end in one substep
        velocity, spin = push_back(manifold, LEVEL, 0.0, Vector(0.0, 0.0, -1.0), NOTHING, NOTHING)
    assert abs(velocity.z) < 0.05
    assert math.hypot(*spin) < 0.05


def test_a_chassis_in_the_ground_comes_out_slowly() -> None:
    manifold = _on_all_corners()
    velocity, _ = push_back(manifold, LEVEL, -0.01, NOTHING, NOTHING, NOTHING)
    assert 0.0 < velocity.z < 2 * 0.2 * 0.01 / SUBSTEP


def test_what_rises_is_not_held() -> None:
    manifold = np.zeros(MANIFOLD)
    find_points(manifold, LEVEL, NOTHING)
    velocity, spin = push_back(manifold, LEVEL, 0.0, Vector(3.0, 2.0, 1.0), NOTHING, NOTHING)
    assert velocity == Vector(3.0, 2.0, 1.0)
    assert spin == NOTHING
    find_points(manifold, LEVEL, Vector(0.0, 0.0, 0.5))
    assert manifold[0] == 0


def test_a_chassis_above_may_fall_on_to_the_ground_in_one_substep() -> None:
    manifold = np.zeros(MANIFOLD)
    find_points(manifold, LEVEL, Vector(0.0, 0.0, 0.01))
    slow = Vector(0.0, 0.0, -0.4 * 0.01 / SUBSTEP)
    velocity, _ = push_back(manifold, LEVEL, 0.01, slow, NOTHING, NOTHING)
    assert velocity == slow


@pytest.mark.parametrize("sliding", [Vector(5.0, 0.0, -1.0), Vector(0.0, -5.0, -1.0), Vector(-3.0, 4.0, -1.0)])
def test_friction_brakes_at_most_by_its_share_of_the_weight(sliding: Vector) -> None:
    manifold = np.zeros(MANIFOLD)
    find_points(manifold, LEVEL, NOTHING)
    velocity, _ = push_back(manifold, LEVEL, 0.0, sliding, NOTHING, NOTHING)
    weight = manifold[1 + 5]
    assert weight > 0
    for row in (6, 7):
        assert abs(manifold[1 + row]) <= 0.45 * weight + 1e-9
    assert math.hypot(velocity.x, velocity.y) < math.hypot(sliding.x, sliding.y)
