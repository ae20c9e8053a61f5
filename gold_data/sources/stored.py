"""A file that is one pickle of ScenarioNet: outlined and described, without running anything that it names."""

from __future__ import annotations

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from gold_data.errors import RecordError
from gold_data.scenarionet import Description, DescriptionError
from gold_data.scenarionet.map import LANE_TYPES
from gold_data.scenarionet.pickles import RefusedPickle, unpickle
from gold_data.scenarionet.stored import restore
from gold_data.sources.outline import Outline, Outlined
from gold_data.sources.source import CHANGED, Source
from gold_data.sources.wrong_kind import other_format
from gold_data.womd import Damage
from gold_data.womd.limits import MAX_RECORD_SIZE
from gold_data.womd.messages import STATE


def outline_stored(source: Source) -> Outlined | Damage:
    """Outline the one scenario of a pickle; all of it is checked. Raises SourceError where it cannot be read."""
    if source.fault:
        return Damage(0, source.size, source.fault)
    try:
        data = _data(source)
        description = _description(data, source)
    except DescriptionError as error:
        return Damage(0, source.size, str(error))
    return Outlined(0, len(data), google_crc32c.value(data), _outline(description))


def describe_stored(source: Source, crc: int) -> Description:
    """Describe the one scenario of a pickle; raises as `read_description` does."""
    data = _data(source)
    if google_crc32c.value(data) != crc:
        raise RecordError(source.name, 0, CHANGED)
    return _description(data, source)


def check_stored(source: Source) -> None:
    """Raise DescriptionError where a file is no pickle of a description, or would run something."""
    _unpickled(_data(source), source)


def _data(source: Source) -> bytes:
    if source.size > MAX_RECORD_SIZE:
        raise DescriptionError(f"it has {source.size} bytes, more than the {MAX_RECORD_SIZE} that are read")
    with source.open() as file:
        return file.read()


def _unpickled(data: bytes, source: Source) -> dict[object, object]:
    try:
        stored = unpickle(data)
    except RefusedPickle as error:
        kind = other_format(data[: 2**16], source.name)
        reason = f"it is {kind}" if kind else f"it cannot be read: {error}; copy it again, or leave it out"
        raise DescriptionError(reason) from error
    if not isinstance(stored, dict) or not {"tracks", "map_features", "length"} <= stored.keys():
        raise DescriptionError("it is a pickle that holds no ScenarioNet description; leave it out")
    return stored


def _description(data: bytes, source: Source) -> Description:
    description = restore(_unpickled(data, source), source.name)
    for claim in source.claims:
        for what, own, said in (
            ("id", description["id"], claim.scenario_id),
            ("length", description["length"], claim.length),
        ):
            if said is not None and said != own:
                raise DescriptionError(
                    f"{claim.summary} gives it the {what} {said}, the file itself {own}; make the database anew"
                )
    return description


def _outline(description: Description) -> Outline:
    tracks, features = description["tracks"], description["map_features"]
    lanes = {name: lane["polyline"] for name, lane in features.items() if lane["type"] in LANE_TYPES}
    return Outline(
        scenario_id=description["id"],
        ids=tuple(tracks),
        kinds=tuple([track["type"] for track in tracks.values()]),
        sdc=description["metadata"]["sdc_track_index"],
        states=_states([track["state"] for track in tracks.values()], description["length"]),
        lane_ids=tuple(lanes),
        lane_points=np.concatenate([np.zeros((0, 3), np.float32), *lanes.values()]),
        lane_start=np.concatenate([[0], np.cumsum([len(points) for points in lanes.values()], dtype=np.int64)]),
    )


def _states(tracks: list[dict[str, NDArray[np.float32]]], length: int) -> NDArray[np.void]:
    """(N, T) of dtype STATE."""
    states = np.zeros((len(tracks), length), STATE)
    for row, state in zip(states, tracks, strict=True):
        for column, name in enumerate(("center_x", "center_y", "center_z")):
            row[name] = state["position"][:, column]
        for column, name in enumerate(("velocity_x", "velocity_y")):
            row[name] = state["velocity"][:, column]
        for name in ("length", "width", "height", "heading", "valid"):
            row[name] = state[name]
    return states
