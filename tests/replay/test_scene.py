"""A description made ready: cut at its start, centred on its ego, and once more as plain arrays."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import STRAIGHT, WORLD, described, driver, standing, straight, track

from gold_data.errors import SceneError
from gold_data.replay import Description, StartOffset, make_scene
from gold_data.replay.scene import yaw_rate

OTHERS: dict[str, Description] = {
    "ahead": driver(np.full(60, 12.0), left=3.6),
    "beside": standing("PEDESTRIAN", 30.0, 4.0, 60),
}


def _arrays(value: Any, path: str = "") -> dict[str, NDArray[Any]]:
    if isinstance(value, np.ndarray):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {name: array for key, inner in items for name, array in _arrays(inner, f"{path}/{key}").items()}


@given(st.floats(-12000, 12000), st.floats(-12000, 12000), st.floats(-4, 4))
@settings(max_examples=15, deadline=None)
def test_centring_is_metadrives_to_the_bit(x: float, y: float, heading: float) -> None:
    from metadrive.scenario.scenario_description import ScenarioDescription

    description = straight(others=copy.deepcopy(OTHERS), heading=heading)
    for name, array in _arrays(description).items():
        if name.endswith(("position", "polyline", "polygon", "stop_point")):
            array[..., :2] += np.array([x, y], np.float32)
    ours = _arrays(make_scene(description, "ego").description)
    centred = ScenarioDescription.centralize_to_ego_car_initial_position(
        ScenarioDescription(copy.deepcopy(description))
    )
    theirs = _arrays(centred)
    theirs.pop("/metadata/old_origin_in_current_coordinate")
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype, name
        assert array.tobytes() == theirs[name].tobytes(), name


def test_an_ego_at_the_origin_stays_where_it_is() -> None:
    description = straight()
    for name, array in _arrays(description).items():
        if name.endswith(("position", "polyline", "polygon", "stop_point")):
            array[..., :2] -= np.array(WORLD, np.float32) - np.float32(1e-4)
    scene = make_scene(description, "ego")
    np.testing.assert_array_equal(scene.origin, 0)
    np.testing.assert_array_equal(
        scene.description["tracks"]["ego"]["state"]["position"], description["tracks"]["ego"]["state"]["position"]
    )


@pytest.mark.parametrize("start", [0, 23])
@pytest.mark.parametrize("offset", [None, StartOffset(0.5, -0.4, 0.1, 2.0)])
def test_the_callers_arrays_are_not_changed(start: int, offset: StartOffset | None) -> None:
    description = straight(others=OTHERS)
    before = pickle.dumps(description)
    scene = make_scene(description, "ego", start, offset)
    # MetaDrive writes into the positions that it is given (ScenarioMapManager.update_route: z of the first one).
    for track_id, made in scene.description["tracks"].items():
        made["state"]["position"][:] = np.nan
        assert not np.isnan(description["tracks"][track_id]["state"]["position"]).any()
    assert pickle.dumps(description) == before


def test_the_origin_leads_back_to_the_records_coordinates() -> None:
    description = straight(others=OTHERS, heading=0.7)
    scene = make_scene(description, "ego")
    np.testing.assert_array_equal(scene.log.position[0], 0)
    recorded = description["tracks"]["ego"]["state"]["position"]
    np.testing.assert_allclose(scene.log.position + scene.origin, recorded[:, :2], atol=1e-3)
    np.testing.assert_allclose(
        scene.others.position[0] + scene.origin, OTHERS["ahead"]["state"]["position"][:, :2], atol=1e-3
    )


def test_a_start_inside_the_record_cuts_everything_but_route_and_track() -> None:
    description = straight(others=OTHERS)
    whole, later = make_scene(description, "ego"), make_scene(description, "ego", 25)
    assert (whole.frames, later.frames, later.start) == (60, 35, 25)
    assert later.route.length == pytest.approx(whole.route.length, abs=1e-3)
    assert len(later.track.heading) == 60
    np.testing.assert_array_equal(later.log.position[0], 0)
    np.testing.assert_allclose(later.track.position[25], 0)
    np.testing.assert_allclose(later.log.position + later.origin, whole.log.position[25:] + whole.origin, atol=1e-3)
    np.testing.assert_array_equal(later.log.velocity, whole.log.velocity[25:])
    np.testing.assert_allclose(
        later.others.position + later.origin, whole.others.position[:, 25:] + whole.origin, atol=1e-3
    )


def test_a_cut_description_passes_metadrives_check() -> None:
    from metadrive.scenario.scenario_description import ScenarioDescription

    cut = make_scene(straight(others=OTHERS), "ego", 25).description
    ScenarioDescription.sanity_check(ScenarioDescription(cut))
    assert cut["length"] == 35
    assert len(cut["metadata"]["ts"]) == 35
    assert cut["metadata"]["ts"][0] == pytest.approx(2.5)
    assert cut["dynamic_map_states"]["lane"]["state"]["object_state"][:5] == ["LANE_STATE_STOP"] * 5
    assert len(cut["dynamic_map_states"]["lane"]["state"]["object_state"]) == 35


def test_an_offset_moves_turns_and_speeds_the_first_frame_alone() -> None:
    heading = 0.6
    description = straight(heading=heading)
    scene = make_scene(description, "ego", 10, StartOffset(forward=1.0, left=0.5, heading=0.2, speed=-3.0))
    state = scene.description["tracks"]["ego"]["state"]
    assert state["heading"][0] == pytest.approx(heading + 0.2)
    assert math.hypot(*state["velocity"][0]) == pytest.approx(7.0, abs=1e-2)
    assert math.atan2(*state["velocity"][0][::-1]) == pytest.approx(heading + 0.2, abs=1e-5)
    np.testing.assert_array_equal(state["position"][0, :2], 0)  # the scene is centred on the car that is moved
    cos, sin = math.cos(heading), math.sin(heading)
    np.testing.assert_allclose(scene.log.position[0], [-cos + 0.5 * sin, -sin - 0.5 * cos], atol=2e-3)
    np.testing.assert_allclose(state["position"][1:, :2], scene.log.position[1:], atol=1e-6)
    assert scene.log.heading[0] == pytest.approx(heading)


def test_another_ego_makes_the_sdc_part_of_the_traffic() -> None:
    scene = make_scene(straight(others=OTHERS), "ahead")
    assert scene.description["metadata"]["sdc_id"] == "ahead"
    assert scene.kinds == ("VEHICLE", "PEDESTRIAN")
    np.testing.assert_allclose(scene.others.position[0, 0] + scene.origin, WORLD, atol=1e-3)


def test_only_road_users_that_metadrive_spawns_are_others() -> None:
    other = track("OTHER", *_place(60))
    scene = make_scene(straight(others={**OTHERS, "balloon": other}), "ego")
    assert scene.kinds == ("VEHICLE", "PEDESTRIAN")
    assert "balloon" in scene.description["tracks"]


def test_an_ego_alone_has_no_others() -> None:
    scene = make_scene(straight(), "ego")
    assert scene.others.position.shape == (0, 60, 2)
    assert scene.boxes.shape == (0, scene.frames, 2)


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (3.9, "SVehicle"),
        (4.0, "SVehicle"),
        (4.5, "MVehicle"),
        (5.2, "MVehicle"),
        (6.0, "LVehicle"),
        (12.0, "XLVehicle"),
    ],
)
def test_a_vehicles_box_holds_the_body_that_metadrive_gives_it(length: float, name: str) -> None:
    from metadrive.component.vehicle import vehicle_type
    from metadrive.manager.scenario_traffic_manager import get_vehicle_type

    body = getattr(vehicle_type, name)
    recorded = track("VEHICLE", *_place(60), (length, 2.0, 1.5))
    scene = make_scene(straight(others={"other": recorded}), "ego")
    assert get_vehicle_type(float(recorded["state"]["length"][0])) is body
    long, wide = scene.boxes[0, 0]
    assert long == pytest.approx(body.DEFAULT_LENGTH, abs=0.01)
    assert wide == pytest.approx(body.DEFAULT_WIDTH, abs=0.01)


def test_a_body_is_made_by_the_length_at_which_it_comes() -> None:
    lorry = track("VEHICLE", *_place(60), (4.5, 2.0, 1.5))
    lorry["state"]["length"][3:] = 9.0
    lorry["state"]["valid"][20:25] = False
    boxes = make_scene(straight(others={"other": lorry}), "ego").boxes[0]
    assert {tuple(box) for box in boxes[:20].tolist()} == {(4.60, 1.85)}
    assert {tuple(box) for box in boxes[25:].tolist()} == {(5.74, 2.30)}


def test_the_box_of_the_default_car_is_metadrives() -> None:
    from metadrive.component.vehicle.vehicle_type import DefaultVehicle

    from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH

    assert (EGO_LENGTH, EGO_WIDTH) == (DefaultVehicle.DEFAULT_LENGTH, DefaultVehicle.DEFAULT_WIDTH)


@pytest.mark.parametrize("field", ["forward", "left", "heading", "speed"])
def test_a_start_that_is_nowhere_is_refused(field: str) -> None:
    with pytest.raises(SceneError, match=f"{field} of a start's offset is nan: give a finite number"):
        StartOffset(**{field: float("nan")})


@given(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=30), st.floats(-20, 20))
def test_the_yaw_rate_does_not_mind_wrapping(turns: list[float], first: float) -> None:
    heading = first + np.concatenate([[0.0], np.cumsum(turns)])
    wrapped = np.mod(heading + math.pi, 2 * math.pi) - math.pi
    expected = np.array([*turns, turns[-1]]) / 0.1
    np.testing.assert_allclose(yaw_rate(heading), expected, atol=1e-9)
    np.testing.assert_allclose(yaw_rate(wrapped), expected, atol=1e-9)


def test_a_single_frame_does_not_turn() -> None:
    np.testing.assert_array_equal(yaw_rate(np.array([1.5])), [0.0])


def test_motion_is_the_record_in_double_precision() -> None:
    description = described(driver(STRAIGHT, 0.01), curvature=0.01)
    log = make_scene(description, "ego").log
    state = description["tracks"]["ego"]["state"]
    np.testing.assert_array_equal(log.height, state["position"][:, 2])
    np.testing.assert_array_equal(log.heading, state["heading"])
    np.testing.assert_array_equal(log.velocity, state["velocity"])
    assert {values.dtype for values in (log.position, log.height, log.heading, log.velocity)} == {np.dtype(np.float64)}
    assert log.valid.dtype == np.bool_


def _place(frames: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.tile((WORLD[0] + 20.0, WORLD[1] + 5.0), (frames, 1)), np.zeros(frames)


def test_who_is_gone_before_the_start_is_not_in_the_scene() -> None:
    others = copy.deepcopy(OTHERS)
    others["ahead"]["state"]["valid"][20:] = False
    description = straight(others=others)
    assert {"ahead", "beside"} < make_scene(description, "ego", 19).description["tracks"].keys()
    scene = make_scene(description, "ego", 20)
    assert scene.description["tracks"].keys() == {"ego", "beside"}
    assert scene.kinds == ("PEDESTRIAN",)
