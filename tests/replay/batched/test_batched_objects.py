from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import STRAIGHT, arcs, on_path, standing, straight, track

from gold_data.replay import Scene, make_scene
from gold_data.replay.batched.objects import BODIES, CONE, PEDESTRIAN, Objects, objects_of, user_ids

FRAMES = len(STRAIGHT)


def compiled(**others: Any) -> tuple[Scene, Objects]:
    scene = make_scene(straight(others=others), "ego")
    return scene, objects_of(scene)


def seen(scene: Scene, objects: Objects, name: str) -> NDArray[np.void]:
    return np.asarray(objects.poses[objects.poses["user"] == user_ids(scene).index(name)])


def frames_of(scene: Scene, objects: Objects, name: str) -> list[int]:
    user = user_ids(scene).index(name)
    return [
        frame
        for frame in range(scene.frames + 1)
        if user in objects.poses["user"][objects.first[frame] : objects.first[frame + 1]]
    ]


def car(length: float, valid: NDArray[np.bool_] | None = None) -> Any:
    return track("VEHICLE", *on_path(20 + arcs(STRAIGHT), left=4.0), size=(length, 1.9, 1.6), valid=valid)


@pytest.mark.parametrize(
    ("length", "body"), [(3.0, 0), (4.0, 0), (4.01, 1), (5.2, 1), (5.3, 2), (6.2, 2), (6.3, 3), (12.0, 3)]
)
def test_a_vehicle_gets_one_of_four_bodies_by_its_length(length: float, body: int) -> None:
    scene, objects = compiled(other=car(length))
    assert set(seen(scene, objects, "other")["body"]) == {body}


def test_who_comes_back_gets_the_body_of_the_length_recorded_then() -> None:
    valid = np.ones(FRAMES, bool)
    valid[20:25] = False
    other = car(4.6, valid)
    other["state"]["length"][10:20] = 12.0  # while it is there its body stays
    other["state"]["length"][25:] = 12.0
    scene, objects = compiled(other=other)
    poses = seen(scene, objects, "other")
    assert frames_of(scene, objects, "other") == [*range(20), *range(25, FRAMES)]
    np.testing.assert_array_equal(poses["body"], [1] * 20 + [3] * 35)
    np.testing.assert_array_equal(poses["hangs"], [False] * 20 + [True] * 3 + [False] * 32)


def test_cones_stand_where_they_were_first_seen_to_the_end() -> None:
    valid = np.zeros(FRAMES, bool)
    valid[5:30] = True
    cone = track("TRAFFIC_CONE", *on_path(20 + arcs(STRAIGHT)), valid=valid)
    scene, objects = compiled(cone=cone, other=car(4.6))
    assert frames_of(scene, objects, "cone") == list(range(5, FRAMES + 1))
    assert frames_of(scene, objects, "other") == list(range(FRAMES))
    poses = seen(scene, objects, "cone")
    assert len(set(poses["x"])) == 1
    assert poses["x"][0] == pytest.approx(scene.others.position[0, 5, 0])
    assert not poses["velocity_x"].any()
    assert set(poses["body"]) == {CONE}


def test_cones_seen_in_less_than_20_frames_are_noise() -> None:
    valid = np.zeros(FRAMES, bool)
    valid[:19] = True
    noise = track("TRAFFIC_CONE", *on_path(np.full(FRAMES, 20.0)), valid=valid)
    scene, objects = compiled(noise=noise)
    assert len(objects.poses) == 0
    assert scene.kinds == ("TRAFFIC_CONE",)


def test_numbers_are_the_records() -> None:
    turning = track("PEDESTRIAN", *on_path(arcs(np.full(FRAMES, 1.5)), curvature=0.2, heading=2.5))
    turning["state"]["heading"] = np.remainder(turning["state"]["heading"] + np.pi, 2 * np.pi) - np.pi
    assert np.abs(np.diff(turning["state"]["heading"])).max() > 6  # it goes through pi
    scene, objects = compiled(turning=turning)
    poses, others = seen(scene, objects, "turning"), scene.others
    np.testing.assert_array_equal(np.column_stack([poses["x"], poses["y"]]), others.position[0])
    np.testing.assert_array_equal(np.column_stack([poses["velocity_x"], poses["velocity_y"]]), others.velocity[0])
    np.testing.assert_allclose(np.arctan2(poses["sin"], poses["cos"]), others.heading[0], atol=1e-6)
    np.testing.assert_allclose(poses["yaw_rate"][:-1], 0.2 * 1.5, atol=1e-4)
    assert poses["yaw_rate"][-1] == 0
    assert set(poses["body"]) == {PEDESTRIAN}


def test_a_scene_without_others_has_frames_all_the_same() -> None:
    scene, objects = compiled()
    assert len(objects.poses) == 0
    np.testing.assert_array_equal(objects.first, np.zeros(scene.frames + 2))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=1, max_size=4))
def test_who_moves_is_there_where_its_record_is_valid(valid: list[list[bool]]) -> None:
    speeds = np.full(12, 5.0)
    others = {
        f"other{number}": track("VEHICLE", *on_path(arcs(speeds), left=5.0 + number), valid=np.array(there))
        for number, there in enumerate(valid)
    }
    scene = make_scene(straight(speeds, others), "ego")
    objects = objects_of(scene)
    for frame in range(13):
        users = objects.poses["user"][objects.first[frame] : objects.first[frame + 1]]
        there = scene.others.valid[:, frame] if frame < 12 else np.zeros(len(valid), bool)
        np.testing.assert_array_equal(users, np.flatnonzero(there[: len(scene.kinds)]))
    assert objects.first[-1] == len(objects.poses)


def test_every_body_can_be_hit_as_far_as_it_reaches() -> None:
    corner = np.where(BODIES["round"], BODIES["half_length"], np.hypot(BODIES["half_length"], BODIES["half_width"]))
    assert (BODIES["reach"] >= corner + BODIES["graze"] - 1e-12).all()


def test_standing_people_have_no_speed() -> None:
    scene, objects = compiled(someone=standing("PEDESTRIAN", 30.0, 3.0, FRAMES))
    poses = seen(scene, objects, "someone")
    assert not poses["velocity_x"].any()
    assert not poses["yaw_rate"].any()
