"""A place as WOMD map features: lanes in pieces with links, neighbours and boundaries, and what runs beside them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise
from math import ceil

import numpy as np

from gold_data.synth.curves import Array, spaced
from gold_data.synth.draft import Place
from gold_data.synth.junctions import LaneKey
from gold_data.synth.kinds import EdgeType, LaneType, LineType
from gold_data.synth.roads import LaneStrip, Road
from gold_data.synth.sites import Site
from gold_data.womd.messages import (
    BoundarySegment,
    Crosswalk,
    Driveway,
    Lane,
    LaneNeighbor,
    MapFeature,
    RoadEdge,
    RoadLine,
    SpeedBump,
    StopSign,
)

PIECE = 30.0
"""Metres of road after which a lane is cut and goes on under another id, at most."""

SIGN_HEIGHT = 2.1
"""Metres from the ground to the middle of a stop sign."""

CONNECTOR_MPH = {"left": 15.0, "through": 25.0, "right": 15.0}


@dataclass(frozen=True)
class MapOfPlace:
    """The features in WOMD's order (edges and lines, lanes, polygons), and the lane id of each of the connectors."""

    features: tuple[MapFeature, ...]
    connector_lanes: tuple[int, ...]


@dataclass(frozen=True)
class Marking:
    """The feature id of a line or edge that runs at a lateral of a road."""

    lateral: float
    id: int
    type: LineType


@dataclass(frozen=True)
class Run:
    """A lane of a road, cut into pieces: their ids and polylines (N, 2), both in driving order."""

    strip: LaneStrip
    ids: list[int]
    polylines: list[Array]


def draw_map(place: Place, site: Site) -> MapOfPlace:
    """The map features of a place at a site; polylines (N, 3) m with points 0.5 m apart or a little less."""
    ids = count(1)
    edges: list[MapFeature] = [
        RoadEdge(next(ids), EdgeType.BOUNDARY, site.ground(spaced(kerb))) for kerb in place.kerbs
    ]
    markings = [_draw_markings(road, site, ids, edges) for road in place.roads]
    runs = {
        (road, lane): _cut(built, strip, ids)
        for road, built in enumerate(place.roads)
        for lane, strip in enumerate(built.lanes)
    }
    connectors = [next(ids) for _ in place.connectors]
    before: dict[LaneKey, list[int]] = {key: [] for key in runs}
    after: dict[LaneKey, list[int]] = {key: [] for key in runs}
    for id, link in zip(connectors, place.connectors, strict=True):
        after[link.approach].append(id)
        before[link.departure].append(id)
    for first, second in place.links:
        after[first].append(runs[second].ids[0])
        before[second].append(runs[first].ids[-1])
        runs[second].polylines[0][0] = runs[first].polylines[-1][-1]
    lanes: list[MapFeature] = []
    for key, run in runs.items():
        road = place.roads[key[0]]
        across = [other for (number, _), other in runs.items() if number == key[0]]
        left, right = (_side(run, side, across, markings[key[0]]) for side in (run.strip.left, run.strip.right))
        lanes += _lanes(run, road.speed_limit_mph, (before[key], after[key]), (left, right), site)
    lanes += [
        Lane(
            id=id,
            speed_limit_mph=CONNECTOR_MPH[link.movement],
            type=LaneType.SURFACE_STREET,
            interpolating=True,
            polyline=site.ground(_between(runs[link.approach], link.curve.points, runs[link.departure])),
            entry_lanes=(runs[link.approach].ids[-1],),
            exit_lanes=(runs[link.departure].ids[0],),
            left_boundaries=(),
            right_boundaries=(),
            left_neighbors=(),
            right_neighbors=(),
        )
        for id, link in zip(connectors, place.connectors, strict=True)
    ]
    areas: list[MapFeature] = [
        StopSign(
            next(ids),
            tuple(id for key in sign.approaches for id in after[key]),
            site.ground(sign.point) + np.array([0.0, 0.0, SIGN_HEIGHT]),
        )
        for sign in place.signs
    ]
    areas += [Crosswalk(next(ids), site.ground(crossing.polygon)) for crossing in place.crossings]
    areas += [SpeedBump(next(ids), site.ground(polygon)) for polygon in place.speed_bumps]
    areas += [Driveway(next(ids), site.ground(polygon)) for polygon in place.driveways]
    return MapOfPlace((*edges, *lanes, *areas), tuple(connectors))


