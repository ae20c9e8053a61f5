"""A drive in MetaDrive, and what the kernels make of the states that it reports: the blocks that both have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.replay import Description, Drive, Readings
from gold_data.replay.batched.along import compile_route, locate, stack_routes
from gold_data.replay.batched.stock import EGO, NAVIGATION_STOCK, write_stock
from gold_data.replay.scene import StartOffset

FIRST = 12
"""Where the two blocks begin in MetaDrive's vector."""

Numbers = NDArray[np.float64]


def stock_beside(
    drive: Drive,
    description: Description,
    ego_id: str,
    steps: int,
    action_of: Callable[[Readings, int], Any],
    offset: StartOffset | None = None,
    start: int = 0,
) -> tuple[Numbers, Numbers]:
    """(steps + 1, 29) numbers of MetaDrive and the same of the kernels.

    `action_of` is asked for (steering, throttle) after what was read out at a step.
    """
    outcome = drive.reset(description, ego_id, start, offset)
    table = stack_routes([compile_route(drive.scene)])
    theirs, ours = [], []
    heading = outcome.readings.heading
    for step in range(steps + 1):
        readings = outcome.readings
        theirs.append(readings.stock[FIRST : FIRST + EGO + NAVIGATION_STOCK].astype(np.float64))
        ours.append(np.empty(EGO + NAVIGATION_STOCK))
        place = locate(table.routes[0], table.segments, readings.x, readings.y)
        write_stock(
            table.routes[0],
            table.segments,
            table.checkpoints,
            place,
            readings.x,
            readings.y,
            *_forward(drive),
            readings.heading,
            heading,
            readings.speed,
            drive._max_speed * 3.6,
            *outcome.action.tolist(),
            ours[-1],
        )
        heading = readings.heading
        if step < steps:
            outcome = drive.step(action_of(readings, step))
    return np.array(theirs), np.array(ours)


def _forward(drive: Drive) -> tuple[float, float]:
    """What of the car's axis lies in the plane, as panda3d has it."""
    engine: Any = drive.engine
    ego = engine._env.agent
    forward = ego.engine.origin.getRelativeVector(ego.origin, (0.0, 1.0, 0.0))
    return float(forward[0]), float(forward[1])
