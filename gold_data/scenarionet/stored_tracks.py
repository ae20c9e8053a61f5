"""The road users of a stored description, checked and in today's form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet.description import DescriptionError
from gold_data.scenarionet.expected import agree, array, entry, mapping

TRACK_TYPES = frozenset({"VEHICLE", "PEDESTRIAN", "CYCLIST", "OTHER", "TRAFFIC_CONE", "TRAFFIC_BARRIER"})
"""What MetaDrive spawns, and OTHER, which it passes over."""
COLUMNS = {"position": 3, "length": 0, "width": 0, "height": 0, "heading": 0, "velocity": 2, "valid": 0}
"""Numbers a step; 0: the step's row is the number itself."""
MUST_BE_NUMBERS = ("position", "heading", "velocity")


def restore_tracks(stored: Any, length: int, dataset: str) -> dict[str, Any]:
    """Make {track id: type, state, metadata} as `describe_tracks` does, of the tracks of any form.

    The forms before April 2023 have one `size` (T, 3) of length, width and height, and some keep heading and valid as
    (T, 1). Raises DescriptionError: an array that is missing or of another shape or type than its form has it, a place,
    heading or velocity that is no number at a valid step, a type that no road user has, metadata of another track.
    """
    restored: dict[str, Any] = {}
    for name, track in mapping(stored, "tracks").items():
        where = f"track {name}"
        state = _state(entry(track, "state", dict, where), length, where)
        kind = entry(track, "type", str, where).replace("UNSET", "OTHER")
        if kind not in TRACK_TYPES:
            raise DescriptionError(f"{where} is a {kind}, which is none of {', '.join(sorted(TRACK_TYPES))}")
        own = {"track_length": length, "type": track["type"], "object_id": name}
        agree(entry(track, "metadata", dict, where), own, where)
        restored[name] = {
            "type": kind,
            "state": state,
            "metadata": {"track_length": length, "type": kind, "object_id": name, "dataset": dataset},
        }
    return restored


def _state(stored: dict[str, Any], length: int, where: str) -> dict[str, NDArray[Any]]:
    found = _with_three_sizes(stored, length, where) if "size" in stored else stored
    state = {}
    for name, width in COLUMNS.items():
        flat = width == 0 and not _is_column(found.get(name))
        shape = (length,) if flat else (length, max(width, 1))
        values = array(found, name, np.bool_ if name == "valid" else np.float32, shape, where)
        state[name] = values if flat or width else values[:, 0].copy()
    for name in MUST_BE_NUMBERS:
        if not np.isfinite(state[name][state["valid"]]).all():
            raise DescriptionError(f"{name!r} of {where} holds what is no number at a valid step")
    return state


def _with_three_sizes(stored: dict[str, Any], length: int, where: str) -> dict[str, Any]:
    size = array(stored, "size", np.float32, (length, 3), where)
    return {**stored, **{name: size[:, row].copy() for row, name in enumerate(("length", "width", "height"))}}


def _is_column(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.ndim == 2
