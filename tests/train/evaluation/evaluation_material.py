"""Worlds, drivers and traces that need neither a simulator nor a network; importable by a child process."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from gold_data.shards import ObservationBlock
from gold_train.environments.point_mass import layout_of
from gold_train.environments.point_mass_world import PointMassWorld
from gold_train.environments.world import Task, World
from gold_train.evaluation.driving import drive
from gold_train.evaluation.trace import Trace

GOAL = slice(4, 6)
"""Columns of the toy's observation: from the point to the goal."""


def toy(scenes: int) -> PointMassWorld:
    """So many scenes of the toy."""
    return PointMassWorld([layout_of(f"scene-{number}") for number in range(scenes)])


def task(frames: int = 91, route_length: float = 60.0, cluster: str = "drive", turn: float = 0.0) -> Task:
    """A task that is about the same as others."""
    return Task(f"scenario of {cluster}", "sdc", frames, route_length, turn, cluster)


def trace(steps: int, **given: Any) -> Trace:
    """A quiet drive that runs into its limit, but for what is given."""
    quiet: dict[str, Any] = {
        "rewards": np.zeros(steps),
        "costs": np.zeros(steps),
        "flags": np.zeros(steps, np.int64),
        "contact_bearing": np.full(steps, math.nan),
        "arrived": np.zeros(steps, bool),
        "completion": np.linspace(0.0, 0.5, steps),
        "speed": np.full(steps + 1, 5.0),
        "terminated": False,
        "truncated": True,
    }
    return Trace(**(quiet | given))


class Seeker:
    """Pushes a toy's point to its goal, harder each step, and keeps a diary of what it was told, row by row."""

    def __init__(self, rows: int) -> None:
        self.steps = np.zeros(rows, np.int64)
        self.diary: list[list[Any]] = []
        self._of_row: dict[int, list[Any]] = {}

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        self.steps[rows] = 0
        for row, target in zip(rows.tolist(), targets.tolist(), strict=True):
            self._of_row[row] = [target]
            self.diary.append(self._of_row[row])

    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        for row, observation in zip(rows.tolist(), observations, strict=True):
            self._of_row[row].append(observation.copy())
        return (observations[:, GOAL] * (1.0 + self.steps[rows, None])).astype(np.float32)

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        self.steps[rows] += 1
        for row, action, reward in zip(rows.tolist(), actions, rewards.tolist(), strict=True):
            self._of_row[row] += [action.copy(), reward]


@dataclass(frozen=True)
class SeekerDriver:
    """The seeker as a driver."""

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        return drive(Seeker(environments), world, numbers, targets, environments, on_step)


@dataclass(frozen=True)
class FaultyDriver:
    """Raises in the scene called `raises` at step 2, and kills its process in the one called `dies`."""

    raises: str
    dies: str

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        scenario = world.tasks[numbers[0]].scenario_id
        on_step(2)
        if scenario == self.raises:
            raise ArithmeticError("no way")
        if scenario == self.dies:
            os._exit(3)
        return SeekerDriver().drive(world, numbers, targets, environments, on_step)


class CountedWorld:
    """A world that counts how often each of its tasks is begun."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.blocks: tuple[ObservationBlock, ...] = world.blocks
        self.tasks = world.tasks
        self.begun: list[int] = []

    def environments(self, number: int) -> VectorEnv[Any, Any, Any]:
        env = self._world.environments(number)
        reset = env.reset

        def counted(*, seed: Any = None, options: dict[str, Any] | None = None) -> Any:
            assert options is not None
            self.begun += options["scene"][options["reset_mask"]].tolist()
            return reset(seed=seed, options=options)

        env.reset = counted  # type: ignore[method-assign]
        return env

    def alone(self, number: int) -> World:
        return self._world.alone(number)
