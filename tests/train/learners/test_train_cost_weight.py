"""The weight of cost, moved towards a limit (algorithms 2.6-d; known answers X01, X02)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.errors import CheckpointError
from gold_train.learners.cost_weight import CostWeight, Gains, adapted
from gold_train.settings import CostWeightSettings, IqlSettings

PLAIN = CostWeightSettings(
    proportional=0.05, integral=0.0005, derivative=0.1, smoothing=0.0, delay=1, window=1, adaptation=0.0
)
COSTS = st.lists(st.floats(0, 100), min_size=1, max_size=30)


def test_three_terms_follow_the_cost() -> None:
    weight = CostWeight(PLAIN, limit=10.0, first=0.0)
    found = []
    for cost in (30.0, 20.0, 12.0, 8.0, 5.0):
        weight.told([cost])
        found.append(weight.weight)
    assert found == pytest.approx([3.01, 0.515, 0.116, 0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([40.0, 42.0, 44.0], (1.026247031, 1.026247031, 1.001939422)),
        ([10.0, 12.0], (0.9599099099, 0.9599099099, 1.004504505)),
        ([0.0, 0.0], (0.1, 0.1, 1.0)),
    ],
)
def test_gains_adapt(costs: list[float], expected: tuple[float, float, float]) -> None:
    one = Gains(1.0, 1.0, 1.0)
    found = adapted(one, one, costs, limit=20.0, rate=0.05, span=10.0)
    assert (found.proportional, found.integral, found.derivative) == pytest.approx(expected, abs=1e-8)


def test_it_starts_at_the_weight_of_the_settings_and_stays_there_at_the_limit() -> None:
    weight = CostWeight(CostWeightSettings(adaptation=0.0), limit=2.0, first=IqlSettings().cost_weight)
    assert weight.weight == 1.0
    weight.told([2.0] * 50)
    assert weight.weight == pytest.approx(1.0)


@pytest.mark.parametrize(("cost", "rises"), [(8.0, True), (0.5, False)])
def test_more_cost_than_the_limit_makes_it_dearer(cost: float, rises: bool) -> None:
    weight = CostWeight(CostWeightSettings(), limit=2.0, first=1.0)
    weight.told([cost] * 100)
    assert (weight.weight > 2.0) if rises else (weight.weight < 0.5)


@settings(max_examples=30, deadline=None)
@given(COSTS, COSTS)
def test_going_on_equals_never_having_stopped(before: list[float], after: list[float]) -> None:
    whole = CostWeight(CostWeightSettings(), limit=2.0, first=1.0)
    whole.told(before)
    other = CostWeight(CostWeightSettings(), limit=2.0, first=1.0)
    other.restore(whole.state())
    assert other.weight == whole.weight
    whole.told(after)
    for cost in after:  # one by one or at once
        other.told([cost])
    assert other.state() == whole.state()
    assert whole.weight >= 0


def test_a_state_of_other_settings_is_refused() -> None:
    state = CostWeight(CostWeightSettings(window=5, delay=5), limit=2.0, first=1.0).state()
    with pytest.raises(CheckpointError, match="these settings"):
        CostWeight(CostWeightSettings(), limit=2.0, first=1.0).restore(state)
