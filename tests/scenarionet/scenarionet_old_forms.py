"""A description as the converters of 2023 stored it, each form made of the next younger one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from scenarionet_records import decoded, small_message

from gold_data.scenarionet import Description, describe
from gold_data.scenarionet.pickles import unpickle, write_pickle

LATER_METADATA = (
    *("track_length", "current_time_index", "sdc_track_index", "objects_of_interest", "tracks_to_predict"),
    *("object_summary", "number_summary"),
)


def described(signals: bool = True, plain: bool = False) -> Description:
    """What `describe` makes of the small record; `plain`: without what the oldest forms cannot say."""
    message = small_message()
    message.map_features.add(id=13).lane.polyline.add(x=1.0)  # a lane of unknown type
    message.map_features[-1].lane.right_boundaries.add(boundary_feature_id=3)
    if not signals:
        del message.dynamic_map_states[:]
    if plain:
        del message.objects_of_interest[:], message.tracks_to_predict[:]
        message.current_time_index = 0
    return describe(decoded(message), "some.tfrecord")


def stored(description: Description) -> dict[str, Any]:
    """A copy that was a pickle's bytes in between."""
    file = io.BytesIO()
    write_pickle(file, description)
    copy: dict[str, Any] = unpickle(file.getvalue())
    return copy


def of_april_2023(description: Description) -> dict[str, Any]:
    old = stored(description)
    old["version"] = "MetaDrive v0.3.0.1"
    del old["metadata"]["id"]
    for feature in old["map_features"].values():
        if feature["type"] == "LANE_UNKNOWN":
            feature["type"] = "UNKNOWN"
            del feature["width"]
    return old


def of_march_2023(description: Description) -> dict[str, Any]:
    old = of_april_2023(description)
    for name in LATER_METADATA:
        del old["metadata"][name]
    old["metadata"]["created_time"] = 1680157761.5
    for track in old["tracks"].values():
        state = track["state"]
        state["size"] = np.column_stack([state.pop(name) for name in ("length", "width", "height")])
        del track["metadata"]["dataset"]
    for feature in old["map_features"].values():
        feature.pop("speed_limit_kmh", None)
        if "polygon" in feature:
            feature["polyline"] = feature.pop("polygon")
        if feature["type"] == "CROSSWALK":
            feature["type"] = "CROSS_WALK"
    old["dynamic_map_states"] = {
        name: _last_step_alone(signal, old["length"]) for name, signal in old["dynamic_map_states"].items()
    }
    return old


def without_metadata(description: Description) -> dict[str, Any]:
    old = of_march_2023(description)
    metadata = old.pop("metadata")
    for track in old["tracks"].values():
        for name in ("heading", "valid"):
            track["state"][name] = track["state"][name][:, None]
    return {**old, "ts": metadata["ts"], "metadrive_processed": False, "sdc_track_index": int(metadata["sdc_id"])}


def _last_step_alone(signal: dict[str, Any], length: int) -> dict[str, Any]:
    last = max(step for step, state in enumerate(signal["state"]["object_state"]) if state is not None)
    state: dict[str, Any] = {"stop_point": np.zeros((length, 3), np.float32)}
    state |= {name: np.zeros(length, np.int32) for name in ("object_state", "lane")}
    state["object_state"][last], state["lane"][last], state["stop_point"][last] = 4, signal["lane"], 1.0
    return {"type": "TRAFFIC_LIGHT", "state": state, "metadata": signal["metadata"]}
