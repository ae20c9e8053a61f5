"""What is in view, held to definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from views_material import STEPS, Material, make_material

from gold_data.views.surroundings import SMALLEST_VIEW, View, outline, road_users, signals, view_around

WHOLE = View(-1e9, 1e9, -1e9, 1e9)
metres = st.floats(-5e4, 5e4, width=32)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


@settings(max_examples=100, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 20), st.just(2)), elements=metres), st.floats(0.5, 3))
def test_a_view_has_all_points_and_a_margin(points: np.ndarray, aspect: float) -> None:
    view = view_around(points, aspect)
    low, high = points.min(axis=0), points.max(axis=0)
    assert view.contains(points).all()
    assert min(low[0] - view.left, view.right - high[0], low[1] - view.bottom, view.top - high[1]) > 11.9
    assert math.isclose(view.right - view.left, aspect * (view.top - view.bottom), rel_tol=1e-9)
    assert view.top - view.bottom >= SMALLEST_VIEW * (1 - 1e-9)


def test_a_view_is_no_larger_than_it_must_be() -> None:
    view = view_around(np.array([[0.0, 0.0], [200.0, 10.0]]), 1.0)
    assert (view.left, view.right) == pytest.approx((-28.0, 228.0))


@pytest.mark.parametrize(
    ("points", "touching"),
    [
        ([[0.5, 0.5]], True),
        ([[-5.0, 0.5], [5.0, 0.5]], True),  # goes through without a point inside
        ([[1.1, 0.0], [2.0, 1.0]], False),
        ([[0.0, -3.0], [1.0, -0.1]], False),
    ],
)
def test_touching(points: list[list[float]], touching: bool) -> None:
    assert View(0, 1, 0, 1).touches(np.array(points)) is touching


def test_nothing_touches_nothing() -> None:
    assert not View(0, 1, 0, 1).touches(np.empty((0, 3)))


@settings(max_examples=50, deadline=None)
@given(metres, metres, st.floats(-20, 20), st.floats(0.3, 20), st.floats(0.3, 4))
def test_an_outline_points_ahead(x: float, y: float, heading: float, length: float, width: float) -> None:
    corners = outline(x, y, heading, length, width) - np.array([x, y])
    ahead, left = np.array([math.cos(heading), math.sin(heading)]), np.array([-math.sin(heading), math.cos(heading)])
    forward, sideways = corners @ ahead, corners @ left
    assert forward.max() == pytest.approx(length / 2, abs=1e-6)
    assert forward.min() == pytest.approx(-length / 2, abs=1e-6)
    assert np.abs(sideways).max() == pytest.approx(width / 2, abs=1e-6)
    assert sideways[forward.argmax()] == pytest.approx(0, abs=1e-6)
    assert np.sum(np.isclose(np.abs(sideways), width / 2, atol=1e-6)) == 4


def test_everyone_valid_and_in_view_is_there(material: Material) -> None:
    met = 0
    for description in material.descriptions:
        ego = description["metadata"]["sdc_id"]
        others = [track for name, track in description["tracks"].items() if name != ego]
        x, y, _ = description["tracks"][ego]["state"]["position"][40]
        for view in (WHOLE, View(x - 30, x + 30, y - 20, y + 20)):
            expected = 0
            for track in others:
                there = track["state"]["position"][40]
                inside = view.left <= there[0] <= view.right and view.bottom <= there[1] <= view.top
                expected += bool(track["state"]["valid"][40]) and inside
            assert len(road_users(description, ego, 5, 40, view)) == expected
            met += expected
    assert met > 20


def test_a_road_user_is_as_recorded(material: Material) -> None:
    description = material.descriptions[0]
    ego = description["metadata"]["sdc_id"]
    valid = [t for n, t in description["tracks"].items() if n != ego and t["state"]["valid"][40]]
    for track, user in zip(valid, road_users(description, ego, 5, 40, WHOLE), strict=True):
        state = track["state"]
        length, width = float(state["length"][40]), float(state["width"][40])
        assert user.kind == ("LONG_VEHICLE" if track["type"] == "VEHICLE" and length > 7 else track["type"])
        assert user.path.shape == (36, 2)
        was = state["valid"][5:41]
        assert np.array_equal(user.path[was], state["position"][5:41, :2][was])
        assert np.isnan(user.path[~was]).all()
        reach = np.hypot(*(user.outline - state["position"][40, :2]).T)
        if track["type"] == "PEDESTRIAN":
            assert reach == pytest.approx(np.full(len(reach), max(length, width) / 2), rel=1e-3)
        else:
            assert reach[2] == pytest.approx(length / 2, rel=1e-3)  # the nose


def test_kinds_are_told_apart(material: Material) -> None:
    description = material.descriptions[0]
    own = description["metadata"]["sdc_id"]
    name, track = next((n, t) for n, t in description["tracks"].items() if n != own and t["state"]["valid"][40])

    def kind(kind: str, length: float, ego: str = own) -> str:
        state = track["state"] | {"length": np.full(description["length"], length, np.float32)}
        changed = {name: track | {"type": kind, "state": state}, own: description["tracks"][own]}
        (user,) = road_users(description | {"tracks": changed}, ego, 40, 40, WHOLE)
        return user.kind

    assert kind("VEHICLE", 7.0) == "VEHICLE"
    assert kind("VEHICLE", 7.1) == "LONG_VEHICLE"
    assert kind("CYCLIST", 8.0) == "CYCLIST"
    assert kind("VEHICLE", 12.0, ego=name) == "SDC"


def test_the_ego_is_not_among_the_others(material: Material) -> None:
    description = material.descriptions[0]
    ego = description["metadata"]["sdc_id"]
    assert len(road_users(description, "nobody", 0, 10, WHOLE)) == len(road_users(description, ego, 0, 10, WHOLE)) + 1


def test_nobody_is_left_when_the_record_has_ended(material: Material) -> None:
    description = material.descriptions[0]
    assert road_users(description, "nobody", 0, description["length"] - 1, WHOLE)
    assert road_users(description, "nobody", 0, description["length"], WHOLE) == []
    assert signals(description, description["length"], WHOLE) == []


def test_signals_have_the_state_of_the_frame(material: Material) -> None:
    found = {}
    for description in material.descriptions:
        for frame in (0, STEPS):
            states = description["dynamic_map_states"].values()
            shown = [signal for signal in states if signal["state"]["object_state"][frame] is not None]
            seen = signals(description, frame, WHOLE)
            assert [signal.state for signal in seen] == [s["state"]["object_state"][frame] for s in shown]
            assert [tuple(signal.position) for signal in seen] == [tuple(s["stop_point"][:2]) for s in shown]
            found[description["id"]] = len(seen)
    assert max(found.values()) > 0


def test_a_dark_signal_is_not_shown(material: Material) -> None:
    lit = next(one for one in material.descriptions if one["dynamic_map_states"])
    name, signal = next(iter(lit["dynamic_map_states"].items()))
    dark = {**signal, "state": {"object_state": [None] * lit["length"]}}
    before = len(signals(lit, 0, WHOLE))
    changed = {**lit, "dynamic_map_states": {**lit["dynamic_map_states"], name: dark}}
    assert len(signals(changed, 0, WHOLE)) == before - 1
