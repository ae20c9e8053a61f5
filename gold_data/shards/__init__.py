"""Trajectories <-> zarr."""

from __future__ import annotations

from gold_data.shards.dataset_writer import write_dataset
from gold_data.shards.described_blocks import described_blocks
from gold_data.shards.folder import write_whole_file
from gold_data.shards.manifest import (
    Counts,
    DemonstrationCounts,
    EgoCounts,
    EngineCheck,
    FileRow,
    Manifest,
    ObservationBlock,
    RecordCounts,
    ScenarioCounts,
    Shard,
    ShardRow,
    SplitCounts,
    digest,
    read_manifest,
    write_manifest,
)
from gold_data.shards.reader import Dataset, Episode, open_dataset, read_shard
from gold_data.shards.statistics import read_statistics
from gold_data.shards.verify import Problem, verify
from gold_data.shards.windows import WindowBatch, Windows, windows, windows_at
from gold_data.shards.writer import write_episodes, write_shard

__all__ = [
    "Counts",
    "Dataset",
    "DemonstrationCounts",
    "EgoCounts",
    "EngineCheck",
    "Episode",
    "FileRow",
    "Manifest",
    "ObservationBlock",
    "Problem",
    "RecordCounts",
    "ScenarioCounts",
    "Shard",
    "ShardRow",
    "SplitCounts",
    "WindowBatch",
    "Windows",
    "described_blocks",
    "digest",
    "open_dataset",
    "read_manifest",
    "read_shard",
    "read_statistics",
    "verify",
    "windows",
    "windows_at",
    "write_dataset",
    "write_episodes",
    "write_manifest",
    "write_shard",
    "write_whole_file",
]
