"""In which order scenes are driven in training: each once before any comes again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import DatasetError
from gold_train.chance import Stream, generator
from gold_train.environments.world import Task
from gold_train.evaluation.metrics import parked


class SceneOrder:
    """Episode number -> task number, a function of the seed; parked tasks are left out."""

    def __init__(self, tasks: Sequence[Task], seed: int) -> None:
        """Raises DatasetError where there is no task to drive."""
        self.numbers = np.array([number for number, task in enumerate(tasks) if not parked(task)], np.int64)
        """The tasks that are driven."""
        if not len(self.numbers):
            raise DatasetError(
                f"none of the {len(tasks)} training scenes has a route of 5 m or more to drive; convert more of them"
            )
        self._seed = seed
        self._epoch: tuple[int, NDArray[np.int64]] | None = None

    def __call__(self, episode: int) -> int:
        """Number of the task that episode `episode`, counted from 0, drives."""
        epoch, place = divmod(episode, len(self.numbers))
        if self._epoch is None or self._epoch[0] != epoch:
            # The bit generator's raw numbers are the same in every version of NumPy; `permutation` need not be.
            keys = generator(self._seed, Stream.SCENES, epoch).bit_generator.random_raw(len(self.numbers))
            self._epoch = epoch, np.argsort(keys, kind="stable")
        return int(self.numbers[self._epoch[1][place]])