def _draw_markings(road: Road, site: Site, ids: count[int], features: list[MapFeature]) -> list[Marking]:
    """Append the lines and edges of a road to `features`; returns where they run."""

    def polyline(lateral: float) -> Array:
        return site.ground(spaced(road.reference.beside(lateral).points))

    markings = [Marking(lateral, next(ids), LineType.UNKNOWN) for lateral, _ in road.edges]
    markings += [Marking(lateral, next(ids), type) for lateral, type in road.lines]
    for marking, (lateral, type) in zip(markings, road.edges + road.lines, strict=True):
        kind = RoadEdge if isinstance(type, EdgeType) else RoadLine
        features.append(kind(marking.id, type, polyline(lateral)))
    return markings


def _cut(road: Road, strip: LaneStrip, ids: count[int]) -> Run:
    points = road.reference.beside(strip.lateral).points
    cuts = np.linspace(0, len(points) - 1, ceil(road.reference.length / PIECE) + 1).astype(int)
    pieces = [spaced(points[start : end + 1]) for start, end in pairwise(cuts)]
    driven = pieces if strip.forward else [piece[::-1] for piece in reversed(pieces)]
    return Run(strip, [next(ids) for _ in driven], driven)


def _between(before: Run, points: Array, after: Run) -> Array:
    """The polyline from the end of a lane to the start of another: its ends are theirs to the bit, as in WOMD."""
    polyline = spaced(points)
    polyline[0], polyline[-1] = before.polylines[-1][-1], after.polylines[0][0]
    return polyline


@dataclass(frozen=True)
class Side:
    """What lies on one side of a lane: the lane of the same kind and direction there, and the line or edge."""

    run: Run | None
    marking: Marking | None

    def boundaries(self, points: int) -> tuple[BoundarySegment, ...]:
        """The line or edge, along a piece of so many points."""
        return (BoundarySegment(0, points - 1, self.marking.id, self.marking.type),) if self.marking else ()

    def neighbors(self, piece: int, points: int) -> tuple[LaneNeighbor, ...]:
        """The lane there, along a piece of so many points."""
        if not self.run:
            return ()
        last = len(self.run.polylines[piece]) - 1
        return (LaneNeighbor(self.run.ids[piece], 0, points - 1, 0, last, self.boundaries(points)),)


def _side(own: Run, lateral: float, runs: list[Run], markings: list[Marking]) -> Side:
    def adjoins(strip: LaneStrip) -> bool:
        alike = strip.forward == own.strip.forward and strip.type == own.strip.type
        return alike and strip != own.strip and min(abs(strip.left - lateral), abs(strip.right - lateral)) < 0.1

    nearest = min(markings, key=lambda marking: abs(marking.lateral - lateral))
    # A gutter of 0.4 m may lie between a lane and the kerb that bounds it.
    bounds = abs(nearest.lateral - lateral) < 0.6
    return Side(next((run for run in runs if adjoins(run.strip)), None), nearest if bounds else None)


def _lanes(
    run: Run, speed_limit_mph: float, ends: tuple[list[int], list[int]], sides: tuple[Side, Side], site: Site
) -> list[Lane]:
    """The pieces of a lane; `ends` are the lanes before its first and after its last, `sides` left and right."""
    (before, after), (left, right) = ends, sides
    # Bike lanes of WOMD have no links.
    linked = run.strip.type != LaneType.BIKE_LANE
    chain = [before, *([id] for id in run.ids), after]
    return [
        Lane(
            id=id,
            speed_limit_mph=speed_limit_mph,
            type=run.strip.type,
            interpolating=False,
            polyline=site.ground(polyline),
            entry_lanes=tuple(chain[piece]) if linked else (),
            exit_lanes=tuple(chain[piece + 2]) if linked else (),
            left_boundaries=left.boundaries(len(polyline)),
            right_boundaries=right.boundaries(len(polyline)),
            left_neighbors=left.neighbors(piece, len(polyline)),
            right_neighbors=right.neighbors(piece, len(polyline)),
        )
        for piece, (id, polyline) in enumerate(zip(run.ids, run.polylines, strict=True))
    ]
