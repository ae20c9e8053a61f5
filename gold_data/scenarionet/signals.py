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
    described: dict[str, Any] = {}
    for step, rows in enumerate(dynamic_map_states[:length]):
        stop_points = rows["stop_point"].astype(np.float32)
        for lane, state, stop_point in zip(rows["lane"].tolist(), rows["state"].tolist(), stop_points, strict=True):
            name = str(lane)
            if name not in described:
                described[name] = _dark(name, lane, length)
            described[name]["state"]["object_state"][step] = SIGNAL_STATES[state]
            described[name]["stop_point"] = stop_point
    return described


def _dark(name: str, lane: int, length: int) -> dict[str, Any]:
    """A signal that no step has shown yet."""
    return {
        "type": "TRAFFIC_LIGHT",
        "state": {"object_state": [None] * length},
        "lane": lane,
        "stop_point": None,
        "metadata": {"track_length": length, "type": "TRAFFIC_LIGHT", "object_id": name, "dataset": "waymo"},
    }
