"""A place while it is being built: roads are laid where there is room, and joined where they meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import pi

import numpy as np

from gold_data.synth.curves import Array, Curve, leftwards, straight
from gold_data.synth.junctions import (
    Connector,
    Control,
    Crossing,
    End,
    LaneKey,
    Sign,
    axis_of,
    build_crossing,
    build_junction,
)
from gold_data.synth.roads import Road, car_park, street

Section = Callable[[Curve], Road]
"""What makes a road along a reference curve."""

ROOM = 4.0
"""Metres that stay free between the kerbs of two roads that do not meet."""

MOUTH = 6.0
"""Metres between the kerb of a side road and where the road that it leaves ends at their junction."""

BETWEEN_BUMPS = 28.0
"""Metres from one speed bump to the next."""

PIECE = 10.0
"""Metres of road between two junctions, at least."""


@dataclass(frozen=True)
class Place:
    """What is built. `links` are lanes that go on as another without a junction; polygons are (4, 2) m."""

    roads: tuple[Road, ...]
    connectors: tuple[Connector, ...]
    links: tuple[tuple[LaneKey, LaneKey], ...]
    kerbs: tuple[Array, ...]
    crossings: tuple[Crossing, ...]
    signs: tuple[Sign, ...]
    driveways: tuple[Array, ...]
    speed_bumps: tuple[Array, ...]


@dataclass
class Draft:
    """What has been built so far; `taken` has the ground under it: reference points (N, 2) and metres to the kerb.

    `car_parks` is the share of car parks in the side roads.
    """

    random: np.random.Generator
    car_parks: float = 0.0
    roads: list[Road] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    kerbs: list[Array] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    driveways: list[Array] = field(default_factory=list)
    speed_bumps: list[Array] = field(default_factory=list)
    taken: list[tuple[Array, float]] = field(default_factory=list)
    junctions: int = 0

    def lay(self, road: Road) -> int:
        """Add a road; returns its number."""
        self.roads.append(road)
        return len(self.roads) - 1

    def take(self, road: Road) -> None:
        """Keep the ground under a road free of others."""
        self.taken.append((road.reference.points[::4], road.border))

    def is_free(self, road: Road, besides: float) -> bool:
        """Whether a road would keep its distance from all others, but for its first `besides` metres."""
        points = road.reference.points[road.reference.stations > besides][::4]
        return all(
            np.linalg.norm(points[:, None] - other, axis=-1).min() > road.border + border + ROOM
            for other, border in self.taken
        )

    def join(self, ends: list[End], control: Control, crosswalks: float) -> None:
        """Build a junction; each of its ends with a sidewalk has a crosswalk with the given probability."""
        built = build_junction(self.junctions, self.roads, ends, control)
        self.junctions += 1
        self.connectors += built.connectors
        self.kerbs += built.kerbs
        self.signs += built.signs
        for end in ends:
            if self.roads[end.road].walk and self.random.random() < crosswalks:
                axis = axis_of(self.roads, ends, end) if control == "signals" else None
                self.crossings.append(build_crossing(self.roads, end, axis))

    def lay_along(self, reference: Curve, section: Section, sides: int) -> tuple[End, End]:
        """Lay a road along a reference, with junctions where up to `sides` side roads leave it; returns its ends."""
        whole = section(reference)
        self.take(whole)
        joined, starts, ends = [], [0.0], []
        for station in np.sort(self.random.uniform(0.0, reference.length, size=sides)):
            room = min(station - starts[-1], reference.length - station) - PIECE
            roads = self._side_roads(whole, float(station), room)
            if roads:
                gap = max(road.border for road in roads) + MOUTH
                joined.append(roads)
                ends.append(station - gap)
                starts.append(station + gap)
        ends.append(reference.length)
        pieces = [
            self.lay(section(reference.part(start, end) if joined else reference))
            for start, end in zip(starts, ends, strict=True)
        ]
        for number, roads in enumerate(joined):
            aside = [End(self.lay(road), True) for road in roads]
            self._slow_down(roads)
            control: Control = "stop" if any(road.walk for road in roads) else "yield"
            self.join([End(pieces[number], False), End(pieces[number + 1], True), *aside], control, 0.3)
        return End(pieces[0], True), End(pieces[-1], False)

    def _side_roads(self, main: Road, station: float, room: float) -> list[Road]:
        """Streets or aisles of car parks that leave a road at a station, to one side or to both.

        `room` is how many metres before and after the station their junction may take.
        """
        point, heading = main.reference.at(np.array(station))
        drawn = []
        for side in self.random.permutation([-1, 1])[: 1 + (self.random.random() < 0.6)]:
            kerb = main.left if side > 0 else -main.right
            start = point + side * (kerb + 5.5) * leftwards(heading)
            across = float(heading) + side * pi / 2
            end = start + self.random.uniform(45, 115) * np.array([np.cos(across), np.sin(across)])
            reference = straight(start, end)
            choices = (
                [car_park(reference, rows) for rows in range(int(self.random.integers(1, 5)), 0, -1)]
                if self.random.random() < self.car_parks
                else [self._side_street(reference)]
            )
            fitting = [road for road in choices if road.border + MOUTH <= room and self.is_free(road, 2.0 * MOUTH)]
            if fitting:
                drawn.append(fitting[0])
                self.take(fitting[0])
        return drawn

    def _slow_down(self, roads: list[Road]) -> None:
        """Speed bumps, one a road or more, on some of the roads."""
        for road in roads:
            bumps = self.random.integers(1, 4) if self.random.random() < 0.4 else 0
            first = self.random.uniform(15, 25)
            for station in np.arange(first, road.reference.length - 8, BETWEEN_BUMPS)[:bumps]:
                left, right = (max(sign * lane.lateral + lane.width / 2 for lane in road.lanes) for sign in (1, -1))
                self.speed_bumps.append(road.reference.strip(station, station + 2, left, -right))

    def _side_street(self, reference: Curve) -> Road:
        painted, parking = self.random.random() < 0.3, self.random.random() < 0.7
        return street(reference, 1, bikes=False, parking=parking, speed_limit_mph=25.0, painted=painted)

    def add_driveways(self, share: float) -> None:
        """Entrances from roads with sidewalks: one every 20 m or so, on the given share of such places."""
        for road in self.roads:
            for kerb in (road.left, road.right) if road.walk else ():
                for station in np.arange(10.0, road.reference.length - 14.0, 16.0):
                    if self.random.random() < share:
                        begin = station + self.random.uniform(0, 5)
                        end = begin + self.random.uniform(4, 8)
                        self.driveways.append(road.reference.strip(begin, end, kerb, kerb + np.sign(kerb) * 5))

    def place(self) -> Place:
        """What has been built; lanes that end exactly where another begins are linked."""
        return Place(
            tuple(self.roads),
            tuple(self.connectors),
            _links(self.roads),
            tuple(self.kerbs),
            tuple(self.crossings),
            tuple(self.signs),
            tuple(self.driveways),
            tuple(self.speed_bumps),
        )


def _links(roads: list[Road]) -> tuple[tuple[LaneKey, LaneKey], ...]:
    keys = [(road, lane) for road, built in enumerate(roads) for lane in range(len(built.lanes))]
    starts, ends = (
        np.array([roads[road].lane_end(lane, last=last)[0] for road, lane in keys]) for last in (False, True)
    )
    meet = np.linalg.norm(ends[:, None] - starts, axis=-1) < 1e-3
    return tuple((keys[before], keys[after]) for before, after in np.argwhere(meet))
