"""Traffic signals: a record's dynamic map states, turned from step by step to lane by lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNAL_STATES = (
    "LANE_STATE_UNKNOWN",
    "LANE_STATE_ARROW_STOP",
    "LANE_STATE_ARROW_CAUTION",
    "LANE_STATE_ARROW_GO",
    "LANE_STATE_STOP",
    "LANE_STATE_CAUTION",
    "LANE_STATE_GO",
    "LANE_STATE_FLASHING_STOP",
    "LANE_STATE_FLASHING_CAUTION",
)
"""By TrafficSignalLaneState.State."""


def describe_signals(dynamic_map_states: Sequence[NDArray[np.void]], length: int) -> dict[str, Any]:
    """Make {lane id: type, state, lane, stop_point, metadata} in the order in which the lanes first appear.

    `object_state` has one entry a step, None where the lane has no signal; `stop_point` is (3,) float32 metres, the
    last one seen. Follows extract_dynamic_map_states of scenarionet/converter/waymo/utils.py.
    """
    described: dict[int, dict[str, Any]] = {}
    last_seen: dict[int, tuple[NDArray[np.void], int]] = {}
    for step, rows in enumerate(dynamic_map_states[:length]):
        if not len(rows):
            continue
        for row, (lane, state) in enumerate(zip(rows["lane"].tolist(), rows["state"].tolist(), strict=True)):
            if lane not in described:
                described[lane] = _dark(str(lane), lane, length)
            described[lane]["state"]["object_state"][step] = SIGNAL_STATES[state]
            last_seen[lane] = rows, row
    for lane, (rows, row) in last_seen.items():
        described[lane]["stop_point"] = rows["stop_point"][row].astype(np.float32)
    return {str(lane): signal for lane, signal in described.items()}


def _dark(name: str, lane: int, length: int) -> dict[str, Any]:
    """A signal that no step has shown yet."""
    return {
        "type": "TRAFFIC_LIGHT",
        "state": {"object_state": [None] * length},
        "lane": lane,
        "stop_point": None,
        "metadata": {"track_length": length, "type": "TRAFFIC_LIGHT", "object_id": name, "dataset": "waymo"},
    }
