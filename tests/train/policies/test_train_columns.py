"""Which columns a policy reads, and what is refused."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from gold_data.errors import DatasetError, SettingsError
from gold_data.replay import blocks
from gold_data.shards import ObservationBlock, described_blocks
from gold_train.policies.columns import chosen_blocks, columns_of


def block(name: str, start: int, stop: int, definition: str = "") -> ObservationBlock:
    names = tuple(f"{name}{number}" for number in range(stop - start))
    digest = hashlib.sha256((name + definition).encode()).hexdigest()
    return ObservationBlock(name=name, start=start, stop=stop, names=names, digest=digest)


AVAILABLE = (block("side", 0, 3), block("ego", 3, 5), block("lidar", 5, 9))


def test_columns_are_those_of_the_observation_at_hand_in_the_order_that_is_wanted() -> None:
    trained = (block("lidar", 0, 4), block("side", 4, 7))
    columns = columns_of(trained, AVAILABLE)
    np.testing.assert_array_equal(columns, [5, 6, 7, 8, 0, 1, 2])
    assert columns.dtype == np.int64


def test_a_block_that_is_lacking_is_named() -> None:
    with pytest.raises(DatasetError, match=r"'pace'.*only side, ego, lidar"):
        columns_of((block("ego", 0, 2), block("pace", 2, 6)), AVAILABLE)


def test_a_block_that_was_defined_otherwise_is_refused_with_both_digests() -> None:
    was, now = block("ego", 0, 2, "older").digest[:12], AVAILABLE[1].digest[:12]
    with pytest.raises(DatasetError, match=rf"'ego'.*{was} -> {now}"):
        columns_of((block("ego", 0, 2, "older"),), AVAILABLE)


def test_names_choose_blocks_in_their_order() -> None:
    assert chosen_blocks(("lidar", "side"), AVAILABLE) == (AVAILABLE[2], AVAILABLE[0])
    assert chosen_blocks((), AVAILABLE) == AVAILABLE


def test_names_that_there_are_not_or_twice_are_refused() -> None:
    with pytest.raises(SettingsError, match="'radar'; choose among side, ego, lidar"):
        chosen_blocks(("ego", "radar"), AVAILABLE)
    with pytest.raises(SettingsError, match="'ego' is named twice"):
        chosen_blocks(("ego", "side", "ego"), AVAILABLE)


def test_a_block_that_was_added_since_moves_nothing() -> None:
    """A dataset made before lacks it; what it has is found in observations of today, and in those of a policy of it."""
    today = described_blocks(blocks(120))
    before = today[:-1]
    chosen = chosen_blocks((), before)
    np.testing.assert_array_equal(columns_of(chosen, today), np.arange(before[-1].stop))
    np.testing.assert_array_equal(columns_of(chosen[::-1], today), columns_of(chosen[::-1], before))
    with pytest.raises(SettingsError, match=f"'{today[-1].name}'; choose among side"):
        chosen_blocks((today[-1].name,), before)
    with pytest.raises(DatasetError, match=f"'{today[-1].name}'"):
        columns_of(today, before)
