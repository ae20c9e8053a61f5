"""What improves the student of implicit Q-learning: the one interface of `awr` and `pathwise`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from gold_train.learners.distilling import Lesson
from gold_train.learners.perceptron import Perceptron
from gold_train.learners.vector import Trained

Measures = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class ActorBatch:
    """What an actor learns from: B rows, and how much each counts."""

    observations: torch.Tensor  # (B, D) normalised
    actions: torch.Tensor  # (B, A)
    advantages: torch.Tensor  # (B,) in scaled reward
    shares: torch.Tensor  # (B,) of each row in the loss; they sum to 1, or to 0 where no row counts
    lessons: Sequence[Lesson]  # beside the actor's own loss
    number: int  # of the update, which noise is drawn by
    critics: Sequence[Perceptron]  # of an observation beside an action


class IqlActor(Protocol):
    """Improves the student, once an update."""

    trained: Trained
    """All that it changes, and by which optimiser."""

    numbers: Mapping[str, torch.Tensor]
    """What it changes beside the student, by name."""

    def step(self, batch: ActorBatch, measure: bool) -> Measures:
        """Make one step down the policy's loss; give `policy_loss`, and more if asked to `measure`."""
        ...
