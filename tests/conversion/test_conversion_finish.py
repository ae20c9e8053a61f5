from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from straight_road import QUICK, straight_record, write_source

from gold_data import Dataset, convert
from gold_data.conversion.unit import ROWS
from gold_data.scenarionet import load
from gold_data.settings import ConvertSettings, SplitSettings, digest
from gold_data.shards import verify
from gold_data.shards.manifest import all_files
from gold_data.trajectories.statistics import RANGES, DatasetStatistics


def lines(dataset: Dataset, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (dataset.root / name).read_text().splitlines()]


def test_counts_add_up(converted: Dataset) -> None:
    counts = converted.manifest.counts
    assert counts.records.model_dump() == {"read": 12, "damaged": 1, "duplicate": 1, "scenarios": 10}
    assert counts.scenarios.model_dump() == {"kept": 6, "rejected": 4, "unplanned": 0}
    assert counts.egos.model_dump() == {"considered": 9, "kept": 6, "rejected": 3, "unplanned": 0}
    assert counts.episodes == len(list(converted.episodes())) == 6
    assert counts.steps == len(converted.array("rewards"))
    assert counts.bytes == sum(path.stat().st_size for path in (converted.root / "shards").rglob("*") if path.is_file())
    planned = {name: split.planned for name, split in converted.manifest.splits.items()}
    assert planned == {"train": 5, "validation": 1, "test": 1}
    assert sum(split.kept for split in converted.manifest.splits.values()) == 6


def test_every_rejected_ego_has_one_row(converted: Dataset) -> None:
    rows = lines(converted, "rejected.jsonl")
    assert [(row["source"], row["scenario"], row["ego"], row["rule"]) for row in rows] == [
        ("more/part.tfrecord-00000-of-00001", "11", "7", "contact_on_log"),
        ("more/part.tfrecord-00000-of-00001", "12", "", "too_short"),
        ("training/part.tfrecord-00001-of-00002", "0e", "7", "parked"),
        ("training/part.tfrecord-00001-of-00002", "10", "7", "too_short"),
    ]
    names = {"scenario", "ego", "demonstration", "rule", "value", "threshold", "detail", "source", "offset", "crc"}
    assert all(set(row) == names for row in rows)
    kept = {(episode["scenario_id"], episode["ego_id"]) for episode in converted.episodes()}
    assert not kept & {(row["scenario"], row["ego"]) for row in rows}


def test_rows_are_in_order_of_their_place(converted: Dataset) -> None:
    for name in ("rejected.jsonl", "damaged.jsonl", "duplicates.jsonl"):
        places = [(row["source"], row["offset"]) for row in lines(converted, name)]
        assert places == sorted(places, key=lambda place: (str(place[0]), int(str(place[1]))))


def test_what_was_set_aside_is_listed(converted: Dataset) -> None:
    length = len(straight_record("0d")) + 16
    (damaged,) = lines(converted, "damaged.jsonl")
    assert damaged["source"] == "training/part.tfrecord-00001-of-00002"
    assert damaged["offset"] == length + len(straight_record("0e", speed=0.1)) + 16
    assert damaged["length"] == length
    assert "CRC" in str(damaged["reason"])
    (duplicate,) = lines(converted, "duplicates.jsonl")
    assert duplicate["scenario"] == "0c"
    assert duplicate["source"] == "more/part.tfrecord-00000-of-00001"
    assert str(duplicate["first"]).startswith("training/part.tfrecord-00000-of-00002 at byte ")


def test_a_fresh_dataset_is_whole(converted: Dataset) -> None:
    assert verify(converted.root) == []
    on_disk = {str(path.relative_to(converted.root)) for path in converted.root.rglob("*") if path.is_file()}
    listed = {file.path for file in all_files(converted.manifest)}
    assert on_disk - listed == {"manifest.json", "manifest.sha256", "README.md", "run.json"}
    assert not (converted.root / ROWS).exists()


