from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from gold_data.shards import WindowBatch
from gold_train.data.tensors import tensors_of

WINDOWS = WindowBatch(
    observations=np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    actions=np.full((2, 3, 2), 0.5, np.float32),
    expert_actions=np.full((2, 3, 2), -0.5, np.float32),
    rewards=np.ones((2, 3), np.float32),
    costs=np.zeros((2, 3), np.float32),
    returns_to_go=np.array([[3, 2, 1], [6, 5, 4]], np.float32),
    costs_to_go=np.zeros((2, 3), np.float32),
    timesteps=np.array([[0, 1, 2], [7, 8, 9]], np.int32),
    mask=np.ones((2, 3), bool),
)


def test_the_context_is_what_was_executed_and_the_target_what_the_expert_would_do() -> None:
    batch = tensors_of(WINDOWS)
    assert set(batch.actions.flatten().tolist()) == {0.5}
    assert set(batch.targets.flatten().tolist()) == {-0.5}
    assert batch.returns_to_go.tolist() == [[3, 2, 1], [6, 5, 4]]
    assert batch.timesteps.dtype == torch.int64
    assert batch.timesteps.tolist() == [[0, 1, 2], [7, 8, 9]]
    assert batch.mask.all()
    recorded = tensors_of(replace(WINDOWS, expert_actions=None))
    assert torch.equal(recorded.targets, recorded.actions)


def test_columns_are_chosen_in_order() -> None:
    assert tensors_of(WINDOWS).observations.tolist() == WINDOWS.observations.tolist()
    chosen = tensors_of(WINDOWS, np.array([2, 0])).observations
    assert chosen[1, 2].tolist() == [22.0, 20.0]
    assert chosen.is_contiguous()
