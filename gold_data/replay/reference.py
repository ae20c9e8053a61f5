"""What the tracker follows: the record as a smooth path, and a schedule along it.

The path (arc length -> position, course, curvature) and the schedule (frame -> arc length, speed) are smoothed apart:
recorded positions jitter by centimetres, which a controller would turn into steering.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import diags_array, eye_array

from gold_data.replay.pace import STEP
from gold_data.replay.scene import Motion

SPACING = 0.5
"""Metres between the points of the path."""

BLUR = 1.0
"""Metres, standard deviation of the Gaussian along the path."""

RUN_IN, RUN_OUT = 6, 40
"""Metres of straight path before the record's first place and beyond its last."""


@dataclass(frozen=True)
class Path:
    """A smooth line of n points through the recorded places, in the scene's frame."""

    points: NDArray[np.float64]  # (n, 2) m
    arc: NDArray[np.float64]  # (n,) m, arc length at the points
    middle: NDArray[np.float64]  # (n - 1,) m, arc length in the middle of the segments
    course: NDArray[np.float64]  # (n - 1,) rad, of the segments, not wrapped
    curvature: NDArray[np.float64]  # (n - 2,) 1/m, at the inner points

    def project(self, x: float, y: float, low: float, high: float) -> tuple[float, float]:
        """Arc length (m) of the nearest point between two arc lengths, and metres beside the path (left positive)."""
        first = min(max(int(self.arc.searchsorted(low)) - 1, 0), len(self.course) - 1)
        last = min(max(int(self.arc.searchsorted(high)) + 1, first + 1), len(self.course))
        start = self.points[first:last]
        along = self.points[first + 1 : last + 1] - start
        length = self.arc[first + 1 : last + 1] - self.arc[first:last]
        from_start = (x, y) - start
        share = ((from_start * along).sum(axis=1) / length**2).clip(0, 1)
        error = from_start - share[:, None] * along
        nearest = int((error * error).sum(axis=1).argmin())
        beside = along[nearest, 0] * from_start[nearest, 1] - along[nearest, 1] * from_start[nearest, 0]
        return float(self.arc[first + nearest] + share[nearest] * length[nearest]), float(beside / length[nearest])

    def course_at(self, arc: float) -> float:
        """Direction of the path (rad) at an arc length (m)."""
        return float(np.interp(arc, self.middle, self.course))

    def curvature_at(self, arc: float) -> float:
        """Curvature of the path (1/m, left positive) at an arc length (m)."""
        return float(np.interp(arc, self.arc[1:-1], self.curvature))


@dataclass(frozen=True)
class Reference:
    """A path, and when to be where on it."""

    path: Path
    schedule: NDArray[np.float64]  # (L,) m, arc length at each frame of the record
    speed: NDArray[np.float64]  # (L,) m/s


def reference_of(track: Motion, smoothing: float) -> Reference:
    """Path and schedule of a recorded track; `smoothing` is the weight of the squared third differences."""
    smooth = _whittaker(track.position, smoothing)
    path = _path_through(_blurred(_places(smooth, track.heading)))
    schedule = _whittaker(_in_order(path, smooth)[:, None], smoothing)[:, 0]
    return Reference(path, schedule, np.gradient(schedule, STEP))


def _path_through(points: NDArray[np.float64]) -> Path:
    along = np.diff(points, axis=0)
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(along[:, 0], along[:, 1]))])
    middle = (arc[1:] + arc[:-1]) / 2
    course = np.unwrap(np.arctan2(along[:, 1], along[:, 0]))
    return Path(points, arc, middle, course, np.diff(course) / np.diff(middle))


def _whittaker(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """The p that minimises |p - values|2 + weight |third differences of p|2, column by column."""
    count = len(values)
    if count < 5 or weight == 0:
        return values.copy()
    difference = diags_array([-1.0, 3.0, -3.0, 1.0], offsets=[0, 1, 2, 3], shape=(count - 3, count))
    system = eye_array(count) + weight * (difference.T @ difference)
    bands = np.zeros((4, count))
    for band in range(4):
        bands[band, : count - band] = system.diagonal(-band)
    return np.asarray(solveh_banded(bands, values, lower=True))


def _places(positions: NDArray[np.float64], heading: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places at least 0.3 m apart, each ahead of the one before, with a straight run-in and run-out."""
    kept = [0]
    for frame in range(1, len(positions)):
        step = positions[frame] - positions[kept[-1]]
        ahead = step[0] * math.cos(heading[kept[-1]]) + step[1] * math.sin(heading[kept[-1]])
        if np.hypot(*step) >= 0.3 and ahead > 0:
            kept.append(frame)
    places = positions[kept]
    if len(places) > 1 and np.hypot(*(positions[-1] - places[-1])) > 0.1:
        places = np.vstack([places, positions[-1]])
    first = np.array([math.cos(heading[0]), math.sin(heading[0])])
    if len(places) < 3:
        last = np.array([math.cos(heading[-1]), math.sin(heading[-1])])
    else:
        last = (places[-1] - places[-2]) / np.hypot(*(places[-1] - places[-2]))
    run_in = places[0] + np.arange(-RUN_IN, 0)[:, None] * first
    run_out = places[-1] + np.arange(1, RUN_OUT + 1)[:, None] * last
    return np.vstack([run_in, places, run_out])


def _blurred(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The path resampled evenly and smoothed along its length; its ends keep their direction."""
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
    even = np.arange(0, arc[-1], SPACING)
    points = np.column_stack([np.interp(even, arc, places[:, axis]) for axis in (0, 1)])
    reach = int(3 * BLUR / SPACING)
    padded = np.pad(points, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(gaussian_filter1d(padded, BLUR / SPACING, axis=0, radius=reach))[reach:-reach]


def _in_order(path: Path, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Arc length of each frame's position, each looked for near the one before: a path may cross itself."""
    arcs, near = np.empty(len(positions)), float(RUN_IN)
    for frame, (x, y) in enumerate(positions):
        near, _ = path.project(x, y, near - 7.0 if frame == 0 else near - 1.0, near + 6.0)
        arcs[frame] = near
    return arcs
