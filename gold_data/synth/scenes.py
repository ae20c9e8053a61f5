"""One made-up drive: a place, its traffic, and the car that records both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array
from gold_data.synth.draft import Place
from gold_data.synth.flow import draw_flow, let_flow
from gold_data.synth.kinds import ObjectType, SignalState
from gold_data.synth.network import Network
from gold_data.synth.places import SHARES, Kind, draw_place
from gold_data.synth.right_of_way import Junctions
from gold_data.synth.road_users import RoadUser, without_contacts
from gold_data.synth.roadside import Walker, parked_cars, people_crossing, people_on_sidewalks
from gold_data.synth.signals import SignalPlan, as_shown, draw_plan
from gold_data.synth.traffic import STEP, WARM_UP

SDC_SIZE = (5.286, 2.332, 2.33)
"""The box of Waymo's car in every record, metres."""

FREED_BEFORE = 3.5
"""Seconds before someone crosses a road from which drivers who still can stop do so."""

NINE_SECONDS = 9.0
"""The length of a WOMD record, for which the drawn lengths of drives are meant."""

TURNING = 0.35
"""Share of the drives in which the recording car sooner turns off than it goes as far as was drawn."""

LEAST_SEEN = 5
"""Steps that someone is seen at least."""


@dataclass(frozen=True)
class Scene:
    """A place with the car that records it and all others, none of whom touch.

    `signals` (T, C) are the states of the connectors' lights at each step, C is 0 where there are none.
    """

    place: Place
    signals: NDArray[np.int64]
    sdc: RoadUser
    others: list[RoadUser]


def draw_scene(random: np.random.Generator, steps: int, kind: Kind | None = None) -> Scene:
    """A scene of so many steps at a place of a kind, or of one that is drawn.

    Where nobody is there who could record it, as once in some ten thousand, another place is drawn.
    """
    asked = kind
    kind = asked or get_args(Kind)[random.choice(len(SHARES), p=list(SHARES.values()))]
    place = draw_place(kind, random)
    network = Network(place)
    plan = draw_plan(random) if kind == "lights" else None
    time = np.arange(steps, dtype=np.float64) * STEP
    busy = float(random.lognormal(0.2, 1.2))
    walkers = people_crossing(place, plan, min(0.25 * busy, 3.0), time, random)
    junctions = Junctions(place.connectors, network.crossing_ways, _closed(place, plan, walkers, steps))
    between = float(random.lognormal(np.log(9.0), 1.1))
    flow = let_flow(draw_flow(network, between, steps, random), junctions, steps, random)
    parked = parked_cars(place, float(random.beta(2.0, 0.6)), steps, random)
    people = [*people_on_sidewalks(place, busy, time, random), *(walker.user for walker in walkers)]
    sdc = _choose_sdc(flow, parked, time, random)
    if sdc is None:
        return draw_scene(random, steps, asked)
    others = [user for user in (*flow, *parked, *people) if user is not sdc]
    sdc = RoadUser(ObjectType.VEHICLE, SDC_SIZE, sdc.points, sdc.headings, sdc.present)
    hidden, reach = random.uniform(0.35, 0.95), random.uniform(50.0, 100.0)
    seen = [_seen(user, sdc, hidden, reach, random) for user in others]
    kept = without_contacts([sdc, *(user for user in seen if user.present.sum() >= min(LEAST_SEEN, steps))])[1:]
    return Scene(place, _shown(place, plan, time, random), sdc, kept)


def _closed(place: Place, plan: SignalPlan | None, walkers: list[Walker], steps: int) -> NDArray[np.bool_]:
    """When (warm-up and record, C) which connector must not be entered: at a red or yellow light, for one who walks."""
    time = np.arange(-WARM_UP, steps, dtype=np.float64) * STEP
    closed = np.zeros((len(time), len(place.connectors)), dtype=np.bool_)
    for number, link in enumerate(place.connectors):
        if plan and link.group is not None:
            closed[:, number] = plan.states(np.array(link.group), time) != SignalState.GO
        for walker in walkers:
            end = walker.crossing.end
            arrives = link.approach[0] == end.road and place.roads[end.road].lanes[link.approach[1]].forward
            leaves = link.departure[0] == end.road and place.roads[end.road].lanes[link.departure[1]].forward
            on_way = (link.approach[0] == end.road and arrives != end.at_start) or (
                link.departure[0] == end.road and leaves == end.at_start
            )
            if on_way:
                closed[:, number] |= (time > walker.begins - FREED_BEFORE) & (time < walker.ends)
    return closed


def _shown(place: Place, plan: SignalPlan | None, time: Array, random: np.random.Generator) -> NDArray[np.int64]:
    """The lights as they are seen: some of them not at all, some only from a step on."""
    lit = [link for link in place.connectors if plan and link.group is not None]
    shown = np.zeros((len(time), len(lit)), dtype=np.int64)
    for number, link in enumerate(lit):
        if plan and link.group is not None:
            shown[:, number] = as_shown(plan.states(np.array(link.group), time), link.movement)
        seen = random.random()
        if seen < 0.25:
            shown[: len(time) if seen < 0.15 else random.integers(len(time) + 1), number] = SignalState.UNKNOWN
    return shown


def _choose_sdc(
    flow: list[RoadUser], parked: list[RoadUser], time: Array, random: np.random.Generator
) -> RoadUser | None:
    """One who is there all the time, near the middle of the place, and goes about as far as Waymo's cars do."""
    cars = [user for user in flow if user.type == ObjectType.VEHICLE and user.size[0] < 6.0 and user.present.all()]
    stands = random.random() < 0.25
    wish = random.uniform(0.0, 6.0) if stands else float(np.clip(random.lognormal(np.log(38.0), 1.0), 11.0, 160.0))
    candidates = cars + (parked if stands or not cars else [])
    if not candidates:
        return None
    far = np.array([_travelled(car) for car in candidates]) * NINE_SECONDS / max(time[-1], STEP)
    middle = np.array([np.linalg.norm(car.points[len(time) // 2]) for car in candidates])
    misses = 3 * np.abs(np.log((far + 3.0) / (wish + 3.0))) + (middle / 120.0) ** 2
    if not stands and random.random() < TURNING:
        misses += [2.0 * (np.ptp(car.headings) < np.pi / 6) for car in candidates]
    return candidates[int(np.argmin(misses + random.uniform(0.0, 0.2, size=len(misses))))]


def _travelled(user: RoadUser) -> float:
    return float(np.linalg.norm(np.diff(user.points, axis=0), axis=1).sum())


def _seen(user: RoadUser, sdc: RoadUser, hidden: float, reach: float, random: np.random.Generator) -> RoadUser:
    """The same road user, present only within about `reach` metres of the SDC; a share come late or go early."""
    apart = np.linalg.norm(user.points - sdc.points, axis=1)
    present = user.present & (apart < reach * random.uniform(0.6, 1.3))
    steps = len(present)
    if random.random() < hidden:
        first, last = np.sort(random.uniform(-0.5, 1.5, size=2)) * steps
        present &= (np.arange(steps) >= first) & (np.arange(steps) <= last)
    return RoadUser(user.type, user.size, user.points, user.headings, present)
