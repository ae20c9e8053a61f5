"""The toy: a point is pushed past a hazard to a goal, while a front sweeps the field behind it.

What is said of driving can be tried on it in seconds, on the same interfaces: reward, cost and ends are apart, standing
still is costly, and the shortest way leads through the hazard. A point is its own ego; its frame is the field's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay import Block, Flag

REACH = 0.12
"""From the goal within which the point has arrived."""
RADIUS = 0.35
"""Of the hazard."""
LIMIT = 60
"""Steps after which an episode is cut off; to have arrived by then is success, and there is no other limit."""
DRAG, PUSH, STEP, WALL = 0.9, 0.12, 0.1, 1.5
FRONT, SWEEP = -1.3, 0.055
"""Where the front begins, and how far it moves in a step."""
PROGRESS, ARRIVAL = 5.0, 5.0
"""Reward for coming nearer by 1, and for arriving."""

BLOCKS = (
    Block("point", ("x", "y", "vx", "vy"), "place and velocity in the field", -4.0, 4.0),
    Block("goal", ("goal_x", "goal_y"), "from the point to the goal", -4.0, 4.0),
    Block("hazard", ("hazard_x", "hazard_y"), "from the point to the hazard's middle", -4.0, 4.0),
    Block("front", ("front",), "from the front to the point", -4.0, 4.0),
)
EGO = "point"


@dataclass(frozen=True)
class Layout:
    """One scene; where along y the point starts, and goal and hazard lie."""

    name: str
    start: float
    goal: float
    hazard: float


class Results(NamedTuple):
    """What the last step gave, one row a point."""

    rewards: NDArray[np.float32]
    costs: NDArray[np.float32]
    flags: NDArray[np.int64]  # hazard: an object, at fault; front: a vehicle, which comes from behind
    contact_bearings: NDArray[np.float64]  # rad, left positive; NaN without contact
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]


def layout_of(name: str) -> Layout:
    """Draw the scene of that name, which alone decides it (algorithms 3.2: start, goal, hazard in this order)."""
    random = random_of(name, "layout")
    start, goal = random.uniform(-0.3, 0.3, 2).tolist()
    return Layout(name, start, goal, random.uniform(-0.15, 0.15))


def random_of(name: str, purpose: str) -> np.random.Generator:
    """A stream of random numbers of its own for each name and purpose."""
    digest = hashlib.sha256(f"{purpose} {name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


class Points:
    """B points, each in one of S scenes; arrays are written over by `begin` and `step`."""

    def __init__(self, layouts: Sequence[Layout], number: int) -> None:
        """Raises SceneError for no scene and no point."""
        if not layouts or number < 1:
            raise SceneError(f"{number} points in {len(layouts)} scenes: there must be one of each at least")
        self.layouts = tuple(layouts)
        self._starts, self._goals, self._hazards = (
            np.array([(x, getattr(layout, name)) for layout in layouts])
            for x, name in ((-0.8, "start"), (1.0, "goal"), (0.0, "hazard"))
        )
        self.scenes = np.full(number, -1)
        self.steps = np.zeros(number, np.int64)
        self.position, self.velocity = np.zeros((number, 2)), np.zeros((number, 2))
        self.goal, self.hazard = np.zeros((number, 2)), np.zeros((number, 2))
        self.arrived = np.zeros(number, bool)
        self.results = _nothing(number)

    def begin(self, which: NDArray[np.int64], scenes: NDArray[np.int64]) -> None:
        """Put points at the start: point which[k] in scene scenes[k]."""
        self.scenes[which], self.steps[which], self.arrived[which] = scenes, 0, False
        self.position[which], self.velocity[which] = self._starts[scenes], 0.0
        self.goal[which], self.hazard[which] = self._goals[scenes], self._hazards[scenes]
        nothing = _nothing(len(which))
        for name in Results._fields:
            getattr(self.results, name)[which] = getattr(nothing, name)

    def step(self, actions: NDArray[np.floating]) -> None:
        """Push all with (B, 2) actions, clipped to [-1, 1] and rounded to float32.

        Raises SceneError for another shape and for what is no number.
        """
        if actions.shape != self.velocity.shape or not np.isfinite(actions).all():
            raise SceneError(f"actions of shape {actions.shape}: give two numbers for each of {len(self.steps)}")
        executed = np.clip(actions, -1.0, 1.0).astype(np.float32).astype(np.float64)
        before = self.distance
        self.velocity = DRAG * self.velocity + PUSH * executed
        self.position = self.position + STEP * self.velocity
        self.velocity[np.abs(self.position) > WALL] = 0.0
        self.position = np.clip(self.position, -WALL, WALL)
        self.steps += 1
        there = self.distance < REACH
        self.arrived |= there
        to_hazard = self.hazard - self.position
        burns, swept = _length(to_hazard) < RADIUS, self.ahead_of_front < 0
        hazard, front = int(Flag.CONTACT_OBJECT | Flag.OTHER_PARKED | Flag.AT_FAULT), int(Flag.CONTACT_VEHICLE)
        bearings = np.where(burns, np.arctan2(to_hazard[:, 1], to_hazard[:, 0]), np.where(swept, math.pi, math.nan))
        self.results = Results(
            rewards=(PROGRESS * (before - self.distance) + ARRIVAL * there).astype(np.float32),
            costs=(burns | swept).astype(np.float32),
            flags=burns * hazard | swept * front,
            contact_bearings=bearings,
            terminated=there,
            truncated=~there & (self.steps >= LIMIT),
        )

    @property
    def distance(self) -> NDArray[np.float64]:
        """(B,) to the goal."""
        return _length(self.goal - self.position)

    @property
    def completion(self) -> NDArray[np.float64]:
        """(B,) share of the first distance that has been made good."""
        return 1.0 - self.distance / _length((self._goals - self._starts)[self.scenes])

    @property
    def speed(self) -> NDArray[np.float64]:
        """(B,) a second."""
        return _length(self.velocity)

    @property
    def ahead_of_front(self) -> NDArray[np.float64]:
        """(B,) how far the front has still to go to the point."""
        return self.position[:, 0] - FRONT - SWEEP * self.steps

    @property
    def observations(self) -> NDArray[np.float32]:
        """(B, 9) as BLOCKS has them, a new array."""
        columns = (self.position, self.velocity, self.goal - self.position, self.hazard - self.position)
        return np.column_stack([*columns, self.ahead_of_front]).astype(np.float32)


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(vectors[:, 0], vectors[:, 1])


def _nothing(number: int) -> Results:
    return Results(
        np.zeros(number, np.float32),
        np.zeros(number, np.float32),
        np.zeros(number, np.int64),
        np.full(number, math.nan),
        np.zeros(number, bool),
        np.zeros(number, bool),
    )
