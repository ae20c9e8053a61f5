from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from small_dataset import change_json, list_again

from gold_data import Dataset, open_dataset
from gold_data.conversion.verification import Verified, is_database, verify_database, verify_dataset
from gold_data.errors import DatasetError, SourceError
from gold_data.shards import write_episodes
from gold_data.shards.layout import LAYOUT

QUIET = Console(file=StringIO())


@pytest.fixture
def dataset(small: Dataset, tmp_path: Path) -> Dataset:
    return open_dataset(shutil.copytree(small.root, tmp_path / "dataset"))


def deep(dataset: Dataset, *sources: str) -> Verified:
    return verify_dataset(dataset.root, QUIET, deep=True, sources=sources)


def test_all_well(dataset: Dataset) -> None:
    shown = StringIO()
    verified = verify_dataset(dataset.root, Console(file=shown))
    assert (verified.findings, verified.left_out) == ((), ())
    steps = dataset.manifest.counts.steps
    assert verified.well.endswith(f"6 episodes, {steps} steps, all as in the manifest {dataset.digest}")
    assert "Hashing: " in shown.getvalue()
    assert (deep(dataset).findings, deep(dataset).left_out) == ((), ())


def test_a_folder_that_is_not_whole_is_not_looked_into(dataset: Dataset) -> None:
    (dataset.root / "damaged.jsonl").unlink()
    verified = deep(dataset)
    assert [finding.path for finding in verified.findings] == ["damaged.jsonl"]
    assert verified.left_out == ("the deep check: it stands on whole files",)


def test_a_sum_that_is_wrong_and_listed(dataset: Dataset) -> None:
    """A shard whose files are as listed, and whose derived numbers are not what they should be."""
    shard = dataset.manifest.shards[0]
    folder = dataset.root / "shards" / shard.name
    rows = [dataset.episode(number).columns for number in range(shard.episodes)]
    given = [{name: row[name] for name in row if not LAYOUT[name].derived} for row in rows]
    given[0] = {**given[0], "rewards": given[0]["rewards"] + np.float32(1)}
    shutil.rmtree(folder)
    written = write_episodes(folder, given).in_split(shard.split)
    shards = (written, *dataset.manifest.shards[1:])
    counts = dataset.manifest.counts.model_copy(update={"bytes": sum(one.bytes for one in shards)})
    changed = list_again(dataset, "settings.json", shards=shards, counts=counts)
    assert {finding.path.split(" of ")[0] for finding in deep(changed).findings} >= {"statistics.json: rewards: mean"}


def test_a_plan_and_statistics_that_are_wrong_and_listed(dataset: Dataset) -> None:
    changed = change_json(dataset, "plan.json", lambda plan: plan.update(scenarios=11))
    (finding,) = deep(changed).findings
    assert (finding.path, finding.what) == ("manifest.json: counts.records.scenarios", "10 is there, 11 is due")


def test_sources_that_are_changed_or_gone(small: Dataset, dataset: Dataset, tmp_path: Path) -> None:
    for name in ("training", "more"):
        shutil.copytree(small.root.parent / name, tmp_path / "moved" / name)
    moved = str(tmp_path / "moved")
    assert deep(dataset, moved).findings == ()
    (tmp_path / "moved" / "more" / "part.tfrecord-00000-of-00001").unlink()
    (finding,) = deep(dataset, moved).findings
    assert finding.path == "source more/part.tfrecord-00000-of-00001"
    (dataset.root / "run.json").write_text(json.dumps({"sources": [str(tmp_path / "gone")]}))
    assert "gone: there is no such file or folder" in deep(dataset).left_out[0]
    with pytest.raises(SourceError, match="no such file or folder"):
        deep(dataset, str(tmp_path / "gone"))
    (dataset.root / "run.json").unlink()
    assert "give --source" in deep(dataset).left_out[0]


def test_the_database_in_a_dataset(dataset: Dataset) -> None:
    scenarios = dataset.root / "scenarios"
    assert (is_database(scenarios), is_database(dataset.root)) == (True, False)
    shown = StringIO()
    whole = verify_database(scenarios, Console(file=shown))
    assert (whole.findings, "6 scenarios; every file opens" in whole.well) == ((), True)
    assert "Opening: 6/6 (100%)" in shown.getvalue()
    first = sorted(scenarios.glob("*/sd_*.pkl"))[0]
    first.unlink()
    assert {finding.path for finding in verify_database(scenarios, QUIET).findings} == {
        first.relative_to(scenarios).as_posix()
    }


def test_a_folder_of_neither_kind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no manifest\.json here"):
        verify_dataset(tmp_path, QUIET)
