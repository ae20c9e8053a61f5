"""Small descriptions in ScenarioNet's format: a road, an ego on it, and whom it meets; and a drive on them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data.replay import Description, Drive
from gold_data.settings import ConvertSettings

Floats: TypeAlias = NDArray[np.float64]

WORLD = (8123.4, -2718.3)
"""Where the records lie: metres from the map's origin, as WOMD's do."""

STRAIGHT = np.full(60, 10.0)
"""Speeds (m/s) of an ego that drives 59 m at a constant speed."""


def arcs(speeds: Floats) -> Floats:
    """Metres driven at each frame, with a constant acceleration in between."""
    return np.concatenate([[0.0], np.cumsum((speeds[1:] + speeds[:-1]) / 2 * 0.1)])


def on_path(arc: Floats, curvature: float = 0.0, heading: float = 0.0, left: float = 0.0) -> tuple[Floats, Floats]:
    """(N, 2) positions in the world and (N,) headings on a circle, or a straight line, through WORLD."""
    turned = arc * curvature
    ahead = np.sin(turned) / curvature if curvature else arc
    aside = (1 - np.cos(turned)) / curvature if curvature else np.zeros_like(arc)
    ahead, aside = ahead - left * np.sin(turned), aside + left * np.cos(turned)
    cos, sin = np.cos(heading), np.sin(heading)
    positions = np.column_stack([ahead * cos - aside * sin, ahead * sin + aside * cos]) + WORLD
    return positions, turned + heading


def track(
    kind: str,
    positions: Floats,
    headings: Floats,
    size: tuple[float, float, float] = (4.6, 1.9, 1.6),
    valid: NDArray[np.bool_] | None = None,
) -> Description:
    """A track whose velocities are those of its positions; where it is not valid all is zero, as in WOMD."""
    frames = len(positions)
    there = np.ones(frames, bool) if valid is None else valid
    velocity = np.gradient(positions, 0.1, axis=0)
    length, width, height = (np.where(there, value, 0.0).astype(np.float32) for value in size)
    return {
        "type": kind,
        "state": {
            "position": np.column_stack([positions, np.full(frames, 12.5)]).astype(np.float32) * there[:, None],
            "length": length,
            "width": width,
            "height": height,
            "heading": (headings * there).astype(np.float32),
            "velocity": (velocity * there[:, None]).astype(np.float32),
            "valid": there,
        },
        "metadata": {"track_length": frames, "type": kind, "object_id": "", "dataset": "waymo"},
    }


def driver(speeds: Floats, curvature: float = 0.0, heading: float = 0.0, left: float = 0.0) -> Description:
    """A car that follows the road at these speeds (m/s), one a frame."""
    return track("VEHICLE", *on_path(arcs(speeds), curvature, heading, left))


def standing(
    kind: str, ahead: float, left: float, frames: int, facing: float = 0.0, heading: float = 0.0
) -> Description:
    """Someone who stands beside a straight road, `facing` rad against it."""
    size = (4.6, 1.9, 1.6) if kind == "VEHICLE" else (0.7, 0.7, 1.8)
    positions, headings = on_path(np.full(frames, ahead), heading=heading, left=left)
    return track(kind, positions, headings + facing, size)


def described(
    ego: Description,
    others: Mapping[str, Description] | None = None,
    curvature: float = 0.0,
    heading: float = 0.0,
    solid: Sequence[float] = (-8.0, 8.0),
    name: str = "synthetic",
) -> Description:
    """A record of "ego" and others on a road from 60 m behind WORLD to 260 m ahead, edges `solid` metres left of it."""
    frames = len(ego["state"]["valid"])
    tracks = {"ego": ego, **(others or {})}
    for track_id, described_track in tracks.items():
        described_track["metadata"]["object_id"] = track_id
    road = np.arange(-60.0, 260.0, 1.0)
    features: dict[str, Any] = {
        "lane": {
            "type": "LANE_SURFACE_STREET",
            "polyline": _polyline(road, curvature, heading, 0.0),
            "width": np.full((len(road), 2), 1.8, np.float32),
            "entry_lanes": [],
            "exit_lanes": [],
            "left_neighbor": [],
            "right_neighbor": [],
            "left_boundaries": [],
            "right_boundaries": [],
            "speed_limit_mph": 30.0,
            "speed_limit_kmh": 48.0,
            "interpolating": True,
        },
        "broken": {"type": "ROAD_LINE_BROKEN_SINGLE_WHITE", "polyline": _polyline(road, curvature, heading, 1.8)},
        "crosswalk": {
            "type": "CROSSWALK",
            "polygon": _polyline(np.array([20.0, 24.0, 24.0, 20.0]), curvature, heading, 5.0),
        },
    }
    for left in solid:
        features[f"edge{left}"] = {
            "type": "ROAD_EDGE_BOUNDARY",
            "polyline": _polyline(road, curvature, heading, left),
        }
    return {
        "id": name,
        "version": "v1.2",
        "length": frames,
        "tracks": tracks,
        "dynamic_map_states": {"lane": _light(frames, curvature, heading)},
        "map_features": features,
        "metadata": {
            "id": name,
            "coordinate": "waymo",
            "ts": np.arange(frames, dtype=np.float32) / 10,
            "metadrive_processed": False,
            "sdc_id": "ego",
            "dataset": "waymo",
            "scenario_id": name,
            "source_file": "synthetic",
            "track_length": frames,
        },
    }


def straight(speeds: Floats = STRAIGHT, others: Mapping[str, Description] | None = None, **road: Any) -> Description:
    """A straight road with an ego at these speeds."""
    return described(driver(speeds, heading=road.get("heading", 0.0)), others, **road)


def settings_with(**groups: Any) -> ConvertSettings:
    """The default settings but for the groups given, as dicts."""
    return ConvertSettings.model_validate(groups)


@contextlib.contextmanager
def driving(settings: ConvertSettings | None = None, follow_record: bool = False) -> Iterator[Drive]:
    """A drive in MetaDrive that is closed at the end."""
    import gold_data.replay.preload  # noqa: F401  (what it freezes makes closing an engine seven times faster)
    from gold_data.replay.metadrive import MetaDrive

    settings = settings or ConvertSettings()
    drive = Drive(MetaDrive(settings.simulator, follow_record), settings)
    try:
        yield drive
    finally:
        drive.close()


def environment_of_a_child() -> dict[str, str]:
    """The environment for another interpreter that is to import the modules of these tests."""
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def _polyline(arc: Floats, curvature: float, heading: float, left: float) -> NDArray[np.float32]:
    positions, _ = on_path(arc, curvature, heading, left)
    return np.column_stack([positions, np.full(len(arc), 12.5)]).astype(np.float32)


def _light(frames: int, curvature: float, heading: float) -> Description:
    stop_point = _polyline(np.array([30.0]), curvature, heading, 0.0)[0]
    return {
        "type": "TRAFFIC_LIGHT",
        "lane": "lane",
        "stop_point": stop_point,
        "state": {"object_state": ["LANE_STATE_STOP"] * (frames // 2) + ["LANE_STATE_GO"] * (frames - frames // 2)},
        "metadata": {"track_length": frames, "type": "TRAFFIC_LIGHT", "object_id": "lane", "dataset": "waymo"},
    }
