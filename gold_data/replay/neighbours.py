"""The block `neighbours`: who is near the ego, where, how fast, how long, and whether it is a person.

Read from the rows in which gold_data.replay.batched.objects lays out whom the simulator shows in a frame: nobody
is here whom the lidar cannot meet. Behind the record's end there is no traffic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gold_data.replay.batched.objects import user_ids
from gold_data.replay.scene import Scene

NEIGHBOURS, NUMBERS = 8, 7
"""How many there are, and numbers of each."""
RANGE = 50.0
"""m from middle to middle."""
LONGEST = 20.0
"""m that count as 1."""
PERSON = 4
"""Bit of gold_data.replay.flags.Flag that touching a person sets."""


def lengths_of(scene: Scene) -> NDArray[np.float64]:
    """(N,) m: the longest that each road user is recorded as, in the order of Scene.others."""
    states = [scene.description["tracks"][name]["state"] for name in user_ids(scene)]
    lengths = [np.max(state["length"], where=state["valid"], initial=0.0) for state in states]
    return np.nan_to_num(np.array(lengths, np.float64), nan=0.0)


@njit(cache=True)
def write_neighbours(
    poses: NDArray[np.void],
    first: int,
    last: int,
    bodies: NDArray[np.void],
    lengths: NDArray[np.float64],
    lengths_from: int,
    x: float,
    y: float,
    heading: float,
    velocity_x: float,
    velocity_y: float,
    max_speed: float,
    out: NDArray[Any],
) -> None:
    """Write the block to (56,) `out`: of the 8 nearest of poses[first:last] within 50 m, seven numbers each.

    1, then place and velocity relative to the ego's as (forward, left) in its frame, over 50 m and `max_speed` as
    (. + 1)/2, length over 20 m, and 1 for pedestrians and cyclists; seven zeros where there is nobody. The nearest
    comes first; of two that are equally far the one that stands first in the record. x, y (m), heading (rad) and
    velocity (m/s) are the ego's; the length of user u is lengths[lengths_from + u].
    """
    out[: NEIGHBOURS * NUMBERS] = 0.0
    count = _find_nearest(poses, first, last, x, y, out)
    cos, sin = math.cos(heading), math.sin(heading)
    for neighbour in range(count):
        place = neighbour * NUMBERS
        pose = poses[first + int(out[place])]
        far_x, far_y = pose.x - x, pose.y - y
        fast_x, fast_y = pose.velocity_x - velocity_x, pose.velocity_y - velocity_y
        out[place] = 1.0
        out[place + 1] = _share((far_x * cos + far_y * sin) / RANGE)
        out[place + 2] = _share((far_y * cos - far_x * sin) / RANGE)
        out[place + 3] = _share((fast_x * cos + fast_y * sin) / max_speed)
        out[place + 4] = _share((fast_y * cos - fast_x * sin) / max_speed)
        out[place + 5] = min(max(lengths[lengths_from + pose.user] / LONGEST, 0.0), 1.0)
        out[place + 6] = 1.0 if bodies[pose.body].flag & PERSON else 0.0


@njit(cache=True)
def _find_nearest(poses: NDArray[np.void], first: int, last: int, x: float, y: float, out: NDArray[Any]) -> int:
    """How many neighbours there are; which of poses[first:last] each is stands where its first number will."""
    count, farthest = 0, RANGE * RANGE
    for index in range(first, last):
        square = _square(poses[index], x, y)
        if square > farthest or (count == NEIGHBOURS and square == farthest):
            continue
        count = min(count + 1, NEIGHBOURS)
        place = count - 1
        while place > 0:
            before = out[(place - 1) * NUMBERS]
            if square >= _square(poses[first + int(before)], x, y):
                break
            out[place * NUMBERS] = before
            place -= 1
        out[place * NUMBERS] = index - first
        if count == NEIGHBOURS:
            farthest = _square(poses[first + int(out[(NEIGHBOURS - 1) * NUMBERS])], x, y)
    return count


@njit(cache=True)
def _square(pose: Any, x: float, y: float) -> float:
    far_x, far_y = pose.x - x, pose.y - y
    return far_x * far_x + far_y * far_y


@njit(cache=True)
def _share(value: float) -> float:
    return min(max((value + 1) / 2, 0.0), 1.0)
