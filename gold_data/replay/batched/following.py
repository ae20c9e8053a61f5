"""The tracker, compiled: which action keeps the car on the recorded path, and on time.

The law is that of gold_data.replay.tracker, the path and schedule those of gold_data.replay.reference, for one
environment from the rows of many references, laid end to end. Actions are the same but for the last bits of a double:
Python squares through the power function of C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched.along import wrap
from gold_data.replay.reference import Reference, reference_of
from gold_data.replay.scene import Scene
from gold_data.settings import TrackerSettings

REFERENCE = np.dtype(
    [
        ("point", "i8"),  # where its points begin
        ("points", "i8"),  # how many there are
        ("frame", "i8"),  # where its frames begin
        ("frames", "i8"),
        ("start", "i8"),  # frame at which the episode starts
    ]
)
POINT = np.dtype(
    [
        ("x", "f8"),  # m, in the scene's frame
        ("y", "f8"),
        ("arc", "f8"),  # m along the path
        ("middle", "f8"),  # m, arc in the middle of the segment to the next point; of the last point unused
        ("course", "f8"),  # rad, of that segment, not wrapped
        ("curvature", "f8"),  # 1/m, left positive; of the first and the last point unused
    ]
)
FRAME = np.dtype([("arc", "f8"), ("speed", "f8")])
"""Where on the path to be at a frame of the record (m), and how fast (m/s)."""

ARC, WISH = range(2)
"""Where in its memory the tracker has the arc at which it last was (m), and the steering that it wished for there."""
MEMORY = 2
"""Numbers of a memory."""

STEP, SUBSTEP = 0.1, 0.02
"""s; positions are read out one substep late."""
MASS, ENGINE_FORCE, BRAKE_FORCE = 1100.0, 800.0, 150.0
"""kg, N a wheel, N s a wheel and substep."""
WHEELBASE, REAR_AXLE, MAX_STEERING = 2.46894, 1.4166, math.radians(40.0)
"""m, m behind the origin, rad of the front wheels at input 1."""
BEHIND, AHEAD = 2.0, 6.0
"""m of path before and beyond the last place in which the next one is looked for."""


class Gains(NamedTuple):
    """TrackerSettings, as far as the law of control needs them, in their order and units."""

    position_gain: float
    speed_gain: float
    max_acceleration: float
    preview: float
    look_ahead: float
    min_look_ahead: float
    max_steering_change: float
    catch_up: float


@dataclass(frozen=True)
class CompiledReference:
    """What one scene's tracker follows, ready for kernels but for its place among others."""

    start: int  # frame at which the episode starts
    points: NDArray[np.void]  # (n,) POINT
    frames: NDArray[np.void]  # (L,) FRAME


@dataclass(frozen=True)
class ReferenceTable:
    """S references end to end."""

    references: NDArray[np.void]  # (S,) REFERENCE
    points: NDArray[np.void]  # POINT
    frames: NDArray[np.void]  # FRAME


def gains_of(settings: TrackerSettings) -> Gains:
    """The gains among a tracker's settings."""
    return Gains(*(float(getattr(settings, name)) for name in Gains._fields))


def compile_reference(scene: Scene, settings: TrackerSettings) -> CompiledReference:
    """Smooth a scene's record as its tracker does; raises SceneError where it holds numbers that are not finite."""
    track = scene.track
    if not (np.isfinite(track.position).all() and np.isfinite(track.heading).all()):
        raise SceneError(
            f"scene {scene.scenario_id}: the track of ego {scene.ego_id} has a position or heading that is no finite"
            " number: leave the scene out"
        )
    return _compiled(reference_of(track, settings.smoothing), scene.start)


def _compiled(reference: Reference, start: int) -> CompiledReference:
    path = reference.path
    points = np.zeros(len(path.points), POINT)
    points["x"], points["y"] = path.points.T
    points["arc"] = path.arc
    points["middle"][:-1], points["course"][:-1] = path.middle, path.course
    points["curvature"][1:-1] = path.curvature
    frames = np.zeros(len(reference.speed), FRAME)
    frames["arc"], frames["speed"] = reference.schedule, reference.speed
    return CompiledReference(start, points, frames)


def stack_references(references: Sequence[CompiledReference]) -> ReferenceTable:
    """Put references end to end; raises SceneError where there is none."""
    if not references:
        raise SceneError("there is no record to follow: give at least one scene")
    table = np.zeros(len(references), REFERENCE)
    for name in ("points", "frames"):
        table[name] = [len(getattr(reference, name)) for reference in references]
        table[name[:-1]] = np.cumsum(table[name]) - table[name]
    table["start"] = [reference.start for reference in references]
    return ReferenceTable(
        table,
        np.concatenate([reference.points for reference in references]),
        np.concatenate([reference.frames for reference in references]),
    )


@njit(cache=True)
def begin_following(memory: NDArray[np.float64], reference: Any, frames: NDArray[np.void]) -> None:
    """Set a (MEMORY,) memory to the episode's start; `reference` is a row of ReferenceTable.references."""
    memory[ARC] = frames[reference.frame + reference.start].arc
    memory[WISH] = 0.0


