from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from replay_material import STRAIGHT, driver, standing, straight
from sensed_scenes import Path, Sensed, by_kernels, in_table

from gold_data.errors import SceneError
from gold_data.replay import Scene, make_scene
from gold_data.replay.batched.compiled import compile_scene, stack


def scene_with(speed: float, **others: Any) -> Scene:
    return make_scene(straight(np.full(40, speed), others), "ego")


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [
        scene_with(1.0, car=standing("VEHICLE", 12.0, 1.0, 40)),
        scene_with(4.0),
        scene_with(7.0, cone=standing("TRAFFIC_CONE", 10.0, 0.5, 40), person=standing("PEDESTRIAN", 8.0, 1.2, 40)),
    ]


def path_in(scene: Scene) -> Path:
    return Path(
        np.column_stack([scene.log.position, scene.log.heading]),
        np.column_stack([scene.log.velocity, np.zeros(scene.frames)]),
    )


def assert_equal(one: Sensed, other: Sensed) -> None:
    for name in ("side", "lidar", "flags"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_a_scene_is_the_same_alone_and_among_others_in_any_order(scenes: list[Scene]) -> None:
    alone = [by_kernels(scene, path_in(scene)) for scene in scenes]
    assert alone[2].flags.any()
    compiled = [compile_scene(scene) for scene in scenes]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0, 2]):
        table = stack([compiled[number] for number in order])
        assert table.scenario_ids == ("synthetic",) * len(order)
        for place, number in enumerate(order):
            assert_equal(in_table(table, place, path_in(scenes[number])), alone[number])


def test_behind_the_records_end_only_cones_are_left(scenes: list[Scene]) -> None:
    table = stack([compile_scene(scene) for scene in scenes])
    still = Path(np.zeros((60, 3)), np.zeros((60, 3)))
    for number, (before, behind) in enumerate([(True, False), (False, False), (True, True)]):
        lidar = in_table(table, number, still).lidar
        assert (lidar[:40] < 1).any(axis=1).all() == before
        assert (lidar[40:] < 1).any() == behind
        np.testing.assert_array_equal(lidar[41], lidar[59])


def test_no_scene_is_an_error() -> None:
    with pytest.raises(SceneError, match="at least one"):
        stack([])


def test_what_is_not_finite_where_nobody_is_does_not_matter() -> None:
    car = standing("VEHICLE", 12.0, 1.0, 40)
    car["state"]["valid"][7] = False
    for field in ("position", "heading", "velocity"):
        car["state"][field][7] = np.nan
    compiled = compile_scene(scene_with(1.0, car=car))
    assert len(compiled.objects.poses) == 39
    assert np.isfinite(compiled.objects.poses["yaw_rate"]).all()


def test_a_lane_and_nobody_is_a_scene_too() -> None:
    description = straight()
    description["map_features"] = {"lane": description["map_features"]["lane"]}
    scene = make_scene(description, "ego")
    sensed = by_kernels(scene, path_in(scene))
    assert (sensed.side == 1).all()
    assert (sensed.lidar == 1).all()
    assert not sensed.flags.any()
    assert compile_scene(scene).size < 2000
    assert len(driver(STRAIGHT)["state"]["valid"]) == scene.frames
