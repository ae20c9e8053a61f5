from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_material import on_path, standing, straight, track
from sensed_scenes import by_kernels, by_metadrive, rows
from shapely import Point, Polygon

from gold_data.replay import Flag, make_scene
from gold_data.replay.batched.compiled import compile_scene, stack
from gold_data.replay.batched.objects import BODIES, POSE, objects_of
from gold_data.replay.batched.touching import contacts, nearest_touched
from gold_data.replay.contact import KINDS, touched

HALF = {"PEDESTRIAN": 0.35, "CYCLIST": 0.875, "TRAFFIC_CONE": 0.2, "TRAFFIC_BARRIER": 1.0, "VEHICLE": 0.925}
"""m that each reaches aside where it stands along the road."""


def rectangle(x: float, y: float, heading: float, length: float, width: float) -> Polygon:
    cos, sin = math.cos(heading), math.sin(heading)
    corners = [(length, width), (length, -width), (-length, -width), (-length, width)]
    return Polygon([(x + (u * cos - v * sin) / 2, y + (u * sin + v * cos) / 2) for u, v in corners])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_bodies_touch_where_shapely_says_so(seed: int) -> None:
    random = np.random.default_rng(seed)
    poses = np.zeros(1, POSE)
    turn, moves = random.uniform(-4, 4), random.uniform(-15, 15, 2)
    poses["x"], poses["y"], poses["cos"], poses["sin"] = *random.uniform(-4, 4, 2), np.cos(turn), np.sin(turn)
    poses["velocity_x"], poses["velocity_y"], poses["yaw_rate"] = *moves, random.uniform(-1, 1)
    poses["body"] = random.integers(0, 8)
    body = BODIES[poses["body"][0]]
    after, heading = 0.1, random.uniform(-4, 4)
    x, y = float(poses["x"][0]) + after * moves[0], float(poses["y"][0]) + after * moves[1]
    facing = turn + after * float(poses["yaw_rate"][0])
    other = (
        Point(x, y).buffer(float(body["half_length"]), quad_segs=256)
        if body["round"]
        else rectangle(x, y, facing, 2 * float(body["half_length"]), 2 * float(body["half_width"]))
    )
    ego = rectangle(0.5, -0.2, heading, 4.515, 1.852)
    flags = contacts(0.5, -0.2, math.cos(heading), math.sin(heading), after, 0, 1, poses, BODIES)
    if ego.buffer(1e-3).intersects(other) == ego.buffer(-1e-3).intersects(other):
        assert flags == (int(body["flag"]) if ego.intersects(other) else 0)


@pytest.mark.parametrize("kind", HALF)
def test_contacts_are_metadrives_to_the_centimetre(kind: str) -> None:
    """An ego passes people and things that it touches, and others that it misses, by 1 cm and more."""
    clearances = (-0.3, -0.02, -0.01, 0.01, 0.02, 0.05)
    frames = 90
    others = {
        f"{number}": standing(kind, 10.0 + 8 * number, 0.926 + HALF[kind] + clearance, frames)
        for number, clearance in enumerate(clearances)
    }
    scene, path, theirs = by_metadrive(straight(np.full(frames, 6.0), others), "ego")
    ours = by_kernels(scene, path)
    there = [theirs.flags[np.abs(path.pose[:, 0] - 10 - 8 * number) < 3].any() for number in range(len(clearances))]
    assert there == [True, True, True, False, False, False]
    # Their bodies are pushed on by the first contact, and so are ours not: a frame at either end may differ.
    assert (theirs.flags != ours.flags).sum() <= 6
    assert set(theirs.flags) == set(ours.flags)


