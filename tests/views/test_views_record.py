"""The record of an episode: wherever it may be found, it is the right one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from views_material import Material, make_material

from gold_data.errors import SourceError
from gold_data.scenarionet import write_unit
from gold_data.shards import Dataset, Episode
from gold_data.synth import synthesize
from gold_data.views.record import FoundRecord, NoRecord, Records


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


@pytest.fixture
def dataset(original: Material, tmp_path: Path) -> Dataset:
    shutil.copytree(original.dataset.root, tmp_path / "dataset")
    return Dataset(tmp_path / "dataset", original.dataset.manifest)


def is_its_own(found: FoundRecord | NoRecord, episode: Episode) -> bool:
    """The record is the episode's, and its frames begin where the episode does."""
    assert isinstance(found, FoundRecord)
    position = found.description["tracks"][episode["ego_id"]]["state"]["position"]
    log = episode["log_state"]
    return np.array_equal(position[found.first : found.first + len(log)], log[:, :3])


@pytest.mark.parametrize("place", [".", "..", "synthetic.tfrecord-00000-of-00001", "*.tfrecord*"])
def test_in_a_source_by_whatever_name(original: Material, dataset: Dataset, place: str) -> None:
    for episode in dataset.episodes():
        assert is_its_own(Records(dataset, [str(original.records / place)]).of_episode(episode), episode)


def test_in_the_scenarionet_database(original: Material, dataset: Dataset) -> None:
    scenarios = dataset.root / "scenarios"
    write_unit(scenarios / "train-00000", original.descriptions[:2])
    write_unit(scenarios / "test-00000", original.descriptions[2:])
    for episode in dataset.episodes():
        assert is_its_own(Records(dataset, []).of_episode(episode), episode)


def test_where_run_json_says(original: Material, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    (dataset.root / "run.json").write_text(json.dumps({"sources": ["training"]}))
    monkeypatch.chdir(original.records.parent)
    for episode in dataset.episodes():
        assert is_its_own(Records(dataset, []).of_episode(episode), episode)


def test_an_ego_that_was_not_valid_at_first(original: Material, dataset: Dataset) -> None:
    description = next(one for one in original.descriptions if one["id"] == dataset.episode(3)["scenario_id"])
    episode = dataset.episode(3)
    track = description["tracks"][episode["ego_id"]]
    valid = track["state"]["valid"].copy()
    valid[:4] = False
    late = {**track, "state": {**track["state"], "valid": valid}}
    changed = {**description, "tracks": {**description["tracks"], episode["ego_id"]: late}}
    write_unit(dataset.root / "scenarios" / "unit", [changed])
    found = Records(dataset, []).of_episode(episode)
    assert isinstance(found, FoundRecord)
    assert found.first == 4 + int(episode["start"])


@pytest.mark.parametrize("run", [None, "{", "[]", "{}", '{"sources": 3}', '{"sources": ["nowhere/at/all"]}'])
def test_without_a_place_there_is_a_reason(dataset: Dataset, run: str | None) -> None:
    if run is not None:
        (dataset.root / "run.json").write_text(run)
    found = Records(dataset, []).of_episode(dataset.episode(0))
    assert isinstance(found, NoRecord)
    assert ("nowhere/at/all" if run and "nowhere" in run else str(dataset.root)) in found.reason


def test_another_database_is_not_believed(original: Material, dataset: Dataset) -> None:
    episode = dataset.episode(0)
    description = next(one for one in original.descriptions if one["id"] == episode["scenario_id"])
    tracks = {name: track for name, track in description["tracks"].items() if name != episode["ego_id"]}
    write_unit(dataset.root / "scenarios" / "unit", [{**description, "tracks": tracks}])
    assert isinstance(Records(dataset, []).of_episode(episode), NoRecord)


def test_a_file_of_the_same_name_with_other_records_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    synthesize(tmp_path / "training", 4, seed=9)
    with pytest.raises(SourceError, match="holds no file training/synthetic"):
        Records(dataset, [str(tmp_path / "training")]).of_episode(dataset.episode(0))


def test_sources_that_are_given_are_not_passed_over(original: Material, dataset: Dataset, tmp_path: Path) -> None:
    (dataset.root / "run.json").write_text(json.dumps({"sources": [str(original.records)]}))
    with pytest.raises(SourceError, match="no such file"):
        Records(dataset, [str(tmp_path / "gone")]).of_episode(dataset.episode(0))


def test_a_damaged_record_is_not_drawn(original: Material, dataset: Dataset, tmp_path: Path) -> None:
    (path,) = original.records.iterdir()
    data = bytearray(path.read_bytes())
    episode = dataset.episode(0)
    data[int(episode["offset"]) + 500] ^= 1
    (tmp_path / path.name).write_bytes(data)
    with pytest.raises(SourceError, match=f"byte {episode['offset']}"):
        Records(dataset, [str(tmp_path / path.name)]).of_episode(episode)
