"""The guide's part of an episode, from `first` to none in equal stages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stages:
    """m stages, numbered from 0; in the last one the guide has nothing (algorithms 2.5)."""

    first: float  # share of the record in stage 0
    number: int  # m

    def left(self, stage: int) -> float:
        """Share of the stages that is left: 1 in the first, 0 in the last."""
        return (self.number - 1 - stage) / (self.number - 1)

    def guide_steps(self, stage: int, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) h = floor(f L + 1/2) in records of L `frames`."""
        steps: NDArray[np.int64] = np.floor(self.first * self.left(stage) * frames + 0.5).astype(np.int64)
        return steps
