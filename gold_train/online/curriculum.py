"""Whose turn it is: the guide's first steps of each episode, and how they become fewer (algorithms 2.5)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Curriculum(Protocol):
    """Says how many steps the guide has of an episode that begins now; h is fixed for the whole episode."""

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) h of the episodes of these numbers, whose records have `frames`, after so many environment steps."""
        ...

    def guided(
        self,
        timesteps: NDArray[np.int64],
        guide_steps: NDArray[np.int64],
        episodes: NDArray[np.int64],
        steps_done: int,
    ) -> NDArray[np.bool_]:
        """(n,) whether the guide acts at these timesteps of these episodes."""
        ...

    def share(self, steps_done: int) -> float:
        """Of the guide, 1 at the start, 0 when the student is alone: what distillation falls with."""
        ...

    def state(self) -> dict[str, object]:
        """What going on needs, as plain data that JSON holds."""
        ...

    def restore(self, state: dict[str, object]) -> None:
        """Go on from what `state` gave."""
        ...


class FirstSteps:
    """The guide has the first h steps of an episode, the student all that follow."""

    def guided(
        self,
        timesteps: NDArray[np.int64],
        guide_steps: NDArray[np.int64],
        episodes: NDArray[np.int64],
        steps_done: int,
    ) -> NDArray[np.bool_]:
        """(n,) t < h: at t = h the student acts for the first time."""
        return timesteps < guide_steps
