"""How near road users come to the ego, by the boxes of MetaDrive's bodies: who was touched, who cannot have been."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.flags import Flag
from gold_data.replay.pace import STEP
from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH, Scene

SUBSTEPS = 5
"""Physics steps in one step of 0.1 s; MetaDrive looks for contacts after each, bodies moving on at their velocity."""

PARKED = 0.3
"""m/s of the record below which a road user counts as parked (algorithms.md 2.7)."""

KINDS = {
    Flag.CONTACT_VEHICLE: ("VEHICLE",),
    Flag.CONTACT_HUMAN: ("PEDESTRIAN", "CYCLIST"),
    Flag.CONTACT_OBJECT: ("TRAFFIC_CONE", "TRAFFIC_BARRIER"),
}


@dataclass(frozen=True)
class Touched:
    """The road user in contact: bearing of its centre in the ego's frame (rad, left positive), and if it is parked."""

    bearing: float
    parked: bool


def touched(scene: Scene, frame: int, x: float, y: float, heading: float, flags: Flag) -> Touched | None:
    """Who is in contact with an ego at `x`, `y` (m), `heading` (rad) in a step to `frame`; None if nobody is there.

    The simulator says which kind was touched; of that kind the nearest one, box to box, is taken.
    """
    named = tuple(kind for bit, kinds in KINDS.items() if flags & bit for kind in kinds)
    frame = min(frame, scene.frames - 1)
    kinds = np.array([kind in named for kind in scene.kinds], bool)
    there = np.flatnonzero(kinds & scene.others.valid[:, frame])
    if not len(there):
        return None
    position, facing = scene.others.position[there, frame], scene.others.heading[there, frame]
    gaps = _gap(np.array([x, y]), np.array(heading), position, facing, scene.boxes[there, frame])
    nearest = int(np.argmin(gaps))
    towards = position[nearest] - (x, y)
    bearing = math.remainder(math.atan2(towards[1], towards[0]) - heading, 2 * math.pi)
    speed = float(np.hypot(*scene.others.velocity[there[nearest], frame]))
    return Touched(bearing, speed < PARKED)


def log_clearance(scene: Scene) -> float:
    """Metres that every road user keeps from the ego's body in the log replay, at least; infinity where it is alone.

    Between two frames all bodies move on at their recorded velocity, as they do in the simulator.
    """
    log, others = scene.log, scene.others
    nearest = math.inf
    for substep in range(SUBSTEPS + 1):
        ahead = substep * STEP / SUBSTEPS
        gaps = _gap(
            log.position + ahead * log.velocity,
            log.heading,
            others.position + ahead * others.velocity,
            others.heading,
            scene.boxes,
        )
        nearest = min(nearest, float(np.min(gaps, where=others.valid & log.valid, initial=math.inf)))
    return nearest


def _gap(
    ego_position: NDArray[np.float64],
    ego_heading: NDArray[np.float64],
    position: NDArray[np.float64],
    heading: NDArray[np.float64],
    box: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Largest separation along the four edge directions of two boxes: at most their distance, < 0 if they meet."""
    between = position - ego_position
    cos, sin = np.abs(np.cos(heading - ego_heading)), np.abs(np.sin(heading - ego_heading))
    gaps = []
    for angle, own, other in (
        (ego_heading, (EGO_LENGTH / 2, EGO_WIDTH / 2), (box[..., 0] / 2, box[..., 1] / 2)),
        (heading, (box[..., 0] / 2, box[..., 1] / 2), (EGO_LENGTH / 2, EGO_WIDTH / 2)),
    ):
        along = np.abs(between[..., 0] * np.cos(angle) + between[..., 1] * np.sin(angle))
        beside = np.abs(between[..., 1] * np.cos(angle) - between[..., 0] * np.sin(angle))
        gaps.append(along - own[0] - other[0] * cos - other[1] * sin)
        gaps.append(beside - own[1] - other[0] * sin - other[1] * cos)
    return np.asarray(np.max(gaps, axis=0))
