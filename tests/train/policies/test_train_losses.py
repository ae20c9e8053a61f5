"""Known answer K06 of algorithms.md."""

from __future__ import annotations

import pytest
import torch

from gold_train.policies.losses import masked_mean_squared_error

torch.set_num_threads(1)

PREDICTED = torch.tensor(
    [[[9.0, 9.0], [0.1, -0.2], [0.5, 0.0]], [[0.3, 0.3], [0.0, 1.0], [-0.4, 0.2]]], dtype=torch.float64
)
TARGETS = torch.tensor(
    [[[-10.0, -10.0], [0.0, 0.0], [0.25, 0.5]], [[0.1, 0.5], [0.5, 0.5], [-0.5, 0.5]]], dtype=torch.float64
)
MASK = torch.tensor([[False, True, True], [True, True, True]])


def test_k06_over_valid_steps_alone() -> None:
    assert masked_mean_squared_error(PREDICTED, TARGETS, MASK).item() == pytest.approx(0.10425, abs=1e-9)


def test_the_padding_pulls_at_nothing() -> None:
    predicted = PREDICTED.clone().requires_grad_()
    masked_mean_squared_error(predicted, TARGETS, MASK).backward()  # type: ignore[no-untyped-call]
    expected = 2 * (PREDICTED - TARGETS) / 10
    expected[0, 0] = 0
    torch.testing.assert_close(predicted.grad, expected)
