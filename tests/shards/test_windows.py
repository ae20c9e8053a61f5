from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shards_material import make_dataset, trajectories

from gold_data.errors import DatasetError, SettingsError
from gold_data.shards.windows import WindowBatch, Windows, windows

LENGTHS = [7, 1, 12, 3]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("windows")
    dataset = make_dataset(root / "out", {"train": [LENGTHS[:2], LENGTHS[2:]]}, dimension=5)
    return windows(dataset, "train", 1, cache=root / "cache").cache


def test_known_answer(cache: Path) -> None:
    # The first episode has 7 steps: rows 0 to 6 of the split.
    five = Windows(cache, 5, 1, 0)
    early, last = five.at(np.array([2])), five.at(np.array([6]))
    assert early.mask.tolist() == [[False, False, True, True, True]]
    assert early.timesteps.tolist() == [[0, 0, 0, 1, 2]]
    assert last.timesteps.tolist() == [[2, 3, 4, 5, 6]]
    assert last.mask.all()
    three = Windows(cache, 3, 1, 0).at(np.arange(7))
    assert np.bincount(three.timesteps[three.mask]).tolist() == [3, 3, 3, 3, 3, 2, 1]
    assert three.mask.sum() == 18


@settings(max_examples=60, deadline=None)
@given(length=st.integers(1, 15), ends=st.lists(st.integers(0, sum(LENGTHS) - 1), min_size=1, max_size=5))
def test_windows_are_those_of_a_plain_loop(cache: Path, length: int, ends: list[int]) -> None:
    batch = Windows(cache, length, 1, 0).at(np.array(ends))
    episodes = trajectories(LENGTHS, dimension=5)
    steps = [(episode, step) for episode in episodes for step in range(episode.length)]
    for row, end in enumerate(ends):
        episode, last = steps[end]
        for place in range(length):
            step = last - (length - 1 - place)
            assert batch.mask[row, place] == (step >= 0)
            assert batch.timesteps[row, place] == max(step, 0)
            for name in ("observations", "actions", "expert_actions", "rewards", "costs", "returns_to_go",
                         "costs_to_go"):  # fmt: skip
                wanted = getattr(episode, name)
                np.testing.assert_array_equal(
                    getattr(batch, name)[row, place], wanted[step] if step >= 0 else np.zeros_like(wanted[0])
                )


def test_shapes_and_types(cache: Path) -> None:
    batch = Windows(cache, 4, 6, 0).batch(0)
    assert {field.name: getattr(batch, field.name).shape for field in fields(WindowBatch)} == {
        "observations": (6, 4, 5), "actions": (6, 4, 2), "expert_actions": (6, 4, 2), "rewards": (6, 4),
        "costs": (6, 4), "returns_to_go": (6, 4), "costs_to_go": (6, 4), "timesteps": (6, 4), "mask": (6, 4),
    }  # fmt: skip
    assert batch.observations.dtype == batch.returns_to_go.dtype == np.float32
    assert batch.timesteps.dtype == np.int32
    assert batch.mask.dtype == np.bool_
    batch.observations[...] = 1  # a copy: the caller may do with it what it likes
    assert Windows(cache, 4, 6, 0).batch(0).observations.max() < 1


@settings(max_examples=60, deadline=None)
@given(batch_size=st.integers(1, 60), seed=st.integers(0, 2**64 - 1), epochs=st.integers(1, 3))
def test_each_end_comes_once_an_epoch(cache: Path, batch_size: int, seed: int, epochs: int) -> None:
    sampled = Windows(cache, 2, batch_size, seed)
    count = len(sampled)
    assert count == sum(LENGTHS)
    batches = -(-count * epochs // batch_size)
    order = np.concatenate([sampled.ends(step) for step in range(batches)])[: count * epochs].reshape(epochs, count)
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(count), (epochs, 1)))
    if epochs > 1:
        assert (order[0] != order[1]).any()


def test_the_order_is_a_function_of_seed_and_step_for_ever(cache: Path) -> None:
    sampled = Windows(cache, 2, 6, 7)
    forward = [sampled.ends(step).tolist() for step in range(10)]
    assert [sampled.ends(step).tolist() for step in reversed(range(10))] == forward[::-1]
    assert [Windows(cache, 2, 6, 7).ends(step).tolist() for step in range(10)] == forward
    assert Windows(cache, 2, 6, 8).ends(0).tolist() != forward[0]
    assert forward[0] == FIRST
    for step, batch in enumerate(islice(sampled.batches(first=3), 2)):
        np.testing.assert_array_equal(batch.rewards, sampled.batch(3 + step).rewards)


# Written down on numpy 2.4: a run that is resumed with another numpy goes on with the same batches.
FIRST = [8, 16, 4, 1, 6, 22]


def _rewards(sampled: Windows) -> list[list[float]]:
    return sampled.batch(3).rewards.tolist()  # type: ignore[no-any-return]


def test_a_spawned_process_sees_the_same(cache: Path) -> None:
    sampled = Windows(cache, 3, 4, 1)
    assert len(pickle.dumps(sampled)) < 1000
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(_rewards, sampled).result() == _rewards(sampled)


def test_a_dataset_without_an_expert_has_windows_too(cache: Path, tmp_path: Path) -> None:
    for path in cache.iterdir():
        if path.stem != "expert_actions":
            (tmp_path / path.name).symlink_to(path)
    assert Windows(tmp_path, 3, 4, 1).batch(0).expert_actions is None


def test_wrong_settings_are_refused(cache: Path, tmp_path: Path) -> None:
    for length, batch_size, seed in ((0, 1, 0), (1, 0, 0), (1, 1, -1), (1, 1, 2**64)):
        with pytest.raises(SettingsError):
            Windows(cache, length, batch_size, seed)
    with pytest.raises(IndexError):
        Windows(cache, 1, 1, 0).batch(-1)
    with pytest.raises(DatasetError):
        Windows(tmp_path, 1, 1, 0)
