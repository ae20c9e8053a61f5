"""Where windows come from, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def named_rows(episodes: Sequence[str], steps: NDArray[np.int64]) -> str:
    """Episode by episode the steps at which windows end: "aa/7 at 3, 20; bb/1 at 0"."""
    ends: dict[str, list[int]] = {}
    for episode, step in zip(episodes, steps.tolist(), strict=True):
        ends.setdefault(episode, []).append(step)
    return "; ".join(f"{episode} at {', '.join(map(str, sorted(ends[episode])))}" for episode in sorted(ends))
