"""The batched engine's senses alone: what it sees, touches and lies on where somebody else drives the ego."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.environment import (
    ENVIRONMENT,
    SIDE,
    STOCK,
    SUBSTEP,
    SUBSTEPS,
    look,
    touch,
    world_of,
)
from gold_data.replay.drive import Readings
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import wrap
from gold_data.replay.scene import Scene
from gold_data.settings import SimulatorSettings

Way: TypeAlias = NDArray[np.float64]
"""(6, 3) x, y (m), heading (rad) at which contacts are looked for in one step: before each substep, and at its end."""


def way_between(before: Readings, now: Readings) -> Way:
    """Where an ego that drives was in a step: it is read out a substep late, and in between on the straight line."""
    share = np.arange(1, SUBSTEPS + 1)[:, None] / SUBSTEPS
    along = _pose(now) - _pose(before)
    along[2] = wrap(along[2])
    end = _pose(now) + SUBSTEP * np.array([*now.velocity, now.yaw_rate])
    return np.vstack([_pose(before) + share * along, end])


class Onlooker:
    """The batched engine as an `Engine` that goes where another one went, whatever the actions say."""

    def __init__(self, settings: SimulatorSettings, readings: Sequence[Readings]) -> None:
        """`readings` are what the other engine read out after the reset and after each step."""
        self._settings, self._readings = settings, readings
        self._environment = np.zeros(1, ENVIRONMENT)
        self._state = np.zeros(vehicle.STATE)
        self._left: Iterator[tuple[Readings, Readings]] = iter(())

    def reset(self, scene: Scene) -> Readings:
        """Compile the scene and look from where the other engine began. Raises SceneError where there is no scene."""
        self._world = world_of(scene, self._settings.lidar_rays, self._settings.max_speed_km_h)
        self._left = itertools.pairwise(self._readings)
        self._environment[:] = np.zeros(1, ENVIRONMENT)
        self._environment["heading_before"] = self._readings[0].heading
        return self._seen(self._readings[0], Flag(0))

    def step(self, action: NDArray[np.float64]) -> Readings:
        """Go on to the next place; StopIteration is raised behind the last."""
        before, now = next(self._left)
        environment = self._environment[0]
        flags = touch(self._world, environment, way_between(before, now))
        environment["heading_before"] = before.heading
        environment["steps"] += 1
        environment["steering"], environment["throttle"] = action
        return self._seen(now, Flag(flags))

    def close(self) -> None:
        """There is nothing to give back."""

    def _seen(self, readings: Readings, flags: Flag) -> Readings:
        vehicle.place(self._state, readings.x, readings.y, readings.heading, *readings.velocity)
        stock = np.zeros(SIDE + STOCK + self._settings.lidar_rays, np.float32)
        look(self._world, self._environment[0], self._state, stock)
        return replace(readings, stock=stock, flags=flags)


def _pose(readings: Readings) -> NDArray[np.float64]:
    return np.array([readings.x, readings.y, readings.heading])
