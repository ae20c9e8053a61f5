"""A description made ready to be driven by one ego: cut at its start, centred on it, and once more as plain arrays.

MetaDrive centres a scene on the ego's first position in float32 (ScenarioDescription.centralize_to_ego_car_initial_
position). The same is done here before the simulator sees the description, so that both engines, the tracker and the
route work with the same numbers, and so that an episode can start inside the record or off its pose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.pace import STEP
from gold_data.replay.route import Route, route_of
from gold_data.replay.soundness import check_ego, check_map, check_others
from gold_data.scenarionet import Description, cut_frames

EGO_LENGTH, EGO_WIDTH = 4.515, 1.852
"""Metres: MetaDrive's default car, whatever the record's size (component/vehicle/vehicle_type.py)."""

VEHICLE_BOXES = ((4.0, 4.30, 1.70), (5.2, 4.60, 1.85), (6.2, 4.87, 2.046), (math.inf, 5.74, 2.30))
"""Recorded length up to which (m), and the length and width of the body that MetaDrive puts in its place."""

OTHER_BOXES = {
    "PEDESTRIAN": (0.7, 0.7),
    "CYCLIST": (0.4, 1.75),
    "TRAFFIC_CONE": (0.4, 0.4),
    "TRAFFIC_BARRIER": (0.3, 2.0),
}
"""Length and width of MetaDrive's other bodies: cyclists and barriers stand across their heading there."""


@dataclass(frozen=True)
class StartOffset:
    """How far off its recorded pose an ego starts."""

    forward: float = 0.0  # m
    left: float = 0.0  # m
    heading: float = 0.0  # rad
    speed: float = 0.0  # m/s, added to the recorded speed

    def __post_init__(self) -> None:
        """Raise SceneError for what is no finite number."""
        for field, value in vars(self).items():
            if not math.isfinite(value):
                raise SceneError(f"{field} of a start's offset is {value}: give a finite number")


@dataclass(frozen=True)
class Motion:
    """Recorded motion of one road user or several, in the scene's frame; axes are users, if several, then frames."""

    position: NDArray[np.float64]  # (..., L, 2) m
    height: NDArray[np.float64]  # (..., L) m, z of the record
    heading: NDArray[np.float64]  # (..., L) rad, as recorded: not wrapped
    velocity: NDArray[np.float64]  # (..., L, 2) m/s
    valid: NDArray[np.bool_]  # (..., L)


@dataclass(frozen=True)
class Scene:
    """One (scenario, ego, start), with the L frames of the record that are left to drive."""

    scenario_id: str
    ego_id: str
    start: int  # frame of the record at which the episode starts
    origin: NDArray[np.float64]  # (2,) where the scene's frame has its origin in the record's, m
    log: Motion  # the ego, (L, ...), the frame of the start first
    track: Motion  # the ego over the whole record, in the scene's frame: what the tracker follows
    route: Route  # of the whole record
    others: Motion  # (N, L, ...) the road users that MetaDrive spawns
    kinds: tuple[str, ...]  # (N,) VEHICLE, PEDESTRIAN, CYCLIST, TRAFFIC_CONE, TRAFFIC_BARRIER
    boxes: NDArray[np.float64]  # (N, L, 2) length and width of the body in the simulator, m
    description: Description  # for MetaDrive: cut, centred, the ego as its SDC

    @property
    def frames(self) -> int:
        """Frames L that are left of the record."""
        return len(self.log.heading)


def make_scene(description: Description, ego_id: str, start: int = 0, offset: StartOffset | None = None) -> Scene:
    """Cut a description at frame `start`, put the ego `offset` from its pose there, and centre everything on it.

    The caller's arrays are not changed. Raises SceneError for a scene that no engine can drive: see soundness.
    """
    check_ego(description, ego_id, start)
    check_map(description)
    left = cut_frames(description, start, description["length"])
    # Who is never there in what is left to drive is not spawned; MetaDrive would warn of the mean of nothing.
    tracks = {name: track for name, track in left["tracks"].items() if name == ego_id or track["state"]["valid"].any()}
    if offset is not None:
        tracks[ego_id] = _displaced(tracks[ego_id], offset)
    origin = origin_of(tracks[ego_id])
    tracks = {name: _shifted_track(track, origin) for name, track in tracks.items()}
    whole = _shifted_track(description["tracks"][ego_id], origin)
    log = _motion(_shifted_track(left["tracks"][ego_id], origin)["state"])
    others = {name: track for name, track in tracks.items() if name != ego_id and _spawned(track["type"])}
    check_others(description, others, start)
    return Scene(
        scenario_id=str(description["id"]),
        ego_id=ego_id,
        start=start,
        origin=origin.astype(np.float64),
        log=log,
        track=_motion(whole["state"]),
        route=route_of(whole["state"]["position"][:, :2]),
        others=_stacked(list(others.values()), left["length"]),
        kinds=tuple(track["type"] for track in others.values()),
        boxes=np.array([_boxes(track) for track in others.values()]).reshape(-1, left["length"], 2),
        description={
            **left,
            "tracks": tracks,
            "dynamic_map_states": {k: _shifted_light(v, origin) for k, v in left["dynamic_map_states"].items()},
            "map_features": {k: _shifted_feature(v, origin) for k, v in left["map_features"].items()},
            "metadata": {**left["metadata"], "sdc_id": ego_id},
        },
    )


