"""What an update is made on: windows of K steps as tensors."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch


class Batch(NamedTuple):
    """B windows of K steps, left-padded: zero where `mask` is False. Observations are not normalised yet."""

    observations: torch.Tensor  # (B, K, D) float32, the policy's columns
    actions: torch.Tensor  # (B, K, A) float32, as executed: what contexts hold
    targets: torch.Tensor  # (B, K, A) float32, what the expert would do: what the loss is on
    returns_to_go: torch.Tensor  # (B, K) float32, raw
    timesteps: torch.Tensor  # (B, K) int64, number of the step within its episode
    mask: torch.Tensor  # (B, K) bool


class Batches(Protocol):
    """Where batches come from; the same number gives the same batch, in any process and order."""

    def batch(self, step: int) -> Batch:
        """Batch number `step`, counted from 0 without end, on the CPU."""
        ...

    def rows(self, step: int) -> str:
        """Where the batch's windows come from, in words, to find the ones that a loss broke on."""
        ...
