"""What learns from rows: the one interface of IQL and CVPO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch

from gold_train.policies.student import Student


@dataclass(frozen=True)
class Transitions:
    """A batch of B rows as tensors, as gold_train.online.rows.Rows has them."""

    observations: torch.Tensor  # (B, D) float32, not normalised
    actions: torch.Tensor  # (B, A) float32
    rewards: torch.Tensor  # (B,) float32
    costs: torch.Tensor  # (B,) float32
    next_observations: torch.Tensor  # (B, D) float32
    terminated: torch.Tensor  # (B,) float32: 1 masks what is behind
    guided: torch.Tensor  # (B,) bool
    guide_actions: torch.Tensor  # (B, A) float32, NaN where the guide was not asked
    expert_actions: torch.Tensor | None = None  # (B, A) float32, NaN where it is unknown; None: not asked for


class Learner(Protocol):
    """Changes the student, and what judges it, update by update.

    An update is a function of what `tensors` gives, of the batch and of the update's number: noise is drawn from the
    seed and that number, so that a training that goes on equals one that was never stopped.
    """

    student: Student
    """What is learned; `update` changes it in place."""

    def update(self, batch: Transitions, number: int, distillation: float, measure: bool) -> Mapping[str, torch.Tensor]:
        """Make update `number`, counted from 0; give what it measured, scalars by name.

        `distillation` is the weight of |student - guide|^2 where the guide was asked, 0 without it. What costs time to
        measure is given only where `measure`; it changes nothing of the update.
        """
        ...

    def align(self, batch: Transitions, number: int) -> Mapping[str, torch.Tensor]:
        """Update the critics alone, the student as it is; `number` counts these updates from 0 (algorithms 2.6-d)."""
        ...

    def tensors(self) -> dict[str, torch.Tensor]:
        """All that going on needs, by name: networks, targets, optimisers, duals; copies, or safe to copy from."""
        ...

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave. Raises CheckpointError where it is of another learner."""
        ...

    def told(self, costs: list[float]) -> None:
        """Take note of the costs of the episodes that ended since the last time, in the order of their ends."""
        ...
