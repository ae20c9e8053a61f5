"""The enumerations of schemas/scenario.proto and schemas/map.proto that made-up records use, by their numbers."""

from __future__ import annotations

from enum import IntEnum


class ObjectType(IntEnum):
    """Track.ObjectType."""

    VEHICLE = 1
    PEDESTRIAN = 2
    CYCLIST = 3


class LaneType(IntEnum):
    """LaneCenter.LaneType."""

    FREEWAY = 1
    SURFACE_STREET = 2
    BIKE_LANE = 3


class LineType(IntEnum):
    """RoadLine.RoadLineType; UNKNOWN is what a BoundarySegment says of a road edge."""

    UNKNOWN = 0
    BROKEN_SINGLE_WHITE = 1
    SOLID_SINGLE_WHITE = 2
    SOLID_SINGLE_YELLOW = 6
    SOLID_DOUBLE_YELLOW = 7


class EdgeType(IntEnum):
    """RoadEdge.RoadEdgeType."""

    BOUNDARY = 1
    MEDIAN = 2


class SignalState(IntEnum):
    """TrafficSignalLaneState.State."""

    UNKNOWN = 0
    ARROW_STOP = 1
    ARROW_CAUTION = 2
    ARROW_GO = 3
    STOP = 4
    CAUTION = 5
    GO = 6
