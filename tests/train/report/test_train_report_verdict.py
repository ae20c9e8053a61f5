"""What an interval decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.evaluation.statistics import Interval
from gold_train.report.verdict import (
    CONSISTENT,
    NOT_CONSISTENT,
    NOT_MEASURED,
    Part,
    above,
    below,
    contains,
    not_measured,
    of_all,
    scenes_needed,
)


@pytest.mark.parametrize(
    ("low", "high", "up", "down"),
    [
        (0.1, 0.3, CONSISTENT, NOT_CONSISTENT),
        (-0.3, -0.1, NOT_CONSISTENT, CONSISTENT),
        (-0.1, 0.3, NOT_MEASURED, NOT_MEASURED),
        (0.0, 0.0, NOT_MEASURED, NOT_MEASURED),
    ],
)
def test_a_difference_is_decided_by_its_sign(low: float, high: float, up: str, down: str) -> None:
    facts = (low + high) / 2, Interval(low, high), 50, 3
    assert above("x", *facts).verdict == up
    assert below("x", *facts).verdict == down


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.05, 0.2, CONSISTENT), (0.13, 0.2, NOT_CONSISTENT), (-0.1, 0.1, NOT_CONSISTENT), (-0.1, 0.3, NOT_MEASURED)],
)
def test_a_gain_of_12_points_is_in_its_interval_and_none_is_not(low: float, high: float, verdict: str) -> None:
    assert contains("x", (low + high) / 2, Interval(low, high), 50, 3, 0.12).verdict == verdict


def test_scenes_that_would_decide() -> None:
    # Half as wide would do; an interval is half as wide with four times the scenes.
    assert scenes_needed(0.1, Interval(-0.1, 0.3), 50, 0.0) == 200
    assert scenes_needed(-0.1, Interval(-0.3, 0.1), 50, 0.0) == 200
    assert scenes_needed(0.0, Interval(-0.1, 0.1), 50, 0.0) is None
    part = above("x", 0.1, Interval(-0.1, 0.3), 50, 3)
    assert (part.verdict, part.needed, part.why) == (NOT_MEASURED, 200, "the interval has 0 in it")


@settings(max_examples=50)
@given(st.floats(-1, 1), st.floats(0.001, 1), st.integers(2, 10_000))
def test_so_many_scenes_do_put_the_bound_outside(estimate: float, half: float, scenes: int) -> None:
    needed = scenes_needed(estimate, Interval(estimate - half, estimate + half), scenes, 0.0)
    if needed is None:
        assert abs(estimate) <= 1e-3 * half * (1 + 1e-9)
    else:
        assert half * (scenes / needed) ** 0.5 <= abs(estimate) * (1 + 1e-9)
        assert needed > scenes


def test_a_claim_is_as_good_as_its_parts() -> None:
    good, bad, open_ = Part("a", CONSISTENT), Part("b", NOT_CONSISTENT), not_measured("c", "why")
    assert of_all([good, good]) == CONSISTENT
    assert of_all([good, open_, bad]) == NOT_CONSISTENT
    assert of_all([good, open_]) == NOT_MEASURED
    assert of_all([]) == NOT_MEASURED
