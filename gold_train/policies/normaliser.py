"""Observations as networks take them: about zero, of unit spread, without outliers."""

from __future__ import annotations

import torch
from torch import nn


class Normaliser(nn.Module):
    """z = clip((o - mean) / max(std, min_std), -clip, clip), feature by feature (algorithms 2.0).

    The floor keeps features that hardly ever move from becoming spikes when they do. `mean` and `std` are (D,), of the
    dataset that is trained on; they are buffers, so that a checkpoint carries them.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: torch.Tensor, std: torch.Tensor, min_std: float, clip: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean.detach().clone().float())
        self.register_buffer("std", std.detach().clone().float())
        self.min_std, self.clip = min_std, clip

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """(..., D) raw to (..., D) normalised."""
        return ((observations - self.mean) / self.std.clamp(min=self.min_std)).clamp(-self.clip, self.clip)
