"""Episodes of any environment -> a whole dataset, which is then read like a converted one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gold_data.replay import Block
from gold_data.replay.observation import digest as observation_digest
from gold_data.settings import SPLITS, Settings, digest
from gold_data.shards.described_blocks import described_blocks
from gold_data.shards.folder import whole_folder, write_whole_file
from gold_data.shards.manifest import (
    SHARDS,
    Counts,
    EgoCounts,
    FileRow,
    Manifest,
    RecordCounts,
    ScenarioCounts,
    Shard,
    SplitCounts,
    canonical,
    write_manifest,
)
from gold_data.shards.reader import Dataset, open_dataset, read_shard
from gold_data.shards.writer import write_episodes
from gold_data.trajectories.statistics import RANGES, DatasetStatistics
from gold_data.version import VERSION

SHARD_EPISODES = 500
"""Episodes of a shard: of some thousand steps each, as many as are read at once."""

Episodes = Sequence[Mapping[str, ArrayLike]]


def write_dataset(
    root: Path, episodes: Mapping[str, Episodes], layout: Sequence[Block], settings: Settings, engine: str
) -> Dataset:
    """Write a dataset of one episode a scenario: by split, each a mapping from the layout's names to its values.

    `layout` says what the observations are, `engine` what drove. The statistics are those of `train`. Same episodes,
    same bytes; the folder appears whole or not at all. Raises OutputError when `root` is there already or cannot be
    written, or when an episode does not fit shards' layout (see write_episodes).
    """
    with whole_folder(root) as partial:
        shards = tuple(
            write_episodes(partial / SHARDS / f"{split}-{number:05d}.zarr", part).in_split(split)
            for split in SPLITS
            for number, part in enumerate(_parts(episodes.get(split, ())))
        )
        contents = {
            "settings.json": canonical(settings.model_dump(mode="json")),
            "statistics.json": _statistics(partial, shards, layout),
        }
        for name, content in contents.items():
            write_whole_file(partial / name, content)
        files = tuple(FileRow.of(name, content) for name, content in contents.items())
        write_manifest(
            partial,
            Manifest(
                gold_data_version=VERSION,
                settings_digest=digest(settings),
                observation_digest=observation_digest(layout),
                statistics_digest=files[1].sha256,
                engine=engine,
                counts=_counts(shards),
                splits={split: _split_counts(split, shards) for split in SPLITS},
                observation_blocks=described_blocks(layout),
                shards=shards,
                files=files,
            ),
        )
    return open_dataset(root)


def _parts(episodes: Episodes) -> list[Episodes]:
    return [episodes[first : first + SHARD_EPISODES] for first in range(0, len(episodes), SHARD_EPISODES)]


def _statistics(root: Path, shards: Sequence[Shard], layout: Sequence[Block]) -> bytes:
    ranges: dict[str, tuple[ArrayLike, ArrayLike]] = {
        **RANGES,
        "observations": (_each(layout, "low"), _each(layout, "high")),
    }
    train = [shard for shard in shards if shard.split == "train"]
    parts = (
        DatasetStatistics.of(read_shard(root / SHARDS / shard.name, shard, _measured(shard)), ranges) for shard in train
    )
    whole = DatasetStatistics.merged(parts) if train else DatasetStatistics({})
    return (json.dumps(whole.as_json(), sort_keys=True, separators=(",", ":")) + "\n").encode()


def _measured(shard: Shard) -> list[str]:
    held = {file.path.split("/")[0] for file in shard.files}
    return [name for name in RANGES if name in held]


def _each(layout: Sequence[Block], end: str) -> NDArray[np.float64]:
    return np.repeat([float(getattr(block, end)) for block in layout], [block.size for block in layout])


def _counts(shards: Sequence[Shard]) -> Counts:
    episodes = sum(shard.episodes for shard in shards)
    return Counts(
        records=RecordCounts(read=episodes, damaged=0, duplicate=0, scenarios=episodes),
        scenarios=ScenarioCounts(kept=episodes, rejected=0),
        egos=EgoCounts(considered=episodes, kept=episodes, rejected=0),
        episodes=episodes,
        steps=sum(shard.steps for shard in shards),
        bytes=sum(shard.bytes for shard in shards),
    )


def _split_counts(split: str, shards: Sequence[Shard]) -> SplitCounts:
    own = [shard for shard in shards if shard.split == split]
    episodes = sum(shard.episodes for shard in own)
    return SplitCounts(planned=episodes, kept=episodes, episodes=episodes, steps=sum(shard.steps for shard in own))
