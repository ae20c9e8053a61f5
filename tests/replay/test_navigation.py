"""The repaired navigation block: against MetaDrive's own numbers, and by hand where MetaDrive has none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import described, driver, driving

from gold_data.replay.navigation import MAX_LATERAL, NAMES, WAYPOINTS, navigation, wrap
from gold_data.replay.observation import blocks, slices
from gold_data.replay.route import Route, route_of


def _straight_route(length: float = 60.0) -> Route:
    return route_of(
        np.column_stack([np.arange(0.0, length + 1, 2.0), np.zeros(int(length / 2) + 1)]).astype(np.float32)
    )


def _numbers(route: Route, x: float, y: float, heading: float) -> dict[str, float]:
    numbers = navigation(route, route.locate(x, y), x, y, heading)
    return dict(zip(NAMES, numbers.tolist(), strict=True))


@pytest.fixture(scope="module")
def driven() -> NDArray[np.float64]:
    """Observations of a weaving drive on a bend, past the end of the route."""
    speeds = np.full(40, 9.0)
    random = np.random.default_rng(0)
    with driving() as drive:
        outcome = drive.reset(described(driver(speeds, 0.03), curvature=0.03), "ego")
        observations = [outcome.observation]
        for _ in range(50):
            observations.append(drive.step(random.normal([0.25, 0.05], [0.2, 0.3])).observation)
    return np.array(observations, np.float64)


def test_metadrives_forward_coordinates_are_ours_from_the_second_way_point_on(driven: NDArray[np.float64]) -> None:
    where = slices(blocks(120))
    stock, ours = driven[:, where["navigation_stock"]], driven[:, where["navigation"]]
    assert np.ptp(ours[:, 2]) > 0.1, "the drive does not weave"
    # MetaDrive turns the vector into the car's frame in space, so the car's pitch shortens it: 2 cm of 20 m.
    np.testing.assert_allclose(stock[:, 0:18:2], ours[:, 2:20:2], atol=1e-3)
    np.testing.assert_allclose(stock[0, 0:18:2], ours[0, 2:20:2], atol=2e-7)
    np.testing.assert_array_equal(stock[:, 0:18:2], stock[:, 1:18:2])


def test_metadrives_lateral_and_heading_error_are_ours_two_places_early(driven: NDArray[np.float64]) -> None:
    where = slices(blocks(120))
    stock, ours = driven[:, where["navigation_stock"]], driven[:, where["navigation"]]
    np.testing.assert_allclose(stock[:, 18:20], ours[:, 20:22], atol=2e-6)
    np.testing.assert_array_equal(stock[:, 20:22], 0)


def test_way_points_are_the_next_check_points_ahead() -> None:
    numbers = _numbers(_straight_route(), 5.0, 0.0, 0.0)
    for k in range(WAYPOINTS):
        assert numbers[f"waypoint_{k}_forward"] == pytest.approx(((6 + 2 * k - 5) / 30 + 1) / 2)
        assert numbers[f"waypoint_{k}_left"] == pytest.approx(0.5)
    assert numbers["lateral"] == 0.5
    assert numbers["heading_error"] == 0.5


def test_left_is_positive_for_way_points_and_right_for_the_own_offset() -> None:
    right_of_it = _numbers(_straight_route(), 5.0, -3.0, 0.0)
    assert right_of_it["waypoint_0_left"] == pytest.approx((3 / 30 + 1) / 2)
    assert right_of_it["lateral"] == pytest.approx((3 / MAX_LATERAL + 1) / 2)
    turned_left = _numbers(_straight_route(), 5.0, 0.0, 0.4)
    assert turned_left["waypoint_3_left"] < 0.5
    assert turned_left["heading_error"] == pytest.approx((-0.4 / math.pi + 1) / 2)


def test_past_the_end_the_end_point_stands_in_and_falls_behind() -> None:
    numbers = _numbers(_straight_route(), 72.0, 0.0, 0.0)
    for k in range(WAYPOINTS):
        assert numbers[f"waypoint_{k}_forward"] == pytest.approx((-12 / 30 + 1) / 2)


def test_a_way_point_beyond_thirty_metres_is_drawn_in_to_thirty() -> None:
    numbers = _numbers(_straight_route(), 0.0, 300.0, 0.0)
    forward, left = (2 * numbers[f"waypoint_9_{side}"] - 1 for side in ("forward", "left"))
    assert math.hypot(forward, left) == pytest.approx(1.0)
    assert left == pytest.approx(-300 / math.hypot(300, 20))
    assert numbers["lateral"] == 0.0


@given(
    st.lists(st.tuples(st.floats(-80, 80), st.floats(-80, 80)), min_size=1, max_size=20),
    st.floats(-1e4, 1e4),
    st.floats(-1e4, 1e4),
    st.floats(-50, 50),
)
@settings(max_examples=200, deadline=None)
def test_all_numbers_are_in_zero_to_one(path: list[tuple[float, float]], x: float, y: float, heading: float) -> None:
    route = route_of(np.array(path, np.float32))
    numbers = navigation(route, route.locate(x, y), x, y, heading)
    assert numbers.shape == (22,)
    assert np.all((numbers >= 0) & (numbers <= 1))


@given(st.floats(-1e3, 1e3))
def test_wrap_keeps_the_direction(angle: float) -> None:
    wrapped = wrap(angle)
    assert -math.pi < wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-9)
