"""Blocks as a manifest tells of them."""

from __future__ import annotations

from gold_data import Dataset
from gold_data.replay import blocks
from gold_data.shards import described_blocks


def test_each_block_has_its_columns_and_its_digest() -> None:
    layout = blocks(240)
    told = described_blocks(layout)
    assert [(one.name, one.names, one.digest, one.meaning, one.low, one.high) for one in told] == [
        (block.name, block.names, block.digest, block.meaning, block.low, block.high) for block in layout
    ]
    assert [one.start for one in told] == [0, *(one.stop for one in told[:-1])]
    assert all(one.stop - one.start == block.size for one, block in zip(told, layout, strict=True))


def test_a_converted_dataset_has_them(converted: Dataset) -> None:
    assert converted.observation_blocks == described_blocks(blocks(120))
