"""The M-step of CVPO: the student towards weighted actions, as near its old self as two bounds say (algorithms 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Gaussians:
    """A diagonal Gaussian in each of B states."""

    mean: torch.Tensor  # (B, A)
    std: torch.Tensor  # (B, A)


@dataclass(frozen=True)
class WeightedActions:
    """What the M-step needs to know of the drawn actions: their moments under the E-step's weights."""

    mean: torch.Tensor  # (B, A)
    square: torch.Tensor  # (B, A) of the deviation from the old mean
    count: int  # N, drawn in each state


def weighted_actions(actions: torch.Tensor, weights: torch.Tensor, old: Gaussians) -> WeightedActions:
    """Moments of actions (B, N, A) under weights (B, N), whose rows sum to 1."""
    weighed = weights.unsqueeze(-1)
    return WeightedActions(
        mean=(weighed * actions).sum(1),
        square=(weighed * (actions - old.mean.unsqueeze(1)).square()).sum(1),
        count=actions.shape[1],
    )


def log_likelihood(actions: WeightedActions, new: Gaussians, old: Gaussians) -> torch.Tensor:
    """Mean over states and actions of p [log N(a; mu, Sig_old) + log N(a; mu_old, Sig)], less what does not change.

    Weights sum to 1 in each state, and the mean divides by their number as well: beside it, divergences weigh N times
    what they do in MPO (liuzuxin/cvpo-safe-rl: safe_rl/policy/cvpo.py).
    """
    of_mean = -0.5 * ((actions.mean - new.mean) / old.std).square()
    of_spread = -0.5 * actions.square / new.std.square() - new.std.log()
    return (of_mean + of_spread).sum(-1).mean() / actions.count


def kl_of_means(new: Gaussians, old: Gaussians) -> torch.Tensor:
    """Mean divergence that a change of means alone makes, nats (liuzuxin/FSRL: fsrl/policy/cvpo.py).

    Both parts measure in the old spread, so that they do not add up to the divergence as a whole.
    """
    return 0.5 * ((new.mean - old.mean) / old.std).square().sum(-1).mean()


def kl_of_spreads(new: Gaussians, old: Gaussians) -> torch.Tensor:
    """Mean divergence that a change of spreads alone makes, nats (liuzuxin/FSRL: fsrl/policy/cvpo.py)."""
    ratio = (old.std / new.std).square()
    return 0.5 * (ratio - ratio.log() - 1).sum(-1).mean()


def slopes(
    actions: WeightedActions, new: Gaussians, old: Gaussians, mean_price: torch.Tensor, spread_price: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """How both divergences at their prices, less the likelihood, change with new means and log spreads, both (B, A)."""
    towards = mean_price * (new.mean - old.mean) - (actions.mean - new.mean) / actions.count
    apart, wide = (old.std / new.std).square(), actions.square / new.std.square()
    spreading = spread_price * (1 - apart) - (wide - 1) / actions.count
    return towards / old.std.square() / len(new.mean), spreading / len(new.mean)


@dataclass(frozen=True)
class Bound:
    """A divergence's bound, and how its price follows it: up where it is exceeded, down to none where it is not."""

    kl: float
    step: float
    most: float

    def follow(self, price: torch.Tensor, kl: torch.Tensor) -> None:
        """Change the price, a number, in place."""
        price.add_(self.step * (kl.detach().to(price.dtype) - self.kl)).clamp_(0, self.most)
