from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from shards_material import random_trajectory, trajectories

from gold_data.errors import OutputError
from gold_data.shards import writer
from gold_data.shards.layout import LAYOUT, create_array
from gold_data.shards.reader import read_shard
from gold_data.shards.writer import columns_of, content_digest, shard_arrays, write_episodes, write_shard


def test_what_is_written_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    episodes = trajectories([91, 1, 60])
    row = write_shard(tmp_path / "shard", episodes)
    arrays = read_shard(tmp_path / "shard", row)
    assert (row.name, row.episodes, row.steps) == ("shard", 3, 152)
    assert list(arrays) == list(LAYOUT)
    for name in ("actions", "expert_actions", "rewards", "costs", "flags", "contact_bearing", "returns_to_go",
                 "costs_to_go", "observations", "ego_state", "log_state"):  # fmt: skip
        wanted = np.concatenate([getattr(episode, name) for episode in episodes])
        assert arrays[name].dtype == wanted.dtype
        assert arrays[name].tobytes() == wanted.tobytes(), name
    for name in ("scenario_id", "ego_id", "terminated", "truncated", "arrived", "start", "length"):
        assert arrays[name].tolist() == [getattr(episode, name) for episode in episodes]
    for name in ("source", "offset", "crc", "drive"):
        assert arrays[name].tolist() == [getattr(episode.lineage, name) for episode in episodes]
    np.testing.assert_array_equal(arrays["return"], [episode.returns_to_go[0] for episode in episodes])
    np.testing.assert_array_equal(arrays["cost"], [episode.costs_to_go[0] for episode in episodes])
    np.testing.assert_allclose(
        arrays["displacement_mean"], [episode.displacement.mean() for episode in episodes], rtol=1e-6
    )
    np.testing.assert_allclose(
        arrays["displacement_final"], [episode.displacement[-1] for episode in episodes], rtol=1e-6
    )
    assert arrays["episode_start"].tolist() == [0, 91, 92, 152]
    assert arrays["observation_start"].tolist() == [0, 92, 94, 155]


def test_returns_to_go_of_the_known_answer(tmp_path: Path) -> None:
    episode: dict[str, Any] = {
        "observations": np.zeros((6, 3), np.float32),
        "actions": np.zeros((5, 1), np.float32),
        "rewards": [1.0, 0.0, 2.0, -1.0, 0.5],
        "costs": [0.0, 1.0, 0.0, 0.0, 1.0],
        "scenario_id": "toy",
        "ego_id": "point",
        "terminated": True,
        "truncated": False,
    }
    row = write_episodes(tmp_path / "toy", [episode])
    arrays = read_shard(tmp_path / "toy", row)
    assert arrays["returns_to_go"].tolist() == [2.5, 1.5, 1.5, -0.5, 0.5]
    assert arrays["costs_to_go"].tolist() == [2.0, 2.0, 1.0, 1.0, 1.0]
    assert set(arrays) == {name for name, column in LAYOUT.items() if column.required}


def test_rows_name_every_file_with_its_digest(tmp_path: Path) -> None:
    row = write_shard(tmp_path / "shard", trajectories([4]))
    on_disk = {path for path in (tmp_path / "shard").rglob("*") if path.is_file()}
    assert {tmp_path / "shard" / file.path for file in row.files} == on_disk
    for file in row.files:
        content = (tmp_path / "shard" / file.path).read_bytes()
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert row.bytes == sum(path.stat().st_size for path in on_disk)


def test_bytes_do_not_depend_on_process_or_hash_seed_or_place(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from shards_material import trajectories; from gold_data.shards import write_shard\n"
        "print(write_shard(pathlib.Path(sys.argv[1]), trajectories([30, 7])).model_dump_json())"
    )
    rows = set()
    for seed in ("1", "77"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        place = tmp_path / seed / "shard"
        rows.add(
            subprocess.run(
                [sys.executable, "-W", "error", "-c", script, str(place)],
                env=environment, check=True, capture_output=True, text=True,
            ).stdout
        )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows.add(write_shard(tmp_path / "here" / "shard", trajectories([30, 7])).model_dump_json() + "\n")
    assert len(rows) == 1


def test_a_shard_is_never_overwritten(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard", trajectories([2]))
    with pytest.raises(OutputError, match="is there already"):
        write_shard(tmp_path / "shard", trajectories([2]))


def test_values_that_read_back_differently_are_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(group: zarr.Group, column: Any, values: Any) -> None:
        create_array(group, column, np.zeros_like(values) if column.name == "costs" else values)

    monkeypatch.setattr(writer, "create_array", forget)
    with pytest.raises(OutputError, match="reads back other values"):
        write_shard(tmp_path / "shard", trajectories([60]))
    assert list(tmp_path.iterdir()) == []


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda episode: episode.pop(name)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without("rewards"), "lacks the required rewards"),
        (_without("flags"), "flags is in some episodes"),
        (lambda episode: episode.update(colour=1), "colour"),
        (lambda episode: episode.update(returns_to_go=1), "returns_to_go"),
        (lambda episode: episode.update(costs=np.zeros(4, np.float32)), r"costs has shape \(4,\) where \(5,\)"),
        (lambda episode: episode.update(observations=np.zeros((6, 253), np.float32)), r"\(6, 254\) is due"),
        (lambda episode: episode.update(observations=np.zeros((5, 254), np.float32)), r"\(6, 254\) is due"),
        (lambda episode: episode.update(actions=np.zeros((5, 2), complex)), "complex128 where <f4"),
        (lambda episode: episode.update(flags=np.full(5, 2**16)), "cannot hold"),
        (lambda episode: episode.update(crc=-1), "cannot hold"),
        (lambda episode: episode.update(rewards=[0, 1, np.nan, 0, 0]), "rewards has values that are not finite"),
        (lambda episode: episode.update(rewards=[0, 1, 1e300, 0, 0]), "rewards has values that are not finite"),
        (lambda episode: episode.update(ego_id=12), "ego_id is int where text"),
        (lambda episode: episode.update(rewards=[]), "has no steps"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_episode_that_does_not_fit_is_named(spoil: Callable[[dict[str, Any]], Any], message: str) -> None:
    good, bad = (dict(columns_of(random_trajectory(number, 5))) for number in range(2))
    spoil(bad)
    # The first episode says which columns there are, so a required one that it lacks is told apart from an odd one.
    episodes = [bad, good] if "required" in message or "colour" in message or "to_go" in message else [good, bad]
    with pytest.raises(OutputError, match=rf"^shard.*{message}"):
        shard_arrays("shard", episodes)


def test_a_shard_without_an_episode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="at least one episode"):
        write_shard(tmp_path / "shard", [])


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(LAYOUT)), st.data())
def test_any_changed_value_changes_the_content_digest(name: str, data: st.DataObject) -> None:
    arrays = shard_arrays("shard", [columns_of(episode) for episode in trajectories([3, 2], dimension=4)])
    before = content_digest(arrays)
    changed = arrays[name].copy()
    place = data.draw(st.integers(0, changed.size - 1))
    if changed.dtype.kind == "T":
        changed.flat[place] = changed.flat[place] + "\0"
    else:
        raw = changed.view(np.uint8).reshape(-1)
        raw[place * changed.itemsize] ^= 1
    assert content_digest(arrays | {name: changed}) != before
    assert content_digest(dict(reversed(arrays.items()))) == before
