"""Batches of what a dataset holds, read from the memory-mapped cache of one of its splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data import Dataset, windows
from gold_data.shards import Episode
from gold_train.data.batch import Batch
from gold_train.data.named_rows import named_rows
from gold_train.data.tensors import tensors_of


class RecordedBatches:
    """Windows of a split, each step of it being the end of one: as gold_data.windows orders them."""

    def __init__(
        self,
        dataset: Dataset,
        columns: NDArray[np.int64],
        *,
        length: int,
        batch_size: int,
        seed: int,
        split: str = "train",
        cache: Path | None = None,
    ) -> None:
        """`columns` of the observation are read, in this order; `length` steps are a window.

        The first call for a dataset and split builds the cache (gold_data.windows). Raises DatasetError where the split
        is absent, empty or damaged, OutputError where the cache cannot be written.
        """
        self._dataset, self._split = dataset, split
        self._windows = windows(dataset, split, length, batch_size=batch_size, seed=seed, cache=cache)
        size = dataset.observation_blocks[-1].stop if dataset.observation_blocks else 0
        self._columns = None if np.array_equal(columns, np.arange(size)) else columns

    def batch(self, step: int) -> Batch:
        """Batch number `step`."""
        return tensors_of(self._windows.batch(step), self._columns)

    def rows(self, step: int) -> str:
        """Episodes and steps at which the batch's windows end."""
        ends = self._windows.ends(step)
        starts = self._dataset.array("episode_start", self._split)
        episodes = np.searchsorted(starts, ends, side="right") - 1
        names = self._names()
        ids = [Episode(self._split, {name: values[k] for name, values in names.items()}).id for k in episodes.tolist()]
        return named_rows(ids, ends - starts[episodes])

    def _names(self) -> dict[str, NDArray[Any]]:
        """The columns that an episode's id is made of, as far as the dataset has them."""
        held = {file.path.split("/")[0] for file in self._dataset.shards(self._split)[0].files}
        names = [name for name in ("scenario_id", "ego_id", "demonstration") if name in held]
        return {name: self._dataset.array(name, self._split) for name in names}
