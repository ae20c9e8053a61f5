"""The places that scenarios happen in: freeways, merges, avenues, crossings with and without lights, roundabouts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, pi
from typing import Literal

import numpy as np

from gold_data.synth.curves import Array, Curve, bending, circle, shifting, smoothly, straight
from gold_data.synth.draft import Draft, Place, Section
from gold_data.synth.junctions import Control, End
from gold_data.synth.kinds import EdgeType, LineType
from gold_data.synth.roads import FREEWAY_LANE_WIDTH, MEDIAN_WIDTH, Road, freeway, ramp, ring, street

Kind = Literal["lights", "stops", "avenue", "roundabout", "motorway", "merge"]
SHARES: dict[Kind, float] = {
    "lights": 0.38,
    "stops": 0.22,
    "avenue": 0.28,
    "roundabout": 0.05,
    "motorway": 0.03,
    "merge": 0.04,
}
"""How often each kind is drawn."""


def draw_place(kind: Kind, random: np.random.Generator) -> Place:
    """A place of a kind, its middle at the origin."""
    makers: dict[Kind, Callable[[np.random.Generator], Place]] = {
        "lights": lambda random: crossing(random, "signals"),
        "stops": lambda random: crossing(random, "all-way stop" if random.random() < 0.5 else "stop"),
        "avenue": avenue,
        "roundabout": roundabout,
        "motorway": motorway,
        "merge": merge,
    }
    return makers[kind](random)


def motorway(random: np.random.Generator) -> Place:
    """A freeway of 560 m, straight or bent."""
    draft = Draft(random)
    reference = _winding(random, 560.0, random.choice([inf, random.uniform(450, 900)]))
    draft.lay(freeway(reference, int(random.integers(3, 5)), float(random.choice([55, 60, 65]))))
    return draft.place()


GORE = 52.0
"""Metres over which a ramp and a freeway lie so close that there is no edge between them."""


def merge(random: np.random.Generator) -> Place:
    """A freeway with an on-ramp whose lane runs beside the others for a while, and ends or leaves by an off-ramp."""
    draft = Draft(random)
    reference = _winding(random, 560.0, random.choice([inf, random.uniform(700, 1200)]))
    lanes, limit = int(random.integers(2, 4)), float(random.choice([55, 60, 65]))
    enters, leaves = 220.0, random.uniform(380, 430)
    off_ramp = random.random() < 0.5
    cuts = [0.0, enters - GORE, enters, leaves, leaves + GORE, reference.length]
    for place in range(5):
        road = freeway(reference.part(cuts[place], cuts[place + 1]), lanes, limit, extra=int(place == 2))
        draft.lay(_open_right(road) if place in (1, 3) else road)
    beside = -(MEDIAN_WIDTH / 2 + (lanes + 0.5) * FREEWAY_LANE_WIDTH)
    for at, direction in ((enters, -1), (leaves, 1)) if off_ramp else ((enters, -1),):
        away = np.linspace(0.0, 150.0, 301)
        laterals = beside - away**2 / 800
        near = away <= GORE
        for part in (near, away >= GORE):
            order = slice(None, None, direction)
            curve = shifting(reference, (at + direction * away[part])[order], laterals[part][order])
            built = ramp(curve)
            draft.lay(replace(built, edges=built.edges[:1]) if part is near else built)
    if not off_ramp:
        stations = np.linspace(leaves, leaves + GORE, 105)
        borders = draft.roads[2].right + FREEWAY_LANE_WIDTH * smoothly((stations - leaves) / GORE)
        draft.kerbs.append(shifting(reference, stations, borders).points)
    return draft.place()


def avenue(random: np.random.Generator) -> Place:
    """A street, broad or narrow, that side streets and car parks lie along."""
    draft, extent = Draft(random, random.uniform(0.1, 1.0)), _extent(random)
    lanes = int(random.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))
    reference = _winding(random, extent * random.uniform(230, 360), random.choice([inf, random.uniform(120, 300)]))
    draft.lay_along(reference, _section(random, lanes), _some(random, 9 * extent))
    draft.add_driveways(random.uniform(0.1, 0.9))
    return draft.place()


def crossing(random: np.random.Generator, control: Control) -> Place:
    """A crossing of four arms, or three, with side streets and car parks along them."""
    draft, extent = Draft(random, random.uniform(0.1, 1.0)), _extent(random)
    lanes = [int(random.integers(*((2, 4) if control == "signals" else (1, 3)))), int(random.integers(1, 3))]
    sections = [_section(random, count) for count in lanes]
    line = straight(np.zeros(2), np.ones(2))
    borders = [section(line).border for section in sections]
    arms = [0, 2, 1, 3] if random.random() < 0.75 else [0, 2, 1]
    gap = random.uniform(8, 10)
    ends = []
    for arm in arms:
        start = (borders[1 - arm % 2] + gap) * _direction(arm * pi / 2)
        reference = _arm(random, extent * random.uniform(100, 170)).moved(start, arm * pi / 2)
        end, _ = draft.lay_along(reference, sections[arm % 2], _some(random, 4.5 * extent))
        ends.append(end)
    draft.join(ends, control, 0.9 if control == "signals" else 0.6)
    draft.add_driveways(random.uniform(0.1, 0.9))
    return draft.place()


def roundabout(random: np.random.Generator) -> Place:
    """A ring of one lane, driven anticlockwise, that the traffic of three or four streets enters by yielding."""
    draft, extent = Draft(random, random.uniform(0.1, 1.0)), _extent(random)
    radius = random.uniform(17, 23)
    section = _section(random, 1)
    border = section(straight(np.zeros(2), np.ones(2))).border
    opening = float(np.arcsin((border + 4.5) / (radius + 6)))
    angles = np.arange(4)[: int(random.integers(3, 5))] * pi / 2
    draft.take(ring(circle(np.zeros(2), radius, 0.0, 2 * pi)))
    arms = []
    for angle in angles:
        reference = _arm(random, extent * random.uniform(85, 140)).moved((radius + 11.5) * _direction(angle), angle)
        arms.append(draft.lay_along(reference, section, _some(random, 3.2 * extent))[0])
    following = np.append(angles[1:], 2 * pi)
    arcs = [
        circle(np.zeros(2), radius, angle + opening, after - opening)
        for angle, after in zip(angles, following, strict=True)
    ]
    rings = [draft.lay(ring(arc)) for arc in arcs]
    for place, arm in enumerate(arms):
        draft.join([End(rings[place - 1], False), End(rings[place], True), arm], "yield", 0.4)
    draft.add_driveways(random.uniform(0.1, 0.5))
    return draft.place()


def _extent(random: np.random.Generator) -> float:
    """How large a place is against those of its kind."""
    return float(np.clip(random.lognormal(0.05, 0.5), 0.65, 3.0))


def _some(random: np.random.Generator, mean: float) -> int:
    return int(random.poisson(mean))


def _section(random: np.random.Generator, lanes: int) -> Section:
    """A cross-section with so many lanes each way, for all parts of a street."""
    bikes, parking = random.random() < 0.3, random.random() < (0.8 if lanes == 1 else 0.4)
    limit = float(random.choice([25, 30, 35, 40] if lanes == 1 else [35, 40, 45]))
    painted = lanes > 1 or random.random() < 0.6
    return lambda reference: street(
        reference, lanes, bikes=bikes, parking=parking, speed_limit_mph=limit, painted=painted
    )


def _arm(random: np.random.Generator, length: float) -> Curve:
    """Straight where it meets a junction; farther out, it may bend."""
    bend = float(random.choice([0.0, -1.0, 1.0], p=[0.6, 0.2, 0.2])) / random.uniform(120, 300)
    return bending([0.0, 0.0, bend, bend], length) if bend else straight(np.zeros(2), np.array([length, 0.0]))


def _winding(random: np.random.Generator, length: float, radius: float) -> Curve:
    """A curve through the place's middle, with one bend of the given radius (m), and mostly another."""
    first, second = random.choice([-1.0, 1.0]) / radius, random.choice([-1.0, 0.0, 1.0]) / radius
    curve = bending([0.0, first, first, 0.0, second, second, 0.0], length)
    return Curve(curve.points - curve.at(np.array(length / 2))[0], curve.headings, curve.stations)


def _direction(angle: float) -> Array:
    return np.array([np.cos(angle), np.sin(angle)])


def _open_right(road: Road) -> Road:
    """A road whose right side is open to a lane that joins or leaves: no edge there, and a line that may be crossed."""
    outer = min(lane.right for lane in road.lanes)
    lines = [
        (lateral, LineType.BROKEN_SINGLE_WHITE if abs(lateral - outer) < 0.01 else type) for lateral, type in road.lines
    ]
    edges = [(lateral, type) for lateral, type in road.edges if lateral != road.right or type == EdgeType.MEDIAN]
    return replace(road, lines=tuple(lines), edges=tuple(edges))
