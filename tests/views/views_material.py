"""A dataset of made-up records, driven a few centimetres beside them by nobody: no simulator is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from gold_data.scenarionet import Description, describe
from gold_data.settings import ConvertSettings
from gold_data.shards import (
    Counts,
    Dataset,
    DemonstrationCounts,
    EgoCounts,
    Manifest,
    ObservationBlock,
    RecordCounts,
    ScenarioCounts,
    SplitCounts,
    open_dataset,
    write_manifest,
    write_shard,
)
from gold_data.synth import synthesize
from gold_data.trajectories.trajectory import Lineage, Trajectory
from gold_data.womd import Frame, decode, scan

DIGEST = sha256(b"made up").hexdigest()
STEPS = 80
"""Steps of every episode; a record has 91 frames."""


@dataclass(frozen=True)
class Material:
    """A dataset of one episode a record (train, train, validation, test), the records' folder, and what they say."""

    dataset: Dataset
    records: Path
    descriptions: list[Description]


def make_material(root: Path) -> Material:
    """Write four records to root/womd/training and a dataset of them to root/dataset."""
    records, out = root / "womd" / "training", root / "dataset"
    (path,) = synthesize(records, 4, seed=3)
    data = path.read_bytes()
    frames = [frame for frame in scan(data) if isinstance(frame, Frame)]
    descriptions = [describe(decode(frame.data(data)), "training/x") for frame in frames]
    episodes = [
        _trajectory(description, Lineage(f"training/{path.name}", frame.offset, frame.crc, "drive"), 3 * number)
        for number, (description, frame) in enumerate(zip(descriptions, frames, strict=True))
    ]
    splits = {"validation": episodes[2:3], "test": episodes[3:], "train": episodes[:2]}
    rejected = [
        rejected_row(episodes[0], "parked", 0.5, 10.0),
        rejected_row(episodes[1], "parked", 0.25, 10.0),
        rejected_row(episodes[2], "too_short", 0.0, None, ego=""),
    ]
    return Material(write_dataset(out, splits, rejected), records, descriptions)


def other_ego(material: Material, number: int) -> Trajectory:
    """Drive another road user than the own car of the record of a number, undisturbed and all along it."""
    description = material.descriptions[number]
    episode = next(one for one in material.dataset.episodes() if one["scenario_id"] == description["id"])
    own = description["metadata"]["sdc_id"]
    other = next(n for n, t in description["tracks"].items() if n != own and t["state"]["valid"][: STEPS + 1].all())
    lineage = Lineage(episode["source"], int(episode["offset"]), int(episode["crc"]), "drive")
    changed = description | {"metadata": description["metadata"] | {"sdc_id": other}}
    return _trajectory(changed, lineage, 0)


def rejected_row(
    episode: Trajectory, rule: str, value: float | None, threshold: float | None, ego: str | None = None, **more: Any
) -> dict[str, Any]:
    """Say of an episode's ego, or another one of its record, that it was rejected."""
    row = {
        "scenario": episode.scenario_id,
        "ego": episode.ego_id if ego is None else ego,
        "demonstration": 0,
        "rule": rule,
        "value": value,
        "threshold": threshold,
        "detail": "",
        "source": episode.lineage.source,
        "offset": episode.lineage.offset,
        "crc": episode.lineage.crc,
    }
    return row | more


def _trajectory(description: Description, lineage: Lineage, start: int) -> Trajectory:
    random = np.random.default_rng(start)
    ego = description["metadata"]["sdc_id"]
    state = {name: values[start : start + STEPS + 1] for name, values in description["tracks"][ego]["state"].items()}
    log = np.column_stack([state["position"], state["heading"], state["velocity"], np.zeros(STEPS + 1)])
    driven = log + 0.05 * np.sin(np.arange(STEPS + 1) / 9)[:, None]
    actions = random.uniform(-1, 1, (STEPS, 2)).astype(np.float32)
    return Trajectory(
        scenario_id=description["id"],
        ego_id=ego,
        demonstration=int(start == 9),
        lineage=lineage,
        observations=random.random((STEPS + 1, 3), dtype=np.float32),
        actions=actions,
        expert_actions=actions if start else actions[::-1],
        rewards=random.normal(1, 2, STEPS).astype(np.float32),
        costs=np.float32(start == 3) * (np.arange(STEPS) % 20 == 7).astype(np.float32),
        flags=np.zeros(STEPS, np.uint16),
        contact_bearing=np.full(STEPS, np.nan, np.float32),
        ego_state=driven.astype(np.float64),
        log_state=log.astype(np.float64),
        terminated=start != 6,
        truncated=start == 6,
        arrived=start != 6,
        start=start,
        start_offset=(0.0, 0.05, -0.1, 1.5) if start == 9 else (0.0, 0.0, 0.0, 0.0),
        noise=0.75 if start == 9 else 0.0,
        route_length=50.0,
    )


def write_dataset(out: Path, splits: dict[str, list[Trajectory]], rejected: list[dict[str, Any]]) -> Dataset:
    """Write a dataset of one shard a split, two egos and one scenario without any rejected, one stretch damaged."""
    (out / "shards").mkdir(parents=True)
    shards = [
        write_shard(out / "shards" / f"{split}-00000.zarr", episodes).in_split(split)
        for split, episodes in splits.items()
    ]
    kept = sum(map(len, splits.values()))
    (out / "rejected.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rejected))
    write_damaged(out, 1)
    (out / "settings.json").write_text(json.dumps(ConvertSettings().model_dump(mode="json")))
    manifest = Manifest(
        gold_data_version="0.1.0",
        settings_digest=DIGEST,
        observation_digest=DIGEST,
        statistics_digest=DIGEST,
        counts=Counts(
            records=RecordCounts(read=kept + 5, damaged=1, duplicate=1, scenarios=kept + 3),
            scenarios=ScenarioCounts(kept=kept, rejected=3),
            egos=EgoCounts(considered=kept + 1, kept=kept - 1, rejected=2),
            demonstrations=DemonstrationCounts(driven=2, kept=1, rejected=1),
            episodes=kept,
            steps=sum(shard.steps for shard in shards),
            bytes=sum(shard.bytes for shard in shards),
        ),
        splits={
            split: SplitCounts(planned=len(one) + 1, kept=len(one), episodes=len(one), steps=STEPS * len(one))
            for split, one in splits.items()
        },
        observation_blocks=(
            ObservationBlock(
                name="all", start=0, stop=3, names=("a", "b", "c"), digest=DIGEST, meaning="[three] words"
            ),
        ),
        shards=tuple(shards),
        files=(),
    )
    write_manifest(out, manifest)
    return open_dataset(out)


def write_damaged(out: Path, count: int) -> None:
    """Say that some stretches were damaged; the manifest's count stays as it is."""
    rows = [{"source": "training/a", "offset": 100 * n, "length": 1234, "reason": f"why {n}"} for n in range(count)]
    (out / "damaged.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
