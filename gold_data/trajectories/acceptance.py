"""Why an ego does not become an episode: rules that the record alone decides, and rules that need the drive.

They are asked in the order of RULES, and the first that applies is the reason given. Thresholds stand in
AcceptanceSettings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.pace import STEP
from gold_data.replay.rollout import Rollout
from gold_data.replay.route import route_length
from gold_data.settings import AcceptanceSettings

RULES = {
    "too_short": "the ego is not valid over enough steps in a row",
    "bad_heading": "headings are degrees, or disagree with the direction of travel: never mended in silence",
    "parked": "the route is too short: MetaDrive takes such an ego for arrived",
    "pose_jump": "a recorded step does not fit the recorded velocity",
    "no_map": "no lane is near the route",
    # From here on MetaDrive drives it, or tries to.
    "not_describable": "the record contradicts itself (an index that names no track, an id that comes twice)",
    "simulator_error": "MetaDrive raised an error, died or hung",
    "contact_on_log": "the recorded ego touches someone: the record's boxes and MetaDrive's differ",
    "no_arrival": "the tracker does not arrive; the value is its distance from the record at the end",
    "cost": "the tracker touches someone or leaves the road",
    "tracking_error": "the tracker ends too far from the record",
}
"""What each rule finds, in the order in which they are asked."""


MOVING = 2.0
"""m/s from which on a velocity has a direction that a heading can be held to."""


@dataclass(frozen=True)
class Rejection:
    """A rule that applied, the value that it met, its threshold, and where there is more to say, what."""

    rule: str
    value: float | None
    threshold: float | None
    detail: str = ""


@dataclass(frozen=True)
class RecordedTrack:
    """What a record says of one road user; leading axis frames."""

    position: NDArray[np.float64]  # (T, 2) m
    heading: NDArray[np.float64]  # (T,) rad
    velocity: NDArray[np.float64]  # (T, 2) m/s
    valid: NDArray[np.bool_]  # (T,)

    def __getitem__(self, frames: slice) -> RecordedTrack:
        return RecordedTrack(self.position[frames], self.heading[frames], self.velocity[frames], self.valid[frames])


@dataclass(frozen=True)
class Surroundings:
    """What the rules ask of the whole record, whoever is driven."""

    largest_heading: float  # rad, of all road users where they are valid; NaN or infinite if one of them is
    lanes: NDArray[np.float64]  # (P, 2) m, the points of all lanes


def longest_run(valid: NDArray[np.bool_]) -> slice:
    """Frames of the longest unbroken valid run, the first of them if there are several; empty where none is valid."""
    start, stop = longest_runs(valid[None])[0].tolist()
    return slice(start, stop)


def longest_runs(valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N, 2) first frame and one past the last of the same, for each row of (N, T); (0, 0) where none is valid."""
    if not valid.size:
        return np.zeros((len(valid), 2), np.int64)
    so_far = np.cumsum(valid, axis=1)
    length: NDArray[np.int64] = so_far - np.maximum.accumulate(np.where(valid, 0, so_far), axis=1)
    last = np.argmax(length, axis=1)
    longest: NDArray[np.int64] = length[np.arange(len(valid)), last]
    stop = np.where(longest > 0, last + 1, 0)
    return np.column_stack([stop - longest, stop])


