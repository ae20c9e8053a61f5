"""Engine 2 for one scene at a time, behind `Drive`: what MetaDrive does, without MetaDrive."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.environment import (
    ENVIRONMENT,
    SIDE,
    STOCK,
    begin,
    drive_on,
    look,
    nobody_near,
    start_of,
    world_of,
)
from gold_data.replay.drive import Readings
from gold_data.replay.flags import Flag
from gold_data.replay.scene import Scene
from gold_data.settings import SimulatorSettings


class Batched:
    """The batched engine as an `Engine`."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._environment = np.zeros(1, ENVIRONMENT)
        self._state = np.zeros(vehicle.STATE)
        self._near = nobody_near()

    def reset(self, scene: Scene) -> Readings:
        """Compile the scene and put the ego on its start. Raises SceneError for a scene that cannot be driven."""
        self._world = world_of(scene, self._settings.lidar_rays, self._settings.max_speed_km_h)
        begin(self._environment[0], self._state, self._near, *start_of(scene))
        return self._readings(Flag(0))

    def step(self, action: NDArray[np.float64]) -> Readings:
        """Go on by 0.1 s with (steering, throttle) in [-1, 1]."""
        flags = drive_on(self._world, self._environment[0], self._state, self._near, float(action[0]), float(action[1]))
        return self._readings(Flag(flags))

    def close(self) -> None:
        """There is nothing to give back."""

    def _readings(self, flags: Flag) -> Readings:
        stock = np.zeros(SIDE + STOCK + self._settings.lidar_rays, np.float32)
        look(self._world, self._environment[0], self._state, stock)
        x, y, height, heading, speed_x, speed_y, yaw_rate = vehicle.readings(self._state)
        return Readings(x, y, height, heading, (speed_x, speed_y), yaw_rate, stock, flags)
