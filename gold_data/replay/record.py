"""Two ways to drive the record: teleported along it (log replay), or steered along it (tracked)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.contact import log_clearance
from gold_data.replay.disturbance import Disturbance, start_offset
from gold_data.replay.drive import Drive, Outcome
from gold_data.replay.flags import Flag
from gold_data.replay.rollout import Rollout
from gold_data.replay.scene import make_scene
from gold_data.replay.tracker import Tracker
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings, TrackerSettings


@dataclass(frozen=True)
class DriveJob:
    """One ego to be driven along its record, undisturbed or not."""

    description: Description
    ego_id: str
    settings: ConvertSettings
    disturbance: Disturbance | None = None


@dataclass(frozen=True)
class Tracked:
    """The record was driven by the tracker."""

    rollout: Rollout


@dataclass(frozen=True)
class ContactOnLog:
    """The record itself touches someone, so that there is nothing to imitate: its log replay."""

    log: Rollout


def drive_job(job: DriveJob, on_step: Callable[[int], None]) -> Tracked | ContactOnLog:
    """Drive one ego along its record, the log replay before an undisturbed drive being asked for its contacts.

    In MetaDrive each drive has a fresh engine, and is told step by step; in the batched engine both are one call each,
    in a scene that is made once. Raises SceneError for a scene that cannot be driven, and whatever MetaDrive raises.
    """
    return _by_batched(job) if job.settings.engine == "batched" else _by_metadrive(job, on_step)


def _by_batched(job: DriveJob) -> Tracked | ContactOnLog:
    from gold_data.replay.batched.replaying import replay
    from gold_data.replay.batched.stage import stage_of
    from gold_data.replay.batched.tracking import track

    settings, disturbance = job.settings, job.disturbance
    start = (disturbance.start, disturbance.offset) if disturbance else ()
    stage = stage_of(make_scene(job.description, job.ego_id, *start), settings.simulator)
    if disturbance is None:
        log = replay(stage, settings)
        if _touches(log):
            return ContactOnLog(log)
    return Tracked(track(stage, settings, disturbance))


def _by_metadrive(job: DriveJob, on_step: Callable[[int], None]) -> Tracked | ContactOnLog:
    from gold_data.replay.metadrive import MetaDrive

    settings = job.settings
    if _may_touch(job):
        with closing(Drive(MetaDrive(settings.simulator, follow_record=True), settings)) as drive:
            log = replay_record(drive, job.description, job.ego_id, on_step)
        if _touches(log):
            return ContactOnLog(log)
    with closing(Drive(MetaDrive(settings.simulator), settings)) as drive:
        return Tracked(track_record(drive, job.description, job.ego_id, settings.tracker, on_step, job.disturbance))


def _may_touch(job: DriveJob) -> bool:
    """Whether a replay in MetaDrive, which costs as much as a drive, could find a contact.

    A road user whose body keeps clear of the ego's all along the record cannot touch it there.
    """
    if job.disturbance is not None:
        return False
    return log_clearance(make_scene(job.description, job.ego_id)) <= job.settings.acceptance.contact_margin


def _touches(log: Rollout) -> bool:
    return bool((log.flags & Flag.contact()).any())


def track_record(
    drive: Drive,
    description: Description,
    ego_id: str,
    settings: TrackerSettings,
    on_step: Callable[[int], None],
    disturbance: Disturbance | None = None,
) -> Rollout:
    """Drive the ego along its record with the tracker; `on_step` is told each step's number before it is driven."""
    first = drive.reset(description, ego_id, *((disturbance.start, disturbance.offset) if disturbance else ()))
    tracker = Tracker(drive.scene, settings)

    def expert(last: Outcome) -> NDArray[np.float64]:
        return tracker.action(drive.steps, last.readings, float(last.action[0]))

    return _driven(drive, first, expert, on_step, disturbance)


def replay_record(drive: Drive, description: Description, ego_id: str, on_step: Callable[[int], None]) -> Rollout:
    """Log replay: `drive`'s engine must put the ego on its record. Its actions, (0, 0), are executed by nobody."""
    return _driven(drive, drive.reset(description, ego_id), lambda last: np.zeros(2), on_step, None)


def _driven(
    drive: Drive,
    first: Outcome,
    expert: Callable[[Outcome], NDArray[np.float64]],
    on_step: Callable[[int], None],
    disturbance: Disturbance | None,
) -> Rollout:
    outcomes, wanted = [first], []
    while not (outcomes[-1].terminated or outcomes[-1].truncated):
        on_step(drive.steps + 1)
        wanted.append(expert(outcomes[-1]))
        added = disturbance.added(drive.steps) if disturbance else 0.0
        outcomes.append(drive.step(wanted[-1] + added))
    return Rollout(
        observations=np.array([outcome.observation for outcome in outcomes]),
        actions=np.array([outcome.action for outcome in outcomes[1:]], np.float32),
        expert_actions=np.clip(np.array(wanted, np.float32), -1.0, 1.0),
        rewards=np.array([outcome.reward for outcome in outcomes[1:]], np.float32),
        costs=np.array([outcome.cost for outcome in outcomes[1:]], np.float32),
        flags=np.array([outcome.flags for outcome in outcomes[1:]], np.uint16),
        contact_bearing=np.array([outcome.contact_bearing for outcome in outcomes[1:]], np.float32),
        ego_state=np.array([drive.ego_state(outcome.readings) for outcome in outcomes]),
        log_state=drive.log_state(),
        terminated=outcomes[-1].terminated,
        truncated=outcomes[-1].truncated,
        arrived=outcomes[-1].arrived,
        route_length=drive.scene.route.length,
        start=drive.scene.start,
        start_offset=start_offset(disturbance),
        noise=disturbance.amplitude if disturbance else 0.0,
    )
