"""What stock.py is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet import Description


@dataclass(frozen=True)
class StockJob:
    """A description to be driven by (T, 2) actions, or, with `follow_record`, replayed for as many steps."""

    description: Description
    actions: NDArray[np.float64]
    follow_record: bool = False
    physics_alone: bool = False  # only car and physics are stepped: no managers, rays, rewards


@dataclass(frozen=True)
class StockAnswer:
    """CPU seconds of everything and of the steps alone, and what was seen, (T + 1, D); of physics alone the start."""

    seconds: float
    stepping: float
    seen: NDArray[np.float32]
