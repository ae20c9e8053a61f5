"""Who drives where: the routes of a place, and drivers spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from gold_data.synth.curves import Array, join
from gold_data.synth.kinds import LaneType, ObjectType
from gold_data.synth.places import Place
from gold_data.synth.road_users import RoadUser, along
from gold_data.synth.signals import SignalPlan, group
from gold_data.synth.traffic import Driver, Route, drive

METRES_A_SECOND_PER_MPH = 0.44704


@dataclass(frozen=True)
class Flow:
    """Routes, their drivers, and each driver's type and size (m)."""

    routes: list[Route]
    drivers: list[Driver]
    types: list[ObjectType]
    sizes: list[tuple[float, float, float]]


def draw_flow(place: Place, random: np.random.Generator) -> Flow:
    """Drivers on all routes of a place: denser or sparser, cars, some of them long, and cyclists on bike lanes."""
    routes, cycled = _routes(place)
    roomy = place.roads[0].lanes[0].type == LaneType.FREEWAY or place.connectors
    between = random.uniform(15, 70)
    flow = Flow(routes, [], [], [])
    for start, end, choices in _stretches(routes):
        station = start + random.exponential(between)
        while station < end:
            route = int(random.choice(choices))
            bike = route in cycled
            wide = bool(roomy) or routes[route].limit > 12.0
            size = _cyclist(random) if bike else _vehicle(random, wide)
            wish = random.uniform(3.5, 6.0) if bike else routes[route].limit * random.uniform(0.8, 1.0)
            flow.drivers.append(Driver(route, station, wish, size[0]))
            flow.types.append(ObjectType.CYCLIST if bike else ObjectType.VEHICLE)
            flow.sizes.append(size)
            station += 12.0 + wish * 1.2 + random.exponential(between * (3 if bike else 1))
    return flow


def let_flow(flow: Flow, plan: SignalPlan | None, random: np.random.Generator) -> list[RoadUser]:
    """The flow's drivers over the record, in the flow's order, each a little to one side of the middle of its lane."""
    stations: Array = drive(flow.routes, flow.drivers, plan)
    return [
        along(flow.routes[driver.route].path, stations[:, index], random.uniform(-0.1, 0.1), type, size)
        for index, (driver, type, size) in enumerate(zip(flow.drivers, flow.types, flow.sizes, strict=True))
    ]


def _routes(place: Place) -> tuple[list[Route], set[int]]:
    """All routes, and which of them are for cyclists."""
    places = [(road, lane) for road, built in enumerate(place.roads) for lane in range(len(built.lanes))]
    lane_keys = {place: key for key, place in enumerate(places)}
    limits = [road.speed_limit_mph * METRES_A_SECOND_PER_MPH for road in place.roads]
    routes, cycled = [], set()
    for number, link in enumerate(place.connectors):
        towards, away = (place.roads[road].lane_curve(lane) for road, lane in (link.approach, link.departure))
        path = join(towards, link.curve, away)
        departs = path.length - away.length
        signal = group(link.approach[0], link.movement)
        keys = lane_keys[link.approach], number, lane_keys[link.departure]
        routes.append(Route(path, *keys, towards.length, departs, signal, limits[link.approach[0]]))
    for (road, lane), key in lane_keys.items():
        strip = place.roads[road].lanes[lane]
        bike = strip.type == LaneType.BIKE_LANE
        curve = place.roads[road].lane_curve(lane)
        if not place.connectors:
            routes.append(Route(curve, key, -1, -1, inf, 0.0, 0, limits[road]))
        elif bike and not strip.forward:
            opposite = (road + 2) % 4
            onto = next(
                i for i, other in enumerate(place.roads[opposite].lanes) if other.forward and other.type == strip.type
            )
            path = join(curve, place.roads[opposite].lane_curve(onto))
            departs = path.length - place.roads[opposite].lane_curve(onto).length
            keys = key, -1, lane_keys[opposite, onto]
            routes.append(Route(path, *keys, curve.length, departs, group(road, "through"), limits[road]))
        else:
            continue
        if bike:
            cycled.add(len(routes) - 1)
    return routes, cycled


def _stretches(routes: list[Route]) -> list[tuple[float, float, list[int]]]:
    """Stretches (start, end station) on which drivers begin, with the routes to choose from: approaches, departures."""
    approaches: dict[int, list[int]] = {}
    departures: dict[int, list[int]] = {}
    for index, route in enumerate(routes):
        approaches.setdefault(route.approach, []).append(index)
        if route.departure >= 0:
            departures.setdefault(route.departure, []).append(index)
    stretches = [(-60.0, min(routes[c[0]].stop - 8.0, routes[c[0]].path.length), c) for c in approaches.values()]
    # On a lane that leaves, all begin on one route: stations on different routes could not be compared.
    stretches += [(routes[c[0]].departs + 12.0, routes[c[0]].path.length, c[:1]) for c in departures.values()]
    return stretches


def _vehicle(random: np.random.Generator, wide: bool) -> tuple[float, float, float]:
    if wide and random.random() < 0.07:
        return random.uniform(6.5, 10.5), random.uniform(2.35, 2.55), random.uniform(2.8, 3.6)
    return random.uniform(4.1, 5.3), random.uniform(1.8, 2.1), random.uniform(1.4, 2.0)


def _cyclist(random: np.random.Generator) -> tuple[float, float, float]:
    return random.uniform(1.6, 1.9), random.uniform(0.6, 0.8), random.uniform(1.6, 1.8)
