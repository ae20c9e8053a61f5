"""The ring, what is drawn from it, and its segments on disk."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from online_known_answers import OFFLINE_ROWS, OLDEST_FIRST, POINTER, SLOTS

from gold_data import Dataset
from gold_data.errors import OutputError
from gold_data.replay import Block
from gold_data.settings import Settings
from gold_data.shards import write_dataset
from gold_train.errors import CheckpointError
from gold_train.learners.learner import Transitions
from gold_train.online.replay_buffer import ReplayBuffer
from gold_train.online.rows import Rows
from gold_train.online.segments import read_segment
from gold_train.settings.online import ReplaySettings

SIZE, ACTIONS = 3, 2


def rows(first: int, count: int) -> Rows:
    """Rows that tell their number."""
    number = np.arange(first, first + count)

    def wide(width: int, more: float) -> np.ndarray:
        return (number[:, None] + more + np.arange(width) / 10).astype(np.float32)

    return Rows(
        observations=wide(SIZE, 0.0),
        actions=wide(ACTIONS, 0.01),
        rewards=number.astype(np.float32),
        costs=(number % 4 == 0).astype(np.float32),
        next_observations=wide(SIZE, 1.0),
        terminated=number % 5 == 0,
        truncated=number % 7 == 0,
        guided=number % 2 == 0,
        guide_actions=np.where(number[:, None] % 2 == 0, wide(ACTIONS, 0.02), np.float32(np.nan)),
        guide_steps=np.full(count, 9, np.int32),
        timesteps=(number % 10).astype(np.int32),
        scenes=(number // 10).astype(np.int32),
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three episodes in two shards' worth of steps; observation 0 is the episode, 1 the step."""
    layout = (Block("place", ("episode", "step"), "where", 0.0, 100.0), Block("rest", ("a", "b"), "noise", -5.0, 5.0))
    episodes: list[dict[str, Any]] = []
    for episode, (steps, terminated) in enumerate(((4, True), (1, False), (3, True))):
        place = np.column_stack([np.full(steps + 1, episode), np.arange(steps + 1)])
        episodes.append(
            {
                "scenario_id": f"scenario-{episode}",
                "ego_id": "7",
                "terminated": terminated,
                "truncated": not terminated,
                "observations": np.column_stack([place, place + 0.5]).astype(np.float32),
                "actions": np.full((steps, ACTIONS), episode / 10, np.float32),
                "rewards": np.arange(steps, dtype=np.float32),
                "costs": np.full(steps, episode, np.float32),
            }
        )
    return write_dataset(
        tmp_path_factory.mktemp("rows") / "dataset", {"train": episodes}, layout, Settings(), "numbers"
    )


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def ring(dataset: Dataset, capacity: int = 5, batch_size: int = 6, seed: int = 0, share: float = 0.0) -> ReplayBuffer:
    columns = np.array([3, 0, 1])
    replay = ReplaySettings(capacity=capacity, batch_size=batch_size, offline_share=share)
    return ReplayBuffer(replay, seed, dataset, columns)


def same(one: Transitions, other: Transitions) -> bool:
    names = [each.name for each in fields(Transitions) if each.name != "expert_actions"]
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(first.numpy().tobytes() == second.numpy().tobytes() for first, second in pairs)


def held(buffer: ReplayBuffer) -> list[int]:
    """Numbers of the rows in the slots."""
    return [int(value) for value in buffer._ring["rewards"][: len(buffer)]]


@pytest.mark.parametrize("parts", [(7,), (1, 1, 1, 1, 1, 1, 1), (3, 4), (6, 1)])
def test_newest_rows_take_the_oldest_ones_slots(dataset: Dataset, parts: tuple[int, ...]) -> None:
    buffer = ring(dataset)
    first = 0
    for count in parts:
        buffer.add(rows(first, count))
        first += count
    assert held(buffer) == SLOTS
    assert len(buffer) == 5
    assert buffer.added % 5 == POINTER
    assert [held(buffer)[(POINTER + k) % 5] for k in range(5)] == OLDEST_FIRST


def test_a_batch_holds_rows_as_they_came(dataset: Dataset) -> None:
    buffer = ring(dataset, capacity=50, batch_size=400)
    buffer.add(rows(0, 30))
    batch = buffer.batch(3)
    numbers = batch.rewards.long().numpy()
    assert set(numbers) == set(range(30))  # of 400 draws none is left out
    due = rows(0, 30)
    for each in fields(Transitions):
        if each.name == "expert_actions":
            continue
        drawn = getattr(batch, each.name)
        assert np.array_equal(
            drawn.numpy(), getattr(due, each.name)[numbers].astype(drawn.numpy().dtype), equal_nan=True
        )
    assert batch.terminated.dtype == torch.float32
    assert np.array_equal(held(buffer), np.arange(30))
    assert np.array_equal(buffer.indices(3), numbers)


