"""Where in its record an ego came to what it was rejected for: a frame, a place, and a few words for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from gold_data.replay.pace import STEP
from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH, make_scene
from gold_data.scenarionet import Description, cut_frames
from gold_data.trajectories.acceptance import MOVING, pose_jumps
from gold_data.views import palette
from gold_data.views.record import driven_frames
from gold_data.views.rejected_egos import RejectedEgo
from gold_data.views.surroundings import outline


@dataclass(frozen=True)
class Incident:
    """`bodies` are outlines of MetaDrive's bodies, where these tell what the record's boxes do not."""

    frame: int
    place: NDArray[np.float64]  # (2,) m, world frame
    words: str
    bodies: tuple[NDArray[np.float64], ...] = ()  # (5, 2) m each, the ego's first


def incident(ego: RejectedEgo, description: Description) -> Incident | None:
    """Find where it happened, by the rule that was met; None where the record has no frame of the ego.

    A step of a drive is counted from the first frame that is driven, as Rejection.detail has it.
    """
    frames = driven_frames(description, ego.ego) if ego.ego in description["tracks"] else slice(0, 0)
    if frames.start == frames.stop:
        return None
    find = _FINDERS.get(ego.rule, _at_the_end)
    return find(ego, description, frames)


def _at_the_end(ego: RejectedEgo, description: Description, frames: slice) -> Incident:
    words = {
        "too_short": f"here for {frames.stop - frames.start} steps only, until {_time(frames.stop - 1)}",
        "parked": f"a route of {ego.value or 0:.2g} m",
        "no_arrival": f"the record ends here, the drive {ego.value or 0:.2g} m from it",
        "tracking_error": f"the record ends here, the drive {ego.value or 0:.2g} m from it",
    }
    last = frames.stop - 1
    return Incident(last, _positions(description, ego.ego)[last], words.get(ego.rule, ""))


def _at_the_jump(ego: RejectedEgo, description: Description, frames: slice) -> Incident:
    positions = _positions(description, ego.ego)[frames]
    velocities = description["tracks"][ego.ego]["state"]["velocity"][frames].astype(np.float64)
    jumps = pose_jumps(positions, velocities)
    step = int(np.argmax(jumps))
    frame = frames.start + step + 1
    words = f"{STEP * jumps[step]:.2g} m off its velocity in the step to {_time(frame)}"
    return Incident(frame, positions[step + 1], words)


def _off_course(ego: RejectedEgo, description: Description, frames: slice) -> Incident:
    """Where it moves and its heading is furthest from its velocity; standing, a velocity points anywhere."""
    state = description["tracks"][ego.ego]["state"]
    velocity, heading = state["velocity"][frames].astype(np.float64), state["heading"][frames].astype(np.float64)
    course = np.arctan2(velocity[:, 1], velocity[:, 0])
    apart = np.abs(np.remainder(course - heading + np.pi, 2 * np.pi) - np.pi)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    step = int(np.argmax(np.where(speed > min(MOVING, speed.max() / 2), apart, -1.0)))
    frame = frames.start + step
    words = f"heading {heading[step]:.2f}, course {course[step]:.2f} rad at {_time(frame)}"
    return Incident(frame, _positions(description, ego.ego)[frame], words)


def _at_the_nearest_lane(ego: RejectedEgo, description: Description, frames: slice) -> Incident:
    positions = _positions(description, ego.ego)[frames]
    lanes = [one["polyline"][:, :2] for one in description["map_features"].values() if one["type"].startswith("LANE")]
    points = np.concatenate([np.zeros((0, 2)), *lanes])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return Incident(frames.start, positions[0], "the record has no lane")
    gaps = [float(np.min(np.hypot(*(points - position).T))) for position in positions]
    nearest = int(np.argmin(gaps))
    words = f"the nearest lane is {gaps[nearest]:.3g} m away"
    return Incident(frames.start + nearest, positions[nearest], words)


def _at_the_step(ego: RejectedEgo, description: Description, frames: slice) -> Incident:
    """At a step that the rejection names: where MetaDrive's bodies stand on the record then, and who is the nearest."""
    named = re.search(r"step (\d+)", ego.detail)
    step = min(int(named[1]) if named else 0, frames.stop - frames.start - 1)
    own = description["tracks"][ego.ego]["state"]["position"][frames.start + step, :2].astype(np.float64)
    when = f"at {_time(frames.start + step)}"
    if ego.rule == "simulator_error":  # what no engine can drive is no scene
        return Incident(frames.start + step, own, f"{ego.detail}, {when}")
    scene = make_scene(cut_frames(description, frames.start, frames.stop), ego.ego)
    body = _body(own, scene.log.heading[step], (EGO_LENGTH, EGO_WIDTH))
    others = [
        (_body(place, scene.others.heading[row, step], scene.boxes[row, step]), place, scene.kinds[row])
        for row in np.flatnonzero(scene.others.valid[:, step])
        for place in [scene.others.position[row, step] + scene.origin]
    ]
    if not others:
        return Incident(frames.start + step, own, when)
    nearest, place, kind = min(others, key=lambda other: _distance(body, other[0]))
    gap = _distance(body, nearest)
    whose = f"the body of a {palette.ROAD_USERS.get(kind, palette.OTHER_ROAD_USER)[0]}"
    words = f"{when}: {whose}, the nearest, is {gap:.2g} m away" if gap else f"{when}: the ego's body meets {whose}"
    return Incident(frames.start + step, place, words, (body, nearest))


_FINDERS: dict[str, Callable[[RejectedEgo, Description, slice], Incident]] = {
    "bad_heading": _off_course,
    "pose_jump": _at_the_jump,
    "no_map": _at_the_nearest_lane,
    "simulator_error": _at_the_step,
    "contact_on_log": _at_the_step,
    "cost": _at_the_step,
}


def _body(
    place: NDArray[np.float64], heading: float, size: NDArray[np.float64] | tuple[float, float]
) -> NDArray[np.float64]:
    return outline(float(place[0]), float(place[1]), float(heading), float(size[0]), float(size[1]))


def _distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Metres between two outlines, read off at every few centimetres; 0 where they meet."""
    paths = [Path(np.concatenate([corners, corners[:1]])) for corners in (first, second)]
    if paths[0].intersects_path(paths[1]):
        return 0.0
    one, other = (np.asarray(path.interpolated(50).vertices) for path in paths)
    return float(np.min(np.hypot(*(one[:, None] - other[None]).T)))


def _positions(description: Description, ego_id: str) -> NDArray[np.float64]:
    positions: NDArray[np.float64] = description["tracks"][ego_id]["state"]["position"][:, :2].astype(np.float64)
    return positions


def _time(frame: int) -> str:
    return f"{frame * STEP:.1f} s of the record"
