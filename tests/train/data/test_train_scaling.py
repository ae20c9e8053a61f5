from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from train_datasets import numbers, written

from gold_data.errors import DatasetError
from gold_train.data.scaling import return_percentiles, scaling_of


def test_mean_and_spread_are_those_of_the_training_split(tmp_path: Path) -> None:
    train = [numbers(k, 20 + k) for k in range(5)]
    dataset = written(tmp_path / "out", train=train, test=[numbers(9, 50)])
    rows = np.concatenate([episode["observations"] for episode in train]).astype(np.float64)
    scaling = scaling_of(dataset, np.array([3, 0, 4]))
    np.testing.assert_allclose(scaling.mean, rows.mean(axis=0)[[3, 0, 4]], rtol=1e-9)
    np.testing.assert_allclose(scaling.standard_deviation, rows.std(axis=0)[[3, 0, 4]], rtol=1e-9)
    assert scaling.digest == dataset.manifest.statistics_digest


def test_statistics_that_were_changed_are_refused(tmp_path: Path) -> None:
    dataset = written(tmp_path / "out", train=[numbers(0, 5)])
    path = tmp_path / "out" / "statistics.json"
    path.write_text(path.read_text().replace('"count":6', '"count":7'))
    with pytest.raises(DatasetError, match=r"statistics.json: is not the file that the manifest was written with"):
        scaling_of(dataset, np.arange(5))
    path.unlink()
    with pytest.raises(DatasetError, match=r"statistics.json: cannot be read \(No such file"):
        scaling_of(dataset, np.arange(5))


def test_without_training_episodes_nothing_is_measured(tmp_path: Path) -> None:
    dataset = written(tmp_path / "out", test=[numbers(0, 5)])
    with pytest.raises(DatasetError, match="its split 'train' is empty"):
        scaling_of(dataset, np.arange(5))
    with pytest.raises(DatasetError, match="split 'train' has no episodes"):
        return_percentiles(dataset)


def test_percentiles_are_of_the_episodes_returns(tmp_path: Path) -> None:
    train = [numbers(0, 3) | {"rewards": np.full(3, value)} for value in (4.0, 0.0, 2.0)]
    dataset = written(tmp_path / "out", train=[episode | {"scenario_id": f"{k}"} for k, episode in enumerate(train)])
    percentiles = return_percentiles(dataset)
    assert percentiles.shape == (101,)
    assert percentiles[[0, 25, 50, 100]].tolist() == [0.0, 3.0, 6.0, 12.0]
