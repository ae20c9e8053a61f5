"""A curriculum that goes on when guide and student together drive well, and back when they do not (algorithms 2.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_train.errors import CheckpointError
from gold_train.evaluation.metrics import Metrics, episode_limit
from gold_train.online.curriculum import FirstSteps
from gold_train.online.stages import Stages
from gold_train.settings import GuidanceSettings


class Gated(FirstSteps):
    """Stages that are moved by the scores of the gate's scenes; the first score to beat is the guide's own.

    `due` says when to drive them, `gate` with which h, `told` takes the score. From `end` on the student is alone.
    """

    def __init__(self, settings: GuidanceSettings, stages: Stages, end: float) -> None:
        self._settings, self._stages, self._end = settings, stages, end
        self.stage = 0
        self.best: float | None = None
        """The score to beat; none before the guide has driven."""
        self._scores: list[float] = []  # since the last move
        self._lacking = 0  # windows in a row
        self._next = 0  # environment steps

    def begin(self, frames: NDArray[np.int64], episodes: NDArray[np.int64], steps_done: int) -> NDArray[np.int64]:
        """(n,) the stage's share of the record; none once the student is alone."""
        return self._stages.guide_steps(self._at(steps_done), frames)

    def share(self, steps_done: int) -> float:
        """Of the stages, those that are left."""
        return self._stages.left(self._at(steps_done))

    def due(self, steps_done: int) -> bool:
        """Whether the gate's scenes are to be driven now: before the first step, and each time that so many are done.

        Once the student is alone there is nothing to decide.
        """
        return steps_done < self._end and steps_done >= self._next

    def gate(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) h to drive the gate's scenes with: all steps the first time, then the stage's share."""
        if self.best is None:
            return np.array([episode_limit(each) for each in frames.tolist()], np.int64)
        return self._stages.guide_steps(self.stage, frames)

    def told(self, score: float, steps_done: int) -> None:
        """Take note of what the gate's scenes came to, and move on or back where that is due."""
        every = self._settings.gate_every
        self._next = (steps_done // every + 1) * every
        if self.best is None:
            self.best = score
        else:
            self._judge(score, self.best)

    def state(self) -> dict[str, object]:
        """Stage, best score, scores since the last move, windows that lacked, and when the gate is due."""
        return {
            "stage": self.stage,
            "best": self.best,
            "scores": list(self._scores),
            "lacking": self._lacking,
            "next": self._next,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave. Raises CheckpointError for what is none."""
        try:
            self.stage, self._lacking, self._next = (int(state[name]) for name in ("stage", "lacking", "next"))
            self.best = None if state["best"] is None else float(state["best"])
            self._scores = [float(score) for score in state["scores"]]
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"the gate's state cannot be read ({error}); take a checkpoint of a gated run"
            ) from error

    def _judge(self, score: float, best: float) -> None:
        self._scores.append(score)
        if len(self._scores) < self._settings.gate_window:
            return
        mean = float(np.mean(self._scores[-self._settings.gate_window :]))
        # Of the best score's size, since scores may be negative.
        if mean >= best - self._settings.gate_forward * abs(best):
            self.best = max(best, mean)
            self._move(1)
        elif mean < best - self._settings.gate_back * abs(best):
            self._lacking += 1
            if self._lacking >= self._settings.gate_patience:
                self._move(-1)
        else:
            self._lacking = 0

    def _move(self, by: int) -> None:
        self.stage = min(max(self.stage + by, 0), self._stages.number - 1)
        self._scores, self._lacking = [], 0

    def _at(self, steps_done: int) -> int:
        return self._stages.number - 1 if steps_done >= self._end else self.stage


def gate_score(driven: Sequence[Metrics]) -> float:
    """Success within the recorded length less half the contacts, means over the gate's scenes (algorithms 2.5)."""
    return float(np.mean([each.success - 0.5 * each.contact for each in driven]))
