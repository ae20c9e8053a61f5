"""One scene driven in MetaDrive and, by the same actions, in the batched engine: four times, in four ways.

Ends are ignored: each drive goes on to the record's end, since what comes behind an end is compared just as well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data.chance import generator
from gold_data.replay.batched.engine import Batched
from gold_data.replay.batched.onlooker import Onlooker
from gold_data.replay.batched.replaying import replay_frames
from gold_data.replay.batched.stage import stage_of
from gold_data.replay.drive import Drive, Engine, Outcome
from gold_data.replay.observation import slices
from gold_data.replay.parity import Driven, DriveParity, compare_drives
from gold_data.replay.scene import Motion, Scene, make_scene
from gold_data.replay.tracker import Tracker
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings

LOG, TRACKER, ROUTE, RANDOM = "log", "tracker", "route", "random"
"""Put on the record; steered along it on time; steered along its path, but slower; by random actions."""

DRIVES = (LOG, TRACKER, ROUTE, RANDOM)

PACE = 0.8
"""Share of the record's speed at which its path is followed: the others come closer, and touch."""

HELD = 5
"""Steps for which a random action is held: changed at each step, it would cancel itself out."""

NUDGE = 1e-6
"""By which the inputs are off, up or down by chance, in a drive that shows how much MetaDrive hangs on noise."""

Policy: TypeAlias = Callable[[int, Outcome], NDArray[np.float64]]
"""What to do (steering, throttle) so many steps into the drive, after an outcome."""


@dataclass(frozen=True)
class ParityJob:
    """An ego to be driven in both engines.

    With `itself` MetaDrive takes the batched engine's place, its actions nudged by a millionth: no engine need be
    closer to MetaDrive than MetaDrive is to itself.
    """

    description: Description
    ego_id: str
    settings: ConvertSettings
    itself: bool = False


def drive_both(job: ParityJob, on_step: Callable[[int], None]) -> tuple[DriveParity, ...]:
    """Drive a scene in each of the four ways in both engines; `on_step` is told each step's number in MetaDrive.

    Raises SceneError for a scene that no engine can drive, and whatever MetaDrive raises.
    """
    return tuple(_drive_both(job, name, on_step) for name in DRIVES)


def policy_of(name: str, scene: Scene, settings: ConvertSettings) -> Policy:
    """The policy of one of the four ways; that of the log replay does nothing."""
    if name in (TRACKER, ROUTE):
        followed = scene if name == TRACKER else replace(scene, track=slowed(scene.track, PACE))
        tracker = Tracker(followed, settings.tracker)
        return lambda step, last: tracker.action(step, last.readings, float(last.action[0]))
    if name == RANDOM:
        drawn = generator(scene.scenario_id, "parity").uniform(-1.0, 1.0, (scene.frames // HELD + 1, 2))
        return lambda step, last: np.asarray(drawn[step // HELD])
    return lambda step, last: np.zeros(2)


def slowed(track: Motion, share: float) -> Motion:
    """The same path at a share of its speed: as long in time, and so only as far."""
    frames = np.arange(len(track.heading))

    def at(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.interp(share * frames, frames, values))

    return Motion(
        position=np.column_stack([at(track.position[:, 0]), at(track.position[:, 1])]),
        height=at(track.height),
        heading=at(np.unwrap(track.heading)),
        velocity=share * np.column_stack([at(track.velocity[:, 0]), at(track.velocity[:, 1])]),
        valid=track.valid,
    )


def _drive_both(job: ParityJob, name: str, on_step: Callable[[int], None]) -> DriveParity:
    from gold_data.replay.metadrive import MetaDrive

    simulator, follow = job.settings.simulator, name == LOG
    policy = policy_of(name, make_scene(job.description, job.ego_id), job.settings)
    with closing(Drive(MetaDrive(simulator, follow), job.settings)) as drive:
        layout = slices(drive.blocks)
        theirs = [drive.reset(job.description, job.ego_id)]
        for step in range(drive.scene.frames - 1):
            on_step(step + 1)
            theirs.append(drive.step(policy(step, theirs[-1])))
    actions = np.array([outcome.action for outcome in theirs[1:]])
    if job.itself:
        signs = generator(str(job.description["id"]), "nudge").choice((-1.0, 1.0), actions.shape)
        ours = at_pose = _driven(job, MetaDrive(simulator, follow), actions + NUDGE * signs)
    elif follow:
        ours = at_pose = _replayed(job)
    else:
        at_pose = _driven(job, Onlooker(simulator, [outcome.readings for outcome in theirs]), actions)
        ours = _driven(job, Batched(simulator), actions)
    return compare_drives(name, Driven.of(theirs), ours, at_pose.flags, layout)


def _driven(job: ParityJob, engine: Engine, actions: NDArray[np.float64]) -> Driven:
    with closing(Drive(engine, job.settings)) as drive:
        return Driven.of([drive.reset(job.description, job.ego_id), *(drive.step(action) for action in actions)])


def _replayed(job: ParityJob) -> Driven:
    scene = make_scene(job.description, job.ego_id)
    taken, states = replay_frames(stage_of(scene, job.settings.simulator), job.settings, scene.frames - 1)
    return Driven(
        observations=taken.observations,
        poses=states[:, [0, 1, 3]],
        rewards=taken.rewards[1:].astype(np.float64),
        costs=taken.costs[1:].astype(np.float64),
        flags=taken.flags[1:].astype(np.int64),
        arrived=taken.arrived,
    )
