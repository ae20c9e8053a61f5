from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import STRAIGHT, on_path, settings_with, standing, straight, track
from sensed_scenes import Path, Sensed, by_kernels, by_metadrive
from shapely import LineString, Point, Polygon

from gold_data.replay import make_scene
from gold_data.replay.batched.compiled import SCENE
from gold_data.replay.batched.lines import HALF_WIDTH, SEGMENT, _in_cells
from gold_data.replay.batched.objects import BODIES, POSE
from gold_data.replay.batched.rays import RANGE, SIDE_RAYS, lidar, lidar_directions, side

Floats = NDArray[np.float64]
CLEAR = 0.02
"""m by which a ray misses or hits for sure, whatever is made of those that graze."""


def box(at: np.void, half_length: float, half_width: float) -> Polygon:
    x, y, cos, sin = (float(at[name]) for name in ("x", "y", "cos", "sin"))
    corners = [(half_length, half_width), (half_length, -half_width), (-half_length, -half_width)]
    corners.append((-half_length, half_width))
    return Polygon([(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in corners])


def shares(bodies: list[Polygon], x: float, y: float, angles: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """What each ray sees of shapes, by shapely, and whether it passes all corners at a distance."""
    seen, sure = np.ones(len(angles)), np.ones(len(angles), bool)
    start = Point(x, y)
    for ray, angle in enumerate(angles):
        beam = LineString([(x, y), (x + RANGE * math.cos(angle), y + RANGE * math.sin(angle))])
        for body in bodies:
            if body.contains(start):
                continue
            if beam.intersects(body):
                seen[ray] = min(seen[ray], start.distance(beam.intersection(body)) / RANGE)
                sure[ray] &= beam.intersects(body.buffer(-CLEAR))
            else:
                sure[ray] &= beam.distance(body) > CLEAR
    return seen, sure


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([120, 240]))
def test_the_lidar_sees_what_shapely_sees(seed: int, rays: int) -> None:
    random = np.random.default_rng(seed)
    poses = np.zeros(8, POSE)
    poses["x"], poses["y"] = random.uniform(-45, 45, (2, 8))
    turn = random.uniform(-4, 4, 8)
    poses["cos"], poses["sin"] = np.cos(turn), np.sin(turn)
    poses["body"] = random.permutation(8)
    bodies = [
        Point(pose["x"], pose["y"]).buffer(body["half_length"], quad_segs=256)
        if body["round"]
        else box(pose, body["half_length"], body["half_width"])
        for pose, body in zip(poses, BODIES[poses["body"]], strict=True)
    ]
    x, y, heading = random.uniform(-10, 10), random.uniform(-10, 10), random.uniform(-4, 4)
    out = np.zeros(rays)
    lidar(out, lidar_directions(rays), x, y, math.cos(heading), math.sin(heading), 0, 8, poses, BODIES)
    expected, sure = shares(bodies, x, y, heading + np.arange(rays) * 2 * math.pi / rays)
    assert sure.sum() > rays / 2
    np.testing.assert_allclose(out[sure], expected[sure], atol=3e-3)  # what leans is up to 6 mm back


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_side_detector_sees_what_shapely_sees(seed: int) -> None:
    random = np.random.default_rng(seed)
    segments = np.zeros(12, SEGMENT)
    segments["x"], segments["y"] = random.uniform(-30, 30, (2, 12))
    turn = random.uniform(-4, 4, 12)
    segments["cos"], segments["sin"] = np.cos(turn), np.sin(turn)
    segments["half_length"] = random.uniform(0.1, 2.0, 12)
    lines = _in_cells(segments)
    scene = np.zeros(1, SCENE)
    scene["grid"] = lines.grid
    shapes = [box(line, float(line["half_length"]), HALF_WIDTH) for line in segments]
    x, y, heading = random.uniform(-40, 40), random.uniform(-40, 40), random.uniform(-4, 4)  # outside the grid as well
    out = np.zeros(SIDE_RAYS)
    side(out, x, y, math.cos(heading), math.sin(heading), scene[0], lines.first, lines.segments)
    angles = heading + math.pi / 2 + np.arange(SIDE_RAYS) * 2 * math.pi / SIDE_RAYS
    thin = [shape.buffer(CLEAR) for shape in shapes]
    expected, _ = shares(shapes, x, y, angles)
    grazed = shares(thin, x, y, angles)[0] < expected - 1.5 * CLEAR / RANGE
    np.testing.assert_allclose(out[~grazed], expected[~grazed], atol=2e-3)


def test_along_a_straight_road_distances_are_known() -> None:
    scene = make_scene(straight(others={"ahead": standing("VEHICLE", 30.0, 0.0, 60)}), "ego")
    sensed = by_kernels(scene, Path(np.zeros((1, 3)), np.zeros((1, 3))))
    assert sensed.side[0, 0] == pytest.approx((8 - HALF_WIDTH) / RANGE, abs=1e-5)  # left, the edge at 8 m
    assert sensed.side[0, 6] == pytest.approx((8 - HALF_WIDTH) / RANGE, abs=1e-5)
    assert sensed.side[0, 3] == 1.0  # straight behind
    assert sensed.lidar[0, 0] == pytest.approx((30 - 2.3) / RANGE, abs=1e-4)
    assert (sensed.lidar[0, 10:111] == 1.0).all()


def crowd(frames: int) -> dict[str, Any]:
    """One of each kind, on either side of the road, some on the move; none touches another."""
    walking = np.linspace(0, 1.4 * frames / 10, frames)
    others = {
        f"car{length}": track(
            "VEHICLE", *on_path(np.full(frames, 8.0 + 9 * number), left=6.0 * (-1) ** number), (length, 1.9, 1.6)
        )
        for number, length in enumerate((3.8, 4.6, 5.6, 9.0))
    }
    others["walker"] = track("PEDESTRIAN", *on_path(50.0 + walking, left=3.0))
    others["cyclist"] = track("CYCLIST", *on_path(5.0 + 3 * walking, left=-3.0))
    others["cone"] = standing("TRAFFIC_CONE", 22.0, 2.5, frames)
    others["barrier"] = standing("TRAFFIC_BARRIER", 44.0, 4.5, frames, facing=0.4)
    return others


@pytest.fixture(scope="module")
def crowded() -> tuple[Sensed, Sensed]:
    scene, path, theirs = by_metadrive(straight(others=crowd(len(STRAIGHT))), "ego")
    return theirs, by_kernels(scene, path)


def test_the_lidar_is_metadrives_for_every_body(crowded: tuple[Sensed, Sensed]) -> None:
    theirs, ours = crowded
    wrong = np.abs(theirs.lidar - ours.lidar)
    assert (theirs.lidar < 1).mean() > 0.1
    assert (wrong > 1e-2).mean() < 0.004
    assert np.median(wrong[theirs.lidar < 1]) < 5e-5


def test_the_side_detector_is_metadrives(crowded: tuple[Sensed, Sensed]) -> None:
    theirs, ours = crowded
    assert (theirs.side < 1).mean() > 0.5
    assert np.abs(theirs.side - ours.side).max() < 1e-3
    assert np.median(np.abs(theirs.side - ours.side)) < 1e-5


def test_the_lidar_may_have_240_rays() -> None:
    simulator = settings_with(simulator={"lidar_rays": 240}).simulator
    scene, path, theirs = by_metadrive(straight(STRAIGHT[:20], crowd(20)), "ego", simulator)
    ours = by_kernels(scene, path, rays=240)
    assert (theirs.lidar < 1).mean() > 0.1
    assert (np.abs(theirs.lidar - ours.lidar) > 1e-2).mean() < 0.004


def test_rays_pass_below_a_truck_until_it_has_fallen() -> None:
    valid = np.ones(30, bool)
    valid[:10] = False
    truck = track("VEHICLE", *on_path(np.full(30, 20.0), left=0.0), (12.0, 2.5, 3.0), valid)
    scene, path, theirs = by_metadrive(straight(np.full(30, 0.0), {"truck": truck}), "ego")
    ours = by_kernels(scene, path)
    np.testing.assert_array_equal(theirs.lidar[:, 0] == 1, np.arange(30) < 13)
    np.testing.assert_array_equal(ours.lidar[:, 0] == 1, np.arange(30) < 13)
