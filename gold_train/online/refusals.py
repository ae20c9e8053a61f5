"""Scenes that the simulator refuses: counted and named, and the run goes on."""

from __future__ import annotations

from collections.abc import Sequence

from gold_data.errors import GoldDataError, SceneError, SimulatorError
from gold_train.environments.world import Task
from gold_train.errors import TrainingError


class Refusals:
    """What was refused, and why; `most` refusals in a row are one too many."""

    def __init__(self, tasks: Sequence[Task], most: int) -> None:
        self._tasks, self._most = tasks, most
        self.found: dict[int, str] = {}
        """By the scene's number."""
        self._not_told: list[str] = []
        self._in_a_row = 0

    def add(self, scene: int, error: Exception) -> None:
        """Take note of why a scene is left. Raises the error itself where it is of something else than the scene.

        Raises TrainingError where nothing but refusals has come for long enough.
        """
        if isinstance(error, GoldDataError) and not isinstance(error, (SceneError, SimulatorError)):
            raise error
        why = " ".join(str(error).split()) or type(error).__name__
        self.found[scene] = why
        self._not_told.append(f"scene {named(self._tasks[scene])}: the simulator refused it ({why})")
        self._in_a_row += 1
        if self._in_a_row >= self._most:
            raise TrainingError(
                f"the simulator refused {self._in_a_row} scenes in a row, the last one, {named(self._tasks[scene])}, "
                f"with: {why}; see whether `gold-train evaluate` can drive them"
            ) from error

    def driven(self) -> None:
        """Take note that a step was made."""
        self._in_a_row = 0

    def told(self) -> list[str]:
        """A sentence for each since the last time."""
        told, self._not_told = self._not_told, []
        return told


def named(task: Task) -> str:
    """A task in words."""
    return f"{task.scenario_id}/{task.ego_id}"
