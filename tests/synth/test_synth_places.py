import numpy as np
import pytest

from gold_data.synth.kinds import LaneType
from gold_data.synth.places import Place, avenue, crossroads, motorway

SEEDS = range(8)


def crossing(seed: int) -> Place:
    return crossroads(np.random.default_rng(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_connectors_go_from_the_end_of_a_lane_to_the_start_of_another(seed: int) -> None:
    place = crossing(seed)
    for link in place.connectors:
        towards, away = (place.roads[road].lane_curve(lane) for road, lane in (link.approach, link.departure))
        assert link.curve.points[[0, -1]] == pytest.approx(np.array([towards.points[-1], away.points[0]]))
        assert np.cos(link.curve.headings[0] - towards.headings[-1]) == pytest.approx(1)
        assert np.cos(link.curve.headings[-1] - away.headings[0]) == pytest.approx(1)
        turn = (link.curve.headings[-1] - link.curve.headings[0]) / (np.pi / 2)
        assert turn == pytest.approx({"left": 1, "through": 0, "right": -1}[link.movement])


@pytest.mark.parametrize("seed", SEEDS)
def test_from_each_arm_one_can_go_every_way_and_every_lane_leads_on(seed: int) -> None:
    place = crossing(seed)
    for arm in range(4):
        assert {link.movement for link in place.connectors if link.approach[0] == arm} == {"left", "through", "right"}
    for arm, road in enumerate(place.roads):
        for index, lane in enumerate(road.lanes):
            ends = [link.departure if lane.forward else link.approach for link in place.connectors]
            assert ((arm, index) in ends) == (lane.type != LaneType.BIKE_LANE)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_cuts_a_corner(seed: int) -> None:
    place = crossing(seed)
    kerbs = np.concatenate(place.corner_kerbs)
    for link in place.connectors:
        apart = np.linalg.norm(link.curve.points[:, None] - kerbs, axis=-1)
        assert apart.min() > 1.75


@pytest.mark.parametrize("seed", SEEDS)
def test_crosswalks_span_the_road_before_the_stop_lines(seed: int) -> None:
    place = crossing(seed)
    for crosswalk in place.crossings:
        road = place.roads[crosswalk.road]
        assert crosswalk.walk.length > 2 * road.border + 2
        inside = np.linalg.norm(crosswalk.polygon, axis=1).max()
        assert inside < np.hypot(np.linalg.norm(road.reference.points[0]), road.border + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_streets_beside_an_avenue_keep_clear_of_it(seed: int) -> None:
    place = avenue(np.random.default_rng(seed), curved=True)
    main, *aside = place.roads
    for road in aside:
        apart = np.linalg.norm(road.reference.points[:, None] - main.reference.points, axis=-1).min()
        assert apart > main.border + road.border + 20
    assert place.driveways
    assert place.speed_bumps


@pytest.mark.parametrize("seed", SEEDS)
def test_bends_are_wide_enough_for_their_traffic(seed: int) -> None:
    for place, radius in (
        (motorway(np.random.default_rng(seed), curved=True), 440),
        (avenue(np.random.default_rng(seed), curved=True), 109),
    ):
        assert 0 < np.abs(place.roads[0].reference.curvature).max() < 1 / radius
