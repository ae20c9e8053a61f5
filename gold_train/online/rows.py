"""What one step of all environments brings: the rows of the replay buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """N steps, one a row; reward and cost are raw and apart (algorithms 2.0, 2.5)."""

    observations: NDArray[np.float32]  # (N, D) the student's columns, not normalised
    actions: NDArray[np.float32]  # (N, A) as executed, within [-1, 1]
    rewards: NDArray[np.float32]  # (N,)
    costs: NDArray[np.float32]  # (N,)
    next_observations: NDArray[np.float32]  # (N, D) of an episode's last step: what was seen at its end
    terminated: NDArray[np.bool_]  # (N,) a real end, behind which nothing is worth anything
    truncated: NDArray[np.bool_]  # (N,) the time was over: what is behind it still counts
    guided: NDArray[np.bool_]  # (N,) the guide acted, not the student
    guide_actions: NDArray[np.float32]  # (N, A) what the guide would do; NaN where it was not asked
    guide_steps: NDArray[np.int32]  # (N,) h of the episode
    timesteps: NDArray[np.int32]  # (N,) t, from 0
    scenes: NDArray[np.int32]  # (N,) number of the task
    expert_actions: NDArray[np.float32] | None = None  # (N, A) what the tracker would do; NaN: unknown; None: not asked


def no_rows(observation_size: int, action_size: int) -> Rows:
    """No step at all."""
    seen, done = np.zeros((0, observation_size), np.float32), np.zeros((0, action_size), np.float32)
    return Rows(
        observations=seen,
        actions=done,
        rewards=np.zeros(0, np.float32),
        costs=np.zeros(0, np.float32),
        next_observations=seen,
        terminated=np.zeros(0, bool),
        truncated=np.zeros(0, bool),
        guided=np.zeros(0, bool),
        guide_actions=done,
        guide_steps=np.zeros(0, np.int32),
        timesteps=np.zeros(0, np.int32),
        scenes=np.zeros(0, np.int32),
    )
