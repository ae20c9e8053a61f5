"""MetaDrive's two range sensors, compiled: the side detector for solid lines, the lidar for road users.

Both see to 50 m and tell the share of it that is free. They are horizontal and start where the ego's position is read
out (component/sensors/distance_detector.py, lidar.py): the side detector, at 0.2 m, hits every line; the lidar, at
1.2 m, every body that does not hang above it. A body in which a ray starts is not hit (Bullet's rayTestSingle).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

RANGE = 50.0
"""m."""
SIDE_RAYS = 12
CELL, HALF_WIDTH = 4.0, 0.15 / 4
"""m; as in lines.py."""
JOINT = 0.001
"""m by which a line's boxes are made longer: a ray would pass the gaps that rounding leaves, and Bullet's does not."""
PARALLEL = 1e-12
"""What a direction's component is taken for at least, so that it can be divided by."""

TURNS = np.array([math.pi / 2 + ray * 2 * math.pi / SIDE_RAYS for ray in range(SIDE_RAYS)])
SIDE_COS, SIDE_SIN = np.cos(TURNS), np.sin(TURNS)
"""Of the side detector's rays in the ego's frame: the first one points left, then on counter-clockwise."""


def lidar_directions(rays: int) -> NDArray[np.float64]:
    """(rays, 2) cosine and sine of the lidar's rays in the ego's frame: straight ahead, then counter-clockwise."""
    angles = np.arange(rays) * (2 * math.pi / rays)
    return np.column_stack([np.cos(angles), np.sin(angles)])


@njit(cache=True, inline="always")
def _enters(x: float, y: float, along: float, across: float, half_length: float, half_width: float) -> float:
    """Metres after which a ray from (x, y) in direction (along, across), both in a box's frame, enters the box."""
    if abs(along) < PARALLEL:
        along = PARALLEL
    if abs(across) < PARALLEL:
        across = PARALLEL
    ends, sides = 1.0 / along, 1.0 / across
    middle, half = -x * ends, abs(half_length * ends)
    first, last = middle - half, middle + half
    middle, half = -y * sides, abs(half_width * sides)
    first, last = max(first, middle - half), min(last, middle + half)
    return first if 0.0 < first <= last else math.inf


@njit(cache=True)
def side(
    out: NDArray[np.floating],
    x: float,
    y: float,
    cos: float,
    sin: float,
    scene: Any,
    segments_of: NDArray[np.int64],
    segments: NDArray[np.void],
) -> None:
    """Set `out` (12,) to the share of 50 m from (x, y) to the nearest solid line, for an ego with heading (cos, sin).

    `scene` is a row of SceneTable.scenes. A ray goes from cell to cell of the grid, until it is past the nearest hit.
    """
    left, bottom = scene.grid.left, scene.grid.bottom
    columns, rows = scene.grid.columns, scene.grid.rows
    for ray in range(SIDE_RAYS):
        towards_x = cos * SIDE_COS[ray] - sin * SIDE_SIN[ray]
        towards_y = sin * SIDE_COS[ray] + cos * SIDE_SIN[ray]
        out[ray] = (
            _nearest_line(x, y, towards_x, towards_y, left, bottom, columns, rows, scene.cell, segments_of, segments)
            / RANGE
        )


