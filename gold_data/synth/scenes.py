"""One made-up scenario: a place, its traffic, and the car that records both, as a WOMD message."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.flow import draw_flow, let_flow
from gold_data.synth.kinds import ObjectType
from gold_data.synth.lanes import MapOfPlace, draw_map
from gold_data.synth.places import Place, avenue, crossroads, motorway
from gold_data.synth.road_users import RoadUser, without_contacts
from gold_data.synth.roadside import parked_cars, people_crossing, people_on_sidewalks
from gold_data.synth.signals import SignalPlan, as_shown, draw_plan, group
from gold_data.synth.sites import Site, draw_site
from gold_data.synth.traffic import STEP, STEPS, TIME
from gold_data.womd.messages import SIGNAL, STATE, RequiredPrediction, Scenario, Track

CURRENT = 10
LARGEST = 60
"""Tracks a scenario has at most."""

SDC_SIZE = (5.286, 2.332, 2.33)
"""The box of Waymo's car in every record, metres."""


@dataclass(frozen=True)
class Scene:
    """A place with the car that records it and all others, none of whom touch."""

    place: Place
    plan: SignalPlan | None
    sdc: RoadUser
    others: list[RoadUser]


def make_scenario(seed: int, index: int) -> Scenario:
    """Scenario `index` of a seed: a function of the two alone."""
    random = np.random.default_rng([seed, index])
    scene = _draw_scene(random)
    site = draw_site(random)
    drawn = draw_map(scene.place, site)
    tracks = _tracks(scene, site, random)
    moving = [
        index
        for index, track in enumerate(tracks[:-1])
        if track.states["valid"][CURRENT:].all() and _moves(track.states["center_x"], track.states["center_y"]) > 5.0
    ]
    return Scenario(
        scenario_id=hashlib.sha256(f"{seed}/{index}".encode()).hexdigest()[:16],
        timestamps_seconds=TIME,
        current_time_index=CURRENT,
        tracks=tuple(tracks),
        dynamic_map_states=_signals(scene, drawn, site),
        map_features=drawn.features,
        sdc_track_index=len(tracks) - 1,
        objects_of_interest=tuple(tracks[i].id for i in moving[:2])
        if len(moving) > 1 and random.random() < 0.5
        else (),
        tracks_to_predict=tuple(RequiredPrediction(i, int(random.random() < 0.2)) for i in moving[:8]),
    )


def _draw_scene(random: np.random.Generator) -> Scene:
    kind = random.choice(["crossroads", "avenue", "motorway"], p=[0.45, 0.4, 0.15])
    curved = bool(random.random() < 0.6)
    if kind == "crossroads":
        place = crossroads(random)
    else:
        place = avenue(random, curved=curved) if kind == "avenue" else motorway(random, curved=curved)
    plan = draw_plan(random) if place.connectors else None
    flow = let_flow(draw_flow(place, random), plan, random)
    parked = parked_cars(place, random)
    people = people_on_sidewalks(place, random) + (people_crossing(place, plan, random) if plan else [])
    sdc = _choose_sdc(flow, parked, random)
    others = [user for user in (*flow, *parked, *people) if user is not sdc]
    sdc = RoadUser(ObjectType.VEHICLE, SDC_SIZE, sdc.points, sdc.headings, sdc.present)
    seen = [_seen(user, sdc, random) for user in others]
    kept = without_contacts([sdc, *(user for user in seen if user.present.sum() >= 5)])[1:]
    nearest = sorted(kept, key=lambda user: float(_distance(user, sdc)[user.present].min()))[: LARGEST - 1]
    return Scene(place, plan, sdc, [user for user in kept if any(user is near for near in nearest)])


def _choose_sdc(flow: list[RoadUser], parked: list[RoadUser], random: np.random.Generator) -> RoadUser:
    """Mostly a car that moves, sooner one that turns or slows down; now and then one that stands all the time."""
    cars = [user for user in flow if user.type == ObjectType.VEHICLE and user.size[0] < 6.0 and user.present.all()]
    lively = [car for car in cars if _moves(*car.points.T) > 14.0]
    still = [car for car in cars if _moves(*car.points.T) < 1.5] + parked[:1]
    if still and (not lively or random.random() < 0.08):
        return still[random.integers(len(still))]
    candidates = lively or cars
    turns = np.array([abs(car.headings[-1] - car.headings[0]) > 0.5 for car in candidates])
    slows = np.array([_slowest(car) < 4.0 for car in candidates])
    middle = np.array([np.linalg.norm(car.points[STEPS // 2]) for car in candidates])
    weight = (1 + 6 * turns + 2 * slows) / (1 + (middle / 60) ** 2)
    return candidates[random.choice(len(candidates), p=weight / weight.sum())]


def _slowest(user: RoadUser) -> float:
    return float(np.linalg.norm(np.diff(user.points, axis=0), axis=1).min()) / STEP


def _seen(user: RoadUser, sdc: RoadUser, random: np.random.Generator) -> RoadUser:
    """The same road user, present only within a drawn range of the SDC; some come late or go early behind others."""
    present = user.present & (_distance(user, sdc) < random.uniform(55, 110))
    if random.random() < 0.3:
        first, last = np.sort(random.integers(-40, STEPS + 40, size=2))
        hidden = (np.arange(STEPS) < first) | (np.arange(STEPS) > last)
        present &= ~hidden
    return RoadUser(user.type, user.size, user.points, user.headings, present)


def _distance(user: RoadUser, sdc: RoadUser) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(user.points - sdc.points, axis=1))


def _moves(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.hypot(x[-1] - x[0], y[-1] - y[0]))


def _tracks(scene: Scene, site: Site, random: np.random.Generator) -> list[Track]:
    """All tracks with rising ids, the SDC last as in WOMD."""
    ids = random.integers(1, 2500) + np.cumsum(random.integers(1, 12, size=len(scene.others) + 1))
    users = [*scene.others, scene.sdc]
    return [Track(int(id), user.type, _states(user, site)) for id, user in zip(ids, users, strict=True)]


def _states(user: RoadUser, site: Site) -> NDArray[np.void]:
    ground = site.ground(user.points)
    length, width, height = user.size
    velocity = np.gradient(ground[:, :2], STEP, axis=0)
    columns = {
        "center_x": ground[:, 0],
        "center_y": ground[:, 1],
        "center_z": ground[:, 2] + height / 2,
        "length": length,
        "width": width,
        "height": height,
        "heading": site.headings(user.headings),
        "velocity_x": velocity[:, 0],
        "velocity_y": velocity[:, 1],
        "valid": True,
    }
    states = np.zeros(STEPS, dtype=STATE)
    for name, values in columns.items():
        states[name] = np.where(user.present, values, 0)
    return states


def _signals(scene: Scene, drawn: MapOfPlace, site: Site) -> tuple[NDArray[np.void], ...]:
    """At each step the state of every connector lane, with the point where the lane before it ends."""
    links = scene.place.connectors
    rows = np.zeros((STEPS, len(links)), dtype=SIGNAL)
    if scene.plan:
        groups = np.array([group(link.approach[0], link.movement) for link in links])
        rows["lane"] = drawn.connector_lanes
        rows["stop_point"] = site.ground(np.array([link.curve.points[0] for link in links]))
        states = scene.plan.states(groups, TIME[:, None])
        for place, link in enumerate(links):
            rows["state"][:, place] = [as_shown(int(state), link.movement) for state in states[:, place]]
    return tuple(rows)
