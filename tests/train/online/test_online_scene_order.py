"""Scenes without replacement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rollout_material import task

from gold_data.errors import DatasetError
from gold_train.online.scene_order import SceneOrder

TASKS = [replace(task(), scenario_id=str(number), route_length=2.0 if number == 3 else 50.0) for number in range(8)]


def test_each_task_comes_once_before_any_comes_again_and_parked_ones_never() -> None:
    order = SceneOrder(TASKS, 0)
    epochs = [[order(episode) for episode in range(first, first + 7)] for first in (0, 7, 14)]
    assert all(sorted(epoch) == [0, 1, 2, 4, 5, 6, 7] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert order.numbers.tolist() == [0, 1, 2, 4, 5, 6, 7]


def test_a_task_follows_from_seed_and_number_alone() -> None:
    forwards = [SceneOrder(TASKS, 5)(episode) for episode in range(30)]
    order = SceneOrder(TASKS, 5)
    assert [order(episode) for episode in reversed(range(30))] == forwards[::-1]
    assert [SceneOrder(TASKS, 6)(episode) for episode in range(30)] != forwards


def test_there_must_be_a_task() -> None:
    with pytest.raises(DatasetError, match="none of the 1 training scenes"):
        SceneOrder([TASKS[3]], 0)
