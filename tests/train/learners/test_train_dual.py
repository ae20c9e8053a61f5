"""The E-step's dual (algorithms 2.4; known answers K18 to K20)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import norm

from gold_train.learners.dual import LEAST, cost_limit_of_a_step, dual_value, solve_dual

VALUES = np.array([[2.0, 1.0, 0.0], [0.5, 0.0, -0.5]])
TOLERANCE = 1e-6
COSTS = np.array([[1.0, 0.2, 0.0], [0.9, 0.4, 0.1]])


@pytest.mark.parametrize(
    ("cost_limit", "discount", "steps", "expected"),
    [
        (10, 0.99, 400, 2.455123617),
        (1, 0.99, 137, 0.5457221437),
        (1, 0.97, 60, 0.4662185172),
        (25, 0.995, 1000, 4.966730157),
        (10, 0.99, 1, 10.0),
    ],
)
def test_limit_of_a_step(cost_limit: float, discount: float, steps: float, expected: float) -> None:
    assert cost_limit_of_a_step(cost_limit, discount, steps) == pytest.approx(expected, abs=1e-6)


def test_a_limit_that_binds() -> None:
    found = solve_dual(VALUES, COSTS, 0.1, 0.3)
    assert (found.eta, found.lam, found.value) == pytest.approx((0.8735946251, 2.533403358, 0.3465557658), abs=1e-5)
    expected = [[0.1644581706, 0.5326908766, 0.3028509527], [0.1505053294, 0.3619979685, 0.4874967022]]
    np.testing.assert_allclose(found.weights, expected, atol=1e-5)
    assert (found.mean_kl, found.excess) == pytest.approx((0.1, 0.0), abs=1e-5)
    assert float((found.weights * VALUES).sum(1).mean()) == pytest.approx(0.3465557658, abs=1e-5)
    samples = float((1 / np.square(expected).sum(1)).mean())
    assert found.effective_samples == pytest.approx(samples, abs=1e-4)
    assert not any((found.eta_at_lo, found.eta_at_hi, found.lam_at_lo, found.lam_at_hi))


def test_the_dual_itself() -> None:
    assert dual_value(VALUES, COSTS, 1.0, 1.0, 0.1, 0.3) == pytest.approx(0.5107073034, abs=1e-9)


def test_a_limit_that_does_not_bind() -> None:
    found = solve_dual(VALUES, COSTS, 0.1, 1.0)
    assert found.eta == pytest.approx(1.368489189, abs=1e-5)
    assert found.excess + 1.0 == pytest.approx(0.6016260511, abs=1e-5)
    assert found.lam_at_lo
    assert found.lam == LEAST


def test_two_actions() -> None:
    found = solve_dual(np.array([[1.0, 0.0]]), np.zeros((1, 2)), 0.1, 1.0)
    assert found.eta == pytest.approx(1.059947316, abs=1e-5)
    np.testing.assert_allclose(found.weights, [[0.7197946262, 0.2802053738]], atol=1e-5)


def test_a_limit_that_cannot_be_met() -> None:
    costs = np.array([[1.0, 0.9, 0.8]])
    found = solve_dual(np.zeros((1, 3)), costs, 0.1, 0.3, most=(1.0, 20.0))
    assert found.lam_at_hi
    assert found.eta_at_hi
    assert found.excess + 0.3 == pytest.approx(0.8149062908, abs=1e-5)


def test_actions_of_a_gaussian() -> None:
    line = _evenly_likely(400)
    actions = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    gradient, cost = np.array([1.0, 0.5]), np.array([0.8, -0.2])
    found = solve_dual((actions @ gradient)[None], (actions @ cost)[None], 0.1, 0.05)
    expected = 1.642141655, 0.9086660548, 0.3738616336
    assert (found.eta, found.lam, found.value) == pytest.approx(expected, abs=TOLERANCE)
    np.testing.assert_allclose(found.weights[0] @ actions, [0.1662872112, 0.4151488449], atol=TOLERANCE)
    free = solve_dual((actions @ gradient)[None], (actions @ cost)[None], 0.1, 1.0)
    # The least price is not none: it takes 1.4 of itself off the temperature.
    assert free.eta == pytest.approx(2.5, abs=2 * LEAST)
    np.testing.assert_allclose(free.weights[0] @ actions, [0.4, 0.2], atol=2 * LEAST)


def _evenly_likely(count: int) -> NDArray[np.float64]:
    """Points that stand for a Gaussian, each as likely as any other: they have its moments up to the ninth."""
    quantiles = norm.ppf((np.arange(count // 2) + 0.5) / count)
    orders, moments = np.array([2, 4, 6, 8]), np.array([1.0, 3.0, 15.0, 105.0])
    directions = (quantiles[:, None] / quantiles.min()) ** np.array([1, 5, 9, 13])

    def missing(by: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = ((quantiles + directions @ by)[:, None] ** orders).mean(0) / moments - 1
        return found

    solved = least_squares(missing, np.zeros(4), xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert np.abs(missing(solved.x)).max() < 1e-12
    half = quantiles + directions @ solved.x
    return np.concatenate((half, -half))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-2, 0.1, 1.0, 10.0]),
    cost_scale=st.sampled_from([0.1, 1.0, 10.0]),
    share=st.floats(0.3, 1.5),
    bound=st.sampled_from([0.02, 0.1]),
)
def test_the_conditions_of_the_optimum_hold(
    seed: int, scale: float, cost_scale: float, share: float, bound: float
) -> None:
    chance = np.random.default_rng(seed)
    values = scale * chance.normal(size=(64, 32))
    costs = cost_scale * np.abs(chance.normal(size=(64, 32)))
    limit = share * float(costs.mean())
    found = solve_dual(values, costs, bound, limit)
    np.testing.assert_allclose(found.weights.sum(1), 1)
    if found.eta_at_hi:
        assert found.mean_kl > bound or found.lam_at_hi
    elif not found.eta_at_lo:
        assert found.mean_kl == pytest.approx(bound, abs=1e-4)
    if found.lam_at_lo:
        assert found.excess <= 1e-4 * cost_scale
    elif found.lam_at_hi:
        assert found.excess >= -1e-4 * cost_scale
    else:
        assert found.excess == pytest.approx(0, abs=1e-4 * cost_scale)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), start=st.tuples(st.floats(1e-6, 1e5), st.floats(1e-6, 1e5)))
def test_where_it_starts_does_not_matter(seed: int, start: tuple[float, float]) -> None:
    chance = np.random.default_rng(seed)
    values, costs = chance.normal(size=(16, 8)), np.abs(chance.normal(size=(16, 8)))
    limit = 0.95 * float(costs.mean())
    cold, warm = solve_dual(values, costs, 0.1, limit), solve_dual(values, costs, 0.1, limit, start)
    assume(not cold.eta_at_hi)
    assert warm.value == pytest.approx(cold.value, abs=1e-4)
    np.testing.assert_allclose(warm.weights, cold.weights, atol=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 5), st.floats(0, 5), st.floats(0.05, 5), st.floats(0, 5))
def test_the_dual_is_convex(seed: int, eta: float, lam: float, other_eta: float, other_lam: float) -> None:
    chance = np.random.default_rng(seed)
    values, costs = chance.normal(size=(4, 6)), np.abs(chance.normal(size=(4, 6)))
    ends = dual_value(values, costs, eta, lam, 0.1, 0.3), dual_value(values, costs, other_eta, other_lam, 0.1, 0.3)
    middle = dual_value(values, costs, (eta + other_eta) / 2, (lam + other_lam) / 2, 0.1, 0.3)
    assert middle <= sum(ends) / 2 + 1e-9


def test_values_that_are_no_numbers_come_out_as_such() -> None:
    found = solve_dual(np.full((2, 3), np.nan), COSTS, 0.1, 0.3)
    assert math.isnan(found.value)
    assert np.isnan(found.weights).all()
