"""What keeps a drive from being the clean one: where it starts, how far off the record, what is done to its inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.scene import StartOffset


@dataclass(frozen=True)
class Disturbance:
    """Plain data, drawn beforehand: the same disturbance gives the same drive."""

    start: int  # frame of the record at which the drive starts
    offset: StartOffset | None  # off the pose recorded there; None: on it
    amplitude: float  # of the noise, 0 without
    noise: NDArray[np.float64]  # (n, 2) added to steering and throttle, step by step; none beyond

    def added(self, step: int) -> NDArray[np.float64]:
        """(2,) what is added to the inputs `step` steps into the drive."""
        return self.noise[step] if step < len(self.noise) else np.zeros(2)


def start_offset(disturbance: Disturbance | None) -> tuple[float, float, float, float]:
    """Forward, left (m), heading (rad) and speed (m/s) off the record at the start, as Rollout has them."""
    offset = (disturbance.offset if disturbance else None) or StartOffset()
    return offset.forward, offset.left, offset.heading, offset.speed
