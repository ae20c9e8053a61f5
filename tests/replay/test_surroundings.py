"""The five blocks of both engines together: turned and mirrored scenes, the record's end, many scenes in one table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import described, driver, driving, on_path, standing, track

from gold_data.replay import Description, make_scene
from gold_data.replay import surroundings as module
from gold_data.replay.batched.along import compile_route, stack_routes
from gold_data.replay.batched.objects import BODIES, objects_of
from gold_data.replay.observation import CONFLICT as CONFLICT_BLOCK
from gold_data.replay.observation import MOTION, NEIGHBOURS, SIGNAL, SPEED_LIMIT, slices
from gold_data.replay.surroundings import (
    CONFLICT,
    LIMIT,
    NUMBERS,
    Around,
    stack_surroundings,
    surroundings_of,
    write_motion,
    write_surroundings,
)

FAST = 160 / 3.6
LAYOUT = (MOTION, NEIGHBOURS, SIGNAL, SPEED_LIMIT, CONFLICT_BLOCK)
MIRRORED = [
    number
    for number, name in enumerate(name for block in LAYOUT for name in block.names)
    if name in ("yaw_rate", "left_velocity") or name.endswith(("_left", "_left_velocity"))
]


def _scene(heading: float = 0.0, side: float = 1.0, frames: int = 40) -> Description:
    """A bend to the left, or its mirror image, turned about where the records lie."""
    description = described(
        driver(np.full(frames, 8.0), 0.02 * side, heading),
        {
            "overtakes": driver(np.full(frames, 12.0), 0.02 * side, heading, left=3.5 * side),
            "walks": standing("PEDESTRIAN", 15, 4 * side, frames, heading=heading),
            "stands in the way": track(
                "PEDESTRIAN", *on_path(np.full(frames, 37.0), 0.02 * side, heading, 0.4 * side), (0.7, 0.7, 1.8)
            ),
            "waits": standing("VEHICLE", 25, -6 * side, frames, facing=0.4 * side, heading=heading),
        },
        curvature=0.02 * side,
        heading=heading,
    )
    return description


def _numbers(description: Description, side: float, heading: float) -> NDArray[np.float64]:
    """(42, 89) along the record and over its end, by an ego that is off its pose and yaws."""
    scene = make_scene(description, "ego")
    around = Around(scene, FAST)
    rows = []
    for step in range(scene.frames + 2):
        frame = min(step, scene.frames - 1)
        turned = float(scene.log.heading[frame]) + 0.2 * side
        left = np.array([-np.sin(heading), np.cos(heading)]) * 0.7 * side
        x, y = (scene.log.position[frame] + left).tolist()
        vx, vy = (scene.log.velocity[frame] * (1 - step / 200)).tolist()
        longitude = scene.route.locate(x, y).longitude
        rows.append(around.numbers(step, longitude, x, y, turned, (vx, vy), 0.3 * side))
    return np.array(rows)


@given(st.floats(-3.1, 3.1))
@settings(max_examples=12, deadline=None)
def test_a_turned_scene_has_the_same_numbers(heading: float) -> None:
    # Records are float32: half a millimetre this far from the map's origin, and a hundred times that a second.
    turned = _numbers(_scene(heading), 1.0, heading)
    # Of the last block, where a millimetre decides who is in the way, what it says of the leader.
    numbers = [*range(CONFLICT), CONFLICT + 17, CONFLICT + 18]
    np.testing.assert_allclose(turned[:, numbers], _numbers(_scene(), 1.0, 0.0)[:, numbers], atol=1e-3)


def test_a_mirrored_scene_mirrors_the_signed_numbers_alone() -> None:
    straight, mirrored = _numbers(_scene(), 1.0, 0.0), _numbers(_scene(side=-1.0), -1.0, 0.0)
    for number in MIRRORED:
        present = straight[:, number - (number - 3) % 7] if number >= 3 else 1.0
        straight[:, number] = np.where(present, 1 - straight[:, number], 0)
    np.testing.assert_allclose(mirrored, straight, atol=1e-3)
    assert len(MIRRORED) == 2 + 16


def test_all_numbers_are_in_their_range_and_say_something() -> None:
    numbers = _numbers(_scene(), 1.0, 0.0)
    assert ((numbers >= 0) & (numbers <= 1)).all()
    assert np.ptp(numbers[:, :NUMBERS], axis=0)[[1, 2, 4, 5, 6, 7, 59, CONFLICT + 14, CONFLICT + 17]].min() > 0.01


def test_behind_the_records_end_there_is_neither_traffic_nor_a_signal_but_the_limit() -> None:
    numbers = _numbers(_scene(), 1.0, 0.0)
    assert numbers[39, 3:59:7].sum() == 4
    assert not numbers[40:, 3:59].any()
    np.testing.assert_array_equal(numbers[40:, 59:65], [[1, 0, 0, 0, 0, 0]] * 2)
    np.testing.assert_allclose(numbers[40:, LIMIT:CONFLICT], [[1, 30 * 1.609344 / 160]] * 2)
    np.testing.assert_array_equal(numbers[40:, CONFLICT:], [[1] * 19 + [0, 1, 1]] * 2)


def test_motion_by_hand() -> None:
    out = np.empty(3)
    write_motion(np.pi / 2, -1.0, 9.0, -0.4, 8.7, out)
    np.testing.assert_allclose(out, [0.3, 0.5 + 3 / 20, 0.6])
    write_motion(0.0, 30.0, 9.0, 4.0, 0.0, out)
    assert out.tolist() == [1, 1, 1]


def test_many_scenes_in_a_table_are_each_themselves() -> None:
    scenes = [make_scene(_scene(frames=frames), "ego") for frames in (40, 25)]
    empty = make_scene(described(driver(np.full(30, 3.0)), solid=()), "ego")
    empty.description["dynamic_map_states"].clear()
    scenes.insert(1, empty)
    table = stack_surroundings([surroundings_of(scene) for scene in scenes])
    routes = stack_routes([compile_route(scene) for scene in scenes])
    for number, scene in enumerate(scenes):
        objects, alone = objects_of(scene), Around(scene, FAST)
        for frame in (0, 7, scene.frames):
            out = np.empty(NUMBERS)
            write_surroundings(
                table.around[number],
                table.lengths,
                table.stops,
                table.colours,
                table.limits,
                routes.routes[number],
                routes.segments,
                objects.poses,
                objects.first[frame],
                objects.first[frame + 1],
                BODIES,
                frame,
                *(4.0, 1.0, 2.0, 0.1, 3.0, 0.5, 0.2, 3.0),
                FAST,
                out,
            )
            expected = alone.numbers(frame, 4.0, 1.0, 2.0, 0.1, (3.0, 0.5), 0.2)
            np.testing.assert_array_equal(np.delete(out, 1), np.delete(expected, 1))


@pytest.fixture(scope="module")
def driven() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Observations, and x, y, heading, velocity and yaw rate, of a drive on the bend in MetaDrive."""
    random = np.random.default_rng(0)
    with driving() as drive:
        outcomes = [drive.reset(_scene(), "ego")]
        outcomes += [drive.step(random.normal([0.08, 0.1], [0.1, 0.4])) for _ in range(41)]
        where = slices(drive.blocks)
    readings = [outcome.readings for outcome in outcomes]
    observations = np.array([outcome.observation for outcome in outcomes])
    assert where["conflict"].stop == observations.shape[1]
    return (
        observations[:, where["motion"].start :],
        np.array([(r.x, r.y, r.heading, *r.velocity, r.yaw_rate) for r in readings]),
    )