def test_a_batch_follows_from_seed_number_and_rows(dataset: Dataset) -> None:
    one, other = ring(dataset, 100), ring(dataset, 100)
    for buffer in (one, other):
        buffer.add(rows(0, 40))
    assert same(one.batch(8), other.batch(8))
    backwards = [other.batch(number) for number in (2, 1, 0)]
    assert all(same(one.batch(number), backwards[2 - number]) for number in range(3))
    assert not same(one.batch(0), one.batch(1))
    elsewhere = ring(dataset, 100, seed=1)
    elsewhere.add(rows(0, 40))
    assert not same(one.batch(0), elsewhere.batch(0))


def test_nothing_can_be_drawn_of_nothing(dataset: Dataset) -> None:
    with pytest.raises(IndexError, match="no row"):
        ring(dataset).batch(0)


def test_memory_is_touched_only_as_it_fills(dataset: Dataset) -> None:
    psutil = pytest.importorskip("psutil")
    before = psutil.Process().memory_info().rss
    buffer = ring(dataset, capacity=20_000_000)
    buffer.add(rows(0, 1_000))
    assert buffer._ring["observations"].nbytes == 240_000_000
    assert psutil.Process().memory_info().rss - before < 50_000_000


@pytest.mark.parametrize(("size", "share"), OFFLINE_ROWS)
def test_so_many_rows_are_the_datasets(dataset: Dataset, size: int, share: float) -> None:
    buffer = ring(dataset, 100, size, share=share)
    buffer.add(rows(1_000, 40))
    batch = buffer.batch(0)
    offline = batch.rewards < 1_000
    assert int(offline.sum()) == OFFLINE_ROWS[size, share]
    assert len(batch.rewards) == size
    assert offline[: OFFLINE_ROWS[size, share]].all()


