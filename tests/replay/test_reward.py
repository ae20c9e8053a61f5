"""Reward and cost against ScenarioEnv's own functions, called on made-up vehicles."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.replay.ends import Standing, standing
from gold_data.replay.flags import Flag
from gold_data.replay.reward import cost, driving_reward, reward
from gold_data.replay.route import Place

FLAGS = st.sets(
    st.sampled_from([Flag.CONTACT_VEHICLE, Flag.CONTACT_OBJECT, Flag.CONTACT_HUMAN, Flag.SOLID_LINE]), max_size=4
)
NOWHERE = Standing(arrived=False, out_of_road=False, turned_back=False)


def _metadrive(
    before: float, place: Place, length: float, heading: float, steering: float, speed: float, flags: set[Flag]
) -> tuple[float, float]:
    """Reward and cost of MetaDrive's ScenarioEnv, which asks its vehicle for nothing else."""
    from metadrive.envs.scenario_env import ScenarioEnv

    navigation = SimpleNamespace(
        last_longitude=before,
        current_longitude=place.longitude,
        current_lateral=place.lateral,
        current_heading_theta_at_long=place.heading,
        route_completion=place.longitude / length,
        reference_trajectory=SimpleNamespace(length=length),
    )
    vehicle: Any = MagicMock(
        navigation=navigation,
        heading_theta=heading,
        current_action=(steering, 0.0),
        speed=speed,
        crash_vehicle=Flag.CONTACT_VEHICLE in flags,
        crash_object=Flag.CONTACT_OBJECT in flags,
        crash_human=Flag.CONTACT_HUMAN in flags,
        crash_sidewalk=False,
        on_yellow_continuous_line=False,
        on_white_continuous_line=Flag.SOLID_LINE in flags,
    )
    env = MagicMock(config=ScenarioEnv.default_config(), agents={"ego": vehicle})
    env._is_out_of_road = lambda vehicle: ScenarioEnv._is_out_of_road(env, vehicle)
    env._is_arrive_destination = ScenarioEnv._is_arrive_destination
    return float(ScenarioEnv.reward_function(env, "ego")[0]), float(ScenarioEnv.cost_function(env, "ego")[0])


@given(
    before=st.floats(-5, 100),
    made_good=st.floats(-3, 4),
    lateral=st.floats(-6, 6),
    heading=st.floats(-12, 12),
    route_heading=st.floats(-3.2, 3.2),
    steering=st.floats(-1, 1),
    speed=st.floats(0, 40),
    flags=FLAGS,
)
@settings(max_examples=300, deadline=None)
def test_reward_and_cost_are_scenario_envs(
    before: float,
    made_good: float,
    lateral: float,
    heading: float,
    route_heading: float,
    steering: float,
    speed: float,
    flags: set[Flag],
) -> None:
    length = 80.0
    place = Place(before + made_good, lateral, route_heading)
    now = standing(place, length)
    raised = Flag(sum(flags)) | (Flag.OUT_OF_ROAD if now.out_of_road else Flag(0))
    ours = reward(driving_reward(before, place, heading, steering, speed), raised, now)
    theirs, their_cost = _metadrive(before, place, length, heading, steering, speed, flags)
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert cost(raised) == their_cost


def test_headings_that_straddle_half_a_turn_earn_a_bonus_of_the_same_size() -> None:
    for difference in (0.02, 0.3):
        penalised = driving_reward(0.0, Place(1.0, 0.0, 0.5), 0.5 + difference, 0.0, 1.0)
        rewarded = driving_reward(0.0, Place(1.0, 0.0, math.pi - difference / 2), -math.pi + difference / 2, 0.0, 1.0)
        assert penalised == pytest.approx(1.0 - difference / math.pi)
        assert rewarded == pytest.approx(1.0 + difference / math.pi)


def test_hard_steering_costs_only_beyond_what_the_speed_allows() -> None:
    assert driving_reward(0.0, Place(2.0, 0.0, 0.0), 0.0, 0.09, 10.0) == 2.0
    assert driving_reward(0.0, Place(2.0, 0.0, 0.0), 0.0, -0.5, 10.0) == pytest.approx(2.0 - 0.5 * 0.4)


def test_the_dense_part_is_floored_at_zero() -> None:
    assert driving_reward(5.0, Place(4.0, 3.0, 0.0), 1.0, 1.0, 20.0) == 0.0


def test_an_arrival_counts_before_all_else_and_a_line_before_a_contact() -> None:
    everything = Flag.CONTACT_VEHICLE | Flag.SOLID_LINE | Flag.OUT_OF_ROAD
    assert reward(0.7, everything, Standing(arrived=True, out_of_road=True, turned_back=False)) == 5.0
    assert reward(0.7, everything, Standing(arrived=False, out_of_road=True, turned_back=False)) == -5.0
    assert reward(0.7, Flag.CONTACT_HUMAN, NOWHERE) == -1.0
    assert reward(0.7, Flag.SOLID_LINE, NOWHERE) == -1.0
    assert reward(0.7, Flag(0), NOWHERE) == 0.7


def test_each_kind_of_contact_costs_one_and_lines_nothing() -> None:
    assert cost(Flag.SOLID_LINE | Flag.AT_FAULT | Flag.OTHER_PARKED) == 0.0
    assert cost(Flag.CONTACT_VEHICLE | Flag.CONTACT_HUMAN | Flag.CONTACT_OBJECT | Flag.OUT_OF_ROAD) == 4.0
