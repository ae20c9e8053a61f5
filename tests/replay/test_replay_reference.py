"""The path and the schedule that the tracker follows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_material import Floats, arcs, on_path

from gold_data.replay.pace import STEP
from gold_data.replay.reference import RUN_IN, RUN_OUT, Reference, _whittaker, reference_of
from gold_data.replay.scene import Motion

SMOOTHING = 3.0


def _motion(positions: Floats, headings: Floats) -> Motion:
    frames = len(headings)
    return Motion(positions, np.zeros(frames), headings, np.zeros((frames, 2)), np.ones(frames, bool))


def _reference(speeds: Floats, curvature: float = 0.0, jitter: float = 0.0, heading: float = 0.3) -> Reference:
    positions, headings = on_path(arcs(speeds), curvature, heading)
    noise = np.random.default_rng(5).normal(0, jitter, positions.shape)
    return reference_of(_motion(positions + noise, headings), SMOOTHING)


def test_a_constant_drive_keeps_its_speed_and_its_length() -> None:
    reference = _reference(np.full(91, 12.0))
    np.testing.assert_allclose(reference.speed, 12.0, atol=1e-6)
    np.testing.assert_allclose(np.diff(reference.schedule), 1.2, atol=1e-6)
    assert reference.schedule[0] == pytest.approx(RUN_IN, abs=1e-6)
    assert reference.path.arc[-1] == pytest.approx(RUN_IN + 90 * 1.2 + RUN_OUT, abs=0.6)


@pytest.mark.parametrize("curvature", [0.05, -0.02, 0.0])
def test_on_a_circle_the_curvature_is_its_own_left_positive(curvature: float) -> None:
    reference = _reference(np.full(91, 8.0), curvature)
    middle = np.linspace(RUN_IN + 6, RUN_IN + 60, 20)
    found = np.array([reference.path.curvature_at(float(arc)) for arc in middle])
    np.testing.assert_allclose(found, curvature, atol=0.02 * abs(curvature) + 1e-6)
    course = reference.path.course_at(RUN_IN + 30.0)
    assert course == pytest.approx(0.3 + 30 * curvature, abs=0.01)


def test_projection_gives_arc_length_and_left_offset() -> None:
    reference = _reference(np.full(91, 8.0), 0.03)
    for arc, left in ((20.0, 0.7), (33.3, -1.1), (50.0, 0.0)):
        positions, _ = on_path(np.array([arc]), 0.03, 0.3, left)
        x, y = positions[0]
        along, beside = reference.path.project(x, y, RUN_IN + arc - 3, RUN_IN + arc + 3)
        assert along == pytest.approx(RUN_IN + arc, abs=0.05)
        assert beside == pytest.approx(left, abs=0.03)


def test_projection_keeps_to_the_stretch_asked_for() -> None:
    """A figure of eight crosses itself: which branch is meant says the arc length, not the distance."""
    turn = np.linspace(0, 2 * math.pi, 181)
    positions = np.column_stack([30 * np.sin(turn), 15 * np.sin(2 * turn)])
    headings = np.unwrap(np.arctan2(*np.gradient(positions, axis=0).T[::-1]))
    reference = reference_of(_motion(positions, headings), SMOOTHING)
    assert np.all(np.diff(reference.schedule) > 0)
    half = float(reference.schedule[90])
    early, _ = reference.path.project(0.1, 0.0, RUN_IN - 2.0, RUN_IN + 4.0)
    late, _ = reference.path.project(0.1, 0.0, half - 3.0, half + 3.0)
    assert early == pytest.approx(RUN_IN, abs=1.0)
    assert late == pytest.approx(half, abs=1.0)


def test_jitter_of_the_record_hardly_reaches_curvature_and_speed() -> None:
    smooth = _reference(np.full(91, 10.0), 0.01)
    jittery = _reference(np.full(91, 10.0), 0.01, jitter=0.02)
    inside = slice(20, 190)
    assert np.std(jittery.path.curvature[inside] - smooth.path.curvature[inside]) < 0.02
    raw = np.diff(np.random.default_rng(5).normal(0, 0.02, 91)) / STEP
    assert np.std(jittery.speed - smooth.speed) < 0.6 * np.std(raw)


def test_stop_and_go_stops_in_the_schedule() -> None:
    speeds = np.concatenate([np.linspace(8, 0, 30), np.zeros(30), np.linspace(0, 8, 30)])
    reference = _reference(speeds)
    np.testing.assert_allclose(reference.speed[35:55], 0, atol=0.05)
    np.testing.assert_allclose(reference.schedule, RUN_IN + arcs(speeds), atol=0.1)
    assert np.all(np.diff(reference.schedule) > -0.02)


@pytest.mark.parametrize("frames", [2, 4, 91])
def test_a_car_that_stands_has_a_straight_path_ahead_of_it(frames: int) -> None:
    reference = _reference(np.zeros(frames))
    np.testing.assert_allclose(reference.path.curvature, 0, atol=1e-9)
    np.testing.assert_allclose(reference.path.course, 0.3, atol=1e-9)
    assert reference.path.arc[-1] >= RUN_OUT


def test_headings_that_were_wrapped_make_no_turn() -> None:
    positions, headings = on_path(arcs(np.full(91, 10.0)), 0.01, 3.0)
    wrapped = np.mod(headings + math.pi, 2 * math.pi) - math.pi
    assert np.any(np.abs(np.diff(wrapped)) > 6)
    one, other = (reference_of(_motion(positions, angle), SMOOTHING) for angle in (headings, wrapped))
    np.testing.assert_allclose(one.path.points, other.path.points, atol=1e-9)


@given(st.lists(st.floats(-5, 5), min_size=5, max_size=40), st.floats(0.1, 30), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_smoothing_minimises_what_it_says(values: list[float], weight: float, seed: int) -> None:
    given_values = np.array(values)[:, None]

    def loss(p: Floats) -> float:
        return float(np.sum((p - given_values) ** 2) + weight * np.sum(np.diff(p, 3, axis=0) ** 2))

    best = _whittaker(given_values, weight)
    nudge = np.random.default_rng(seed).normal(0, 0.1, best.shape)
    assert loss(best) <= loss(best + nudge) + 1e-9
    assert loss(best) <= loss(given_values) + 1e-9


def test_smoothing_leaves_a_parabola_and_short_tracks_alone() -> None:
    parabola = (0.3 * np.arange(30.0) ** 2 - np.arange(30.0))[:, None]
    np.testing.assert_allclose(_whittaker(parabola, 50.0), parabola, atol=1e-6)
    short = np.array([[0.0], [3.0], [-1.0], [2.0]])
    np.testing.assert_array_equal(_whittaker(short, 50.0), short)
