"""The terms of implicit Q-learning (algorithms 2.3; ikostrikov/implicit_q_learning: critic.py, actor.py)."""

from __future__ import annotations

import math
from typing import Final

import torch

HALF_LOG_TWO_PI: Final = 0.5 * math.log(2 * math.pi)
GAUSSIAN_ENTROPY: Final = HALF_LOG_TWO_PI + 0.5  # of a number of unit spread


def shaped_rewards(rewards: torch.Tensor, costs: torch.Tensor, cost_weight: float, scale: float) -> torch.Tensor:
    """(B,) scale * (reward - weight * cost), of raw reward and cost."""
    return scale * (rewards - cost_weight * costs)


def expectile_loss(differences: torch.Tensor, expectile: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(B,) losses of q - V, and (B,) their slopes with respect to V."""
    weighted = (expectile - (differences < 0).to(differences)).abs() * differences
    return weighted * differences, -2 * weighted


def bootstrapped(
    rewards: torch.Tensor, terminated: torch.Tensor, discount: float, next_values: torch.Tensor
) -> torch.Tensor:
    """(B,) what a step brought and what follows is worth; nothing follows where it `terminated`."""
    return rewards + discount * (1 - terminated) * next_values


def advantage_weights(advantages: torch.Tensor, temperature: float, largest: float) -> torch.Tensor:
    """(B,) min(exp(temperature * advantage), largest)."""
    return (temperature * advantages).exp().clamp(max=largest)


def gaussian_log_density(actions: torch.Tensor, mean: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """(B,) of actions (B, A) about `mean` (B, A), with log standard deviations (A,) or (B, A)."""
    distance = (actions - mean) * (-log_std).exp()
    return (-0.5 * distance.square() - log_std - HALF_LOG_TWO_PI).sum(-1)


def squashed_log_density(before: torch.Tensor, mean: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """(B,) of tanh(before), `before` (B, A) being Gaussian about `mean`: the logarithm of tanh's slope is taken off.

    log(1 - tanh(x)^2) = 2 (log 2 - x - softplus(-2 x)), which also holds where tanh has become 1.
    """
    slope = 2 * (math.log(2) - before - torch.nn.functional.softplus(-2 * before))
    return gaussian_log_density(before, mean, log_std) - slope.sum(-1)


def effective_share(weights: torch.Tensor) -> torch.Tensor:
    """Effective sample size (sum w)^2 / sum w^2 over the number of weights (B,), from 1 / B to 1."""
    return weights.sum().square() / weights.square().sum() / len(weights)
