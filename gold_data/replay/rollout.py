"""What driving one episode gives, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """T steps of one ego in one scene.

    Row t of the step arrays is what was done from row t of the observations; these have one row more, the observation
    after the last step. `ego_state` and `log_state` hold x, y, z (m), heading (rad), vx, vy (m/s), yaw rate (rad/s) of
    the car that was driven and of the one that was recorded, in the record's world frame; z of the driven car is the
    height of its origin over the simulator's flat ground.
    """

    observations: NDArray[np.float32]  # (T + 1, D)
    actions: NDArray[np.float32]  # (T, 2) steering, throttle in [-1, 1], as executed
    expert_actions: NDArray[np.float32]  # (T, 2) what the tracker would do from that state
    rewards: NDArray[np.float32]  # (T,)
    costs: NDArray[np.float32]  # (T,)
    flags: NDArray[np.uint16]  # (T,) gold_data.replay.flags.Flag
    contact_bearing: NDArray[np.float32]  # (T,) rad in the ego's frame, left positive; NaN without contact
    ego_state: NDArray[np.float64]  # (T + 1, 7)
    log_state: NDArray[np.float64]  # (T + 1, 7)
    terminated: bool
    truncated: bool
    arrived: bool
    route_length: float  # m
    start: int  # frame of the record at which the episode starts
    start_offset: tuple[float, float, float, float]  # forward (m), left (m), heading (rad), speed (m/s) off the record
    noise: float  # amplitude of the disturbance on the actions

    @property
    def length(self) -> int:
        """Number of steps T."""
        return len(self.actions)

    @property
    def displacement(self) -> NDArray[np.float64]:
        """(T + 1,) metres between the driven and the recorded position."""
        difference = self.ego_state[:, :2] - self.log_state[:, :2]
        return np.hypot(difference[:, 0], difference[:, 1])
