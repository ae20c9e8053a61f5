"""One split of a dataset as flat files that can be memory-mapped: what random windows are read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.lib import format as npy
from numpy.typing import NDArray

from gold_data.errors import DatasetError, OutputError
from gold_data.shards.folder import whole_folder
from gold_data.shards.manifest import Shard
from gold_data.shards.reader import Dataset

# Part of the folder's name: another number when the files' meaning changes.
CACHE_VERSION = 1
TIMESTEPS = "timesteps"
COLUMNS = ("observations", "actions", "rewards", "costs", "returns_to_go", "costs_to_go")
OPTIONAL_COLUMNS = ("expert_actions",)


def default_cache() -> Path:
    """Give the folder for caches below the user's own (`platformdirs`)."""
    return platformdirs.user_cache_path("gold-data") / "windows"


def build_cache(dataset: Dataset, split: str, folder: Path) -> Path:
    """Give the cache of a split, below `folder`, under a name made of the dataset's digest; build it when it is absent.

    One `.npy` file a column, a row per step of the split (the observation after the last step is left out), and
    `timesteps`, each step's number within its episode. One shard is in memory at a time; the folder appears whole or
    not at all, and two processes may build it at once. Raises DatasetError when the split is empty or cannot be read,
    OutputError when the cache cannot be written.
    """
    place = folder / f"{dataset.digest[:32]}-{split}-{CACHE_VERSION}"
    shards = dataset.shards(split)
    if not sum(shard.steps for shard in shards):
        raise DatasetError(
            f"{dataset.root}: split {split!r} has no episodes; choose one of {', '.join(dataset.splits)}"
        )
    if place.is_dir():
        return place
    try:
        with whole_folder(place) as partial:
            _write(dataset, shards, partial)
    except OutputError:
        if not place.is_dir():  # else another process was faster, and made the same
            raise
    return place


def open_cache(place: Path) -> dict[str, NDArray[Any]]:
    """Map the files of a cache, read-only. Raises DatasetError when one is damaged."""
    try:
        arrays: dict[str, NDArray[Any]] = {
            path.stem: np.asarray(npy.open_memmap(path, mode="r")) for path in sorted(place.glob("*.npy"))
        }
        lengths = {len(arrays[name]) for name in (*COLUMNS, TIMESTEPS)} | {len(values) for values in arrays.values()}
        if len(lengths) != 1:
            raise ValueError("columns of unequal length")
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{place}: is damaged ({error}); remove the folder, it will be built again") from error
    return arrays


def _write(dataset: Dataset, shards: tuple[Shard, ...], folder: Path) -> None:
    steps = sum(shard.steps for shard in shards)
    with ExitStack() as stack:
        files: dict[str, Any] = {}
        for arrays in _step_rows(dataset, shards):
            for name, values in arrays.items():
                if name not in files:
                    files[name] = stack.enter_context((folder / f"{name}.npy").open("xb"))
                    npy.write_array_header_1_0(
                        files[name],
                        {"descr": values.dtype.str, "fortran_order": False, "shape": (steps, *values.shape[1:])},
                    )
                files[name].write(np.ascontiguousarray(values).data)


def _step_rows(dataset: Dataset, shards: tuple[Shard, ...]) -> Iterator[dict[str, NDArray[Any]]]:
    held = {file.path.split("/")[0] for file in shards[0].files}
    names = [*COLUMNS, *(name for name in OPTIONAL_COLUMNS if name in held)]
    for shard in shards:
        arrays = dataset.read(shard, [*names, "episode_start", "observation_start"])
        starts, last = arrays["episode_start"], arrays["observation_start"][1:] - 1
        lengths = np.diff(starts)
        arrays["observations"] = np.delete(arrays["observations"], last, axis=0)
        timesteps = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        yield {name: arrays[name] for name in names} | {TIMESTEPS: timesteps.astype("<i4")}
