"""Solid lines and road edges of a scene as MetaDrive's boxes, listed by the cells of a grid.

A polyline of more than 4 m is laid out anew with a point every 2 m, what is left over at its end being dropped; from
each point to the next stands a box, if its middle is within 256 m of the scene's origin in x and in y
(component/scenario_block/scenario_block.py, component/block/base_block.py, TerrainProperty of MetaDrive). Broken lines
are of no consequence: neither the side detector nor any reward sees them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet import Description
from gold_data.scenarionet.map import ROAD_EDGE_TYPES, ROAD_LINE_TYPES

INTERVAL = 2.0
"""m from point to point."""
REGION = 256.0
"""m from the origin, in x and y, within which there is a map (TerrainProperty.map_region_size)."""
HALF_WIDTH = 0.15 / 4
"""m; LANE_LINE_WIDTH, of which a box takes half."""
CELL = 4.0
"""m; sides of a cell. Larger ones hold more boxes that a ray misses, smaller ones make it cross more of them."""

SOLID = frozenset(
    kind for kind in ("UNKNOWN_LINE", *ROAD_LINE_TYPES, *ROAD_EDGE_TYPES) if not kind.startswith("ROAD_LINE_BROKEN")
)
"""Types of which MetaDrive makes solid lines (MetaDriveType.is_road_line, is_broken_line, is_road_boundary_line)."""

SEGMENT = np.dtype(
    [
        ("x", "f4"),  # m, of the middle
        ("y", "f4"),
        ("cos", "f4"),  # of the direction
        ("sin", "f4"),
        ("half_length", "f4"),  # m
    ]
)
GRID = np.dtype(
    [
        ("left", "f8"),  # m, x and y where the first cell begins
        ("bottom", "f8"),
        ("columns", "i8"),  # cells along x
        ("rows", "i8"),  # and along y
    ]
)


@dataclass(frozen=True)
class Lines:
    """The boxes of a scene: segments[first[c] : first[c + 1]] reach into cell c = row * columns + column.

    A box stands in every cell into which the upright rectangle around it reaches.
    """

    grid: NDArray[np.void]  # () GRID
    first: NDArray[np.int64]  # (columns * rows + 1,)
    segments: NDArray[np.void]  # (B,) SEGMENT


def lines_of(features: Description) -> Lines:
    """Lay out the solid lines among a scene's map features, in the scene's frame."""
    polylines = [
        _laid_out(feature["polyline"][:, :2])
        for feature in features.values()
        if feature["type"] in SOLID and len(feature["polyline"]) > 1
    ]
    starts = np.concatenate([np.zeros((0, 2)), *(points[:-1] for points in polylines)])
    ends = np.concatenate([np.zeros((0, 2)), *(points[1:] for points in polylines)])
    middle, along = (starts + ends) / 2, ends - starts
    length = np.hypot(along[:, 0], along[:, 1])
    kept = (np.abs(middle) <= REGION).all(axis=1) & (length > 0)
    segments = np.zeros(int(kept.sum()), SEGMENT)
    segments["x"], segments["y"] = middle[kept].T
    segments["cos"], segments["sin"] = (along[kept] / length[kept, None]).T
    segments["half_length"] = length[kept] / 2
    return _in_cells(segments)


def _laid_out(points: NDArray[np.float32]) -> NDArray[np.floating]:
    """(P, 2) -> (Q, 2) metres; summed in float32, as MetaDrive does, since a box more or less hangs on the last bit."""
    step = np.diff(points, axis=0)
    arc = np.concatenate([np.zeros(1, np.float32), np.cumsum(np.sqrt(np.sum(step**2, axis=1)))])
    if arc[-1] <= 2 * INTERVAL:
        return points
    at = np.arange(0, arc[-1], INTERVAL)
    return np.column_stack([np.interp(at, arc, points[:, 0]), np.interp(at, arc, points[:, 1])])


def _in_cells(segments: NDArray[np.void]) -> Lines:
    middle = np.column_stack([segments["x"], segments["y"]]).astype(np.float64)
    cos, sin, half = (np.abs(segments[name]).astype(np.float64) for name in ("cos", "sin", "half_length"))
    reach = np.column_stack([cos * half + sin * HALF_WIDTH, sin * half + cos * HALF_WIDTH])
    low, high = middle - reach, middle + reach
    corner = low.min(axis=0) if len(segments) else np.zeros(2)
    first, last = ((edge - corner) // CELL for edge in (low, high))
    columns, rows = (last.max(axis=0) + 1).astype(int) if len(segments) else (0, 0)
    cells, boxes = [], []
    spans = (last - first).astype(int)
    for across in range(int(spans[:, 0].max(initial=-1)) + 1):
        for up in range(int(spans[:, 1].max(initial=-1)) + 1):
            reaching = np.flatnonzero((across <= spans[:, 0]) & (up <= spans[:, 1]))
            cells.append((first[reaching, 1] + up) * columns + first[reaching, 0] + across)
            boxes.append(reaching)
    cell = np.concatenate([np.zeros(0), *cells])
    order = np.argsort(cell, kind="stable")
    box = np.concatenate([np.zeros(0, int), *boxes])[order]
    return Lines(
        grid=np.array((*corner, columns, rows), GRID),
        first=np.searchsorted(cell[order], np.arange(columns * rows + 1)),
        segments=segments[box],
    )
