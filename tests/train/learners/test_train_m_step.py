"""The M-step's parts (algorithms 2.4; known answer K21)."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Distribution, Independent, Normal, kl_divergence

from gold_train.learners.m_step import (
    Bound,
    Gaussians,
    kl_of_means,
    kl_of_spreads,
    log_likelihood,
    slopes,
    weighted_actions,
)

OLD = Gaussians(torch.tensor([[0.1, -0.2]], dtype=torch.float64), torch.tensor([[0.3, 0.5]], dtype=torch.float64))
NEW = Gaussians(torch.tensor([[0.15, -0.1]], dtype=torch.float64), torch.tensor([[0.27, 0.55]], dtype=torch.float64))


def test_divergences() -> None:
    assert kl_of_means(NEW, OLD).item() == pytest.approx(0.03388888889, abs=1e-8)
    assert kl_of_spreads(NEW, OLD).item() == pytest.approx(0.02045675526, abs=1e-8)


def test_a_change_of_one_part_alone_is_a_divergence_as_a_whole() -> None:
    moved, spread = Gaussians(NEW.mean, OLD.std), Gaussians(OLD.mean, NEW.std)
    torch.testing.assert_close(kl_of_means(moved, OLD), kl_divergence(_law(OLD), _law(moved)).mean())
    torch.testing.assert_close(kl_of_spreads(spread, OLD), kl_divergence(_law(OLD), _law(spread)).mean())


def test_divergences_are_means_over_states() -> None:
    old = Gaussians(OLD.mean.expand(2, -1), OLD.std.expand(2, -1))
    half = Gaussians(torch.cat((NEW.mean, OLD.mean)), torch.cat((NEW.std, OLD.std)))
    torch.testing.assert_close(kl_of_means(half, old), kl_of_means(NEW, OLD) / 2)
    torch.testing.assert_close(kl_of_spreads(half, old), kl_of_spreads(NEW, OLD) / 2)


def test_a_price_follows_its_divergence() -> None:
    bound, price = Bound(kl=0.01, step=1.0, most=0.05), torch.zeros((), dtype=torch.float64)
    found = []
    for kl in (0.02, 0.02, 0.05, 0.0, 0.0):
        bound.follow(price, torch.tensor(kl, dtype=torch.float64))
        found.append(price.item())
    assert found == pytest.approx([0.01, 0.02, 0.05, 0.04, 0.03], abs=1e-8)


def test_moments_give_the_likelihood_that_the_actions_do() -> None:
    chance = torch.Generator().manual_seed(0)
    old, new = (
        Gaussians(
            torch.randn(5, 2, generator=chance, dtype=torch.float64),
            0.1 + torch.rand(5, 2, generator=chance, dtype=torch.float64),
        )
        for _ in range(2)
    )
    actions = torch.randn(5, 7, 2, generator=chance, dtype=torch.float64)
    weights = torch.rand(5, 7, generator=chance, dtype=torch.float64).softmax(1)

    def of_actions(new: Gaussians) -> torch.Tensor:
        of_mean = _log_density(actions, new.mean, old.std)
        of_spread = _log_density(actions, old.mean, new.std)
        return (weights * (of_mean + of_spread)).mean()

    moments = weighted_actions(actions, weights, old)
    change = log_likelihood(moments, new, old) - log_likelihood(moments, old, old)
    torch.testing.assert_close(change, of_actions(new) - of_actions(old))


def test_slopes_are_autograds() -> None:
    chance = torch.Generator().manual_seed(0)
    mean, log_std, old_mean, old_log_std = (torch.randn(5, 2, generator=chance, dtype=torch.float64) for _ in range(4))
    actions = torch.randn(5, 7, 2, generator=chance, dtype=torch.float64)
    weights = torch.rand(5, 7, generator=chance, dtype=torch.float64).softmax(1)
    mean.requires_grad_()
    log_std.requires_grad_()
    new, old = Gaussians(mean, log_std.exp()), Gaussians(old_mean, old_log_std.exp())
    moments, prices = weighted_actions(actions, weights, old), (torch.tensor(0.7), torch.tensor(3.0))
    loss = prices[0] * kl_of_means(new, old) + prices[1] * kl_of_spreads(new, old) - log_likelihood(moments, new, old)
    due = torch.autograd.grad(loss, (mean, log_std))
    torch.testing.assert_close(slopes(moments, new, old, *prices), due)


def _law(gaussians: Gaussians) -> Distribution:
    return Independent(Normal(gaussians.mean, gaussians.std), 1)


def _log_density(actions: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = _law(Gaussians(mean.unsqueeze(1), std.unsqueeze(1))).log_prob(actions)
    return found
