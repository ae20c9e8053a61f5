"""The episodes that are being driven, and what one has come to at its end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.replay import Flag
from gold_train.environments.world import Task
from gold_train.evaluation.metrics import episode_limit


@dataclass(frozen=True)
class Ended:
    """One episode of training, noise included; sums are over all its steps."""

    scene: int  # number of the task
    returned: float  # raw
    cost: float
    success: bool  # arrived within the recorded length
    contact: bool  # touched a vehicle, an object or a person
    out_of_road: bool  # ended beside the road
    timed_out: bool
    length: int  # steps
    guide_steps: int  # of these, the guide's
    student_steps: int  # and the student's


class Episodes:
    """One running episode for each of E environments, with the actions that lead to where it is."""

    def __init__(self, tasks: Sequence[Task], environments: int, actions: int, longest: float = 1.0) -> None:
        """`longest` is the largest share of a task's recorded length that an episode's own may be."""
        self._frames = np.array([task.frames for task in tasks], np.int64)
        most = episode_limit(math.ceil(self._frames.max() * longest)) + 1
        self.numbers, self.tasks, self.guide_steps, self.timesteps, self.guided = np.zeros((5, environments), np.int64)
        self.lengths = np.zeros(environments, np.int64)
        """(E,) what is the recorded length to each, steps."""
        self.actions = np.zeros((environments, most, actions), np.float32)
        self._returned, self._cost = np.zeros((2, environments))
        self._success, self._contact = np.zeros((2, environments), bool)

    def begin(
        self,
        rows: NDArray[np.int64],
        numbers: NDArray[np.int64],
        tasks: NDArray[np.int64],
        guide_steps: NDArray[np.int64],
    ) -> None:
        """Begin episodes of these numbers, in these tasks, whose h are `guide_steps`, in these environments."""
        self.numbers[rows], self.tasks[rows], self.guide_steps[rows] = numbers, tasks, guide_steps
        self.lengths[rows] = self._frames[tasks]
        for counted in (self.timesteps, self.guided, self._returned, self._cost, self._success, self._contact):
            counted[rows] = 0
        self.actions[rows] = 0  # a state is to tell of its own episodes alone

    def frames(self, tasks: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) recorded lengths of these tasks, steps."""
        return self._frames[tasks]

    def note(
        self,
        rows: NDArray[np.int64],
        actions: NDArray[np.float32],
        guided: NDArray[np.bool_],
        rewards: NDArray[np.float32],
        told: Mapping[str, NDArray[Any]],
    ) -> None:
        """Take note of a step in these environments; the arrays are all environments'."""
        self.actions[rows, self.timesteps[rows]] = actions[rows]
        self.timesteps[rows] += 1
        self.guided[rows] += guided[rows]
        self._returned[rows] += rewards[rows]
        self._cost[rows] += told["cost"][rows]
        self._contact[rows] |= (told["flags"][rows].astype(np.int64) & Flag.contact()) != 0
        in_time = self.timesteps[rows] <= self.lengths[rows]
        self._success[rows] |= told["arrived"][rows].astype(bool) & in_time

    def ended(self, row: int, terminated: bool, told: Mapping[str, NDArray[Any]]) -> Ended:
        """What the episode in this environment has come to; `told` of its last step."""
        length, guided = int(self.timesteps[row]), int(self.guided[row])
        arrived = bool(told["arrived"][row])
        return Ended(
            scene=int(self.tasks[row]),
            returned=float(self._returned[row]),
            cost=float(self._cost[row]),
            success=bool(self._success[row]),
            contact=bool(self._contact[row]),
            out_of_road=not arrived and terminated and bool(int(told["flags"][row]) & Flag.OUT_OF_ROAD),
            timed_out=not arrived and not terminated,
            length=length,
            guide_steps=guided,
            student_steps=length - guided,
        )

    def tensors(self) -> dict[str, torch.Tensor]:
        """What driving these episodes again needs: their numbers, h, steps so far, whose these were, actions."""
        longest = int(self.timesteps.max())
        return {
            "numbers": torch.from_numpy(self.numbers.copy()),
            "guide_steps": torch.from_numpy(self.guide_steps.copy()),
            "timesteps": torch.from_numpy(self.timesteps.copy()),
            "guided": torch.from_numpy(self.guided.copy()),
            "actions": torch.from_numpy(self.actions[:, :longest].copy()),
        }
