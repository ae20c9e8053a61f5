"""What judges: two networks of the value of an action, and one of the value of a state (algorithms 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import nn
from torch.nn import functional

GAIN: Final = 2**0.5  # of orthogonal first weights, as behind a ReLU (ikostrikov/implicit_q_learning: common.py)


class Critic(nn.Module):
    """Linear layers with ReLU between, (..., I) to (...): one network, or several of the same widths side by side.

    Layer k has weights (members..., outer, inner) and biases (members..., outer); `members` is () or (count,). With
    `layer_norm` what a ReLU is given has zero mean and unit spread over each network's features before it is scaled.
    """

    def __init__(self, widths: Sequence[int], members: tuple[int, ...], layer_norm: bool) -> None:
        super().__init__()
        layers = list(pairwise((*widths, 1)))
        self.weights = nn.ParameterList(_orthogonal(members, outer, inner) for inner, outer in layers)
        self.biases = nn.ParameterList(torch.zeros(*members, outer) for _, outer in layers)
        normed = widths[1:] if layer_norm else ()
        self.scales = nn.ParameterList(torch.ones(*members, width) for width in normed)
        self.shifts = nn.ParameterList(torch.zeros(*members, width) for width in normed)

    def judge(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B, I) to (members..., B)."""
        features = inputs
        for number, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            if number:
                features = features.relu()
            features = affine(features, weights, biases)
            if number < len(self.scales):
                normed = functional.layer_norm(features, features.shape[-1:])
                features = normed * self.scales[number].unsqueeze(-2) + self.shifts[number].unsqueeze(-2)
        return features.squeeze(-1)


class TwinCritic(Critic):
    """Two independent networks Q(o, a); who wants the careful one takes the smaller."""

    def __init__(self, hidden: Sequence[int], observation_size: int, action_size: int, layer_norm: bool) -> None:
        super().__init__((observation_size + action_size, *hidden), (2,), layer_norm)

    def forward(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """(B, D) normalised observations and (B, A) actions to (2, B) values."""
        return self.judge(torch.cat((observations, actions), -1))


class ValueCritic(Critic):
    """One network V(o)."""

    def __init__(self, hidden: Sequence[int], observation_size: int, layer_norm: bool) -> None:
        super().__init__((observation_size, *hidden), (), layer_norm)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """(B, D) normalised observations to (B,) values."""
        return self.judge(observations)


def affine(inputs: torch.Tensor, weights: torch.Tensor, biases: torch.Tensor) -> torch.Tensor:
    """(members..., B, I) or (B, I), by (members..., O, I) and (members..., O), to (members..., B, O)."""
    if weights.dim() == 2:
        return torch.addmm(biases, inputs, weights.mT)
    return torch.baddbmm(biases.unsqueeze(-2), inputs.expand(len(weights), -1, -1), weights.mT)


def _orthogonal(members: tuple[int, ...], outer: int, inner: int) -> torch.Tensor:
    weights = torch.empty(*members, outer, inner)
    for network in weights if members else (weights,):
        nn.init.orthogonal_(network, GAIN)
    return weights
