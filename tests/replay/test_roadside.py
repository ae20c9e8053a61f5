"""Signals and limits along the route: which lanes it follows, what is ahead, and when nothing is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_material import WORLD, described, driver, straight

from gold_data.replay import Description, make_scene, route
from gold_data.replay.roadside import COLOURS, SPACING, Roadside, roadside_of, write_signal, write_speed_limit
from gold_data.scenarionet.signals import SIGNAL_STATES

FRAMES = 60


def _arc(ahead: float, left: float, curvature: float, metres: float = 40.0) -> NDArray[np.float32]:
    """A lane that begins `ahead` and `left` of WORLD, runs along x, and then on a circle."""
    arc = np.arange(0.0, metres, 0.5)
    x = np.sin(arc * curvature) / curvature if curvature else arc
    y = (1 - np.cos(arc * curvature)) / curvature if curvature else 0 * arc
    return np.column_stack([x + ahead + WORLD[0], y + left + WORLD[1], 0 * arc]).astype(np.float32)


def _with_signal(
    ahead: float, left: float = 0.0, curvature: float = 0.0, states: Sequence[str | None] | None = None, **lane: Any
) -> Description:
    """A straight road of 59 m, with a signal on one more lane."""
    description = straight()
    polyline = lane.pop("polyline", _arc(ahead, left, curvature))
    description["map_features"]["7"] = description["map_features"]["lane"] | {"polyline": polyline}
    stop = np.array([WORLD[0] + ahead, WORLD[1] + left, 0.0], np.float32)
    light = {"type": "TRAFFIC_LIGHT", "lane": 7, "stop_point": stop, "metadata": {"track_length": FRAMES}}
    light["state"] = {"object_state": list(states or ["LANE_STATE_GO"] * FRAMES)}
    description["dynamic_map_states"] = {"7": light}
    return description


def _roadside(description: Description, start: int = 0) -> Roadside:
    return roadside_of(make_scene(description, "ego", start))


def _signal(roadside: Roadside, frame: int, longitude: float) -> list[float]:
    """The block, from a table in which other scenes stand before and behind."""
    stops = np.concatenate([[longitude + 1.0], roadside.stops, [longitude + 1.0]])
    colours = np.concatenate([[1, 1], roadside.colours.ravel(), np.ones(200)]).astype(np.int8)
    out = np.full(6, np.nan)
    frames = roadside.colours.shape[1]
    write_signal(stops, 1, 1 + len(roadside.stops), colours, 2, frames, frame, longitude, out)
    return list(out.tolist())


@pytest.mark.parametrize(
    ("ahead", "left", "curvature", "followed"),
    [
        (30.0, 0.0, 0.0, True),
        (30.0, 1.9, 0.0, True),
        (30.0, -2.1, 0.0, False),  # the next lane
        (30.0, 0.0, 1 / 8, False),  # turns off to the left
        (30.0, 0.0, -1 / 20, False),  # turns off to the right, wide
        (30.0, 0.0, 1 / 300, True),
        (75.0, 0.0, 0.0, True),  # behind the route's end, where a car waits
        (75.0, 0.0, 1 / 8, True),  # and where it would have turned nobody knows
    ],
)
def test_a_signal_counts_whose_lane_the_route_follows(
    ahead: float, left: float, curvature: float, followed: bool
) -> None:
    found = _roadside(_with_signal(ahead, left, curvature))
    np.testing.assert_allclose(found.stops, [ahead] if followed else [], atol=1e-3)


@pytest.mark.parametrize("turn", [math.radians(29), math.radians(31), math.pi / 2, math.pi])
def test_a_lane_that_crosses_or_comes_the_other_way_is_not_followed(turn: float) -> None:
    arc = np.arange(0.0, 3.0, 0.5)  # so short that it never gets 2 m off at 30 degrees
    crossing = np.column_stack([arc * np.cos(turn) + WORLD[0] + 30, arc * np.sin(turn) + WORLD[1], 0 * arc])
    found = _roadside(_with_signal(30.0, polyline=crossing.astype(np.float32)))
    assert len(found.stops) == (turn < math.radians(30))


def test_a_signal_without_its_lane_or_its_place_is_left_out() -> None:
    for change in ({"lane": 8}, {"stop_point": np.full(3, np.nan, np.float32)}):
        description = _with_signal(30.0)
        description["dynamic_map_states"]["7"] |= change
        assert len(_roadside(description).stops) == 0


@pytest.mark.parametrize("state", SIGNAL_STATES)
def test_every_state_has_a_colour(state: str) -> None:
    block = _signal(_roadside(_with_signal(30.0, states=[state] * FRAMES)), 3, 10.0)
    assert block[0] == pytest.approx(0.4, abs=1e-4)
    names = ("GO", "CAUTION", "STOP", "FLASHING", "UNKNOWN")
    kind = "FLASHING" if "FLASHING" in state else state.rsplit("_", 1)[-1]
    assert block[1:] == [float(name == kind) for name in names]
    assert set(COLOURS) == set(SIGNAL_STATES)


def test_distance_ends_at_50_m_and_at_the_ego() -> None:
    found = _roadside(_with_signal(30.0))
    (stop,) = found.stops
    assert _signal(found, 0, stop - 50.0) == [1, 1, 0, 0, 0, 0]
    assert _signal(found, 0, stop) == [0, 1, 0, 0, 0, 0]
    assert _signal(found, 0, stop - 50.1) == _signal(found, 0, stop + 0.1) == [1, 0, 0, 0, 0, 0]


def test_frames_without_a_state_and_behind_the_record_show_no_signal() -> None:
    states = ["LANE_STATE_STOP", None, "LANE_STATE_GO"] + ["LANE_STATE_GO"] * (FRAMES - 3)
    found = _roadside(_with_signal(30.0, states=states))
    assert [_signal(found, frame, 10.0)[1:4] for frame in (0, 1, 2)] == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert _signal(found, FRAMES - 1, 10.0)[1] == 1
    assert _signal(found, FRAMES, 10.0) == _signal(found, FRAMES + 99, 10.0) == [1, 0, 0, 0, 0, 0]


def test_an_episode_that_starts_inside_the_record_sees_the_states_from_there_on() -> None:
    states = ["LANE_STATE_STOP"] * 20 + ["LANE_STATE_GO"] * (FRAMES - 20)
    found = _roadside(_with_signal(30.0, states=states), start=15)
    assert [_signal(found, frame, 10.0)[1] for frame in (4, 5)] == [0, 1]
    np.testing.assert_allclose(found.stops, [30.0], atol=1e-3)


def test_the_nearest_that_is_shown_counts() -> None:
    description = _with_signal(30.0, states=[None] * 10 + ["LANE_STATE_GO"] * (FRAMES - 10))
    farther = _with_signal(45.0, states=["LANE_STATE_STOP"] * FRAMES)
    description["map_features"]["8"] = farther["map_features"]["7"]
    description["dynamic_map_states"] = {
        "8": farther["dynamic_map_states"]["7"] | {"lane": 8},
        **description["dynamic_map_states"],
    }
    found = _roadside(description)
    np.testing.assert_allclose(found.stops, [30, 45], atol=1e-3)
    assert _signal(found, 5, 0.0)[3] == 1
    assert _signal(found, 15, 0.0)[1] == 1


def _limit(roadside: Roadside, longitude: float) -> list[float]:
    limits = np.concatenate([[999.0], roadside.limits, [999.0]])
    out = np.full(2, np.nan)
    write_speed_limit(limits, 1, 1 + len(roadside.limits), longitude, out)
    return list(out.tolist())


def test_the_limit_is_that_of_the_lane_beside_the_ego() -> None:
    description = straight()
    lane = description["map_features"]["lane"]
    features = description["map_features"]
    features["lane"] = lane | {"polyline": _arc(-60.0, 0.5, 0.0, 90.0), "speed_limit_mph": 20.0}
    features["on"] = lane | {"polyline": _arc(30.0, 0.5, 0.0, 90.0), "speed_limit_mph": 50.0}
    features["oncoming"] = lane | {"polyline": _arc(-60.0, 0.0, 0.0, 200.0)[::-1], "speed_limit_mph": 5.0}
    features["bicycles"] = lane | {"polyline": _arc(-60.0, 0.1, 0.0, 200.0), "type": "LANE_BIKE_LANE"}
    found = _roadside(description)
    assert _limit(found, -9.0) == _limit(found, 27.0) == pytest.approx([1.0, 20 * 1.609344 / 160])
    assert _limit(found, 33.0) == _limit(found, 500.0) == pytest.approx([1.0, 50 * 1.609344 / 160])


@pytest.mark.parametrize("limit", [0.0, None, math.nan, -3.0])
def test_a_limit_that_the_map_lacks_is_not_known(limit: float | None) -> None:
    description = straight()
    description["map_features"]["lane"]["speed_limit_mph"] = limit
    assert _limit(_roadside(description), 10.0) == [0, 0]
    del description["map_features"]["lane"]["speed_limit_mph"]
    assert _limit(_roadside(description), 10.0) == [0, 0]


def test_no_lane_or_none_within_10_m_has_no_limit() -> None:
    description = straight()
    description["map_features"]["lane"]["polyline"] = _arc(-60.0, 10.1, 0.0, 200.0)
    assert not _roadside(description).limits.any()
    description["map_features"]["lane"]["polyline"] = _arc(-60.0, 9.9, 0.0, 200.0)
    assert _roadside(description).limits.any()
    description["map_features"]["lane"]["type"] = "LANE_BIKE_LANE"
    assert not _roadside(description).limits.any()


def test_a_limit_over_the_range_is_the_range() -> None:
    description = described(driver(np.full(40, 9.0), 0.02), curvature=0.02)
    description["map_features"]["lane"]["speed_limit_mph"] = 120.0
    assert _limit(_roadside(description), 10.0) == [1, 1]


def test_limits_are_looked_up_at_the_check_points() -> None:
    scene = make_scene(straight(), "ego")
    assert len(roadside_of(scene).limits) == len(scene.route.checkpoints)
    assert SPACING == route.WAYPOINT_SPACING
