"""Records that no engine can drive, each with the sentence that it is refused with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from replay_material import STRAIGHT, standing, straight

from gold_data.scenarionet import Description

Spoil = Callable[[Description], None]


def _put(track: str, field: str, frame: int, value: float) -> Spoil:
    def spoil(description: Description) -> None:
        description["tracks"][track]["state"][field][frame, ...] = value

    return spoil


def _no_lane(description: Description) -> None:
    del description["map_features"]["lane"]


def _no_map(description: Description) -> None:
    description["map_features"].clear()


def _point(feature: str) -> Spoil:
    def spoil(description: Description) -> None:
        description["map_features"][feature]["polyline"][3, 1] = np.inf

    return spoil


def _never_there(description: Description) -> None:
    description["tracks"]["ego"]["state"]["valid"][:] = False


def _nobody(description: Description) -> None:
    del description["tracks"]["ego"]


def _one_frame(description: Description) -> None:
    description["length"] = 1
    for track in description["tracks"].values():
        track["state"] = {name: values[:1] for name, values in track["state"].items()}


BAD: dict[str, tuple[Spoil, str]] = {
    "ego nowhere": (_put("ego", "position", 9, np.nan), "position of ego ego is no finite number in frame 9"),
    "ego infinitely fast": (_put("ego", "velocity", 9, np.inf), "velocity of ego ego is no finite number in frame 9"),
    "ego without heading": (_put("ego", "heading", 0, np.nan), "heading of ego ego is no finite number in frame 0"),
    "ego never there": (_never_there, "ego ego is valid in no frame and has no route"),
    "no step": (_one_frame, "start 0 leaves no step of its 1 frames"),
    "car nowhere": (_put("car", "position", 7, np.nan), "position of VEHICLE car is no finite number in frame 7"),
    "car without heading": (_put("car", "heading", 7, np.nan), "heading of VEHICLE car is no finite number in frame 7"),
    "walker flies": (_put("walker", "velocity", 7, np.inf), "velocity of PEDESTRIAN walker is no finite number in"),
    "car of no length": (_put("car", "length", 7, 0.0), "length of VEHICLE car is 0 m in frame 7"),
    "car of less than none": (_put("car", "length", 7, -1.0), "length of VEHICLE car is -1 m in frame 7"),
    "car of any length": (_put("car", "length", 7, np.nan), "length of VEHICLE car is nan m in frame 7"),
    "no lane": (_no_lane, "map_features hold no lane"),
    "no map": (_no_map, "map_features hold no lane"),
    "lane nowhere": (_point("lane"), "polyline of LANE_SURFACE_STREET lane has a point that is no finite number"),
    "edge nowhere": (_point("edge8.0"), r"polyline of ROAD_EDGE_BOUNDARY edge8\.0 has a point"),
}


def bad(name: str) -> Description:
    """A record of that kind; its id is "bad"."""
    frames = len(STRAIGHT)
    others = {"car": standing("VEHICLE", 20.0, 4.0, frames), "walker": standing("PEDESTRIAN", 9.0, 5.0, frames)}
    description = straight(others=others, name="bad")
    BAD[name][0](description)
    return description