def test_the_datasets_rows_lead_to_what_was_seen_next(dataset: Dataset) -> None:
    buffer = ring(dataset, 100, 400, share=0.5)
    buffer.add(rows(1_000, 40))
    batch = buffer.batch(0)
    seen = {tuple(row) for row in batch.observations[:200, 1:].tolist()}
    assert seen == {(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (2, 1), (2, 2)}
    after = batch.observations[:200].clone()
    after[:, 0] += 1  # column 3 of the dataset's
    after[:, 2] += 1
    assert torch.equal(batch.next_observations[:200], after)
    last = {(0.0, 3.0), (2.0, 2.0)}  # episode 1 ends by its time limit
    assert {tuple(row) for row in batch.observations[:200, 1:][batch.terminated[:200] == 1].tolist()} == last
    assert torch.equal(batch.costs[:200], batch.observations[:200, 1])
    assert batch.guided[:200].all()
    assert batch.guide_actions[:200].isnan().all()
    assert "and 200 rows of the dataset" in buffer.named(0)


def test_rows_of_a_batch_are_named(dataset: Dataset) -> None:
    buffer = ring(dataset, capacity=20, batch_size=4)
    buffer.add(rows(0, 15))
    numbers = sorted(buffer.batch(5).rewards.long().tolist())
    told = buffer.named(5)
    for scene in {number // 10 for number in numbers}:
        steps = ", ".join(str(number % 10) for number in numbers if number // 10 == scene)
        assert f"scene {scene} at {steps}" in told
    buffer.add(rows(15, 20))  # numbers 15 and on are there now
    gone = sum(number < 15 for number in numbers)
    assert gone == 4
    assert buffer.named(5) == "4 rows that have made room since"
    assert "drawn too long ago" in buffer.named(6)
    replay = ReplaySettings(capacity=20, batch_size=4)
    named = ReplayBuffer(replay, 0, dataset, np.arange(3), scenes=["aa/7", "bb/1"])
    named.add(rows(10, 10))
    named.batch(0)
    assert named.named(0).startswith("bb/1 at ")


def test_what_the_ring_holds_is_measured(dataset: Dataset) -> None:
    buffer = ring(dataset, capacity=10)
    assert buffer.measured() == {"buffer_rows": 0, "buffer_cost_share": 0.0, "buffer_guided_share": 0.0}
    buffer.add(rows(0, 8))
    assert buffer.measured() == {"buffer_rows": 8, "buffer_cost_share": 0.25, "buffer_guided_share": 0.5}


@settings(max_examples=25, deadline=None)
@given(
    capacity=st.integers(1, 12),
    parts=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=8),
)
def test_a_ring_is_restored_as_it_was(
    dataset: Dataset, tmp_path_factory: pytest.TempPathFactory, capacity: int, parts: list[tuple[int, bool]]
) -> None:
    """Rows come and segments are saved in any order; what the last state names restores the ring it was taken of."""
    folder = tmp_path_factory.mktemp("segments")
    through, saved = ring(dataset, capacity), ring(dataset, capacity)
    first = 0
    for count, saves in [*parts, (1, True)]:
        through.add(rows(first, count))
        saved.add(rows(first, count))
        first += count
        if saves:
            state = json.loads(json.dumps(saved.save(folder)))
            saved.drop_unneeded(folder)
    named = {segment["file"] for segment in state["segments"]}
    assert {path.name for path in folder.iterdir()} == named
    again = ring(dataset, capacity)
    again.restore(folder, state)
    assert held(again) == held(through)
    assert same(again.batch(4), through.batch(4))
    for buffer in (again, through):
        buffer.add(rows(first, 3))
    assert same(again.batch(5), through.batch(5))
    # Going on saves what it would have.
    assert again.save(folder)["added"] == first + 3


def test_only_what_came_since_is_written(dataset: Dataset, tmp_path: Path) -> None:
    buffer = ring(dataset, capacity=100)
    for first in (0, 30, 60):
        buffer.add(rows(first, 30))
        buffer.save(tmp_path)
    stops = [(segment["first"], segment["stop"]) for segment in buffer.save(tmp_path)["segments"]]
    assert stops == [(0, 30), (30, 60), (60, 90)]
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_overwritten_is_deleted_only_after_the_state_is_safe(dataset: Dataset, tmp_path: Path) -> None:
    buffer = ring(dataset, capacity=10)
    buffer.add(rows(0, 10))
    before = buffer.save(tmp_path)
    buffer.drop_unneeded(tmp_path)
    buffer.add(rows(10, 10))
    buffer.save(tmp_path)
    # Killed here, before the new state was written: the old one still has its rows.
    again = ring(dataset, capacity=10)
    again.restore(tmp_path, before)
    assert held(again) == list(range(10))
    again.add(rows(10, 10))
    again.save(tmp_path)
    again.drop_unneeded(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["rows-000000000010-000000000020.safetensors"]


def test_leftovers_of_a_kill_go_with_the_next_state(dataset: Dataset, tmp_path: Path) -> None:
    buffer = ring(dataset, capacity=100)
    buffer.add(rows(0, 10))
    state = buffer.save(tmp_path)
    buffer.add(rows(10, 5))
    buffer.save(tmp_path)  # no state names it
    again = ring(dataset, capacity=100)
    again.restore(tmp_path, state)
    again.add(rows(10, 8))
    assert len(again.save(tmp_path)["segments"]) == 2
    again.drop_unneeded(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "rows-000000000000-000000000010.safetensors",
        "rows-000000000010-000000000018.safetensors",
    ]


def test_a_lost_or_damaged_segment_is_named(dataset: Dataset, tmp_path: Path) -> None:
    buffer = ring(dataset, capacity=100)
    buffer.add(rows(0, 10))
    state = buffer.save(tmp_path)
    file = tmp_path / "rows-000000000000-000000000010.safetensors"
    content = file.read_bytes()
    file.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    with pytest.raises(CheckpointError, match=file.name):
        ring(dataset, 100).restore(tmp_path, state)
    file.unlink()
    with pytest.raises(CheckpointError, match=file.name):
        ring(dataset, 100).restore(tmp_path, state)
    other = ring(dataset, capacity=100)
    other.add(rows(0, 20))
    (tmp_path / other.save(tmp_path)["segments"][0]["file"]).rename(file)
    with pytest.raises(CheckpointError, match="holds other rows"):
        ring(dataset, 100).restore(tmp_path, state)
    with pytest.raises(CheckpointError, match="cannot be read"):
        ring(dataset, 100).restore(tmp_path, {"added": 3})
    with pytest.raises(CheckpointError, match="end at row 0, 7 are due"):
        ring(dataset, 100).restore(tmp_path, {"added": 7, "segments": []})


def test_a_folder_that_cannot_be_made_is_said(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    buffer = ring(dataset)
    buffer.add(rows(0, 2))
    with pytest.raises(OutputError, match="cannot be made"):
        buffer.save(tmp_path / "file" / "rows")


def test_what_the_expert_would_do_is_kept_where_it_was_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    buffer = ring(dataset, 10, 40, share=0.25)
    plain = rows(0, 15)
    labels = plain.actions + np.float32(0.5)
    labels[::4] = np.nan
    buffer.add(replace(plain, expert_actions=labels))
    restored = ring(dataset, 10, 40, share=0.25)
    restored.restore(tmp_path, buffer.save(tmp_path))
    for drawn in (buffer.batch(3), restored.batch(3)):
        assert drawn.expert_actions is not None
        # The dataset's own are not there to be taught: it has no column of them.
        assert drawn.expert_actions[:10].isnan().all()
        due = torch.from_numpy(labels)[drawn.rewards[10:].long()]
        torch.testing.assert_close(drawn.expert_actions[10:], due, equal_nan=True, rtol=0, atol=0)
        assert due.isnan().any()
    without = ring(dataset, 10, 40)
    without.add(plain)
    assert without.batch(0).expert_actions is None
    (segment,) = without.save(tmp_path / "without")["segments"]
    assert "expert_actions" not in read_segment(tmp_path / "without", segment)
