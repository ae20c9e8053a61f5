from itertools import product

import numpy as np
import pytest

from gold_data.synth.network import WAYS_CROSS, Network
from gold_data.synth.places import SHARES, Kind, draw_place

KINDS: list[Kind] = list(SHARES)


def network_of(kind: Kind, seed: int) -> Network:
    return Network(draw_place(kind, np.random.default_rng(seed)))


@pytest.mark.parametrize("kind", KINDS)
def test_lanes_lead_to_lanes_that_begin_where_they_end(kind: Kind) -> None:
    network = network_of(kind, 3)
    for key, exits in network.onward.items():
        for over, after in exits:
            assert network.is_for_bikes(key) == network.is_for_bikes(after)
            end, start = network.curves[key].points[-1], network.curves[after].points[0]
            if over is None:
                assert end == pytest.approx(start)
            elif not network.is_for_bikes(key):
                link = network.place.connectors[over]
                assert link.curve.points[[0, -1]] == pytest.approx(np.array([end, start]))
            else:
                assert np.linalg.norm(end - start) < 60
    entered = {after for exits in network.onward.values() for _, after in exits}
    assert network.entries.isdisjoint(entered)
    assert network.entries | entered == set(network.lanes)


@pytest.mark.parametrize("seed", range(3))
def test_ways_that_cross_come_near_each_other(seed: int) -> None:
    network = network_of("lights", seed)
    links, cross = network.place.connectors, network.crossing_ways
    assert (cross == cross.T).all()
    assert cross.any()
    for first, second in product(range(len(links)), repeat=2):
        one, other = links[first], links[second]
        apart = np.linalg.norm(one.curve.points[::2, None] - other.curve.points[::2], axis=-1).min()
        if cross[first, second]:
            assert one.junction == other.junction
            assert one.approach != other.approach
            assert apart < WAYS_CROSS + 0.1
        elif one.approach != other.approach and one.junction == other.junction:
            assert apart > 1.7


def test_no_two_groups_of_lights_are_needed_to_keep_lanes_of_one_direction_apart() -> None:
    network = network_of("lights", 1)
    links, cross = network.place.connectors, network.crossing_ways
    for first, second in np.argwhere(cross):
        same_road = links[first].approach[0] == links[second].approach[0]
        assert not (same_road and links[first].movement == links[second].movement == "through")


def test_lanes_beside_each_other_run_the_same_way() -> None:
    network = network_of("motorway", 0)
    for key in network.lanes:
        lanes = network.place.roads[key[0]].lanes
        beside = network.beside(key)
        assert 1 <= len(beside) <= 2
        assert all(lanes[other].forward == lanes[key[1]].forward for _, other in beside)
        assert all(key in network.beside(other) for other in beside)
