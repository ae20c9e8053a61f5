"""What the walk does with each field of a record: schemas/scenario.proto and gold_data.womd.tables, as numbers.

A column of a table is filled from the field that has its name; a field without a column is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor
from numpy.typing import NDArray

from gold_data.womd import walk
from gold_data.womd.limits import MAX_ENTRIES, MAX_POINTS, MAX_STEPS, MAX_TRACKS
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.tables import DTYPES

_TABLES = {
    "lane": "lanes",
    "road_line": "road_lines",
    "road_edge": "road_edges",
    "stop_sign": "stop_signs",
    "crosswalk": "crosswalks",
    "speed_bump": "speed_bumps",
    "driveway": "driveways",
    "LaneCenter.polyline": "points",
    "RoadLine.polyline": "points",
    "RoadEdge.polyline": "points",
    "Crosswalk.polygon": "points",
    "SpeedBump.polygon": "points",
    "Driveway.polygon": "points",
    "StopSign.lane": "stop_sign_lanes",
    "LaneNeighbor.boundaries": "neighbor_boundaries",
}
"""The table of a field's entries, where it has another name than the field."""

_LIMITS = {
    "tracks": (MAX_TRACKS, "tracks"),
    "states": (MAX_STEPS, "states in a track"),
    "dynamic_map_states": (MAX_STEPS, "dynamic map states"),
    "points": (MAX_POINTS, "points in a polyline or polygon"),
}
"""How many rows of a table one message may have, and how they are called."""

_SCALARS = {
    FieldDescriptor.TYPE_INT32: (walk.INT32, walk.VARINT),
    FieldDescriptor.TYPE_INT64: (walk.INT64, walk.VARINT),
    FieldDescriptor.TYPE_BOOL: (walk.BOOL, walk.VARINT),
    FieldDescriptor.TYPE_ENUM: (walk.ENUM, walk.VARINT),
    FieldDescriptor.TYPE_FLOAT: (walk.FLOAT, walk.FIXED32),
    FieldDescriptor.TYPE_DOUBLE: (walk.DOUBLE, walk.FIXED64),
    FieldDescriptor.TYPE_STRING: (walk.OCTETS, walk.LENGTH),
}


@dataclass(frozen=True)
class Schema:
    """The arguments of `walk` that are the same for every record."""

    fields: NDArray[np.int32]
    children: NDArray[np.int32]
    limits: NDArray[np.int64]


def counted(table: int) -> str:
    """What a table has rows of, in words."""
    name = tuple(DTYPES)[table]
    return _LIMITS[name][1] if name in _LIMITS else f"{name.replace('_', ' ')} in a list"


def _schema() -> Schema:
    kinds = _kinds_within(ScenarioMessage.DESCRIPTOR, "scenario")
    numbers = {name: number for number, name in enumerate(kinds)}
    fields = np.zeros((len(kinds), 128, 5), np.int32)
    children: list[list[tuple[int, int]]] = [[] for _ in kinds]
    for message, (descriptor, dtype) in enumerate(kinds.values()):
        for field in descriptor.fields:
            operation, wire_types = _operation(field)
            inner = numbers[field.message_type.name] if field.message_type else 0
            place = _place(dtype, "kind" if operation == walk.CHOICE else field.name)
            if operation == walk.CHOICE:
                how = (operation, _table(field), inner, place, field.number)
            elif operation == walk.MESSAGES:
                how = (operation, _table(field), inner, int(_is_leaf(field.message_type)), 0)
            elif operation == walk.LIST:
                how = (operation, _table(field), _SCALARS[field.type][0], 0, 0)
            elif operation == walk.INSIDE:
                how = (operation, place, inner, 0, 0)
            else:
                how = (operation, place, len(field.enum_type.values) if field.enum_type else 0, 0, 0)
            for wire_type in wire_types:
                fields[message, 8 * field.number + wire_type] = how
            if operation in (walk.LIST, walk.MESSAGES):
                children[message].append((_table(field), place))
    columns = max(map(len, children)) + 1
    return Schema(
        fields=fields,
        children=np.array([row + [(-1, 0)] * (columns - len(row)) for row in children], np.int32),
        limits=np.array([_LIMITS[name][0] if name in _LIMITS else MAX_ENTRIES for name in DTYPES], np.int64),
    )


def _kinds_within(descriptor: Any, table: str) -> dict[str, tuple[Any, np.dtype[Any]]]:
    """A kind of message and those that occur in it, outermost first: by name, its fields and the dtype of its row."""
    inner: dict[str, tuple[Any, np.dtype[Any]]] = {}
    for field in descriptor.fields:
        if field.message_type:
            inner |= _kinds_within(field.message_type, "points" if _is_inside(field) else _table_name(field))
    return {descriptor.name: (descriptor, DTYPES[table])} | inner


def _table_name(field: Any) -> str:
    return _TABLES.get(f"{field.containing_type.name}.{field.name}") or _TABLES.get(field.name, field.name)


def _table(field: Any) -> int:
    return tuple(DTYPES).index(_table_name(field))


def _place(dtype: np.dtype[Any], column: str) -> int:
    """How many octets before a column its row begins."""
    assert dtype.fields is not None
    return dtype.fields[column][1]


def _is_inside(field: Any) -> bool:
    return bool(field.message_type) and not field.is_repeated and not field.containing_oneof


def _is_leaf(descriptor: Any) -> bool:
    return bool(descriptor) and not any(field.is_repeated or field.containing_oneof for field in descriptor.fields)


def _operation(field: Any) -> tuple[int, tuple[int, ...]]:
    """What is done with a field, and the wire types that it may have: a repeated number also comes packed."""
    if field.containing_oneof:
        return walk.CHOICE, (walk.LENGTH,)
    if field.message_type:
        return walk.MESSAGES if field.is_repeated else walk.INSIDE, (walk.LENGTH,)
    operation, wire_type = _SCALARS[field.type]
    return (walk.LIST, (wire_type, walk.LENGTH)) if field.is_repeated else (operation, (wire_type,))


SCHEMA = _schema()
"""That of a Scenario."""
