"""MapFeature messages -> plain arrays."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gold_data.womd.leaves import BOUNDARY, NEIGHBOR, POINT, read_leaf
from gold_data.womd.limits import MAX_POINTS, check_count
from gold_data.womd.messages import (
    BoundarySegment,
    Crosswalk,
    Driveway,
    EmptyFeature,
    Lane,
    LaneNeighbor,
    MapFeature,
    Points,
    RoadEdge,
    RoadLine,
    SpeedBump,
    StopSign,
)
from gold_data.womd.uniform import Uniform
from gold_data.womd.varints import VarintMessages
from gold_data.womd.wire import FIXED64, LENGTH, VARINT, Field, fields, int64, known, numbers, payloads, tag_of

_ID = tag_of(1, VARINT)

_SPEED_LIMIT, _LANE_TYPE, _INTERPOLATING = tag_of(1, FIXED64), tag_of(2, VARINT), tag_of(3, VARINT)
_LANE_POLYLINE = tag_of(8, LENGTH)
_ENTRY_LANES = tag_of(9, VARINT), tag_of(9, LENGTH)
_EXIT_LANES = tag_of(10, VARINT), tag_of(10, LENGTH)
_NEIGHBORS = tag_of(11, LENGTH), tag_of(12, LENGTH)  # left, right
_BOUNDARIES = tag_of(13, LENGTH), tag_of(14, LENGTH)  # left, right
_LANE_TYPES = 4

_LINE_TYPE, _LINE_POLYLINE = tag_of(1, VARINT), tag_of(2, LENGTH)
_LINE_TYPES = {RoadLine: 9, RoadEdge: 3}

_POLYGON = tag_of(1, LENGTH)
_STOP_SIGN_LANES = tag_of(1, VARINT), tag_of(1, LENGTH)
_POSITION = tag_of(2, LENGTH)


@dataclass(frozen=True)
class _Parts:
    """What a record's features are made of, decoded."""

    points: Points
    boundaries: list[BoundarySegment]
    neighbors: list[LaneNeighbor]


_Build: TypeAlias = Callable[[_Parts], MapFeature]


