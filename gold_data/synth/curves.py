"""Plane curves that roads, lanes and paths are made of."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SPACING = 0.5
"""Metres between the points of a WOMD polyline, at most; real ones lie 0.48 to 0.5 m apart."""


@dataclass(frozen=True)
class Curve:
    """A directed curve: `points` (N, 2) m, `headings` (N,) rad without jumps, `stations` (N,) m from its start."""

    points: Array
    headings: Array
    stations: Array

    @property
    def length(self) -> float:
        """Metres from start to end."""
        return float(self.stations[-1])

    @property
    def curvature(self) -> Array:
        """Signed curvature at each point, (N,) 1/m, left positive."""
        return np.asarray(np.gradient(self.headings, self.stations))

    def at(self, stations: Array) -> tuple[Array, Array]:
        """Points (..., 2) and headings (...) at the given stations; beyond an end, those of that end."""
        x, y, heading = (np.interp(stations, self.stations, values) for values in (*self.points.T, self.headings))
        return np.stack([x, y], axis=-1), heading

    def beside(self, lateral: float) -> Curve:
        """The parallel curve `lateral` metres to the left."""
        return _curve(self.points + lateral * leftwards(self.headings), self.headings)

    def backwards(self) -> Curve:
        """The same curve in the other direction."""
        return _curve(self.points[::-1], self.headings[::-1] + pi)

    def strip(self, start: float, end: float, left: float, right: float) -> Array:
        """The corners, (4, 2), of the patch between two stations and two laterals (left positive)."""
        points, headings = self.at(np.array([start, end, end, start]))
        lateral = np.array([left, left, right, right])
        patch: Array = points + lateral[:, None] * leftwards(headings)
        return patch


def leftwards(headings: Array) -> Array:
    """Unit vectors (..., 2) to the left of headings (...)."""
    return np.stack([-np.sin(headings), np.cos(headings)], axis=-1)


def bending(curvature_knots: list[float], length: float) -> Curve:
    """A curve from the origin along x whose curvature runs linearly between equally spaced knots (1/m): clothoids."""
    stations = np.linspace(0.0, length, ceil(length / SPACING) + 1)
    curvature = np.interp(stations, np.linspace(0.0, length, len(curvature_knots)), curvature_knots)
    headings = _integral(curvature, stations)
    points = np.stack([_integral(np.cos(headings), stations), _integral(np.sin(headings), stations)], axis=1)
    return Curve(points, headings, stations)


def straight(start: Array, end: Array) -> Curve:
    """The straight line between two points (2,)."""
    distance = float(np.linalg.norm(end - start))
    stations = np.linspace(0.0, distance, ceil(distance / SPACING) + 1)
    points = start + np.outer(stations / distance, end - start)
    return Curve(points, np.full(len(stations), np.arctan2(*(end - start)[::-1])), stations)


def corner(start: Array, heading: float, end: Array) -> Curve:
    """A right-angled turn, left or right, from a pose to a point (2,): clothoid, arc, clothoid.

    The turn alone takes equally much forwards and sideways; what one direction has more is driven straight.
    """
    cos, sin = np.cos(heading), np.sin(heading)
    forward, left = np.array([[cos, sin], [-sin, cos]]) @ (end - start)
    side = np.sign(left)
    sharpest = 2 / 3 * pi / 100.0
    turn = bending([0.0, sharpest, sharpest, sharpest, 0.0], 100.0)
    scale = min(forward, abs(left)) / turn.points[-1, 0]
    x, y = scale * turn.points[:, 0] + max(forward - abs(left), 0.0), side * scale * turn.points[:, 1]
    points = start + np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
    headings = heading + side * np.concatenate([[0.0], turn.headings, [pi / 2]])
    return _without_repeats(np.concatenate([start[None], points, end[None]]), headings)


def join(*curves: Curve) -> Curve:
    """One curve after the other; gaps are bridged by a straight line."""
    headings = np.unwrap(np.concatenate([curve.headings for curve in curves]))
    return _without_repeats(np.concatenate([curve.points for curve in curves]), headings)


def spaced(points: Array) -> Array:
    """The polyline (N, 2) with points `SPACING` or a little less apart; its ends stay exactly where they are."""
    stations = _stations(points)
    at = np.linspace(0.0, stations[-1], max(ceil(stations[-1] / SPACING), 1) + 1)
    return np.stack([np.interp(at, stations, column) for column in points.T], axis=1)


def _curve(points: Array, headings: Array) -> Curve:
    return Curve(points, headings, _stations(points))


def _without_repeats(points: Array, headings: Array) -> Curve:
    apart = np.concatenate([[True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-6])
    return _curve(points[apart], headings[apart])


def _stations(points: Array) -> Array:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _integral(values: Array, stations: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(stations))])
