"""What keeps a drive from being the clean one: where it starts, how far off the record, what is done to its inputs."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Disturbances:
    """N of them, one for each of N drives, as arrays."""

    start: NDArray[np.int64]  # (N,)
    moved: NDArray[np.bool_]  # (N,) off the recorded pose
    offset: NDArray[np.float64]  # (N, 4) forward, left (m), heading (rad), speed (m/s)
    noise: NDArray[np.float64]  # (N, n, 2)


def together(disturbances: Sequence[Disturbance | None]) -> Disturbances:
    """Lay disturbances side by side; None is a drive without one."""
    steps = max((len(one.noise) for one in disturbances if one), default=0)
    noise = np.zeros((len(disturbances), steps, 2))
    for row, one in zip(noise, disturbances, strict=True):
        if one:
            row[: len(one.noise)] = one.noise
    return Disturbances(
        start=np.array([one.start if one else 0 for one in disturbances], np.int64),
        moved=np.array([one is not None and one.offset is not None for one in disturbances], bool),
        offset=np.array([start_offset(one) for one in disturbances], np.float64).reshape(-1, 4),
        noise=noise,
    )


def start_offset(disturbance: Disturbance | None) -> tuple[float, float, float, float]:
    """Forward, left (m), heading (rad) and speed (m/s) off the record at the start, as Rollout has them."""
    offset = (disturbance.offset if disturbance else None) or StartOffset()
    return offset.forward, offset.left, offset.heading, offset.speed