def origin_of(track: Description) -> NDArray[np.float32]:
    """(2,) m in the record's frame: where MetaDrive has the origin of a scene whose ego has this track."""
    origin = np.array(track["state"]["position"][0, :2])
    # It leaves a scene where it is that begins so near the origin.
    return np.zeros_like(origin) if abs(np.sum(origin)) < 1e-3 else origin


def came(valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(..., L) the frame in which who is there in a frame came: MetaDrive then makes a body, and keeps it."""
    comes = valid & np.concatenate([np.ones_like(valid[..., :1]), ~valid[..., :-1]], axis=-1)
    return np.asarray(np.maximum.accumulate(np.where(comes, np.arange(valid.shape[-1]), 0), axis=-1))


def vehicle_body(length: NDArray[np.floating]) -> NDArray[np.int64]:
    """Rows of VEHICLE_BOXES by recorded length (m)."""
    return np.searchsorted([limit for limit, _, _ in VEHICLE_BOXES[:-1]], length)


def log_states(scene: Scene, steps: int) -> NDArray[np.float64]:
    """(steps + 1, 7) x, y, z (m), heading (rad), vx, vy (m/s), yaw rate (rad/s) of the record, in its world frame.

    Past the record's end its last frame stays.
    """
    log = scene.log
    frames = np.minimum(np.arange(steps + 1), scene.frames - 1)
    position = log.position + scene.origin
    states = np.column_stack([position, log.height, log.heading, log.velocity, yaw_rate(log.heading)])
    return np.asarray(states[frames])


def yaw_rate(heading: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) rad/s: the turn to the next frame, the last one's being the one before it."""
    if len(heading) < 2:
        return np.zeros(len(heading))
    turn = np.diff(heading)
    rate = (np.mod(turn + math.pi, 2 * math.pi) - math.pi) / STEP
    return np.append(rate, rate[-1])


def _spawned(kind: str) -> bool:
    return kind == "VEHICLE" or kind in OTHER_BOXES


def _boxes(track: Description) -> NDArray[np.float64]:
    state = track["state"]
    if track["type"] != "VEHICLE":
        return np.tile(OTHER_BOXES[track["type"]], (len(state["valid"]), 1))
    return np.array(VEHICLE_BOXES)[vehicle_body(state["length"][came(state["valid"])]), 1:]


def _displaced(track: Description, offset: StartOffset) -> Description:
    state = {name: np.array(values) for name, values in track["state"].items()}
    heading = float(state["heading"][0])
    cos, sin = math.cos(heading), math.sin(heading)
    state["position"][0, 0] += offset.forward * cos - offset.left * sin
    state["position"][0, 1] += offset.forward * sin + offset.left * cos
    state["heading"][0] += offset.heading
    speed = float(np.hypot(*state["velocity"][0])) + offset.speed
    state["velocity"][0] = speed * math.cos(heading + offset.heading), speed * math.sin(heading + offset.heading)
    return {**track, "state": state}


def _shifted(points: NDArray[np.float32], origin: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.array(points)
    shifted[..., :2] -= origin
    return shifted


def _shifted_track(track: Description, origin: NDArray[np.float32]) -> Description:
    return {**track, "state": {**track["state"], "position": _shifted(track["state"]["position"], origin)}}


def _shifted_light(light: Description, origin: NDArray[np.float32]) -> Description:
    return {**light, "stop_point": _shifted(light["stop_point"], origin)}


def _shifted_feature(feature: Description, origin: NDArray[np.float32]) -> Description:
    return feature | {name: _shifted(feature[name], origin) for name in ("polyline", "polygon") if name in feature}


def _motion(state: Description) -> Motion:
    return Motion(
        position=state["position"][:, :2].astype(np.float64),
        height=state["position"][:, 2].astype(np.float64),
        heading=state["heading"].astype(np.float64),
        velocity=state["velocity"].astype(np.float64),
        valid=np.asarray(state["valid"], bool),
    )


def _stacked(tracks: list[Description], length: int) -> Motion:
    motions = [_motion(track["state"]) for track in tracks]
    return Motion(
        position=np.array([m.position for m in motions]).reshape(-1, length, 2),
        height=np.array([m.height for m in motions]).reshape(-1, length),
        heading=np.array([m.heading for m in motions]).reshape(-1, length),
        velocity=np.array([m.velocity for m in motions]).reshape(-1, length, 2),
        valid=np.array([m.valid for m in motions], bool).reshape(-1, length),
    )
