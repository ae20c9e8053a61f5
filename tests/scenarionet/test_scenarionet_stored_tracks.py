from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenarionet_old_forms import described, stored

from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.stored_tracks import restore_tracks

STEPS = 6


def tracks() -> dict[str, Any]:
    return dict(stored(described())["tracks"])


def with_state(**arrays: Any) -> dict[str, Any]:
    found = tracks()
    found["30"]["state"] |= arrays
    return found


def test_one_array_of_sizes_is_told_apart() -> None:
    found = tracks()
    sizes = found["30"]["state"]
    lengths, widths, heights = (sizes.pop(name) for name in ("length", "width", "height"))
    sizes["size"] = np.column_stack([lengths, widths, heights]) + np.arange(3, dtype=np.float32)
    restored = restore_tracks(found, STEPS, "waymo")["30"]["state"]
    assert list(restored) == ["position", "length", "width", "height", "heading", "velocity", "valid"]
    assert restored["length"].tolist() == lengths.tolist()
    assert restored["width"].tolist() == (widths + 1).tolist()
    assert restored["height"].tolist() == (heights + 2).tolist()


def test_a_column_becomes_a_row() -> None:
    found = with_state(heading=np.arange(6, dtype=np.float32)[:, None], valid=np.ones((6, 1), np.bool_))
    restored = restore_tracks(found, STEPS, "waymo")["30"]["state"]
    assert restored["heading"].tolist() == [0, 1, 2, 3, 4, 5]
    assert restored["valid"].shape == (6,)


def test_a_type_that_is_not_set_is_another() -> None:
    found = tracks()
    found["30"]["type"] = found["30"]["metadata"]["type"] = "UNSET"
    restored = restore_tracks(found, STEPS, "waymo")["30"]
    assert restored["type"] == restored["metadata"]["type"] == "OTHER"


def test_what_is_no_number_may_stand_where_nothing_is_valid() -> None:
    heading = np.array([0, np.nan, 0, 0, 0, 0], np.float32)
    valid = np.array([True, False, True, True, True, True])
    restored = restore_tracks(with_state(heading=heading, valid=valid), STEPS, "waymo")
    assert restored["30"]["state"]["heading"].tobytes() == heading.tobytes()


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"heading": np.array([0, np.nan, 0, 0, 0, 0], np.float32)}, "'heading' of track 30 holds what is no number"),
        ({"position": np.zeros((6, 2), np.float32)}, r"'position' of track 30 is float32 \(6, 2\), not float32 \(6, 3"),
        ({"velocity": np.zeros((5, 2), np.float32)}, r"'velocity' of track 30 is float32 \(5, 2\), not float32 \(6, 2"),
        ({"velocity": np.zeros(6, np.float32)}, r"'velocity' of track 30 is float32 \(6,\), not float32 \(6, 2\)"),
        ({"position": np.zeros((6, 3))}, r"'position' of track 30 is float64"),
        ({"heading": np.zeros((6, 2), np.float32)}, r"'heading' of track 30 is float32 \(6, 2\), not float32 \(6, 1\)"),
        ({"valid": np.ones(6, np.float32)}, r"'valid' of track 30 is float32 \(6,\), not bool \(6,\)"),
        ({"size": np.zeros((6, 2), np.float32)}, r"'size' of track 30 is float32 \(6, 2\)"),
        ({"width": None}, "'width' of track 30 is of type NoneType, not of type ndarray"),
    ],
)
def test_an_array_of_another_shape_or_kind(arrays: dict[str, Any], reason: str) -> None:
    with pytest.raises(DescriptionError, match=reason):
        restore_tracks(with_state(**arrays), STEPS, "waymo")


@pytest.mark.parametrize(
    ("part", "key", "value", "reason"),
    [
        ((), "type", "TRUCK", "track 30 is a TRUCK, which is none of CYCLIST, OTHER"),
        (("metadata",), "object_id", "31", "object_id of track 30 is '30', its metadata say '31'"),
        (("metadata",), "type", "VEHICLE", "type of track 30 is 'PEDESTRIAN', its metadata say 'VEHICLE'"),
        (("metadata",), "track_length", 5, "track_length of track 30 is 6, its metadata say 5"),
        ((), "state", None, "'state' of track 30 is of type NoneType"),
    ],
)
def test_a_track_that_contradicts_itself(part: tuple[str, ...], key: str, value: Any, reason: str) -> None:
    found = tracks()
    holder = found["30"]
    for name in part:
        holder = holder[name]
    holder[key] = value
    with pytest.raises(DescriptionError, match=reason):
        restore_tracks(found, STEPS, "waymo")
