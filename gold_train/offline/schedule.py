"""The learning rate, as a function of the step alone: nothing of it needs to be saved."""

from __future__ import annotations

import math

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
