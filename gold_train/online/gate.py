"""The gate's scenes: guide and student together drive them, and a gated curriculum goes by what comes of it."""

from __future__ import annotations

import numpy as np
import torch

from gold_train.environments.world import World
from gold_train.evaluation.driving import drive
from gold_train.evaluation.metrics import measure, parked
from gold_train.online.gated import Gated, gate_score
from gold_train.online.together import Together
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import Policy, target_returns


class Gate:
    """Drives the scenes of a world, parked ones left out, without noise, and tells the curriculum the score."""

    def __init__(self, world: World, guide: Policy, curriculum: Gated, environments: int, device: torch.device) -> None:
        """`environments` scenes are driven at once. Raises SettingsError where no return can be asked for."""
        self._world, self._guide, self._curriculum = world, guide, curriculum
        self._device = device
        self._numbers = [number for number, task in enumerate(world.tasks) if not parked(task)]
        self._tasks = [world.tasks[number] for number in self._numbers]
        self._environments = min(environments, len(self._numbers))
        self._targets = target_returns(guide, self._tasks)

    def due(self, steps_done: int) -> bool:
        """Whether the scenes are to be driven now."""
        return bool(self._numbers) and self._curriculum.due(steps_done)

    def drive(self, student: Policy) -> dict[str, float]:
        """Drive each scene once, the curriculum's stage first with the guide; what came of it, by name."""
        frames = np.array([task.frames for task in self._tasks], np.int64)
        stage = self._curriculum.stage
        together = Together(
            actor_of(self._guide, self._world.blocks, self._environments, self._device),
            actor_of(student, self._world.blocks, self._environments, self._device),
            self._curriculum.gate(frames),
            self._environments,
        )
        traces = drive(together, self._world, self._numbers, self._targets, self._environments)
        score = gate_score([measure(task, trace) for task, trace in zip(self._tasks, traces, strict=True)])
        self._curriculum.told(score, student.step)
        return {"score": score, "stage": stage, "next_stage": self._curriculum.stage}
