"""Who comes in the way: by hand, whoever is no conflict, and turned and moved scenes."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.replay import conflict
from gold_data.replay.batched.along import ROUTE, ROUTE_SEGMENT
from gold_data.replay.batched.objects import BODIES, CONE, CYCLIST, PEDESTRIAN, POSE
from gold_data.replay.conflict import CROSSING, LEADER, NUMBERS, STATIONS, write_conflict
from gold_data.replay.observation import CONFLICT
from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH

FAST = 160 / 3.6
FRONT = EGO_LENGTH / 2
CAR = 1
FREE = EGO_WIDTH / 2 + 0.25
NOBODY = [1.0] * CROSSING + [0.0, 1.0, 1.0]
EXACT = np.dtype([(name, "f8" if name not in ("user", "body", "hangs") else POSE[name]) for name in POSE.names or ()])
"""POSE with places that turning does not round."""
Floats: TypeAlias = NDArray[np.float64]
User: TypeAlias = tuple[float, float, float, float, float, int]
"""x, y (m), heading (rad), velocity (m/s), row of the bodies."""

STRAIGHT = np.column_stack([np.arange(0.0, 101.0, 2.0), np.zeros(51)])
BEND = 50.0 * np.column_stack([np.sin(np.arange(0, 1.6, 0.04)), 1 - np.cos(np.arange(0, 1.6, 0.04))])
"""To the left with a radius of 50 m."""


def _block(
    users: list[User],
    speed: float = 10.0,
    points: Floats = STRAIGHT,
    longitude: float = 20.0,
    left: float = 0.0,
    turned: float = 0.0,
    moved: tuple[float, float] = (0.0, 0.0),
    dtype: type[np.floating] = np.float64,
) -> Floats:
    """(22,) of an ego that drives along the route, `left` of it; all turned about the origin, then moved."""
    turn = np.array([[math.cos(turned), -math.sin(turned)], [math.sin(turned), math.cos(turned)]])
    places = points @ turn.T + moved
    segments = np.zeros(len(places) - 1, ROUTE_SEGMENT)
    way = np.diff(places, axis=0)
    length = np.hypot(*way.T)
    for axis, name in enumerate("xy"):
        segments[f"start_{name}"], segments[f"end_{name}"] = places[:-1, axis], places[1:, axis]
        segments[f"direction_{name}"] = segments[f"unit_{name}"] = way[:, axis] / length
    segments["heading"] = np.arctan2(way[:, 1], way[:, 0])
    segments["ends"] = np.cumsum(length)
    segments["begins"] = segments["ends"] - length
    route = np.zeros(1, ROUTE)
    route["segment"], route["segments"] = 1, len(segments)
    at = segments[int(np.searchsorted(segments["ends"], longitude, side="right"))]
    direction = np.array([at["direction_x"], at["direction_y"]])
    ego = np.array([at["start_x"], at["start_y"]]) + (longitude - at["begins"]) * direction
    ego += left * np.array([-direction[1], direction[0]])
    poses = np.zeros(len(users) + 1, EXACT)
    for pose, (x, y, heading, vx, vy, body) in zip(poses[1:], users, strict=True):
        pose["x"], pose["y"] = turn @ (x, y) + moved
        pose["velocity_x"], pose["velocity_y"] = turn @ (vx, vy)
        pose["cos"], pose["sin"] = math.cos(heading + turned), math.sin(heading + turned)
        pose["body"] = body
    out = np.full(NUMBERS, np.nan, dtype)
    # Others' rows stand before.
    table = np.concatenate([segments[:1], segments])
    heading = float(at["heading"])
    numbers = (longitude, poses, 1, len(poses), BODIES, *ego.tolist(), heading, *(speed * direction).tolist(), FAST)
    write_conflict(route[0], table, *numbers, out)
    assert ((out >= 0) & (out <= 1)).all()
    return out.astype(np.float64)


def test_the_layout_says_what_the_kernel_counts() -> None:
    assert CONFLICT.size == NUMBERS
    assert (conflict.EGO_LENGTH, conflict.EGO_WIDTH) == (EGO_LENGTH, EGO_WIDTH)
    assert CONFLICT.names[LEADER : LEADER + 2] == ("leader_gap", "leader_speed")
    assert CONFLICT.names[CROSSING:] == ("crossing", "crossing_distance", "crossing_time")
    for number, words in (
        (conflict.STATIONS, "{} stations every"),
        (conflict.SPACING, "every {} m along"),
        (conflict.HORIZON, "share of {:g} s"),
        (conflict.MARGIN, "half width and {} m"),
        (conflict.REACH, "over {:g} m"),
        (conflict.SETS_OFF, "at least {:g} m/s"),
        (conflict.SOON, "less than {} s apart"),
        (round(math.degrees(math.asin(conflict.BESIDE))), "within {} degrees"),
    ):
        assert words.format(number) in CONFLICT.meaning


def test_nobody() -> None:
    assert _block([]).tolist() == NOBODY
    assert _block([(200.0, 0.0, 0.0, 0.0, 0.0, CAR)]).tolist() == NOBODY


def test_a_car_that_crosses() -> None:
    """It comes from the right at 8 m/s, towards the station 20 m before the front, and is there when the ego is."""
    x = 20 + FRONT + 20
    found = _block([(x, -20.0, math.pi / 2, 0.0, 8.0, CAR)])
    reached = (20 - 2.3 - FREE) / 8
    stations = np.ones(STATIONS)
    stations[8] = reached / 5
    np.testing.assert_allclose(found[:STATIONS], stations, atol=1e-6)
    np.testing.assert_allclose(found[LEADER:], [1, 1, 1, 20 / 40, reached / 5], atol=1e-6)
    slow = _block([(x, -20.0, math.pi / 2, 0.0, 8.0, CAR)], speed=5.0)
    assert slow[CROSSING:].tolist() == [1, 0.5, found[CROSSING + 2]], "there from 2.1 to 2.9 s, and at 4.0 s the ego"


def test_who_has_gone_by_when_the_ego_comes_does_not_meet_it() -> None:
    car = (20 + FRONT + 20, -20.0, math.pi / 2, 0.0, 8.0, CAR)
    found = _block([car], speed=3.5)
    assert found[8] < 1
    assert found[CROSSING:].tolist() == [0, 1, 1]
    assert _block([(20 + FRONT + 5, -10.0, math.pi / 2, 0.0, 8.0, CAR)], speed=0.0)[CROSSING] == 1, "it would set off"


def test_a_leader() -> None:
    """12 m from front to rear at 6 m/s, and somebody before it."""
    middle = 20 + FRONT + 12 + 2.3
    found = _block([(middle, 0.3, 0.0, 6.0, 0.0, CAR), (middle + 15, 0.0, 0.0, 0.0, 0.0, CAR)])
    np.testing.assert_allclose(found[LEADER:], [12 / 40, (6 / FAST + 1) / 2, 0, 1, 1], atol=1e-6)
    rear = 12 - FREE
    expected = [max((2.5 * k - 12 - 4.6 - FREE) / 6 / 5, 0) for k in range(STATIONS)]
    for station in range(STATIONS):
        if 2.5 * station < rear:
            assert found[station] == 1
        elif 2.5 * station < 27 - FREE:
            assert found[station] == pytest.approx(expected[station], abs=1e-6)
    assert found[11] == found[12] == 0


@pytest.mark.parametrize("lateral", [2.2, -2.2])
def test_a_parked_car_beside_the_lane_is_none(lateral: float) -> None:
    parked = (45.0, lateral, 0.02, 0.0, 0.0, CAR)
    assert _block([parked]).tolist() == NOBODY
    assert _block([(45.0, lateral * 0.9, 0.0, 0.0, 0.0, CAR)])[:STATIONS].min() == 0


def test_who_follows_is_none_and_who_comes_along_the_lane_is() -> None:
    assert _block([(5.0, 0.3, 0.0, 20.0, 0.0, CAR)]).tolist() == NOBODY
    against = _block([(50.0, 0.3, math.pi, -20.0, 0.0, CAR)])
    assert against[LEADER + 1] < 0.5
    assert against[0] == pytest.approx((50 - 2.3 - FREE - 20 - FRONT) / 20 / 5, abs=1e-6)


@pytest.mark.parametrize("bend", [0.0, 1.0])
def test_oncoming_traffic_in_the_next_lane_is_none(bend: float) -> None:
    """In a bend to the left its present velocity leads over the ego's lane."""
    points = BEND if bend else STRAIGHT
    for ahead in np.arange(6.0, 60.0, 1.7).tolist():
        angle, radius = (10 + ahead) / 50, 46.5
        place = (radius * math.sin(angle), 50 - radius * math.cos(angle)) if bend else (10 + ahead, 3.5)
        course = angle * bend + math.pi
        user = (*place, course, 12 * math.cos(course), 12 * math.sin(course), CAR)
        assert _block([user], points=points, longitude=10.0).tolist() == NOBODY, ahead


