"""Made-up scenarios as WOMD records: bytes, and TFRecord files of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import OutputError, SettingsError
from gold_data.synth.scenes import make_scenario
from gold_data.womd.messages import Crosswalk, Driveway, Lane, MapFeature, RoadEdge, RoadLine, Scenario, SpeedBump
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.tfrecord import write_records

SCENARIOS_PER_FILE = 20


def synthesize(out: Path, scenarios: int, seed: int) -> tuple[Path, ...]:
    """Write scenarios 0 to `scenarios` - 1 of a seed to TFRecords named as WOMD's, 20 a file; returns their paths.

    Raises OutputError when `out` cannot be made or already holds something, SettingsError on a number out of range.
    """
    if scenarios < 1 or seed < 0:
        raise SettingsError(f"{scenarios} scenarios of seed {seed}: ask for 1 or more, and for a seed of 0 or more")
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise OutputError(f"{out} already holds files: name a folder that is new or empty")
    except OSError as error:
        raise OutputError(f"{out} cannot be made ({error.strerror}): name a folder that can be written") from error
    files = ceil(scenarios / SCENARIOS_PER_FILE)
    paths = tuple(out / f"synthetic.tfrecord-{number:05d}-of-{files:05d}" for number in range(files))
    for number, path in enumerate(paths):
        first = number * SCENARIOS_PER_FILE
        write_records(path, _records(seed, range(first, min(first + SCENARIOS_PER_FILE, scenarios))))
    return paths


def scenario_record(seed: int, index: int) -> bytes:
    """Scenario `index` of a seed as a serialized Scenario message (schemas/scenario.proto), the same at every call."""
    return encode(make_scenario(seed, index))


def encode(scenario: Scenario) -> bytes:
    """A scenario as a serialized Scenario message, fields in the order of their numbers."""
    message = ScenarioMessage(
        scenario_id=scenario.scenario_id,
        timestamps_seconds=scenario.timestamps_seconds,
        current_time_index=scenario.current_time_index,
        sdc_track_index=scenario.sdc_track_index,
        objects_of_interest=scenario.objects_of_interest,
    )
    for track in scenario.tracks:
        written = message.tracks.add(id=track.id, object_type=track.object_type)
        for state in track.states.tolist():
            _add_state(written.states, track.states.dtype.names or (), state)
    for signals in scenario.dynamic_map_states:
        step = message.dynamic_map_states.add()
        for lane, state, point in signals.tolist():
            x, y, z = point
            step.lane_states.add(lane=lane, state=state, stop_point={"x": x, "y": y, "z": z})
    for feature in scenario.map_features:
        _write_feature(message.map_features.add(id=feature.id), feature)
    for required in scenario.tracks_to_predict:
        message.tracks_to_predict.add(track_index=required.track_index, difficulty=required.difficulty)
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def _records(seed: int, indices: range) -> Iterator[bytes]:
    for index in indices:
        yield scenario_record(seed, index)


def _add_state(states: Any, names: tuple[str, ...], state: tuple[float, ...]) -> None:
    if state[-1]:
        states.add(**dict(zip(names, state, strict=True)))
    else:  # WOMD's records hold these two fields of an invalid state, and no others
        states.add(center_z=0.0, valid=False)


def _write_feature(written: Any, feature: MapFeature) -> None:
    match feature:
        case Lane():
            _write_lane(written.lane, feature)
        case RoadLine():
            written.road_line.type = feature.type
            _add_points(written.road_line.polyline, feature.polyline)
        case RoadEdge():
            written.road_edge.type = feature.type
            _add_points(written.road_edge.polyline, feature.polyline)
        case Crosswalk():
            _add_points(written.crosswalk.polygon, feature.polygon)
        case SpeedBump():
            _add_points(written.speed_bump.polygon, feature.polygon)
        case Driveway():
            _add_points(written.driveway.polygon, feature.polygon)
        case _:
            raise ValueError(f"map feature {feature.id}: {type(feature).__name__} is not written")


def _write_lane(written: Any, lane: Lane) -> None:
    written.speed_limit_mph, written.type, written.interpolating = lane.speed_limit_mph, lane.type, lane.interpolating
    _add_points(written.polyline, lane.polyline)
    written.entry_lanes.extend(lane.entry_lanes)
    written.exit_lanes.extend(lane.exit_lanes)
    for boundaries, segments in (
        (written.left_boundaries, lane.left_boundaries),
        (written.right_boundaries, lane.right_boundaries),
    ):
        for segment in segments:
            boundaries.add(**vars(segment))
    for neighbors, beside in (
        (written.left_neighbors, lane.left_neighbors),
        (written.right_neighbors, lane.right_neighbors),
    ):
        for neighbor in beside:
            values = vars(neighbor) | {"boundaries": [vars(segment) for segment in neighbor.boundaries]}
            neighbors.add(**values)


def _add_points(written: Any, points: NDArray[np.float64]) -> None:
    for x, y, z in points.tolist():
        written.add(x=x, y=y, z=z)
