"""The learning rate of algorithms 2.2."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.offline.schedule import learning_rate, warm_up_steps
from gold_train.settings import CloningRun, OptimiserSettings, TransformerRun

REFERENCE = TransformerRun().optimiser


def test_the_reference_grows_over_a_tenth_or_ten_thousand_updates_then_stays() -> None:
    assert warm_up_steps(REFERENCE, 100_000) == 10_000
    assert warm_up_steps(REFERENCE, 1_000_000) == 10_000
    assert warm_up_steps(REFERENCE, 5_000) == 500
    rates = [learning_rate(REFERENCE, 5_000, step) for step in (0, 249, 499, 500, 4_999)]
    assert rates == pytest.approx([2e-7, 5e-5, 1e-4, 1e-4, 1e-4])


def test_cloning_has_no_warm_up() -> None:
    assert learning_rate(CloningRun().optimiser, 100_000, 0) == 1e-3


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**6), st.integers(0, 10**6), st.floats(0, 1), st.integers(0, 10**5))
def test_it_never_falls_and_never_passes_its_value(steps: int, step: int, share: float, most: int) -> None:
    chosen = OptimiserSettings(warm_up=share, most_warm_up=most)
    rate = learning_rate(chosen, steps, step)
    assert 0 < rate <= learning_rate(chosen, steps, step + 1) <= chosen.learning_rate


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 10**5), st.floats(0, 0.9))
def test_a_cosine_falls_from_its_value_to_nearly_nothing(steps: int, share: float) -> None:
    chosen = OptimiserSettings(warm_up=share, decay="cosine")
    first = warm_up_steps(chosen, steps)
    rates = [learning_rate(chosen, steps, step) for step in range(first, steps, max(1, steps // 50))]
    assert rates[0] == chosen.learning_rate
    assert rates == sorted(rates, reverse=True)
    middle = learning_rate(chosen, steps, (first + steps) // 2)
    assert middle == pytest.approx(chosen.learning_rate / 2, rel=2 * np.pi / (steps - first))
    assert 0 < learning_rate(chosen, steps, steps - 1) <= chosen.learning_rate * (2.5 / (steps - first)) ** 2 + 1e-9
