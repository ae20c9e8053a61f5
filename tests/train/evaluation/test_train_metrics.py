"""What an episode comes to: K27, and what no episode can be at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from evaluation_material import task, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.replay import Flag
from gold_train.evaluation.metrics import ARRIVAL, OTHER, OUT_OF_ROAD, TIME_OUT, Metrics, measure, parked, strata
from gold_train.evaluation.metrics import time_limit as limit

FRAMES = (91, 91, 198, 50, 91)
ARRIVALS = (90, 120, 290, 76, None)


def driven(frames: int, arrival: int | None, limit_steps: int, cost: int, contact: bool, out: bool) -> Metrics:
    """An episode as K27 describes it: the environment's limit ends it, arriving or leaving the road does before."""
    steps = min(arrival or limit_steps, limit_steps)
    costs, flags = np.zeros(steps), np.zeros(steps, np.int64)
    costs[:cost] = 1.0
    if contact:
        flags[:cost] |= int(Flag.CONTACT_VEHICLE)
    if out:
        flags[-1] |= int(Flag.OUT_OF_ROAD)
    arrived = np.zeros(steps, bool)
    arrived[-1] = arrival is not None and arrival <= limit_steps
    ended = bool(arrived[-1]) or out
    one = trace(steps, costs=costs, flags=flags, arrived=arrived, terminated=ended, truncated=not ended)
    return measure(task(frames), one)


def test_k27_success_at_both_limits_and_rates() -> None:
    limits = [limit(frames, 3, 2) for frames in FRAMES]
    assert limits == [137, 137, 297, 75, 137]
    assert (limit(50, 11, 10), math.ceil(1.1 * 50)) == (55, 56)
    rows = [
        driven(frames, arrival, steps, cost, contact, out)
        for frames, arrival, steps, cost, contact, out in zip(
            FRAMES, ARRIVALS, limits, (0, 2, 0, 0, 7), (0, 1, 0, 0, 1), (0, 0, 0, 0, 1), strict=True
        )
    ]
    assert np.mean([row.success for row in rows]) == pytest.approx(0.2, abs=1e-9)
    assert np.mean([row.success_late for row in rows]) == pytest.approx(0.6, abs=1e-9)
    assert np.mean([row.cost for row in rows]) == pytest.approx(1.8, abs=1e-9)
    assert np.mean([row.contact for row in rows]) == pytest.approx(0.4, abs=1e-9)
    assert np.mean([row.out_of_road for row in rows]) == pytest.approx(0.2, abs=1e-9)
    assert np.mean([row.time_out for row in rows]) == pytest.approx(0.2, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.data())
def test_an_episode_ends_in_one_way(frames: int, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, limit(frames, 3, 2)))
    terminated, arrives = data.draw(st.booleans()), data.draw(st.booleans())
    flags = np.array(data.draw(st.lists(st.integers(0, 127), min_size=steps, max_size=steps)))
    arrived = np.zeros(steps, bool)
    arrived[-1] = arrives
    row = measure(task(frames), trace(steps, flags=flags, arrived=arrived, terminated=terminated or arrives))
    assert row.end in {ARRIVAL, OUT_OF_ROAD, OTHER, TIME_OUT}
    assert row.success_late == (row.end == ARRIVAL)
    assert row.success <= row.success_late
    assert row.out_of_road == (terminated and not arrives and bool(flags[-1] & Flag.OUT_OF_ROAD))
    assert row.at_fault <= bool((flags & Flag.AT_FAULT).any())
    assert (row.contact_steps > 0) == row.contact == (row.contact_step is not None)


def test_what_comes_after_the_record_does_not_count_but_its_end_does() -> None:
    steps = 12
    late = np.arange(steps) >= 10
    row = measure(
        task(frames=10),
        trace(
            steps,
            rewards=np.where(late, 100.0, 1.0),
            costs=late * 1.0,
            flags=late * int(Flag.CONTACT_VEHICLE | Flag.AT_FAULT),
            arrived=np.arange(steps) >= 11,
            terminated=True,
        ),
    )
    assert (row.returned, row.cost, row.contact, row.at_fault) == (10.0, 0.0, False, False)
    assert (row.success, row.success_late, row.length) == (False, True, 12)


def test_where_nothing_is_recorded_all_steps_count() -> None:
    row = measure(task(frames=10, route_length=math.nan), trace(12, rewards=np.ones(12), costs=np.ones(12)))
    assert (row.returned, row.cost) == (12.0, 12.0)


def test_contacts_that_are_not_the_egos_fault_cost_apart() -> None:
    vehicle, human = int(Flag.CONTACT_VEHICLE), int(Flag.CONTACT_HUMAN)
    flags = np.array([0, vehicle, vehicle | human, vehicle | int(Flag.AT_FAULT), int(Flag.OUT_OF_ROAD)])
    bearing = np.array([math.nan, 3.0, 2.0, 0.1, math.nan])
    row = measure(
        task(), trace(5, flags=flags, costs=np.array([0, 1, 2, 1, 1.0]), contact_bearing=bearing, terminated=True)
    )
    assert (row.cost, row.cost_at_fault, row.contact_steps) == (5.0, 2.0, 3)
    assert (row.contact_step, row.contact_with, row.contact_bearing) == (2, "vehicle", 3.0)
    assert row.at_fault
    assert row.out_of_road


def test_return_to_go_at_its_lowest_and_at_the_end() -> None:
    row = measure(task(), trace(3, rewards=np.array([4.0, 3.0, -1.0]), target=5.0))
    assert (row.target, row.lowest_return_to_go, row.last_return_to_go) == (5.0, -2.0, -1.0)
    assert measure(task(), trace(3)).lowest_return_to_go is None


def test_speed_and_jerk_are_per_second() -> None:
    speed = np.array([0.0, 0.1, 0.2, 0.4])  # 1, 1, 2 m/s2
    row = measure(task(), trace(3, speed=speed))
    assert row.mean_speed == pytest.approx(0.7 / 3)
    assert row.max_jerk == pytest.approx(10.0)
    assert measure(task(), trace(1, speed=np.array([1.0, 2.0]))).max_jerk == 0.0


def test_completion_is_the_furthest_and_a_share() -> None:
    assert measure(task(), trace(3, completion=np.array([0.2, 0.6, 0.4]))).completion == 0.6
    assert measure(task(), trace(2, completion=np.array([-0.2, -0.1]))).completion == 0.0


def test_kinds_of_tasks() -> None:
    assert strata(task(91, 29.0)) == ("9 s", "5-30 m", "straight")
    assert strata(task(198, 30.0, turn=-0.6)) == ("20 s", "30-100 m", "turning")
    assert strata(task(198, 100.1)) == ("20 s", "> 100 m", "straight")
    assert strata(task(40, math.nan)) == ()
    assert parked(task(route_length=4.9))
    assert not parked(task(route_length=5.0))
    assert not parked(task(route_length=math.nan))
