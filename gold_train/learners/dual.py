"""The E-step of CVPO: how much each drawn action counts, by a convex dual of two numbers (algorithms 2.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

LEAST: Final = 1e-6
MOST: Final = 1e5
FIRST: Final = 0.1  # of both, where there is nothing to go on from
TOLERANCE: Final = 1e-8
ITERATIONS: Final = 50


@dataclass(frozen=True)
class Dual:
    """The dual's least value and where it lies, with the weights of actions that follow from it."""

    eta: float  # temperature of the weights, in units of q
    lam: float  # price of cost, q for qc
    value: float
    weights: NDArray[np.float64]  # (B, N), each row sums to 1
    mean_kl: float  # of the weights to even ones, nats; the bound where eta is within its own
    excess: float  # mean E_p[qc] less the limit; 0 where lam is within its bounds
    effective_samples: float  # mean 1 / sum p^2, of N
    eta_at_lo: bool
    eta_at_hi: bool
    lam_at_lo: bool  # cost is below its limit anyway
    lam_at_hi: bool  # it cannot be met with these critics


def cost_limit_of_a_step(cost_limit: float, discount: float, episode_limit: float) -> float:
    """An episode's cost limit as one of the discounted cost critic, in cost.

    It takes costs to be spread evenly over `episode_limit` steps (liuzuxin/cvpo-safe-rl: safe_rl/policy/cvpo.py).
    """
    return cost_limit * (1 - math.pow(discount, episode_limit)) / ((1 - discount) * episode_limit)


def dual_value(
    q: NDArray[np.float64], qc: NDArray[np.float64], eta: float, lam: float, bound: float, limit: float
) -> float:
    """g(eta, lam), for (B, N) values and costs of N actions in each of B states (algorithms 2.4)."""
    return _Measured(q, qc, eta, lam).value(bound, limit)


def solve_dual(
    q: NDArray[np.float64],
    qc: NDArray[np.float64],
    bound: float,
    limit: float,
    start: tuple[float, float] = (FIRST, FIRST),
    most: tuple[float, float] = (MOST, MOST),
) -> Dual:
    """Find the (eta, lam) of the least dual, each from 1e-6 to `most`, beginning at `start`.

    `q` and `qc` are (B, N), `bound` is of the weights' mean KL divergence to even ones in nats, `limit` of the mean
    cost. Where going on from `start` does not settle, it is begun anew and the better of both is taken.
    """
    found = _descend(q, qc, bound, limit, start, most)
    if not found[2] and start != (FIRST, FIRST):
        found = min(found, _descend(q, qc, bound, limit, (FIRST, FIRST), most), key=lambda each: each[1])
    (eta, lam), value, _ = found
    measured = _Measured(q, qc, eta, lam)
    return Dual(
        eta=eta,
        lam=lam,
        value=value,
        weights=measured.weights,
        mean_kl=measured.mean_kl,
        excess=measured.mean_cost - limit,
        effective_samples=float((1 / np.square(measured.weights).sum(1)).mean()),
        eta_at_lo=eta <= LEAST,
        eta_at_hi=eta >= most[0],
        lam_at_lo=lam <= LEAST,
        lam_at_hi=lam >= most[1],
    )


class _Measured:
    """What the dual, its slopes and its weights are made of, at one (eta, lam)."""

    def __init__(self, q: NDArray[np.float64], qc: NDArray[np.float64], eta: float, lam: float) -> None:
        combined = q - lam * qc
        most = combined.max(1, keepdims=True)
        combined -= most
        combined /= eta
        self.weights: NDArray[np.float64] = np.exp(combined)
        sums = self.weights.sum(1, keepdims=True)
        self.weights /= sums
        logs = np.log(sums / q.shape[1])
        self.eta, self.lam = eta, lam
        self.mean_log: float = float(logs.mean())
        self.mean_most: float = float(most.mean())
        self.mean_kl = float(np.vdot(self.weights, combined)) / len(q) - self.mean_log
        self.mean_cost = float(np.vdot(self.weights, qc)) / len(q)

    def value(self, bound: float, limit: float) -> float:
        """g(eta, lam) for this bound of the divergence and this limit of the cost."""
        return self.eta * bound + self.lam * limit + self.mean_most + self.eta * self.mean_log


def _descend(
    q: NDArray[np.float64],
    qc: NDArray[np.float64],
    bound: float,
    limit: float,
    start: tuple[float, float],
    most: tuple[float, float],
) -> tuple[tuple[float, float], float, bool]:
    """(eta, lam), the dual there, and whether it settled."""

    def value_and_slopes(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        measured = _Measured(q, qc, float(point[0]), float(point[1]))
        return measured.value(bound, limit), np.array([bound - measured.mean_kl, limit - measured.mean_cost])

    found = minimize(
        value_and_slopes,
        np.clip(start, LEAST, most),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST, most[0]), (LEAST, most[1])],
        options={"maxiter": ITERATIONS, "gtol": TOLERANCE, "ftol": 0.0},
    )
    eta, lam = map(float, found.x)
    return (eta, lam), float(found.fun), bool(found.success)
