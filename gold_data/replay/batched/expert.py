"""What the tracker would do in each of many environments, whoever drives them."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.batch import Batch, threads_for
from gold_data.replay.batched.following import (
    MEMORY,
    REFERENCE,
    CompiledReference,
    Gains,
    begin_following,
    follow,
    gains_of,
    stack_references,
)
from gold_data.settings import TrackerSettings


class Expert:
    """One tracker for each of B environments of a Batch, which remembers what Tracker does.

    It is asked once before each step, so that it knows the place on the path and its own last wish, as where it drives.
    """

    def __init__(self, references: Sequence[CompiledReference], environments: int, settings: TrackerSettings) -> None:
        """`references` are those of the batch's scenes, in their order. Raises SceneError where there is none."""
        self._table, self._gains = stack_references(references), gains_of(settings)
        self._make_room(environments)

    def another(self, environments: int) -> Expert:
        """One of the same scenes for as many environments."""
        made = copy.copy(self)
        made._make_room(environments)
        return made

    def begin(self, batch: Batch, which: NDArray[np.int64], scenes: NDArray[np.int64]) -> None:
        """Environment which[k] of the batch has just begun an episode in scene scenes[k]."""
        references = self._table.references[scenes]
        self._begun[which] = batch.environments["steps"][which]
        references["start"] += self._begun[which]
        self._references[which] = references
        for index, reference in zip(which.tolist(), references, strict=True):
            begin_following(self._memory[index], reference, self._table.frames)

    def actions(self, batch: Batch, which: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, 2) steering and throttle in [-1, 1] that the tracker would take now in environments `which`.

        As Rollout.expert_actions has them: behind the record's last frame it holds on to that.
        """
        wishes = np.zeros((len(which), 2), np.float32)
        with threads_for(len(which)):
            _follow_all(
                which,
                batch.environments,
                batch.states,
                self._begun,
                self._references,
                self._table.points,
                self._table.frames,
                self._gains,
                self._memory,
                wishes,
            )
        return wishes

    def _make_room(self, environments: int) -> None:
        self._begun = np.zeros(environments, np.int64)
        self._references = np.zeros(environments, REFERENCE)
        self._memory = np.zeros((environments, MEMORY))


@njit(cache=True, parallel=True)
def _follow_all(
    which: NDArray[np.int64],
    environments: NDArray[np.void],
    states: NDArray[np.float64],
    begun: NDArray[np.int64],
    references: NDArray[np.void],
    points: NDArray[np.void],
    frames: NDArray[np.void],
    gains: Gains,
    memory: NDArray[np.float64],
    wishes: NDArray[np.float32],
) -> None:
    for number in prange(len(which)):
        index = which[number]
        environment = environments[index]
        x, y, _, heading, speed_x, speed_y, _ = vehicle.readings(states[index])
        steering, throttle = follow(
            memory[index],
            references[index],
            points,
            frames,
            gains,
            environment.steps - begun[index],
            x,
            y,
            heading,
            speed_x,
            speed_y,
            environment.steering,
        )
        wishes[number, 0], wishes[number, 1] = steering, throttle
