"""The lanes of a place as a graph: which lane leads to which, which ways cross, and which lanes lie side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Curve
from gold_data.synth.draft import Place
from gold_data.synth.junctions import LaneKey
from gold_data.synth.kinds import LaneType

WAYS_CROSS = 2.9
"""Metres between the middles of two connectors at which two cars on them would touch."""

METRES_A_SECOND_PER_MPH = 0.44704


@dataclass(frozen=True)
class Network:
    """A place, and what follows from it for those who drive there."""

    place: Place

    @cached_property
    def lanes(self) -> tuple[LaneKey, ...]:
        """All lanes of the roads."""
        return tuple((road, lane) for road, built in enumerate(self.place.roads) for lane in range(len(built.lanes)))

    @cached_property
    def curves(self) -> dict[LaneKey, Curve]:
        """The middle of each lane, in driving direction."""
        return {key: self.place.roads[key[0]].lane_curve(key[1]) for key in self.lanes}

    @cached_property
    def onward(self) -> dict[LaneKey, list[tuple[int | None, LaneKey]]]:
        """Where one can go at the end of a lane: over a connector (its number) or straight on (None), to a lane."""
        found: dict[LaneKey, list[tuple[int | None, LaneKey]]] = {key: [] for key in self.lanes}
        for number, link in enumerate(self.place.connectors):
            found[link.approach].append((number, link.departure))
        for before, after in self.place.links:
            found[before].append((None, after))
        for key in self.lanes:
            if self.is_for_bikes(key) and (over := self._bike_lane_over_junction(key)):
                found[key].append(over)
        return found

    @cached_property
    def entries(self) -> frozenset[LaneKey]:
        """The lanes that nothing leads to: they come from outside the place."""
        return frozenset(self.lanes) - {after for exits in self.onward.values() for _, after in exits}

    @cached_property
    def crossing_ways(self) -> NDArray[np.bool_]:
        """Which pairs of connectors (C, C) cannot be driven at the same time, those from one lane apart."""
        links = self.place.connectors
        cross = np.zeros((len(links), len(links)), dtype=np.bool_)
        shares = np.linspace(0.0, 1.0, 14)
        for junction in {link.junction for link in links}:
            here = [number for number, link in enumerate(links) if link.junction == junction]
            ways = [links[number] for number in here]
            points = np.array([link.curve.at(shares * link.curve.length)[0] for link in ways])
            between = points[:, None, :, None] - points[None, :, None]
            near = (np.square(between).sum(axis=-1) < WAYS_CROSS**2).any(axis=(2, 3))
            approaches = np.array([link.approach for link in ways])
            one_lane = (approaches[:, None] == approaches).all(axis=-1)
            cross[np.ix_(here, here)] = near & ~one_lane
        return cross

    def is_for_bikes(self, key: LaneKey) -> bool:
        """Whether a lane is a bike lane."""
        return self.place.roads[key[0]].lanes[key[1]].type == LaneType.BIKE_LANE

    def limit(self, key: LaneKey) -> float:
        """The speed limit (m/s) of a lane."""
        return self.place.roads[key[0]].speed_limit_mph * METRES_A_SECOND_PER_MPH

    def beside(self, key: LaneKey) -> list[LaneKey]:
        """The lanes of the same kind and direction that adjoin a lane."""
        road, own = key[0], self.place.roads[key[0]].lanes[key[1]]
        return [
            (road, index)
            for index, lane in enumerate(self.place.roads[road].lanes)
            if lane != own
            and (lane.forward, lane.type) == (own.forward, own.type)
            and abs(lane.lateral - own.lateral) < (lane.width + own.width) / 2 + 0.1
        ]

    def _bike_lane_over_junction(self, key: LaneKey) -> tuple[int, LaneKey] | None:
        """The bike lane straight ahead over a junction, with the connector for cars whose light it shares."""
        through = [
            number
            for number, link in enumerate(self.place.connectors)
            if link.movement == "through" and link.approach[0] == key[0] and self._same_way(link.approach, key)
        ]
        if not through:
            return None
        departure = self.place.connectors[through[-1]].departure
        ahead = [
            lane
            for lane in self.lanes
            if lane[0] == departure[0] and self.is_for_bikes(lane) and self._same_way(lane, departure)
        ]
        return (through[-1], ahead[0]) if ahead else None

    def _same_way(self, first: LaneKey, second: LaneKey) -> bool:
        lanes = self.place.roads[first[0]].lanes
        return first[0] == second[0] and lanes[first[1]].forward == lanes[second[1]].forward


def oriented(network: Network, key: LaneKey) -> tuple[Curve, float]:
    """The reference of a lane's road in driving direction, and the lane's lateral (m) against that."""
    road = network.place.roads[key[0]]
    lane = road.lanes[key[1]]
    return (road.reference, lane.lateral) if lane.forward else (road.reference.backwards(), -lane.lateral)
