"""Who stands where in each frame of a scene, with the bodies that MetaDrive spawns for them, as rows of flat arrays.

Vehicles, pedestrians and cyclists are there where their record is valid, and a vehicle gets one of four bodies by the
length that is recorded in the frame in which it comes. Cones and barriers stand where they were first seen, to the end
of the episode, unless they are valid in too few frames (manager/scenario_traffic_manager.py of MetaDrive). A row holds
what the record has as float32, so that nothing is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.fidelity import MIN_STATIC_STEPS, STATIC
from gold_data.replay.flags import Flag
from gold_data.replay.pace import STEP
from gold_data.replay.scene import VEHICLE_BOXES, Scene, came, vehicle_body

BODY = np.dtype(
    [
        ("half_length", "f8"),  # m, along the heading
        ("half_width", "f8"),  # m, across it
        ("height", "f8"),  # m
        ("mass", "f8"),  # kg; of what nothing moves infinite
        ("reach", "f8"),  # m from the middle to the farthest point at which a ray hits it
        ("lean", "f8"),  # m that it stands back at the lidar's height, on its springs
        ("graze", "f8"),  # m within which a ray that passes by hits it
        ("round", "?"),  # a standing cylinder, of radius half_length
        ("flag", "i8"),  # what touching it is (gold_data.replay.flags.Flag)
    ],
    align=True,
)
POSE = np.dtype(
    [
        ("x", "f4"),  # m, in the scene's frame
        ("y", "f4"),
        ("cos", "f4"),  # of the heading
        ("sin", "f4"),
        ("velocity_x", "f4"),  # m/s
        ("velocity_y", "f4"),
        ("yaw_rate", "f4"),  # rad/s
        ("user", "i4"),  # who: row of Scene.others
        ("body", "i1"),  # row of the bodies
        ("hangs", "?"),  # still so high that a ray of the lidar passes below
    ],
    align=True,
)

XL_VEHICLE, PEDESTRIAN, CYCLIST, CONE, BARRIER = range(3, 8)
"""Rows of the bodies; the ones before are vehicles, by length."""
KINDS = {"PEDESTRIAN": PEDESTRIAN, "CYCLIST": CYCLIST, "TRAFFIC_CONE": CONE, "TRAFFIC_BARRIER": BARRIER}

FALLING = 3
"""Frames for which an XL vehicle, let fall from half its height, is over the lidar's 1.2 m: at 1.40, 1.36, 1.24 m."""


GRAZED_ROUND, GRAZED = 0.006, 0.008
"""m by which Bullet's cast of a ray (btSubsimplexConvexCast, which ends a centimetre before a body) finds cylinders and
single boxes too large, on average over real records; the boxes of vehicles it does not."""


def _vehicle(row: int, height: float, mass: float, lean: float) -> tuple[float, ...]:
    _, length, width = VEHICLE_BOXES[row]
    reach = math.hypot(length, width) / 2
    return length / 2, width / 2, height, mass, reach, lean, 0.0, False, Flag.CONTACT_VEHICLE


def _cylinder(radius: float, height: float, mass: float, flag: Flag) -> tuple[float, ...]:
    return radius, radius, height, mass, radius + GRAZED_ROUND, 0.0, GRAZED_ROUND, True, flag


def _box(length: float, width: float, height: float, mass: float, flag: Flag) -> tuple[float, ...]:
    reach = math.hypot(length / 2 + GRAZED, width / 2 + GRAZED)
    return length / 2, width / 2, height, mass, reach, 0.0, GRAZED, False, flag


