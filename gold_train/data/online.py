"""Batches of drives that recover, drawn fresh from the batched engine's tracker in place of a dataset's rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.gym import Demonstrations, Drawn
from gold_data.shards import windows_at
from gold_train.data.batch import Batch
from gold_train.data.named_rows import named_rows
from gold_train.data.tensors import tensors_of
from gold_train.threads import keep_threads_of_torch


@dataclass(frozen=True)
class Round:
    """The drives of one round, and the order in which windows are cut out of them."""

    number: int
    drawn: Drawn
    ends: NDArray[np.int64]  # (S,) a permutation of their steps


class OnlineBatches:
    """Windows of drives that are kept for a round and then drawn anew, each step of them being the end of one.

    A round lasts for as many batches as the first round's steps fill, so that each step is the end of about one window.
    Round k is a function of the scenes, the settings, the seed and k. The memory that it takes is that of its
    observations: 90 kB for a drive of 9 s, all blocks read; twice that while it is drawn.
    """

    def __init__(
        self,
        demonstrations: Demonstrations,
        columns: NDArray[np.int64],
        *,
        drives: int,
        length: int,
        batch_size: int,
        seed: int,
    ) -> None:
        """`drives` are drawn for a round; `columns` of the observation are read, in this order.

        Raises SceneError where no drive arrives without cost.
        """
        keep_threads_of_torch()
        self._demonstrations, self._columns = demonstrations, columns
        self._drives, self._length, self._batch_size, self._seed = drives, length, batch_size, seed
        self._round = self._drawn(0)
        self.batches_a_round = max(1, len(self._round.ends) // batch_size)

    def batch(self, step: int) -> Batch:
        """Batch number `step`."""
        current, ends = self._ends(step)
        return tensors_of(windows_at(current.drawn.columns, self._length, ends))

    def rows(self, step: int) -> str:
        """Scenes, drives and steps at which the batch's windows end."""
        current, ends = self._ends(step)
        first, scenes = current.drawn.first, current.drawn.scenes
        drives = np.searchsorted(first, ends, side="right") - 1
        names = [f"{self._demonstrations.ids[scenes[drive]]}, drive {drive}" for drive in drives.tolist()]
        return f"round {current.number} of seed {self._seed}: {named_rows(names, ends - first[drives])}"

    def _ends(self, step: int) -> tuple[Round, NDArray[np.int64]]:
        if step < 0:
            raise IndexError(f"batch {step} is before the first")
        number, place = divmod(step, self.batches_a_round)
        if number != self._round.number:
            self._round = self._drawn(number)
        current = self._round
        places = place * self._batch_size + np.arange(self._batch_size)
        return current, current.ends[places % len(current.ends)]

    def _drawn(self, number: int) -> Round:
        drawn = self._demonstrations.draw(self._drives, f"online {self._seed}/{number}", self._columns)
        steps = int(drawn.first[-1])
        generator = np.random.Philox(key=np.array([self._seed, number], dtype=np.uint64))
        return Round(number, drawn, np.argsort(generator.random_raw(steps), kind="stable"))
