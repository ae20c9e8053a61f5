from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.synth.curves import Curve, bending, straight
from gold_data.synth.junctions import Connector
from gold_data.synth.right_of_way import Junctions
from gold_data.synth.routes import LATERAL_ACCELERATION, Gate, Route, Stretch
from gold_data.synth.traffic import HARDEST_BRAKING, STEP, WARM_UP, Driver, drive

LINE = straight(np.zeros(2), np.array([600.0, 0.0]))
STOP_LINE = 200.0
STEPS = 91
NO_JUNCTION = Junctions((), np.zeros((0, 0), dtype=np.bool_), np.zeros((WARM_UP + STEPS, 0), dtype=np.bool_))
LIGHT = Connector(0, (0, 0), (1, 0), "through", LINE, 2, False, 1)


def free(path: Curve, speed: float = 15.0) -> Route:
    return Route(path, (Stretch(0, -np.inf, path.length, 0.0),), (), ((0.0, speed),))


def signalled(speed: float = 13.0) -> Route:
    stretches = (Stretch(0, -np.inf, 200.0, 0.0), Stretch(2, 200.0, 240.0, -200.0), Stretch(1, 240.0, 600.0, -240.0))
    return Route(LINE, stretches, (Gate(STOP_LINE, 0, 240.0),), ((0.0, speed),))


def lights(closed: NDArray[np.bool_], *, stops: bool = False) -> Junctions:
    return Junctions((replace(LIGHT, stops=stops),), np.zeros((1, 1), dtype=np.bool_), closed[:, None])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(8, 40), st.floats(5, 15)), min_size=2, max_size=8), st.floats(0, 60))
def test_followers_keep_their_distance_and_brake_in_time(gaps: list[tuple[float, float]], start: float) -> None:
    stations = start + np.cumsum([gap + wish * 1.2 for gap, wish in gaps])
    drivers = [Driver(free(LINE, wish), float(s), 1.0, 4.5) for s, (_, wish) in zip(stations, gaps, strict=True)]
    driven = drive(drivers, NO_JUNCTION, STEPS)
    between = np.diff(driven, axis=1) - 4.5
    assert between.min() > 1.0
    accelerations = np.diff(driven, 2, axis=0) / STEP**2
    assert accelerations.min() > -HARDEST_BRAKING - 1e-6
    assert accelerations.max() < 2.1
    assert np.diff(driven, axis=0).min() >= 0


@settings(max_examples=30, deadline=None)
@given(st.integers(-40, 100), st.lists(st.floats(10, 30), min_size=1, max_size=6))
def test_no_front_passes_the_stop_line_long_after_green(until: int, gaps: list[float]) -> None:
    steps = np.arange(-WARM_UP, STEPS)
    drivers = [Driver(signalled(), float(station), 1.0, 4.5) for station in np.cumsum([40.0, *gaps])]
    driven = drive(drivers, lights(steps > until), STEPS)
    fronts = driven + 2.25
    passing = (fronts[:-1] < STOP_LINE) & (fronts[1:] >= STOP_LINE)
    yellow = 36
    assert not passing[np.arange(STEPS - 1) > until + yellow].any()


def test_a_queue_stands_before_the_line_and_goes_on_green() -> None:
    steps = np.arange(-WARM_UP, STEPS)
    drivers = [Driver(signalled(), station, 1.0, 4.5) for station in (168.0, 180.0)]
    driven = drive(drivers, lights(steps < 20), STEPS)
    assert driven[0, 1] + 2.25 == pytest.approx(STOP_LINE - 1.5, abs=1.0)
    assert np.diff(driven[:, 1])[:19].max() < 0.05
    assert driven[-1, 1] > STOP_LINE + 15
    assert driven[-1, 0] < driven[-1, 1] - 4.5


def test_at_a_stop_sign_one_halts_and_goes_on() -> None:
    never = np.zeros(WARM_UP + STEPS, dtype=np.bool_)
    driven = drive([Driver(signalled(), 130.0, 1.0, 4.5)], lights(never, stops=True), STEPS)[:, 0]
    speeds = np.diff(driven) / STEP
    halt = int(speeds.argmin())
    assert speeds[halt] < 0.3
    assert 0.0 < STOP_LINE - driven[halt] - 2.25 < 2.5
    assert driven[-1] > STOP_LINE


def test_one_who_has_turned_off_is_in_nobodys_way() -> None:
    aside = Route(LINE, (Stretch(0, -np.inf, 200.0, 0.0), Stretch(7, 200.0, 600.0, -200.0)), (), ((0.0, 2.0),))
    drivers = [Driver(free(LINE, 13.0), 100.0, 1.0, 4.5), Driver(aside, STOP_LINE - 10.0, 1.0, 4.5)]
    driven = drive(drivers, NO_JUNCTION, STEPS)
    assert driven[-1, 0] > driven[-1, 1]


def test_room_is_made_for_one_who_changes_lanes() -> None:
    changing = Route(LINE, (Stretch(0, -np.inf, 150.0, 0.0), Stretch(1, 100.0, 600.0, 0.0)), (), ((0.0, 8.0),))
    behind = Route(LINE, (Stretch(1, -np.inf, 600.0, 0.0),), (), ((0.0, 14.0),))
    driven = drive([Driver(changing, 70.0, 1.0, 4.5), Driver(behind, 10.0, 1.0, 4.5)], NO_JUNCTION, STEPS)
    assert (driven[:, 0] - driven[:, 1]).min() > 6.0


def test_bends_are_taken_slowly() -> None:
    path = bending([0.0, 0.0, 0.05, 0.05, 0.0, 0.0], 300.0)
    driven = drive([Driver(free(path), 20.0, 1.0, 4.5)], NO_JUNCTION, STEPS)[:, 0]
    speeds = np.diff(driven) / STEP
    bend = np.interp(driven[1:], path.stations, path.curvature)
    assert (speeds**2 * bend).max() < LATERAL_ACCELERATION * 1.25
    assert bend.max() > 0.04


def test_nobody_drives_where_there_is_nobody() -> None:
    assert drive([], NO_JUNCTION, STEPS).shape == (STEPS, 0)