BODIES = np.array(
    [
        _vehicle(0, 1.7, 800.0, 0.0036),
        _vehicle(1, 1.37, 1200.0, 0.0011),
        _vehicle(2, 1.85, 1300.0, 0.0034),
        _vehicle(3, 2.8, 1600.0, 0.0058),
        _cylinder(0.35, 1.75, 70.0, Flag.CONTACT_HUMAN),
        _box(0.4, 1.75, 1.75, 80.0, Flag.CONTACT_HUMAN),  # across its heading
        _cylinder(0.2, 2.0, math.inf, Flag.CONTACT_OBJECT),
        _box(0.3, 2.0, 2.0, math.inf, Flag.CONTACT_OBJECT),  # across its heading
    ],
    BODY,
)
"""MetaDrive's bodies: component/vehicle/vehicle_type.py, component/traffic_participants, component/static_object. How
far a vehicle leans was measured on those that stand or drive at rest on their springs."""


@dataclass(frozen=True)
class Objects:
    """The road users of a scene of L frames but for the ego: those of frame k are poses[first[k] : first[k + 1]].

    Frame L stands for all behind the record's end: only cones and barriers are left.
    """

    first: NDArray[np.int64]  # (L + 2,)
    poses: NDArray[np.void]  # (R,) POSE, by frame, then by user


def objects_of(scene: Scene) -> Objects:
    """Lay out a scene's road users by frame, as MetaDrive spawns, moves and removes them."""
    others = scene.others
    shown = _shown(scene)
    at, who = np.nonzero(shown.T >= 0)
    row = shown[who, at]
    bodies, ages = _spawned(scene)
    moves = bodies[who, row] < CONE
    poses = np.zeros(len(who), POSE)
    heading = others.heading[who, row]
    poses["x"], poses["y"] = others.position[who, row].T
    poses["cos"], poses["sin"] = np.cos(heading), np.sin(heading)
    poses["velocity_x"], poses["velocity_y"] = np.where(moves[:, None], others.velocity[who, row], 0.0).T
    poses["yaw_rate"] = np.where(moves, _yaw_rates(scene)[who, row], 0.0)
    poses["user"] = who
    poses["body"] = bodies[who, row]
    poses["hangs"] = (poses["body"] == XL_VEHICLE) & (ages[who, row] < FALLING)
    return Objects(np.searchsorted(at, np.arange(scene.frames + 2)), poses)


def user_ids(scene: Scene) -> list[str]:
    """Ids of the road users, in the order of Scene.others."""
    tracks = scene.description["tracks"].items()
    return [name for name, track in tracks if name != scene.ego_id and track["type"] in ("VEHICLE", *KINDS)]


def _shown(scene: Scene) -> NDArray[np.int64]:
    """(N, L + 1) the frame of the record in which each user is seen standing in a frame of the episode, or -1."""
    valid, frames = scene.others.valid, scene.frames
    shown = np.full((len(valid), frames + 1), -1)
    shown[:, :frames][valid] = np.nonzero(valid)[1]
    for user in np.flatnonzero(np.isin(np.array(scene.kinds, object), STATIC)):
        shown[user] = -1
        if valid[user].sum() >= MIN_STATIC_STEPS:
            first = int(valid[user].argmax())
            shown[user, first:] = first
    return shown


def _spawned(scene: Scene) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(N, L) each: the body that a user has in a frame where it is valid, and the frames for which it is there."""
    valid = scene.others.valid
    since = came(valid)
    tracks = scene.description["tracks"]
    bodies = np.zeros(valid.shape, np.int64)
    for user, (kind, name) in enumerate(zip(scene.kinds, user_ids(scene), strict=True)):
        if kind == "VEHICLE":
            bodies[user] = vehicle_body(tracks[name]["state"]["length"][since[user]])
        else:
            bodies[user] = KINDS[kind]
    return bodies, np.arange(scene.frames) - since


def _yaw_rates(scene: Scene) -> NDArray[np.float64]:
    """(N, L) rad/s to the next frame; 0 where there is none (parse_object_state of MetaDrive)."""
    heading, valid = scene.others.heading, scene.others.valid
    turn = np.remainder(np.diff(heading, axis=1) + math.pi, 2 * math.pi) - math.pi
    return np.pad(np.where(valid[:, 1:] & valid[:, :-1], turn / STEP, 0.0), ((0, 0), (0, 1)))
