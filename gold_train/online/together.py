"""Guide first, student after, as one driver: what the gate's scenes are driven with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gold_train.policies.actor import Actor


class Together:
    """The guide acts in the first h steps of each episode, the student in those that follow; both without noise.

    `guide_steps` are the h of the episodes, in the order in which they begin.
    """

    def __init__(self, guide: Actor, student: Actor, guide_steps: NDArray[np.int64], environments: int) -> None:
        self._guide, self._student, self._ahead = guide, student, guide_steps
        self._begun = 0
        self._left = np.zeros(environments, np.int64)  # steps of the guide, by row

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        """Begin the next episodes in these rows; `targets` are the guide's."""
        self._left[rows] = self._ahead[self._begun : self._begun + len(rows)]
        self._begun += len(rows)
        self._guide.begin(rows, targets)
        self._student.begin(rows, targets)

    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, A): the guide's action where it has steps left, else the student's."""
        guided = self._left[rows] > 0
        if guided.all():
            return self._guide.act(rows, observations)
        own = self._student.act(rows[~guided], observations[~guided])
        actions = np.empty((len(rows), own.shape[1]), np.float32)
        actions[~guided] = own
        if guided.any():
            actions[guided] = self._guide.act(rows[guided], observations[guided])
        return actions

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        """Take note of a step; behind its last one the guide is told nothing more."""
        guided = self._left[rows] > 0
        if guided.any():
            self._guide.executed(rows[guided], actions[guided], rewards[guided])
        self._student.executed(rows, actions, rewards)
        self._left[rows] -= guided
