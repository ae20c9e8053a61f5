"""Random windows of K steps, for training on sequences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_data.shards.cache import TIMESTEPS, build_cache, default_cache, open_cache
from gold_data.shards.reader import Dataset


@dataclass(frozen=True)
class WindowBatch:
    """B windows of K steps; where `mask` is False, before the episode's first step, everything is zero."""

    observations: NDArray[np.float32]  # (B, K, D)
    actions: NDArray[np.float32]  # (B, K, A)
    expert_actions: NDArray[np.float32] | None  # (B, K, A); None when the dataset has no such column
    rewards: NDArray[np.float32]  # (B, K)
    costs: NDArray[np.float32]  # (B, K)
    returns_to_go: NDArray[np.float32]  # (B, K)
    costs_to_go: NDArray[np.float32]  # (B, K)
    timesteps: NDArray[np.int32]  # (B, K) number of the step within its episode
    mask: NDArray[np.bool_]  # (B, K)


class Windows:
    """Windows of `length` steps over a cache, one for each step of the split as the window's end.

    Which ends make up batch number `step` is a function of (seed, step) alone: the batches are cut one after the other
    from epochs, each epoch a permutation of all ends, so each end comes once before any comes again. Files are mapped
    read-only; a process that is given a `Windows` opens them anew.
    """

    def __init__(self, cache: Path, length: int, batch_size: int, seed: int) -> None:
        if length < 1 or batch_size < 1:
            raise SettingsError(f"windows of {length} steps in batches of {batch_size}: both must be 1 or more")
        if not 0 <= seed < 2**64:
            raise SettingsError(f"seed {seed} is outside 0 to 2**64 - 1")
        self.cache, self.length, self.batch_size, self.seed = cache, length, batch_size, seed
        self._arrays = open_cache(cache)
        self._epoch: tuple[int, NDArray[np.int64]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Windows, (self.cache, self.length, self.batch_size, self.seed)

    def __len__(self) -> int:
        """Count the windows: the steps of the split."""
        return len(self._arrays[TIMESTEPS])

    def batch(self, step: int) -> WindowBatch:
        """Give batch number `step`, counted from 0 without end."""
        return self.at(self.ends(step))

    def batches(self, first: int = 0) -> Iterator[WindowBatch]:
        """Give the batches from number `first` on, without end."""
        while True:
            yield self.batch(first)
            first += 1

    def ends(self, step: int) -> NDArray[np.int64]:
        """(B,) rows of the split at which the windows of batch number `step` end."""
        if step < 0:
            raise IndexError(f"batch {step} is before the first")
        count = len(self)
        places = step * self.batch_size + np.arange(self.batch_size)
        epochs, rows = np.divmod(places, count)
        parts = [self._permutation(int(epoch))[rows[epochs == epoch]] for epoch in np.unique(epochs)]
        return np.concatenate(parts)

    def at(self, ends: NDArray[np.int64]) -> WindowBatch:
        """Give the windows that end at these rows of the split."""
        return windows_at(self._arrays, self.length, ends)

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._epoch is None or self._epoch[0] != epoch:
            # NumPy promises the bit generator's raw numbers for ever, and the order of `permutation` only per version.
            generator = np.random.Philox(key=np.array([self.seed, epoch], dtype=np.uint64))
            self._epoch = epoch, np.argsort(generator.random_raw(len(self)), kind="stable")
        return self._epoch[1]


def windows_at(arrays: Mapping[str, NDArray[Any]], length: int, ends: NDArray[np.int64]) -> WindowBatch:
    """Cut windows of `length` steps that end at these rows out of episodes that lie end to end.

    `arrays` are a cache's columns, by name: a row per step, and `timesteps`, each step's number within its episode.
    """
    back = np.arange(1 - length, 1)
    mask = arrays[TIMESTEPS][ends][:, None] + back >= 0
    rows = ends[:, None] + back
    rows[~mask] = 0

    def taken(name: str) -> NDArray[Any]:
        values = np.take(arrays[name], rows, axis=0)
        values[~mask] = 0
        return values

    return WindowBatch(
        observations=taken("observations"),
        actions=taken("actions"),
        expert_actions=taken("expert_actions") if "expert_actions" in arrays else None,
        rewards=taken("rewards"),
        costs=taken("costs"),
        returns_to_go=taken("returns_to_go"),
        costs_to_go=taken("costs_to_go"),
        timesteps=taken(TIMESTEPS),
        mask=mask,
    )


def windows(
    dataset: Dataset, split: str, length: int, *, batch_size: int = 64, seed: int = 0, cache: Path | None = None
) -> Windows:
    """Open random windows of `length` steps over a split, left-padded with zeros and sampled by their end.

    The first call for a dataset's digest and split builds a flat copy of it below `cache` (by default a folder below
    the user's cache folder), which later calls and other processes share. Raises DatasetError when the split is absent,
    empty or unreadable, OutputError when the cache cannot be written, SettingsError for a length below 1.
    """
    place = build_cache(dataset, split, default_cache() if cache is None else cache)
    return Windows(place, length, batch_size, seed)
