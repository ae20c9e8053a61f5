"""What a dataset is, as plain data, from its manifest and the small files beside it; no shard is opened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gold_data.settings import SPLITS, ConvertSettings, leaves
from gold_data.shards import Dataset
from gold_data.trajectories.acceptance import RULES
from gold_data.views.drives import DriveContents, drive_contents
from gold_data.views.small_files import read_object, read_rows


@dataclass(frozen=True)
class SplitContents:
    """One split; `bytes` are those of its shards."""

    name: str
    planned: int
    kept: int
    episodes: int
    steps: int
    shards: int
    bytes: int


@dataclass(frozen=True)
class ChangedSetting:
    """A setting by its dotted name, what it was and what it would have been."""

    name: str
    value: Any
    default: Any


@dataclass(frozen=True)
class RejectionCount:
    """How many egos, or disturbed drives, a rule rejected: which share that is of all that could have been episodes."""

    rule: str
    egos: int
    share: float
    meaning: str


@dataclass(frozen=True)
class DamagedStretch:
    """Bytes of a source that are no record that can be used."""

    source: str
    offset: int
    length: int
    reason: str


@dataclass(frozen=True)
class BlockContents:
    """Columns `start` to `stop` (one past the last) of the observations."""

    name: str
    start: int
    stop: int
    low: float
    high: float
    meaning: str


@dataclass(frozen=True)
class Contents:
    """Everything that is said of a dataset.

    `sources`, `began` and `seconds` are None where no run.json says them, `drives` where there is no plan.json.
    """

    dataset: str
    digest: str
    gold_data_version: str
    sources: tuple[str, ...] | None
    began: str | None
    seconds: float | None
    records: Mapping[str, int]
    scenarios: Mapping[str, int]
    egos: Mapping[str, int]
    demonstrations: Mapping[str, int]
    episodes: int
    steps: int
    bytes: int
    splits: tuple[SplitContents, ...]
    drives: DriveContents | None
    settings_changed: tuple[ChangedSetting, ...]
    rejections: tuple[RejectionCount, ...]
    demonstrations_rejected: tuple[RejectionCount, ...]
    damaged: tuple[DamagedStretch, ...]
    observation: tuple[BlockContents, ...]


def contents(dataset: Dataset) -> Contents:
    """Collect what a dataset is. Raises DatasetError where a file beside the manifest cannot be read."""
    manifest, counts, root = dataset.manifest, dataset.manifest.counts, dataset.root
    run = read_object(root / "run.json")
    rejected = list(read_rows(root / "rejected.jsonl", "rule", "ego"))
    of_disturbed = [row for row in rejected if row.get("demonstration", 0)]
    of_egos = [row for row in rejected if not row.get("demonstration", 0)]
    return Contents(
        dataset=str(root),
        digest=dataset.digest,
        gold_data_version=manifest.gold_data_version,
        sources=tuple(map(str, run["sources"])) if "sources" in run else None,
        began=run.get("began"),
        seconds=run.get("seconds"),
        records=counts.records.model_dump(),
        scenarios=counts.scenarios.model_dump(),
        egos=counts.egos.model_dump(),
        demonstrations=counts.demonstrations.model_dump(),
        episodes=counts.episodes,
        steps=counts.steps,
        bytes=counts.bytes,
        splits=_splits(dataset),
        drives=drive_contents(read_object(root / "plan.json")),
        settings_changed=_settings_changed(read_object(root / "settings.json")),
        # A scenario without an ego (`ego` is empty) counts as one that was considered.
        rejections=_rejections(of_egos, counts.egos.considered + sum(1 for row in of_egos if not row["ego"])),
        demonstrations_rejected=_rejections(of_disturbed, counts.demonstrations.driven),
        damaged=tuple(
            DamagedStretch(row["source"], row["offset"], row["length"], row["reason"])
            for row in read_rows(root / "damaged.jsonl", "source", "offset", "length", "reason")
        ),
        observation=tuple(
            BlockContents(block.name, block.start, block.stop, block.low, block.high, block.meaning)
            for block in manifest.observation_blocks
        ),
    )


def contents_json(dataset: Dataset) -> str:
    """Give the same as JSON text, for scripts; raises what `contents` raises."""
    return json.dumps(asdict(contents(dataset)), indent=1)


def _splits(dataset: Dataset) -> tuple[SplitContents, ...]:
    splits = dataset.manifest.splits
    ordered = [*(name for name in SPLITS if name in splits), *sorted(set(splits) - set(SPLITS))]
    return tuple(
        SplitContents(
            name=name,
            **splits[name].model_dump(),
            shards=len(dataset.shards(name)),
            bytes=sum(shard.bytes for shard in dataset.shards(name)),
        )
        for name in ordered
    )


def _settings_changed(settings: Mapping[str, Any]) -> tuple[ChangedSetting, ...]:
    """Every setting of the dataset that this version would choose otherwise, or does not have (its default is None)."""
    defaults = dict(leaves(ConvertSettings().model_dump(mode="json")))
    return tuple(
        ChangedSetting(name, _brief(value), defaults.get(name))
        for name, value in leaves(settings)
        if name not in defaults or value != defaults[name]
    )


def _brief(value: object) -> object:
    return f"{len(value)} named" if isinstance(value, list) and len(value) > 4 else value


def _rejections(rows: Sequence[Mapping[str, Any]], of: int) -> tuple[RejectionCount, ...]:
    """The most frequent rule first."""
    return tuple(
        RejectionCount(rule, count, count / max(of, 1), RULES.get(rule, ""))
        for rule, count in Counter(row["rule"] for row in rows).most_common()
    )
