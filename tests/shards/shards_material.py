"""Random episodes, and datasets made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gold_data.shards import (
    Counts,
    Dataset,
    EgoCounts,
    FileRow,
    Manifest,
    ObservationBlock,
    RecordCounts,
    ScenarioCounts,
    SplitCounts,
    open_dataset,
    write_manifest,
    write_shard,
)
from gold_data.trajectories.trajectory import Lineage, Trajectory

DIGEST = hashlib.sha256(b"some settings").hexdigest()


def random_trajectory(number: int, steps: int, dimension: int = 254) -> Trajectory:
    random = np.random.default_rng(number)
    bearing = random.uniform(-3, 3, steps).astype(np.float32)
    bearing[random.random(steps) < 0.8] = np.nan
    return Trajectory(
        scenario_id=f"{number:016x}",
        ego_id=str(random.integers(3000)),
        demonstration=int(random.integers(3)),
        lineage=Lineage("training_ä/part-0", 2**40 + number, 2**32 - 1 - number, f"drive {number // 2}"),
        observations=random.random((steps + 1, dimension), dtype=np.float32),
        actions=random.uniform(-1, 1, (steps, 2)).astype(np.float32),
        expert_actions=random.uniform(-1, 1, (steps, 2)).astype(np.float32),
        rewards=random.normal(1, 2, steps).astype(np.float32),
        costs=(random.random(steps) < 0.1).astype(np.float32),
        flags=random.integers(0, 2**16, steps).astype(np.uint16),
        contact_bearing=bearing,
        ego_state=random.normal(0, 5000, (steps + 1, 7)),
        log_state=random.normal(0, 5000, (steps + 1, 7)),
        terminated=bool(number % 2),
        truncated=not number % 2,
        arrived=bool(number % 3),
        start=int(random.integers(60)),
        start_offset=(0.1, -0.2, 0.3, 1.5),
        noise=0.7,
        route_length=float(random.uniform(10, 200)),
    )


def trajectories(lengths: Sequence[int], first: int = 0, dimension: int = 254) -> list[Trajectory]:
    return [random_trajectory(first + number, steps, dimension) for number, steps in enumerate(lengths)]


def make_dataset(
    root: Path, splits: Mapping[str, Sequence[Sequence[int]]], dimension: int = 254, card: str | None = None
) -> Dataset:
    """Write a dataset: per split the shards, each a list of its episodes' lengths."""
    (root / "shards").mkdir(parents=True)
    (root / "run.json").write_text("{}")
    (root / "settings.json").write_bytes(b"some settings")
    shards, counts, number = [], {}, 0
    for split, shard_lengths in splits.items():
        for place, lengths in enumerate(shard_lengths):
            name = f"{split}-{place:05}.zarr"
            shards.append(write_shard(root / "shards" / name, trajectories(lengths, number, dimension)).in_split(split))
            number += len(lengths)
        episodes = sum(map(len, shard_lengths))
        counts[split] = SplitCounts(
            planned=episodes, kept=episodes, episodes=episodes, steps=sum(map(sum, shard_lengths))
        )
    manifest = Manifest(
        gold_data_version="0.1.0",
        settings_digest=DIGEST,
        observation_digest=DIGEST,
        statistics_digest=DIGEST,
        counts=Counts(
            records=RecordCounts(read=number + 3, damaged=1, duplicate=1, scenarios=number + 1),
            scenarios=ScenarioCounts(kept=number, rejected=1),
            egos=EgoCounts(considered=number, kept=number, rejected=0),
            episodes=number,
            steps=sum(shard.steps for shard in shards),
            bytes=sum(shard.bytes for shard in shards),
        ),
        splits=counts,
        observation_blocks=(
            ObservationBlock(
                name="all",
                start=0,
                stop=dimension,
                names=tuple(f"feature {index}" for index in range(dimension)),
                digest=DIGEST,
            ),
        ),
        shards=tuple(shards),
        files=(FileRow(path="settings.json", size=13, sha256=DIGEST),),
    )
    write_manifest(root, manifest, card)
    return open_dataset(root)
