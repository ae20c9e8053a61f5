from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from shards_material import make_dataset, trajectories

from gold_data.errors import DatasetError
from gold_data.shards import cache
from gold_data.shards.cache import build_cache, default_cache, open_cache
from gold_data.shards.folder import is_partial


def test_it_holds_the_split_end_to_end(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "out", {"validation": [[5]], "train": [[9, 2], [4]]}, dimension=6)
    arrays = open_cache(build_cache(dataset, "train", tmp_path / "cache"))
    episodes = trajectories([9, 2, 4], first=1, dimension=6)
    for name in ("actions", "expert_actions", "rewards", "costs", "returns_to_go", "costs_to_go"):
        np.testing.assert_array_equal(arrays[name], np.concatenate([getattr(episode, name) for episode in episodes]))
    np.testing.assert_array_equal(
        arrays["observations"], np.concatenate([episode.observations[:-1] for episode in episodes])
    )
    assert arrays["timesteps"].tolist() == [*range(9), *range(2), *range(4)]
    assert not any(values.flags.writeable for values in arrays.values())


def test_it_is_built_once_per_digest_and_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_dataset(tmp_path / "first", {"train": [[3]], "test": [[2]]}, dimension=2)
    places = {build_cache(first, split, tmp_path / "cache") for split in ("train", "test")}
    second = make_dataset(tmp_path / "second", {"train": [[4]], "test": [[2]]}, dimension=2)
    places.add(build_cache(second, "train", tmp_path / "cache"))
    assert len(places) == 3
    monkeypatch.setattr(cache, "_write", lambda *_: pytest.fail("it is there already"))
    assert build_cache(first, "train", tmp_path / "cache") in places


def test_who_is_slower_takes_what_the_faster_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make_dataset(tmp_path / "out", {"train": [[3]]}, dimension=2)
    honest = cache._step_rows
    raced: list[bool] = []

    def raced_by_another(*arguments: object) -> object:
        if not raced:
            raced.append(True)
            build_cache(dataset, "train", tmp_path / "cache")
        return honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "_step_rows", raced_by_another)
    place = build_cache(dataset, "train", tmp_path / "cache")
    assert raced
    assert list((tmp_path / "cache").iterdir()) == [place]
    assert len(open_cache(place)["rewards"]) == 3


def test_a_shard_that_cannot_be_read_leaves_no_cache(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "out", {"train": [[3], [4]]}, dimension=2)
    (tmp_path / "out" / "shards" / "train-00001.zarr" / "rewards" / "c" / "0").unlink()
    with pytest.raises(DatasetError, match="column rewards cannot be read"):
        build_cache(dataset, "train", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_damaged_cache_says_what_to_do(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "out", {"train": [[3]]}, dimension=2)
    place = build_cache(dataset, "train", tmp_path / "cache")
    content = (place / "rewards.npy").read_bytes()
    for damage in (content[:-1], content[:20], b""):
        (place / "rewards.npy").write_bytes(damage)
        with pytest.raises(DatasetError, match="remove the folder, it will be built again"):
            open_cache(place)
    (place / "rewards.npy").unlink()
    with pytest.raises(DatasetError, match="is damaged"):
        open_cache(place)


def test_an_empty_or_absent_split_is_refused(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "out", {"train": [[3]], "test": []}, dimension=2)
    for split in ("test", "exam"):
        with pytest.raises(DatasetError, match=split):
            build_cache(dataset, split, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_building_holds_one_shard_in_memory(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "out", {"train": [[400] * 3] * 2, "validation": [[400] * 3] * 8})
    build_cache(dataset, "train", tmp_path / "warm")
    peaks = []
    for split in ("train", "validation"):
        tracemalloc.start()
        build_cache(dataset, split, tmp_path / "cache")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] > 1200 * 254 * 4
    assert peaks[1] < 1.2 * peaks[0]


def test_the_default_is_in_the_users_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache().parts[-2:] == ("gold-data", "windows")
    assert not is_partial(default_cache())
