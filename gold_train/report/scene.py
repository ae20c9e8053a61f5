"""One scene, driven again by two policies: where each was at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.gym import EgoScene
from gold_data.replay import Batched, Drive, Flag, Isolated
from gold_train.checkpoint import load_policy
from gold_train.environments.driving import DrivingWorld
from gold_train.evaluation.summary import EpisodeRow
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import target_returns
from gold_train.threads import keep_threads_of_torch

METADRIVE = "metadrive"
ROW = np.zeros(1, np.int64)


@dataclass(frozen=True)
class Driver:
    """A policy and the name that the picture has for it."""

    name: str
    file: Path
    gain: float | None = None


@dataclass(frozen=True)
class DrivenPath:
    """What one of them drove."""

    name: str
    states: NDArray[np.float64]  # (T + 1, 7) as Rollout.ego_state has them
    arrived: bool
    touched: int | None  # the step of the first contact within the record, from 1 on

    @property
    def words(self) -> str:
        """How it ended, and what happened before."""
        end = "arrived" if self.arrived else "did not arrive"
        return end if self.touched is None else f"{end}, contact after {0.1 * self.touched:.1f} s"


@dataclass(frozen=True)
class _Ride:
    """The only task of a world, and who drives it."""

    world: DrivingWorld
    driver: Driver
    engine: str


def drive_scene(world: DrivingWorld, number: int, drivers: Sequence[Driver], engine: str) -> list[DrivenPath]:
    """Drive a task once with each; in MetaDrive each in a process of its own.

    Raises SimulatorError where a drive does not come to its end, CheckpointError or DatasetError for a policy that
    cannot drive there.
    """
    rides = [_Ride(world.alone(number), driver, engine) for driver in drivers]
    if engine == METADRIVE:
        with Isolated(drive_path) as isolated:
            return [isolated(ride) for ride in rides]
    keep_threads_of_torch()
    return [drive_path(ride, lambda step: None) for ride in rides]


def drive_path(ride: _Ride, on_step: Callable[[int], None]) -> DrivenPath:
    """Drive in this process; `on_step` is told each step's number before it is driven."""
    torch.set_num_threads(1)
    policy = load_policy(ride.driver.file)
    actor = actor_of(policy, ride.world.blocks, 1)
    scene: EgoScene = ride.world.scenes[0]
    with closing(_drive(ride)) as drive:
        outcome = drive.reset(scene.description, scene.ego_id)
        actor.begin(ROW, target_returns(policy, ride.world.tasks, ride.driver.gain))
        states, touched = [drive.ego_state(outcome.readings)], None
        while not (outcome.terminated or outcome.truncated):
            on_step(drive.steps + 1)
            action = actor.act(ROW, outcome.observation[None])
            outcome = drive.step(action[0])
            actor.executed(ROW, action, np.array([outcome.reward], np.float32))
            states.append(drive.ego_state(outcome.readings))
            if touched is None and outcome.flags & Flag.contact() and drive.steps <= drive.scene.frames:
                touched = drive.steps
        return DrivenPath(ride.driver.name, np.array(states), outcome.arrived, touched)


def furthest_apart(paths: Sequence[DrivenPath]) -> int:
    """The step at which two are furthest from each other, of those that both drove."""
    steps = min(len(path.states) for path in paths)
    one, two = (path.states[:steps, :2] for path in paths)
    return int(np.argmax(np.hypot(*(one - two).T)))


def telling_scene(first: Sequence[EpisodeRow], second: Sequence[EpisodeRow]) -> tuple[tuple[str, str], str] | None:
    """Scenario and ego of the first scene whose end differs, whoever does better there, and the rule in words.

    In the order of `first`. An end is whether they arrived within the record's length, and whether they touched
    someone. Where no scene's differs, it is the first that both drove; None where there is none.
    """
    theirs = {_key(row): row.metrics for row in second if row.metrics is not None}
    both = [(_key(row), row.metrics, theirs[_key(row)]) for row in first if row.metrics and _key(row) in theirs]
    for scene, one, other in both:
        if (one.success, one.contact) != (other.success, other.contact):
            return scene, "the first scene in which one arrives or touches someone and the other does not"
    return (both[0][0], "the first scene: both end alike in all") if both else None


def _key(row: EpisodeRow) -> tuple[str, str]:
    return row.task.scenario_id, row.task.ego_id


def _drive(ride: _Ride) -> Drive:
    settings = ride.world.settings
    if ride.engine != METADRIVE:
        return Drive(Batched(settings.simulator), settings)
    from gold_data.replay import MetaDrive

    return Drive(MetaDrive(settings.simulator), settings)
