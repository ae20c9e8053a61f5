"""A database that `--scenarios` wrote is a source of the same drives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sources_material import change_summary, write_harm
from straight_road import QUICK, straight_record, write_source

from gold_data import Dataset, convert
from gold_data.scenarionet import file_name
from gold_data.settings import SplitSettings

LINEAGE = {"source", "offset", "crc", "drive"}


def driven(sources: list[str], out: Path, train: int | None = None) -> Dataset:
    settings = QUICK.model_copy(update={"split": SplitSettings(train=train)}) if train else QUICK
    return convert(sources, out, settings, workers=0, console=Console(quiet=True))


def episodes(dataset: Dataset) -> dict[str, dict[str, Any]]:
    return {
        episode.id: {name: value for name, value in episode.columns.items() if name not in LINEAGE}
        for episode in dataset.episodes()
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    return bool(one == other)


def test_the_drives_of_what_was_written_are_the_same(converted: Dataset, tmp_path: Path) -> None:
    again = driven([str(converted.root / "scenarios")], tmp_path / "again")
    first, second = episodes(converted), episodes(again)
    assert list(sorted(first)) == list(sorted(second))
    assert len(first) == 6
    for name, columns in first.items():
        assert {key for key, value in columns.items() if not same(value, second[name][key])} == set(), name
    counts = again.manifest.counts
    assert (counts.records.read, counts.records.damaged, counts.scenarios.rejected) == (6, 0, 0)
    written = {path.name: path.read_bytes() for path in (converted.root / "scenarios").glob("*/sd_*.pkl")}
    assert {path.name: path.read_bytes() for path in (again.root / "scenarios").glob("*/sd_*.pkl")} == written


def test_records_and_a_damaged_database_in_one_call(converted: Dataset, tmp_path: Path) -> None:
    """A scenario that both hold is a duplicate, and what is wrong with the database is told file by file."""
    database = tmp_path / "scenarios"
    for path in converted.root.glob("scenarios/*/*.pkl"):
        copy = database / path.relative_to(converted.root / "scenarios")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    harm, found = tmp_path / "harm", {path.stem.rpartition("_")[2]: path for path in database.glob("*/sd_*.pkl")}
    write_harm(found["0a"], harm)
    found["0b"].unlink()
    change_summary(found["0d"].parent, "0d", track_length=99)
    records = write_source(tmp_path / "records" / "some.tfrecord", [straight_record("0c"), straight_record("new")])
    dataset = driven([str(records), str(database)], tmp_path / "out", train=1)
    counts = dataset.manifest.counts
    assert (counts.records.read, counts.records.damaged, counts.records.duplicate) == (8, 3, 1)
    assert counts.records.scenarios == 4
    told = (dataset.root / "damaged.jsonl").read_text().splitlines()
    for name, reason in (("0a", "posix.mkdir"), ("0b", "is not there"), ("0d", "the length 99, the file itself 30")):
        (line,) = [line for line in told if file_name(name) in line]
        assert reason in line
    assert not harm.exists()
