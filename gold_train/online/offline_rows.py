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

    def at(self, places: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """The steps at these places, as the fields of Transitions; guided, and no guide was asked about them.

        The tracker's actions are NaN where the dataset has none.
        """
        now = self._steps.at(places)
        following = self._steps.at(np.minimum(places + 1, len(self) - 1)).observations[:, 0, self._columns]
        episodes = np.searchsorted(self._last_steps, places)
        last = self._last_steps[episodes] == places
        following[last] = self._last_seen[episodes[last]]
        unknown = np.full_like(now.actions[:, 0], np.nan)
        step = {
            "observations": now.observations[:, 0, self._columns],
            "actions": now.actions[:, 0],
            "rewards": now.rewards[:, 0],
            "costs": now.costs[:, 0],
            "next_observations": following,
            "terminated": last & self._terminated[episodes],
            "guided": np.ones(len(places), bool),
            "guide_actions": unknown,
            "expert_actions": unknown if now.expert_actions is None else now.expert_actions[:, 0],
        }
        return {name: torch.from_numpy(values) for name, values in step.items()}


def _last_observations(dataset: Dataset, number: int, columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """(episodes, D) what was seen at the ends of one shard's episodes."""
    arrays = dataset.read(dataset.shards(TRAIN)[number], ["observations", "observation_start"])
    last: NDArray[np.float32] = arrays["observations"][arrays["observation_start"][1:] - 1][:, columns]
    return last
