"""The route against MetaDrive's own: get_idm_route(parse_full_trajectory(track)), and its navigation's check points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.replay.route import WAYPOINT_SPACING, Route, route_length, route_of

METRES = st.floats(-60, 60)
STEPS = st.tuples(
    st.floats(-1.5, 1.5),
    st.one_of(st.floats(0, 4), st.sampled_from([0.0, 0.004, 1.0, 2.0]), st.floats(0.999, 1.001)),
)
"""Turn (rad) and distance (m) from one recorded position to the next."""


def _walked(start: tuple[float, float], steps: list[tuple[float, float]]) -> NDArray[np.float32]:
    heading = np.cumsum([turn for turn, _ in steps])
    distance = np.array([distance for _, distance in steps])
    moved = np.column_stack([np.cos(heading), np.sin(heading)]) * distance[:, None]
    return np.vstack([start, start + np.cumsum(moved, axis=0)]).astype(np.float32)


PATHS = st.builds(_walked, st.tuples(METRES, METRES), st.lists(STEPS, min_size=1, max_size=60))

MOVING = PATHS.filter(lambda positions: bool(np.any(positions != positions[0])))
"""Paths of more than one place."""


def _metadrive_lane(positions: NDArray[np.float32]) -> Any:
    from metadrive.scenario.parse_object_state import get_idm_route, parse_full_trajectory

    upright = np.column_stack([positions, np.zeros(len(positions), np.float32)])
    return get_idm_route(parse_full_trajectory({"state": {"position": upright}}))


def _assert_the_same(route: Route, lane: Any) -> None:
    segments = lane.segment_property
    np.testing.assert_array_equal(route.start, [segment["start_point"] for segment in segments])
    np.testing.assert_array_equal(route.end, [segment["end_point"] for segment in segments])
    np.testing.assert_array_equal(route.heading, [segment["heading"] for segment in segments])
    np.testing.assert_array_equal(route.unit, _unit(lane))
    # MetaDrive squares numpy scalars, and of those numpy rounds one in 1,400 to the wrong side.
    np.testing.assert_allclose(route.segment_length, [segment["length"] for segment in segments], rtol=2e-7)
    np.testing.assert_allclose(route.direction, [segment["direction"] for segment in segments], atol=2e-7)
    at = [WAYPOINT_SPACING * k for k in range(int(lane.length / WAYPOINT_SPACING))]
    checkpoints = [*(lane.position(longitude, 0) for longitude in at), lane.end]
    np.testing.assert_allclose(route.checkpoints, checkpoints, atol=3e-5)


def _unit(lane: Any) -> NDArray[np.float32]:
    """The directions with which MetaDrive looks for the nearest segment (min_lineseg_dist)."""
    along = lane._distance_b_a
    return np.asarray(along / np.hypot(along[:, 0], along[:, 1])[:, None])


@given(MOVING)
@settings(max_examples=150, deadline=None)
def test_segments_and_check_points_are_metadrives(positions: NDArray[np.float32]) -> None:
    _assert_the_same(route_of(positions), _metadrive_lane(positions))


@given(MOVING, st.lists(st.tuples(METRES, METRES), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_place_is_metadrives_within_the_resolution_of_float32(
    positions: NDArray[np.float32], places: list[tuple[float, float]]
) -> None:
    route, lane = route_of(positions), _metadrive_lane(positions)
    on_the_path = [(float(x), float(y)) for x, y in positions[:: max(1, len(positions) // 4)]]
    for x, y in [*places, *on_the_path]:
        point = np.array([x, y])
        theirs = int(np.argmin(lane.min_lineseg_dist(point, lane._start_points, lane._end_points, lane._distance_b_a)))
        assert route._nearest(x, y) == theirs
        place = route.locate(x, y)
        longitude, lateral = lane.local_coordinates(point)
        assert place.longitude == pytest.approx(longitude, abs=1e-4)
        assert place.lateral == pytest.approx(lateral, abs=1e-4)
        if np.min(np.abs(route.longitude - place.longitude)) > 1e-4:
            assert place.heading == lane.heading_theta_at(place.longitude)


@given(PATHS)
@settings(max_examples=80, deadline=None)
@example(np.zeros((5, 2), np.float32))
def test_a_route_hangs_together(positions: NDArray[np.float32]) -> None:
    route = route_of(positions)
    assert np.all(route.segment_length[:-1] > 1)
    np.testing.assert_array_equal(route.start[1:], route.end[:-1])
    np.testing.assert_allclose(np.hypot(*route.direction.T), 1, atol=1e-6)
    assert route.longitude[0] == 0
    assert np.all(np.diff(route.longitude) > 0)
    # The last check point may be taken from the segment before the last one, where that is shorter than 0.1 m.
    np.testing.assert_allclose(route.checkpoints[-1], route.end[-1], atol=0.2)


@given(PATHS)
@settings(max_examples=80, deadline=None)
@example(np.zeros((5, 2), np.float32))
def test_the_length_alone_is_that_of_the_route(positions: NDArray[np.float32]) -> None:
    assert route_length(positions) == pytest.approx(route_of(positions).length, rel=1e-12)


def test_right_of_the_route_is_positive_and_longitude_is_not_clamped() -> None:
    route = route_of(np.column_stack([np.arange(0, 21, 2.0), np.zeros(11)]).astype(np.float32))
    assert route.length == 20
    assert route.locate(7, -1.5).lateral == 1.5
    assert route.locate(7, 1.5).lateral == -1.5
    assert route.locate(-3, 0).longitude == -3
    assert route.locate(26, 0).longitude == 26


def test_standing_at_a_single_place_is_a_tenth_of_a_metre_along_x() -> None:
    positions = np.full((40, 2), 3.25, np.float32)
    route, lane = route_of(positions), _metadrive_lane(positions)
    assert route.length == lane.length == 0.1
    np.testing.assert_allclose(route.checkpoints, [lane.end], atol=1e-6)
    assert route.locate(4.25, 3.25).longitude == lane.local_coordinates((4.25, 3.25))[0] == 1.0


def test_right_is_positive_also_where_metadrive_turns_it_round() -> None:
    positions = np.zeros((5, 2), np.float32)
    assert route_of(positions).locate(0.0, -1.0).lateral == 1.0
    assert _metadrive_lane(positions).local_coordinates((0.0, -1.0))[1] == -1.0


def test_one_frame_is_a_route_like_standing() -> None:
    assert route_of(np.ones((1, 2), np.float32)).length == pytest.approx(0.1)


def test_a_parked_cars_jitter_is_one_short_segment() -> None:
    positions = np.random.default_rng(3).normal(0, 0.05, (91, 2)).astype(np.float32)
    route = route_of(positions)
    _assert_the_same(route, _metadrive_lane(positions))
    assert len(route.heading) == 1
    assert route.length < 0.5


def test_a_jump_of_a_hundred_metres_ends_the_route() -> None:
    positions = np.column_stack([np.arange(0.0, 40.0, 2.0), np.zeros(20)]).astype(np.float32)
    jumping = positions + np.where(np.arange(20)[:, None] >= 12, np.float32(150), np.float32(0))
    route = route_of(jumping)
    _assert_the_same(route, _metadrive_lane(jumping))
    # MetaDrive leaves out the last place before the jump as well.
    assert route.length == 20


def test_coming_back_to_the_start_is_not_standing() -> None:
    square = np.array([[0, 0], [0, 3], [3, 3], [3, 0], [0, 0]], np.float32)
    route = route_of(square)
    _assert_the_same(route, _metadrive_lane(square))
    assert route.length == 12


@given(PATHS)
@settings(max_examples=60, deadline=None)
def test_the_heading_is_the_direction_that_the_route_goes(positions: NDArray[np.float32]) -> None:
    route = route_of(positions)
    for longitude, heading in zip(route.longitude[:-1], route.heading, strict=True):
        assert route.heading_at(float(longitude)) == heading
    assume(len(positions) > 1 and route.length > 0.2)
    np.testing.assert_allclose(np.cos(route.heading), route.direction[:, 0], atol=1e-5)
    np.testing.assert_allclose(np.sin(route.heading), route.direction[:, 1], atol=1e-5)
    assert route.heading_at(-5.0) == route.heading[0]
    assert route.heading_at(route.length + 5.0) == route.heading[-1]
    assert math.isfinite(route.length)