class FeatureReader:
    """Reads a record's MapFeature messages one after the other; `features` then decodes their parts all at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._points = Uniform(POINT, data, depth=3)
        self._boundaries = VarintMessages(BOUNDARY, data, depth=3)
        self._neighbors = VarintMessages(NEIGHBOR, data, depth=3, child=BOUNDARY, child_tag=tag_of(6, LENGTH))
        self._builds: list[_Build] = []

    def read(self, start: int, end: int) -> None:
        """Read the MapFeature data[start:end]; raises MalformedRecord."""
        id = kind = 0
        parts: list[Field] = []
        for field in fields(self._data, start, end, 1):
            tag, value, length, count = field
            if tag == _ID:
                id = int64(value)
            elif tag in _KINDS:
                if tag != kind:
                    if kind:  # of a oneof the last kind stands, but one that it replaces has to be well formed too
                        _KINDS[kind](self, id, parts)
                    kind, parts = tag, []
                for inside in payloads(field) if count > 1 else (value,):
                    parts += fields(self._data, inside, inside + length, 2)
        self._builds.append(_KINDS[kind](self, id, parts) if kind else lambda _: EmptyFeature(id))

    def features(self) -> tuple[MapFeature, ...]:
        """All features that were read, in that order; raises MalformedRecord."""
        neighbors = self._neighbors.decode()
        inner = [BoundarySegment(*row) for row in neighbors.children.tolist()]
        rows: list[tuple[int, int, int, int, int]] = neighbors.rows.tolist()
        ends = neighbors.children_end.tolist()
        parts = _Parts(
            self._points.decode().view(np.float64).reshape(-1, 3),
            [BoundarySegment(*row) for row in self._boundaries.decode().rows.tolist()],
            [
                LaneNeighbor(*row, tuple(inner[first:last]))
                for row, first, last in zip(rows, [0, *ends], ends, strict=False)
            ],
        )
        return tuple([build(parts) for build in self._builds])

    def _lane(self, id: int, parts: list[Field]) -> _Build:
        data, points = self._data, self._points
        speed_limit, lane_type, interpolating = 0.0, 0, False
        entries: list[int] = []
        exits: list[int] = []
        sides: dict[int, list[Field]] = {tag: [] for tag in _NEIGHBORS + _BOUNDARIES}
        first = points.count
        for field in parts:
            tag, value, length, count = field
            if tag in sides:
                sides[tag].append(field)
            elif tag == _LANE_POLYLINE:
                points.add(value, length, count)
            elif tag == _LANE_TYPE:
                lane_type = known(value, _LANE_TYPES, lane_type)
            elif tag in _ENTRY_LANES:
                entries += map(int64, numbers(data, field))
            elif tag in _EXIT_LANES:
                exits += map(int64, numbers(data, field))
            elif tag == _SPEED_LIMIT:
                (speed_limit,) = struct.unpack_from("<d", data, value)
            elif tag == _INTERPOLATING:
                interpolating = value != 0
        last = points.count
        check_count(last - first, MAX_POINTS, "points in a polyline")
        left_neighbors, right_neighbors = (self._neighbors.add(sides[tag]) for tag in _NEIGHBORS)
        left_boundaries, right_boundaries = (self._boundaries.add(sides[tag]) for tag in _BOUNDARIES)
        return lambda decoded: Lane(
            id,
            speed_limit,
            lane_type,
            interpolating,
            decoded.points[first:last],
            tuple(entries),
            tuple(exits),
            tuple(decoded.boundaries[left_boundaries]),
            tuple(decoded.boundaries[right_boundaries]),
            tuple(decoded.neighbors[left_neighbors]),
            tuple(decoded.neighbors[right_neighbors]),
        )

    def _line(self, make: type[RoadLine] | type[RoadEdge], id: int, parts: list[Field]) -> _Build:
        line_type = 0
        first = self._points.count
        for tag, value, length, count in parts:
            if tag == _LINE_POLYLINE:
                self._points.add(value, length, count)
            elif tag == _LINE_TYPE:
                line_type = known(value, _LINE_TYPES[make], line_type)
        last = self._points.count
        check_count(last - first, MAX_POINTS, "points in a polyline")
        return lambda decoded: make(id, line_type, decoded.points[first:last])

    def _polygon(self, make: type[Crosswalk] | type[SpeedBump] | type[Driveway], id: int, parts: list[Field]) -> _Build:
        first = self._points.count
        for tag, value, length, count in parts:
            if tag == _POLYGON:
                self._points.add(value, length, count)
        last = self._points.count
        check_count(last - first, MAX_POINTS, "points in a polygon")
        return lambda decoded: make(id, decoded.points[first:last])

    def _stop_sign(self, id: int, parts: list[Field]) -> _Build:
        lanes: list[int] = []
        position = np.zeros(1, POINT.dtype)
        for field in parts:
            tag, _, length, _ = field
            if tag in _STOP_SIGN_LANES:
                lanes += map(int64, numbers(self._data, field))
            elif tag == _POSITION:
                for inside in payloads(field):
                    read_leaf(POINT, self._data, inside, inside + length, 3, position)
        return lambda _: StopSign(id, tuple(lanes), position.view(np.float64))


_KINDS: dict[int, Callable[[FeatureReader, int, list[Field]], _Build]] = {
    tag_of(3, LENGTH): FeatureReader._lane,
    tag_of(4, LENGTH): lambda reader, id, parts: reader._line(RoadLine, id, parts),
    tag_of(5, LENGTH): lambda reader, id, parts: reader._line(RoadEdge, id, parts),
    tag_of(7, LENGTH): FeatureReader._stop_sign,
    tag_of(8, LENGTH): lambda reader, id, parts: reader._polygon(Crosswalk, id, parts),
    tag_of(9, LENGTH): lambda reader, id, parts: reader._polygon(SpeedBump, id, parts),
    tag_of(10, LENGTH): lambda reader, id, parts: reader._polygon(Driveway, id, parts),
}
