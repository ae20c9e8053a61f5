from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scenarionet_records import STEPS, add_track, assert_same, decoded, small_message

from gold_data.scenarionet import describe
from gold_data.scenarionet.summary import map_height_difference, summarise_numbers, summarise_objects


def test_numbers_of_a_small_record() -> None:
    message = small_message()
    for state in add_track(message, 40, 1).states:
        state.center_x = 0.0
    numbers = describe(decoded(message), "")["metadata"]["number_summary"]
    assert_same(
        numbers,
        {
            "num_objects": 4,
            "object_types": {"PEDESTRIAN", "VEHICLE", "CYCLIST"},
            "num_objects_each_type": {"PEDESTRIAN": 1, "VEHICLE": 2, "CYCLIST": 1},
            "num_moving_objects": 3,
            "num_moving_objects_each_type": defaultdict(int, {"PEDESTRIAN": 1, "VEHICLE": 1, "CYCLIST": 1}),
            "num_traffic_lights": 1,
            "num_traffic_light_types": {"LANE_STATE_STOP", "LANE_STATE_GO"},
            "num_traffic_light_each_step": {"LANE_STATE_STOP": 2, "LANE_STATE_GO": 2},
            "num_map_features": 7,
            "map_height_diff": 1.5,
        },
    )


def test_objects_of_a_small_record() -> None:
    message = small_message()
    for step in (0, 3):
        message.tracks[0].states[step].valid = False
    assert describe(decoded(message), "")["metadata"]["object_summary"]["30"] == {
        "type": "PEDESTRIAN",
        "object_id": "30",
        "track_length": STEPS,
        "moving_distance": 4.0,  # from step 1 to 2, over the gap to 4, and to 5
        "valid_length": 4,
        "continuous_valid_length": 2,
    }


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)), st.integers(0, 2**32))
def test_objects_equal_the_definition(valid: NDArray[np.bool_], seed: int) -> None:
    position = np.random.default_rng(seed).normal(scale=50, size=(*valid.shape, 3)).astype(np.float32)
    tracks = {
        str(row): {"type": "VEHICLE", "state": {"position": position[row], "valid": valid[row]}}
        for row in range(len(valid))
    }
    for row, summary in enumerate(summarise_objects(tracks).values()):
        points = position[row][valid[row], :2]
        distance = np.float32(0)
        for before, after in pairwise(points):
            distance += np.float32(np.linalg.norm(before - after))
        runs = "".join("x" if step else " " for step in valid[row]).split()
        assert summary["moving_distance"] == float(distance)
        assert summary["valid_length"] == int(valid[row].sum())
        assert summary["continuous_valid_length"] == (len(runs[0]) if runs else 0)


def _line(*heights: float, kind: str = "ROAD_LINE_BROKEN_SINGLE_WHITE") -> dict[str, Any]:
    polyline = np.zeros((len(heights), 3), dtype=np.float32)
    polyline[:, 2] = heights
    return {"type": kind, "polyline": polyline}


@pytest.mark.parametrize(
    ("lines", "difference"),
    [
        ([], -np.inf),
        ([_line(0.0, 9.0, kind="UNKNOWN"), _line(0.0, 9.0, kind="ROAD_EDGE_MEDIAN")], -np.inf),
        ([_line(1.0, 3.5), _line(-2.0)], 5.5),
        ([_line(), _line(1.0), _line(np.nan, 9.0), _line(4.0)], 3.0),
        ([_line(np.nan)], -np.inf),
        ([_line(0.0), _line(12.0), _line(50.0)], 12.0),
    ],
)
def test_height_difference(lines: list[dict[str, Any]], difference: float) -> None:
    assert map_height_difference({str(index): line for index, line in enumerate(lines)}) == difference


def test_nothing_at_all() -> None:
    assert summarise_objects({}) == {}
    assert summarise_numbers({}, {}, {})["object_types"] == set()
