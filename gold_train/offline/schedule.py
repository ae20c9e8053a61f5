"""The learning rate, and what chance draws, as functions of the step alone: nothing of them needs to be saved."""

from __future__ import annotations

import math

import numpy as np
import torch

from gold_train.settings import OptimiserSettings


def warm_up_steps(settings: OptimiserSettings, steps: int) -> int:
    """Updates over which the rate grows in a training of `steps` (algorithms 2.2)."""
    return min(settings.most_warm_up, int(settings.warm_up * steps))


def learning_rate(settings: OptimiserSettings, steps: int, step: int) -> float:
    """Rate of update number `step`, counted from 0, in a training of `steps`: it grows, then stays or falls."""
    warm_up = warm_up_steps(settings, steps)
    if step < warm_up:
        return settings.learning_rate * (step + 1) / warm_up
    if settings.decay == "constant":
        return settings.learning_rate
    done = (step - warm_up) / (steps - warm_up)
    return settings.learning_rate * (1 + math.cos(math.pi * done)) / 2


def seed_weights(seed: int) -> None:
    """Set torch's generators for the first weights."""
    torch.manual_seed(_mixed(seed, 0))


def seed_update(seed: int, step: int) -> None:
    """Set torch's generators for update number `step`: its dropout is the same whether training stopped before it."""
    torch.manual_seed(_mixed(seed, step + 1))


def _mixed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0])
