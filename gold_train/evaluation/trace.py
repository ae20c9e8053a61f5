"""What is kept of one driven episode, and all that its metrics are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trace:
    """T steps of one policy in one task; row t is what step t + 1 brought."""

    rewards: NDArray[np.float64]  # (T,) raw
    costs: NDArray[np.float64]  # (T,)
    flags: NDArray[np.int64]  # (T,) gold_data.replay.Flag
    contact_bearing: NDArray[np.float64]  # (T,) rad in the ego's frame, left positive; NaN without contact
    arrived: NDArray[np.bool_]  # (T,) at this step or before
    completion: NDArray[np.float64]  # (T,) share of the route
    speed: NDArray[np.float64]  # (T + 1,) m/s, from the start on
    terminated: bool
    truncated: bool
    target: float = np.nan  # return that was asked for, raw; NaN of who is asked for none
