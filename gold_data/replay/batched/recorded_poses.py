"""Where the egos of many scenes are in each frame of their records, and where a start off them is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.scene import Motion, Scene


class RecordedPoses:
    """The records of S scenes end to end, in the scenes' frames."""

    def __init__(self, logs: Sequence[Motion]) -> None:
        """`logs` are the scenes', in their order."""
        self._poses = np.concatenate([np.column_stack([log.position, log.heading, log.velocity]) for log in logs])
        self.frames = np.array([len(log.heading) for log in logs])
        """(S,) how many each has."""
        self._first = np.cumsum(self.frames) - self.frames

    def at(
        self,
        scenes: NDArray[np.int64],
        frames: NDArray[np.int64],
        moved: NDArray[np.bool_],
        offsets: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """(N, 5) x, y (m), heading (rad), vx, vy (m/s) in these frames; where `moved`, (N, 4) offsets from there.

        Offsets are forward, left (m), heading (rad) and speed (m/s), put on as make_scene does.
        """
        recorded = self._poses[self._first[scenes] + frames]
        forward, left, turn, faster = offsets.T
        x, y, heading, speed_x, speed_y = recorded.T
        cos, sin, turned = np.cos(heading), np.sin(heading), heading + turn
        speed = np.hypot(speed_x, speed_y) + faster
        displaced = np.column_stack(
            [
                x + forward * cos - left * sin,
                y + forward * sin + left * cos,
                turned,
                speed * np.cos(turned),
                speed * np.sin(turned),
            ]
        )
        return np.where(moved[:, None], displaced, recorded)


def is_whole(scene: Scene) -> bool:
    """Whether a scene has its record from the first frame on, with its origin there."""
    return not scene.start and not (scene.origin.any() and scene.log.position[0].any())
