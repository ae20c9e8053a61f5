from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shards_material import trajectories
from small_dataset import list_again

from gold_data.errors import DatasetError
from gold_data.replay import Block
from gold_data.settings import SimulatorSettings
from gold_data.shards import Dataset, Manifest, write_dataset
from gold_data.shards.recount import recount
from gold_data.shards.writer import columns_of

BLOCKS = (Block("all", ("a", "b", "c"), "three numbers"),)


def make(root: Path, **changes: Any) -> Dataset:
    """Three episodes, two of them to train on; `changes` are made to all."""
    rows = [{**columns_of(one), "demonstration": 0, **changes} for one in trajectories((4, 3, 5), dimension=3)]
    made = write_dataset(root, {"train": rows[:2], "test": rows[2:]}, BLOCKS, SimulatorSettings(), "none")
    (root / "README.md").write_text("a card")
    return made


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make(tmp_path / "out")


def places(dataset: Dataset) -> list[str]:
    return [one.place for one in recount(dataset)]


def test_what_was_written_is_as_it_should_be(dataset: Dataset) -> None:
    told: list[str] = []
    assert list(recount(dataset, told.append)) == []
    assert told == ["train-00000.zarr", "test-00000.zarr"]


def test_names_and_drives_that_are_in_two_splits(tmp_path: Path) -> None:
    found = list(recount(make(tmp_path / "out", scenario_id="x", ego_id="7", drive="d")))
    assert [(one.stored, one.due) for one in found if one.place == "shards/test-00000.zarr: episode 0"] == [
        ("x/7/0, as in shards/train-00000.zarr: episode 0", "an episode of its own"),
        ("x in test", "in train, where it is too"),
        ("drive d in test", "in train, where x of it is"),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda arrays: arrays["rewards"].update(count=8),
            ["statistics.json: rewards: count", "statistics.json: rewards: standard deviation of feature 0"],
        ),
        (lambda arrays: arrays.pop("costs"), ["statistics.json: costs"]),
        (lambda arrays: arrays["observations"]["features"].pop(), ["statistics.json: observations: features"]),
        (
            lambda arrays: arrays["observations"]["features"][1].update(mean=0.1),
            ["statistics.json: observations: mean of feature 1"],
        ),
        (
            lambda arrays: [one.update(maximum=0.1) for one in arrays["actions"]["features"]],
            ["statistics.json: actions: maximum of feature 0 (2 features differ)"],
        ),
        (
            lambda arrays: arrays["rewards"]["features"][0].update(above=3),
            ["statistics.json: rewards: histogram of feature 0, bin 1000"],
        ),
    ],
)
def test_statistics_of_other_numbers(
    dataset: Dataset, change: Callable[[dict[str, Any]], object], expected: list[str]
) -> None:
    path = dataset.root / "statistics.json"
    content = json.loads(path.read_text())
    change(content["arrays"])
    path.write_text(json.dumps(content))
    assert places(list_again(dataset, "statistics.json")) == expected


def test_digests_that_are_not_those_of_the_settings_and_the_blocks(dataset: Dataset) -> None:
    (dataset.root / "settings.json").write_text('{"lidar_rays": 240}')
    other = list_again(dataset, "settings.json", observation_digest="0" * 64)
    assert places(other) == ["manifest.json: settings_digest", "manifest.json: observation_digest"]


def test_counts_that_are_others(dataset: Dataset) -> None:
    def moved(manifest: Manifest) -> dict[str, Any]:
        counts, splits = manifest.counts.model_dump(), {k: v.model_dump() for k, v in manifest.splits.items()}
        counts["egos"]["kept"], counts["egos"]["rejected"] = 2, 1
        counts["demonstrations"] = {"driven": 1, "kept": 1, "rejected": 0}
        splits["train"]["kept"], splits["validation"]["kept"] = 1, 1
        return manifest.model_validate({**manifest.model_dump(), "counts": counts, "splits": splits}).__dict__

    changes = {name: moved(dataset.manifest)[name] for name in ("counts", "splits")}
    assert places(list_again(dataset, "settings.json", **changes)) == [
        "manifest.json: counts.egos.kept",
        "manifest.json: counts.demonstrations.kept",
        "manifest.json: splits.train.kept",
        "manifest.json: splits.validation.kept",
    ]


def test_a_shard_that_cannot_be_read_is_one_difference(dataset: Dataset) -> None:
    (dataset.root / "shards" / "test-00000.zarr" / "rewards" / "zarr.json").write_text("{}")
    (found, *_) = recount(dataset)
    assert found.place == "shards/test-00000.zarr"
    assert "rewards" in found.stored


def test_without_statistics_nothing_is_counted(dataset: Dataset) -> None:
    (dataset.root / "statistics.json").unlink()
    with pytest.raises(DatasetError, match=r"statistics\.json"):
        list(recount(dataset))
