from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from gold_data.synth.flow import draw_flow, let_flow
from gold_data.synth.kinds import ObjectType
from gold_data.synth.places import avenue, crossroads, motorway
from gold_data.synth.signals import draw_plan

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_drivers_in_one_lane_begin_behind_each_other(seed: int) -> None:
    random = np.random.default_rng(seed)
    flow = draw_flow(crossroads(random), random)
    lanes = defaultdict(list)
    for driver in flow.drivers:
        route = flow.routes[driver.route]
        leaves = driver.start > route.stop
        lanes[leaves, route.departure if leaves else route.approach].append((driver.start, driver.length))
    assert len(lanes) > 8
    for starts in lanes.values():
        starts.sort()
        for (behind, _), (ahead, length) in pairwise(starts):
            assert ahead - behind > length + 3


def test_cyclists_on_bike_lanes_only() -> None:
    bikes = 0
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        place = avenue(random, curved=True)
        flow = draw_flow(place, random)
        laterals = [lane.lateral for lane in place.roads[0].lanes if lane.type == 3]
        middles = [place.roads[0].reference.beside(lateral).points[0] for lateral in laterals]
        for driver, type in zip(flow.drivers, flow.types, strict=True):
            path = flow.routes[driver.route].path
            ends = path.points[[0, -1]]
            on_bike_lane = any(np.linalg.norm(ends - middle, axis=1).min() < 0.01 for middle in middles)
            assert (type == ObjectType.CYCLIST) == on_bike_lane
            bikes += on_bike_lane
    assert bikes


@pytest.mark.parametrize("seed", SEEDS)
def test_road_users_keep_to_their_lane(seed: int) -> None:
    random = np.random.default_rng(seed)
    place, plan = (crossroads(random), draw_plan(random)) if seed % 2 else (motorway(random, curved=True), None)
    flow = draw_flow(place, random)
    for driver, user in zip(flow.drivers, let_flow(flow, plan, random), strict=True):
        path = flow.routes[driver.route].path
        fine, _ = path.at(np.arange(0, path.length, 0.05))
        for point in user.points[user.present][::15]:
            assert np.linalg.norm(fine - point, axis=1).min() < 0.15
