"""Recorded scenes as a world: tasks, limits, either engine, one task alone in a process of its own."""

from __future__ import annotations

import pickle
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_material import STRAIGHT, described, driver, settings_with, standing, straight

from gold_data import Dataset, open_dataset
from gold_data.errors import DatasetError, SettingsError
from gold_data.gym import EgoScene, settings_of_dataset
from gold_data.replay import blocks
from gold_data.shards import described_blocks
from gold_train.environments.driving import DrivingWorld, driving_world
from gold_train.environments.opening import world_of
from gold_train.environments.world import World

SCENES = (
    EgoScene(straight(others={"car": standing("VEHICLE", 10.0, 0.5, len(STRAIGHT))}, name="car"), "ego"),
    EgoScene(described(driver(np.full(30, 5.0), -0.08), curvature=-0.08, name="bend"), "ego"),
    EgoScene(straight(name="free"), "ego"),
)
CLUSTERS = ("one", "other", "one")


@pytest.fixture
def world() -> DrivingWorld:
    return DrivingWorld(SCENES, settings_with(ends={"end": "record", "limit": 1.0}), CLUSTERS)


def driven(world: World, number: int, action: NDArray[np.float32]) -> list[dict[str, Any]]:
    """What is told at each step of one task, the last one's with its ends."""
    rows: list[dict[str, Any]] = []
    with closing(world.environments(1)) as env:
        env.reset(options={"scene": np.array([number]), "reset_mask": np.ones(1, bool)})
        while not rows or not rows[-1]["ended"]:
            _, rewards, terminated, truncated, infos = env.step(action[None])
            told = infos.get("final_info", infos)
            names = ("cost", "flags", "arrived", "completion", "speed", "scenario_id", "contact_bearing")
            rows.append({name: told[name][0] for name in names})
            rows[-1] |= {"reward": rewards[0], "ended": terminated[0] or truncated[0], "terminated": terminated[0]}
    return rows


def test_tasks_are_what_the_records_say(world: DrivingWorld) -> None:
    car, bend, free = world.tasks
    assert free == replace(car, scenario_id="free")
    assert (car.scenario_id, car.ego_id, car.frames, car.cluster) == ("car", "ego", 60, "one")
    assert car.route_length == pytest.approx(59.0, abs=0.1)
    assert car.turn == pytest.approx(0.0, abs=1e-3)
    assert (bend.scenario_id, bend.frames, bend.cluster) == ("bend", 30, "other")
    assert bend.turn == pytest.approx(14.5 * 0.08, abs=1e-3)
    assert world.blocks == described_blocks(blocks(120))
    env = world.environments(3)
    _, infos = env.reset(options={"scene": np.arange(3)})
    assert infos["route_length"].tolist() == [task.route_length for task in world.tasks]
    assert infos["frames"].tolist() == [task.frames for task in world.tasks]
    assert env.single_observation_space.shape == (world.blocks[-1].stop,)


def test_an_episode_ends_on_arrival_or_after_one_and_a_half_records(world: DrivingWorld) -> None:
    standing_still = driven(world, 1, np.array([0.0, -1.0], np.float32))
    assert len(standing_still) == 45
    assert not standing_still[-1]["terminated"]
    onwards = driven(world, 2, np.array([0.0, 0.3], np.float32))
    assert onwards[-1]["arrived"]
    assert onwards[-1]["terminated"]
    assert onwards[-1]["completion"] > 0.95
    assert [row["completion"] for row in onwards] == sorted(row["completion"] for row in onwards)
    assert sum(row["cost"] for row in onwards) == 0
    into_the_car = driven(world, 0, np.array([0.0, 0.3], np.float32))
    assert {row["contact_bearing"] != 0 for row in into_the_car if row["cost"]} == {True}
    assert {row["contact_bearing"] for row in into_the_car if not row["cost"]} == {0.0}


