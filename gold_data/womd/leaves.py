"""The messages at the ends of a Scenario, those of numbers alone: which field goes into which column of an array."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.messages import STATE
from gold_data.womd.wire import FIXED32, FIXED64, LENGTH, VARINT, fields, payloads, tag_of


@dataclass(frozen=True, eq=False)
class Leaf:
    """A message kind: `dtype` has a column for each of its fields, those of a message inside it among them.

    `columns` maps a field's tag to its column, `inner` the tag of a message in it to that one's kind. `enums` has, for
    a column that holds an enumeration, how many numbers it knows (0, 1, ...): proto2 takes others for unknown fields.
    """

    dtype: np.dtype[np.void]
    columns: dict[int, str]
    enums: dict[str, int] = field(default_factory=dict)
    inner: dict[int, Leaf] = field(default_factory=dict)


def read_leaf(leaf: Leaf, data: bytes, start: int, end: int, depth: int, row: NDArray[np.void]) -> None:
    """Read the message data[start:end], `depth` messages deep, into `row`, an array of one row of the leaf's dtype.

    What the message lacks stays as it is in `row`. Raises MalformedRecord where these bytes are no message.
    """
    for found in fields(data, start, end, depth):
        tag, value, length, _ = found
        if tag in leaf.columns:
            column = row[leaf.columns[tag]]
            if tag & 7 != VARINT:
                column[:] = np.frombuffer(data, column.dtype, 1, value)
            else:
                number = from_varints(np.array([value], np.uint64), column.dtype)
                if leaf.columns[tag] not in leaf.enums or 0 <= number[0] < leaf.enums[leaf.columns[tag]]:
                    column[:] = number
        elif tag in leaf.inner:
            for inside in payloads(found):
                read_leaf(leaf.inner[tag], data, inside, inside + length, depth + 1, row)


def from_varints(values: NDArray[np.uint64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Varints as the numbers that a column of this dtype holds; upper bits are dropped, as protobuf does."""
    numbers: NDArray[Any]
    numbers = values != 0 if dtype.kind == "b" else values.astype(f"u{dtype.itemsize}").view(dtype)
    return numbers


def _columns(dtype: np.dtype[np.void], first_number: int) -> dict[int, str]:
    """Tags of the columns of a message whose fields are numbered on from `first_number` in the dtype's order."""
    wire_types = {"<f8": FIXED64, "<f4": FIXED32}
    return {
        tag_of(number, wire_types.get(dtype[name].str, VARINT)): name
        for number, name in enumerate(dtype.names or (), start=first_number)
    }


_POINT = np.dtype([("x", "<f8"), ("y", "<f8"), ("z", "<f8")])
_SIGNAL = np.dtype([("lane", "<i8"), ("state", "<i4"), ("x", "<f8"), ("y", "<f8"), ("z", "<f8")])
_BOUNDARY = np.dtype(
    [("lane_start_index", "<i4"), ("lane_end_index", "<i4"), ("boundary_feature_id", "<i8"), ("boundary_type", "<i4")]
)
_NEIGHBOR = np.dtype(
    [
        ("feature_id", "<i8"),
        ("self_start_index", "<i4"),
        ("self_end_index", "<i4"),
        ("neighbor_start_index", "<i4"),
        ("neighbor_end_index", "<i4"),
    ]
)
_PREDICTION = np.dtype([("track_index", "<i4"), ("difficulty", "<i4")])

OBJECT_STATE = Leaf(STATE, _columns(STATE, 2))
POINT = Leaf(_POINT, _columns(_POINT, 1))
SIGNAL_STATE = Leaf(
    _SIGNAL, {tag_of(1, VARINT): "lane", tag_of(2, VARINT): "state"}, {"state": 9}, {tag_of(3, LENGTH): POINT}
)
"""TrafficSignalLaneState; its rows lie in memory as those of dtype SIGNAL do."""
BOUNDARY = Leaf(_BOUNDARY, _columns(_BOUNDARY, 1), {"boundary_type": 9})
NEIGHBOR = Leaf(_NEIGHBOR, _columns(_NEIGHBOR, 1))
"""LaneNeighbor without its boundaries."""
PREDICTION = Leaf(_PREDICTION, _columns(_PREDICTION, 1), {"difficulty": 3})
