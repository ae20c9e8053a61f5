"""A way over the lanes of a place, with lane changes, as a path and what lies along it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from gold_data.synth.curves import Array, Curve, join, shifting, smoothly, sweep
from gold_data.synth.junctions import LaneKey
from gold_data.synth.network import Network, oriented

INDICATING = 30.0
"""Metres before a lane change from which the new lane's drivers make room for one who comes."""

ROOM_TO_CHANGE = 75.0
"""Metres of lane that a lane change needs, with the driving before and after it."""

BIKES_A_SECOND = 6.0
LATERAL_ACCELERATION = 2.1
APPROACH_BRAKING = 1.4
STOPPING = 2.4
CONNECTOR_LIMIT = {"left": 8.0, "through": 40.0, "right": 6.5}
"""Speeds (m/s) at which nobody is faster on a connector."""


@dataclass(frozen=True)
class Stretch:
    """From `start` to `end` (stations of the path, m) the path is on lane `key`, at its station plus `shift`."""

    key: int
    start: float
    end: float
    shift: float


@dataclass(frozen=True)
class Gate:
    """A stop line of the path (its station), the connector behind it and the station at which that ends."""

    line: float
    connector: int
    clear: float


@dataclass(frozen=True)
class Route:
    """A path over the place; `limits` are (start station, m/s) of the speed limits along it, in order."""

    path: Curve
    stretches: tuple[Stretch, ...]
    gates: tuple[Gate, ...]
    limits: tuple[tuple[float, float], ...]

    def speeds(self, share: float) -> Array:
        """The highest speed (m/s) at each whole metre: a share of the limit, slower in bends and early before them."""
        stations = np.arange(self.path.length + 1)
        starts, limits = np.array(self.limits).T
        limit = limits[np.searchsorted(starts, stations, side="right") - 1] * share
        bend = np.interp(stations, self.path.stations, np.abs(self.path.curvature))
        squared = np.minimum(limit**2, LATERAL_ACCELERATION / np.maximum(bend, 1e-6))
        for passed, following in pairwise(self.gates):
            # Who passes a stop line can still stop at the next one, which may be closed.
            squared[int(passed.line)] = min(squared[int(passed.line)], 2 * STOPPING * (following.line - passed.line))
        braking = squared + 2 * APPROACH_BRAKING * stations
        slowest_ahead = np.minimum.accumulate(braking[::-1])[::-1]
        return np.asarray(np.sqrt(slowest_ahead - 2 * APPROACH_BRAKING * stations))


@dataclass
class _Way:
    """A route while it grows."""

    curves: list[Curve] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    limits: list[tuple[float, float]] = field(default_factory=list)
    length: float = 0.0

    def add(self, curve: Curve, limit: float, *stretches: tuple[int, float, float, float]) -> None:
        """Append a curve; stretches are given by stations of that curve."""
        begin = self.length
        self.stretches += [Stretch(key, begin + first, begin + last, s - begin) for key, first, last, s in stretches]
        self.limits.append((begin, limit))
        self.curves.append(curve)
        self.length += curve.length


def draw_route(
    network: Network, lane: LaneKey, start: float, length: float, eagerness: float, random: np.random.Generator
) -> Route:
    """A route from the start of a lane over `length` metres or to where the place ends.

    Lanes are changed with the probability `eagerness` wherever there is room for it beyond the station `start`, and
    always where a lane ends.
    """
    way, keys = _Way(), {key: number for number, key in enumerate(network.lanes)}
    connectors = network.place.connectors
    own = lane
    while True:
        own = _drive_lane(way, network, keys, own, max(start - way.length, 0.0), eagerness, random)
        exits = network.onward[own]
        if way.length > start + length or not exits:
            return Route(join(*way.curves), tuple(way.stretches), tuple(way.gates), tuple(way.limits))
        over, following = exits[random.integers(len(exits))]
        if over is not None:
            link = connectors[over]
            bike = network.is_for_bikes(own)
            curve = _over(network.curves[own], network.curves[following]) if bike else link.curve
            limit = BIKES_A_SECOND if bike else CONNECTOR_LIMIT[link.movement]
            way.gates.append(Gate(way.length, over, way.length + curve.length))
            number = len(keys) + over + bike * len(connectors)
            way.add(curve, min(limit, network.limit(own)), (number, 0.0, curve.length, 0.0))
        own = following


def _over(towards: Curve, away: Curve) -> Curve:
    """The way from the end of a bike lane over a junction to another, which has no connector."""
    return sweep(towards.points[-1], float(towards.headings[-1]), away.points[0], float(away.headings[0]))


def _drive_lane(
    way: _Way,
    network: Network,
    keys: dict[LaneKey, int],
    lane: LaneKey,
    start: float,
    eagerness: float,
    random: np.random.Generator,
) -> LaneKey:
    """Append a lane, or that and the one beside it; returns the lane at whose end the path now is."""
    curve, limit = network.curves[lane], network.limit(lane)
    limit = BIKES_A_SECOND if network.is_for_bikes(lane) else limit
    beside = [other for other in network.beside(lane) if network.onward[other] or not network.onward[lane]]
    must = not network.onward[lane] and any(network.onward[other] for other in beside)
    lasts = max(30.0, 4.0 * limit)
    free = curve.length - start - ROOM_TO_CHANGE - lasts
    if not beside or not (must or random.random() < eagerness) or free <= -30.0:
        way.add(curve, limit, (keys[lane], -np.inf if not way.curves else 0.0, curve.length, 0.0))
        return lane
    target = beside[random.integers(len(beside))]
    begin = start + 10.0 + random.uniform(0, max(free, 1.0))
    reference, lateral = oriented(network, lane)
    _, onto = oriented(network, target)
    # Stations of the road's reference, of which a lane beside it has a few more or fewer.
    ratio = reference.length / curve.length
    stations = reference.stations
    share = smoothly((stations / ratio - begin) / lasts)
    changing = shifting(reference, stations, lateral + (onto - lateral) * share)
    arrived = changing.length - network.curves[target].length
    way.add(
        changing,
        limit,
        (keys[lane], -np.inf if not way.curves else 0.0, begin + 0.6 * lasts, 0.0),
        (keys[target], max(begin - INDICATING, 0.0), changing.length, -arrived),
    )
    return target
