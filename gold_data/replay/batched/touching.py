"""Whom and what the ego's body touches, compiled: road users by kind, solid lines.

Boxes touch where they overlap, seen from above; Bullet's margins do not count. MetaDrive looks six times in a step
of 0.1 s: before each of five substeps of 0.02 s (its collision callback) and once more at the end (BaseVehicle.
_state_check). Until then the others go on from the frame before at their recorded velocity and yaw rate; the end of the
step alone decides on lines.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

EGO_HALF_LENGTH, EGO_HALF_WIDTH = 4.515 / 2, 1.852 / 2
"""m; MetaDrive's default car."""
EGO_REACH = math.hypot(EGO_HALF_LENGTH, EGO_HALF_WIDTH)
CELL, HALF_WIDTH = 4.0, 0.15 / 4
"""m; as in lines.py."""


@njit(cache=True, inline="always")
def overlaps(
    ahead: float, aside: float, other_cos: float, other_sin: float, half_length: float, half_width: float
) -> bool:
    """Whether the ego's box overlaps another with its middle at (ahead, aside) m and this direction in its frame."""
    cos, sin = abs(other_cos), abs(other_sin)
    return (
        abs(ahead) <= EGO_HALF_LENGTH + half_length * cos + half_width * sin
        and abs(aside) <= EGO_HALF_WIDTH + half_length * sin + half_width * cos
        and abs(ahead * other_cos + aside * other_sin) <= half_length + EGO_HALF_LENGTH * cos + EGO_HALF_WIDTH * sin
        and abs(aside * other_cos - ahead * other_sin) <= half_width + EGO_HALF_LENGTH * sin + EGO_HALF_WIDTH * cos
    )


@njit(cache=True, inline="always")
def overlaps_round(ahead: float, aside: float, radius: float) -> bool:
    """Whether the ego's box overlaps a cylinder whose middle is (ahead, aside) m in its frame."""
    beyond, beside = max(abs(ahead) - EGO_HALF_LENGTH, 0.0), max(abs(aside) - EGO_HALF_WIDTH, 0.0)
    return beyond * beyond + beside * beside <= radius * radius


@njit(cache=True)
def contacts(
    x: float,
    y: float,
    cos: float,
    sin: float,
    after: float,
    first: int,
    last: int,
    poses: NDArray[np.void],
    bodies: NDArray[np.void],
) -> int:
    """Flags of whom among poses[first:last] an ego at (x, y) with heading (cos, sin) touches, `after` seconds."""
    flags = 0
    for index in range(first, last):
        pose = poses[index]
        body = bodies[pose.body]
        far_x = pose.x + after * pose.velocity_x - x
        far_y = pose.y + after * pose.velocity_y - y
        reach = EGO_REACH + body.reach
        if far_x * far_x + far_y * far_y > reach * reach or flags & body.flag:
            continue
        ahead, aside = far_x * cos + far_y * sin, far_y * cos - far_x * sin
        if body.round:
            if overlaps_round(ahead, aside, body.half_length):
                flags |= body.flag
            continue
        turn = after * pose.yaw_rate
        turn_cos, turn_sin = math.cos(turn), math.sin(turn)
        other_cos, other_sin = pose.cos * turn_cos - pose.sin * turn_sin, pose.sin * turn_cos + pose.cos * turn_sin
        if overlaps(
            ahead,
            aside,
            other_cos * cos + other_sin * sin,
            other_sin * cos - other_cos * sin,
            body.half_length,
            body.half_width,
        ):
            flags |= body.flag
    return flags


@njit(cache=True)
def nearest_touched(
    flags: int,
    x: float,
    y: float,
    cos: float,
    sin: float,
    first: int,
    last: int,
    poses: NDArray[np.void],
    bodies: NDArray[np.void],
) -> int:
    """Which row of poses[first:last], of a kind among the flags, is nearest to an ego at (x, y); -1 if none is there.

    The distance of two boxes is the largest that they keep along any of their four directions, as in
    gold_data.replay.contact; MetaDrive tells no more than the kind.
    """
    nearest, least = -1, math.inf
    for index in range(first, last):
        pose = poses[index]
        body = bodies[pose.body]
        if not flags & body.flag:
            continue
        far_x, far_y = pose.x - x, pose.y - y
        other_cos, other_sin = pose.cos * cos + pose.sin * sin, pose.sin * cos - pose.cos * sin
        gap = _gap(
            far_x * cos + far_y * sin,
            far_y * cos - far_x * sin,
            other_cos,
            other_sin,
            body.half_length,
            body.half_width,
        )
        if gap < least:
            nearest, least = index, gap
    return nearest


@njit(cache=True)
def on_solid_line(
    x: float,
    y: float,
    cos: float,
    sin: float,
    scene: Any,
    segments_of: NDArray[np.int64],
    segments: NDArray[np.void],
) -> bool:
    """Whether an ego at (x, y) with heading (cos, sin) touches a solid line; `scene` is a row of SceneTable.scenes."""
    reach_x = abs(cos) * EGO_HALF_LENGTH + abs(sin) * EGO_HALF_WIDTH
    reach_y = abs(sin) * EGO_HALF_LENGTH + abs(cos) * EGO_HALF_WIDTH
    from_left, from_bottom = x - scene.grid.left, y - scene.grid.bottom
    columns, rows = scene.grid.columns, scene.grid.rows
    for row in range(
        max(math.floor((from_bottom - reach_y) / CELL), 0), min(math.floor((from_bottom + reach_y) / CELL) + 1, rows)
    ):
        for column in range(
            max(math.floor((from_left - reach_x) / CELL), 0), min(math.floor((from_left + reach_x) / CELL) + 1, columns)
        ):
            cell = scene.cell + row * columns + column
            for index in range(segments_of[cell], segments_of[cell + 1]):
                line = segments[index]
                far_x, far_y = line.x - x, line.y - y
                if overlaps(
                    far_x * cos + far_y * sin,
                    far_y * cos - far_x * sin,
                    line.cos * cos + line.sin * sin,
                    line.sin * cos - line.cos * sin,
                    line.half_length,
                    HALF_WIDTH,
                ):
                    return True
    return False


@njit(cache=True, inline="always")
def _gap(
    ahead: float, aside: float, other_cos: float, other_sin: float, half_length: float, half_width: float
) -> float:
    cos, sin = abs(other_cos), abs(other_sin)
    return max(
        abs(ahead) - EGO_HALF_LENGTH - half_length * cos - half_width * sin,
        abs(aside) - EGO_HALF_WIDTH - half_length * sin - half_width * cos,
        abs(ahead * other_cos + aside * other_sin) - half_length - EGO_HALF_LENGTH * cos - EGO_HALF_WIDTH * sin,
        abs(aside * other_cos - ahead * other_sin) - half_width - EGO_HALF_LENGTH * sin - EGO_HALF_WIDTH * cos,
    )
