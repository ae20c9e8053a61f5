"""The batched engine's senses alone: what it sees, touches and lies on where somebody else drives the ego."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.environment import (
    ENVIRONMENT,
    SIDE,
    SOLID_LINE,
    STOCK,
    SUBSTEP,
    SUBSTEPS,
    World,
    look,
    world_of,
)
from gold_data.replay.batched.touching import contacts, on_solid_line
from gold_data.replay.drive import Readings
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import wrap
from gold_data.replay.scene import Scene
from gold_data.settings import SimulatorSettings

Way: TypeAlias = NDArray[np.float64]
"""(6, 3) x, y (m), heading (rad) at which contacts are looked for in one step: before each substep, and at its end."""


@dataclass(frozen=True)
class Journey:
    """What another engine read out after the reset and after each of T steps, and where the ego was on its way."""

    readings: Sequence[Readings]  # T + 1
    ways: Sequence[Way]  # T
    headings_before: Sequence[float]  # T, rad: what MetaDrive tells the turn of a step from


def replayed(readings: Sequence[Readings]) -> Journey:
    """The journey of an ego that is put on its record at each step, and rolls on from there in between.

    MetaDrive notes its heading once it is put there, and so sees no turn (ReplayEgoCarPolicy, BaseVehicle.before_step).
    """
    after = SUBSTEP * np.arange(SUBSTEPS)[:, None]
    ways = []
    for before, now in itertools.pairwise(readings):
        motion = np.array([*before.velocity, before.yaw_rate])
        ways.append(np.vstack([_pose(before) + after * motion, _pose(now)]))
    return Journey(readings, ways, [now.heading for now in readings[1:]])


def driven(readings: Sequence[Readings]) -> Journey:
    """The journey of an ego that drives: read out a substep late, and in between on the straight line."""
    share = np.arange(1, SUBSTEPS + 1)[:, None] / SUBSTEPS
    ways = []
    for before, now in itertools.pairwise(readings):
        way = _pose(now) - _pose(before)
        way[2] = wrap(way[2])
        end = _pose(now) + SUBSTEP * np.array([*now.velocity, now.yaw_rate])
        ways.append(np.vstack([_pose(before) + share * way, end]))
    return Journey(readings, ways, [before.heading for before in readings[:-1]])


class Onlooker:
    """The batched engine as an `Engine` that goes where a journey goes, whatever the actions say."""

    def __init__(self, settings: SimulatorSettings, journey: Journey) -> None:
        self._settings, self._journey = settings, journey
        self._environment = np.zeros(1, ENVIRONMENT)
        self._state = np.zeros(vehicle.STATE)
        self._left: Iterator[tuple[Readings, Way, float]] = iter(())

    def reset(self, scene: Scene) -> Readings:
        """Compile the scene and look from the journey's start. Raises SceneError for a scene that cannot be driven."""
        self._world = world_of(scene, self._settings.lidar_rays, self._settings.max_speed_km_h)
        journey, first = self._journey, self._journey.readings[0]
        self._left = zip(journey.readings[1:], journey.ways, journey.headings_before, strict=True)
        self._environment[:] = np.zeros(1, ENVIRONMENT)
        self._environment["heading_before"] = first.heading
        return self._seen(first, Flag(0))

    def step(self, action: NDArray[np.float64]) -> Readings:
        """Go on to the journey's next place; StopIteration is raised behind its last."""
        readings, way, heading_before = next(self._left)
        environment = self._environment[0]
        flags = touch(self._world, environment, way)
        environment["heading_before"] = heading_before
        environment["steps"] += 1
        environment["steering"], environment["throttle"] = action
        return self._seen(readings, Flag(flags))

    def close(self) -> None:
        """There is nothing to give back."""

    def _seen(self, readings: Readings, flags: Flag) -> Readings:
        vehicle.place(self._state, readings.x, readings.y, readings.heading, *readings.velocity)
        stock = np.zeros(SIDE + STOCK + self._settings.lidar_rays, np.float32)
        look(self._world, self._environment[0], self._state, stock)
        return replace(readings, stock=stock, flags=flags)


@njit(cache=True)
def touch(world: World, environment: Any, way: Way) -> int:
    """Which contacts there are on (6, 3) a way, and whether a solid line is touched at its end, as flags.

    The others go on from the environment's last frame at their recorded velocity; nobody is pushed.
    """
    scene = world.scenes[environment.scene]
    frame = scene.frame + min(environment.steps, scene.frames)
    first, last = world.poses_of[frame], world.poses_of[frame + 1]
    flags = 0
    for substep in range(len(way)):
        cos, sin = math.cos(way[substep, 2]), math.sin(way[substep, 2])
        after = substep * SUBSTEP
        flags |= contacts(way[substep, 0], way[substep, 1], cos, sin, after, first, last, world.poses, world.bodies)
    cos, sin = math.cos(way[-1, 2]), math.sin(way[-1, 2])
    if on_solid_line(way[-1, 0], way[-1, 1], cos, sin, scene, world.segments_of, world.segments):
        flags |= SOLID_LINE
    return flags


def _pose(readings: Readings) -> NDArray[np.float64]:
    return np.array([readings.x, readings.y, readings.heading])
