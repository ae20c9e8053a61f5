"""What is around an ego at one frame of its record, as plain arrays: what to show, not how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet import Description

SMALLEST_VIEW = 50.0
"""Metres: what a picture shows at least, so that an ego which hardly moves is seen among others."""

LONG_VEHICLE = 7.0
"""Metres beyond which a vehicle is a truck, a bus or a trailer: WOMD tells them apart by their boxes alone."""


@dataclass(frozen=True)
class View:
    """A rectangle of the world, metres."""

    left: float
    right: float
    bottom: float
    top: float

    def contains(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which of (..., 2) points lie inside."""
        x, y = points[..., 0], points[..., 1]
        return (self.left <= x) & (x <= self.right) & (self.bottom <= y) & (y <= self.top)

    def touches(self, points: NDArray[np.floating]) -> bool:
        """Whether the box around (N, 2 or more) points and this one have a point in common."""
        if not len(points):
            return False
        (left, bottom), (right, top) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        return bool(left <= self.right and self.left <= right and bottom <= self.top and self.bottom <= top)


@dataclass(frozen=True)
class RoadUser:
    """Someone else, the outline at the frame, and the way there.

    `kind` is as ScenarioNet has it, but SDC for the record's own car and LONG_VEHICLE for another beyond that length.
    """

    kind: str
    outline: NDArray[np.float64]  # (C, 2) m
    path: NDArray[np.float64]  # (K, 2) m, one row a frame, NaN where it is not valid


@dataclass(frozen=True)
class Signal:
    """A signal's state, as ScenarioNet has it, and its stop point."""

    state: str
    position: NDArray[np.float64]  # (2,) m


def view_around(points: NDArray[np.floating], aspect: float) -> View:
    """The smallest view of an aspect (width over height) that has all (N, 2) points, and some margin around them."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    margin = max(12.0, 0.14 * float(extent.max()))
    height = max(float(extent[1]) + 2 * margin, (float(extent[0]) + 2 * margin) / aspect, SMALLEST_VIEW)
    x, y = (low + high) / 2
    return View(x - height * aspect / 2, x + height * aspect / 2, y - height / 2, y + height / 2)


def outline(x: float, y: float, heading: float, length: float, width: float) -> NDArray[np.float64]:
    """(5, 2) corners of a box whose front is pointed, so that its heading is seen; metres and radians."""
    nose = length / 2 - min(0.3 * length, 0.5 * width)
    corners = np.array(
        [[-length / 2, -width / 2], [nose, -width / 2], [length / 2, 0.0], [nose, width / 2], [-length / 2, width / 2]]
    )
    cos, sin = np.cos(heading), np.sin(heading)
    turned: NDArray[np.float64] = corners @ np.array([[cos, sin], [-sin, cos]]) + np.array([x, y])
    return turned


def round_outline(x: float, y: float, across: float) -> NDArray[np.float64]:
    """(12, 2) corners of what has no front to be seen; metres."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return np.column_stack([x + across / 2 * np.cos(angles), y + across / 2 * np.sin(angles)])


def road_users(description: Description, ego_id: str, first: int, frame: int, view: View) -> list[RoadUser]:
    """Everyone but the ego who is valid at a frame and whose centre is in view, with their paths since frame `first`.

    Nobody is left once the record has ended.
    """
    if frame >= description["length"]:
        return []
    own_car = description["metadata"].get("sdc_id")
    return [
        _road_user(track, "SDC" if name == own_car else track["type"], first, frame)
        for name, track in description["tracks"].items()
        if name != ego_id and track["state"]["valid"][frame] and view.contains(track["state"]["position"][frame, :2])
    ]


def _road_user(track: Description, kind: str, first: int, frame: int) -> RoadUser:
    state = track["state"]
    x, y = map(float, state["position"][frame, :2])
    path = state["position"][first : frame + 1, :2].astype(np.float64)
    path[~state["valid"][first : frame + 1]] = np.nan
    heading, length, width = (float(state[name][frame]) for name in ("heading", "length", "width"))
    if kind == "PEDESTRIAN":
        return RoadUser(kind, round_outline(x, y, max(length, width)), path)
    if kind == "VEHICLE" and length > LONG_VEHICLE:
        kind = "LONG_VEHICLE"
    return RoadUser(kind, outline(x, y, heading, length, width), path)


def signals(description: Description, frame: int, view: View) -> list[Signal]:
    """The signals that are in view and have a state at a frame."""
    found = []
    for signal in description["dynamic_map_states"].values():
        states = signal["state"]["object_state"]
        state = states[frame] if frame < len(states) else None
        position = np.asarray(signal["stop_point"], np.float64)[:2]
        if state is not None and view.contains(position):
            found.append(Signal(str(state), position))
    return found
