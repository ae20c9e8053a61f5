"""Those who do not drive: parked cars, people on sidewalks and people who cross while the cars have red."""

from __future__ import annotations

from math import pi

import numpy as np

from gold_data.synth.curves import Array
from gold_data.synth.kinds import ObjectType
from gold_data.synth.places import Crossing, Place
from gold_data.synth.road_users import RoadUser, along
from gold_data.synth.signals import SignalPlan
from gold_data.synth.traffic import STEPS, TIME


def parked_cars(place: Place, random: np.random.Generator) -> list[RoadUser]:
    """Cars in the parking strips, in lines with gaps."""
    between = random.uniform(2, 25)
    cars = []
    for road in place.roads:
        for lateral in road.parking:
            curve = road.reference.beside(lateral)
            station = 16.0 + random.exponential(between)
            while station < curve.length - 16.0:
                cars.append(_parked(curve.at(np.array(station)), lateral > 0, random))
                station += 6.6 + random.exponential(between)
    return cars


def people_on_sidewalks(place: Place, random: np.random.Generator) -> list[RoadUser]:
    """People who walk along the roads that have sidewalks, some of whom stand."""
    people = []
    for road in place.roads:
        for side in (-1, 1) if road.walk else ():
            for _ in range(random.poisson(random.uniform(0, 2))):
                curve = road.reference.beside(side * (road.border + random.uniform(0.9, 2.4)))
                curve = curve if random.random() < 0.5 else curve.backwards()
                pace = random.uniform(0.8, 1.7) * (random.random() < 0.85)
                stations = random.uniform(10, curve.length - 30) + pace * TIME
                people.append(along(curve, stations, 0.0, ObjectType.PEDESTRIAN, _person(random)))
    return people


def people_crossing(place: Place, plan: SignalPlan, random: np.random.Generator) -> list[RoadUser]:
    """People on the crosswalks of arms whose cars have red; they wait on the sidewalk before and stand there after."""
    return [
        _crossing(crossing, spans, random)
        for crossing in place.crossings
        if (spans := [span for span in plan.walk(crossing.road % 2) if span[1] > 0 and span[0] < TIME[-1]])
        for _ in range(random.poisson(1.5))
    ]


def _crossing(crossing: Crossing, spans: list[tuple[float, float]], random: np.random.Generator) -> RoadUser:
    walk = crossing.walk if random.random() < 0.5 else crossing.walk.backwards()
    red, green = spans[random.integers(len(spans))]
    pace = random.uniform(1.1, 1.7)
    begin = red + random.uniform(0.5, max(green - red - walk.length / pace - 1.0, 0.6))
    stations = _walked(begin, pace, walk.length)
    user = along(walk, stations, random.uniform(-0.9, 0.9), ObjectType.PEDESTRIAN, _person(random))
    return RoadUser(user.type, user.size, user.points, user.headings, np.ones(STEPS, dtype=bool))


def _walked(begin: float, pace: float, length: float) -> Array:
    """Stations at the record's steps of one who stands, walks `length` metres from `begin` (s) on, and stands again.

    Half a second goes into getting up to the pace and into stopping.
    """
    fine = np.arange(min(begin, 0.0) - 1.0, TIME[-1] + 0.05, 0.05)
    arrival = begin + 0.5 + length / pace
    speeds = pace * np.clip(np.minimum((fine - begin) / 0.5, (arrival - fine) / 0.5), 0, 1)
    return np.asarray(np.interp(TIME, fine, np.minimum(np.cumsum(speeds) * 0.05, length)))


def _parked(pose: tuple[Array, Array], reverse: bool, random: np.random.Generator) -> RoadUser:
    point, heading = pose
    size = (random.uniform(4.0, 5.3), random.uniform(1.75, 2.0), random.uniform(1.4, 1.9))
    turned = heading + pi * reverse + random.uniform(-0.02, 0.02)
    everywhere = np.ones(STEPS, dtype=bool)
    return RoadUser(ObjectType.VEHICLE, size, np.tile(point, (STEPS, 1)), np.full(STEPS, turned), everywhere)


def _person(random: np.random.Generator) -> tuple[float, float, float]:
    return random.uniform(0.7, 1.0), random.uniform(0.6, 0.9), random.uniform(1.55, 1.9)
