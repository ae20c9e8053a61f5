"""What a description must have to be driven, in either engine: whatever becomes a scene has passed here.

MetaDrive fails on numbers that are none by an assertion of panda3d's, and drives on where a lane or a length is
missing: it puts its smallest car in the place of a vehicle without one. Such a drive would tell of traffic that nobody
recorded, and so it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched.lines import SOLID
from gold_data.scenarionet import Description

MIN_FRAMES = 2
"""Frames that are one step."""

LANE = "LANE_"
"""How the types of lanes begin."""

SEEN = ("position", "heading", "velocity")
"""Fields of a track's state that engines follow."""


def check_ego(description: Description, ego_id: str, start: int) -> None:
    """Raise SceneError unless the ego has a route in the record and a step to drive from frame `start` on.

    All its places count, in frames that are not valid as well: MetaDrive lays its route through them.
    """
    scene = _scene(description)
    if ego_id not in description["tracks"]:
        raise SceneError(f"{scene}: there is no track {ego_id} to be the ego: choose one of its tracks")
    if not 0 <= start <= description["length"] - MIN_FRAMES:
        raise SceneError(
            f"{scene}: start {start} leaves no step of its {description['length']} frames: start earlier, or leave the"
            " scene out"
        )
    state = description["tracks"][ego_id]["state"]
    if not state["valid"].any():
        raise SceneError(f"{scene}: ego {ego_id} is valid in no frame and has no route: choose another ego")
    _check_finite(f"{scene}: %s of ego {ego_id}", state, np.ones(len(state["valid"]), bool), 0)


def check_others(description: Description, others: Mapping[str, Description], start: int) -> None:
    """Raise SceneError for others, cut at frame `start`, that are nowhere, or vehicles without a length.

    A length decides which body a vehicle gets; those of people, cyclists, cones and barriers have one size.
    """
    scene = _scene(description)
    for name, track in others.items():
        state = track["state"]
        valid = np.asarray(state["valid"], bool)
        _check_finite(f"{scene}: %s of {track['type']} {name}", state, valid, start)
        if track["type"] == "VEHICLE":
            for frame in _frames(valid & ~((state["length"] > 0) & np.isfinite(state["length"])))[:1]:
                raise SceneError(
                    f"{scene}: length of VEHICLE {name} is {state['length'][frame]:g} m in frame {start + frame}: leave"
                    " the scene out"
                )


def check_map(description: Description) -> None:
    """Raise SceneError where there is no lane, and for a lane or a line that is nowhere."""
    scene, features = _scene(description), description["map_features"]
    if not any(feature["type"].startswith(LANE) for feature in features.values()):
        raise SceneError(f"{scene}: map_features hold no lane: leave the scene out")
    for name, feature in features.items():
        followed = feature["type"] in SOLID or feature["type"].startswith(LANE)
        if followed and not np.isfinite(feature["polyline"][:, :2]).all():
            raise SceneError(
                f"{scene}: polyline of {feature['type']} {name} has a point that is no finite number: leave it out"
            )


def _check_finite(what: str, state: Mapping[str, Any], asked: NDArray[np.bool_], start: int) -> None:
    for field in SEEN:
        finite = np.isfinite(state[field][..., :2] if field == "position" else state[field])
        for frame in _frames(asked & ~(finite if finite.ndim == 1 else finite.all(axis=1)))[:1]:
            raise SceneError(f"{what % field} is no finite number in frame {start + frame}: leave the scene out")


def _frames(found: NDArray[np.bool_]) -> list[int]:
    return list(np.flatnonzero(found).tolist())


def _scene(description: Description) -> str:
    return f"scene {description['id']}"
