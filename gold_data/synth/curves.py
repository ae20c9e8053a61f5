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

    def moved(self, start: Array, heading: float) -> Curve:
        """The same curve, begun at another point (2,) with another heading (rad)."""
        turn = heading - self.headings[0]
        cos, sin = np.cos(turn), np.sin(turn)
        points = start + (self.points - self.points[0]) @ np.array([[cos, sin], [-sin, cos]])
        return Curve(points, self.headings + turn, self.stations)

    def part(self, start: float, end: float) -> Curve:
        """The curve between two stations."""
        inside = self.stations[(self.stations > start + 1e-6) & (self.stations < end - 1e-6)]
        stations = np.concatenate([[start], inside, [end]])
        points, headings = self.at(stations)
        return Curve(points, headings, stations - start)

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


def sweep(start: Array, heading: float, end: Array, end_heading: float) -> Curve:
    """A smooth curve from one pose to another that turns by less than half a circle: a cubic Bezier curve."""
    turn = abs((end_heading - heading + pi) % (2 * pi) - pi)
    # For an arc of a circle these handles are the best ones: 4/3 tan(turn / 4) radii.
    chord = float(np.linalg.norm(end - start))
    handle = chord / 3 if turn < 0.01 else chord * 2 / 3 * np.tan(turn / 4) / np.sin(turn / 2)
    first = start + handle * np.array([np.cos(heading), np.sin(heading)])
    second = end - handle * np.array([np.cos(end_heading), np.sin(end_heading)])
    t = np.linspace(0.0, 1.0, ceil(chord / SPACING) * 2 + 1)[:, None]
    points = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * first + 3 * t**2 * (1 - t) * second + t**3 * end
    way = (1 - t) ** 2 * (first - start) + 2 * t * (1 - t) * (second - first) + t**2 * (end - second)
    return _curve(points, np.unwrap(np.arctan2(way[:, 1], way[:, 0])))


def circle(centre: Array, radius: float, start: float, end: float) -> Curve:
    """An arc, anticlockwise from one angle (rad) to another as seen from its centre (2,)."""
    angles = np.linspace(start, end, ceil(radius * (end - start) / SPACING) + 1)
    points = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _curve(points, angles + pi / 2)


def shifting(reference: Curve, stations: Array, laterals: Array) -> Curve:
    """The curve through the points of a reference at rising stations (N,), each `laterals` (N,) m to its left."""
    points, headings = reference.at(stations)
    return _curve(points + laterals[:, None] * leftwards(headings), headings + _slope(laterals, stations))


def smoothly(share: Array) -> Array:
    """From 0 to 1 and level at both ends: the course of a lane change, or of a taper."""
    clipped = np.clip(share, 0.0, 1.0)
    return np.asarray(clipped * clipped * (3 - 2 * clipped))


def join(*curves: Curve) -> Curve:
    """One curve after the other; gaps are bridged by a straight line."""
    headings = np.unwrap(np.concatenate([curve.headings for curve in curves]))
    return _without_repeats(np.concatenate([curve.points for curve in curves]), headings)


def spaced(points: Array) -> Array:
    """The polyline (N, 2) with points `SPACING` or a little less apart; its ends stay exactly where they are."""
    stations = _stations(points)
    at = np.linspace(0.0, stations[-1], max(ceil(stations[-1] / SPACING), 1) + 1)
    return np.stack([np.interp(at, stations, column) for column in points.T], axis=1)


def _slope(laterals: Array, stations: Array) -> Array:
    return np.asarray(np.arctan(np.gradient(laterals, stations)))


def _curve(points: Array, headings: Array) -> Curve:
    return Curve(points, headings, _stations(points))


def _without_repeats(points: Array, headings: Array) -> Curve:
    apart = np.concatenate([[True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-6])
    return _curve(points[apart], headings[apart])


def _stations(points: Array) -> Array:
    steps = points[1:] - points[:-1]
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])


def _integral(values: Array, stations: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(stations))])
