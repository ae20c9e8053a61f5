"""What a policy reads and what it answers, as gymnasium's spaces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_data.replay import blocks, slices
from gold_data.settings import ConvertSettings


def action_space() -> Box:
    """Steering (left positive) and throttle (negative: brake)."""
    return Box(-1.0, 1.0, (2,), np.float32)


class ChosenBlocks:
    """Some blocks of the observation, in the order in which they are named; all of it where none are."""

    def __init__(self, settings: ConvertSettings, names: Sequence[str] | None = None) -> None:
        """Raises SettingsError for a block that there is not, for one that is named twice, and for no block."""
        layout = {block.name: block for block in blocks(settings.simulator.lidar_rays)}
        names = list(layout) if names is None else list(names)
        unknown = [name for name in names if name not in layout]
        if unknown or len(set(names)) < len(names) or not names:
            wrong = f"there is no block {unknown[0]!r}" if unknown else f"blocks {names}: one comes twice or none does"
            raise SettingsError(f"{wrong}; name some of {', '.join(layout)}, each once.")
        where = slices(list(layout.values()))
        self._columns = np.concatenate([np.arange(where[name].start, where[name].stop) for name in names])
        chosen = [layout[name] for name in names]
        sizes = [block.size for block in chosen]
        low = np.repeat(np.array([block.low for block in chosen], np.float32), sizes)
        high = np.repeat(np.array([block.high for block in chosen], np.float32), sizes)
        self.space = Box(low, high, dtype=np.float32)

    def __call__(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        """Copy the chosen columns of (..., D)."""
        return np.take(observation, self._columns, axis=-1)
