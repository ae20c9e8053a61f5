"""The terms of implicit Q-learning against numbers worked out by hand (known answers K08 to K17)."""

from __future__ import annotations

import pytest
import torch

from gold_train.learners.iql_losses import (
    advantage_weights,
    bootstrapped,
    effective_share,
    expectile_loss,
    gaussian_log_density,
    shaped_rewards,
    squashed_log_density,
)


def of(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.mark.parametrize(
    ("expectile", "losses", "slopes"),
    [
        (0.5, (2.0, 0.125, 0.0, 0.125, 2.0), (2.0, 0.5, 0.0, -0.5, -2.0)),
        (0.7, (1.2, 0.075, 0.0, 0.175, 2.8), (1.2, 0.3, 0.0, -0.7, -2.8)),
        (0.9, (0.4, 0.025, 0.0, 0.225, 3.6), (0.4, 0.1, 0.0, -0.9, -3.6)),
    ],
)
def test_k08_expectile_loss_and_its_slope(
    expectile: float, losses: tuple[float, ...], slopes: tuple[float, ...]
) -> None:
    found, slope = expectile_loss(of(-2, -0.5, 0, 0.5, 2), expectile)
    torch.testing.assert_close(found, of(*losses), atol=1e-9, rtol=0)
    torch.testing.assert_close(slope, of(*slopes), atol=1e-9, rtol=0)


VALUES, CHANCES = of(0, 1, 2, 10), of(0.4, 0.3, 0.2, 0.1)


@pytest.mark.parametrize(
    ("expectile", "fixed_point"),
    [(0.5, 1.7), (0.7, 2.676470588), (0.8, 3.615384615), (0.9, 5.388888889), (0.99, 9.231481481)],
)
def test_k09_steps_end_where_the_expectile_is(expectile: float, fixed_point: float) -> None:
    value = of(0)
    for _ in range(2000):
        value = value - 0.5 * (CHANCES * expectile_loss(VALUES - value, expectile)[1]).sum()
    torch.testing.assert_close(value, of(fixed_point), atol=1e-6, rtol=0)


def test_k09_expectiles_of_the_normal_and_the_uniform_distribution() -> None:
    places = (torch.arange(100_000, dtype=torch.float64) + 0.5) / 100_000
    normal = torch.special.ndtri(places)
    for values, expectile, known in ((normal, 0.9, 0.8615921124), (places, 0.9, 0.75), (places, 0.99, 0.9086747513)):
        assert abs(float(expectile_loss(values - known, expectile)[1].mean())) < 1e-4
        assert float(expectile_loss(values - known - 0.01, expectile)[1].mean()) > 1e-3


def test_k10_the_first_steps_towards_it() -> None:
    known = [0.306, 0.576504, 0.815629536, 1.02701651, 1.215179387, 1.390547189, 1.55398998, 1.706318661]
    known += [1.848288992, 1.980605341]
    value = of(0)
    for due in known:
        value = value - 0.1 * (CHANCES * expectile_loss(VALUES - value, 0.9)[1]).sum()
        torch.testing.assert_close(value, of(due), atol=1e-8, rtol=0)


def test_k11_a_target_follows() -> None:
    target, known = of(0), {1: 0.005, 10: 0.04888986953, 100: 0.3942295635, 138: 0.4992912938, 1000: 0.9933460314}
    for number in range(1, 1001):
        target.lerp_(of(1), 0.005)
        if number in known:
            torch.testing.assert_close(target, of(known[number]), atol=1e-9, rtol=0)


def test_k12_an_end_masks_what_follows_and_a_time_out_does_not() -> None:
    rewards = shaped_rewards(of(1, 1), of(2, 2), cost_weight=0.25, scale=1.0)
    found = bootstrapped(rewards, terminated=of(0, 1), discount=0.99, next_values=of(10, 10))
    torch.testing.assert_close(found, of(10.4, 0.5), atol=1e-9, rtol=0)


def test_k13_weight_and_aim_are_by_the_new_value() -> None:
    value, q, targets = of(0.2), of(0.6, 0.5), of(0.55, 0.45)
    value = value - 0.1 * expectile_loss(targets.min() - value, 0.8)[1]
    torch.testing.assert_close(value, of(0.24), atol=1e-9, rtol=0)
    weight = advantage_weights(targets.min() - value, 3.0, 100.0)
    torch.testing.assert_close(weight, of(1.877610579), atol=1e-9, rtol=0)
    aim = bootstrapped(of(0.5), of(0), 0.9, value)
    torch.testing.assert_close(aim, of(0.716), atol=1e-9, rtol=0)
    q = q - 0.1 * 2 * (q - aim)
    torch.testing.assert_close(q, of(0.6232, 0.5432), atol=1e-9, rtol=0)
    torch.testing.assert_close(targets.lerp(q, 0.005), of(0.550366, 0.450466), atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    ("temperature", "weights", "size"),
    [
        (1.0, (0.3678794412, 0.904837418, 1.0, 1.648721271, 4.48168907, 7.389056099), 3.14271062),
        (3.0, (0.04978706837, 0.7408182207, 1.0, 4.48168907, 90.0171313, 100.0), 2.1258004),
        (10.0, (4.539992976e-05, 0.3678794412, 1.0, 100.0, 100.0, 100.0), 3.027306304),
    ],
)
def test_k14_weights_of_advantages(temperature: float, weights: tuple[float, ...], size: float) -> None:
    found = advantage_weights(of(-1, -0.1, 0, 0.5, 1.5, 2), temperature, 100.0)
    torch.testing.assert_close(found, of(*weights), atol=1e-6, rtol=0)
    torch.testing.assert_close(effective_share(found) * 6, of(size)[0], atol=1e-6, rtol=0)


def test_k14_where_they_are_cut() -> None:
    below, above = advantage_weights(of(1.535056729 - 1e-6, 1.535056729 + 1e-6), 3.0, 100.0).tolist()
    assert below < 100.0
    assert above == 100.0
    assert float(advantage_weights(torch.tensor(1e30), 3.0, 100.0)) == 100.0


def test_k15_log_densities() -> None:
    before, log_std, action = of(0.4, -0.2)[None], of(-1, -0.5), of(0.1, 0.6)[None]
    found = gaussian_log_density(action, before.tanh(), log_std)
    torch.testing.assert_close(found, of(-1.491574334), atol=1e-6, rtol=0)
    squashed = squashed_log_density(action.atanh(), before, log_std)
    torch.testing.assert_close(squashed, of(-1.297507059), atol=1e-6, rtol=0)
    edge = squashed_log_density(of(0.999999).atanh()[None], before[:, :1], log_std[:1])
    torch.testing.assert_close(edge, of(-160.3722295), atol=1e-6, rtol=0)


def test_k15_squashed_density_holds_where_tanh_has_become_one() -> None:
    far = squashed_log_density(of(30)[None], of(30)[None], of(0))
    torch.testing.assert_close(far, of(-0.9189385332 + 2 * (30 - 0.6931471806)), atol=1e-6, rtol=0)


def test_k16_the_best_gaussian_of_weighted_actions() -> None:
    actions, weights = of(-0.5, 0, 0.5, 1), advantage_weights(of(0, 0.1, 0.5, -0.2), 3.0, 100.0)
    mean, log_std = torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    mean.requires_grad_()
    log_std.requires_grad_()
    optimiser = torch.optim.LBFGS([mean, log_std], max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-15)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        found = -(weights * gaussian_log_density(actions[:, None], mean, log_std)).mean()
        torch.autograd.backward(found)
        return found

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(mean.detach(), of(0.3102364007), atol=1e-6, rtol=0)
    torch.testing.assert_close(log_std.detach(), of(-0.9045560734), atol=1e-6, rtol=0)


def test_k17_cost_lowers_reward_and_what_is_stored_stays() -> None:
    rewards, costs = of(1, 1, -1, 0.9), of(0, 1, 1, 2)
    found = shaped_rewards(rewards, costs, cost_weight=2.0, scale=0.1)
    torch.testing.assert_close(found, of(0.1, -0.1, -0.3, -0.31), atol=1e-9, rtol=0)
    assert rewards.tolist() == [1, 1, -1, 0.9]
