"""Where two bodies meet, seen from above."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gold_data.replay.batched.meeting import Box, Meeting, Point, boxes_meet, cylinder_meets, depths_of

angles = st.floats(-math.pi, math.pi)
CAR = Box(0.0, 0.0, 1.0, 0.0, 2.2, 0.9)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    angle = draw(angles)
    return Box(
        draw(st.floats(-3.0, 3.0)),
        draw(st.floats(-3.0, 3.0)),
        math.cos(angle),
        math.sin(angle),
        draw(st.floats(0.2, 3.0)),
        draw(st.floats(0.2, 1.2)),
    )


def _meet(one: Box, other: Box) -> Meeting:
    meeting: Meeting = boxes_meet(one, other, depths_of(one, other))
    return meeting


def _on_edge(box: Box, point: Point) -> bool:
    """Whether a point lies in a box, and not inside it by more than rounding, on one side at least."""
    x, y = point.x - box.x, point.y - box.y
    along = abs(x * box.cos + y * box.sin) - box.half_length
    beside = abs(y * box.cos - x * box.sin) - box.half_width
    return abs(max(along, beside)) < 1e-6


def _points(meeting: Meeting) -> list[Point]:
    return [meeting.first, meeting.second][: meeting.points]


@settings(max_examples=300, deadline=None)
@given(boxes(), boxes())
def test_points_lie_on_both_edges_and_depth_is_what_parts_them(one: Box, other: Box) -> None:
    meeting = _meet(one, other)
    assume(meeting.points > 0)
    normal = meeting.normal_x, meeting.normal_y
    assert abs(math.hypot(*normal) - 1) < 1e-9
    depths = [point.depth for point in _points(meeting)]
    for point in _points(meeting):
        assert point.depth >= 0
        if max(depths) < 0.2:  # thinner than either
            assert _on_edge(other, point)
            moved = Point(point.x - normal[0] * point.depth, point.y - normal[1] * point.depth, 0.0)
            assert _on_edge(one, moved)
    parted = one._replace(x=one.x + normal[0] * (max(depths) + 1e-6), y=one.y + normal[1] * (max(depths) + 1e-6))
    assert _meet(parted, other).points == 0
    still = one._replace(x=one.x + normal[0] * (max(depths) - 1e-6), y=one.y + normal[1] * (max(depths) - 1e-6))
    assert max(depths) < 1e-5 or _meet(still, other).points > 0


@settings(max_examples=100, deadline=None)
@given(boxes(), boxes())
def test_meeting_is_mutual(one: Box, other: Box) -> None:
    there, back = _meet(one, other), _meet(other, one)
    assert (there.points > 0) == (back.points > 0)
    if there.points:
        np.testing.assert_allclose(
            max(point.depth for point in _points(there)), max(point.depth for point in _points(back)), atol=1e-9
        )


def test_a_car_that_stands_close_ahead() -> None:
    meeting = _meet(CAR, CAR._replace(x=4.3, y=0.5))
    assert (meeting.normal_x, meeting.normal_y) == (-1.0, 0.0)
    places = [(point.x, point.y) for point in _points(meeting)]
    np.testing.assert_allclose(places, [(2.1, 0.9), (2.1, -0.4)], atol=1e-12)  # from its left to its right
    np.testing.assert_allclose([point.depth for point in _points(meeting)], 0.1)


def test_another_direction_than_the_least_deep_one_may_be_chosen() -> None:
    ahead = CAR._replace(x=4.3, y=1.75)
    assert (_meet(CAR, ahead).normal_x, _meet(CAR, ahead).normal_y) == (0.0, -1.0)
    depths = depths_of(CAR, ahead)
    meeting = boxes_meet(CAR, ahead, depths._replace(beside=depths.beside + 0.2, other_along=0.01))
    np.testing.assert_allclose((meeting.normal_x, meeting.normal_y), (-1.0, 0.0))
    np.testing.assert_allclose([point.depth for point in _points(meeting)], 0.1)
    assert boxes_meet(CAR, ahead, depths._replace(beside=-0.01)).points == 0


def test_a_corner_in_the_side_is_one_point() -> None:
    turned = Box(0.0, 2.4, math.cos(0.6), math.sin(0.6), 2.2, 0.9)
    meeting = _meet(CAR, turned)
    assert meeting.points == 1
    assert (meeting.normal_x, meeting.normal_y) == (0.0, -1.0)
    corner = 2.4 - 2.2 * math.sin(0.6) - 0.9 * math.cos(0.6)
    np.testing.assert_allclose(meeting.first.y, corner)
    np.testing.assert_allclose(meeting.first.depth, 0.9 - corner)


@settings(max_examples=200, deadline=None)
@given(boxes(), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.floats(0.1, 0.5))
def test_a_cylinder_meets_a_box_where_it_is_nearest(box: Box, x: float, y: float, radius: float) -> None:
    meeting = cylinder_meets(box, x, y, radius)
    dx, dy = x - box.x, y - box.y
    along, beside = abs(dx * box.cos + dy * box.sin), abs(dy * box.cos - dx * box.sin)
    outside = math.hypot(max(along - box.half_length, 0.0), max(beside - box.half_width, 0.0))
    assume(abs(outside - radius) > 1e-9)
    assert meeting.points == (1 if outside < radius else 0)
    if not meeting.points:
        return
    point = meeting.first
    moved = Point(point.x - meeting.normal_x * point.depth, point.y - meeting.normal_y * point.depth, 0.0)
    assert _on_edge(box, moved)
    assert abs(math.hypot(point.x - x, point.y - y) - radius) < 1e-9 or outside == 0.0
    assert abs(math.hypot(meeting.normal_x, meeting.normal_y) - 1) < 1e-9
    away = point.depth + 1e-6
    assert cylinder_meets(box, x - meeting.normal_x * away, y - meeting.normal_y * away, radius).points == 0
