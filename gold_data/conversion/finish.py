"""From finished units to a dataset: statistics, the lists of what was set aside, the manifest, the card."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from gold_data.conversion.card import card
from gold_data.conversion.engine_check import summarise
from gold_data.conversion.plan import PLAN, SETTINGS, Plan, plan_bytes
from gold_data.conversion.rows import Damaged, Duplicate, Rejected, UnitRow
from gold_data.replay import blocks
from gold_data.replay.observation import digest as observation_digest
from gold_data.scenarionet import write_summary
from gold_data.settings import SPLITS, ConvertSettings, digest
from gold_data.shards import (
    Counts,
    DemonstrationCounts,
    EgoCounts,
    EngineCheck,
    FileRow,
    Manifest,
    RecordCounts,
    ScenarioCounts,
    SplitCounts,
    described_blocks,
    read_shard,
    write_manifest,
)
from gold_data.shards.folder import write_whole_file
from gold_data.shards.manifest import canonical
from gold_data.shards.manifest import digest as manifest_digest
from gold_data.trajectories.statistics import RANGES, DatasetStatistics
from gold_data.version import VERSION


def finish(out: Path, plan: Plan, rows: Sequence[UnitRow], settings: ConvertSettings) -> Manifest:
    """Write everything that belongs to a dataset but its shards, the manifest last; `rows` in the plan's order.

    It can be done again over what an attempt has left that was killed: each file is then replaced by the same bytes.
    """
    layout = blocks(settings.simulator.lidar_rays)
    written = [
        _write(out, SETTINGS, canonical(settings.model_dump(mode="json"))),
        _write(out, PLAN, plan_bytes(plan)),
        _write(out, "statistics.json", _statistics(out, rows)),
        _write(out, "rejected.jsonl", _lines([*plan.rejected, *(row for unit in rows for row in unit.rejected)])),
        _write(out, "damaged.jsonl", _lines(plan.damaged)),
        _write(out, "duplicates.jsonl", _lines(plan.duplicates)),
        *(file for unit in rows for file in unit.scenario_files),
    ]
    if settings.scenarios:
        (out / "scenarios").mkdir(exist_ok=True)
        write_summary(out / "scenarios")
        names = [f"scenarios/{name}.pkl" for name in ("dataset_mapping", "dataset_summary")]
        written += [FileRow.of(name, (out / name).read_bytes()) for name in names]
    shards = tuple(unit.shard.in_split(unit.split) for unit in rows if unit.shard is not None)
    manifest = Manifest(
        gold_data_version=VERSION,
        settings_digest=digest(settings),
        observation_digest=observation_digest(layout),
        statistics_digest=written[2].sha256,
        engine=settings.engine,
        engine_check=_engine_check(rows, settings),
        counts=_counts(plan, rows),
        splits={split: _split_counts(split, rows) for split in SPLITS},
        observation_blocks=described_blocks(layout),
        shards=shards,
        files=tuple(sorted(written, key=lambda file: file.path)),
    )
    write_manifest(out, manifest, card(manifest, manifest_digest(manifest), settings, plan, rows))
    return manifest


def _engine_check(rows: Sequence[UnitRow], settings: ConvertSettings) -> EngineCheck | None:
    if settings.engine == "metadrive":
        return None
    return summarise([check for unit in rows for check in unit.checks], settings.check)


def _statistics(out: Path, rows: Iterable[UnitRow]) -> bytes:
    """Over the training split, one shard in memory at a time, in the plan's order."""
    shards = [unit.shard for unit in rows if unit.split == "train" and unit.shard is not None]
    parts = (DatasetStatistics.of(read_shard(out / "shards" / shard.name, shard, list(RANGES))) for shard in shards)
    whole = DatasetStatistics.merged(parts) if shards else DatasetStatistics({})
    return (json.dumps(whole.as_json(), sort_keys=True, separators=(",", ":")) + "\n").encode()


def _counts(plan: Plan, rows: Sequence[UnitRow]) -> Counts:
    kept, egos = sum(unit.kept for unit in rows), sum(unit.egos for unit in rows)
    episodes = sum(unit.shard.episodes for unit in rows if unit.shard)
    planned_egos = sum(len(record.egos) for unit in plan.units for record in unit.records)
    refused_egos = sum(1 for row in plan.rejected if row.ego)
    refused_drives = sum(1 for unit in rows for row in unit.rejected if row.demonstration)
    return Counts(
        records=RecordCounts(
            read=plan.scenarios + len(plan.damaged) + len(plan.duplicates),
            damaged=len(plan.damaged),
            duplicate=len(plan.duplicates),
            scenarios=plan.scenarios,
        ),
        scenarios=ScenarioCounts(
            kept=kept,
            rejected=plan.scenarios - plan.unplanned_scenarios - kept,
            unplanned=plan.unplanned_scenarios,
        ),
        egos=EgoCounts(
            considered=refused_egos + planned_egos,
            kept=egos,
            rejected=refused_egos + sum(len(unit.rejected) for unit in rows) - refused_drives,
            unplanned=plan.unplanned_egos,
        ),
        demonstrations=DemonstrationCounts(
            driven=episodes - egos + refused_drives, kept=episodes - egos, rejected=refused_drives
        ),
        episodes=episodes,
        steps=sum(unit.shard.steps for unit in rows if unit.shard),
        bytes=sum(unit.shard.bytes for unit in rows if unit.shard),
    )


def _split_counts(split: str, rows: Sequence[UnitRow]) -> SplitCounts:
    own = [unit for unit in rows if unit.split == split]
    return SplitCounts(
        planned=sum(unit.planned for unit in own),
        kept=sum(unit.kept for unit in own),
        episodes=sum(unit.shard.episodes for unit in own if unit.shard),
        steps=sum(unit.shard.steps for unit in own if unit.shard),
    )


def _lines(rows: Sequence[Rejected] | Sequence[Damaged] | Sequence[Duplicate]) -> bytes:
    """One JSON object a line, by place in the sources."""
    placed = sorted((row.source, row.offset, json.dumps(row.model_dump(mode="json"), sort_keys=True)) for row in rows)
    return "".join(f"{line}\n" for _, _, line in placed).encode()


def _write(out: Path, name: str, content: bytes) -> FileRow:
    write_whole_file(out / name, content)
    return FileRow.of(name, content)
