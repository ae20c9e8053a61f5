"""Where scenes come from: files, and the records of a dataset."""

from __future__ import annotations

import logging
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from gym_material import SCENES, SETTINGS
from rich.console import Console
from straight_road import EGO, QUICK, straight_record, write_source

from gold_data import ConvertSettings, Dataset, convert
from gold_data.errors import DatasetError, SettingsError, SourceError
from gold_data.gym import DatasetScenes, DrivingEnv, EgoScene, scenes_of, scenes_of_dataset, settings_of_dataset
from gold_data.replay import StartOffset


def test_scenes_of_files_are_those_that_the_record_does_not_rule_out(
    small_sources: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        scenes = list(scenes_of(small_sources, QUICK))
    assert [scene.scenario_id for scene in scenes] == ["0a", "0b", "0c", "0d", "14", "11", "13"]
    assert {scene.ego_id for scene in scenes} == {str(EGO)}
    assert "a damaged record at byte" in caplog.text
    assert "0c came before" in caplog.text


def test_a_dataset_leads_to_the_records_of_its_episodes(converted: Dataset, small_sources: list[str]) -> None:
    for sources in ((), small_sources):
        scenes = list(scenes_of_dataset(converted, sources=sources))
        episodes = list(converted.episodes())
        assert [f"{scene.scenario_id}/{scene.ego_id}" for scene in scenes] == [episode.id for episode in episodes]
        environment = DrivingEnv(scenes, QUICK)
        for number, episode in enumerate(episodes):
            observation, info = environment.reset(options={"scene": number})
            assert info["route_length"] > 10
            np.testing.assert_allclose(observation, episode["observations"][0], atol=1e-3)


def test_a_scene_comes_once_even_where_a_demonstration_was_drawn_without_any_disturbance(
    small_sources: list[str], tmp_path: Path
) -> None:
    calm = {"number": 1, "noisy": 0.0, "inside": 0.0, "moved": 0.0}
    settings = ConvertSettings.model_validate(
        QUICK.model_dump() | {"engine": "batched", "check": {"share": 0.0}, "demonstrations": calm}
    )
    dataset = convert(small_sources, tmp_path / "dataset", settings, workers=0, console=Console(quiet=True))
    scenes = [scene.scenario_id for scene in scenes_of_dataset(dataset)]
    assert dataset.manifest.counts.episodes == 2 * len(scenes)
    assert len(set(scenes)) == len(scenes)


def test_scenes_are_read_when_they_are_asked_for(converted: Dataset) -> None:
    scenes = DatasetScenes(converted, "train")
    episodes = list(converted.episodes("train"))
    assert len(scenes) == len(episodes) > 1
    assert scenes.drives == tuple(episode["drive"] for episode in episodes)
    assert scenes[1].scenario_id == episodes[1]["scenario_id"]
    assert [scene.scenario_id for scene in scenes] == [episode["scenario_id"] for episode in episodes]
    with pytest.raises(IndexError):
        _ = scenes[len(episodes)]


def test_a_dataset_says_what_it_was_converted_with(converted: Dataset, tmp_path: Path) -> None:
    assert settings_of_dataset(converted) == QUICK
    moved = Dataset(tmp_path, converted.manifest)
    with pytest.raises(DatasetError, match=r"settings\.json: cannot be used \(.*No such file"):
        settings_of_dataset(moved)
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(DatasetError, match="is not the file that the manifest lists"):
        settings_of_dataset(moved)


def test_a_split_has_its_own_scenes(converted: Dataset) -> None:
    by_split = [[scene.scenario_id for scene in scenes_of_dataset(converted, split)] for split in converted.splits]
    assert list(chain(*by_split)) == [scene.scenario_id for scene in scenes_of_dataset(converted)]
    assert all(by_split)
    with pytest.raises(DatasetError, match="no split 'dev'"):
        next(scenes_of_dataset(converted, "dev"))


def test_records_that_are_not_there_are_named(converted: Dataset, tmp_path: Path) -> None:
    elsewhere = write_source(tmp_path / "other.tfrecord", [straight_record("0a")])
    with pytest.raises(SourceError, match="give --source the folder that was converted"):
        list(scenes_of_dataset(converted, sources=[str(elsewhere)]))
    moved = Dataset(tmp_path, converted.manifest)
    (tmp_path / "shards").symlink_to(converted.root / "shards")
    with pytest.raises(DatasetError, match=r"neither scenarios/ nor run\.json leads to the record"):
        next(scenes_of_dataset(moved))


def test_files_without_a_scene_are_an_error(tmp_path: Path) -> None:
    parked = write_source(tmp_path / "parked.tfrecord", [straight_record("0e", speed=0.1)])
    with pytest.raises(SourceError, match="no scenario that can be driven"):
        list(scenes_of([str(parked)], QUICK))


def test_a_scene_says_where_it_begins() -> None:
    scene = EgoScene(SCENES[0].description, "ego", start=5, offset=StartOffset(left=0.5))
    made = scene.made()
    assert (made.start, made.frames) == (5, 55)
    observation, _ = DrivingEnv([scene], SETTINGS).reset(seed=0)
    expected, _ = DrivingEnv(SCENES, SETTINGS).reset(options={"scene": 0, "start": 5, "offset": StartOffset(left=0.5)})
    np.testing.assert_array_equal(observation, expected)


def test_a_scene_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="scenario car: has no ego 'nobody'"):
        EgoScene(SCENES[0].description, "nobody").made()
    with pytest.raises(SettingsError, match="start 59 leaves no step; choose 0 to 58"):
        EgoScene(SCENES[0].description, "ego", start=59).made()
