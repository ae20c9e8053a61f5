"""Log replay of everyone: where MetaDrive has each object, step by step, beside where the record has it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from gold_data.replay.fidelity import Fidelity, Pose, Recorded, compare
from gold_data.replay.scene import make_scene, origin_of
from gold_data.scenarionet import Description
from gold_data.settings import SimulatorSettings


@dataclass(frozen=True)
class ReplayJob:
    """A description to be replayed to its end, with one of its tracks as the ego."""

    description: Description
    ego_id: str
    settings: SimulatorSettings


def check_replay(job: ReplayJob, on_step: Callable[[int], None]) -> Fidelity:
    """Replay a description in MetaDrive and hold every object at every step against it; see `replay_poses`."""
    poses = replay_poses(job, on_step)  # first: what it refuses has no side to be compared with
    return compare(recorded(job.description, job.ego_id), poses)


def replay_poses(job: ReplayJob, on_step: Callable[[int], None]) -> list[dict[str, Pose]]:
    """Where MetaDrive has each object that it spawned, by id: after the reset, and after each step to the record's end.

    `on_step` is told each step's number before it is taken. Raises SceneError for a scene that no engine can drive,
    and whatever MetaDrive raises.
    """
    from gold_data.replay.metadrive import MetaDrive

    scene = make_scene(job.description, job.ego_id)
    with closing(MetaDrive(job.settings, follow_record=True)) as engine:
        engine.reset(scene)
        poses = [engine.poses()]
        for step in range(1, scene.frames):
            on_step(step)
            engine.step(np.zeros(2))
            poses.append(engine.poses())
    return poses


def recorded(description: Description, ego_id: str) -> Recorded:
    """The record's side of the comparison: the description's own float32 numbers, moved to the scene's frame.

    MetaDrive subtracts the origin in float32 (scenario_description.py), here it is done in float64: what that costs is
    part of the error. What the description's float32 costs beside the record's doubles is not: see `rounding`.
    """
    tracks = description["tracks"]
    origin = origin_of(tracks[ego_id]).astype(np.float64)
    states = [track["state"] for track in tracks.values()]
    return Recorded(
        ids=tuple(tracks),
        kinds=tuple(track["type"] for track in tracks.values()),
        ego=list(tracks).index(ego_id),
        position=np.array([state["position"][:, :2] for state in states], np.float64) - origin,
        heading=np.array([state["heading"] for state in states], np.float64),
        valid=np.array([state["valid"] for state in states], bool),
    )


def rounding(description: Description) -> float:
    """Metres that a valid x or y may be off the record's double at the most, float32 being ScenarioNet's format.

    It is half of what float32 resolves at the farthest position: 0.5 mm from 8 km on from the map's origin, 2 mm from
    32 km on. Infinite where a position is not finite.
    """
    states = [track["state"] for track in description["tracks"].values()]
    far = np.max([np.abs(state["position"][state["valid"], :2]).max(initial=0.0) for state in states])
    return float(np.spacing(np.float32(far))) / 2 if np.isfinite(far) else np.inf
