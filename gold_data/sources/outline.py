"""What the first look at a scenario finds: who is in it and where its lanes are, without describing it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Outline:
    """What a plan reads of a scenario with N tracks and T timestamps.

    `ids` and `kinds` (ScenarioNet's type names, "VEHICLE", ...) have one entry a track; `sdc` is the row of the
    record's own car, None where the record names none. `states` is (N, T) of dtype STATE: metres, radians, metres a
    second in the record's world frame; a track of fewer states is padded with such that are not valid, a longer one
    cut. The L lanes' points lie end to end in `lane_points`, (P, 3) metres; `lane_start` (L + 1) says where.
    """

    scenario_id: str
    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    sdc: int | None
    states: NDArray[np.void]
    lane_ids: tuple[str, ...]
    lane_points: NDArray[np.floating]
    lane_start: NDArray[np.int64]


@dataclass(frozen=True)
class Outlined:
    """A record: byte `offset`, `length` of its data in bytes, CRC-32C of its data, and its outline."""

    offset: int
    length: int
    crc: int
    outline: Outline
