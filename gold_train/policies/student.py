"""The light policy: a two-layer network of one observation (algorithms 2.1, 2.3)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from gold_train.policies.normaliser import Normaliser
from gold_train.settings import StudentSettings

FIRST_LOG_STD = -0.5


class Student(nn.Module):
    """Linear layers with ReLU between, tanh at the end: the mean of a Gaussian whose spread no state changes.

    Cloning trains the mean alone; `log_std` (A,) is for learners that need a density.
    """

    def __init__(
        self, settings: StudentSettings, normaliser: Normaliser, observation_size: int, action_size: int
    ) -> None:
        super().__init__()
        self.normaliser = normaliser
        hidden: list[nn.Module] = []
        for inner, outer in pairwise((observation_size, *settings.hidden)):
            hidden += [nn.Linear(inner, outer), nn.ReLU()]
        self.hidden = nn.Sequential(*hidden)
        self.mean = nn.Linear((observation_size, *settings.hidden)[-1], action_size)
        self.log_std = nn.Parameter(torch.full((action_size,), FIRST_LOG_STD))

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """(..., D) raw observations to (..., A) mean actions within [-1, 1]."""
        mean: torch.Tensor = self.mean(self.hidden(self.normaliser(observations)))
        return mean.tanh()