def test_scenes_are_compiled_once_for_any_number_of_environments(
    world: DrivingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.environments(1)
    monkeypatch.setattr(EgoScene, "made", None)
    more = world.environments(3)
    assert more.num_envs == 3
    seen, _ = first.reset(options={"scene": 1})
    others, _ = more.reset(options={"scene": 1})
    more.step(np.ones((3, 2)))
    np.testing.assert_array_equal(others, np.repeat(seen, 3, axis=0))
    np.testing.assert_array_equal(first.reset(options={"scene": 1})[0], seen)


def test_a_task_alone_is_the_same_in_another_process(world: DrivingWorld) -> None:
    world.environments(1)
    alone = pickle.loads(pickle.dumps(world.alone(1)))
    assert isinstance(alone, DrivingWorld)
    assert alone.tasks == (world.tasks[1],)
    action = np.array([-0.1, 0.2], np.float32)
    assert driven(alone, 0, action) == driven(world, 1, action)


def test_metadrive_drives_one_environment_and_tells_the_same() -> None:
    reference = DrivingWorld(SCENES[1:2], settings_with(), CLUSTERS[1:2], "metadrive")
    batched = DrivingWorld(SCENES[1:2], settings_with(), CLUSTERS[1:2])
    assert reference.tasks == batched.tasks
    action = np.array([-0.17, 0.1], np.float32)
    theirs, ours = driven(reference, 0, action), driven(batched, 0, action)
    assert len(theirs) == len(ours)
    for name in ("completion", "speed", "reward"):
        np.testing.assert_allclose([row[name] for row in theirs], [row[name] for row in ours], atol=1e-3)
    assert [row["flags"] for row in theirs] == [row["flags"] for row in ours]
    with pytest.raises(SettingsError, match="2 environments in MetaDrive: a process has one"):
        reference.environments(2)


def test_there_are_two_engines() -> None:
    with pytest.raises(SettingsError, match="no engine 'carla'; choose batched or metadrive"):
        DrivingWorld(SCENES, settings_with(), CLUSTERS, "carla")
    with pytest.raises(SettingsError, match="metadrive: it drives records as they are"):
        DrivingWorld(SCENES, settings_with(), CLUSTERS, "metadrive", varied=True)


def test_courses_are_there_to_draw_variations_by() -> None:
    assert DrivingWorld(SCENES, settings_with(), CLUSTERS).courses == ()
    world = DrivingWorld(SCENES, settings_with(), CLUSTERS, varied=True)
    assert [len(course.speeds) for course in world.courses] == [60, 30, 60]
    assert 54 <= world.courses[2].arrival <= 59


def test_a_dataset_leads_to_its_world(converted: Dataset, small_sources: list[str]) -> None:
    world = world_of(converted, "train", sources=small_sources)
    assert isinstance(world, DrivingWorld)
    episodes = list(converted.episodes("train"))
    assert [(task.scenario_id, task.cluster) for task in world.tasks] == [
        (episode["scenario_id"], episode["drive"]) for episode in episodes
    ]
    assert [task.route_length for task in world.tasks] == pytest.approx(
        [float(episode["route_length"]) for episode in episodes], rel=1e-5
    )
    assert world.settings.simulator == settings_of_dataset(converted).simulator
    seen, _ = world.environments(len(episodes)).reset(options={"scene": np.arange(len(episodes))})
    np.testing.assert_allclose(seen, [episode["observations"][0] for episode in episodes], atol=1e-3)


def test_a_split_without_scenes_and_changed_settings_are_refused(converted: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no split 'dev'"):
        driving_world(converted, "dev")
    shutil.copytree(converted.root, tmp_path / "copy")
    copy = open_dataset(tmp_path / "copy")
    settings = (copy.root / "settings.json").read_text()
    (copy.root / "settings.json").write_text(settings.replace('"lidar_rays": 120', '"lidar_rays": 240'))
    with pytest.raises(DatasetError, match=r"settings\.json: cannot be used \(is not the file that the manifest lists"):
        driving_world(copy, "train")
    manifest = converted.manifest
    train = tuple(shard for shard in manifest.shards if shard.split != "test")
    empty = Dataset(converted.root, manifest.model_copy(update={"shards": train}))
    with pytest.raises(DatasetError, match="split 'test' has no scene to drive"):
        driving_world(empty, "test")
