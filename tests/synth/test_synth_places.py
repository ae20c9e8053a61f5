from itertools import combinations

import numpy as np
import pytest

from gold_data.synth.curves import Array
from gold_data.synth.draft import Place
from gold_data.synth.kinds import LaneType
from gold_data.synth.network import Network
from gold_data.synth.places import SHARES, Kind, crossing, draw_place
from gold_data.synth.roads import Road

KINDS: list[Kind] = list(SHARES)
SEEDS = range(4)


def place_of(kind: Kind, seed: int) -> Place:
    return draw_place(kind, np.random.default_rng(seed))


def test_shares_add_up() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_roads_that_do_not_meet_keep_apart(kind: Kind, seed: int) -> None:
    if kind in ("motorway", "merge"):
        return
    place = place_of(kind, seed)
    joined = {frozenset((link.approach[0], link.departure[0])) for link in place.connectors}

    def middle(road: Road) -> Array:
        stations = np.arange(14.0, road.reference.length, 3.0)
        return road.reference.at(stations)[0]

    for (one, first), (other, second) in combinations(enumerate(place.roads), 2):
        points, others = middle(first), middle(second)
        if {one, other} not in joined and len(points) and len(others):
            apart = np.linalg.norm(points[:, None] - others, axis=-1).min()
            assert apart > min(first.border + second.border, 14.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_lane_that_ends_at_a_junction_leads_on(kind: Kind, seed: int) -> None:
    network = Network(place_of(kind, seed))
    ends = {link.approach for link in network.place.connectors}
    for road, built in enumerate(network.place.roads):
        for forward in (True, False):
            lanes = [
                (road, index)
                for index, lane in enumerate(built.lanes)
                if lane.forward == forward and lane.type != LaneType.BIKE_LANE
            ]
            assert len({key in ends for key in lanes}) <= 1


def test_a_merge_has_a_lane_that_joins_the_others() -> None:
    ends_there = leaves = 0
    for seed in range(8):
        network = Network(place_of("merge", seed))
        extra = (
            2,
            max(
                range(len(network.place.roads[2].lanes)), key=lambda index: -network.place.roads[2].lanes[index].lateral
            ),
        )
        assert sum(extra in [after for _, after in exits] for exits in network.onward.values()) == 1
        (ramp,) = (key for key, exits in network.onward.items() if (None, extra) in exits)
        assert len(network.place.roads[ramp[0]].lanes) == 1
        assert network.beside(extra)
        ends_there += not network.onward[extra]
        leaves += bool(network.onward[extra])
    assert ends_there
    assert leaves


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_cuts_a_corner(seed: int) -> None:
    for control in ("signals", "stop"):
        place = crossing(np.random.default_rng(seed), control)
        kerbs = np.concatenate(place.kerbs)
        for link in place.connectors:
            assert np.linalg.norm(link.curve.points[:, None] - kerbs, axis=-1).min() > 1.2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_roundabout_is_driven_anticlockwise(seed: int) -> None:
    place = place_of("roundabout", seed)
    rings = [road for road in place.roads if len(road.lanes) == 1]
    assert 3 <= len(rings) <= 4
    for road in rings:
        radius = np.linalg.norm(road.reference.points, axis=1)
        assert np.ptp(radius) < 1e-6
        assert road.reference.headings[-1] > road.reference.headings[0]
