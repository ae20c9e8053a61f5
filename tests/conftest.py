"""One small conversion that many tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from small_dataset import make_small_dataset
from straight_road import QUICK, write_small_sources

from gold_data import Dataset, convert


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The documents' commands first: a process that gets them last works on alone while the others have ended."""
    items.sort(key=lambda item: not item.path.stem.endswith("documents"))


@pytest.fixture(scope="session")
def small_sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two folders of records: see `write_small_sources`."""
    return write_small_sources(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def converted(small_sources: list[str], tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """These converted in this process, with the ScenarioNet database; not to be changed."""
    out: Path = tmp_path_factory.mktemp("converted") / "dataset"
    return convert(small_sources, out, QUICK, workers=0, console=Console(quiet=True))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same records by the batched engine, its sources beside it; not to be changed."""
    return make_small_dataset(tmp_path_factory.mktemp("batched"))
