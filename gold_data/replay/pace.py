"""When the ego has to be there: the `pace` block.

A policy that is told where to go but not when cannot imitate a driver who did know; these four numbers are known to
anyone with an appointment, and hold nothing of the record's future but its end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.ends import ARRIVED

NAMES = ("time_left", "route_left", "speed_needed", "speed_needed_minus_speed")
STEP = 0.1
"""Seconds a step."""


def pace(step: int, last: int, longitude: float, length: float, speed: float, max_speed: float) -> NDArray[np.float64]:
    """(4,) numbers in [0, 1]: time left, route left, mean speed still needed, and that minus the own speed.

    `step` of `last` steps are done at the time of arrival's record; `longitude` and `length` of the route in metres;
    `speed` and `max_speed` in m/s. The speed needed is over at least one second.
    """
    time_left = max(last - step, 0) * STEP
    route_left = min(max(ARRIVED * length - longitude, 0.0), length)
    needed = route_left / max(time_left, 1.0)
    numbers = (
        time_left / max(last * STEP, STEP),
        route_left / max(length, 1.0),
        needed / max_speed,
        (needed - speed) / max_speed / 2 + 0.5,
    )
    return np.clip(numbers, 0.0, 1.0)