def test_who_cuts_in_is_a_crossing() -> None:
    found = _block([(30.0, 3.5, -0.15, 11 * math.cos(0.15), -11 * math.sin(0.15), CAR)])
    assert found[CROSSING] == 1
    assert found[LEADER] == 1


def test_somebody_on_foot_on_the_way() -> None:
    """Between two stations, and who stands there is everywhere seen at one of them."""
    for ahead in np.arange(0.0, 40.0, 0.7).tolist():
        for body in (PEDESTRIAN, CONE):
            found = _block([(20 + FRONT + ahead, 0.8, 0.0, 0.0, 0.0, body)])
            assert found[:STATIONS].min() == 0
            assert found[LEADER + 1] == 0.5
            assert abs(found[LEADER] * 40 - ahead) <= 0.4


def test_stations_go_straight_on_behind_the_routes_end() -> None:
    waits = (112.0, 0.0, 0.0, 0.0, 0.0, CAR)
    assert _block([waits], longitude=95.0)[LEADER] == pytest.approx((112 - 2.3 - 95 - FRONT) / 40, abs=1e-6)


@given(
    st.integers(0, 2**32 - 1), st.floats(-4, 4), st.tuples(st.floats(-500, 500), st.floats(-500, 500)), st.booleans()
)
@settings(max_examples=150, deadline=None)
def test_turned_and_moved_scenes_are_the_same(seed: int, turned: float, moved: tuple[float, float], bend: bool) -> None:
    random = np.random.default_rng(seed)
    users: list[User] = [
        (
            *random.normal([40, 0], [25, 12]).tolist(),
            random.uniform(-4, 4),
            *(random.normal(0, 7, 2) * random.integers(0, 2)).tolist(),
            int(random.integers(0, CYCLIST + 1)),
        )
        for _ in range(6)
    ]
    points = BEND if bend else STRAIGHT
    speed, left = random.uniform(0, 15), random.normal()
    here = _block(users, speed, points, left=left)
    np.testing.assert_allclose(_block(users, speed, points, left=left, turned=turned, moved=moved), here, atol=1e-6)
    single = _block(users, speed, points, left=left, dtype=np.float32)
    np.testing.assert_array_equal(single, here.astype(np.float32))
