"""The rows of a dataset's training split, to be mixed into batches (algorithms 2.6-a)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data import Dataset, windows
from gold_train.data.scaling import TRAIN


class OfflineRows:
    """Steps of demonstrations by their place in the split, read where they lie: the files are mapped, not copied.

    Of the observations, only those after each episode's last step are held in memory.
    """

    def __init__(self, dataset: Dataset, columns: NDArray[np.int64], cache: Path | None = None) -> None:
        """`columns` of the observations are read, in this order; `cache` is gold_data.windows'.

        Raises DatasetError where the split is absent, empty or damaged, OutputError where the cache cannot be written.
        """
        self._columns = columns
        self._steps = windows(dataset, TRAIN, 1, batch_size=1, cache=cache)
        starts = dataset.array("episode_start", TRAIN)
        self._last_steps = starts[1:] - 1
        self._terminated = dataset.array("terminated", TRAIN)
        self._last_seen = np.concatenate(
            [_last_observations(dataset, number, columns) for number in range(len(dataset.shards(TRAIN)))]
        )

    def __len__(self) -> int:
        return len(self._steps)

    def at(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, ...]:
        """The steps at these places, as the fields of Transitions; guided, and no guide was asked about them."""
        now = self._steps.at(places)
        following = self._steps.at(np.minimum(places + 1, len(self) - 1)).observations[:, 0, self._columns]
        episodes = np.searchsorted(self._last_steps, places)
        last = self._last_steps[episodes] == places
        following[last] = self._last_seen[episodes[last]]
        actions = now.actions[:, 0]
        return (
            torch.from_numpy(now.observations[:, 0, self._columns]),
            torch.from_numpy(actions),
            torch.from_numpy(now.rewards[:, 0]),
            torch.from_numpy(now.costs[:, 0]),
            torch.from_numpy(following),
            torch.from_numpy(last & self._terminated[episodes]),
            torch.ones(len(places), dtype=torch.bool),
            torch.full(actions.shape, torch.nan),
        )


def _last_observations(dataset: Dataset, number: int, columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """(episodes, D) what was seen at the ends of one shard's episodes."""
    arrays = dataset.read(dataset.shards(TRAIN)[number], ["observations", "observation_start"])
    last: NDArray[np.float32] = arrays["observations"][arrays["observation_start"][1:] - 1][:, columns]
    return last
