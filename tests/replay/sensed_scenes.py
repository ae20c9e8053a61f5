"""What MetaDrive senses along a record beside what the compiled scene gives at the same poses."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay import Flag, Readings, Scene, make_scene
from gold_data.replay.batched.compiled import SceneTable, compile_scene, stack
from gold_data.replay.batched.rays import SIDE_RAYS, lidar, lidar_directions, side
from gold_data.replay.batched.touching import contacts, on_solid_line
from gold_data.replay.pace import STEP
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings, SimulatorSettings


@dataclass(frozen=True)
class Sensed:
    """What an ego senses in T frames."""

    side: NDArray[np.float64]  # (T, 12)
    lidar: NDArray[np.float64]  # (T, R)
    flags: NDArray[np.int64]  # (T,) contacts on the way to the frame, and lines in it


@dataclass(frozen=True)
class Path:
    """Where an ego is in T frames, and how it moves on."""

    pose: NDArray[np.float64]  # (T, 3) x, y (m), heading (rad)
    motion: NDArray[np.float64]  # (T, 3) the same a second


def by_metadrive(
    description: Description, ego_id: str, settings: SimulatorSettings | None = None
) -> tuple[Scene, Path, Sensed]:
    """A log replay in MetaDrive."""
    import gold_data.replay.preload  # noqa: F401  (what it freezes makes closing an engine seven times faster)
    from gold_data.replay.metadrive import MetaDrive

    scene = make_scene(description, ego_id)
    settings = settings or ConvertSettings().simulator
    with closing(MetaDrive(settings, follow_record=True)) as engine:
        readings: list[Readings] = [engine.reset(scene)]
        readings += [engine.step(np.zeros(2)) for _ in range(1, scene.frames)]
    stock = np.array([reading.stock for reading in readings], np.float64)
    return (
        scene,
        Path(
            np.array([(reading.x, reading.y, reading.heading) for reading in readings]),
            np.array([(*reading.velocity, reading.yaw_rate) for reading in readings]),
        ),
        Sensed(
            side=stock[:, :SIDE_RAYS],
            lidar=stock[:, -settings.lidar_rays :],
            flags=np.array([int(reading.flags) for reading in readings]),
        ),
    )


def by_kernels(scene: Scene, path: Path, rays: int = 120) -> Sensed:
    """The same poses in the compiled scene."""
    return in_table(stack([compile_scene(scene)]), 0, path, rays)


def in_table(table: SceneTable, number: int, path: Path, rays: int = 120) -> Sensed:
    """The same in one of many scenes."""
    scene = table.scenes[number]
    directions, frames = lidar_directions(rays), len(path.pose)
    sensed = Sensed(np.zeros((frames, SIDE_RAYS)), np.zeros((frames, rays)), np.zeros(frames, np.int64))
    for frame, (x, y, heading) in enumerate(path.pose):
        cos, sin = math.cos(heading), math.sin(heading)
        side(sensed.side[frame], x, y, cos, sin, scene, table.segments_of, table.segments)
        lidar(sensed.lidar[frame], directions, x, y, cos, sin, *rows(table, number, frame), table.poses, table.bodies)
        if frame:
            sensed.flags[frame] = _touched(table, number, frame, path)
            if on_solid_line(x, y, cos, sin, scene, table.segments_of, table.segments):
                sensed.flags[frame] |= Flag.SOLID_LINE
    return sensed


def rows(table: SceneTable, number: int, frame: int) -> tuple[int, int]:
    """First and last row of a scene's road users in a frame."""
    scene = table.scenes[number]
    first = int(scene["frame"]) + min(frame, int(scene["frames"]))
    return int(table.poses_of[first]), int(table.poses_of[first + 1])


def _touched(table: SceneTable, number: int, frame: int, path: Path) -> int:
    flags = 0
    for substep in range(6):
        after = substep * STEP / 5
        on_its_way = path.pose[frame - 1] + after * path.motion[frame - 1]
        x, y, heading = path.pose[frame] if substep == 5 else on_its_way
        users = rows(table, number, frame - 1)
        flags |= contacts(x, y, math.cos(heading), math.sin(heading), after, *users, table.poses, table.bodies)
    return flags
