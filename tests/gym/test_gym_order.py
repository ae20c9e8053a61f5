"""The order of scenes."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.gym.order import SceneOrder


@settings(max_examples=30, deadline=None)
@given(scenes=st.integers(1, 40), rounds=st.integers(1, 4), seed=st.integers(0, 2**31))
def test_each_scene_comes_once_before_any_comes_again(scenes: int, rounds: int, seed: int) -> None:
    order = SceneOrder(scenes, np.random.default_rng(seed))
    again = SceneOrder(scenes, np.random.default_rng(seed))
    drawn = [[next(order) for _ in range(scenes)] for _ in range(rounds)]
    assert all(sorted(one) == list(range(scenes)) for one in drawn)
    assert [next(again) for _ in range(scenes * rounds)] == list(chain(*drawn))


def test_each_time_round_is_another() -> None:
    order = SceneOrder(20, np.random.default_rng(0))
    first, second = ([next(order) for _ in range(20)] for _ in range(2))
    assert first != second
