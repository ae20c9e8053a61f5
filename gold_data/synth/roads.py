"""Cross-sections: which lanes, painted lines, edges, parking strips and sidewalks run along a reference curve."""

from __future__ import annotations

from dataclasses import dataclass

from gold_data.synth.curves import Curve
from gold_data.synth.kinds import EdgeType, LaneType, LineType

BIKE_LANE_WIDTH = 2.0
PARKING_WIDTH = 2.6
SHOULDER_WIDTH = 2.4
GUTTER_WIDTH = 0.4


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
class Road:
    """A reference curve and what runs along it: `lines` and `edges` as (lateral, type), laterals of parked cars.

    Traffic keeps right: forward lanes have negative laterals. `border` is the lateral of the left kerb, the right one
    is as far; `walk` says whether there are sidewalks.
    """

    reference: Curve
    lanes: tuple[LaneStrip, ...]
    lines: tuple[tuple[float, LineType], ...]
    edges: tuple[tuple[float, EdgeType], ...]
    parking: tuple[float, ...]
    border: float
    walk: bool
    speed_limit_mph: float

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
) -> Road:
    """A two-way street with a double yellow line, sidewalks and, where asked, bike lanes and parking strips."""
    lanes, lines = [], [(0.0, LineType.SOLID_DOUBLE_YELLOW)]
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
    parked = tuple(side * (border - 1.25) for side in (-1, 1)) if parking else ()
    return Road(reference, tuple(lanes), tuple(lines), edges, parked, border, True, speed_limit_mph)


def freeway(reference: Curve, lanes_each_way: int, speed_limit_mph: float, lane_width: float = 3.7) -> Road:
    """A divided freeway: a median between two edges, shoulders on both sides of each carriageway."""
    inner = 2.0
    outer = inner + lanes_each_way * lane_width
    border = outer + SHOULDER_WIDTH
    lanes, lines = [], []
    for side in (-1, 1):
        for place in range(lanes_each_way):
            lateral = side * (inner + (place + 0.5) * lane_width)
            lanes.append(LaneStrip(lateral, lane_width, side < 0, LaneType.FREEWAY))
        lines.append((side * inner, LineType.SOLID_SINGLE_YELLOW))
        lines.append((side * outer, LineType.SOLID_SINGLE_WHITE))
        lines += [
            (side * (inner + place * lane_width), LineType.BROKEN_SINGLE_WHITE) for place in range(1, lanes_each_way)
        ]
    edges = [(side * border, EdgeType.BOUNDARY) for side in (-1, 1)]
    edges += [(side * (inner - 1.2), EdgeType.MEDIAN) for side in (-1, 1)]
    return Road(reference, tuple(lanes), tuple(lines), tuple(edges), (), border, False, speed_limit_mph)
