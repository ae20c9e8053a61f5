"""How far a lane's points are from the boundary beside them, compiled where numba is there; else the same, slowly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from numba import njit
except ModuleNotFoundError:  # who only looks at a dataset may have none, and looks at one scenario

    def njit(**_: Any) -> Any:
        """Leave a function as it is."""
        return lambda function: function


@njit(cache=True)
def measure(points: NDArray[np.float32], segments: NDArray[np.int64], width: NDArray[np.float32]) -> None:
    """Set the metres from lane points to their boundary in `width` (P,), one boundary segment after the other.

    `points` (P, 2) are those of all polylines, metres; a row of `segments` (S, 4) is the first point on the lane, the
    points on the lane, the first point of the boundary's polyline, and the points of that. The boundary's point nearest
    to the stretch's first point (the first of equals) is beside that; from there both go on point by point, as far as
    both reach. Follows extract_width of scenarionet/converter/waymo/utils.py, to the bit.
    """
    for segment in range(len(segments)):
        lane, lane_size = segments[segment, 0], segments[segment, 1]
        boundary, boundary_size = segments[segment, 2], segments[segment, 3]
        beside, least, least_square = 0, np.float32(np.inf), np.float32(np.inf)
        for step in range(boundary_size):
            square = _square(points, lane, boundary + step)
            if square < least_square:  # only then is a root worth its time; two squares may have the same
                least_square = square
                if np.sqrt(square) < least:
                    beside, least = step, np.sqrt(square)
        for step in range(min(lane_size, boundary_size - beside)):
            width[lane + step] = np.sqrt(_square(points, lane + step, boundary + beside + step))


@njit(cache=True)
def _square(points: NDArray[np.float32], one: int, other: int) -> Any:
    x, y = points[one, 0] - points[other, 0], points[one, 1] - points[other, 1]
    return x * x + y * y
