"""Chance as a function of the seed and a number: nothing of it needs to be saved."""

from __future__ import annotations

import numpy as np
import torch


def seed_weights(seed: int) -> None:
    """Set torch's generators for the first weights."""
    torch.manual_seed(_mixed(seed, 0))


def seed_update(seed: int, step: int) -> None:
    """Set torch's generators for update number `step`: its dropout is the same whether training stopped before it."""
    torch.manual_seed(_mixed(seed, step + 1))


def _mixed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0])
