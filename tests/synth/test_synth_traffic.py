from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.synth.curves import Curve, bending, straight
from gold_data.synth.kinds import SignalState
from gold_data.synth.signals import SignalPlan
from gold_data.synth.traffic import HARDEST_BRAKING, LATERAL_ACCELERATION, STEP, TIME, Driver, Route, drive

LINE = straight(np.zeros(2), np.array([600.0, 0.0]))
STOP_LINE = 200.0


def free(path: Curve) -> Route:
    return Route(path, 0, -1, -1, inf, 0.0, 0, 15.0)


def signalled(path: Curve) -> Route:
    return Route(path, 0, 0, 1, STOP_LINE, STOP_LINE + 40.0, 0, 15.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(8, 40), st.floats(5, 15)), min_size=2, max_size=8), st.floats(0, 60))
def test_followers_keep_their_distance_and_brake_in_time(gaps: list[tuple[float, float]], start: float) -> None:
    stations = start + np.cumsum([gap + wish * 1.2 for gap, wish in gaps])
    drivers = [Driver(0, float(s), wish, 4.5) for s, (_, wish) in zip(stations, gaps, strict=True)]
    driven = drive([free(LINE)], drivers, None)
    between = np.diff(driven, axis=1) - 4.5
    assert between.min() > 1.0
    accelerations = np.diff(driven, 2, axis=0) / STEP**2
    assert accelerations.min() > -HARDEST_BRAKING - 1e-6
    assert accelerations.max() < 1.7
    assert np.diff(driven, axis=0).min() >= 0


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 60), st.lists(st.floats(10, 30), min_size=1, max_size=6))
def test_no_front_passes_the_stop_line_on_red(shift: float, gaps: list[float]) -> None:
    plan = SignalPlan(np.array([7.0, 12.0, 7.0, 12.0]), shift)
    stations = np.cumsum([40.0, *gaps])
    drivers = [Driver(0, float(station), 13.0, 4.5) for station in stations]
    driven = drive([signalled(LINE)], drivers, plan)
    fronts = driven + 2.25
    passing = (fronts[:-1] < STOP_LINE) & (fronts[1:] >= STOP_LINE)
    state = plan.states(np.zeros(1, dtype=np.int64), TIME)
    assert not (passing & (state[:-1, None] == SignalState.STOP)).any()


def test_a_queue_stands_before_the_line_and_goes_on_green() -> None:
    green_at = 2.0
    plan = SignalPlan(np.array([10.0, 12.0, 7.0, 12.0]), -green_at)
    driven = drive([signalled(LINE)], [Driver(0, 168.0, 13.0, 4.5), Driver(0, 180.0, 13.0, 4.5)], plan)
    assert driven[0, 1] + 2.25 == pytest.approx(STOP_LINE - 1.5, abs=1.0)
    assert np.diff(driven[:, 1])[:19].max() < 0.05
    assert driven[-1, 1] > STOP_LINE + 20
    assert driven[-1, 0] < driven[-1, 1] - 4.5


def test_one_who_turns_off_does_not_hold_up_others_for_long() -> None:
    routes = [signalled(LINE), Route(LINE, 0, 1, 2, STOP_LINE, STOP_LINE + 40.0, 0, 15.0)]
    ahead = Driver(1, STOP_LINE - 10.0, 2.0, 4.5)
    plan = SignalPlan(np.array([60.0, 1.0, 1.0, 1.0]), 30.0)
    driven = drive(routes, [Driver(0, 100.0, 13.0, 4.5), ahead], plan)
    assert driven[-1, 0] > driven[-1, 1]


def test_bends_are_taken_slowly() -> None:
    path = bending([0.0, 0.0, 0.05, 0.05, 0.0, 0.0], 300.0)
    driven = drive([free(path)], [Driver(0, 20.0, 15.0, 4.5)], None)[:, 0]
    speeds = np.diff(driven) / STEP
    bend = np.interp(driven[1:], path.stations, path.curvature)
    assert (speeds**2 * bend).max() < LATERAL_ACCELERATION * 1.25
    assert bend.max() > 0.04
