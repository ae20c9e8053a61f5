"""What a step of cost weighs in reward, moved towards a limit of an episode's cost (algorithms 2.6-d).

A controller of three terms (Stooke and others; liuzuxin/FSRL: fsrl/utils/optim_util.py), whose gains adapt to what it
sees (CLIVERCHEN/Marvel-O2O_Safe_RL: utils.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from gold_train.errors import CheckpointError
from gold_train.settings import CostWeightSettings

SHIFT: Final = 0.1
"""Added to the mean cost that gains are adapted by, which may be none."""


@dataclass(frozen=True)
class Gains:
    """Weight for the excess of cost over its limit, for the sum of it and for its growth."""

    proportional: float
    integral: float
    derivative: float


def adapted(gains: Gains, first: Gains, costs: Sequence[float], limit: float, rate: float, span: float) -> Gains:
    """Gains behind the last smoothed `costs`: up where their mean exceeds `limit`, that of growth where they spread.

    Each stays within `first` / span and `first` * span. A mean near none turns the factor negative, which takes a gain
    to its floor at once.
    """
    mean, spread = float(np.mean(costs)) + SHIFT, float(np.std(costs))
    excess = 1 + rate * (mean - limit) / mean
    growth = 1 + rate * spread / mean

    def bounded(gain: float, begin: float) -> float:
        return min(max(gain, begin / span), begin * span)

    return Gains(
        bounded(gains.proportional * excess, first.proportional),
        bounded(gains.integral * excess, first.integral),
        bounded(gains.derivative * growth, first.derivative),
    )


class CostWeight:
    """The weight, which starts at `first` and follows the costs of episodes in the order of their ends.

    Before the first episodes the limit stands for their costs.
    """

    def __init__(self, settings: CostWeightSettings, limit: float, first: float) -> None:
        """`limit` is of an episode's cost."""
        self._settings, self._limit = settings, limit
        self._first = Gains(settings.proportional, settings.integral, settings.derivative)
        self._gains = self._first
        self._sum = first / settings.integral
        self._recent = [limit] * max(settings.delay, settings.window)
        self.weight = first
        """In reward, of a step of cost; never negative."""

    def told(self, costs: list[float]) -> None:
        """Take note of the costs of episodes that ended."""
        for cost in costs:
            self._follow(cost)

    def state(self) -> dict[str, float]:
        """All that going on needs, by name."""
        recent = {f"recent.{number}": cost for number, cost in enumerate(self._recent)}
        return {"weight": self.weight, "sum": self._sum} | asdict(self._gains) | recent

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from what `state` gave. Raises CheckpointError where it is of a controller of other settings."""
        if state.keys() != self.state().keys():
            raise CheckpointError(
                f"the cost weight's state holds {', '.join(sorted(state)) or 'nothing'}; "
                "take a checkpoint of these settings"
            )
        self.weight, self._sum = state["weight"], state["sum"]
        self._gains = Gains(state["proportional"], state["integral"], state["derivative"])
        self._recent = [state[f"recent.{number}"] for number in range(len(self._recent))]

    def _follow(self, cost: float) -> None:
        settings = self._settings
        smoothed = settings.smoothing * self._recent[-1] + (1 - settings.smoothing) * cost
        excess = smoothed - self._limit
        growth = max(0.0, smoothed - self._recent[-settings.delay])
        self._recent = [*self._recent[1:], smoothed]
        self._sum = max(0.0, self._sum + excess)
        window = self._recent[-settings.window :]
        self._gains = adapted(self._gains, self._first, window, self._limit, settings.adaptation, settings.gain_range)
        terms = self._gains.proportional * excess, self._gains.integral * self._sum, self._gains.derivative * growth
        self.weight = max(0.0, sum(terms))
