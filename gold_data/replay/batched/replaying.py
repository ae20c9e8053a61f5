"""The record replayed without MetaDrive: all of its frames at once, each in an environment of its own.

MetaDrive's replay puts the ego on its record at the end of each step and lets it roll on from there in the next one;
what it is told of its last action is zero, and it sees no turn, its heading being noted once it is put there
(ReplayEgoCarPolicy, BaseVehicle.before_step). So no frame hangs on what was replayed before. Behind the record's end
nobody puts it anywhere: it rolls on.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.along import locate
from gold_data.replay.batched.batch import (
    EPISODE,
    Around,
    Results,
    room_for,
    step_one,
    tell_one,
    tell_start,
    threads_for,
)
from gold_data.replay.batched.environment import ENVIRONMENT, World, nobody_near, touch
from gold_data.replay.batched.stage import Stage, stage_of
from gold_data.replay.batched.tracking import READINGS, read_out, rollout_of, take
from gold_data.replay.ends import step_limit
from gold_data.replay.rollout import Rollout
from gold_data.replay.scene import Scene, make_scene, yaw_rate
from gold_data.replay.surroundings import forward_speed
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings


def replay_batched(description: Description, ego_id: str, settings: ConvertSettings) -> Rollout:
    """Log replay, as `replay_record` does it in MetaDrive.

    Raises SceneError for a scene that cannot be driven, and for an ego that is missing in one of its frames.
    """
    return replay(stage_of(make_scene(description, ego_id), settings.simulator), settings)


def replay(stage: Stage, settings: ConvertSettings) -> Rollout:
    """The same on a stage, from the frame at which its scene starts."""
    scene = stage.scene
    taken, states = replay_frames(stage, settings, step_limit(scene.frames, settings.ends))
    ended = taken.terminated | taken.truncated
    steps = int(np.argmax(ended))
    nothing = np.zeros((steps, 2))
    return rollout_of(scene, taken, states, nothing, nothing)


def replay_frames(stage: Stage, settings: ConvertSettings, steps: int) -> tuple[Results, NDArray[np.float64]]:
    """Replay `steps` steps, whatever ends in them: what the reset and each step gave, and (steps + 1, 7) READINGS.

    Rows do not hang on the number of threads. Raises SceneError for an ego that is missing in one of its frames.
    """
    scene, rays = stage.scene, settings.simulator.lidar_rays
    frames = min(scene.frames, steps + 1)
    environments, episodes = np.zeros(frames, ENVIRONMENT), np.zeros(frames, EPISODE)
    cars = np.zeros((frames, vehicle.STATE))
    episodes["limit"] = step_limit(scene.frames, settings.ends)
    to_record_end = settings.ends.end == "record"
    taken, states = room_for(steps + 1, rays), np.zeros((steps + 1, READINGS))
    with threads_for(frames):
        _replay(stage.world, stage.around, to_record_end, _places(scene), environments, episodes, cars, taken, states)
    if frames <= steps:
        last = slice(frames - 1, frames)
        _roll_on(
            stage.world,
            stage.around,
            to_record_end,
            environments[last],
            episodes[last],
            cars[last],
            nobody_near()[None],
            room_for(1, rays),
            taken,
            states,
            frames,
        )
    np.logical_or.accumulate(taken.arrived, out=taken.arrived)
    return taken, states


def _places(scene: Scene) -> NDArray[np.float64]:
    """(L, 7) READINGS of the ego where it is put in each frame."""
    log = scene.log
    if not log.valid.all():
        missing = int(np.argmin(log.valid))
        raise SceneError(
            f"scene {scene.scenario_id}: ego {scene.ego_id} is not valid in frame {missing}: cut the record to frames"
            " in which it is"
        )
    turning = yaw_rate(log.heading)
    turning[-1] = 0.0
    heights = np.zeros(scene.frames)
    _rise(heights)
    return np.column_stack([log.position, heights, log.heading, log.velocity, turning])


@njit(cache=True)
def _rise(heights: NDArray[np.float64]) -> None:
    """How high (m) the ego is in each frame: it is put upright at each, and keeps its height and rate of climb.

    It is the same in all scenes: the springs unfold. What they do to a car that turns or brakes is left out, which is
    some millimetres.
    """
    car = np.zeros(vehicle.STATE)
    height, climb = 0.0, 0.0
    for frame in range(len(heights)):
        heights[frame] = height
        _put(car, 0.0, 0.0, height, 0.0, 0.0, 0.0, 0.0)
        car[vehicle.SPEED_Z] = climb
        vehicle.step(car, 0.0, 0.0, 1.0)
        height, climb = car[vehicle.SHOWN + 2], car[vehicle.SPEED_Z]


@register_jitable
def _put(
    car: NDArray[np.float64],
    x: float,
    y: float,
    height: float,
    heading: float,
    speed_x: float,
    speed_y: float,
    yaw_rate: float,
) -> None:
    vehicle.place(car, x, y, heading, speed_x, speed_y)
    car[vehicle.Z] = car[vehicle.SHOWN + 2] = height
    car[vehicle.SPIN_Z] = yaw_rate


@njit(cache=True, parallel=True)
def _replay(
    world: World,
    around: Around,
    to_record_end: bool,
    places: NDArray[np.float64],
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    cars: NDArray[np.float64],
    taken: Results,
    states: NDArray[np.float64],
) -> None:
    for number in prange(len(environments)):
        frame = np.int64(number)  # that of the loop is unsigned: all below would be compiled once more
        _replay_one(world, around, to_record_end, places, frame, environments, episodes, cars, taken, states)


@njit(cache=True)
def _replay_one(
    world: World,
    around: Around,
    to_record_end: bool,
    places: NDArray[np.float64],
    frame: int,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    cars: NDArray[np.float64],
    taken: Results,
    states: NDArray[np.float64],
) -> None:
    """Put the ego of one environment on its record and tell what the step to there gave."""
    environment, episode, car = environments[frame], episodes[frame], cars[frame]
    x, y, height, heading, speed_x, speed_y, yaw_rate = places[frame]
    _put(car, x, y, height, heading, speed_x, speed_y, yaw_rate)
    environment.heading_before = vehicle.readings(car)[3]
    if frame == 0:
        episode.forward = forward_speed(heading, speed_x, speed_y)
        tell_start(world, around, frame, environments, episodes, cars, taken)
    else:
        before_x, before_y, _, before_heading, before_speed_x, before_speed_y, _ = places[frame - 1]
        episode.forward = forward_speed(before_heading, before_speed_x, before_speed_y)
        episode.longitude = locate(world.routes[environment.scene], world.route_segments, before_x, before_y).longitude
        environment.steps = frame - 1
        flags = touch(world, environment, _way(places, frame))
        environment.steps = frame
        tell_one(world, around, to_record_end, flags, frame, environments, episodes, cars, taken)
    read_out(car, frame, states)


@register_jitable
def _way(places: NDArray[np.float64], frame: int) -> NDArray[np.float64]:
    """Where the ego is in the step to a frame, as `touch` takes it: it rolls on from the frame before."""
    x, y, _, heading, speed_x, speed_y, yaw_rate = places[frame - 1]
    way = np.empty((vehicle.SUBSTEPS + 1, 3))
    for substep in range(vehicle.SUBSTEPS):
        after = substep * vehicle.SUBSTEP
        way[substep] = x + after * speed_x, y + after * speed_y, heading + after * yaw_rate
    way[-1] = places[frame, 0], places[frame, 1], places[frame, 3]
    return way


@njit(cache=True)
def _roll_on(
    world: World,
    around: Around,
    to_record_end: bool,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    cars: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
    taken: Results,
    states: NDArray[np.float64],
    frames: int,
) -> None:
    """Fill the rows from `frames` on: the only environment stands at the record's last frame."""
    idle, only = np.zeros((1, 2)), np.int64(0)
    for step in range(frames, len(states)):
        step_one(world, around, to_record_end, idle, only, environments, episodes, cars, near, results)
        take(results, taken, step)
        read_out(cars[0], step, states)
