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
    from gold_data.scenarionet.beside import measure  # here, since numba takes a second to come

    polylines = {name: feature["polyline"] for name, feature in described.items() if "polyline" in feature}
    sizes = {name: len(polyline) for name, polyline in polylines.items()}
    offsets = dict(zip(sizes, accumulate(sizes.values(), initial=0), strict=False))  # one more: where the last one ends
    points = np.ascontiguousarray(np.concatenate(list(polylines.values()))[:, :2])
    width = np.zeros_like(points)
    for side in (0, 1):
        measure(points, _segments(lanes, offsets, sizes, side), width[:, side])
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
    return np.array(rows, dtype=np.int64).reshape(-1, 4)