def judge_record(ego: RecordedTrack, surroundings: Surroundings, settings: AcceptanceSettings) -> Rejection | None:
    """The first rule that the record alone decides against an ego, or None.

    The ego's own states are finite where they are valid; the rest may hold any number.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is a jump
        return _judge_record(ego[longest_run(ego.valid)], surroundings, settings)


def _judge_record(run: RecordedTrack, surroundings: Surroundings, settings: AcceptanceSettings) -> Rejection | None:
    if len(run.valid) < settings.min_steps:
        return Rejection("too_short", len(run.valid), settings.min_steps)
    largest = surroundings.largest_heading
    if not math.isfinite(largest):
        return Rejection("bad_heading", None, settings.max_heading, "not a number")
    if largest > settings.max_heading:
        return Rejection("bad_heading", largest, settings.max_heading, "degrees")
    course_error = _course_error(run)
    if course_error > settings.max_course_error:
        return Rejection("bad_heading", course_error, settings.max_course_error, "heading and velocity disagree")
    route = recorded_route_length(run)
    if route < settings.min_route:
        return Rejection("parked", route, settings.min_route)
    jump = float(np.max(pose_jumps(run.position, run.velocity), initial=0.0))
    if not jump <= settings.max_pose_jump:
        return Rejection("pose_jump", jump, settings.max_pose_jump)
    distance = _map_distance(run.position[::5], surroundings.lanes, settings.max_map_distance)
    if distance > settings.max_map_distance:
        return Rejection("no_map", distance if math.isfinite(distance) else None, settings.max_map_distance)
    return None


def recorded_route_length(run: RecordedTrack) -> float:
    """Metres of the route that MetaDrive makes of a valid run."""
    return route_length((run.position - run.position[0]).astype(np.float32))


def pose_jumps(position: NDArray[np.float64], velocity: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T - 1,) m/s between the velocity that each step took and the mean of those recorded at its ends, (T, 2) both."""
    difference = np.diff(position, axis=0) / STEP - (velocity[1:] + velocity[:-1]) / 2
    return np.asarray(np.hypot(difference[:, 0], difference[:, 1]))


def judge_log(log: Rollout) -> Rejection:
    """The rule on a log replay that has cost."""
    return _costly("contact_on_log", log)


def judge_drive(driven: Rollout, settings: AcceptanceSettings) -> Rejection | None:
    """The first rule on the tracked drive that applies, or None."""
    rejection = judge_demonstration(driven, settings)
    displacement = float(driven.displacement[-1])
    if rejection is None and not displacement <= settings.max_final_displacement:
        return Rejection("tracking_error", displacement, settings.max_final_displacement)
    return rejection


def judge_demonstration(driven: Rollout, settings: AcceptanceSettings) -> Rejection | None:
    """The same for a disturbed drive, which may end off the record: what is disturbed to the end is."""
    if not driven.arrived:
        how = "left the road at" if driven.terminated else "out of time after"
        return Rejection("no_arrival", float(driven.displacement[-1]), None, f"{how} step {driven.length}")
    if driven.costs.any():
        return _costly("cost", driven)
    return None


def _costly(rule: str, driven: Rollout) -> Rejection:
    return Rejection(rule, float(driven.costs.sum()), 0.0, f"first at step {int(np.argmax(driven.costs > 0)) + 1}")


def _course_error(run: RecordedTrack) -> float:
    """Median angle (rad) between heading and velocity where the ego moves; 0 where it never does."""
    moving = np.hypot(run.velocity[:, 0], run.velocity[:, 1]) > MOVING
    if not moving.any():
        return 0.0
    course = np.arctan2(run.velocity[moving, 1], run.velocity[moving, 0])
    error = np.mod(course - run.heading[moving] + math.pi, 2 * math.pi) - math.pi
    return float(np.median(np.abs(error)))


def _map_distance(positions: NDArray[np.float64], lanes: NDArray[np.float64], near: float) -> float:
    """Metres between the route and the nearest point of a lane, infinity without lanes.

    Most egos start on a lane: one that is `near` there is near enough, and no other place is looked at.
    """
    squares = np.square(lanes[:, 0] - positions[0, 0]) + np.square(lanes[:, 1] - positions[0, 1])
    at_start = math.sqrt(np.fmin.reduce(squares, initial=math.inf))  # a point that is no number counts for nothing
    if at_start <= near:
        return at_start
    points = lanes[np.isfinite(lanes).all(axis=1)]
    if not len(points):
        return math.inf
    # Here, since who only looks at a dataset reads the rules' meanings above, and may have no scipy.
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(points).query(positions)
    return float(np.min(distance))
