"""The two things that a record has ten thousands of, points and states, as protobuf's wire format in one go.

https://protobuf.dev/programming-guides/encoding: a field is a tag, 8 * number + wire type, and its value; a message
in a repeated field is a tag, its length and its fields. All points are equally long, and so are all valid states.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_POINT = np.dtype(
    [("tag", "u1"), ("size", "u1"), ("x_", "u1"), ("x", "<f8"), ("y_", "u1"), ("y", "<f8"), ("z_", "u1"), ("z", "<f8")]
)
_DOUBLES = ("center_x", "center_y", "center_z")
_FLOATS = ("length", "width", "height", "heading", "velocity_x", "velocity_y")
_STATE = np.dtype(
    [("tag", "u1"), ("size", "u1")]
    + [(field, kind) for name in _DOUBLES for field, kind in ((f"{name}_", "u1"), (name, "<f8"))]
    + [(field, kind) for name in _FLOATS for field, kind in ((f"{name}_", "u1"), (name, "<f4"))]
    + [("valid_", "u1"), ("valid", "u1")]
)
_DOUBLE, _FLOAT, _VARINT, _MESSAGE = 1, 5, 0, 2
_STATES = 3  # the field's number in Track
_INVALID = bytes([8 * _STATES + _MESSAGE, 11, 8 * 4 + _DOUBLE, *bytes(8), 8 * 11 + _VARINT, 0])
"""WOMD's records hold center_z = 0 and valid = false of an invalid state, and no other fields."""


def repeated_points(number: int, points: NDArray[np.float64]) -> bytes:
    """The field `number` (below 16) of a message: MapPoints (N, 3) m."""
    written = np.zeros(len(points), _POINT)
    written["tag"], written["size"] = 8 * number + _MESSAGE, _POINT.itemsize - 2
    for field, name in enumerate("xyz", start=1):
        written[f"{name}_"], written[name] = 8 * field + _DOUBLE, points[:, field - 1]
    return written.tobytes()


def repeated_states(states: NDArray[np.void]) -> bytes:
    """The field `states` of a Track: rows of dtype STATE."""
    written = np.zeros(len(states), _STATE)
    written["tag"], written["size"] = 8 * _STATES + _MESSAGE, _STATE.itemsize - 2
    for field, name in enumerate((*_DOUBLES, *_FLOATS), start=2):
        written[f"{name}_"] = 8 * field + (_DOUBLE if name in _DOUBLES else _FLOAT)
        written[name] = states[name]
    written["valid_"], written["valid"] = 8 * 11 + _VARINT, 1
    runs = np.split(np.arange(len(states)), np.flatnonzero(np.diff(states["valid"])) + 1)
    return b"".join(
        written[run].tobytes() if states["valid"][run[0]] else _INVALID * len(run) for run in runs if len(run)
    )