def test_lines_are_metadrives_while_the_ego_drifts_over_them() -> None:
    frames = 80
    path = np.linspace(0, 60, frames)
    positions, headings = on_path(path)
    aside = 9.0 * np.sin(path / 12)
    drifting = track(
        "VEHICLE", positions + np.column_stack([np.zeros(frames), aside]), headings + np.gradient(aside, path)
    )
    description = straight(np.full(frames, 7.5))
    description["tracks"]["ego"]["state"] = drifting["state"]
    scene, driven, theirs = by_metadrive(description, "ego")
    ours = by_kernels(scene, driven)
    assert 10 < (theirs.flags == Flag.SOLID_LINE).sum() < frames - 10
    assert (theirs.flags != ours.flags).sum() <= 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_who_is_touched_is_who_the_drive_names(seed: int) -> None:
    """The same user as in gold_data.replay.contact, where bodies are the squares that it has for them."""
    random = np.random.default_rng(seed)
    others = {
        f"{number}": track(kind, *on_path(np.full(5, random.uniform(-6, 12)), left=random.uniform(-4, 4)))
        for number, kind in enumerate(["VEHICLE", "VEHICLE", "PEDESTRIAN", "PEDESTRIAN"])
    }
    scene = make_scene(straight(np.full(5, 2.0), others), "ego")
    table = stack([compile_scene(scene)])
    heading = random.uniform(-3, 3)
    for flags in (Flag.CONTACT_VEHICLE, Flag.CONTACT_HUMAN, Flag.CONTACT_VEHICLE | Flag.CONTACT_HUMAN):
        expected = touched(scene, 3, 0.1, 0.2, heading, flags)
        pose = 0.1, 0.2, math.cos(heading), math.sin(heading)
        row = nearest_touched(int(flags), *pose, *rows(table, 0, 3), table.poses, table.bodies)
        assert expected is not None
        towards = table.poses["y"][row] - 0.2, table.poses["x"][row] - 0.1
        assert math.remainder(math.atan2(*towards) - heading - expected.bearing, math.tau) == pytest.approx(0, abs=1e-6)


def test_nobody_of_the_kind_is_nobody() -> None:
    scene = make_scene(straight(np.full(5, 2.0), {"car": standing("VEHICLE", 3.0, 0.0, 5)}), "ego")
    table = stack([compile_scene(scene)])
    users = rows(table, 0, 0)
    assert nearest_touched(int(Flag.CONTACT_HUMAN), 0.0, 0.0, 1.0, 0.0, *users, table.poses, table.bodies) == -1
    assert nearest_touched(int(Flag.CONTACT_VEHICLE), 0.0, 0.0, 1.0, 0.0, *users, table.poses, table.bodies) == 0


@pytest.mark.parametrize("kind", ["VEHICLE", "CYCLIST", "PEDESTRIAN"])
def test_who_is_touched_is_whom_a_drive_names(kind: str) -> None:
    """The nearest of several, by the bodies that they got when they came: a lorry's length is recorded late."""
    random = np.random.default_rng(11)
    others = {
        f"other{k}": standing(kind, float(ahead), float(left), 20, float(facing))
        for k, (ahead, left, facing) in enumerate(random.uniform((-4, -4, -3), (4, 4, 3), (12, 3)))
    }
    for late in list(others.values())[::2]:
        late["state"]["length"][5:] = 9.0
    scene = make_scene(straight(np.zeros(20), others), "ego")
    objects, flag = objects_of(scene), next(bit for bit, kinds in KINDS.items() if kind in kinds)
    first, last = objects.first[10:12].tolist()
    named = set()
    for x, y, heading in random.uniform((-4, -4, -3), (4, 4, 3), (60, 3)).tolist():
        cos, sin = math.cos(heading), math.sin(heading)
        row = nearest_touched(int(flag), x, y, cos, sin, first, last, objects.poses, BODIES)
        found = touched(scene, 10, x, y, heading, flag)
        assert found is not None
        pose = objects.poses[row]
        bearing = math.remainder(math.atan2(pose["y"] - y, pose["x"] - x) - heading, 2 * math.pi)
        assert found.bearing == pytest.approx(bearing, abs=1e-5)
        named.add(int(pose["user"]))
    assert len(named) > 5
