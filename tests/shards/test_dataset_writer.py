"""Episodes of any environment as a dataset: read, counted and measured like a converted one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gold_data.errors import OutputError
from gold_data.replay import Block
from gold_data.settings import Settings
from gold_data.shards import dataset_writer, described_blocks, read_statistics, verify, write_dataset

LAYOUT = (Block("place", ("x", "y"), "where it is", -2.0, 2.0), Block("clock", ("t",), "how late it is"))


class Choice(Settings):
    """Of an environment that is nobody's."""

    wind: float = 0.5


def episode(number: int, steps: int) -> dict[str, Any]:
    random = np.random.default_rng(number)
    return {
        "observations": random.uniform(-1, 1, (steps + 1, 3)).astype(np.float32),
        "actions": random.uniform(-1, 1, (steps, 1)).astype(np.float32),
        "rewards": random.normal(size=steps).astype(np.float32),
        "costs": np.zeros(steps, np.float32),
        "scenario_id": f"s{number}",
        "ego_id": "it",
        "terminated": True,
        "truncated": False,
    }


def test_what_is_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_writer, "SHARD_EPISODES", 2)
    train, test = [episode(number, number + 2) for number in range(5)], [episode(9, 4)]
    dataset = write_dataset(tmp_path / "made", {"train": train, "test": test}, LAYOUT, Choice(), "wind tunnel")
    assert verify(dataset.root) == []
    assert [shard.name for shard in dataset.manifest.shards] == [
        "train-00000.zarr",
        "train-00001.zarr",
        "train-00002.zarr",
        "test-00000.zarr",
    ]
    assert [found["scenario_id"] for found in dataset.episodes()] == [one["scenario_id"] for one in [*train, *test]]
    for found, one in zip(dataset.episodes("train"), train, strict=True):
        np.testing.assert_array_equal(found["observations"], one["observations"])
        np.testing.assert_array_equal(found["actions"], one["actions"])
    assert dataset.manifest.engine == "wind tunnel"
    assert dataset.observation_blocks == described_blocks(LAYOUT)
    assert dataset.manifest.counts.episodes == 6
    assert {split: counts.episodes for split, counts in dataset.manifest.splits.items()} == {
        "train": 5,
        "validation": 0,
        "test": 1,
    }
    assert json.loads((dataset.root / "settings.json").read_text()) == {"wind": 0.5}


def test_statistics_are_of_the_training_split_over_the_blocks_ranges(tmp_path: Path) -> None:
    train = [episode(number, 50) for number in range(3)]
    dataset = write_dataset(tmp_path / "made", {"train": train, "test": [episode(9, 4)]}, LAYOUT, Choice(), "it")
    statistics = read_statistics(dataset).arrays["observations"]
    rows = np.concatenate([one["observations"] for one in train]).astype(np.float64)
    assert statistics.count == len(rows)
    np.testing.assert_allclose(statistics.mean, rows.mean(axis=0))
    np.testing.assert_allclose(statistics.standard_deviation, rows.std(axis=0))
    np.testing.assert_array_equal(statistics.low, [-2, -2, 0])
    np.testing.assert_array_equal(statistics.high, [2, 2, 1])
    assert "expert_actions" not in read_statistics(dataset).arrays


def test_a_dataset_without_training_episodes_has_none(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "made", {"test": [episode(9, 4)]}, LAYOUT, Choice(), "it")
    assert verify(dataset.root) == []
    assert read_statistics(dataset).arrays == {}


def test_it_is_whole_or_not_there(tmp_path: Path) -> None:
    spoilt = episode(1, 3) | {"rewards": np.array([0, np.nan, 0], np.float32)}
    with pytest.raises(OutputError, match="episode 1: rewards has values that are not finite"):
        write_dataset(tmp_path / "made", {"train": [episode(0, 3), spoilt]}, LAYOUT, Choice(), "it")
    assert list(tmp_path.iterdir()) == []
    write_dataset(tmp_path / "made", {"train": [episode(0, 3)]}, LAYOUT, Choice(), "it")
    with pytest.raises(OutputError, match="made: is there already"):
        write_dataset(tmp_path / "made", {"train": [episode(0, 3)]}, LAYOUT, Choice(), "it")
