from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from shards_material import DIGEST, trajectories

from gold_data.shards import FileRow, Shard
from gold_data.shards.difference import Difference
from gold_data.shards.recompute import recompute
from gold_data.shards.writer import columns_of, content_digest, shard_arrays

Arrays = dict[str, NDArray[Any]]
LENGTHS = (4, 2, 5)


@pytest.fixture
def arrays() -> Arrays:
    return shard_arrays("a.zarr", [columns_of(one) for one in trajectories(LENGTHS, dimension=3)])


def differences(arrays: Arrays) -> list[Difference]:
    """Those of arrays that are listed as they are."""
    shard = Shard(
        name="a.zarr",
        split="train",
        episodes=len(LENGTHS),
        steps=sum(LENGTHS),
        content_digest=content_digest(arrays),
        files=(FileRow(path="zarr.json", size=1, sha256=DIGEST),),
    )
    return list(recompute(shard, arrays))


def test_what_the_writer_writes_is_as_it_should_be(arrays: Arrays) -> None:
    assert differences(arrays) == []


@pytest.mark.parametrize("name", ["returns_to_go", "costs_to_go"])
def test_a_sum_to_go_that_is_off_by_one_bit(arrays: Arrays, name: str) -> None:
    due = str(arrays[name][5])
    arrays[name][5] = np.nextafter(arrays[name][5], np.float32(np.inf))
    (found,) = differences(arrays)
    assert found == Difference(f"shards/a.zarr: {name} of episode 1, step 1", str(arrays[name][5]), due)


def test_a_reward_that_is_another_moves_all_sums_before_it(arrays: Arrays) -> None:
    arrays["rewards"][8] += 1
    found = {one.place: one for one in differences(arrays)}
    assert set(found) == {
        "shards/a.zarr: returns_to_go of episode 2, step 0 (3 rows differ)",
        "shards/a.zarr: return of episode 2",
    }


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("length", "length of episode 1"),
        ("return", "return of episode 1"),
        ("cost", "cost of episode 1"),
        ("observation_start", "observation_start of episode 1"),
        ("displacement_mean", "displacement_mean of episode 1"),
        ("displacement_final", "displacement_final of episode 1"),
    ],
)
def test_a_number_of_an_episode_that_is_another(arrays: Arrays, name: str, where: str) -> None:
    arrays[name][1] += 1
    assert [one.place for one in differences(arrays)] == [f"shards/a.zarr: {where}"]


@pytest.mark.parametrize("starts", [[0, 4, 6, 10], [1, 4, 6, 11], [0, 4, 4, 11], [0, 6, 4, 11]])
def test_episodes_that_do_not_lie_end_to_end(arrays: Arrays, starts: list[int]) -> None:
    arrays["episode_start"] = np.array(starts)
    (found,) = differences(arrays)
    assert found.place == "shards/a.zarr: episode_start"
    assert found.due == "from 0 to 11, each episode of one step or more"


def test_a_number_that_is_none(arrays: Arrays) -> None:
    arrays["observations"][3, 1] = np.nan
    arrays["contact_bearing"][:] = np.nan
    assert [one.place for one in differences(arrays)] == ["shards/a.zarr: observations in row 3"]


def test_another_content_than_is_listed(arrays: Arrays) -> None:
    shard = Shard(
        name="a.zarr",
        split="train",
        episodes=3,
        steps=11,
        content_digest=DIGEST,
        files=(FileRow(path="zarr.json", size=1, sha256=DIGEST),),
    )
    assert list(recompute(shard, arrays)) == [
        Difference("shards/a.zarr: content digest", DIGEST, content_digest(arrays))
    ]
