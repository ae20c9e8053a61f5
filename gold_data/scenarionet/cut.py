"""A description cut to a run of frames, for an ego that is not there all along."""

from __future__ import annotations

from typing import Any

from gold_data.scenarionet.description import Description


def cut_frames(description: Description, first: int, last: int) -> Description:
    """The frames `first` to `last` (one past the end) of a description; the whole of it is given back as it is.

    The caller's description is not changed. The summaries in its metadata stay those of the whole record.
    """
    if (first, last) == (0, description["length"]):
        return description
    metadata = description["metadata"]
    return {
        **description,
        "length": last - first,
        "tracks": {name: _cut(track, first, last) for name, track in description["tracks"].items()},
        "dynamic_map_states": {
            name: _cut(signal, first, last) for name, signal in description["dynamic_map_states"].items()
        },
        "metadata": {**metadata, "ts": metadata["ts"][first:last], "track_length": last - first},
    }


def _cut(entry: dict[str, Any], first: int, last: int) -> dict[str, Any]:
    state = {name: values[first:last] for name, values in entry["state"].items()}
    return {**entry, "state": state, "metadata": {**entry["metadata"], "track_length": last - first}}
