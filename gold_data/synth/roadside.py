"""Those who do not drive: parked cars, people on sidewalks and people who cross the road."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from gold_data.synth.curves import Array, leftwards
from gold_data.synth.draft import Place
from gold_data.synth.junctions import Crossing
from gold_data.synth.kinds import ObjectType
from gold_data.synth.road_users import RoadUser, along
from gold_data.synth.signals import SignalPlan

FROM_ROAD_END = 9.0
"""Metres from the end of a road within which nobody parks."""


@dataclass(frozen=True)
class Walker:
    """One who crosses a road, and when (s) drivers keep the crosswalk free for that."""

    crossing: Crossing
    user: RoadUser
    begins: float
    ends: float


def parked_cars(place: Place, filled: float, steps: int, random: np.random.Generator) -> list[RoadUser]:
    """Cars where cars can park; `filled` is the share of the places that are taken."""
    cars = []
    for road in place.roads:
        for strip in road.parking:
            stations = np.arange(FROM_ROAD_END, road.reference.length - FROM_ROAD_END / 2, strip.pitch)
            stations = stations[random.random(len(stations)) < filled]
            points, headings = road.reference.at(stations)
            points = points + strip.lateral * leftwards(headings)
            # In a car park, some have backed into their place.
            backed = pi * (random.random(len(stations)) < (0.3 if abs(strip.turn) == pi / 2 else 0.0))
            turned = headings + strip.turn + backed + random.uniform(-0.02, 0.02, size=len(stations))
            sizes = random.uniform((4.0, 1.75, 1.4), (5.2, 2.0, 1.9), size=(len(stations), 3))
            cars += [_parked(*car, steps) for car in zip(points, turned, sizes.tolist(), strict=True)]
    return cars


def people_on_sidewalks(place: Place, busy: float, time: Array, random: np.random.Generator) -> list[RoadUser]:
    """People along the roads that have sidewalks, some of whom stand: `busy` a side of 100 m in the mean."""
    people = []
    for road in place.roads:
        for kerb in (road.left, road.right) if road.walk else ():
            for _ in range(random.poisson(busy * road.reference.length / 100)):
                curve = road.reference.beside(kerb + np.sign(kerb) * random.uniform(0.9, 2.4))
                curve = curve if random.random() < 0.5 else curve.backwards()
                pace = random.uniform(0.8, 1.7) * (random.random() < 0.3)
                stations = random.uniform(5, max(curve.length - 10, 6)) + pace * time
                people.append(along(curve, stations, 0.0, ObjectType.PEDESTRIAN, _person(random)))
    return people


def people_crossing(
    place: Place, plan: SignalPlan | None, busy: float, time: Array, random: np.random.Generator
) -> list[Walker]:
    """People on crosswalks, `busy` each in the mean, at lights while the cars of that arm have red.

    They wait on the sidewalk before and stand there after.
    """
    until = float(time[-1])
    walkers = []
    for crossing in place.crossings:
        for _ in range(random.poisson(busy)):
            spans = [(-8.0, until + 4.0)]
            if plan and crossing.axis is not None:
                spans = plan.walk(crossing.axis, until)
            if spans:
                walkers.append(_crossing(crossing, spans[random.integers(len(spans))], time, random))
    return walkers


def _crossing(crossing: Crossing, span: tuple[float, float], time: Array, random: np.random.Generator) -> Walker:
    walk = crossing.walk if random.random() < 0.5 else crossing.walk.backwards()
    pace = random.uniform(1.1, 1.7)
    red, green = span
    begin = red + random.uniform(0.5, max(green - red - walk.length / pace - 1.0, 0.6))
    stations = _walked(begin, pace, walk.length, time)
    user = along(walk, stations, random.uniform(-0.9, 0.9), ObjectType.PEDESTRIAN, _person(random))
    always = RoadUser(user.type, user.size, user.points, user.headings, np.ones(len(time), dtype=np.bool_))
    return Walker(crossing, always, begin, begin + walk.length / pace + 0.5)


def _walked(begin: float, pace: float, length: float, time: Array) -> Array:
    """Stations at given times of one who stands, walks `length` metres from `begin` (s) on, and stands again.

    Half a second goes into getting up to the pace and into stopping.
    """
    fine = np.arange(min(begin, 0.0) - 1.0, time[-1] + 0.05, 0.05)
    arrival = begin + 0.5 + length / pace
    speeds = pace * np.clip(np.minimum((fine - begin) / 0.5, (arrival - fine) / 0.5), 0, 1)
    return np.asarray(np.interp(time, fine, np.minimum(np.cumsum(speeds) * 0.05, length)))


def _parked(point: Array, heading: float, size: list[float], steps: int) -> RoadUser:
    length, width, height = size
    everywhere = np.ones(steps, dtype=np.bool_)
    points = np.broadcast_to(point, (steps, 2))
    return RoadUser(ObjectType.VEHICLE, (length, width, height), points, np.full(steps, heading), everywhere)


def _person(random: np.random.Generator) -> tuple[float, float, float]:
    return random.uniform(0.7, 1.0), random.uniform(0.6, 0.9), random.uniform(1.55, 1.9)
