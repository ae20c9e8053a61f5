"""Where and when episodes begin, as recorded or varied, and when they are cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.environment import SUBSTEP, World, start_of, touch
from gold_data.replay.batched.judging import HUMAN, OBJECT, VEHICLE
from gold_data.replay.batched.recorded_poses import RecordedPoses, is_whole
from gold_data.replay.ends import step_limit
from gold_data.replay.scene import Motion, Scene, StartOffset
from gold_data.replay.variation import Variation
from gold_data.settings import EndSettings

AT_ONCE = 0.5
"""s within which a varied start must touch nobody, if all go on as they are: nobody could drive out of that."""


@dataclass(frozen=True)
class CompiledStart:
    """What one scene's episodes begin with."""

    pose: tuple[float, ...]  # x, y (m), heading (rad), vx, vy (m/s)
    log: Motion
    whole: bool  # it has its record from the first frame on


@dataclass(frozen=True)
class Begun:
    """N episodes at their starts."""

    poses: NDArray[np.float64]  # (N, 5) x, y (m), heading (rad), vx, vy (m/s)
    frames: NDArray[np.int64]  # (N,) of the record
    traffic: NDArray[np.int64]  # (N,) frames by which all others are ahead of the record
    slack: NDArray[np.int64]  # (N,) frames by which to arrive later than the record does
    limits: NDArray[np.int64]  # (N,) frame of the record, or behind it, at which they are cut off
    varied: NDArray[np.bool_]  # (N,)


def compile_start(scene: Scene) -> CompiledStart:
    """What of a scene its episodes' starts are made of."""
    return CompiledStart(start_of(scene), scene.log, is_whole(scene))


class Starts:
    """Those of S scenes."""

    def __init__(self, starts: Sequence[CompiledStart], ends: EndSettings) -> None:
        """Raises SceneError where there is none."""
        if not starts:
            raise SceneError("there is no scene to begin in: give at least one")
        self._starts, self._whole = np.array([one.pose for one in starts]), [one.whole for one in starts]
        self._recorded, self._ends = RecordedPoses([one.log for one in starts]), ends
        self._limits = np.array([step_limit(frames, ends) for frames in self._recorded.frames.tolist()])

    def __len__(self) -> int:
        return len(self._starts)

    def of(self, scenes: NDArray[np.int64], variations: Sequence[Variation | None] = ()) -> Begun:
        """Episodes in these scenes, the k-th as variations[k] has it, if there are any.

        Raises SceneError for a variation that its record has no room for.
        """
        nothing = np.zeros(len(scenes), np.int64)
        begun = Begun(
            poses=self._starts[scenes],
            frames=nothing.copy(),
            traffic=nothing.copy(),
            slack=nothing.copy(),
            limits=self._limits[scenes],
            varied=np.array([one is not None for one in variations] or nothing, bool),
        )
        for row, (scene, variation) in enumerate(zip(scenes.tolist(), variations, strict=bool(variations))):
            if variation is not None:
                self._vary(begun, row, scene, variation)
        return begun

    def _vary(self, begun: Begun, row: int, scene: int, variation: Variation) -> None:
        recorded, start = int(self._recorded.frames[scene]), variation.start
        frames = variation.frames(recorded)
        if not self._whole[scene] or not 0 <= start <= recorded - 2 or start + variation.traffic < 0 or frames < 2:
            raise SceneError(
                f"scene {scene}: a start at frame {start} with traffic {variation.traffic} frames ahead and {frames} "
                f"frames to arrive does not fit its record of {recorded}; vary within it, and a whole record alone"
            )
        offset = variation.offset or StartOffset()
        begun.poses[row] = self._recorded.at(
            np.array([scene]),
            np.array([start]),
            np.array([variation.offset is not None]),
            np.array([[offset.forward, offset.left, offset.heading, offset.speed]]),
        )[0]
        begun.frames[row], begun.traffic[row] = start, variation.traffic
        begun.slack[row] = start + frames - recorded
        begun.limits[row] = start + step_limit(frames, self._ends)


@njit(cache=True)
def touch_at_once(
    world: World, which: NDArray[np.int64], environments: NDArray[np.void], states: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) whether these environments' egos, which have just begun, will touch somebody within AT_ONCE."""
    way = np.empty((int(AT_ONCE / SUBSTEP) + 1, 3))
    found = np.zeros(len(which), np.bool_)
    for number in range(len(which)):
        index = which[number]
        x, y, _, heading, speed_x, speed_y, _ = vehicle.readings(states[index])
        for substep in range(len(way)):
            after = substep * SUBSTEP
            way[substep, 0], way[substep, 1], way[substep, 2] = x + after * speed_x, y + after * speed_y, heading
        found[number] = (touch(world, environments[index], way) & (VEHICLE | OBJECT | HUMAN)) != 0
    return found
