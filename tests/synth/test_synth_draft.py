import numpy as np
import pytest

from gold_data.synth.curves import Curve, straight
from gold_data.synth.draft import Draft
from gold_data.synth.roads import Road, street

LINE = straight(np.array([-150.0, 0.0]), np.array([150.0, 0.0]))


def narrow(reference: Curve) -> Road:
    return street(reference, 1, bikes=False, parking=False, speed_limit_mph=25.0)


@pytest.mark.parametrize("seed", range(6))
def test_a_road_is_cut_where_others_leave_it(seed: int) -> None:
    draft = Draft(np.random.default_rng(seed), car_parks=0.5)
    first, last = draft.lay_along(LINE, narrow, 7)
    assert draft.roads[first.road].reference.points[0] == pytest.approx([-150, 0])
    assert draft.roads[last.road].reference.points[-1] == pytest.approx([150, 0])
    assert draft.junctions == last.road - first.road >= 1
    along = [road for road in draft.roads if np.ptp(road.reference.points[:, 1]) < 1e-6]
    assert len(along) == draft.junctions + 1
    assert min(road.reference.length for road in along) > 3
    aside = [road for road in draft.roads if not any(road is main for main in along)]
    assert len({tuple(road.reference.points[0]) for road in aside}) == len(aside) >= draft.junctions


def test_without_side_roads_nothing_is_cut() -> None:
    draft = Draft(np.random.default_rng(0))
    ends = draft.lay_along(LINE, narrow, 0)
    assert [end.road for end in ends] == [0, 0]
    assert draft.place().connectors == ()


def test_ground_that_is_taken_is_not_free() -> None:
    draft = Draft(np.random.default_rng(0))
    draft.take(narrow(LINE))
    assert not draft.is_free(narrow(straight(np.array([0.0, 9.0]), np.array([60.0, 9.0]))), 0.0)
    assert draft.is_free(narrow(straight(np.array([0.0, 15.0]), np.array([60.0, 15.0]))), 0.0)
    leaving = narrow(straight(np.array([0.0, 6.0]), np.array([0.0, 60.0])))
    assert not draft.is_free(leaving, 0.0)
    assert draft.is_free(leaving, 12.0)


def test_lanes_that_end_where_others_begin_are_linked() -> None:
    draft = Draft(np.random.default_rng(0))
    draft.lay(narrow(LINE.part(0.0, 100.0)))
    draft.lay(narrow(LINE.part(100.0, 300.0)))
    links = draft.place().links
    forward = next(index for index, lane in enumerate(draft.roads[0].lanes) if lane.forward)
    assert set(links) == {((0, forward), (1, forward)), ((1, 1 - forward), (0, 1 - forward))}


def test_driveways_lie_outside_the_kerbs() -> None:
    draft = Draft(np.random.default_rng(0))
    draft.lay(narrow(LINE))
    draft.add_driveways(0.5)
    assert len(draft.driveways) > 8
    for polygon in draft.driveways:
        assert np.abs(polygon[:, 1]).min() == pytest.approx(draft.roads[0].left)
        assert np.abs(polygon[:, 1]).max() > draft.roads[0].left + 4