def test_metadrives_drive_has_the_blocks_of_its_own_state(
    driven: tuple[NDArray[np.float32], NDArray[np.float64]],
) -> None:
    observed, states = driven
    scene = make_scene(_scene(), "ego")
    around = Around(scene, FAST)
    for step, (x, y, heading, vx, vy, yaw_rate) in enumerate(states.tolist()):
        longitude = scene.route.locate(x, y).longitude
        expected = around.numbers(step, longitude, x, y, heading, (vx, vy), yaw_rate)
        np.testing.assert_array_equal(observed[step], expected.astype(np.float32))
    assert np.ptp(observed[:, 0]) > 0.05
    assert np.ptp(observed[:, CONFLICT + 17]) > 0.05, "somebody stands in the way"
    assert observed[0, 1] == 0.5, "at the start there is no step to have accelerated in"
    forward = states[:, 3] * np.cos(states[:, 2]) + states[:, 4] * np.sin(states[:, 2])
    np.testing.assert_allclose(observed[1:, 1], np.clip(0.5 + np.diff(forward) / 2, 0, 1), atol=1e-6)


def test_blocks_begin_where_the_layout_has_them() -> None:
    where = slices(LAYOUT)
    assert [where[block.name].start for block in LAYOUT] == [
        *(0, module.NEIGHBOURS, module.SIGNAL, module.LIMIT, CONFLICT)
    ]
    assert where["conflict"].stop == NUMBERS
