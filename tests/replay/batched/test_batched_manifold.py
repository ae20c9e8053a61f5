"""Points of contact that are kept from substep to substep."""

from __future__ import annotations

from typing import Any

import numpy as np

from gold_data.replay.batched.impact import others
from gold_data.replay.batched.manifold import SLOTS, find_again, refresh
from gold_data.replay.batched.meeting import Point
from gold_data.replay.batched.rigid_body import Quaternion, Vector, axes_of

LEVEL = axes_of(Quaternion(0.0, 0.0, 0.0, 1.0))
ORIGIN = Vector(0.0, 0.0, 0.5)
BREAKING = 0.06


def _row() -> Any:
    row = others(1).view(np.recarray)[0]
    row.x, row.y, row.cos, row.sin, row.middle = 0.0, 4.0, 0.0, 1.0, 0.5
    return row


def _found(row: Any, x: float, y: float = 2.0, z: float = 0.5, depth: float = 0.02) -> None:
    find_again(row, LEVEL, ORIGIN, BREAKING, Point(x, y, depth), z, 0.0, -1.0)


def test_a_point_found_again_keeps_its_impulses() -> None:
    row = _row()
    _found(row, 0.5)
    row.impulse[0] = 7.0, 2.0, 1.0
    _found(row, 0.54)
    assert row.points == 1
    np.testing.assert_array_equal(row.impulse[0], (7.0, 2.0, 1.0))
    np.testing.assert_allclose(row.arm[0], (0.54, 2.02, 0.0))  # on the ego, deeper in the other
    np.testing.assert_allclose(row.other_arm[0], (0.54, -2.0, 0.0))
    _found(row, 0.7)
    assert row.points == 2
    np.testing.assert_array_equal(row.impulse[1], 0.0)


def test_points_follow_their_bodies() -> None:
    row = _row()
    _found(row, 0.5)
    row.y += 0.05
    refresh(row, LEVEL, Vector(0.0, 0.01, 0.5), BREAKING)
    assert row.points == 1
    np.testing.assert_allclose(row.distance[0], -0.02 + 0.05 - 0.01)
    np.testing.assert_allclose(row.arm[0], (0.5, 2.02, 0.0))


def test_what_comes_apart_or_slides_away_is_dropped() -> None:
    for moved_x, moved_y, points in ((0.0, 0.07, 2), (0.0, 0.09, 0), (0.05, 0.0, 2), (0.07, 0.0, 0)):
        row = _row()
        _found(row, 0.5)
        _found(row, -0.5)
        row.x, row.y = row.x + moved_x, row.y + moved_y
        refresh(row, LEVEL, ORIGIN, BREAKING)
        assert row.points == points, (moved_x, moved_y)


def test_the_last_point_takes_the_place_of_one_that_is_dropped() -> None:
    row = _row()
    for number, x in enumerate((-0.5, 0.0, 0.5)):
        _found(row, x)
        row.impulse[number] = number
    row.on_other[0, 0] += 0.2
    refresh(row, LEVEL, ORIGIN, BREAKING)
    assert row.points == 2
    np.testing.assert_array_equal(row.impulse[:2, 0], (2.0, 1.0))


def test_a_fifth_point_leaves_the_deepest_and_the_widest() -> None:
    row = _row()
    for x, z, depth in ((-0.5, 0.5, 0.01), (0.0, 1.0, 0.03), (0.5, 0.5, 0.01), (0.5, 1.5, 0.01)):
        _found(row, x, z=z, depth=depth)
    row.impulse[:] = 5.0
    _found(row, -0.5, z=1.5, depth=0.02)
    assert row.points == SLOTS
    changed = [slot for slot in range(SLOTS) if row.impulse[slot, 0] == 0.0]
    assert len(changed) == 1
    assert changed != [1]
