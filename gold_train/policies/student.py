"""The light policy: a two-layer network of one observation (algorithms 2.1, 2.3)."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import nn

from gold_train.policies.normaliser import Normaliser
from gold_train.settings import StudentSettings

FIRST_LOG_STD = -0.5

Spread = Literal["constant", "state"]
"""Whether actions spread alike in every state, or as the network says for each."""


class Student(nn.Module):
    """Linear layers with ReLU between; tanh makes the mean of a Gaussian of the last one's numbers.

    Its standard deviation is the same in every state, or the last layer's too. Cloning trains the mean alone;
    learners that need a density read `parts`.
    """

    def __init__(
        self,
        settings: StudentSettings,
        normaliser: Normaliser,
        observation_size: int,
        action_size: int,
        spread: Spread = "constant",
    ) -> None:
        super().__init__()
        self.normaliser = normaliser
        hidden: list[nn.Module] = []
        for inner, outer in pairwise((observation_size, *settings.hidden)):
            hidden += [nn.Linear(inner, outer), nn.ReLU()]
        self.hidden = nn.Sequential(*hidden)
        width = (observation_size, *settings.hidden)[-1]
        self.mean = nn.Linear(width, action_size)
        if spread == "constant":
            self.log_std: nn.Parameter | nn.Linear = nn.Parameter(torch.full((action_size,), FIRST_LOG_STD))
        else:
            self.log_std = nn.Linear(width, action_size)
            nn.init.constant_(self.log_std.bias, FIRST_LOG_STD)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """(..., D) raw observations to (..., A) mean actions within [-1, 1]."""
        return self.parts(self.normaliser(observations))[0].tanh()

    def parts(self, normalised: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(..., D) normalised observations to (..., A) means before tanh, and unbounded log standard deviations.

        The latter are (A,) where they are the same in every state.
        """
        features = self.hidden(normalised)
        mean: torch.Tensor = self.mean(features)
        spread = self.log_std(features) if isinstance(self.log_std, nn.Linear) else self.log_std
        return mean, spread
