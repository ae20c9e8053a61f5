"""Distances of road users from the ego: against shapely's polygons, and against MetaDrive's contacts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_material import STRAIGHT, driver, driving, on_path, standing, straight, track
from shapely import affinity, box

from gold_data.replay import Description, Flag, make_scene, replay_record
from gold_data.replay.contact import _gap, log_clearance, touched
from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH

ANGLE = st.floats(-7, 7)


def _rectangle(x: float, y: float, heading: float, length: float, width: float) -> Any:
    upright = box(-length / 2, -width / 2, length / 2, width / 2)
    return affinity.translate(affinity.rotate(upright, heading, origin=(0, 0), use_radians=True), x, y)


@given(st.floats(-9, 9), st.floats(-9, 9), ANGLE, ANGLE, st.floats(0.3, 6), st.floats(0.3, 3))
@settings(max_examples=400, deadline=None)
def test_the_gap_is_never_more_than_the_distance_and_negative_only_for_boxes_that_meet(
    x: float, y: float, own: float, heading: float, length: float, width: float
) -> None:
    gap = float(
        _gap(np.zeros(2), np.array(own), np.array([[x, y]]), np.array([heading]), np.array([[length, width]]))[0]
    )
    ego, other = _rectangle(0, 0, own, EGO_LENGTH, EGO_WIDTH), _rectangle(x, y, heading, length, width)
    assert gap <= ego.distance(other) + 1e-9
    if ego.intersection(other).area > 1e-9:
        assert gap < 0
    if gap < -1e-9:
        assert ego.intersects(other)
    # Seen along the edges the distance is understated by no more than a corner's diagonal.
    assert gap >= ego.distance(other) / math.sqrt(2) - 1e-9 or gap < 0


def _beside(left: float, kind: str = "VEHICLE", facing: float = 0.0) -> Description:
    return straight(others={"other": standing(kind, 35.0, left, len(STRAIGHT), facing)})


def test_the_clearance_beside_a_parked_car_is_the_gap_between_the_bodies() -> None:
    bodies = (1.852 + 1.85) / 2
    assert log_clearance(make_scene(_beside(3.0), "ego")) == pytest.approx(3.0 - bodies, abs=5e-3)
    assert log_clearance(make_scene(_beside(1.5), "ego")) == pytest.approx(1.5 - bodies, abs=5e-3)


def test_an_ego_alone_is_infinitely_clear() -> None:
    assert log_clearance(make_scene(straight(), "ego")) == math.inf


def test_frames_at_which_someone_is_not_there_do_not_count() -> None:
    absent = _beside(1.0)
    absent["tracks"]["other"]["state"]["valid"][25:45] = False
    assert log_clearance(make_scene(absent, "ego")) > 5.0
    unknown = _beside(1.0)
    unknown["tracks"]["ego"]["state"]["valid"][25:45] = False
    assert log_clearance(make_scene(unknown, "ego")) > 5.0


def test_bodies_that_pass_through_one_another_between_two_frames_are_seen() -> None:
    crossing = np.full((60, 2), 35.0)
    crossing[:, 1] = (np.arange(60) - 34.5) * 9.0  # 90 m/s across the road
    headings = np.full(60, math.pi / 2)
    other = track("VEHICLE", crossing + on_path(np.zeros(1))[0][0], headings)
    scene = make_scene(straight(others={"other": other}), "ego")
    at_frames = [
        _gap(
            scene.log.position[k],
            scene.log.heading[k],
            scene.others.position[:, k],
            scene.others.heading[:, k],
            scene.boxes[:, k],
        )
        for k in range(60)
    ]
    assert np.min(at_frames) > 0
    assert log_clearance(scene) < 0


SCENES = {
    "parked car, clear": (_beside(3.0), False),
    "parked car, touched": (_beside(1.5), True),
    "parked across, touched": (_beside(3.0, facing=math.pi / 2), True),
    "pedestrian, clear": (_beside(1.8, "PEDESTRIAN"), False),
    "pedestrian, touched": (_beside(0.9, "PEDESTRIAN"), True),
    "slower car ahead, touched": (
        straight(others={"other": track("VEHICLE", *on_path(12 + np.arange(60.0) * 0.8))}),
        True,
    ),
    "car behind, clear": (straight(others={"other": track("VEHICLE", *on_path(-8 + np.arange(60.0)))}), False),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_clear_record_has_no_cost_in_metadrives_log_replay(name: str) -> None:
    description, contact = SCENES[name]
    with driving(follow_record=True) as drive:
        rollout = replay_record(drive, description, "ego", lambda step: None)
    clearance = log_clearance(make_scene(description, "ego"))
    assert bool(rollout.costs.any()) == contact
    assert (clearance < 0) == contact


def _crowd() -> Description:
    frames = len(STRAIGHT)
    return straight(
        others={
            "near person": standing("PEDESTRIAN", 0.0, 1.4, frames),
            "near car": standing("VEHICLE", 0.0, -2.2, frames),
            "car ahead": driver(np.full(frames, 2.0)) | {"type": "VEHICLE"},
            "far car": standing("VEHICLE", 40.0, 0.0, frames),
        }
    )


def test_of_the_kind_that_was_touched_the_nearest_is_taken() -> None:
    scene = make_scene(_crowd(), "ego")
    person = touched(scene, 0, 0.0, 0.0, 0.0, Flag.CONTACT_HUMAN)
    car = touched(scene, 20, 1.0, 0.5, 0.0, Flag.CONTACT_VEHICLE | Flag.SOLID_LINE)
    assert person is not None
    assert car is not None
    assert person.bearing == pytest.approx(math.pi / 2, abs=1e-3)  # left
    assert person.parked
    assert abs(car.bearing) < 0.3  # the one ahead, which drives
    assert not car.parked


def test_the_bearing_is_in_the_egos_frame_left_positive() -> None:
    scene = make_scene(straight(others={"other": standing("VEHICLE", 3.0, -3.0, 60)}), "ego")
    for heading, bearing in ((0.0, -math.pi / 4), (math.pi / 4, -math.pi / 2), (-math.pi / 2, math.pi / 4)):
        found = touched(scene, 0, 0.0, 0.0, heading, Flag.CONTACT_VEHICLE)
        assert found is not None
        assert found.bearing == pytest.approx(bearing, abs=1e-3)


def test_nobody_of_that_kind_there_is_none() -> None:
    scene = make_scene(_crowd(), "ego")
    assert touched(scene, 0, 0.0, 0.0, 0.0, Flag.CONTACT_OBJECT) is None
    assert touched(scene, 0, 0.0, 0.0, 0.0, Flag.SOLID_LINE) is None


def test_after_the_record_those_of_its_last_frame_are_asked() -> None:
    scene = make_scene(_crowd(), "ego")
    assert touched(scene, 500, 0.0, 0.0, 0.0, Flag.CONTACT_HUMAN) == touched(
        scene, 59, 0.0, 0.0, 0.0, Flag.CONTACT_HUMAN
    )
