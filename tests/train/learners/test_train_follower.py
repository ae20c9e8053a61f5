"""Networks that move after others (known answer K11)."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gold_train.learners.follower import Follower


@pytest.mark.parametrize(
    ("steps", "expected"),
    [(1, 0.005), (10, 0.04888986953), (100, 0.3942295635), (138, 0.4992912938), (1000, 0.9933460314)],
)
def test_following(steps: int, expected: float) -> None:
    network = nn.Linear(1, 1, dtype=torch.float64)
    nn.init.zeros_(network.weight)
    follower = Follower(network, 0.005)
    for _ in range(steps):
        follower.follow(torch.ones(2, dtype=torch.float64))
    assert follower.network.weight.item() == pytest.approx(expected, abs=1e-9)
    assert not follower.network.weight.requires_grad
    assert network.weight.requires_grad
    assert network.weight.item() == 0
