"""The blocks of an observation as a manifest tells of them."""

from __future__ import annotations

from collections.abc import Sequence

from gold_data.replay import Block, slices
from gold_data.shards.manifest import ObservationBlock


def described_blocks(layout: Sequence[Block]) -> tuple[ObservationBlock, ...]:
    """Give each block of a layout, in order, with its columns and the digest of all that is said of it."""
    place = slices(layout)
    return tuple(
        ObservationBlock(
            name=block.name,
            start=place[block.name].start,
            stop=place[block.name].stop,
            names=block.names,
            meaning=block.meaning,
            low=block.low,
            high=block.high,
            digest=block.digest,
        )
        for block in layout
    )
