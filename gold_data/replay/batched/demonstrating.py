"""Many scenes compiled once, and driven by the tracker as often as one likes: from any frame, off the pose, disturbed.

`track` cuts and centres a scene for each drive, to the bit as MetaDrive would. Here a drive begins inside the scene of
the whole record, whose origin stays where the record begins: float32 rounds the road users' places otherwise there, and
cones and cars that came before the start are known from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched.along import compile_route
from gold_data.replay.batched.batch import Around, Results, room_for, stack_around, threads_for
from gold_data.replay.batched.compiled import compile_scene
from gold_data.replay.batched.environment import World, nobody_near, stack_world
from gold_data.replay.batched.following import Gains, compile_reference, gains_of, stack_references
from gold_data.replay.batched.recorded_poses import RecordedPoses, is_whole
from gold_data.replay.batched.tracking import READINGS, drive_along
from gold_data.replay.disturbance import Disturbances
from gold_data.replay.ends import step_limit
from gold_data.replay.scene import Scene
from gold_data.replay.surroundings import surroundings_of
from gold_data.settings import ConvertSettings


@dataclass(frozen=True)
class Drives:
    """The steps of N drives, end to end; row t is what was seen and done in a step, and what it brought."""

    first: NDArray[np.int64]  # (N + 1,) where each drive begins
    observations: NDArray[np.float32]  # (S, D) before each step
    actions: NDArray[np.float32]  # (S, 2) steering, throttle in [-1, 1], as executed
    expert_actions: NDArray[np.float32]  # (S, 2) what the tracker would do from that state
    rewards: NDArray[np.float32]  # (S,)
    costs: NDArray[np.float32]  # (S,)
    arrived: NDArray[np.bool_]  # (N,)


class TrackedScenes:
    """S scenes, each from the first frame of its record, with all that the tracker needs to follow them."""

    def __init__(self, scenes: Iterable[Scene], settings: ConvertSettings) -> None:
        """`scenes` are compiled one by one, of which a tenth of their memory is left: 0.26 MB a real one.

        Raises SceneError for no scene, and for one that starts inside its record or cannot be driven.
        """
        compiled, routes, surroundings, references, logs = [], [], [], [], []
        for scene in scenes:
            if not is_whole(scene):
                raise SceneError(f"scene {scene.scenario_id}: begins off its record; give it as the record has it")
            compiled.append(compile_scene(scene))
            routes.append(compile_route(scene))
            surroundings.append(surroundings_of(scene))
            references.append(compile_reference(scene, settings.tracker))
            logs.append(scene.log)
        simulator = settings.simulator
        self._settings = settings
        self._world = stack_world(compiled, routes, simulator.lidar_rays, simulator.max_speed_km_h)
        self._around = stack_around(surroundings)
        self._references = stack_references(references)
        self._poses = RecordedPoses(logs)
        self._frames = self._poses.frames

    def drive(self, scenes: NDArray[np.int64], disturbances: Disturbances) -> Drives:
        """Drive in scene scenes[k] with the k-th disturbance, all at once.

        What a drive gives depends on its scene and its disturbance alone. Raises SceneError for no drive, a scene that
        there is not and a start that leaves no step.
        """
        if not len(scenes):
            raise SceneError("there is nothing to drive: ask for one drive at least")
        starts = disturbances.start
        unknown = scenes[(scenes < 0) | (scenes >= len(self._frames))]
        if len(unknown):
            raise SceneError(f"there is no scene {unknown[0]}: they go from 0 to {len(self._frames) - 1}")
        left = self._frames[scenes] - starts
        if len(starts) != len(scenes) or (starts < 0).any() or (left < 2).any():
            raise SceneError("a drive starts outside of its record: give one start for each that leaves a step")
        limits = np.array([step_limit(frames, self._settings.ends) for frames in left.tolist()])
        slots = np.concatenate([[0], np.cumsum(limits + 1)])
        rays = self._settings.simulator.lidar_rays
        taken = room_for(int(slots[-1]), rays)
        actions, wishes = np.zeros((slots[-1], 2)), np.zeros((slots[-1], 2))
        references = self._references.references[scenes].copy()
        references["start"] = starts
        noise = np.zeros((len(scenes), int(limits.max()), 2))
        drawn = min(noise.shape[1], disturbances.noise.shape[1])
        noise[:, :drawn] = disturbances.noise[:, :drawn]
        steps = np.zeros(len(scenes), np.int64)
        with threads_for(int(slots[-1])):
            _drive_all(
                self._world,
                self._around,
                self._settings.ends.end == "record",
                scenes,
                starts,
                self._poses.at(scenes, starts, disturbances.moved, disturbances.offset),
                limits,
                references,
                self._references.points,
                self._references.frames,
                gains_of(self._settings.tracker),
                noise,
                np.repeat(nobody_near()[None], len(scenes), axis=0),
                room_for(len(scenes), rays),
                slots,
                taken,
                actions,
                wishes,
                np.zeros((slots[-1], READINGS)),
                steps,
            )
        first = np.concatenate([[0], np.cumsum(steps)])
        rows = np.arange(first[-1]) + np.repeat(slots[:-1] - first[:-1], steps)
        return Drives(
            first=first,
            observations=taken.observations[rows],
            actions=actions[rows].astype(np.float32),
            expert_actions=wishes[rows].astype(np.float32),
            rewards=taken.rewards[rows + 1],
            costs=taken.costs[rows + 1],
            arrived=taken.arrived[slots[:-1] + steps],
        )


@njit(cache=True, parallel=True)
def _drive_all(
    world: World,
    around: Around,
    to_record_end: bool,
    scenes: NDArray[np.int64],
    starts: NDArray[np.int64],
    poses: NDArray[np.float64],
    limits: NDArray[np.int64],
    references: NDArray[np.void],
    points: NDArray[np.void],
    frames: NDArray[np.void],
    gains: Gains,
    noise: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
    slots: NDArray[np.int64],
    taken: Results,
    actions: NDArray[np.float64],
    wishes: NDArray[np.float64],
    states: NDArray[np.float64],
    steps: NDArray[np.int64],
) -> None:
    for number in prange(len(scenes)):
        drive = np.int64(number)  # that of the loop is unsigned: all below would be compiled once more
        first, last = slots[drive], slots[drive + 1]
        steps[drive] = drive_along(
            world,
            around,
            to_record_end,
            scenes[drive],
            starts[drive],
            poses[drive],
            limits[drive],
            references[drive],
            points,
            frames,
            gains,
            noise[drive],
            near[drive : drive + 1],
            _rows(results, drive, drive + 1),
            _rows(taken, first, last),
            actions[first:last],
            wishes[first:last],
            states[first:last],
        )


@njit(cache=True)
def _rows(results: Results, first: int, last: int) -> Results:
    return Results(
        results.observations[first:last],
        results.rewards[first:last],
        results.costs[first:last],
        results.flags[first:last],
        results.contact_bearings[first:last],
        results.terminated[first:last],
        results.truncated[first:last],
        results.arrived[first:last],
    )
