from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.synth.curves import bending, circle, corner, join, shifting, smoothly, spaced, straight, sweep


def test_constant_curvature_is_a_circle() -> None:
    curve = bending([0.01, 0.01], 50 * pi)
    assert curve.points[-1] == pytest.approx([100, 100], abs=0.01)
    assert curve.headings[-1] == pytest.approx(pi / 2)
    assert curve.curvature == pytest.approx(np.full(len(curve.points), 0.01))


def test_beside_is_to_the_left_and_backwards_turns_round() -> None:
    line = straight(np.zeros(2), np.array([10.0, 0.0]))
    assert line.beside(2.0).points[-1] == pytest.approx([10, 2])
    assert line.backwards().points[0] == pytest.approx([10, 0])
    assert np.cos(line.backwards().headings) == pytest.approx(-1)
    assert line.strip(2.0, 4.0, 1.0, -1.0) == pytest.approx(np.array([[2, 1], [4, 1], [4, -1], [2, -1]]))


def test_at_stays_at_the_ends() -> None:
    points, headings = straight(np.zeros(2), np.array([0.0, 8.0])).at(np.array([-1.0, 3.0, 9.0]))
    assert points == pytest.approx(np.array([[0, 0], [0, 3], [0, 8]]))
    assert headings == pytest.approx(pi / 2)


@settings(max_examples=40, deadline=None)
@given(st.floats(6, 40), st.floats(6, 40), st.sampled_from([-1, 1]), st.floats(-pi, pi))
def test_a_corner_meets_both_ends_without_a_kink(forward: float, sideways: float, side: int, heading: float) -> None:
    start = np.array([30.0, -20.0])
    ahead = np.array([np.cos(heading), np.sin(heading)])
    end = start + forward * ahead + side * sideways * np.array([-ahead[1], ahead[0]])
    curve = corner(start, heading, end)
    assert curve.points[[0, -1]] == pytest.approx(np.array([start, end]))
    assert curve.headings[[0, -1]] == pytest.approx(np.array([heading, heading + side * pi / 2]))
    steps = np.diff(curve.points, axis=0)
    along = np.arctan2(steps[:, 1], steps[:, 0])
    middle = (curve.headings[1:] + curve.headings[:-1]) / 2
    assert np.abs((along - middle + pi) % (2 * pi) - pi).max() < 0.02
    assert np.abs(curve.curvature).max() < 1.7 / min(forward, sideways)


def test_join_bridges_a_gap_and_drops_what_is_there_twice() -> None:
    first, second = straight(np.zeros(2), np.array([5.0, 0.0])), straight(np.array([5.0, 0.0]), np.array([9.0, 0.0]))
    far = straight(np.array([20.0, 0.0]), np.array([22.0, 0.0]))
    joined = join(first, second, far)
    assert joined.length == pytest.approx(22)
    assert np.diff(joined.stations).min() > 0.1


@settings(max_examples=40, deadline=None)
@given(st.floats(3, 200), st.floats(-0.02, 0.02))
def test_spaced_polylines_keep_their_ends_and_have_half_a_metre_between_points(length: float, curvature: float) -> None:
    points = bending([0.0, curvature, 0.0], length).beside(3.0).points
    polyline = spaced(points)
    assert (polyline[[0, -1]] == points[[0, -1]]).all()
    between = np.linalg.norm(np.diff(polyline, axis=0), axis=1)
    assert between.max() < 0.5001
    assert between.min() > 0.42


@settings(max_examples=40, deadline=None)
@given(st.floats(8, 60), st.floats(-2.4, 2.4), st.floats(-pi, pi))
def test_a_sweep_between_poses_of_a_circle_is_that_circle(radius: float, turn: float, heading: float) -> None:
    side = 1.0 if turn >= 0 else -1.0
    bend = 0.0 if abs(turn) < 0.05 else turn
    length = radius * abs(bend) or 20.0
    arc = bending([side * bool(bend) / radius] * 2, length).moved(np.array([5.0, -3.0]), heading)
    curve = sweep(arc.points[0], heading, arc.points[-1], float(arc.headings[-1]))
    assert curve.points[[0, -1]] == pytest.approx(arc.points[[0, -1]])
    assert curve.length == pytest.approx(length, rel=0.02)
    assert np.cos(curve.headings[-1] - arc.headings[-1]) == pytest.approx(1)
    if bend:
        assert np.abs(curve.curvature).max() < 1.6 / radius


def test_a_circle_runs_anticlockwise_round_its_centre() -> None:
    arc = circle(np.array([2.0, 1.0]), 10.0, 0.0, pi / 2)
    assert arc.points[[0, -1]] == pytest.approx(np.array([[12, 1], [2, 11]]))
    assert arc.headings[[0, -1]] == pytest.approx([pi / 2, pi])


def test_a_part_keeps_points_and_headings() -> None:
    curve = bending([0.0, 0.02, 0.02], 60.0)
    part = curve.part(12.3, 41.7)
    assert part.length == pytest.approx(29.4)
    ends, headings = curve.at(np.array([12.3, 41.7]))
    assert part.points[[0, -1]] == pytest.approx(ends)
    assert part.headings[[0, -1]] == pytest.approx(headings)
    assert len(curve.part(0.0, curve.length).points) == len(curve.points)


def test_shifting_goes_from_one_side_to_the_other_along_its_heading() -> None:
    stations = np.linspace(0.0, 80.0, 161)
    moved = shifting(straight(np.zeros(2), np.array([80.0, 0.0])), stations, 3.5 * smoothly(stations / 80))
    assert moved.points[[0, -1]] == pytest.approx(np.array([[0, 0], [80, 3.5]]))
    steps = np.diff(moved.points, axis=0)
    assert np.arctan2(steps[:, 1], steps[:, 0]) == pytest.approx(
        (moved.headings[1:] + moved.headings[:-1]) / 2, abs=1e-3
    )
    assert moved.headings[[0, -1]] == pytest.approx([0, 0], abs=1e-3)
