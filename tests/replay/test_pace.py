"""The pace block: four numbers that anyone with an appointment knows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold_data.replay.pace import NAMES, pace


def _named(step: int, longitude: float, speed: float) -> dict[str, float]:
    numbers = pace(step, last=90, longitude=longitude, length=100.0, speed=speed, max_speed=40.0)
    return dict(zip(NAMES, numbers.tolist(), strict=True))


def test_at_the_start_all_time_and_all_of_the_way_to_the_arrival_line_is_left() -> None:
    numbers = _named(0, 0.0, 10.0)
    assert numbers["time_left"] == 1.0
    assert numbers["route_left"] == pytest.approx(0.95)
    assert numbers["speed_needed"] == pytest.approx(95 / 9 / 40)
    assert numbers["speed_needed_minus_speed"] == pytest.approx((95 / 9 - 10) / 80 + 0.5)


def test_half_way_in_half_the_time() -> None:
    numbers = _named(45, 45.0, 50 / 4.5)
    assert numbers["time_left"] == pytest.approx(0.5)
    assert numbers["route_left"] == pytest.approx(0.5)
    assert numbers["speed_needed_minus_speed"] == pytest.approx(0.5)


def test_the_speed_needed_is_over_at_least_a_second() -> None:
    assert _named(89, 85.0, 0.0)["speed_needed"] == pytest.approx(10 / 40)
    assert _named(90, 85.0, 0.0)["speed_needed"] == pytest.approx(10 / 40)


def test_after_the_record_and_past_the_line_nothing_is_left() -> None:
    numbers = _named(130, 99.0, 0.0)
    assert (numbers["time_left"], numbers["route_left"], numbers["speed_needed"]) == (0.0, 0.0, 0.0)


def test_behind_the_start_no_more_than_the_whole_route_is_left() -> None:
    assert _named(0, -20.0, 0.0)["route_left"] == 1.0


@given(
    st.integers(0, 400),
    st.integers(0, 250),
    st.floats(-1e4, 1e4),
    st.floats(0.1, 1e3),
    st.floats(0, 100),
    st.floats(1, 60),
)
def test_all_numbers_are_in_zero_to_one(
    step: int, last: int, longitude: float, length: float, speed: float, max_speed: float
) -> None:
    numbers = pace(step, last, longitude, length, speed, max_speed)
    assert numbers.shape == (4,)
    assert np.all((numbers >= 0) & (numbers <= 1))
