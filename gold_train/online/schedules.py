"""Curricula that follow from the steps done alone: in stages, by chance, by a coin a step, or no guide at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_train.chance import Stream, coins, generator
from gold_train.evaluation.metrics import episode_limit
from gold_train.online.curriculum import Curriculum, FirstSteps
from gold_train.online.gated import Gated
from gold_train.online.stages import Stages
from gold_train.settings import GuidanceSettings


def curriculum_of(settings: GuidanceSettings, steps: int, seed: int) -> Curriculum:
    """The curriculum that these settings ask for, of a training of `steps` environment steps (algorithms 2.5)."""
    end = settings.share * steps
    stages = Stages(settings.first, settings.stages)
    if settings.schedule == "fixed":
        return Fixed(stages, end)
    if settings.schedule == "gated":
        return Gated(settings, stages, end)
    if settings.schedule == "random":
        return AnyShare(end, seed)
    return Mix(settings.mix_first, settings.mix_decay, steps, seed)


class WithoutMemory(FirstSteps):
    """A curriculum that need not be told of anything."""

    def state(self) -> dict[str, object]:
        """Nothing: all follows from the steps done."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing is remembered."""


class Alone(WithoutMemory):
    """The student alone, as without a guide."""

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) zeros."""
        return np.zeros(len(frames), np.int64)

    def share(self, steps_done: int) -> float:
        """None."""
        return 0.0


class Fixed(WithoutMemory):
    """Equal stages over the steps up to `end`, and the student alone from the last of them on."""

    def __init__(self, stages: Stages, end: float) -> None:
        self._stages, self._end = stages, end

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) the stage's share of the record."""
        return self._stages.guide_steps(self.stage(steps_done), frames)

    def share(self, steps_done: int) -> float:
        """Of the stages, those that are left."""
        return self._stages.left(self.stage(steps_done))

    def stage(self, steps_done: int) -> int:
        """Number of the stage, from 0 on."""
        return min(int(steps_done / self._end * self._stages.number), self._stages.number - 1)


class AnyShare(WithoutMemory):
    """Any number of steps from none to the whole record, drawn for each episode; none from `end` on."""

    def __init__(self, end: float, seed: int) -> None:
        self._end, self._seed = end, seed

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) drawn from 0 to `frames`, both included, by the episode's number."""
        if steps_done >= self._end:
            return np.zeros(len(frames), np.int64)
        pairs = zip(frames.tolist(), episodes.tolist(), strict=True)
        drawn = [
            generator(self._seed, Stream.GUIDE, episode).integers(0, most, endpoint=True) for most, episode in pairs
        ]
        return np.array(drawn, np.int64)

    def share(self, steps_done: int) -> float:
        """Of the steps up to `end`, those that are left."""
        return max(0.0, 1.0 - steps_done / self._end)


class Mix(WithoutMemory):
    """At each step of each episode a coin: guide or student (liuxy10/safe-sb3, as algorithms 2.5 reads it)."""

    def __init__(self, first: float, decay: float, steps: int, seed: int) -> None:
        self._first, self._decay, self._steps, self._seed = first, decay, steps, seed

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) all steps that an episode may have: the guide may act in any."""
        return np.array([episode_limit(each) for each in frames.tolist()], np.int64)

    def guided(
        self,
        timesteps: NDArray[np.int64],
        guide_steps: NDArray[np.int64],
        episodes: NDArray[np.int64],
        steps_done: int,
    ) -> NDArray[np.bool_]:
        """(n,) how the coins of these steps fall."""
        return coins(self._seed, episodes, timesteps) < self.chance(steps_done)

    def chance(self, steps_done: int) -> float:
        """Of the guide, after so many environment steps."""
        return self._first * self.share(steps_done)

    def share(self, steps_done: int) -> float:
        """The chance as part of the first one; none once all steps are done."""
        return math.exp(-self._decay * steps_done / self._steps) if steps_done < self._steps else 0.0
