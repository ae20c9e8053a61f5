"""One episode: what was driven, where it comes from, and the sums that a Decision Transformer is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.rollout import Rollout


@dataclass(frozen=True)
class Lineage:
    """Where an episode comes from.

    `source` is the name of the argument's last folder and the path below it; `offset` the record's first byte in that
    file; `crc` the unmasked CRC-32C of the record's bytes; `drive` the group of records that share one drive.
    """

    source: str
    offset: int
    crc: int
    drive: str


@dataclass(frozen=True, kw_only=True)
class Trajectory(Rollout):
    """A rollout with its name and its lineage; `demonstration` is 0 for the clean drive, k for the k-th disturbed."""

    scenario_id: str
    ego_id: str
    demonstration: int
    lineage: Lineage

    @property
    def returns_to_go(self) -> NDArray[np.float32]:
        """(T,) undiscounted sum of the rewards from each step on (Decision Transformer, section 3)."""
        return to_go(self.rewards)

    @property
    def costs_to_go(self) -> NDArray[np.float32]:
        """(T,) undiscounted sum of the costs from each step on."""
        return to_go(self.costs)


def to_go(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of values from each index to the end: summed in float64, rounded once."""
    return np.cumsum(values[::-1], dtype=np.float64)[::-1].astype(np.float32)
