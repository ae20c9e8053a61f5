"""The toy's dataset: gold_data's own format, what the expert reaches, and the world that it leads to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gold_data import Dataset, windows
from gold_data.errors import DatasetError, OutputError, SettingsError
from gold_data.shards import read_statistics, verify
from gold_train.environments.opening import world_of
from gold_train.environments.point_mass import BLOCKS, layout_of
from gold_train.environments.point_mass_world import PointMassWorld
from gold_train.environments.toy_dataset import ToySettings, demonstrations, write_toy

SMALL = ToySettings(train=12, validation=3, test=0, seed=5)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "dataset", SMALL)


def test_the_expert_reaches_what_the_study_measured() -> None:
    shown = demonstrations([layout_of(str(number)) for number in range(300)])
    length, returned, cost = (
        np.array([np.size(one["rewards"]) for one in shown]),
        np.array([np.sum(one["rewards"]) for one in shown]),
        np.array([np.sum(one["costs"]) for one in shown]),
    )
    assert all(one["arrived"] for one in shown)
    assert length.mean() == pytest.approx(30.4, abs=0.3)
    assert returned.mean() == pytest.approx(13.6, abs=0.1)
    assert cost.mean() == pytest.approx(2.37, abs=0.5)
    assert 0.25 < np.mean(cost > 0) < 0.45


def test_it_is_a_dataset_like_any_other(toy: Dataset, tmp_path: Path) -> None:
    assert verify(toy.root) == []
    assert {name: counts.episodes for name, counts in toy.manifest.splits.items()} == {
        "train": 12,
        "validation": 3,
        "test": 0,
    }
    assert [block.name for block in toy.observation_blocks] == [block.name for block in BLOCKS]
    assert [block.digest for block in toy.observation_blocks] == [block.digest for block in BLOCKS]
    batch = windows(toy, "train", length=8, cache=tmp_path).batch(0)
    assert batch.observations.shape == (64, 8, 9)
    assert batch.expert_actions is not None
    assert (batch.expert_actions != batch.actions).any()
    observations = toy.array("observations", "train")
    statistics = read_statistics(toy).arrays["observations"]
    np.testing.assert_allclose(statistics.mean, observations.mean(axis=0, dtype=np.float64), atol=1e-6)
    assert (statistics.histogram[:, [0, -1]] == 0).all()


def test_same_settings_same_bytes(toy: Dataset, tmp_path: Path) -> None:
    assert write_toy(tmp_path / "again", SMALL).digest == toy.digest
    assert write_toy(tmp_path / "other", SMALL.model_copy(update={"seed": 6})).digest != toy.digest
    with pytest.raises(OutputError, match="is there already"):
        write_toy(tmp_path / "again", SMALL)


def test_an_episode_is_driven_again_by_its_actions(toy: Dataset) -> None:
    world = world_of(toy, "train")
    assert isinstance(world, PointMassWorld)
    for number, episode in enumerate(toy.episodes("train")):
        task = world.tasks[number]
        assert (task.scenario_id, task.ego_id, task.cluster) == (
            episode["scenario_id"],
            episode["ego_id"],
            episode["drive"],
        )
        env = world.alone(number).environments(1)
        seen, _ = env.reset(options={"scene": np.zeros(1, np.int64)})
        for step, action in enumerate(episode["actions"]):
            np.testing.assert_array_equal(seen[0], episode["observations"][step])
            seen, rewards, terminated, _, infos = env.step(action[None])
            assert rewards[0] == episode["rewards"][step]
            told = infos.get("final_info", infos)
            assert told["cost"][0] == episode["costs"][step]
            assert told["flags"][0] == episode["flags"][step]
        assert terminated[0] == episode["terminated"]
        np.testing.assert_array_equal(infos["final_obs"][0], episode["observations"][-1])


def test_what_there_is_not_is_named(toy: Dataset) -> None:
    with pytest.raises(DatasetError, match="split 'test' has no scene; choose one of train, validation, test"):
        world_of(toy, "test")
    with pytest.raises(DatasetError, match="no split 'dev'"):
        world_of(toy, "dev")
    with pytest.raises(SettingsError, match="which no engine 'metadrive' knows"):
        world_of(toy, "train", engine="metadrive")
    with pytest.raises(SettingsError, match="no tracker follows a record"):
        world_of(toy, "train", expert=True)
    with pytest.raises(SettingsError, match=r"leave variation\.\* out"):
        world_of(toy, "train", varied=True)
