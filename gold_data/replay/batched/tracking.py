"""The record driven by the tracker without MetaDrive and without a step of Python: whole episodes in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.batch import EPISODE, Around, Results, room_for, step_one, tell_start
from gold_data.replay.batched.environment import ENVIRONMENT, World, begin, nobody_near, start_of
from gold_data.replay.batched.following import (
    MEMORY,
    Gains,
    begin_following,
    compile_reference,
    follow,
    gains_of,
    stack_references,
)
from gold_data.replay.batched.stage import Stage, stage_of
from gold_data.replay.disturbance import Disturbance, start_offset
from gold_data.replay.ends import step_limit
from gold_data.replay.rollout import Rollout
from gold_data.replay.scene import Scene, log_states, make_scene
from gold_data.replay.surroundings import forward_speed
from gold_data.scenarionet import Description
from gold_data.settings import ConvertSettings

READINGS = 7
"""x, y, height (m), heading (rad), vx, vy (m/s), yaw rate (rad/s)."""


def track_batched(
    description: Description, ego_id: str, settings: ConvertSettings, disturbance: Disturbance | None = None
) -> Rollout:
    """Drive the ego along its record with the tracker, as `track_record` does in an engine.

    Raises SceneError for a scene that cannot be driven.
    """
    start = (disturbance.start, disturbance.offset) if disturbance else ()
    return track(stage_of(make_scene(description, ego_id, *start), settings.simulator), settings, disturbance)


def track(stage: Stage, settings: ConvertSettings, disturbance: Disturbance | None = None) -> Rollout:
    """The same on a stage; its scene starts where the disturbance has it start."""
    scene, simulator = stage.scene, settings.simulator
    references = stack_references([compile_reference(scene, settings.tracker)])
    limit = step_limit(scene.frames, settings.ends)
    noise = np.zeros((limit, 2))
    if disturbance:
        drawn = min(limit, len(disturbance.noise))
        noise[:drawn] = disturbance.noise[:drawn]
    taken = room_for(limit + 1, simulator.lidar_rays)
    actions, wishes = np.zeros((limit, 2)), np.zeros((limit, 2))
    states = np.zeros((limit + 1, READINGS))
    steps = drive_along(
        stage.world,
        stage.around,
        settings.ends.end == "record",
        0,
        0,
        np.array(start_of(scene)),
        limit,
        references.references[0],
        references.points,
        references.frames,
        gains_of(settings.tracker),
        noise,
        nobody_near()[None],
        room_for(1, simulator.lidar_rays),
        taken,
        actions,
        wishes,
        states,
    )
    return rollout_of(scene, taken, states, actions[:steps], wishes[:steps], disturbance)


def rollout_of(
    scene: Scene,
    taken: Results,
    states: NDArray[np.float64],
    actions: NDArray[np.float64],
    wishes: NDArray[np.float64],
    disturbance: Disturbance | None = None,
) -> Rollout:
    """What T steps gave, from T + 1 or more rows of `taken` and `states` (READINGS, in the scene's frame).

    `actions` and `wishes`, (T, 2), are what was executed and what the tracker wanted.
    """
    steps = len(actions)
    ego_state = states[: steps + 1].copy()
    ego_state[:, :2] += scene.origin
    return Rollout(
        observations=taken.observations[: steps + 1],
        actions=actions.astype(np.float32),
        expert_actions=wishes.astype(np.float32),
        rewards=taken.rewards[1 : steps + 1],
        costs=taken.costs[1 : steps + 1],
        flags=taken.flags[1 : steps + 1],
        contact_bearing=taken.contact_bearings[1 : steps + 1],
        ego_state=ego_state,
        log_state=log_states(scene, steps),
        terminated=bool(taken.terminated[steps]),
        truncated=bool(taken.truncated[steps]),
        arrived=bool(taken.arrived[steps]),
        route_length=scene.route.length,
        start=scene.start,
        start_offset=start_offset(disturbance),
        noise=disturbance.amplitude if disturbance else 0.0,
    )


@njit(cache=True)
def drive_along(
    world: World,
    around: Around,
    to_record_end: bool,
    scene: int,
    frame: int,
    start: NDArray[np.float64],
    limit: int,
    reference: Any,
    points: NDArray[np.void],
    frames: NDArray[np.void],
    gains: Gains,
    noise: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
    taken: Results,
    actions: NDArray[np.float64],
    wishes: NDArray[np.float64],
    states: NDArray[np.float64],
) -> int:
    """Drive the car of one scene to its end, from a frame of it and a (5,) start; how many steps there were.

    `start` is x, y (m), heading (rad), vx, vy (m/s), `limit` the steps after which the drive is cut off, `reference`
    a row of ReferenceTable.references that starts at the same frame of its record. `noise` (limit, 2) is added to the
    inputs. `near` and `results` are room for one environment. Row k of `taken` and `states` is what step k gave.
    """
    environments, episodes = np.zeros(1, ENVIRONMENT), np.zeros(1, EPISODE)
    car, memory, action = np.zeros((1, vehicle.STATE)), np.zeros(MEMORY), np.zeros((1, 2))
    environments[0].scene = scene
    begin(environments[0], car[0], near[0], start[0], start[1], start[2], start[3], start[4])
    environments[0].steps = frame
    episodes[0].limit = frame + limit
    episodes[0].forward = forward_speed(start[2], start[3], start[4])
    tell_start(world, around, 0, environments, episodes, car, results)
    begin_following(memory, reference, frames)
    take(results, taken, 0)
    read_out(car[0], 0, states)
    only = np.int64(0)  # a literal 0 would be compiled for itself
    for step in range(limit):
        x, y, _, heading, speed_x, speed_y, _ = vehicle.readings(car[0])
        wish = follow(memory, reference, points, frames, gains, step, x, y, heading, speed_x, speed_y, action[0, 0])
        for pedal in range(2):
            wishes[step, pedal] = np.float32(wish[pedal])
            action[0, pedal] = np.float32(min(max(wish[pedal] + noise[step, pedal], -1.0), 1.0))
            actions[step, pedal] = action[0, pedal]
        step_one(world, around, to_record_end, action, only, environments, episodes, car, near, results)
        take(results, taken, step + 1)
        read_out(car[0], step + 1, states)
        if results.terminated[0] or results.truncated[0]:
            return step + 1
    return limit


@register_jitable
def take(results: Results, taken: Results, row: int) -> None:
    """Copy the only environment's results to a row of `taken`."""
    for number in range(taken.observations.shape[1]):
        taken.observations[row, number] = results.observations[0, number]
    taken.rewards[row] = results.rewards[0]
    taken.costs[row] = results.costs[0]
    taken.flags[row] = results.flags[0]
    taken.contact_bearings[row] = results.contact_bearings[0]
    taken.terminated[row] = results.terminated[0]
    taken.truncated[row] = results.truncated[0]
    taken.arrived[row] = results.arrived[0]


@register_jitable
def read_out(car: NDArray[np.float64], row: int, states: NDArray[np.float64]) -> None:
    """Write a car's READINGS to a row of `states`."""
    x, y, height, heading, speed_x, speed_y, yaw_rate = vehicle.readings(car)
    states[row, 0], states[row, 1], states[row, 2], states[row, 3] = x, y, height, heading
    states[row, 4], states[row, 5], states[row, 6] = speed_x, speed_y, yaw_rate
