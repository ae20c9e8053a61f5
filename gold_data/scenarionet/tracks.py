"""Road users: a record's tracks as ScenarioNet's state arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gold_data.womd.messages import STATE, Track

# MetaDrive takes no object whose type is UNSET; it spawns neither that nor an OTHER.
OBJECT_TYPES = ("OTHER", "VEHICLE", "PEDESTRIAN", "CYCLIST", "OTHER")
"""By Track.ObjectType."""
_OPAQUE = np.dtype(f"V{STATE.itemsize}")  # numpy copies rows of this kind whole, and those of STATE a field at a time


def describe_tracks(tracks: Sequence[Track], length: int) -> dict[str, Any]:
    """Make {track id: type, state, metadata}, in the record's order.

    Each state has `length` rows: position (T, 3), velocity (T, 2) and the others (T,), float32 (valid: bool). A shorter
    track is padded with zeros, a longer one cut. Follows extract_tracks of scenarionet/converter/waymo/utils.py.
    """
    whole = np.zeros((len(tracks), length), dtype=_OPAQUE)
    for row, track in zip(whole, tracks, strict=True):
        kept = track.states[:length].view(_OPAQUE)
        row[: len(kept)] = kept
    states = whole.view(STATE)
    columns = {
        "position": _columns(states, "center_x", "center_y", "center_z"),
        "length": states["length"].copy(),
        "width": states["width"].copy(),
        "height": states["height"].copy(),
        "heading": states["heading"].copy(),
        "velocity": _columns(states, "velocity_x", "velocity_y"),
        "valid": states["valid"].copy(),
    }
    described: dict[str, Any] = {}
    for row, track in enumerate(tracks):
        name, kind = str(track.id), OBJECT_TYPES[track.object_type]
        described[name] = {
            "type": kind,
            "state": {field: column[row] for field, column in columns.items()},
            "metadata": {"track_length": length, "type": kind, "object_id": name, "dataset": "waymo"},
        }
    return described


def _columns(states: np.ndarray[Any, np.dtype[np.void]], *fields: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    columns = np.empty((*states.shape, len(fields)), dtype=np.float32)
    for index, field in enumerate(fields):
        columns[..., index] = states[field]
    return columns
