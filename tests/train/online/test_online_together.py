"""Guide first, student after, without noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rollout_material import cloner, toy, transformer

from gold_train.evaluation.driving import drive
from gold_train.online.together import Together
from gold_train.policies.acting import actor_of


class Diary:
    """Acts with a constant, and counts what it is asked and told by row."""

    def __init__(self, action: float) -> None:
        self._action = action
        self.asked: list[int] = []
        self.told = 0

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        self.asked += [0 for _ in rows]

    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        for row in rows.tolist():
            self.asked[row] += 1
        return np.full((len(rows), 2), self._action, np.float32)

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        self.told += len(rows)


def test_each_acts_in_its_own_steps() -> None:
    world = toy(3)
    guide, student = Diary(0.1), Diary(-0.1)
    drive(Together(guide, student, np.array([0, 7, 90]), 3), world, [0, 1, 2], np.zeros(3), 3)
    assert guide.asked == [0, 7, 60]
    assert student.asked[0] == 60
    assert student.asked[1] == 53
    assert student.asked[2] == 0
    assert guide.told == 67


def test_with_all_steps_or_none_it_is_the_one_or_the_other() -> None:
    world = toy(4)
    targets = np.full(4, 10.0)

    def driven(guide_steps: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        guide, student = actor_of(transformer(world), world.blocks, 2), actor_of(cloner(world), world.blocks, 2)
        together = Together(guide, student, guide_steps, 2)
        return [trace.rewards for trace in drive(together, world, range(4), targets, 2)]

    alone = {
        which: [trace.rewards for trace in drive(actor_of(made(world), world.blocks, 2), world, range(4), targets, 2)]
        for which, made in ((90, transformer), (0, cloner))
    }
    for steps, due in alone.items():
        for one, other in zip(driven(np.full(4, steps)), due, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    handed_over = driven(np.full(4, 5))
    for one, guided in zip(handed_over, alone[90], strict=True):
        np.testing.assert_allclose(one[:5], guided[:5], atol=1e-5)
        assert not np.allclose(one[5:20], guided[5:20])


def test_steps_are_given_to_episodes_in_the_order_in_which_they_begin() -> None:
    world = toy(6)
    guide, student = Diary(0.1), Diary(-0.1)
    h = np.array([1, 2, 3, 4, 5, 6])
    drive(Together(guide, student, h, 2), world, range(6), np.zeros(6), 2)
    assert guide.told == h.sum()
