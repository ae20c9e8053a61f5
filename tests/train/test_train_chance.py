"""Chance that follows from numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.chance import Stream, coins, generator, noise_generator

CPU = torch.device("cpu")


def test_streams_of_other_seeds_purposes_and_numbers_differ() -> None:
    keys = [(0, Stream.NOISE, 0), (1, Stream.NOISE, 0), (0, Stream.BATCHES, 0), (0, Stream.NOISE, 1)]
    drawn = [tuple(generator(*key).random(3)) for key in keys]
    assert len(set(drawn)) == 4
    assert tuple(generator(*keys[0]).random(3)) == drawn[0]


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**63), episode=st.integers(0, 2**62), step=st.integers(0, 300))
def test_a_coin_lies_between_none_and_one_whoever_is_beside_it(seed: int, episode: int, step: int) -> None:
    alone = coins(seed, np.array([episode]), np.array([step]))
    assert 0 <= alone[0] < 1
    beside = coins(seed, np.array([3, episode]), np.array([4, step]))
    assert beside[1] == alone[0]


@pytest.mark.parametrize("along", [0, 1])
def test_coins_are_even_and_know_nothing_of_each_other(along: int) -> None:
    episodes, steps = np.meshgrid(np.arange(300), np.arange(100), indexing="ij")
    drawn = coins(0, episodes.ravel(), steps.ravel()).reshape(300, 100)
    counts = np.histogram(drawn, 10, (0, 1))[0]
    assert (np.abs(counts - 3_000) < 5 * np.sqrt(2_700)).all()
    moved = np.roll(drawn, 1, axis=along)
    assert abs(np.corrcoef(drawn.ravel(), moved.ravel())[0, 1]) < 5 / np.sqrt(drawn.size)


def _drawn(seed: int, stream: Stream, number: int) -> list[float]:
    drawn: list[float] = torch.randn(4, generator=noise_generator(seed, stream, number, CPU)).tolist()
    return drawn


def test_torchs_noise_follows_from_seed_stream_and_number() -> None:
    assert _drawn(0, Stream.UPDATE, 5) == _drawn(0, Stream.UPDATE, 5)
    others = [_drawn(1, Stream.UPDATE, 5), _drawn(0, Stream.ALIGNMENT, 5), _drawn(0, Stream.UPDATE, 6)]
    assert _drawn(0, Stream.UPDATE, 5) not in others


def test_torchs_own_generator_is_left_alone() -> None:
    torch.manual_seed(0)
    due = torch.rand(3)
    torch.manual_seed(0)
    _drawn(0, Stream.UPDATE, 1)
    assert torch.equal(torch.rand(3), due)
