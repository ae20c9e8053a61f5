"""1,000 flipped bits in a converted dataset with its ScenarioNet database, 300 of them in the manifest: all found."""

from __future__ import annotations

from pathlib import Path

import pytest
from dataset_flips import flips_found
from small_dataset import make_small_dataset

from gold_data import Dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_small_dataset(tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize(("number", "only"), [(650, None), (300, "manifest.json"), (50, "manifest.sha256")])
def test_a_thousand_flips_are_found(dataset: Dataset, number: int, only: str | None) -> None:
    root: Path = dataset.root
    assert flips_found(root, number, 20, only) == (number, [])
