"""When an episode ends: the limits to the step, and ScenarioEnv's own tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.replay.ends import Standing, standing, step_limit, terminated
from gold_data.replay.route import Place
from gold_data.settings import EndSettings

TO_ARRIVAL, TO_THE_END = EndSettings(end="arrival"), EndSettings(end="record")


@pytest.mark.parametrize(
    ("end", "limit", "frames", "steps"),
    [
        ("arrival", 1.0, 91, 91),
        ("arrival", 1.5, 91, 137),
        ("arrival", 1.1, 50, 55),
        ("arrival", 1.1, 91, 101),
        ("arrival", 1.5, 200, 300),
        ("record", 1.0, 91, 90),
        ("record", 1.5, 91, 90),
    ],
)
def test_the_time_limit_in_steps(end: Literal["arrival", "record"], limit: float, frames: int, steps: int) -> None:
    assert step_limit(frames, EndSettings(end=end, limit=limit)) == steps


@given(st.integers(2, 400), st.integers(1, 300))
def test_the_limit_is_the_exact_product_rounded_up(frames: int, percent: int) -> None:
    assert step_limit(frames, EndSettings(limit=percent / 100)) == -(-frames * percent // 100)


@given(st.floats(-50, 300), st.floats(-8, 8), st.floats(0.1, 250))
@settings(deadline=None)
def test_where_the_ego_stands_is_what_scenario_env_says(longitude: float, lateral: float, length: float) -> None:
    from metadrive.envs.scenario_env import ScenarioEnv

    navigation = SimpleNamespace(
        route_completion=longitude / length,
        current_lateral=lateral,
        reference_trajectory=SimpleNamespace(length=length),
    )
    vehicle = SimpleNamespace(navigation=navigation)
    env = SimpleNamespace(config=ScenarioEnv.default_config())
    now = standing(Place(longitude, lateral, 0.0), length)
    assert now.arrived == ScenarioEnv._is_arrive_destination(vehicle)
    assert now.out_of_road == ScenarioEnv._is_out_of_road(env, vehicle)
    assert now.turned_back == (longitude / length < -0.1)


@pytest.mark.parametrize(
    ("arrived", "out_of_road", "turned_back", "to_arrival", "to_the_end"),
    [
        (False, False, False, False, False),
        (True, False, False, True, False),
        (False, True, False, True, True),
        (False, False, True, True, True),
        (True, True, False, True, False),  # MetaDrive asks for the arrival first
    ],
)
def test_what_terminates(
    arrived: bool, out_of_road: bool, turned_back: bool, to_arrival: bool, to_the_end: bool
) -> None:
    now = Standing(arrived, out_of_road, turned_back)
    assert terminated(now, TO_ARRIVAL) == to_arrival
    assert terminated(now, TO_THE_END) == to_the_end
