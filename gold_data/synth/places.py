"""The places that scenarios happen in: a freeway, an avenue with streets beside it, a crossing of four arms."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi
from typing import Literal

import numpy as np

from gold_data.synth.curves import Array, Curve, bending, corner, straight
from gold_data.synth.kinds import LaneType
from gold_data.synth.roads import Road, freeway, street

Movement = Literal["left", "through", "right"]

SIDEWALK = 1.6
"""Metres from the kerb to the middle of the sidewalk."""


@dataclass(frozen=True)
class Connector:
    """A lane over a crossing: from a lane (road, lane) that runs towards it to one that leaves it."""

    approach: tuple[int, int]
    departure: tuple[int, int]
    movement: Movement
    curve: Curve


@dataclass(frozen=True)
class Crossing:
    """A crosswalk over a road, and the line from sidewalk to sidewalk that people walk on it."""

    road: int
    polygon: Array
    walk: Curve


@dataclass(frozen=True)
class Place:
    """What is built: roads, and at a crossing its connectors, kerbs round the corners and crosswalks.

    Road k of a crossing leaves it at k right angles. `driveways` and `speed_bumps` are polygons (4, 2).
    """

    roads: tuple[Road, ...]
    connectors: tuple[Connector, ...] = ()
    corner_kerbs: tuple[Array, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    driveways: tuple[Array, ...] = ()
    speed_bumps: tuple[Array, ...] = ()


def motorway(random: np.random.Generator, *, curved: bool) -> Place:
    """A freeway of 560 m."""
    reference = _winding(random, 560.0, random.uniform(450, 900) if curved else inf)
    return Place((freeway(reference, int(random.integers(3, 5)), float(random.choice([55, 60, 65]))),))


def avenue(random: np.random.Generator, *, curved: bool) -> Place:
    """A street of 380 m with several lanes, and a narrow street with driveways and speed bumps on either side of it."""
    reference = _winding(random, 380.0, random.uniform(110, 260) if curved else inf)
    main = street(
        reference,
        int(random.integers(2, 4)),
        bikes=random.random() < 0.7,
        parking=random.random() < 0.6,
        speed_limit_mph=float(random.choice([30, 35, 40, 45])),
    )
    away = (main.border + random.uniform(38, 52, size=2)) * (1, -1)
    aside = tuple(
        street(reference.beside(lateral), 1, bikes=False, parking=True, speed_limit_mph=25.0) for lateral in away
    )
    driveways = [
        road.reference.strip(station, station + random.uniform(4, 8), side * road.border, side * (road.border + 5))
        for road in aside
        for side in (-1, 1)
        for station in random.choice(np.arange(10, 350, 20), size=6, replace=False)
    ]
    speed_bumps = [
        road.reference.strip(station, station + 2, road.border - 0.5, 0.5 - road.border)
        for road in aside
        for station in random.uniform(40, 330, size=2)
    ]
    return Place((main, *aside), driveways=tuple(driveways), speed_bumps=tuple(speed_bumps))


def crossroads(random: np.random.Generator) -> Place:
    """A signalled crossing of four 160 m arms: the innermost lane turns left, the outermost turns right or goes on."""
    bikes, parking = random.random() < 0.6, random.random() < 0.3
    lanes_each_way, limits = int(random.integers(2, 4)), random.choice([25, 30, 35], size=2)
    width = street(straight(np.zeros(2), np.ones(2)), lanes_each_way, bikes=bikes, parking=parking, speed_limit_mph=0)
    reach = width.border + random.uniform(8, 10)
    directions = [np.array([(1, 0), (0, 1), (-1, 0), (0, -1)][arm], dtype=float) for arm in range(4)]
    roads = tuple(
        street(
            straight(reach * direction, (reach + 160) * direction),
            lanes_each_way,
            bikes=bikes,
            parking=parking,
            speed_limit_mph=float(limits[arm % 2]),
        )
        for arm, direction in enumerate(directions)
    )
    connectors = [
        _connector(roads, arm, (arm + turn) % 4, place, movement)
        for arm in range(4)
        for turn, movement, places in _movements(lanes_each_way)
        for place in places
    ]
    kerbs = [_corner_kerb(directions[arm], directions[(arm + 1) % 4], reach, width.border) for arm in range(4)]
    return Place(roads, tuple(connectors), tuple(kerbs), tuple(_crosswalk(roads, arm) for arm in range(4)))


def _winding(random: np.random.Generator, length: float, radius: float) -> Curve:
    """A curve through the place's middle, with one bend of the given radius (m), and mostly another."""
    first, second = random.choice([-1.0, 1.0]) / radius, random.choice([-1.0, 0.0, 1.0]) / radius
    curve = bending([0.0, first, first, 0.0, second, second, 0.0], length)
    return Curve(curve.points - curve.at(np.array(length / 2))[0], curve.headings, curve.stations)


def _movements(lanes_each_way: int) -> list[tuple[int, Movement, range]]:
    """Which arm further on each movement leads to, and from which lanes, counted from the middle of the road."""
    outermost = lanes_each_way - 1
    return [
        (3, "left", range(1)),
        (2, "through", range(1, lanes_each_way)),
        (1, "right", range(outermost, outermost + 1)),
    ]


def _connector(roads: tuple[Road, ...], arm: int, onto: int, place: int, movement: Movement) -> Connector:
    approach, departure = _lane(roads[arm], place, forward=False), _lane(roads[onto], place, forward=True)
    towards, away = roads[arm].lane_curve(approach), roads[onto].lane_curve(departure)
    start, end = towards.points[-1], away.points[0]
    curve = straight(start, end) if movement == "through" else corner(start, float(towards.headings[-1]), end)
    return Connector((arm, approach), (onto, departure), movement, curve)


def _lane(road: Road, place: int, *, forward: bool) -> int:
    ways = [
        index for index, lane in enumerate(road.lanes) if lane.forward == forward and lane.type != LaneType.BIKE_LANE
    ]
    return ways[place]


def _corner_kerb(direction: Array, following: Array, reach: float, border: float) -> Array:
    """The quarter circle from the left kerb of one arm to the right kerb of the next."""
    angles = np.linspace(0.0, pi / 2, 40)
    along = reach - (reach - border) * np.sin(angles)
    across = reach - (reach - border) * np.cos(angles)
    return np.outer(along, direction) + np.outer(across, following)


def _crosswalk(roads: tuple[Road, ...], arm: int) -> Crossing:
    road = roads[arm]
    inwards = -np.array([np.cos(road.reference.headings[0]), np.sin(road.reference.headings[0])])
    near, far = road.reference.points[0] + 1.5 * inwards, road.reference.points[0] + 4.5 * inwards
    left = np.array([inwards[1], -inwards[0]]) * (road.border + 0.8)
    middle, beyond = (near + far) / 2, left * (1 + SIDEWALK / road.border)
    return Crossing(
        arm, np.array([near + left, near - left, far - left, far + left]), straight(middle + beyond, middle - beyond)
    )
