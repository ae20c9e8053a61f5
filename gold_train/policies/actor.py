"""What drives: the one interface of guides, students and anchors."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Actor(Protocol):
    """Acts in up to `environments` episodes at once, each in a row of its own, and keeps what it remembers of each.

    For each row: `begin`, then `act` and `executed` in turn. It sees whole observations of its environment and takes
    its own columns. It is deterministic, and what it does in a row depends on that row alone.
    """

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        """Begin episodes in these rows; `targets` (n,) are the returns that are asked for, raw."""
        ...

    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, A) actions in [-1, 1] for these rows' observations (n, D)."""
        ...

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        """Take note of what was done in these rows, (n, A), and of the raw rewards that it brought, (n,)."""
        ...
