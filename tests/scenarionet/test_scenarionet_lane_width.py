from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenarionet_records import LANE, LEFT_LINE, decoded, small_message

from gold_data.scenarionet.lane_width import add_lane_widths
from gold_data.scenarionet.map import describe_map
from gold_data.womd.messages import BoundarySegment, Lane


def _lane(lane_id: int, size: int, left: list[BoundarySegment], right: list[BoundarySegment]) -> Lane:
    return Lane(lane_id, 0.0, 2, False, np.zeros((size, 3)), (), (), tuple(left), tuple(right), (), ())


def _one_by_one(described: dict[str, Any], lane: Lane) -> NDArray[np.float32]:
    """The definition, a segment and a point at a time."""
    points = described[str(lane.id)]["polyline"][:, :2]
    width = np.zeros((len(points), 2), dtype=np.float32)
    for side, segments in enumerate((lane.left_boundaries, lane.right_boundaries)):
        for segment in segments:
            boundary = described[str(segment.boundary_feature_id)]["polyline"][:, :2]
            start, end = segment.lane_start_index, segment.lane_end_index
            squares = np.square(boundary - points[start])
            beside = int(np.argmin(np.sqrt(squares[:, 0] + squares[:, 1])))
            for index in range(start, end + 1):
                if beside + index - start < len(boundary):
                    x, y = np.square(points[index] - boundary[beside + index - start])
                    width[index, side] = np.sqrt(x + y)
    for index, (left, right) in enumerate(width):
        width[index] = (left if left != 0 else right, right if right != 0 else left)
    return width


@st.composite
def _maps(draw: st.DrawFn) -> tuple[dict[str, Any], list[Lane]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    coarse = draw(st.booleans())  # points on a grid: many are equally near

    def polyline(size: int) -> NDArray[np.float32]:
        points = rng.normal(scale=5, size=(size, 3)).astype(np.float32)
        return np.round(points / 5) if coarse else points

    described: dict[str, Any] = {
        str(100 + index): {"polyline": polyline(size)}
        for index, size in enumerate(draw(st.lists(st.integers(1, 12), min_size=1, max_size=4)))
    }
    boundaries = [int(name) for name in described]
    lanes = []
    for index, size in enumerate(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))):
        sides: list[list[BoundarySegment]] = [[], []]
        for side in sides:
            for _ in range(draw(st.integers(0, 3))):
                start = draw(st.integers(0, size - 1))
                end = draw(st.integers(start, size - 1))
                side.append(BoundarySegment(start, end, draw(st.sampled_from(boundaries)), 0))
        lanes.append(_lane(index, size, *sides))
        described[str(index)] = {"polyline": polyline(size)}
    return described, lanes


@settings(max_examples=150, deadline=None)
@given(_maps())
def test_equals_the_definition_to_the_bit(made: tuple[dict[str, Any], list[Lane]]) -> None:
    described, lanes = made
    add_lane_widths(described, lanes)
    for lane in lanes:
        width = described[str(lane.id)]["width"]
        assert width.dtype == np.float32
        assert width.tobytes() == _one_by_one(described, lane).tobytes()


@pytest.mark.parametrize("named", [99, 4, 6])
def test_boundary_that_is_no_line_adds_no_width(named: int) -> None:
    message = small_message()
    message.map_features[0].lane.left_boundaries[0].boundary_feature_id = named
    width = describe_map(decoded(message).map_features)[str(LANE)]["width"]
    assert width.tolist() == [[3, 3]] * 4 + [[0, 0]]


def test_boundary_without_points_adds_no_width() -> None:
    message = small_message()
    del message.map_features[1].road_line.polyline[:]
    width = describe_map(decoded(message).map_features)[str(LANE)]["width"]
    assert width.tolist() == [[3, 3]] * 4 + [[0, 0]]


def test_lane_without_points() -> None:
    message = small_message()
    del message.map_features[0].lane.polyline[:]
    assert describe_map(decoded(message).map_features)[str(LANE)]["width"].shape == (0, 2)


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [(3, 9, [3, 3, 3, 2, 2]), (5, 9, [3, 3, 3, 3, 0]), (-1, 2, [3] * 4 + [0]), (2, 1, [3] * 4 + [0])],
)
def test_segment_that_leaves_its_lane_is_cut_or_passed_over(start: int, end: int, left: list[float]) -> None:
    message = small_message()
    segment = message.map_features[0].lane.left_boundaries[0]
    segment.lane_start_index, segment.lane_end_index = start, end
    assert segment.boundary_feature_id == LEFT_LINE
    assert describe_map(decoded(message).map_features)[str(LANE)]["width"][:, 0].tolist() == left
