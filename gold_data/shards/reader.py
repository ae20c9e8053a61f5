"""A dataset's folder -> its episodes as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from gold_data.errors import DatasetError
from gold_data.shards.layout import LAYOUT, STRING_DTYPE, Axis
from gold_data.shards.manifest import (
    SHARDS,
    FileRow,
    Manifest,
    ObservationBlock,
    Shard,
    ShardRow,
    digest,
    read_manifest,
)

_AGAIN = "run `gold-data verify` and fetch or convert the dataset again"


@dataclass(frozen=True)
class Episode:
    """One episode: `columns` maps the layout's names to its rows, (T, ..), (T + 1, ..) or one value per episode."""

    split: str
    columns: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Scenario and ego, as `scenario/ego`; `scenario/ego/k` for the k-th disturbed drive of that ego."""
        number = int(self.columns.get("demonstration", 0))
        return f"{self.columns['scenario_id']}/{self.columns['ego_id']}" + (f"/{number}" if number else "")

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]


class Dataset:
    """A dataset on disk: `root`, its `manifest`, and the episodes in the manifest's order of shards."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root, self.manifest = root, manifest
        self._last: tuple[str, dict[str, NDArray[Any]]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that is given a dataset opens it anew: what was read here stays here.
        return Dataset, (self.root, self.manifest)

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest: the name of the whole dataset's content."""
        return digest(self.manifest)

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits, in the manifest's order of shards."""
        return tuple(dict.fromkeys([*(shard.split for shard in self.manifest.shards), *self.manifest.splits]))

    @property
    def observation_blocks(self) -> tuple[ObservationBlock, ...]:
        """What the columns of `observations` are."""
        return self.manifest.observation_blocks

    def shards(self, split: str | None = None) -> tuple[Shard, ...]:
        """List the shards of a split, or of all. Raises DatasetError for a split that the dataset does not have."""
        if split is None:
            return self.manifest.shards
        if split not in self.manifest.splits:
            raise DatasetError(f"{self.root}: has no split {split!r}; it has {', '.join(self.splits)}")
        return tuple(shard for shard in self.manifest.shards if shard.split == split)

    def read(self, shard: Shard, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """Read arrays of one shard by name, all when none are named. Raises DatasetError when one cannot be read."""
        arrays = read_shard(self.root / SHARDS / shard.name, shard, names)
        blocks = self.observation_blocks
        if blocks and "observations" in arrays and arrays["observations"].shape[1] != blocks[-1].stop:
            raise DatasetError(
                f"{self.root}: {shard.name} has {arrays['observations'].shape[1]} observation columns "
                f"and the manifest's blocks name {blocks[-1].stop}; {_AGAIN}"
            )
        return arrays

    def array(self, name: str, split: str | None = None) -> NDArray[Any]:
        """Read one column of a split end to end; `episode_start` and `observation_start` count through.

        It is as large as the split: for training read `windows` instead. Raises DatasetError for an unknown column.
        """
        parts = [self.read(shard, [name])[name] for shard in self.shards(split)]
        if not parts:
            raise DatasetError(f"{self.root}: split {split!r} has no episodes; choose one of {', '.join(self.splits)}")
        if LAYOUT[name].axis is Axis.BOUNDARY:
            ends = np.cumsum([0, *(part[-1] for part in parts)])
            parts = [part[:-1] + end for part, end in zip(parts, ends, strict=False)] + [ends[-1:]]
        return np.concatenate(parts)

    def episode(self, index: int, split: str | None = None) -> Episode:
        """Read one episode of a split by its place in the dataset's order. Raises IndexError beyond the last."""
        if index < 0:
            raise IndexError(f"episode {index} is before the first")
        rest = index
        for shard in self.shards(split):
            if rest < shard.episodes:
                return _episode(shard, self._arrays(shard), rest)
            rest -= shard.episodes
        raise IndexError(f"episode {index} of {index - rest}")

    def episodes(self, split: str | None = None) -> Iterator[Episode]:
        """Read the episodes of a split one after the other, one shard in memory at a time."""
        for shard in self.shards(split):
            arrays = self._arrays(shard)
            for row in range(shard.episodes):
                yield _episode(shard, arrays, row)

    def _arrays(self, shard: Shard) -> dict[str, NDArray[Any]]:
        if self._last is None or self._last[0] != shard.name:
            self._last = shard.name, self.read(shard)
        return self._last[1]


def open_dataset(path: str | Path) -> Dataset:
    """Open the folder that `gold-data convert` wrote; this reads its manifest only.

    Raises DatasetError when the manifest is missing, foreign, of a newer version, or contradicts itself.
    """
    root = Path(path)
    return Dataset(root, read_manifest(root))


def read_shard(folder: Path, row: ShardRow, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read arrays of one shard by name, all when none are named, and hold them against its row.

    Metadata is held against its SHA-256 and data files against their size: zarr gives zeros for a file that is not
    there, the codec's CRC-32C finds the rest. Raises DatasetError, naming shard and array.
    """
    files = {file.path: file for file in row.files}
    held = {path.split("/")[0] for path in files if "/" in path}
    wanted = [name for name in LAYOUT if name in held] if names is None else list(names)
    arrays: dict[str, NDArray[Any]] = {}
    for name in wanted:
        if name not in LAYOUT or name not in held:
            raise DatasetError(f"{folder}: has no column {name!r}; it has {', '.join(sorted(held))}")
        try:
            for path, file in files.items():
                if path.startswith(f"{name}/"):
                    _check(folder / path, file)
            arrays[name] = np.asarray(zarr.open_array(folder / name, mode="r")[...])
        except Exception as error:  # zarr and its codecs raise whatever the damage leads them to
            reason = str(error) or type(error).__name__
            raise DatasetError(f"{folder}: column {name} cannot be read ({reason}); {_AGAIN}") from error
        _check_array(folder, row, name, arrays[name])
    return arrays


def _check(path: Path, file: FileRow) -> None:
    size = path.stat().st_size
    if size != file.size:
        raise ValueError(f"{path.name} has {size} bytes of {file.size}")
    if path.name == "zarr.json" and hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
        raise ValueError(f"{path.name} was changed")


def _check_array(folder: Path, row: ShardRow, name: str, values: NDArray[Any]) -> None:
    column = LAYOUT[name]
    rows = {
        Axis.STEP: row.steps,
        Axis.OBSERVATION: row.steps + row.episodes,
        Axis.EPISODE: row.episodes,
        Axis.BOUNDARY: row.episodes + 1,
    }[column.axis]
    if values.dtype != column.numpy_dtype or values.ndim != 1 + len(column.inner) or len(values) != rows:
        raise DatasetError(
            f"{folder}: column {name} is {values.dtype} {values.shape} where {column.dtype} with {rows} rows is due; "
            f"{_AGAIN}"
        )


def _episode(shard: Shard, arrays: Mapping[str, NDArray[Any]], row: int) -> Episode:
    bounds = {Axis.STEP: arrays["episode_start"], Axis.OBSERVATION: arrays["observation_start"]}
    columns: dict[str, Any] = {}
    for name, values in arrays.items():
        axis = LAYOUT[name].axis
        if axis in bounds:
            columns[name] = values[bounds[axis][row] : bounds[axis][row + 1]]
        elif axis is Axis.EPISODE:
            columns[name] = str(values[row]) if values.dtype == STRING_DTYPE else values[row]
    return Episode(shard.split, columns)
