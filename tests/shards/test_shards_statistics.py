from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gold_data.errors import DatasetError
from gold_data.replay import Block
from gold_data.settings import Settings
from gold_data.shards import Dataset, read_statistics, write_dataset
from gold_data.shards.statistics import STATISTICS

LAYOUT = (Block("numbers", ("a", "b"), "random", 0.0, 1.0),)


def dataset(root: Path) -> Dataset:
    random = np.random.default_rng(0)
    episode: dict[str, Any] = {
        "scenario_id": "aa",
        "ego_id": "7",
        "terminated": True,
        "truncated": False,
        "observations": random.random((6, 2), dtype=np.float32),
        "actions": random.random((5, 2), dtype=np.float32),
        "rewards": np.arange(5.0),
        "costs": np.zeros(5),
    }
    return write_dataset(root / "out", {"train": [episode]}, LAYOUT, Settings(), "numbers")


def test_they_are_those_of_the_training_episodes(tmp_path: Path) -> None:
    made = dataset(tmp_path)
    arrays = read_statistics(made).arrays
    assert set(arrays) == {"observations", "actions", "rewards", "costs", "returns_to_go", "costs_to_go"}
    seen = made.episode(0)["observations"].astype(np.float64)
    np.testing.assert_allclose(arrays["observations"].mean, seen.mean(axis=0))
    assert arrays["rewards"].mean.tolist() == [2.0]
    assert arrays["observations"].count == 6


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[1, 2]", "holds no statistics"),
        (b"{}", r"holds no statistics \('format_version'\)"),
        (b"\xff\xfe", "holds no statistics"),
        (b'{"format_version": 99, "bins": 1000, "arrays": {}}', "another format version"),
    ],
)
def test_what_are_none_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    made = dataset(tmp_path)
    (made.root / STATISTICS).write_bytes(content)
    with pytest.raises(DatasetError, match=f"{STATISTICS}: is not the file that the manifest was written with"):
        read_statistics(made)
    digest = hashlib.sha256(content).hexdigest()
    foreign = Dataset(made.root, made.manifest.model_copy(update={"statistics_digest": digest}))
    with pytest.raises(DatasetError, match=said):
        read_statistics(foreign)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    made = dataset(tmp_path)
    (made.root / STATISTICS).unlink()
    with pytest.raises(DatasetError, match=rf"{STATISTICS}: cannot be read \(No such file"):
        read_statistics(made)
