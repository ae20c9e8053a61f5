"""Places along the route, way-points and pace of the kernels: those of the functions on one scene, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import described, driver, straight

from gold_data.errors import SceneError
from gold_data.replay import ends, navigation, pace, route
from gold_data.replay.batched import along
from gold_data.replay.scene import Scene, make_scene

SCENE = make_scene(straight(), "ego")


def _winding(seed: int, frames: int = 90) -> NDArray[np.float32]:
    """Positions of someone who drives, turns and stands at random, off the origin."""
    random = np.random.default_rng(seed)
    speed = np.maximum(random.normal(0, 1, frames).cumsum() / 8 + random.uniform(0, 2), 0.0)
    course = random.uniform(-4, 4) + random.normal(0, 0.08, frames).cumsum()
    steps = np.column_stack([np.cos(course), np.sin(course)]) * speed[:, None]
    return np.asarray(steps.cumsum(axis=0) + random.uniform(-200, 200, 2), np.float32)


def _scene_along(positions: NDArray[np.float32]) -> Scene:
    return replace(SCENE, route=route.route_of(positions))


# Several in one table, so that what lies before and behind a route is another one.
SCENES = [_scene_along(_winding(seed)) for seed in range(12)]
SCENES.append(_scene_along(np.zeros((90, 2), np.float32)))
TABLE = along.stack_routes([along.compile_route(scene) for scene in SCENES])
FINITE = st.floats(-40, 40)


@given(st.integers(0, len(SCENES) - 1), st.integers(0, 89), FINITE, FINITE, st.floats(-9, 9))
@settings(max_examples=400, deadline=None)
def test_places_and_way_points_are_those_of_one_scene(
    number: int, frame: int, ahead: float, aside: float, heading: float
) -> None:
    expected_route, row = SCENES[number].route, TABLE.routes[number]
    x, y = expected_route.start[min(frame, len(expected_route.start) - 1)] + (ahead, aside)
    expected = expected_route.locate(x, y)
    place = along.locate(row, TABLE.segments, x, y)
    assert place[1:] == (expected.longitude, expected.lateral, expected.heading)
    out = np.empty(22)
    along.write_navigation(row, TABLE.checkpoints, place, x, y, heading, out)
    np.testing.assert_array_equal(out, navigation.navigation(expected_route, expected, x, y, heading))


def test_at_the_ends_of_segments_the_first_of_the_nearest_is_taken() -> None:
    for number, scene in enumerate(SCENES):
        for x, y in [*scene.route.start, *scene.route.end, *((scene.route.start + scene.route.end) / 2)]:
            expected = scene.route.locate(x, y)
            place = along.locate(TABLE.routes[number], TABLE.segments, x, y)
            assert place[1:] == (expected.longitude, expected.lateral, expected.heading)


@given(st.integers(0, 250), st.integers(0, 198), st.floats(-30, 300), st.floats(0.1, 250), st.floats(0, 60))
@settings(max_examples=200, deadline=None)
def test_pace_is_that_of_one_scene(step: int, last: int, longitude: float, length: float, speed: float) -> None:
    out = np.empty(4)
    along.write_pace(step, last, longitude, length, speed, 160 / 3.6, out)
    np.testing.assert_array_equal(out, pace.pace(step, last, longitude, length, speed, 160 / 3.6))


def test_an_episode_that_starts_inside_the_record_keeps_its_route_and_time() -> None:
    scene = make_scene(described(driver(np.full(40, 8.0), 0.05), curvature=0.05), "ego", start=15)
    table = along.stack_routes([along.compile_route(scene)])
    assert (table.routes[0]["start"], table.routes[0]["last"]) == (15, 39)
    assert table.routes[0]["length"] == scene.route.length > 30


def test_who_stands_at_a_single_place_is_known() -> None:
    assert TABLE.routes["single_place"].tolist() == [False] * 12 + [True]


def test_constants_are_those_of_one_scene() -> None:
    assert (along.WAYPOINTS, along.WAYPOINT_RANGE) == (navigation.WAYPOINTS, navigation.WAYPOINT_RANGE)
    assert (along.WAYPOINT_SPACING, along.MAX_LATERAL) == (route.WAYPOINT_SPACING, navigation.MAX_LATERAL)
    assert (along.ARRIVED, along.STEP) == (ends.ARRIVED, pace.STEP)


def test_no_route_is_refused() -> None:
    with pytest.raises(SceneError, match="at least one scene"):
        along.stack_routes([])
