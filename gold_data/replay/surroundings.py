"""The last five blocks of an observation, for both engines: motion, neighbours, signal, speed limit and conflict.

They are made of the description and of the ego's state alone. A batch has the surroundings of many scenes end to end in
one table; one drive has a table of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.replay.batched.along import compile_route, stack_routes
from gold_data.replay.batched.objects import BODIES, objects_of
from gold_data.replay.conflict import write_conflict
from gold_data.replay.neighbours import lengths_of, write_neighbours
from gold_data.replay.roadside import Roadside, roadside_of, write_signal, write_speed_limit
from gold_data.replay.scene import Scene

AROUND = np.dtype(
    [
        ("frames", "i8"),  # of the record that are left: L
        ("user", "i8"),  # where the lengths of its road users begin
        ("stop", "i8"),  # where its stop points begin
        ("stops", "i8"),  # how many there are
        ("colour", "i8"),  # where their colours begin
        ("limit", "i8"),  # where its limits begin
        ("limits", "i8"),
    ]
)

MOTION, NEIGHBOURS, SIGNAL, LIMIT, CONFLICT = 0, 3, 59, 65, 67
"""Where each block begins."""
NUMBERS = 89
"""Of the five blocks together."""
STEP = 0.1
"""s."""


@dataclass(frozen=True)
class Surroundings:
    """One scene's, but for the poses of its road users."""

    frames: int
    lengths: NDArray[np.float64]  # (N,) m
    roadside: Roadside


@dataclass(frozen=True)
class SurroundingsTable:
    """The surroundings of S scenes end to end."""

    around: NDArray[np.void]  # (S,) AROUND
    lengths: NDArray[np.float64]  # m
    stops: NDArray[np.float64]  # m along the routes
    colours: NDArray[np.int8]
    limits: NDArray[np.float64]  # km/h


def surroundings_of(scene: Scene) -> Surroundings:
    """Lay out a scene's surroundings."""
    return Surroundings(scene.frames, lengths_of(scene), roadside_of(scene))


def stack_surroundings(surroundings: Sequence[Surroundings]) -> SurroundingsTable:
    """Put the surroundings of scenes end to end."""
    table = np.zeros(len(surroundings), AROUND)
    table["frames"] = [one.frames for one in surroundings]
    table["stops"] = [len(one.roadside.stops) for one in surroundings]
    table["limits"] = [len(one.roadside.limits) for one in surroundings]
    for name, sizes in (
        ("user", [len(one.lengths) for one in surroundings]),
        ("stop", table["stops"]),
        ("colour", [one.roadside.colours.size for one in surroundings]),
        ("limit", table["limits"]),
    ):
        table[name] = np.cumsum(sizes) - sizes
    return SurroundingsTable(
        table,
        np.concatenate([one.lengths for one in surroundings]),
        np.concatenate([one.roadside.stops for one in surroundings]),
        np.concatenate([one.roadside.colours.ravel() for one in surroundings]),
        np.concatenate([one.roadside.limits for one in surroundings]),
    )


@njit(cache=True)
def write_surroundings(
    around: Any,
    lengths: NDArray[np.float64],
    stops: NDArray[np.float64],
    colours: NDArray[np.int8],
    limits: NDArray[np.float64],
    route: Any,
    segments: NDArray[np.void],
    poses: NDArray[np.void],
    first: int,
    last: int,
    bodies: NDArray[np.void],
    frame: int,
    longitude: float,
    x: float,
    y: float,
    heading: float,
    velocity_x: float,
    velocity_y: float,
    yaw_rate: float,
    forward_before: float,
    max_speed: float,
    out: NDArray[Any],
) -> None:
    """Write `motion`, `neighbours`, `signal`, `speed_limit` and `conflict` to (89,) `out`, all numbers in [0, 1].

    `around` is a row of SurroundingsTable.around, `route` one of RouteTable.routes; poses[first:last] are those of the
    frame, `frame` of the frames that are left being shown. `longitude` (m) is the ego's along its route, x, y (m),
    heading (rad), velocity (m/s) and yaw rate (rad/s) are as they are read out, `forward_before` (m/s) is the forward
    speed a step ago.
    """
    write_motion(heading, velocity_x, velocity_y, yaw_rate, forward_before, out[MOTION:NEIGHBOURS])
    write_neighbours(
        poses,
        first,
        last,
        bodies,
        lengths,
        around.user,
        x,
        y,
        heading,
        velocity_x,
        velocity_y,
        max_speed,
        out[NEIGHBOURS:SIGNAL],
    )
    write_signal(
        stops,
        around.stop,
        around.stop + around.stops,
        colours,
        around.colour,
        around.frames,
        frame,
        longitude,
        out[SIGNAL:LIMIT],
    )
    write_speed_limit(limits, around.limit, around.limit + around.limits, longitude, out[LIMIT:CONFLICT])
    write_conflict(
        route,
        segments,
        longitude,
        poses,
        first,
        last,
        bodies,
        x,
        y,
        heading,
        velocity_x,
        velocity_y,
        max_speed,
        out[CONFLICT:NUMBERS],
    )


@njit(cache=True)
def write_motion(
    heading: float, velocity_x: float, velocity_y: float, yaw_rate: float, forward_before: float, out: NDArray[Any]
) -> None:
    """Write the block `motion` to (3,) `out`: of 1 rad/s, 10 m/s2 and 5 m/s either way, left positive.

    Yaw rate, the change of forward speed since `forward_before` (m/s, a step ago), and the sideways velocity.
    """
    left = velocity_y * math.cos(heading) - velocity_x * math.sin(heading)
    acceleration = (forward_speed(heading, velocity_x, velocity_y) - forward_before) / STEP
    out[0] = min(max(0.5 + yaw_rate / 2, 0.0), 1.0)
    out[1] = min(max(0.5 + acceleration / 20, 0.0), 1.0)
    out[2] = min(max(0.5 + left / 10, 0.0), 1.0)


@njit(cache=True)
def forward_speed(heading: float, velocity_x: float, velocity_y: float) -> float:
    """m/s along the heading; negative backwards."""
    return velocity_x * math.cos(heading) + velocity_y * math.sin(heading)


class Around:
    """The surroundings of one drive, step by step."""

    def __init__(self, scene: Scene, max_speed: float) -> None:
        self._table = stack_surroundings([surroundings_of(scene)])
        self._route = stack_routes([compile_route(scene)])
        self._objects = objects_of(scene)
        self._frames, self._max_speed = scene.frames, max_speed
        self._forward: float | None = None

    def numbers(
        self,
        step: int,
        longitude: float,
        x: float,
        y: float,
        heading: float,
        velocity: tuple[float, float],
        yaw_rate: float,
    ) -> NDArray[np.float64]:
        """(89,) the five blocks, `step` steps into the episode; asked for once a step, from 0 on.

        m, rad, m/s and rad/s as `write_surroundings` takes them.
        """
        forward = forward_speed(heading, *velocity)
        before, self._forward = self._forward, forward
        frame = min(step, self._frames)
        out, table = np.empty(NUMBERS), self._table
        write_surroundings(
            table.around[0],
            table.lengths,
            table.stops,
            table.colours,
            table.limits,
            self._route.routes[0],
            self._route.segments,
            self._objects.poses,
            self._objects.first[frame],
            self._objects.first[frame + 1],
            BODIES,
            frame,
            longitude,
            x,
            y,
            heading,
            *velocity,
            yaw_rate,
            forward if before is None else before,
            self._max_speed,
            out,
        )
        return out