@register_jitable
def _nearest_line(
    x: float,
    y: float,
    towards_x: float,
    towards_y: float,
    left: float,
    bottom: float,
    columns: int,
    rows: int,
    first_cell: int,
    segments_of: NDArray[np.int64],
    segments: NDArray[np.void],
) -> float:
    nearest = RANGE
    column, row = math.floor((x - left) / CELL), math.floor((y - bottom) / CELL)
    step_x, step_y = (1 if towards_x > 0 else -1), (1 if towards_y > 0 else -1)
    every_x = CELL / max(abs(towards_x), PARALLEL)
    every_y = CELL / max(abs(towards_y), PARALLEL)
    in_column, in_row = (x - left) / CELL - column, (y - bottom) / CELL - row
    next_x = every_x * (1 - in_column if step_x > 0 else in_column)
    next_y = every_y * (1 - in_row if step_y > 0 else in_row)
    entered = 0.0
    while entered < nearest:
        if 0 <= column < columns and 0 <= row < rows:
            cell = first_cell + row * columns + column
            for index in range(segments_of[cell], segments_of[cell + 1]):
                line = segments[index]
                line_cos, line_sin = float(line.cos), float(line.sin)
                ahead, aside = x - line.x, y - line.y
                hit = _enters(
                    ahead * line_cos + aside * line_sin,
                    aside * line_cos - ahead * line_sin,
                    towards_x * line_cos + towards_y * line_sin,
                    towards_y * line_cos - towards_x * line_sin,
                    line.half_length + JOINT,
                    HALF_WIDTH,
                )
                nearest = min(nearest, hit)
        if next_x < next_y:
            entered = next_x
            next_x += every_x
            column += step_x
        else:
            entered = next_y
            next_y += every_y
            row += step_y
    return nearest


@njit(cache=True)
def lidar(
    out: NDArray[np.floating],
    directions: NDArray[np.float64],
    x: float,
    y: float,
    cos: float,
    sin: float,
    first: int,
    last: int,
    poses: NDArray[np.void],
    bodies: NDArray[np.void],
) -> None:
    """Set `out` (R,) to the share of 50 m from (x, y) to the nearest body among poses[first:last].

    `directions` (R, 2) are those of `lidar_directions`, (cos, sin) is the ego's heading.
    """
    rays = len(directions)
    between = 2 * math.pi / rays
    for ray in range(rays):
        out[ray] = 1.0
    for index in range(first, last):
        pose = poses[index]
        body = bodies[pose.body]
        ahead, aside = pose.x - x, pose.y - y
        square = ahead * ahead + aside * aside
        reach = body.reach
        if square > (RANGE + reach) ** 2 or pose.hangs:
            continue
        if square <= reach * reach:
            lowest, highest = 0, rays - 1
        else:
            bearing = math.atan2(aside * cos - ahead * sin, ahead * cos + aside * sin)
            half = math.asin(reach / math.sqrt(square))
            lowest, highest = math.ceil((bearing - half) / between), math.floor((bearing + half) / between)
        turned_cos, turned_sin = cos * pose.cos + sin * pose.sin, sin * pose.cos - cos * pose.sin
        start_x, start_y = body.lean - ahead * pose.cos - aside * pose.sin, ahead * pose.sin - aside * pose.cos
        for number in range(lowest, highest + 1):
            ray = number % rays
            along = turned_cos * directions[ray, 0] - turned_sin * directions[ray, 1]
            across = turned_sin * directions[ray, 0] + turned_cos * directions[ray, 1]
            hit = _enters_body(start_x, start_y, along, across, body, 0.0)
            if hit == math.inf and body.graze > 0.0:
                hit = _enters_body(start_x, start_y, along, across, body, body.graze)
            out[ray] = min(out[ray], hit / RANGE)


@njit(cache=True, inline="always")
def _enters_body(x: float, y: float, along: float, across: float, body: Any, margin: float) -> float:
    if body.round:
        return _enters_round(x, y, along, across, body.half_length + margin)
    return _enters(x, y, along, across, body.half_length + margin, body.half_width + margin)


@njit(cache=True, inline="always")
def _enters_round(x: float, y: float, along: float, across: float, radius: float) -> float:
    """Metres after which a ray from (x, y) in direction (along, across), seen from a cylinder's middle, enters it."""
    nearing = -(x * along + y * across)
    square = nearing * nearing - x * x - y * y + radius * radius
    if square < 0.0:
        return math.inf
    hit = nearing - math.sqrt(square)
    return hit if hit > 0.0 else math.inf
