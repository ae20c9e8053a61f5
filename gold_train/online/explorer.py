"""The student that explores: a copy that stays as it is while a round is driven."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from gold_train.policies.sampling import Sampling
from gold_train.policies.student import Student


class Explorer:
    """Acts as `sampling` draws, with noise that it is given; what the learner changes meanwhile, it does not see."""

    def __init__(self, student: Student, sampling: Sampling, device: str | torch.device = "cpu") -> None:
        self._student = copy.deepcopy(student).to(device).eval().requires_grad_(requires_grad=False)
        self._sampling, self._device = sampling, torch.device(device)

    @torch.no_grad()
    def follow(self, student: Student) -> None:
        """Become what this student is now; to be called while nobody changes it."""
        for own, other in zip(self._tensors(self._student), self._tensors(student), strict=True):
            own.copy_(other)

    @torch.inference_mode()
    def act(self, observations: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, A) actions in [-1, 1] for raw observations (n, D), of the student's columns, and normal noise (n, A)."""
        seen = torch.from_numpy(observations).to(self._device)
        mean, log_std = self._student.parts(self._student.normaliser(seen))
        drawn = self._sampling.drawn(mean, self._sampling.log_std(log_std), torch.from_numpy(noise).to(self._device))
        actions: NDArray[np.float32] = drawn.clamp(-1, 1).float().cpu().numpy()
        return actions

    @staticmethod
    def _tensors(student: Student) -> list[torch.Tensor]:
        return [*student.parameters(), *student.buffers()]