def test_digests_are_those_of_the_files(converted: Dataset) -> None:
    manifest = converted.manifest
    statistics = (converted.root / "statistics.json").read_bytes()
    assert manifest.statistics_digest == hashlib.sha256(statistics).hexdigest()
    assert manifest.settings_digest == digest(QUICK)
    assert ConvertSettings.model_validate_json((converted.root / "settings.json").read_text()) == QUICK


def test_statistics_are_of_the_training_split_alone(converted: Dataset) -> None:
    found = json.loads((converted.root / "statistics.json").read_text())
    rewards = converted.array("rewards", "train").astype(np.float64)
    assert len(converted.array("rewards")) > len(rewards)
    said = DatasetStatistics.from_json(found).arrays["rewards"]
    assert said.count == len(rewards)
    assert said.mean[0] == pytest.approx(rewards.mean(), rel=1e-9)
    assert said.standard_deviation[0] == pytest.approx(rewards.std(), rel=1e-9)
    assert DatasetStatistics.from_json(found).arrays.keys() == RANGES.keys()


def test_the_database_is_listed_and_loads(converted: Dataset) -> None:
    listed = {file.path for file in converted.manifest.files if file.path.startswith("scenarios/")}
    mapping = {path.name: path.parent.name for path in (converted.root / "scenarios").glob("*/sd_*.pkl")}
    assert {f"scenarios/{folder}/{name}" for name, folder in mapping.items()} <= listed
    assert "scenarios/dataset_summary.pkl" in listed
    assert "scenarios/dataset_mapping.pkl" in listed
    ids = {load(converted.root / "scenarios" / folder / name)["id"] for name, folder in mapping.items()}
    assert ids == {episode["scenario_id"] for episode in converted.episodes()}


def test_blocks_lie_end_to_end(converted: Dataset) -> None:
    observations = converted.array("observations")
    blocks = converted.observation_blocks
    assert blocks[-1].stop == observations.shape[1]
    assert Counter(block.name for block in blocks).most_common(1)[0][1] == 1


def test_nothing_kept_is_a_dataset_too(tmp_path: Path) -> None:
    write_source(
        tmp_path / "src" / "a.tfrecord", [straight_record("aa", obstacle=True), straight_record("bb", steps=3)]
    )
    dataset = convert([str(tmp_path / "src")], tmp_path / "out", QUICK, workers=0, console=Console(quiet=True))
    assert verify(dataset.root) == []
    assert list(dataset.episodes()) == []
    assert dataset.manifest.counts.scenarios.model_dump() == {"kept": 0, "rejected": 2, "unplanned": 0}
    assert dataset.manifest.counts.egos.model_dump() == {"considered": 2, "kept": 0, "rejected": 2, "unplanned": 0}


def test_nothing_to_drive_is_a_dataset_too(tmp_path: Path) -> None:
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record("bb", steps=3)])
    dataset = convert([str(tmp_path / "src")], tmp_path / "out", workers=0, console=Console(quiet=True))
    assert verify(dataset.root) == []
    assert dataset.manifest.counts.egos.model_dump() == {"considered": 1, "kept": 0, "rejected": 1, "unplanned": 0}
    assert not DatasetStatistics.from_json(json.loads((dataset.root / "statistics.json").read_text())).arrays


def test_what_was_not_asked_for_is_counted(tmp_path: Path) -> None:
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record(f"{number:02x}") for number in range(4)])
    wanted = QUICK.model_copy(update={"split": SplitSettings(train=1), "scenarios": False})
    dataset = convert([str(tmp_path / "src")], tmp_path / "out", wanted, workers=0, console=Console(quiet=True))
    counts = dataset.manifest.counts
    assert counts.scenarios.model_dump() == {"kept": 1, "rejected": 0, "unplanned": 3}
    assert counts.egos.model_dump() == {"considered": 1, "kept": 1, "rejected": 0, "unplanned": 3}
    assert lines(dataset, "rejected.jsonl") == []
