"""The route: the ego's recorded path as straight segments, and positions along and beside it.

Follows metadrive/utils/interpolating_line.py and component/lane/point_lane.py: segments and check points are float32
where MetaDrive has them in float32, so that the choice of the nearest segment is its own to the bit, and so are the
segments, but for the last bit of lengths: MetaDrive squares single numbers, of which numpy rounds one in 1,400 to the
wrong side. Places differ by float32's resolution (3e-5 m at 300 m). Right is positive everywhere; MetaDrive turns it
round on the route of a car that stands at a single place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WAYPOINT_SPACING = 2.0
"""Metres between check points (TrajectoryNavigation.DISCRETE_LEN)."""

WINDOW = 32
"""Points ahead among which the next one of a route nearly always is."""

JUMP = 100.0
"""Metres in one step at which MetaDrive cuts the path (parse_full_trajectory)."""


@dataclass(frozen=True)
class Place:
    """A position in terms of the route: metres along it, metres beside it (right positive), its heading there (rad)."""

    longitude: float
    lateral: float
    heading: float


@dataclass(frozen=True)
class Route:
    """n segments of at least 1 m, but for the last one; arrays in the scene's frame, metres."""

    start: NDArray[np.float64]  # (n, 2)
    end: NDArray[np.float64]  # (n, 2)
    direction: NDArray[np.float64]  # (n, 2) for coordinates
    unit: NDArray[np.float64]  # (n, 2) the same, rounded as MetaDrive does where it looks for the nearest segment
    segment_length: NDArray[np.float64]  # (n,)
    heading: NDArray[np.float64]  # (n,) rad
    longitude: NDArray[np.float64]  # (n + 1,) where each segment starts, and the length at the end
    checkpoints: NDArray[np.float64]  # (m, 2) every 2 m, and the end

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return float(self.longitude[-1])

    def locate(self, x: float, y: float) -> Place:
        """Project a position onto its nearest segment; longitude is not clamped at the route's ends."""
        nearest = self._nearest(x, y)
        ahead, aside = x - self.start[nearest, 0], y - self.start[nearest, 1]
        forward, sideways = self.direction[nearest]
        longitude = float(self.longitude[nearest] + (ahead * forward + aside * sideways))
        return Place(longitude, float(ahead * sideways - aside * forward), self.heading_at(longitude))

    def _nearest(self, x: float, y: float) -> int:
        behind = (self.start[:, 0] - x) * self.unit[:, 0] + (self.start[:, 1] - y) * self.unit[:, 1]
        beyond = (x - self.end[:, 0]) * self.unit[:, 0] + (y - self.end[:, 1]) * self.unit[:, 1]
        beside = (x - self.start[:, 0]) * self.unit[:, 1] - (y - self.start[:, 1]) * self.unit[:, 0]
        return int(np.argmin(np.hypot(np.maximum(np.maximum(behind, beyond), 0.0), beside)))

    def heading_at(self, longitude: float) -> float:
        """Heading (rad) of the segment at a longitude; off the ends, that of the first or the last one."""
        segment = int(np.searchsorted(self.longitude[1:], longitude, side="right"))
        return float(self.heading[min(segment, len(self.heading) - 1)])


def route_of(positions: NDArray[np.float32]) -> Route:
    """The route along recorded positions ((T, 2) float32 metres, in the scene's frame).

    A point less than 1 m from the last one kept is left out, so that standing adds nothing. A path of a single place
    becomes a segment of 0.1 m along x, as in MetaDrive.
    """
    points = _before_jump(np.asarray(positions, np.float32))
    kept = _kept(points)
    if len(kept) < 2:
        start = points[:1]
        end = start + np.array([[0.1, 0.0]], np.float32)
        direction = unit = np.array([[1.0, 0.0]], np.float32)
        length = np.array([0.1])
    else:
        start, end = points[kept[:-1]], points[kept[1:]]
        difference = end - start
        length = _norm(difference)
        direction = np.divide(difference, length[:, None].astype(np.float32), dtype=np.float32)
        unit = difference / np.hypot(difference[:, :1], difference[:, 1:])
    heading = np.array([math.atan2(d[1], d[0]) for d in (end - start).astype(float)]) if len(kept) > 1 else np.zeros(1)
    longitude = np.concatenate([[0.0], np.cumsum(length)])
    return Route(
        start.astype(float),
        end.astype(float),
        direction.astype(float),
        unit.astype(float),
        length,
        heading,
        longitude,
        _checkpoints(start, direction, longitude),
    )


def route_length(positions: NDArray[np.float32]) -> float:
    """Metres of the route along recorded positions, as `route_of` has them, without laying it out."""
    points = _before_jump(np.asarray(positions, np.float32))
    kept = points[_kept(points)]
    return float(np.sum(_norm(np.diff(kept, axis=0)))) if len(kept) > 1 else 0.1


def _before_jump(points: NDArray[np.float32]) -> NDArray[np.float32]:
    step = _norm(np.diff(points, axis=0))
    jumps = np.flatnonzero(step > JUMP)
    return points[: jumps[0]] if len(jumps) and jumps[0] > 0 else points


def _kept(points: NDArray[np.float32]) -> list[int]:
    following = _following(points)
    kept, last = [0], len(points) - 1
    while kept[-1] < last:
        kept.append(following[kept[-1]])
    if len(kept) > 1 and _norm(points[kept[-2] : kept[-2] + 1] - points[last])[0] < 1e-6:
        kept.pop()  # the path ends where it stands
    return kept


def _following(points: NDArray[np.float32]) -> list[int]:
    """For each point the first one behind it that is over 1 m away, or the last."""
    last = len(points) - 1
    padded = np.pad(points, ((0, WINDOW), (0, 0)), mode="edge")
    ahead = sliding_window_view(padded, WINDOW, axis=0)[1:]
    difference = ahead - points[:, :, None]
    far = difference[:, 0] ** 2 + difference[:, 1] ** 2 > 1
    first, found = np.argmax(far, axis=1), np.any(far, axis=1)
    following = np.where(found, np.minimum(np.arange(len(points)) + 1 + first, last), last)
    for here in np.flatnonzero(~found[: max(last - WINDOW, 0)]).tolist():  # who stands for long
        beyond = np.flatnonzero(_norm(points[here + 1 + WINDOW :] - points[here]) > 1)
        following[here] = here + 1 + WINDOW + int(beyond[0]) if len(beyond) else last
    return list(following.tolist())


def _norm(difference: NDArray[np.float32]) -> NDArray[np.float64]:
    """Metres: squared and summed in float32, the root in float64, as metadrive.utils.math.norm does it on float32."""
    return np.asarray(np.sqrt((difference[:, 0] ** 2 + difference[:, 1] ** 2).astype(np.float64)))


def _checkpoints(
    start: NDArray[np.float32], direction: NDArray[np.float32], longitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    length = longitude[-1]
    at = np.append(np.arange(int(length / WAYPOINT_SPACING)) * WAYPOINT_SPACING, length)
    # A check point belongs to the first segment that ends at most 0.1 m before it (InterpolatingLine.get_point).
    segment = np.minimum(np.searchsorted(longitude[1:] + 0.1, at, side="left"), len(start) - 1)
    along = (at - longitude[segment + 1] + np.diff(longitude)[segment]).astype(np.float32)
    return np.asarray((start[segment] + along[:, None] * direction[segment]).astype(np.float64))
