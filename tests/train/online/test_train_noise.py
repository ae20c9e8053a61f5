"""What a learner draws by chance."""

from __future__ import annotations

import torch

from gold_train.online.noise import ALIGNMENT, UPDATE, noise_generator

CPU = torch.device("cpu")


def _drawn(seed: int, stream: int, number: int) -> list[float]:
    drawn: list[float] = torch.randn(4, generator=noise_generator(seed, stream, number, CPU)).tolist()
    return drawn


def test_it_follows_from_seed_stream_and_number() -> None:
    assert _drawn(0, UPDATE, 5) == _drawn(0, UPDATE, 5)
    others = [_drawn(1, UPDATE, 5), _drawn(0, ALIGNMENT, 5), _drawn(0, UPDATE, 6)]
    assert _drawn(0, UPDATE, 5) not in others


def test_torchs_own_generator_is_left_alone() -> None:
    torch.manual_seed(0)
    due = torch.rand(3)
    torch.manual_seed(0)
    _drawn(0, UPDATE, 1)
    assert torch.equal(torch.rand(3), due)
