"""Where roads meet: the lanes that lead from one to another, who goes first, kerbs, crosswalks and stop signs."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Literal

import numpy as np

from gold_data.synth.curves import Array, Curve, corner, leftwards, straight, sweep
from gold_data.synth.kinds import LaneType
from gold_data.synth.roads import Road

Movement = Literal["left", "through", "right"]
Control = Literal["signals", "all-way stop", "stop", "yield"]
"""Who decides: lights; a stop sign for everyone; a stop sign, or the duty to yield, for those off the main road."""

LaneKey = tuple[int, int]
"""A road's number and a lane's place in its cross-section."""

SIDEWALK = 1.6
"""Metres from the kerb to the middle of the sidewalk."""


@dataclass(frozen=True)
class End:
    """One end of a road: that where its reference starts, or the other."""

    road: int
    at_start: bool


@dataclass(frozen=True)
class Connector:
    """A lane over a junction, from a lane that runs towards it to one that leaves it.

    Of two whose ways meet, the one of higher `precedence` goes first. `stops` says whether there is a stop sign,
    `group` is the signal group (None without lights).
    """

    junction: int
    approach: LaneKey
    departure: LaneKey
    movement: Movement
    curve: Curve
    precedence: int
    stops: bool
    group: int | None


@dataclass(frozen=True)
class Crossing:
    """A crosswalk at the end of a road, and the line from sidewalk to sidewalk that people walk on it.

    `axis` is that of the road at a junction with lights, None where there are none.
    """

    end: End
    polygon: Array
    walk: Curve
    axis: int | None


@dataclass(frozen=True)
class Sign:
    """A stop sign: where it stands, (2,) m, and the approaches that it holds for."""

    point: Array
    approaches: tuple[LaneKey, ...]


@dataclass(frozen=True)
class Junction:
    """What is built where the ends of some roads meet."""

    connectors: tuple[Connector, ...]
    kerbs: tuple[Array, ...]
    signs: tuple[Sign, ...]


def outward(road: Road, at_start: bool) -> tuple[Array, float]:
    """The point (2,) of an end and the heading (rad) with which the road leaves there."""
    place = 0 if at_start else -1
    return road.reference.points[place], float(road.reference.headings[place]) + pi * (not at_start)


def build_junction(number: int, roads: list[Road], ends: list[End], control: Control) -> Junction:
    """The junction of some ends; the main road, where there is one, is that along the first end."""
    _, main = outward(roads[ends[0].road], ends[0].at_start)
    connectors = []
    for arrival in ends:
        axis = _axis(roads, arrival, main)
        approaches = _lanes(roads, arrival, arriving=True)
        moves = [(end, move) for end in ends if end != arrival and (move := _movement(roads, arrival, end))]
        has_left = any(move == "left" and _lanes(roads, end, arriving=False) for end, move in moves)
        for end, move in moves:
            departures = _lanes(roads, end, arriving=False)
            if not departures:
                continue
            for place in _places(move, len(approaches), control == "signals" and has_left):
                approach, departure = approaches[place], departures[_onto(move, place, len(departures))]
                first, halts = _rules(control, move, axis)
                group = 2 * axis + (move != "left") if control == "signals" else None
                curve = _curve(
                    roads[approach[0]].lane_end(approach[1], last=True),
                    roads[departure[0]].lane_end(departure[1], last=False),
                )
                connectors.append(Connector(number, approach, departure, move, curve, first, halts, group))
    stopping = {link.approach for link in connectors if link.stops}
    signs = [_sign(roads, end, stopping) for end in ends]
    return Junction(tuple(connectors), _kerbs(roads, ends), tuple(sign for sign in signs if sign.approaches))


def build_crossing(roads: list[Road], end: End, axis: int | None) -> Crossing:
    """The crosswalk 1.5 to 4.5 m beyond the end of a road."""
    road = roads[end.road]
    point, heading = outward(road, end.at_start)
    inwards, left = -np.array([np.cos(heading), np.sin(heading)]), leftwards(np.array(heading))
    sides = [lateral * (1 if end.at_start else -1) for lateral in (road.left, road.right)]
    near, far = point + 1.5 * inwards, point + 4.5 * inwards
    first, second = (side * left for side in sides)
    middle = (near + far) / 2
    reach = [side * left * (1 + SIDEWALK / abs(side)) for side in sides]
    return Crossing(
        end,
        np.array([near + first, near + second, far + second, far + first]),
        straight(middle + reach[0], middle + reach[1]),
        axis,
    )


def axis_of(roads: list[Road], ends: list[End], end: End) -> int:
    """0 for an end along the first one's road, 1 for one across it."""
    return _axis(roads, end, outward(roads[ends[0].road], ends[0].at_start)[1])


