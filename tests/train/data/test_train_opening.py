from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from straight_road import QUICK
from train_datasets import numbers, written

from gold_data import Dataset, convert
from gold_data.errors import DatasetError
from gold_data.settings import with_changes
from gold_train.data.online import OnlineBatches
from gold_train.data.opening import open_batches
from gold_train.data.recorded import RecordedBatches
from gold_train.settings import OfflineDataSettings


@pytest.fixture(scope="module")
def driven(small_sources: list[str], tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    settings = with_changes(QUICK, {"engine": "batched", "check.share": "0"})
    out: Path = tmp_path_factory.mktemp("driven") / "dataset"
    return convert(small_sources, out, settings, workers=0, console=Console(quiet=True))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_batches_are_of_the_dataset_unless_they_are_asked_for_online(driven: Dataset) -> None:
    columns = np.arange(driven.observation_blocks[-1].stop)
    recorded = open_batches(driven, OfflineDataSettings(), columns, length=3, batch_size=8, seed=0)
    assert isinstance(recorded, RecordedBatches)
    online = open_batches(driven, OfflineDataSettings(online=4), columns, length=3, batch_size=8, seed=0)
    assert isinstance(online, OnlineBatches)
    for batches in (recorded, online):
        assert tuple(batches.batch(0).observations.shape) == (8, 3, len(columns))
    recorded_ids = {episode.id for episode in driven.episodes("train")}
    assert {part.split(", drive ")[0] for part in online.rows(0).partition(": ")[2].split("; ")} <= recorded_ids


def test_where_nothing_was_driven_nothing_is_demonstrated(tmp_path: Path) -> None:
    dataset = written(tmp_path / "out", train=[numbers(0, 9)])
    with pytest.raises(DatasetError):
        open_batches(dataset, OfflineDataSettings(online=4), np.arange(5), length=3, batch_size=8, seed=0)
