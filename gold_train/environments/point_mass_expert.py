"""Who shows how the toy is done: past the hazard on the nearer side, then to the goal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gold_train.environments.point_mass import DRAG, PUSH, RADIUS

MARGINS = (-0.05, 0.2)
"""By how much it keeps clear of the hazard, at least and at the most: in some episodes it touches it."""
NOISE = 0.25
"""Deviation of what is added to its pushes."""


def expert_push(observations: NDArray[np.floating], margin: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) pushes that it wants, before noise and clipping, where (n, 9) is seen; each keeps clear by its margin.

    It aims beside the hazard until it has come level with it, then at the goal, more slowly as it comes near
    (algorithms 3.2).
    """
    seen = np.asarray(observations, np.float64)
    velocity, to_goal, to_hazard = seen[:, 2:4], seen[:, 4:6], seen[:, 6:8]
    side = np.where(to_hazard[:, 1] <= 0, 1.0, -1.0)
    beside = to_hazard + np.column_stack([np.zeros(len(seen)), side * (RADIUS + margin)])
    aim = np.where((to_hazard[:, 0] <= 0.02)[:, None], to_goal, beside)
    distance = np.hypot(*aim.T)[:, None]
    wanted = aim / np.maximum(distance, 1e-9) * np.minimum(0.9, 0.2 + 2 * distance)
    return np.asarray((wanted - DRAG * velocity) / PUSH)
