from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shards_material import make_dataset, trajectories

from gold_data.errors import DatasetError
from gold_data.shards import ShardRow, reader
from gold_data.shards.reader import Dataset, open_dataset, read_shard


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("dataset") / "out"
    return make_dataset(root, {"train": [[9, 2], [4]], "validation": [[5]], "test": []}, dimension=6)


def test_episodes_come_in_the_manifests_order(dataset: Dataset) -> None:
    wanted = trajectories([9, 2, 4, 5], dimension=6)
    assert dataset.splits == ("train", "validation", "test")
    for split, expected in (("train", wanted[:3]), ("validation", wanted[3:]), ("test", []), (None, wanted)):
        found = list(dataset.episodes(split))
        names = [f"{episode.scenario_id}/{episode.ego_id}/{episode.demonstration}" for episode in expected]
        assert [episode.id for episode in found] == [name.removesuffix("/0") for name in names]
        for index, (episode, trajectory) in enumerate(zip(found, expected, strict=True)):
            again = dataset.episode(index, split)
            assert episode.split == again.split == ("validation" if trajectory is wanted[3] else "train")
            for name in ("observations", "actions", "rewards", "ego_state", "returns_to_go"):
                np.testing.assert_array_equal(episode[name], getattr(trajectory, name))
                np.testing.assert_array_equal(again[name], getattr(trajectory, name))
            assert episode["drive"] == trajectory.lineage.drive
            assert episode["length"] == trajectory.length
            assert "episode_start" not in episode.columns
    with pytest.raises(IndexError, match="episode 3 of 3"):
        dataset.episode(3, "train")
    with pytest.raises(IndexError, match="before the first"):
        dataset.episode(-1)


def test_a_column_of_a_split_is_end_to_end(dataset: Dataset) -> None:
    wanted = trajectories([9, 2, 4], dimension=6)
    np.testing.assert_array_equal(
        dataset.array("rewards", "train"), np.concatenate([episode.rewards for episode in wanted])
    )
    assert dataset.array("scenario_id", "train").tolist() == [episode.scenario_id for episode in wanted]
    assert dataset.array("episode_start", "train").tolist() == [0, 9, 11, 15]
    assert dataset.array("observation_start").tolist() == [0, 10, 13, 18, 24]
    with pytest.raises(DatasetError, match=r"has no column 'colour'; it has actions"):
        dataset.array("colour", "train")
    with pytest.raises(DatasetError, match=r"has no split 'exam'; it has train, validation, test"):
        dataset.array("rewards", "exam")
    with pytest.raises(DatasetError, match="split 'test' has no episodes"):
        dataset.array("rewards", "test")


def test_another_process_opens_it_anew(dataset: Dataset) -> None:
    list(dataset.episodes())
    sent = pickle.dumps(dataset)
    assert len(sent) < 60_000
    assert pickle.loads(sent).digest == dataset.digest
    assert open_dataset(str(dataset.root)).digest == dataset.digest


def test_one_shard_is_in_memory_at_a_time(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(folder: Path, row: ShardRow, names: object = None) -> dict[str, NDArray[Any]]:
        read.append(folder.name)
        return read_shard(folder, row)

    monkeypatch.setattr(reader, "read_shard", counted)
    fresh = open_dataset(dataset.root)
    episodes = fresh.episodes("train")
    next(episodes)
    next(episodes)
    assert read == ["train-00000.zarr"]
    next(episodes)
    assert read == ["train-00000.zarr", "train-00001.zarr"]


def test_blocks_that_do_not_cover_the_observations_are_refused(dataset: Dataset) -> None:
    block = dataset.observation_blocks[0].model_copy(update={"stop": 5})
    other = Dataset(dataset.root, dataset.manifest.model_copy(update={"observation_blocks": (block,)}))
    with pytest.raises(DatasetError, match="6 observation columns and the manifest's blocks name 5"):
        other.array("observations", "train")


def test_neither_torch_nor_the_simulator_is_needed() -> None:
    script = "import sys, gold_data.shards; print(sorted({'torch', 'metadrive', 'dask'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout == "[]\n"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_an_error(dataset: Dataset, data: st.DataObject) -> None:
    shard = dataset.manifest.shards[0]
    folder = dataset.root / "shards" / shard.name
    file = data.draw(st.sampled_from([file for file in shard.files if "/" in file.path]))
    content = (folder / file.path).read_bytes()
    changed = bytearray(content)
    changed[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    column = file.path.split("/")[0]
    (folder / file.path).write_bytes(changed)
    try:
        with pytest.raises(DatasetError, match=rf"column {column} cannot be read"):
            read_shard(folder, shard, [column])
    finally:
        (folder / file.path).write_bytes(content)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_missing_or_short_file_is_an_error(dataset: Dataset, data: st.DataObject) -> None:
    shard = dataset.manifest.shards[0]
    folder = dataset.root / "shards" / shard.name
    path = folder / data.draw(st.sampled_from([file.path for file in shard.files if "/" in file.path]))
    content = path.read_bytes()
    length = data.draw(st.none() | st.integers(0, len(content) - 1))
    path.unlink()
    if length is not None:
        path.write_bytes(content[:length])
    try:
        with pytest.raises(DatasetError, match=r"cannot be read .*run `gold-data verify`"):
            read_shard(folder, shard)
    finally:
        path.write_bytes(content)


def test_a_row_of_another_shard_is_refused(dataset: Dataset) -> None:
    shard = dataset.manifest.shards[0]
    with pytest.raises(DatasetError, match=r"where <f4 with 14 rows is due"):
        read_shard(
            dataset.root / "shards" / shard.name,
            shard.model_copy(update={"steps": 12, "episodes": 2}),
            ["observations"],
        )
