"""What a description holds, in numbers: the summaries that MetaDrive and ScenarioNet filter databases by."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOVING_DISTANCE = 1.0  # metres; _calculate_num_moving_objects of MetaDrive's scenario_description.py
HIGHEST_DIFFERENCE = 10.0  # metres; map_height_diff there looks no further than this


def summarise_objects(tracks: dict[str, Any]) -> dict[str, Any]:
    """Make `object_summary`: for each track its type, lengths in steps, and the metres it moved between valid steps.

    Follows ScenarioDescription.get_object_summary of metadrive/scenario/scenario_description.py; the distance is summed
    from the first step to the last in float32, as it is there with numpy 2.
    """
    if not tracks:
        return {}
    states = [track["state"] for track in tracks.values()]
    valid = np.stack([state["valid"] for state in states])
    distance = _moving_distance(np.stack([state["position"] for state in states])[..., :2], valid).tolist()
    valid_length, run_length = valid.sum(axis=1).tolist(), _first_run(valid).tolist()
    return {
        name: {
            "type": track["type"],
            "object_id": name,
            "track_length": valid.shape[1],
            "moving_distance": distance[row],
            "valid_length": valid_length[row],
            "continuous_valid_length": run_length[row],
        }
        for row, (name, track) in enumerate(tracks.items())
    }


def summarise_numbers(objects: dict[str, Any], signals: dict[str, Any], features: dict[str, Any]) -> dict[str, Any]:
    """Make `number_summary`: how many road users, signals and map features of which kinds.

    `objects` is what `summarise_objects` made. Follows ScenarioDescription.get_number_summary of
    metadrive/scenario/scenario_description.py, sets and defaultdict included.
    """
    each_type = Counter(row["type"] for row in objects.values())
    moving = Counter(row["type"] for row in objects.values() if row["moving_distance"] > MOVING_DISTANCE)
    each_step = Counter(
        state for signal in signals.values() for state in signal["state"]["object_state"] if state is not None
    )
    return {
        "num_objects": len(objects),
        "object_types": set(each_type),
        "num_objects_each_type": dict(each_type),
        "num_moving_objects": moving.total(),
        "num_moving_objects_each_type": defaultdict(int, moving),
        "num_traffic_lights": len(signals),
        "num_traffic_light_types": set(each_step),
        "num_traffic_light_each_step": dict(each_step),
        "num_map_features": len(features),
        "map_height_diff": map_height_difference(features),
    }


def map_height_difference(features: dict[str, Any]) -> float:
    """Metres between the lowest and the highest point of the road lines, -inf where there are none.

    Lines are looked at in their order until the difference is over 10 m, so that it is exact only below. Lines without
    points or with NaN do not count. Follows ScenarioDescription.map_height_diff of the same file.
    """
    lines = [
        feature["polyline"][:, 2]
        for feature in features.values()
        if feature["type"].startswith("ROAD_LINE_") and len(feature["polyline"])
    ]
    if not lines:
        return -np.inf
    heights = np.concatenate(lines)
    starts = np.cumsum([0, *map(len, lines[:-1])])
    highest = np.fmax.accumulate(np.fmax(np.maximum.reduceat(heights, starts), np.float32(-np.inf)))
    lowest = np.fmin.accumulate(np.fmin(np.minimum.reduceat(heights, starts), np.float32(np.inf)))
    difference = highest - lowest
    enough = difference > HIGHEST_DIFFERENCE
    return float(difference[enough.argmax() if enough.any() else -1])


def _moving_distance(position: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(N,) metres along the valid steps of positions (N, T, 2)."""
    track, step = np.nonzero(valid)
    squares = np.square(np.diff(position[track, step], axis=0))
    within = track[1:] == track[:-1]
    moved = np.zeros(valid.shape, dtype=np.float32)
    moved[track[1:][within], step[1:][within]] = np.sqrt(squares[:, 0] + squares[:, 1])[within]
    distance: NDArray[np.float32] = np.cumsum(moved, axis=1)[:, -1]  # a sum goes pairwise, a cumulative one in order
    return distance


def _first_run(valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) length of the first unbroken run of valid steps."""
    started = np.logical_or.accumulate(valid, axis=1)
    ended = np.logical_or.accumulate(started & ~valid, axis=1)
    length: NDArray[np.int64] = (started & ~ended).sum(axis=1)
    return length
