"""How wide the lanes are: at each point of a lane the distance to its left and its right boundary.

All boundary segments of a map are measured at once. Points of all polylines lie end to end in one array; a segment is
known by the place in it where its lane's stretch starts and the one where its boundary's polyline starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.messages import Lane

Indices = NDArray[np.int64]


def add_lane_widths(described: dict[str, Any], lanes: Sequence[Lane]) -> None:
    """Add `width`, (N, 2) float32 metres (left, right), to each lane of `described`, {feature id: feature}.

    Where only one side has a boundary, the other is taken to be as far; 0 where none has. A boundary segment whose
    feature is missing or has no points, or that starts outside its lane, is passed over; one that ends outside its lane
    is cut. Follows compute_width of scenarionet/converter/waymo/utils.py, to the bit.
    """
    if not lanes:
        return
    polylines = {name: feature["polyline"] for name, feature in described.items() if "polyline" in feature}
    sizes = {name: len(polyline) for name, polyline in polylines.items()}
    offsets = dict(zip(sizes, accumulate(sizes.values(), initial=0), strict=False))  # one more: where the last one ends
    points = np.ascontiguousarray(np.concatenate(list(polylines.values()))[:, :2])
    width = np.zeros_like(points)
    for side in (0, 1):
        segments = _segments(lanes, offsets, sizes, side)
        if len(segments):
            on_lane, distance = _distances(points, segments)
            width[on_lane, side] = distance
    left, right = width.T
    np.copyto(left, right, where=left == 0)
    np.copyto(right, left, where=right == 0)
    for lane in lanes:
        name = str(lane.id)
        described[name]["width"] = width[offsets[name] : offsets[name] + sizes[name]]


def _segments(lanes: Sequence[Lane], offsets: dict[str, int], sizes: dict[str, int], side: int) -> Indices:
    """(S, 4): first point on the lane, points on the lane, first point of the boundary's polyline, points of that."""
    rows = []
    for lane in lanes:
        segments = lane.right_boundaries if side else lane.left_boundaries
        if not segments:
            continue
        offset, size = offsets[str(lane.id)], len(lane.polyline)
        for start, end, boundary_id, _ in segments:
            boundary, last = str(boundary_id), min(end, size - 1)
            if 0 <= start <= last and sizes.get(boundary):
                rows.append((offset + start, last - start + 1, offsets[boundary], sizes[boundary]))
    return np.array(rows, dtype=np.int64)


def _distances(points: NDArray[np.float32], segments: Indices) -> tuple[Indices, NDArray[np.float32]]:
    """Distance of each lane point to the boundary point beside it: places on the lane, metres.

    The boundary's point nearest to the stretch's first point is beside that; from there both go on point by point.
    """
    on_lane, lane_size, on_boundary, boundary_size = segments.T
    nearest = _nearest(points, on_lane, on_boundary, boundary_size)
    owner, step = _unrolled(np.minimum(lane_size, boundary_size - nearest))
    lane_points = on_lane[owner] + step
    boundary_points = (on_boundary + nearest)[owner] + step
    return lane_points, _distance(points.take(lane_points, axis=0), points.take(boundary_points, axis=0))


def _nearest(points: NDArray[np.float32], on_lane: Indices, on_boundary: Indices, boundary_size: Indices) -> Indices:
    """(S,) which point of each boundary, counted from its start, is nearest to the lane's; the first of equals."""
    owner, step = _unrolled(boundary_size)
    starts = np.repeat(points[on_lane], boundary_size, axis=0)
    distance = _distance(points.take(on_boundary[owner] + step, axis=0), starts)
    smallest = np.fmin.reduceat(distance, np.cumsum(boundary_size) - boundary_size)
    (candidates,) = np.nonzero(distance == smallest[owner])
    nearest = np.zeros(len(on_lane), dtype=np.int64)
    nearest[owner[candidates[::-1]]] = step[candidates[::-1]]
    return nearest


def _unrolled(sizes: Indices) -> tuple[Indices, Indices]:
    """Rows 0..S-1 repeated by their sizes, and 0..size-1 within each."""
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = np.square(one - other)
    distance: NDArray[np.float32] = np.sqrt(squares[:, 0] + squares[:, 1])
    return distance
