"""What a policy is held against where there are records: the record itself, and who drives it without a thought.

They see the engine's state and not observations, and drive one scene at a time behind `Drive`, in either engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data import ConvertSettings
from gold_data.errors import SettingsError
from gold_data.gym import EgoScene
from gold_data.replay import (
    Batched,
    Drive,
    Outcome,
    Rollout,
    Scene,
    Tracker,
    make_scene,
    replay_batched,
)
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.world import World
from gold_train.evaluation.drivers import Driver, StillDriver
from gold_train.evaluation.trace import Trace

METADRIVE = "metadrive"
STEP = 0.1
"""Seconds between two frames."""

Wish: TypeAlias = Callable[[int, Outcome], NDArray[np.float64]]
"""Steering and throttle so many steps into the drive, after an outcome."""

Way: TypeAlias = Callable[[Scene, ConvertSettings], Wish]
"""How an anchor drives a scene."""


def _tracked(scene: Scene, settings: ConvertSettings) -> Wish:
    tracker = Tracker(scene, settings.tracker)
    return lambda step, last: tracker.action(step, last.readings, float(last.action[0]))


def _steadily(scene: Scene, settings: ConvertSettings) -> Wish:
    return _tracked(with_steady_track(scene), settings)


WAYS: Mapping[str, Way] = {"tracker": _tracked, "constant speed": _steadily}
"""Anchors that drive: along the record on time, and along its path as if nobody else were there."""

LOG, ZERO = "log", "zero action"


@dataclass(frozen=True)
class AnchorDriver:
    """One of WAYS, or LOG: the ego put on its record at each step, whose reward is what an expert collects."""

    name: str
    engine: str

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        """See Driver; scenes are driven one by one. Raises SettingsError for a world without records."""
        if not isinstance(world, DrivingWorld):
            raise SettingsError(f"anchor {self.name!r}: this world has no records to follow; leave the anchor out.")
        return [self._trace(world.scenes[number], world.settings, on_step) for number in numbers]

    def _trace(self, scene: EgoScene, settings: ConvertSettings, on_step: Callable[[int], None]) -> Trace:
        if self.name == LOG and self.engine != METADRIVE:
            made = make_scene(scene.description, scene.ego_id)
            return trace_of_rollout(replay_batched(scene.description, scene.ego_id, settings), made)
        with closing(self._drive(settings)) as drive:
            outcomes = [drive.reset(scene.description, scene.ego_id)]
            wish = WAYS[self.name](drive.scene, settings) if self.name in WAYS else _nothing
            while not (outcomes[-1].terminated or outcomes[-1].truncated):
                on_step(drive.steps + 1)
                outcomes.append(drive.step(wish(drive.steps, outcomes[-1])))
        return trace_of_outcomes(outcomes)

    def _drive(self, settings: ConvertSettings) -> Drive:
        if self.engine != METADRIVE:
            return Drive(Batched(settings.simulator), settings)
        from gold_data.replay import MetaDrive

        return Drive(MetaDrive(settings.simulator, follow_record=self.name == LOG), settings)


def anchors_of(world: World, engine: str) -> dict[str, Driver]:
    """The anchors of a world by name, the record first; of a world without records, who does nothing."""
    anchors: dict[str, Driver] = {}
    if isinstance(world, DrivingWorld):
        anchors |= {name: AnchorDriver(name, engine) for name in (LOG, *WAYS)}
    return anchors | {ZERO: StillDriver()}


def with_steady_track(scene: Scene) -> Scene:
    """The scene with a record that has the same path and the same end, driven at one speed throughout."""
    track = scene.track
    steps = np.hypot(*np.diff(track.position, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, arc[-1], len(arc))

    def at(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.interp(wanted, arc, values))

    heading = at(np.unwrap(track.heading))
    speed = arc[-1] / (STEP * max(len(steps), 1))
    steady = replace(
        track,
        position=np.column_stack([at(track.position[:, 0]), at(track.position[:, 1])]),
        height=at(track.height),
        heading=heading,
        velocity=speed * np.column_stack([np.cos(heading), np.sin(heading)]),
    )
    return replace(scene, track=steady)


def trace_of_outcomes(outcomes: Sequence[Outcome]) -> Trace:
    """What a drive gave, from its reset on."""
    steps = outcomes[1:]
    return Trace(
        rewards=np.array([outcome.reward for outcome in steps], np.float64),
        costs=np.array([outcome.cost for outcome in steps], np.float64),
        flags=np.array([outcome.flags for outcome in steps], np.int64),
        contact_bearing=np.array([outcome.contact_bearing for outcome in steps], np.float64),
        arrived=np.array([outcome.arrived for outcome in steps], bool),
        completion=np.array([outcome.completion for outcome in steps], np.float64),
        speed=np.array([math.hypot(*outcome.readings.velocity) for outcome in outcomes], np.float64),
        terminated=outcomes[-1].terminated,
        truncated=outcomes[-1].truncated,
    )


def trace_of_rollout(rollout: Rollout, scene: Scene) -> Trace:
    """The same of a drive that is given as arrays; nothing but its last step can be the arrival."""
    places = rollout.ego_state[1:, :2] - scene.origin
    along = [scene.route.locate(x, y).longitude for x, y in places.tolist()]
    arrived = np.zeros(rollout.length, bool)
    arrived[-1] = rollout.arrived
    return Trace(
        rewards=rollout.rewards.astype(np.float64),
        costs=rollout.costs.astype(np.float64),
        flags=rollout.flags.astype(np.int64),
        contact_bearing=rollout.contact_bearing.astype(np.float64),
        arrived=arrived,
        completion=np.array(along) / scene.route.length,
        speed=np.hypot(rollout.ego_state[:, 4], rollout.ego_state[:, 5]),
        terminated=rollout.terminated,
        truncated=rollout.truncated,
    )


def _nothing(step: int, last: Outcome) -> NDArray[np.float64]:
    return np.zeros(2)
