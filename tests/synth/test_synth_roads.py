from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.synth.curves import straight
from gold_data.synth.kinds import LaneType, LineType
from gold_data.synth.roads import Road, car_park, freeway, ramp, ring, street

REFERENCE = straight(np.zeros(2), np.array([100.0, 0.0]))

ROADS = st.one_of(
    st.builds(
        lambda lanes, bikes, parking: street(REFERENCE, lanes, bikes=bikes, parking=parking, speed_limit_mph=30.0),
        st.integers(1, 3),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(lambda lanes: freeway(REFERENCE, lanes, 65.0), st.integers(2, 5)),
    st.builds(lambda rows: car_park(REFERENCE, rows), st.integers(1, 3)),
)


@settings(max_examples=30, deadline=None)
@given(ROADS)
def test_lanes_do_not_overlap_and_lie_between_the_kerbs(road: Road) -> None:
    lanes = sorted(road.lanes, key=lambda lane: lane.lateral)
    for right, left in pairwise(lanes):
        assert left.lateral - right.lateral >= (left.width + right.width) / 2 - 1e-9
    assert all(road.right < lane.lateral - lane.width / 2 for lane in lanes)
    assert all(lane.lateral + lane.width / 2 < road.left for lane in lanes)
    for strip in road.parking:
        half = 0.9 if abs(strip.turn) in (0.0, np.pi) else 2.4
        assert road.right < strip.lateral - half < strip.lateral + half < road.left
        assert all(abs(strip.lateral - lane.lateral) > lane.width / 2 + half for lane in lanes)


@settings(max_examples=30, deadline=None)
@given(ROADS)
def test_lines_run_between_lanes_and_never_on_one(road: Road) -> None:
    for lateral, _ in (*road.lines, *road.edges):
        assert all(abs(lateral - lane.lateral) >= lane.width / 2 - 1e-9 for lane in road.lanes)


@settings(max_examples=30, deadline=None)
@given(ROADS)
def test_both_directions_mirror_each_other_and_keep_right(road: Road) -> None:
    forward = sorted(-lane.lateral for lane in road.lanes if lane.forward)
    assert forward == pytest.approx(sorted(lane.lateral for lane in road.lanes if not lane.forward))
    assert min(forward) > 0


def test_lane_curves_run_in_driving_direction() -> None:
    road = street(REFERENCE, 1, bikes=False, parking=False, speed_limit_mph=25.0)
    forward = next(index for index, lane in enumerate(road.lanes) if lane.forward)
    assert road.lane_curve(forward).points[[0, -1]] == pytest.approx(np.array([[0, -1.75], [100, -1.75]]))
    assert road.lane_curve(1 - forward).points[[0, -1]] == pytest.approx(np.array([[100, 1.75], [0, 1.75]]))


def test_kinds_of_roads() -> None:
    assert {lane.type for lane in freeway(REFERENCE, 3, 65.0).lanes} == {LaneType.FREEWAY}
    road = street(REFERENCE, 2, bikes=True, parking=True, speed_limit_mph=30.0)
    assert sum(lane.type == LaneType.BIKE_LANE for lane in road.lanes) == 2
    assert [type for lateral, type in road.lines if lateral == 0] == [LineType.SOLID_DOUBLE_YELLOW]
    assert sum(type == LineType.BROKEN_SINGLE_WHITE for _, type in road.lines) == 2


@settings(max_examples=20, deadline=None)
@given(ROADS)
def test_ends_of_lanes_are_those_of_their_curves(road: Road) -> None:
    for index in range(len(road.lanes)):
        curve = road.lane_curve(index)
        for last in (False, True):
            point, heading = road.lane_end(index, last=last)
            assert point == pytest.approx(curve.points[-1 if last else 0])
            assert np.cos(heading - curve.headings[-1 if last else 0]) == pytest.approx(1)


def test_roads_of_one_lane_and_freeways_with_one_more() -> None:
    assert [lane.type for lane in ring(REFERENCE).lanes] == [LaneType.SURFACE_STREET]
    assert ramp(REFERENCE).right < -3.0
    wider, usual = freeway(REFERENCE, 3, 65.0, extra=1), freeway(REFERENCE, 3, 65.0)
    assert len(wider.lanes) == len(usual.lanes) + 1
    assert wider.left == usual.left
    assert wider.right == pytest.approx(usual.right - 3.7)