def _axis(roads: list[Road], end: End, main: float) -> int:
    _, heading = outward(roads[end.road], end.at_start)
    return int(abs(np.cos(heading - main)) < 0.5**0.5)


def _lanes(roads: list[Road], end: End, *, arriving: bool) -> list[LaneKey]:
    """The lanes for cars that arrive at an end or leave from it, from the driver's left to the right."""
    lanes = [
        (end.road, index)
        for index, lane in enumerate(roads[end.road].lanes)
        if (lane.forward != end.at_start) == arriving and lane.type != LaneType.BIKE_LANE
    ]
    lateral = {key: roads[end.road].lanes[key[1]] for key in lanes}
    return sorted(lanes, key=lambda key: -lateral[key].lateral if lateral[key].forward else lateral[key].lateral)


def _movement(roads: list[Road], arrival: End, end: End) -> Movement | None:
    (_, back), (_, away) = (outward(roads[e.road], e.at_start) for e in (arrival, end))
    turn = (away - back) % (2 * pi) - pi
    if abs(turn) > 2.8:
        return None
    return "through" if abs(turn) < 0.6 else "left" if turn > 0 else "right"


def _places(move: Movement, approaches: int, left_apart: bool) -> range:
    """Which approach lanes a movement is made from; at lights the innermost of several turns left only."""
    if not approaches or move == "left":
        return range(min(approaches, 1))
    first = approaches - 1 if move == "right" else int(left_apart and approaches > 1)
    return range(first, approaches)


def _onto(move: Movement, place: int, departures: int) -> int:
    return departures - 1 if move == "right" else min(place, departures - 1)


def _rules(control: Control, move: Movement, axis: int) -> tuple[int, bool]:
    if control == "all-way stop":
        return 0, True
    if control != "signals" and axis == 1:
        return 0, control == "stop"
    return (1 if move == "left" else 2), False


def _curve(leaves: tuple[Array, float], arrives: tuple[Array, float]) -> Curve:
    (start, heading), (end, turned) = leaves, arrives
    turn = (turned - heading + pi) % (2 * pi) - pi
    aside = float((end - start) @ leftwards(np.array(heading)))
    if abs(turn) < 1e-3 and abs(aside) < 1e-3:
        return straight(start, end)
    return corner(start, heading, end) if abs(abs(turn) - pi / 2) < 1e-3 else sweep(start, heading, end, turned)


def _sides(road: Road, end: End) -> tuple[Array, Array, float]:
    """The kerbs' ends, (2,) each, on the left and right of one who leaves the junction, and that heading."""
    point, heading = outward(road, end.at_start)
    across = leftwards(np.array(heading))
    left, right = (road.left, road.right) if end.at_start else (-road.right, -road.left)
    return point + left * across, point + right * across, heading


def _kerbs(roads: list[Road], ends: list[End]) -> tuple[Array, ...]:
    """Round each corner, from the left kerb of an end to the right kerb of the next one anticlockwise."""
    ordered = sorted(ends, key=lambda end: outward(roads[end.road], end.at_start)[1] % (2 * pi))
    sides = [_sides(roads[end.road], end) for end in ordered]
    following = sides[1:] + sides[:1]
    return tuple(
        sweep(left, heading + pi, right, onwards).points
        for (left, _, heading), (_, right, onwards) in zip(sides, following, strict=True)
    )


def _sign(roads: list[Road], end: End, stopping: set[LaneKey]) -> Sign:
    """The sign stands beside the stop line on the right of those who arrive, behind the kerb."""
    left, _, heading = _sides(roads[end.road], end)
    beside = left + 0.8 * leftwards(np.array(heading))
    return Sign(beside, tuple(key for key in _lanes(roads, end, arriving=True) if key in stopping))
