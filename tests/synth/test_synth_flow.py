from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from gold_data.synth.flow import draw_flow, let_flow
from gold_data.synth.kinds import ObjectType
from gold_data.synth.network import Network
from gold_data.synth.places import SHARES, Kind, draw_place
from gold_data.synth.right_of_way import Junctions
from gold_data.synth.traffic import WARM_UP

KINDS: list[Kind] = list(SHARES)
STEPS = 91


@pytest.mark.parametrize("kind", KINDS)
def test_drivers_in_one_lane_begin_behind_each_other(kind: Kind) -> None:
    random = np.random.default_rng(1)
    flow = draw_flow(Network(draw_place(kind, random)), 20.0, STEPS, random)
    lanes = defaultdict(list)
    for driver in flow.drivers:
        lanes[driver.route.stretches[0].key].append((driver.start, driver.length))
    assert len(lanes) > 4
    for starts in lanes.values():
        starts.sort()
        for (behind, _), (ahead, length) in pairwise(starts):
            assert ahead - behind > length / 2 + 5


def test_cyclists_on_bike_lanes_only_and_long_vehicles_not_everywhere() -> None:
    bikes, long = 0, 0
    for seed in range(6):
        random = np.random.default_rng(seed)
        network = Network(draw_place("lights", random))
        flow = draw_flow(network, 20.0, STEPS, random)
        for driver, type, size in zip(flow.drivers, flow.types, flow.sizes, strict=True):
            on_bike_lane = network.is_for_bikes(network.lanes[driver.route.stretches[0].key])
            assert (type == ObjectType.CYCLIST) == on_bike_lane
            bikes += on_bike_lane
            long += size[0] > 6.0
    assert bikes
    assert long


@pytest.mark.parametrize("kind", KINDS)
def test_road_users_keep_to_their_route(kind: Kind) -> None:
    random = np.random.default_rng(2)
    network = Network(draw_place(kind, random))
    links = network.place.connectors
    never = np.zeros((WARM_UP + STEPS, len(links)), dtype=np.bool_)
    flow = draw_flow(network, 40.0, STEPS, random)
    users = let_flow(flow, Junctions(links, network.crossing_ways, never), STEPS, random)
    for driver, user in zip(flow.drivers, users, strict=True):
        fine, _ = driver.route.path.at(np.arange(0, driver.route.path.length, 0.05))
        for point in user.points[user.present][::30]:
            assert np.linalg.norm(fine - point, axis=1).min() < 0.15
