"""How sure a figure is: intervals of rates and means, and of differences on the same scenes (algorithms 2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95
DRAWS = 10_000
_AT_ONCE = 2_000_000
"""Numbers that a bootstrap draws at once, to bound its memory."""


@dataclass(frozen=True)
class Interval:
    """Where a figure lies with 95 % confidence."""

    low: float
    high: float


def clopper_pearson(successes: int, trials: int) -> Interval:
    """Exact interval of a binomial rate; everything where nothing was tried."""
    if trials == 0:
        return Interval(0.0, 1.0)
    found = stats.binomtest(successes, trials).proportion_ci(LEVEL, method="exact")
    return Interval(float(found.low), float(found.high))


def clustered_bootstrap(
    values: NDArray[np.float64], clusters: Sequence[str], draws: int = DRAWS, seed: int = 0
) -> list[Interval]:
    """Percentile intervals of the means of the columns of `values` (n, k), whole clusters being drawn anew."""
    return percentiles(drawn_means(values, clusters, draws, seed))


def percentiles(drawn: NDArray[np.float64]) -> list[Interval]:
    """Where the middle 95 % of each column of (draws, k) lies."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def drawn_means(
    values: NDArray[np.float64], clusters: Sequence[str], draws: int = DRAWS, seed: int = 0
) -> NDArray[np.float64]:
    """(draws, k) means of the columns of `values` (n, k), whole clusters being drawn anew each time.

    `clusters` (n,) names for each row what is not independent of others: rows of one name are drawn together. Where
    each row has a name of its own this is the plain bootstrap over rows, in their order.
    """
    _, first, codes = np.unique(np.asarray(clusters), return_index=True, return_inverse=True)
    number = len(first)
    # Clusters are numbered as they come, so that their names do not decide what is drawn.
    codes = np.argsort(np.argsort(first))[codes]
    sums = np.zeros((number, values.shape[1] + 1))
    np.add.at(sums, codes, np.column_stack([values, np.ones(len(values))]))
    random = np.random.default_rng(seed)
    means = np.empty((draws, values.shape[1]))
    some = max(1, _AT_ONCE // number)
    for at in range(0, draws, some):
        rows = min(some, draws - at)
        drawn = random.integers(0, number, size=(rows, number)) + number * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * number).reshape(rows, number)
        total = times @ sums
        means[at : at + rows] = total[:, :-1] / total[:, -1:]
    return means


@dataclass(frozen=True)
class McNemar:
    """Two policies' successes on the same scenes: where one alone succeeded, and how likely that is by chance."""

    first_alone: int
    second_alone: int
    p: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Exact test (two-sided) whether two policies succeed equally often, by (n,) successes on the same scenes."""
    alone, other = int((first & ~second).sum()), int((second & ~first).sum())
    p = float(stats.binomtest(alone, alone + other).pvalue) if alone + other else 1.0
    return McNemar(alone, other, p)


def t_interval(values: Sequence[float]) -> Interval | None:
    """Interval of the mean over seeds by Student's t; None for fewer than two."""
    number = len(values)
    if number < 2:
        return None
    half = float(stats.t.ppf((1 + LEVEL) / 2, number - 1) * np.std(values, ddof=1) / np.sqrt(number))
    mean = float(np.mean(values))
    return Interval(mean - half, mean + half)


def t_difference(first: Sequence[float], second: Sequence[float]) -> Interval | None:
    """Interval of the difference between two groups' means by Welch's t; None where one has fewer than two values.

    Where neither group varies it is a point.
    """
    if min(len(first), len(second)) < 2:
        return None
    if np.ptp(first) == np.ptp(second) == 0.0:
        return Interval(first[0] - second[0], first[0] - second[0])
    found = stats.ttest_ind(first, second, equal_var=False).confidence_interval(LEVEL)
    return Interval(float(found.low), float(found.high))
