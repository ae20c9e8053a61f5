"""The one interface to drive a scene: an engine moves the bodies, a drive says what that means.

    drive = Drive(MetaDrive(settings.simulator), settings)
    outcome = drive.reset(description, ego_id)
    while not (outcome.terminated or outcome.truncated):
        outcome = drive.step(action)

An engine is what MetaDrive and its batched twin have in common: bodies, rays, contacts. Navigation, pace, reward, cost
and ends are the same for both and are defined here, in terms of plain state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay import ends, reward
from gold_data.replay.contact import touched
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import navigation
from gold_data.replay.observation import Block, blocks
from gold_data.replay.pace import pace
from gold_data.replay.scene import Scene, StartOffset, log_states, make_scene
from gold_data.replay.surroundings import Around
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings


@dataclass(frozen=True)
class Readings:
    """What an engine reports after a step, in the scene's frame."""

    x: float  # m
    y: float  # m
    height: float  # m over the ground
    heading: float  # rad
    velocity: tuple[float, float]  # m/s
    yaw_rate: float  # rad/s
    stock: NDArray[np.float32]  # MetaDrive's own observation vector
    flags: Flag  # contacts and solid lines

    @property
    def speed(self) -> float:
        """m/s."""
        return math.hypot(*self.velocity)


class Engine(Protocol):
    """What moves the bodies and casts the rays."""

    def reset(self, scene: Scene) -> Readings:
        """Put everyone where the scene's first frame has them."""
        ...

    def step(self, action: NDArray[np.float64]) -> Readings:
        """Go on by 0.1 s with (steering, throttle) in [-1, 1]."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True)
class Outcome:
    """One step's result; after a reset reward, cost and flags are zero."""

    observation: NDArray[np.float32]  # (D,)
    action: NDArray[np.float64]  # (2,) steering and throttle that were executed to get here; zero after a reset
    reward: float
    cost: float
    flags: Flag
    contact_bearing: float  # rad in the ego's frame, left positive; NaN without contact
    readings: Readings
    terminated: bool
    truncated: bool
    arrived: bool  # at this step or before
    completion: float  # share of the route that lies behind; below 0 and above 1 off its ends


class Drive:
    """Drives one ego of one description at a time."""

    def __init__(self, engine: Engine, settings: ConvertSettings) -> None:
        self.engine = engine
        self.blocks: tuple[Block, ...] = blocks(settings.simulator.lidar_rays)
        self._ends = settings.ends
        self._max_speed = settings.simulator.max_speed_km_h / 3.6

    def reset(
        self, description: Description, ego_id: str, start: int = 0, offset: StartOffset | None = None
    ) -> Outcome:
        """Begin an episode at frame `start` of the record, `offset` from the pose recorded there.

        Raises SceneError for a scene that no engine can drive.
        """
        self.scene = make_scene(description, ego_id, start, offset)
        self.steps = 0
        self._arrived = False
        self._around = Around(self.scene, self._max_speed)
        readings = self.engine.reset(self.scene)
        self._place = self.scene.route.locate(readings.x, readings.y)
        return Outcome(
            observation=self._observation(readings),
            action=np.zeros(2),
            reward=0.0,
            cost=0.0,
            flags=Flag(0),
            contact_bearing=math.nan,
            readings=readings,
            terminated=False,
            truncated=False,
            arrived=False,
            completion=self._completion(),
        )

    def step(self, action: Sequence[float] | NDArray[np.floating]) -> Outcome:
        """Drive on by 0.1 s with (steering, throttle), clipped to [-1, 1] and rounded to float32.

        Actions are stored as float32: rounded before, and not after, they drive the same episode again to the bit.
        Raises SceneError for what is not two numbers.
        """
        given = np.asarray(action, np.float64)
        if given.shape != (2,) or not np.isfinite(given).all():
            raise SceneError(f"scene {self.scene.scenario_id}: the action is {given.tolist()}: give two numbers")
        executed = np.clip(given, -1.0, 1.0).astype(np.float32).astype(np.float64)
        readings = self.engine.step(executed)
        self.steps += 1
        before, self._place = self._place.longitude, self.scene.route.locate(readings.x, readings.y)
        now = ends.standing(self._place, self.scene.route.length)
        self._arrived |= now.arrived
        flags, bearing = self._judged(readings)
        if now.out_of_road:
            flags |= Flag.OUT_OF_ROAD
        driving = reward.driving_reward(before, self._place, readings.heading, float(executed[0]), readings.speed)
        terminated = ends.terminated(now, self._ends)
        return Outcome(
            observation=self._observation(readings),
            action=executed,
            reward=reward.reward(driving, flags, now),
            cost=reward.cost(flags),
            flags=flags,
            contact_bearing=bearing,
            readings=readings,
            terminated=terminated,
            truncated=not terminated and self.steps >= ends.step_limit(self.scene.frames, self._ends),
            arrived=self._arrived,
            completion=self._completion(),
        )

    def close(self) -> None:
        """Give the engine back."""
        self.engine.close()

    def ego_state(self, readings: Readings) -> tuple[float, ...]:
        """x, y, z (m), heading (rad), vx, vy (m/s), yaw rate (rad/s) in the record's world frame."""
        x, y = self.scene.origin
        return (
            x + readings.x,
            y + readings.y,
            readings.height,
            readings.heading,
            *readings.velocity,
            readings.yaw_rate,
        )

    def log_state(self) -> NDArray[np.float64]:
        """(steps + 1, 7) the same of the record, for the frames driven so far; past its end its last frame stays."""
        return log_states(self.scene, self.steps)

    def _completion(self) -> float:
        return self._place.longitude / self.scene.route.length

    def _observation(self, readings: Readings) -> NDArray[np.float32]:
        last = len(self.scene.track.heading) - 1
        route = self.scene.route
        return np.concatenate(
            [
                readings.stock,
                navigation(route, self._place, readings.x, readings.y, readings.heading),
                pace(
                    self.scene.start + self.steps,
                    last,
                    self._place.longitude,
                    route.length,
                    readings.speed,
                    self._max_speed,
                ),
                self._around.numbers(
                    self.steps,
                    self._place.longitude,
                    readings.x,
                    readings.y,
                    readings.heading,
                    readings.velocity,
                    readings.yaw_rate,
                ),
            ],
            dtype=np.float32,
        )

    def _judged(self, readings: Readings) -> tuple[Flag, float]:
        flags = readings.flags
        if not flags & Flag.contact():
            return flags, math.nan
        other = touched(self.scene, self.steps, readings.x, readings.y, readings.heading, flags)
        if other is None:
            return flags, math.nan
        if other.parked:
            flags |= Flag.OTHER_PARKED
        if readings.speed > 0.5 and (other.parked or abs(other.bearing) <= math.pi / 3):
            flags |= Flag.AT_FAULT
        return flags, other.bearing
