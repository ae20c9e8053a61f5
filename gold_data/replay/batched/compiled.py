"""Scene -> flat arrays that kernels read; many scenes end to end in one table.

A kernel is given a scene's row of `scenes` and the arrays of all: any number of scenes, road users and lines fit, and
environments in one scene share its arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched.lines import GRID, Lines, lines_of
from gold_data.replay.batched.objects import BODIES, Objects, objects_of
from gold_data.replay.scene import Scene

SCENE = np.dtype(
    [
        ("frames", "i8"),  # of the record that are left: L
        ("frame", "i8"),  # where its frames begin in `poses_of`
        ("cell", "i8"),  # where its cells begin in `segments_of`
        ("grid", GRID),
    ]
)


@dataclass(frozen=True)
class CompiledScene:
    """One scene, ready for kernels but for its place among others."""

    scenario_id: str
    frames: int
    objects: Objects
    lines: Lines

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        objects, lines = self.objects, self.lines
        return sum(array.nbytes for array in (objects.first, objects.poses, lines.grid, lines.first, lines.segments))


@dataclass(frozen=True)
class SceneTable:
    """S scenes end to end.

    Frame k of scene s, k at most its `frames`, which stands for all behind the record's end, has the rows
    poses_of[scenes[s].frame + k] to poses_of[scenes[s].frame + k + 1] of `poses`. Cell c of its grid has the rows
    segments_of[scenes[s].cell + c] to segments_of[scenes[s].cell + c + 1] of `segments`.
    """

    scenario_ids: tuple[str, ...]
    scenes: NDArray[np.void]  # (S,) SCENE
    poses_of: NDArray[np.int64]
    poses: NDArray[np.void]  # POSE
    segments_of: NDArray[np.int64]
    segments: NDArray[np.void]  # SEGMENT
    bodies: NDArray[np.void]  # BODY, by POSE's `body`


def compile_scene(scene: Scene) -> CompiledScene:
    """Lay out a scene's road users by frame and its solid lines by cell.

    Follows what MetaDrive spawns: see `objects_of` and `lines_of`.
    """
    return CompiledScene(
        scenario_id=scene.scenario_id,
        frames=scene.frames,
        objects=objects_of(scene),
        lines=lines_of(scene.description["map_features"]),
    )


def stack(scenes: Sequence[CompiledScene]) -> SceneTable:
    """Put scenes end to end; raises SceneError where there is none."""
    if not scenes:
        raise SceneError("there is no scene to drive in: give at least one")
    table = np.zeros(len(scenes), SCENE)
    table["frames"] = [scene.frames for scene in scenes]
    table["grid"] = [scene.lines.grid for scene in scenes]
    table["frame"], poses_of = _end_to_end([scene.objects.first for scene in scenes])
    table["cell"], segments_of = _end_to_end([scene.lines.first for scene in scenes])
    return SceneTable(
        scenario_ids=tuple(scene.scenario_id for scene in scenes),
        scenes=table,
        poses_of=poses_of,
        poses=np.concatenate([scene.objects.poses for scene in scenes]),
        segments_of=segments_of,
        segments=np.concatenate([scene.lines.segments for scene in scenes]),
        bodies=BODIES,
    )


def _end_to_end(firsts: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each list begins in all of them, and all of them with their rows counted through."""
    begins = np.cumsum([0, *(len(first) for first in firsts[:-1])])
    rows = np.cumsum([0, *(first[-1] for first in firsts[:-1])])
    return begins, np.concatenate([first + row for first, row in zip(firsts, rows, strict=True)])
