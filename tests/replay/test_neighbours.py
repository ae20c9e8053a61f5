"""Who is near the ego: against a sort of everyone, at the edges, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import driver, standing, straight, track

from gold_data.replay import make_scene
from gold_data.replay.batched.objects import BODIES, CYCLIST, PEDESTRIAN, POSE, objects_of
from gold_data.replay.neighbours import NEIGHBOURS, NUMBERS, RANGE, lengths_of, write_neighbours

FAST = 160 / 3.6
Ego = tuple[float, float, float, float, float]


def _poses(places: NDArray[np.float64], velocities: NDArray[np.float64], bodies: NDArray[np.int64]) -> NDArray[np.void]:
    poses = np.zeros(len(places), POSE)
    poses["x"], poses["y"] = places.T
    poses["velocity_x"], poses["velocity_y"] = velocities.T
    poses["body"], poses["user"] = bodies, np.arange(len(places))
    return poses


def _block(
    poses: NDArray[np.void], lengths: NDArray[np.float64], ego: Ego = (0.0, 0.0, 0.0, 0.0, 0.0)
) -> NDArray[np.float64]:
    """(8, 7) of an ego with x, y, heading and velocity; others' rows stand before and behind in the table."""
    table = np.concatenate([poses[:1], poses, poses[:1]])
    out = np.full(NEIGHBOURS * NUMBERS, np.nan)
    shifted = np.concatenate([[99.0, 99.0], lengths])
    write_neighbours(table, 1, 1 + len(poses), BODIES, shifted, 2, *ego, FAST, out)
    return out.reshape(NEIGHBOURS, NUMBERS)


@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_the_nearest_are_those_of_a_sort(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    # Whole metres, so that many are equally far.
    places, velocities = random.integers(-45, 45, (count, 2)).astype(np.float64), random.normal(0, 9, (count, 2))
    bodies, lengths = random.integers(0, 8, count), random.uniform(0, 25, count)
    x, y, heading, vx, vy = random.normal(0, [3, 3, 4, 8, 8])
    x, y = float(np.round(x)), float(np.round(y))
    found = _block(_poses(places, velocities, bodies), lengths, (x, y, heading, vx, vy))

    square = ((places - (x, y)) ** 2).sum(axis=1)
    nearest = [k for k in np.argsort(square, kind="stable") if square[k] <= RANGE**2][:NEIGHBOURS]
    turn = np.array([[math.cos(heading), math.sin(heading)], [-math.sin(heading), math.cos(heading)]])
    expected = np.zeros((NEIGHBOURS, NUMBERS))
    for row, k in zip(expected, nearest, strict=False):
        place, velocity = turn @ (places[k] - (x, y)), turn @ (velocities[k] - (vx, vy))
        person = bodies[k] in (PEDESTRIAN, CYCLIST)
        row[:] = 1, *(place / 50 + 1) / 2, *np.clip((velocity / FAST + 1) / 2, 0, 1), min(lengths[k] / 20, 1), person
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert ((found >= 0) & (found <= 1)).all()


def test_numbers_of_somebody_by_hand() -> None:
    """A bus 20 m ahead and 10 m to the left of an ego that drives north at 10 m/s, itself northward at 4 m/s."""
    bus = _poses(np.array([[-10.0, 20.0]]), np.array([[0.0, 4.0]]), np.array([3]))
    (numbers, *nobody) = _block(bus, np.array([12.0]), (0.0, 0.0, math.pi / 2, 0.0, 10.0))
    np.testing.assert_allclose(numbers, [1, 0.7, 0.6, 0.5 - 6 / FAST / 2, 0.5, 0.6, 0])
    assert not np.any(nobody)


def test_who_is_farther_than_50_m_is_not_there() -> None:
    places = np.array([[50.0, 0.0], [0.0, 50.001]])
    found = _block(_poses(places, np.zeros((2, 2)), np.zeros(2, np.int64)), np.ones(2))
    assert found[:, 0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert found[0, 1] == 1


def test_of_those_equally_far_the_first_in_the_record_comes_first() -> None:
    places = np.array([[3.0, 4.0], [5.0, 0.0], [0.0, -5.0], [4.0, 3.0]])
    found = _block(_poses(places, np.zeros((4, 2)), np.zeros(4, np.int64)), np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_allclose(found[:5, 5], [0.05, 0.1, 0.15, 0.2, 0])


def test_people_are_those_whom_it_is_a_contact_with_a_human_to_touch() -> None:
    others = {
        "walker": standing("PEDESTRIAN", 10, 3, 60),
        "rider": standing("CYCLIST", 12, -3, 60),
        "car": standing("VEHICLE", 14, 3, 60),
        "second walker": standing("PEDESTRIAN", 16, -3, 60),
        "third walker": standing("PEDESTRIAN", 18, -3, 60),
        "cone": standing("TRAFFIC_CONE", 20, -3, 60),
    }
    scene = make_scene(straight(others=others), "ego")
    objects = objects_of(scene)
    found = _block(objects.poses[: objects.first[1]], lengths_of(scene))
    assert found[:, 6].tolist() == [1, 1, 0, 1, 1, 0, 0, 0]
    assert found[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


def test_a_length_is_the_longest_recorded_while_valid() -> None:
    other = driver(np.full(20, 5.0), left=3.0)
    other["state"]["length"][:] = np.linspace(4.0, 5.9, 20)
    other["state"]["valid"][12:] = False
    never = track("OTHER", np.zeros((20, 2)) + 9.0, np.zeros(20))
    scene = make_scene(straight(np.full(20, 5.0), {"never spawned": never, "car": other}), "ego")
    np.testing.assert_allclose(lengths_of(scene), [5.1], rtol=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_is_seven_zeros(count: int) -> None:
    far = _poses(np.full((max(count, 1), 2), 300.0), np.zeros((max(count, 1), 2)), np.zeros(max(count, 1), np.int64))
    out = np.full(NEIGHBOURS * NUMBERS, np.nan)
    write_neighbours(far, 0, count, BODIES, np.ones(1), 0, 0.0, 0.0, 0.0, 0.0, 0.0, FAST, out)
    assert not out.any()
