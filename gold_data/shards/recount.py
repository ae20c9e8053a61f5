"""What a dataset says of all its shards together, counted again from them: sums, names, the split, the statistics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gold_data.errors import DatasetError
from gold_data.shards.difference import Difference
from gold_data.shards.manifest import Shard
from gold_data.shards.reader import Dataset
from gold_data.shards.recompute import Arrays, recompute
from gold_data.shards.statistics import STATISTICS, read_statistics
from gold_data.trajectories.statistics import RANGES, DatasetStatistics, Statistics

RELATIVE = 1e-9
"""Within which mean and spread must agree: their last bits depend on numpy's order of adding."""


@dataclass
class _Seen:
    """Of all shards so far: where each episode and each drive was met, and the statistics of the training split."""

    episodes: dict[tuple[str, str, int], str] = field(default_factory=dict)
    scenarios: dict[str, str] = field(default_factory=dict)  # the split of each
    drives: dict[str, tuple[str, str]] = field(default_factory=dict)  # of each: a scenario and its split
    statistics: DatasetStatistics | None = None


def recount(dataset: Dataset, on_shard: Callable[[str], None] = lambda name: None) -> Iterator[Difference]:
    """Read every shard, one at a time, and yield whatever is not as the shards themselves and the manifest say.

    `on_shard` is told of each that was read. Raises DatasetError where statistics.json cannot be read.
    """
    stored, seen = read_statistics(dataset).arrays, _Seen()
    for shard in dataset.manifest.shards:
        try:
            arrays = dataset.read(shard)
        except DatasetError as error:
            yield Difference(f"shards/{shard.name}", str(error), "arrays of the layout")
            continue
        yield from recompute(shard, arrays)
        yield from _names(shard, arrays, seen)
        if shard.split == "train":
            part = _measured(arrays, stored)
            seen.statistics = part if seen.statistics is None else DatasetStatistics.merged([seen.statistics, part])
        on_shard(shard.name)
    yield from _counts(dataset, seen)
    yield from _settings(dataset)
    found = {} if seen.statistics is None else seen.statistics.arrays
    for name in sorted({*stored, *found}):
        yield from _statistics(name, stored.get(name), found.get(name))


def _measured(arrays: Arrays, stored: Mapping[str, Statistics]) -> DatasetStatistics:
    """The statistics of a shard, over the stored ranges where these are of as many features."""
    ranges: dict[str, tuple[ArrayLike, ArrayLike]] = dict(RANGES)
    for name, one in stored.items():
        if name in arrays and len(one.low) == arrays[name].reshape(len(arrays[name]), -1).shape[1]:
            ranges[name] = one.low, one.high
    return DatasetStatistics.of(arrays, ranges)


def _names(shard: Shard, arrays: Arrays, seen: _Seen) -> Iterator[Difference]:
    rows = len(arrays["scenario_id"])
    numbers = arrays.get("demonstration", np.zeros(rows, np.int32)).tolist()
    drives = arrays["drive"].tolist() if "drive" in arrays else [None] * rows
    for row, (scenario, ego, number, drive) in enumerate(
        zip(arrays["scenario_id"].tolist(), arrays["ego_id"].tolist(), numbers, drives, strict=True)
    ):
        place = f"shards/{shard.name}: episode {row}"
        first = seen.episodes.setdefault((scenario, ego, number), place)
        if first != place:
            yield Difference(place, f"{scenario}/{ego}/{number}, as in {first}", "an episode of its own")
        split = seen.scenarios.setdefault(scenario, shard.split)
        if split != shard.split:
            yield Difference(place, f"{scenario} in {shard.split}", f"in {split}, where it is too")
        if drive is not None:
            other, where = seen.drives.setdefault(drive, (scenario, shard.split))
            if where != shard.split:
                yield Difference(place, f"drive {drive} in {shard.split}", f"in {where}, where {other} of it is")


def _counts(dataset: Dataset, seen: _Seen) -> Iterator[Difference]:
    counts, splits = dataset.manifest.counts, dataset.manifest.splits
    kept = list(seen.scenarios.values())
    egos = sum(number == 0 for _, _, number in seen.episodes)
    said = [
        ("counts.egos.kept", counts.egos.kept, egos),
        ("counts.demonstrations.kept", counts.demonstrations.kept, len(seen.episodes) - egos),
        *((f"splits.{name}.kept", split.kept, kept.count(name)) for name, split in splits.items()),
    ]
    for name, stored, due in said:
        if stored != due:
            yield Difference(f"manifest.json: {name}", str(stored), str(due))


def _settings(dataset: Dataset) -> Iterator[Difference]:
    path = dataset.root / "settings.json"
    try:
        settings = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        yield Difference("settings.json", str(error), "the settings as JSON")
        return
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    due = hashlib.sha256(text.encode()).hexdigest()
    if due != dataset.manifest.settings_digest:
        yield Difference("manifest.json: settings_digest", dataset.manifest.settings_digest, due)
    blocks = "".join(block.digest for block in dataset.observation_blocks)
    due = hashlib.sha256(blocks.encode()).hexdigest()
    if due != dataset.manifest.observation_digest:
        yield Difference("manifest.json: observation_digest", dataset.manifest.observation_digest, due)


def _statistics(name: str, stored: Statistics | None, due: Statistics | None) -> Iterator[Difference]:
    place = f"{STATISTICS}: {name}"
    if stored is None or due is None:
        yield Difference(place, "nothing" if stored is None else "there", "nothing" if due is None else "there")
        return
    if len(stored.mean) != len(due.mean):
        yield Difference(f"{place}: features", str(len(stored.mean)), str(len(due.mean)))
        return
    if stored.count != due.count:
        yield Difference(f"{place}: count", str(stored.count), str(due.count))
    exact: tuple[tuple[str, NDArray[Any], NDArray[Any]], ...] = (
        ("minimum", stored.minimum, due.minimum),
        ("maximum", stored.maximum, due.maximum),
        ("histogram", stored.histogram, due.histogram),
    )
    for what, old, new in exact:
        features = np.flatnonzero((old != new).reshape(len(old), -1).any(axis=1))
        if len(features):
            yield _of_feature(place, what, features, old, new)
    spread = np.maximum(stored.standard_deviation, np.abs(stored.mean))
    for what, old, new in (
        ("mean", stored.mean, due.mean),
        ("standard deviation", stored.standard_deviation, due.standard_deviation),
    ):
        features = np.flatnonzero(~(np.abs(old - new) <= RELATIVE * np.maximum(spread, 1e-300)))
        if len(features):
            yield _of_feature(place, what, features, old, new)


def _of_feature(place: str, what: str, features: NDArray[Any], old: NDArray[Any], new: NDArray[Any]) -> Difference:
    first = int(features[0])
    more = f" ({len(features)} features differ)" if len(features) > 1 else ""
    where = f"{place}: {what} of feature {first}{more}"
    if what == "histogram":
        column = int(np.flatnonzero(old[first] != new[first])[0])
        return Difference(f"{where}, bin {column - 1}", str(old[first, column]), str(new[first, column]))
    return Difference(where, repr(float(old[first])), repr(float(new[first])))
