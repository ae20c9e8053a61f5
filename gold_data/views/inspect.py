"""What a dataset is, as tables, from its manifest alone."""

from __future__ import annotations

import json
from collections import Counter

from rich.console import Group, RenderableType
from rich.table import Table

from gold_data.shards import Dataset


def overview(dataset: Dataset) -> RenderableType:
    """What was read, kept and rejected, how large it is, and where."""
    return Group(_summary(dataset), _splits(dataset), _rejections(dataset), _blocks(dataset))


def _summary(dataset: Dataset) -> Table:
    counts, records = dataset.manifest.counts, dataset.manifest.counts.records
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("dataset", str(dataset.root))
    table.add_row(
        "records",
        f"{records.read} read = {records.scenarios} scenarios + {records.damaged} damaged + {records.duplicate} duplicate",
    )
    unplanned = f" + {counts.scenarios.unplanned} not asked for" if counts.scenarios.unplanned else ""
    table.add_row(
        "scenarios",
        f"{records.scenarios} = {counts.scenarios.kept} kept + {counts.scenarios.rejected} rejected{unplanned}",
    )
    table.add_row("egos", f"{counts.egos.considered} = {counts.egos.kept} kept + {counts.egos.rejected} rejected")
    table.add_row("episodes", f"{counts.episodes} with {counts.steps} steps, {counts.bytes / 1e6:.1f} MB")
    run = dataset.root / "run.json"
    if run.exists():
        table.add_row("time", f"{json.loads(run.read_text())['seconds']:.0f} s")
    table.add_row("manifest", dataset.digest)
    return table


def _splits(dataset: Dataset) -> Table:
    table = Table("split", "planned", "kept", "episodes", "steps", "shards", "MB", box=None, pad_edge=False)
    for name, split in dataset.manifest.splits.items():
        shards = dataset.shards(name)
        size = sum(shard.bytes for shard in shards) / 1e6
        numbers = (split.planned, split.kept, split.episodes, split.steps, len(shards))
        table.add_row(name, *map(str, numbers), f"{size:.1f}")
    return table


def _rejections(dataset: Dataset) -> Table:
    table = Table("rejected because of", "egos", box=None, pad_edge=False)
    path = dataset.root / "rejected.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    for rule, count in Counter(json.loads(line)["rule"] for line in lines).most_common():
        table.add_row(rule, str(count))
    return table


def _blocks(dataset: Dataset) -> Table:
    table = Table("observation", "columns", "meaning", box=None, pad_edge=False)
    for block in dataset.observation_blocks:
        table.add_row(block.name, f"{block.start}-{block.stop - 1}", block.meaning)
    return table
