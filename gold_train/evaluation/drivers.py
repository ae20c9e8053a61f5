"""Who is evaluated: a policy or an anchor, each as what drives tasks of a world, in this process or another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gold_train.checkpoint import load_policy
from gold_train.environments.world import World
from gold_train.evaluation.driving import drive
from gold_train.evaluation.trace import Trace
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import Policy


class Driver(Protocol):
    """Drives tasks; small enough to be sent to another process with each of them."""

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        """The traces of these tasks, in this order; see gold_train.evaluation.driving.drive."""
        ...


@dataclass(frozen=True)
class PolicyDriver:
    """A policy, by a file that stays as it is while it is evaluated."""

    path: Path
    device: str = "cpu"

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        """See Driver. Raises CheckpointError for what is no policy, DatasetError where the world lacks a block."""
        actor = actor_of(_policy(self.path), world.blocks, environments, self.device)
        return drive(actor, world, numbers, targets, environments, on_step)


@lru_cache(maxsize=2)
def _policy(path: Path) -> Policy:
    """Read once a process: one that drives scene after scene is given the path with each."""
    return load_policy(path)


class Still:
    """The actor that does nothing: steering straight, pedals untouched."""

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        """Nothing is remembered of an episode."""

    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 2) zeros."""
        return np.zeros((len(rows), 2), np.float32)

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        """Nothing is remembered of a step."""


@dataclass(frozen=True)
class StillDriver:
    """The anchor of zero action."""

    def drive(
        self,
        world: World,
        numbers: Sequence[int],
        targets: Sequence[float],
        environments: int,
        on_step: Callable[[int], None],
    ) -> list[Trace]:
        """See Driver."""
        return drive(Still(), world, numbers, targets, environments, on_step)
