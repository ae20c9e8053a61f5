from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from train_datasets import numbers, written

from gold_data import Dataset
from gold_data.errors import DatasetError
from gold_train.data.recorded import RecordedBatches

LENGTHS = [7, 1, 12, 3]
ALL = np.arange(5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return written(
        tmp_path_factory.mktemp("recorded") / "out", train=[numbers(k, length) for k, length in enumerate(LENGTHS)]
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def batches(dataset: Dataset, cache: Path, length: int = 3, batch_size: int = 4, seed: int = 0) -> RecordedBatches:
    return RecordedBatches(dataset, ALL, length=length, batch_size=batch_size, seed=seed, cache=cache)


def test_known_answer_of_returns_to_go(tmp_path: Path) -> None:
    """K01: rewards 1, 0, 2, -1, .5; costs 0, 1, 0, 0, 1."""
    known = {"rewards": np.array([1.0, 0.0, 2.0, -1.0, 0.5]), "costs": np.array([0.0, 1.0, 0.0, 0.0, 1.0])}
    made = written(tmp_path / "out", train=[numbers(0, 5) | known])
    batch = RecordedBatches(made, ALL, length=5, batch_size=5, seed=0, cache=tmp_path).batch(0)
    whole = batch.returns_to_go[batch.mask.all(dim=1)][0]
    assert whole.tolist() == [2.5, 1.5, 1.5, -0.5, 0.5]
    np.testing.assert_allclose((whole / 10).numpy(), [0.25, 0.15, 0.15, -0.05, 0.05], atol=1e-7)
    assert made.episode(0)["costs_to_go"].tolist() == [2.0, 2.0, 1.0, 1.0, 1.0]


def test_known_answer_of_windows(tmp_path: Path) -> None:
    """K02: seven steps in windows of three, and of five."""
    made = written(tmp_path / "out", train=[numbers(0, 7)])
    three = RecordedBatches(made, ALL, length=3, batch_size=7, seed=0, cache=tmp_path).batch(0)
    seen = three.timesteps[three.mask]
    assert torch.bincount(seen).tolist() == [3, 3, 3, 3, 3, 2, 1]
    # As long a context as a drive has at that step: min(K, t + 1).
    before = three.mask.cumsum(dim=1)
    assert int((before == torch.clamp(three.timesteps + 1, max=3))[three.mask].sum()) == 10
    assert len(seen) == 18
    five = RecordedBatches(made, ALL, length=5, batch_size=7, seed=0, cache=tmp_path).batch(0)
    [end_two] = torch.nonzero(five.timesteps[:, -1] == 2).flatten().tolist()
    assert five.mask[end_two].int().tolist() == [0, 0, 1, 1, 1]
    assert five.timesteps[end_two].tolist() == [0, 0, 0, 1, 2]
    [end_six] = torch.nonzero(five.timesteps[:, -1] == 6).flatten().tolist()
    assert five.timesteps[end_six].tolist() == [2, 3, 4, 5, 6]


def test_shapes_and_types(dataset: Dataset, cache: Path) -> None:
    batch = batches(dataset, cache).batch(0)
    assert {name: (tuple(value.shape), value.dtype) for name, value in batch._asdict().items()} == {
        "observations": ((4, 3, 5), torch.float32),
        "actions": ((4, 3, 2), torch.float32),
        "targets": ((4, 3, 2), torch.float32),
        "returns_to_go": ((4, 3), torch.float32),
        "timesteps": ((4, 3), torch.int64),
        "mask": ((4, 3), torch.bool),
    }


def test_rows_are_those_of_the_episodes_and_zero_before_them(dataset: Dataset, cache: Path) -> None:
    episodes = [numbers(k, length) for k, length in enumerate(LENGTHS)]
    made = batches(dataset, cache, length=4, batch_size=23)
    batch = made.batch(0)
    for row, place in np.ndindex(23, 4):
        if not batch.mask[row, place]:
            assert not any(value[row, place].any() for value in batch)
            continue
        number, step = batch.observations[row, place, :2].int().tolist()
        assert int(batch.timesteps[row, place]) == step
        np.testing.assert_array_equal(batch.observations[row, place], episodes[number]["observations"][step])
        np.testing.assert_array_equal(batch.actions[row, place], episodes[number]["actions"][step])
        np.testing.assert_array_equal(batch.targets[row, place], episodes[number]["expert_actions"][step])
        rewards = episodes[number]["rewards"][step:].astype(np.float64)
        assert float(batch.returns_to_go[row, place]) == pytest.approx(rewards.sum(), abs=1e-6)


def test_columns_come_in_the_order_in_which_they_are_asked_for(dataset: Dataset, cache: Path) -> None:
    every = batches(dataset, cache).batch(5)
    some = RecordedBatches(dataset, np.array([4, 0]), length=3, batch_size=4, seed=0, cache=cache).batch(5)
    assert torch.equal(some.observations, every.observations[..., [4, 0]])
    assert torch.equal(some.targets, every.targets)


def test_without_an_expert_what_was_executed_is_the_target(tmp_path: Path) -> None:
    made = written(tmp_path / "out", train=[numbers(0, 9, expert=False)])
    batch = batches(made, tmp_path).batch(0)
    assert batch.targets.any()
    assert torch.equal(batch.targets, batch.actions)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), steps=st.lists(st.integers(0, 40), min_size=1, max_size=4), size=st.integers(1, 30))
def test_a_batch_is_a_function_of_seed_and_step(
    dataset: Dataset, cache: Path, seed: int, steps: list[int], size: int
) -> None:
    here, there = batches(dataset, cache, 2, size, seed), batches(dataset, cache, 2, size, seed)
    for step in range(3):
        there.batch(step)
    for step in steps:
        one, other = here.batch(step), there.batch(step)
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_each_step_ends_a_window_once_before_any_does_again(dataset: Dataset, cache: Path) -> None:
    made = batches(dataset, cache, length=1, batch_size=23)
    for epoch in range(2):
        places = made.batch(epoch).observations[:, 0, :2].int().tolist()
        assert Counter(map(tuple, places)) == Counter(
            (number, step) for number, length in enumerate(LENGTHS) for step in range(length)
        )
    assert not torch.equal(made.batch(0).observations, made.batch(1).observations)


def test_what_a_caller_does_to_a_batch_stays_with_the_caller(dataset: Dataset, cache: Path) -> None:
    made = batches(dataset, cache)
    before = made.batch(0).observations.clone()
    made.batch(0).observations.zero_()
    assert torch.equal(made.batch(0).observations, before)


def test_rows_are_named_by_episode_and_step(dataset: Dataset, cache: Path) -> None:
    made = batches(dataset, cache, batch_size=6)
    ends = made.batch(2).observations[:, -1, :2].int().tolist()
    told = {
        (episode, int(step))
        for part in made.rows(2).split("; ")
        for episode, steps in [part.split(" at ")]
        for step in steps.split(", ")
    }
    assert told == {(f"{number:04x}/7", step) for number, step in ends}


def test_an_absent_and_an_empty_split_are_refused(dataset: Dataset, cache: Path) -> None:
    for split, said in (("trian", "has no split 'trian'"), ("test", "split 'test' has no episodes")):
        with pytest.raises(DatasetError, match=said):
            RecordedBatches(dataset, ALL, length=3, batch_size=4, seed=0, split=split, cache=cache)
