"""Cross-sections: which lanes, painted lines, edges, places to park and sidewalks run along a reference curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

from gold_data.synth.curves import Array, Curve, leftwards
from gold_data.synth.kinds import EdgeType, LaneType, LineType

BIKE_LANE_WIDTH = 2.0
PARKING_WIDTH = 2.6
STALL_LENGTH = 5.4
SHOULDER_WIDTH = 2.4
GUTTER_WIDTH = 0.4
FREEWAY_LANE_WIDTH = 3.7
MEDIAN_WIDTH = 4.0


@dataclass(frozen=True)
class LaneStrip:
    """A lane of a cross-section: lateral of its middle (m, left positive), width (m), whether it runs forward."""

    lateral: float
    width: float
    forward: bool
    type: LaneType

    @property
    def left(self) -> float:
        """Lateral of the side that its drivers have on their left."""
        return self.lateral + (self.width / 2 if self.forward else -self.width / 2)

    @property
    def right(self) -> float:
        """Lateral of the side that its drivers have on their right."""
        return 2 * self.lateral - self.left


@dataclass(frozen=True)
class ParkingStrip:
    """Where cars park along a road: lateral of their middles (m), their turn against it (rad), metres a car takes."""

    lateral: float
    turn: float
    pitch: float


@dataclass(frozen=True)
class Road:
    """A reference curve and what runs along it: `lines` and `edges` as (lateral, type), and where cars park.

    Traffic keeps right: forward lanes of a two-way road have negative laterals. `left` and `right` are the laterals of
    its kerbs; `walk` says whether there are sidewalks.
    """

    reference: Curve
    lanes: tuple[LaneStrip, ...]
    lines: tuple[tuple[float, LineType], ...]
    edges: tuple[tuple[float, EdgeType], ...]
    parking: tuple[ParkingStrip, ...]
    left: float
    right: float
    walk: bool
    speed_limit_mph: float

    @property
    def border(self) -> float:
        """Metres from the reference to the farther kerb."""
        return max(self.left, -self.right)

    def lane_end(self, index: int, *, last: bool) -> tuple[Array, float]:
        """The point (2,) where a lane begins, or where it ends, and its heading (rad) there."""
        lane = self.lanes[index]
        place = -1 if last == lane.forward else 0
        heading = self.reference.headings[place]
        point = self.reference.points[place] + lane.lateral * leftwards(heading)
        return point, float(heading) + pi * (not lane.forward)

    def lane_curve(self, index: int) -> Curve:
        """The middle of a lane over the road's whole length, in driving direction."""
        lane = self.lanes[index]
        curve = self.reference.beside(lane.lateral)
        return curve if lane.forward else curve.backwards()


def street(
    reference: Curve,
    lanes_each_way: int,
    *,
    bikes: bool,
    parking: bool,
    speed_limit_mph: float,
    lane_width: float = 3.5,
    painted: bool = True,
) -> Road:
    """A two-way street with sidewalks and, where asked, a double yellow line, bike lanes and cars parked along it."""
    lanes = []
    lines = [(0.0, LineType.SOLID_DOUBLE_YELLOW)] if painted else []
    paved = lanes_each_way * lane_width
    bike_side = paved + BIKE_LANE_WIDTH * bikes
    border = bike_side + PARKING_WIDTH * parking + GUTTER_WIDTH
    for side in (-1, 1):
        for place in range(lanes_each_way):
            lanes.append(LaneStrip(side * (place + 0.5) * lane_width, lane_width, side < 0, LaneType.SURFACE_STREET))
        lines += [(side * place * lane_width, LineType.BROKEN_SINGLE_WHITE) for place in range(1, lanes_each_way)]
        if bikes:
            lanes.append(LaneStrip(side * (paved + bike_side) / 2, BIKE_LANE_WIDTH, side < 0, LaneType.BIKE_LANE))
            lines.append((side * paved, LineType.SOLID_SINGLE_WHITE))
        if bikes and parking:
            lines.append((side * bike_side, LineType.SOLID_SINGLE_WHITE))
    edges = tuple((side * border, EdgeType.BOUNDARY) for side in (-1, 1))
    parked = tuple(ParkingStrip(side * (border - 1.25), pi * (side > 0), 6.3) for side in (-1, 1) if parking)
    return Road(reference, tuple(lanes), tuple(lines), edges, parked, border, -border, True, speed_limit_mph)


def car_park(reference: Curve, rows: int) -> Road:
    """The aisle of a car park, with so many rows of cars that stand across it on each side."""
    width = 3.2
    border = width + rows * STALL_LENGTH + GUTTER_WIDTH
    lanes = tuple(LaneStrip(side * width / 2, width, side < 0, LaneType.SURFACE_STREET) for side in (-1, 1))
    edges = tuple((side * border, EdgeType.BOUNDARY) for side in (-1, 1))
    parked = tuple(
        ParkingStrip(side * (width + (row + 0.5) * STALL_LENGTH + 0.2), side * pi / 2, 2.75)
        for side in (-1, 1)
        for row in range(rows)
    )
    return Road(reference, lanes, (), edges, parked, border, -border, False, 10.0)


def ring(reference: Curve) -> Road:
    """One lane of a roundabout, driven in the direction of the reference."""
    return _one_way(reference, 4.6, LaneType.SURFACE_STREET, GUTTER_WIDTH, 15.0)


def ramp(reference: Curve) -> Road:
    """One lane on to a freeway or off it, with a shoulder on the right."""
    return _one_way(reference, FREEWAY_LANE_WIDTH, LaneType.FREEWAY, SHOULDER_WIDTH, 45.0)


def _one_way(reference: Curve, width: float, type: LaneType, beside: float, speed_limit_mph: float) -> Road:
    left, right = width / 2 + GUTTER_WIDTH, -(width / 2 + beside)
    edges = ((right, EdgeType.BOUNDARY), (left, EdgeType.BOUNDARY))
    lanes = (LaneStrip(0.0, width, True, type),)
    return Road(reference, lanes, (), edges, (), left, right, False, speed_limit_mph)


def freeway(reference: Curve, lanes_each_way: int, speed_limit_mph: float, extra: int = 0) -> Road:
    """A divided freeway: a median between two edges, shoulders, and `extra` lanes on the right of those forward."""
    inner = MEDIAN_WIDTH / 2
    lanes: list[LaneStrip] = []
    lines: list[tuple[float, LineType]] = []
    borders = {}
    for side in (-1, 1):
        count = lanes_each_way + extra * (side < 0)
        outer = inner + count * FREEWAY_LANE_WIDTH
        laterals = [side * (inner + place * FREEWAY_LANE_WIDTH) for place in range(count)]
        middle = side * FREEWAY_LANE_WIDTH / 2
        lanes += [LaneStrip(lateral + middle, FREEWAY_LANE_WIDTH, side < 0, LaneType.FREEWAY) for lateral in laterals]
        lines += [(side * inner, LineType.SOLID_SINGLE_YELLOW), (side * outer, LineType.SOLID_SINGLE_WHITE)]
        lines += [(lateral, LineType.BROKEN_SINGLE_WHITE) for lateral in laterals[1:]]
        borders[side] = side * (outer + SHOULDER_WIDTH)
    edges = [(borders[side], EdgeType.BOUNDARY) for side in (-1, 1)]
    edges += [(side * (inner - 1.2), EdgeType.MEDIAN) for side in (-1, 1)]
    return Road(
        reference, tuple(lanes), tuple(lines), tuple(edges), (), borders[1], borders[-1], False, speed_limit_mph
    )
