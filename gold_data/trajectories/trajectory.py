"""One episode as arrays, and the sums that hang on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lineage:
    """Where an episode comes from.

    `source` is the name of the argument's last folder and the path below it; `offset` the record's first byte in that
    file; `crc` the unmasked CRC-32C of the record's bytes; `drive` the group of records that share one drive.
    """

    source: str
    offset: int
    crc: int
    drive: str


@dataclass(frozen=True)
class Trajectory:
    """One episode of T steps: observation, action, reward, cost, and where everything was.

    Row t of the step arrays is what was done from row t of the observations; these have one row more, the observation
    after the last step. World frame: the record's. `ego_state` and `log_state` hold x, y, z (m), heading (rad),
    vx, vy (m/s), yaw rate (rad/s): of the car that was driven and of the one that was recorded.
    """

    scenario_id: str
    ego_id: str
    lineage: Lineage
    observations: NDArray[np.float32]  # (T + 1, D)
    actions: NDArray[np.float32]  # (T, 2) steering, throttle in [-1, 1], as executed
    expert_actions: NDArray[np.float32]  # (T, 2) what the tracker would do from that state
    rewards: NDArray[np.float32]  # (T,)
    costs: NDArray[np.float32]  # (T,)
    flags: NDArray[np.uint16]  # (T,) gold_data.replay.flags
    contact_bearing: NDArray[np.float32]  # (T,) rad in the ego's frame, left positive; NaN without contact
    ego_state: NDArray[np.float64]  # (T + 1, 7)
    log_state: NDArray[np.float64]  # (T + 1, 7)
    terminated: bool
    truncated: bool
    arrived: bool
    start: int  # step of the record at which the episode starts
    start_offset: tuple[float, float, float, float]  # forward (m), left (m), heading (rad), speed (m/s): start off the record's pose
    noise: float  # amplitude of the disturbance on the actions
    route_length: float  # m

    @property
    def length(self) -> int:
        """Number of steps T."""
        return len(self.actions)

    @property
    def returns_to_go(self) -> NDArray[np.float32]:
        """(T,) undiscounted sum of the rewards from each step on (Decision Transformer, section 3)."""
        return to_go(self.rewards)

    @property
    def costs_to_go(self) -> NDArray[np.float32]:
        """(T,) undiscounted sum of the costs from each step on."""
        return to_go(self.costs)

    @property
    def displacement(self) -> NDArray[np.float64]:
        """(T + 1,) metres between the driven and the recorded position."""
        difference = self.ego_state[:, :2] - self.log_state[:, :2]
        return np.hypot(difference[:, 0], difference[:, 1])


def to_go(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of values from each index to the end: summed in float64, rounded once."""
    return np.cumsum(values[::-1], dtype=np.float64)[::-1].astype(np.float32)