@njit(cache=True)
def follow(
    memory: NDArray[np.float64],
    reference: Any,
    points: NDArray[np.void],
    frames: NDArray[np.void],
    gains: Gains,
    step: int,
    x: float,
    y: float,
    heading: float,
    velocity_x: float,
    velocity_y: float,
    steering: float,
) -> tuple[float, float]:
    """Steering and throttle in [-1, 1] for the next step, `step` steps into the episode.

    x, y (m), heading (rad) and velocity (m/s) as they are read out; `steering` is the input that was executed last.
    The (MEMORY,) memory goes along. As Tracker.action.
    """
    speed = math.hypot(velocity_x, velocity_y)
    forward = velocity_x * math.cos(heading) + velocity_y * math.sin(heading)
    frame = min(reference.start + step, reference.frames - 1)
    now = frames[reference.frame + frame]
    following = frames[reference.frame + min(frame + 1, reference.frames - 1)]

    arc, left = _project(reference, points, x, y, memory[ARC] - BEHIND, memory[ARC] + AHEAD)
    memory[ARC] = arc
    wish = memory[WISH]
    if speed >= 0.3 or following.speed >= 0.3:
        if forward > 1.0:
            course = math.atan2(velocity_y, velocity_x)
        else:
            course = heading + math.atan(REAR_AXLE / WHEELBASE * math.tan(steering * MAX_STEERING))
        off_course = wrap(course - _course_at(reference, points, arc))
        ahead = max(gains.min_look_ahead, gains.look_ahead * speed)
        curvature = _curvature_at(reference, points, arc + speed * gains.preview)
        curvature -= left / (ahead * ahead) + 2 / ahead * math.sin(off_course)
        wanted = _steering_for(curvature, speed)
        wish = min(max(wanted, wish - gains.max_steering_change), wish + gains.max_steering_change)
    # As it is executed where nothing disturbs it: actions are stored as float32.
    memory[WISH] = np.float32(min(max(wish, -1.0), 1.0))

    lag = SUBSTEP * speed * math.exp(-step * STEP / gains.catch_up)
    behind = now.arc - arc - lag
    if following.speed < 0.1 and forward < 0.15 and behind < 0.3:
        return memory[WISH], -0.01
    acceleration = (following.speed - now.speed) / STEP
    acceleration += gains.position_gain * behind
    acceleration += gains.speed_gain * (now.speed - forward)
    throttle = _throttle_for(min(max(acceleration, -gains.max_acceleration), gains.max_acceleration))
    return memory[WISH], min(max(throttle, -1.0), 1.0)


@register_jitable
def _throttle_for(acceleration: float) -> float:
    if acceleration >= 0:
        return acceleration * MASS / (4 * ENGINE_FORCE)
    return acceleration * MASS * SUBSTEP / (4 * BRAKE_FORCE)


@register_jitable
def _steering_for(curvature: float, speed: float) -> float:
    wanted = curvature / (0.982 - 7.5e-5 * (speed * speed))
    lever = REAR_AXLE * wanted
    slack = 1 - lever * lever
    tangent = wanted * WHEELBASE / math.sqrt(slack) if slack > 0.05 else math.copysign(5.0, wanted)
    return math.atan(tangent) / MAX_STEERING


@register_jitable
def _project(
    reference: Any, points: NDArray[np.void], x: float, y: float, low: float, high: float
) -> tuple[float, float]:
    """Arc (m) of the nearest point of the path between two arcs, and metres beside it (left positive)."""
    begin, segments = reference.point, reference.points - 1
    first = min(max(_points_before(reference, points, low) - 1, 0), segments - 1)
    last = min(max(_points_before(reference, points, high) + 1, first + 1), segments)
    nearest_arc, beside, least = 0.0, 0.0, math.inf
    for index in range(begin + first, begin + last):
        start, end = points[index], points[index + 1]
        along_x, along_y = end.x - start.x, end.y - start.y
        length = end.arc - start.arc
        from_x, from_y = x - start.x, y - start.y
        share = min(max((from_x * along_x + from_y * along_y) / (length * length), 0.0), 1.0)
        error_x, error_y = from_x - share * along_x, from_y - share * along_y
        square = error_x * error_x + error_y * error_y
        if square < least:
            least = square
            nearest_arc = start.arc + share * length
            beside = (along_x * from_y - along_y * from_x) / length
    return nearest_arc, beside


@register_jitable
def _points_before(reference: Any, points: NDArray[np.void], arc: float) -> int:
    """How many of a path's points lie before an arc (m)."""
    low, high = reference.point, reference.point + reference.points
    while low < high:
        middle = (low + high) // 2
        if points[middle].arc < arc:
            low = middle + 1
        else:
            high = middle
    return low - reference.point


@register_jitable
def _course_at(reference: Any, points: NDArray[np.void], arc: float) -> float:
    """Direction of the path (rad) at an arc (m), between the middles of its segments."""
    low, high = reference.point, reference.point + reference.points - 2
    if arc <= points[low].middle:
        return points[low].course
    if arc >= points[high].middle:
        return points[high].course
    while high - low > 1:
        middle = (low + high) // 2
        if points[middle].middle <= arc:
            low = middle
        else:
            high = middle
    slope = (points[high].course - points[low].course) / (points[high].middle - points[low].middle)
    return slope * (arc - points[low].middle) + points[low].course


@register_jitable
def _curvature_at(reference: Any, points: NDArray[np.void], arc: float) -> float:
    """Curvature of the path (1/m, left positive) at an arc (m), between its inner points."""
    low, high = reference.point + 1, reference.point + reference.points - 2
    if arc <= points[low].arc:
        return points[low].curvature
    if arc >= points[high].arc:
        return points[high].curvature
    while high - low > 1:
        middle = (low + high) // 2
        if points[middle].arc <= arc:
            low = middle
        else:
            high = middle
    slope = (points[high].curvature - points[low].curvature) / (points[high].arc - points[low].arc)
    return slope * (arc - points[low].arc) + points[low].curvature
