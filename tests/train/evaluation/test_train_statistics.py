"""Intervals: K25, K26, and what a bootstrap by clusters must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.evaluation.statistics import clopper_pearson, clustered_bootstrap, mcnemar, t_interval

FIRST = np.array([1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1.0])
SECOND = np.array([1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1.0])


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3084971078),
        (10, 10, 0.6915028922, 1.0),
        (86, 100, 0.7762720186, 0.9212945951),
        (105, 122, 0.7862944587, 0.9166823992),
        (3, 100, 0.006229971538, 0.08517605297),
        (730, 1000, 0.7013329625, 0.7573058499),
        (630, 1000, 0.5992282896, 0.66000377),
        (540, 1000, 0.5085301843, 0.5712336835),
        (73, 100, 0.6319837271, 0.8139335777),
        (63, 100, 0.5276483594, 0.7244334204),
        (54, 100, 0.4374115799, 0.640156647),
    ],
)
def test_k25_clopper_pearson(successes: int, trials: int, low: float, high: float) -> None:
    found = clopper_pearson(successes, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


def test_nothing_tried_says_nothing() -> None:
    assert (clopper_pearson(0, 0).low, clopper_pearson(0, 0).high) == (0.0, 1.0)


def test_k26_paired_bootstrap_and_mcnemar() -> None:
    difference = (FIRST - SECOND)[:, None]
    (found,) = clustered_bootstrap(difference, [f"scene {number}" for number in range(20)])
    assert difference.mean() == pytest.approx(0.15, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((-0.05, 0.35), abs=1e-6)
    test = mcnemar(FIRST > 0, SECOND > 0)
    assert (test.first_alone, test.second_alone) == (4, 1)
    assert test.p == pytest.approx(0.375, abs=1e-6)


def test_no_discordant_scene_is_no_evidence() -> None:
    assert mcnemar(FIRST > 0, FIRST > 0).p == 1.0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-10, 10)), min_size=2, max_size=30), st.integers(1, 40))
def test_whole_clusters_are_drawn(rows: list[tuple[int, float]], draws: int) -> None:
    names = [f"drive {cluster}" for cluster, _ in rows]
    values = np.array([[value, 2.0] for _, value in rows])
    found, constant = clustered_bootstrap(values, names, draws, seed=3)
    order = list(dict.fromkeys(names))
    random, means = np.random.default_rng(3), []
    for drawn in random.integers(0, len(order), size=(draws, len(order))).tolist():
        taken = [
            value for number in drawn for name, (_, value) in zip(names, rows, strict=True) if name == order[number]
        ]
        means.append(np.mean(taken))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=1e-9)
    assert (constant.low, constant.high) == pytest.approx((2.0, 2.0))


def test_copies_of_a_scene_are_no_new_evidence() -> None:
    """Each row five times over, in a cluster of its own, is as wide as the rows alone; taken for new it is narrower."""
    copies = np.repeat(FIRST, 5)[:, None]
    (alone,) = clustered_bootstrap(FIRST[:, None], [str(number) for number in range(20)])
    (clustered,) = clustered_bootstrap(copies, [str(number) for number in range(20) for _ in range(5)])
    (apart,) = clustered_bootstrap(copies, [str(number) for number in range(100)])
    assert (clustered.low, clustered.high) == pytest.approx((alone.low, alone.high))
    assert apart.high - apart.low < 0.6 * (alone.high - alone.low)


def test_many_draws_are_made_in_parts_that_are_the_same_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [str(number) for number in range(20)]
    whole = clustered_bootstrap(FIRST[:, None], names, 500)
    monkeypatch.setattr("gold_train.evaluation.statistics._AT_ONCE", 61)
    assert clustered_bootstrap(FIRST[:, None], names, 500) == whole


def test_t_interval_over_seeds() -> None:
    found = t_interval([0.9, 1.0, 0.8])
    assert found is not None
    # t(0.975, 2) = 4.302653, sd 0.1, three seeds
    assert (found.low, found.high) == pytest.approx((0.9 - 0.2484138, 0.9 + 0.2484138), abs=1e-6)
    assert t_interval([0.9]) is None
