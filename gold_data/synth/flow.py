"""Who drives where: drivers spread over the lanes of a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gold_data.synth.kinds import LaneType, ObjectType
from gold_data.synth.network import Network
from gold_data.synth.right_of_way import Junctions
from gold_data.synth.road_users import RoadUser, along
from gold_data.synth.routes import draw_route
from gold_data.synth.traffic import STEP, WARM_UP, Driver, drive

Size = tuple[float, float, float]

OUTSIDE = 70.0
"""Metres before the start of a lane that comes from outside from which drivers are on their way."""

BUSY = 17.0
"""Speed limit (m/s) of the roads below which there is less traffic the slower they are."""

BEFORE_END = 14.0
"""Metres before the end of a lane from which nobody begins."""


@dataclass(frozen=True)
class Flow:
    """Drivers, and each driver's type and size (m)."""

    drivers: list[Driver]
    types: list[ObjectType]
    sizes: list[Size]


def draw_flow(network: Network, between: float, steps: int, random: np.random.Generator) -> Flow:
    """Drivers on all lanes: cars, trucks and buses, and cyclists on bike lanes.

    `between` is the mean of the free metres between two of them on a busy road that are more than they need.
    """
    flow = Flow([], [], [])
    eagerness = random.uniform(0.1, 0.4)
    for lane in network.lanes:
        road = network.place.roads[lane[0]]
        bike = network.is_for_bikes(lane)
        broad = not bike and road.lanes[lane[1]].width > 3.3
        limit = min(network.limit(lane), 6.0 if bike else 40.0)
        apart = between * max(1.0, (BUSY / limit) ** 2) * (1 if not bike else 2)
        station = (-OUTSIDE if lane in network.entries else 4.0) + random.exponential(apart)
        while station < network.curves[lane].length - BEFORE_END:
            size = _cyclist(random) if bike else _vehicle(random, broad, road.lanes[lane[1]].type == LaneType.FREEWAY)
            share = random.uniform(0.6, 1.0) if bike else random.uniform(0.85, 1.1)
            reach = limit * (steps + WARM_UP) * STEP + 20.0
            route = draw_route(network, lane, max(station, 0.0), reach, eagerness, random)
            flow.drivers.append(Driver(route, station, share, size[0]))
            flow.types.append(ObjectType.CYCLIST if bike else ObjectType.VEHICLE)
            flow.sizes.append(size)
            station += size[0] + 7.0 + limit * 1.1 + random.exponential(apart)
    return flow


def let_flow(flow: Flow, junctions: Junctions, steps: int, random: np.random.Generator) -> list[RoadUser]:
    """The flow's drivers over the record, in the flow's order, each a little to one side of the middle of its lane."""
    stations = drive(flow.drivers, junctions, steps)
    return [
        along(driver.route.path, stations[:, index], random.uniform(-0.1, 0.1), type, size)
        for index, (driver, type, size) in enumerate(zip(flow.drivers, flow.types, flow.sizes, strict=True))
    ]


def _vehicle(random: np.random.Generator, broad: bool, freeway: bool) -> Size:
    """Mostly a car; on broad lanes now and then a delivery truck or a bus, on freeways a semi-trailer."""
    kind = random.random() if broad else 1.0
    if freeway and kind < 0.06:
        return random.uniform(14.0, 18.0), random.uniform(2.5, 2.65), random.uniform(3.6, 4.1)
    if kind < 0.05:
        return random.uniform(6.5, 9.0), random.uniform(2.35, 2.55), random.uniform(2.8, 3.5)
    if kind < 0.065:
        return random.uniform(11.0, 12.5), random.uniform(2.5, 2.65), random.uniform(3.0, 3.3)
    return random.uniform(4.1, 5.3), random.uniform(1.8, 2.1), random.uniform(1.4, 2.0)


def _cyclist(random: np.random.Generator) -> Size:
    return random.uniform(1.6, 1.9), random.uniform(0.6, 0.8), random.uniform(1.6, 1.8)
