"""Made-up scenarios as WOMD records: bytes, and TFRecord files of them."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

from gold_data.errors import OutputError, SettingsError
from gold_data.synth.drives import NINE_SECONDS, make_scenario
from gold_data.synth.wire import repeated_points, repeated_states
from gold_data.womd.messages import (
    BoundarySegment,
    Crosswalk,
    Driveway,
    Lane,
    MapFeature,
    RoadEdge,
    RoadLine,
    Scenario,
    SpeedBump,
    StopSign,
)
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.tfrecord import write_records

SCENARIOS_PER_FILE = 20

FEWEST_STEPS = 2
"""Steps from which on there is a velocity."""

FEWEST_WINDOWS = 2
"""Windows of one drive that can overlap."""


def synthesize(
    out: Path, scenarios: int, seed: int, *, steps: int = NINE_SECONDS, same_drive: int | None = None
) -> tuple[Path, ...]:
    """Write scenarios 0 to `scenarios` - 1 of a seed to TFRecords named as WOMD's, 20 a file; returns their paths.

    Each has so many steps of 0.1 s (91 in WOMD's training split, 198 in training_20s). With `same_drive`, every so
    many scenarios are windows of one drive that overlap. Raises OutputError when `out` cannot be made or already holds
    something, SettingsError on a number out of range.
    """
    _check(scenarios, seed, steps, same_drive)
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
        indices = range(first, min(first + SCENARIOS_PER_FILE, scenarios))
        write_records(path, (scenario_record(seed, index, steps, same_drive) for index in indices))
    return paths


def scenario_record(seed: int, index: int, steps: int = NINE_SECONDS, same_drive: int | None = None) -> bytes:
    """Scenario `index` of a seed as a serialized Scenario message (schemas/scenario.proto), the same at every call."""
    return encode(make_scenario(seed, index, steps, same_drive))


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
        written.MergeFromString(repeated_states(track.states))
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


def _check(scenarios: int, seed: int, steps: int, same_drive: int | None) -> None:
    if scenarios < 1 or seed < 0:
        raise SettingsError(f"{scenarios} scenarios of seed {seed}: ask for 1 or more, and for a seed of 0 or more")
    if steps < FEWEST_STEPS:
        raise SettingsError(f"steps={steps}: a scenario has {FEWEST_STEPS} or more, 91 in WOMD's training split")
    if same_drive is not None and same_drive < FEWEST_WINDOWS:
        raise SettingsError(
            f"{same_drive} window{'s' * (same_drive != 1)} of one drive: ask for {FEWEST_WINDOWS} or more, "
            "since one alone overlaps with nothing"
        )


def _write_feature(written: Any, feature: MapFeature) -> None:
    match feature:
        case Lane():
            _write_lane(written.lane, feature)
        case RoadLine():
            written.road_line.type = feature.type
            written.road_line.MergeFromString(repeated_points(2, feature.polyline))
        case RoadEdge():
            written.road_edge.type = feature.type
            written.road_edge.MergeFromString(repeated_points(2, feature.polyline))
        case StopSign():
            written.stop_sign.lane.extend(feature.lane)
            x, y, z = feature.position.tolist()
            written.stop_sign.position.x, written.stop_sign.position.y, written.stop_sign.position.z = x, y, z
        case Crosswalk():
            written.crosswalk.MergeFromString(repeated_points(1, feature.polygon))
        case SpeedBump():
            written.speed_bump.MergeFromString(repeated_points(1, feature.polygon))
        case Driveway():
            written.driveway.MergeFromString(repeated_points(1, feature.polygon))
        case _:
            raise ValueError(f"map feature {feature.id}: {type(feature).__name__} is not written")


def _write_lane(written: Any, lane: Lane) -> None:
    written.speed_limit_mph, written.type, written.interpolating = lane.speed_limit_mph, lane.type, lane.interpolating
    written.MergeFromString(repeated_points(8, lane.polyline))
    written.entry_lanes.extend(lane.entry_lanes)
    written.exit_lanes.extend(lane.exit_lanes)
    for boundaries, segments in (
        (written.left_boundaries, lane.left_boundaries),
        (written.right_boundaries, lane.right_boundaries),
    ):
        for segment in segments:
            _fill_boundary(boundaries.add(), segment)
    for neighbors, beside in (
        (written.left_neighbors, lane.left_neighbors),
        (written.right_neighbors, lane.right_neighbors),
    ):
        for neighbor in beside:
            added = neighbors.add(
                feature_id=neighbor.feature_id,
                self_start_index=neighbor.self_start_index,
                self_end_index=neighbor.self_end_index,
                neighbor_start_index=neighbor.neighbor_start_index,
                neighbor_end_index=neighbor.neighbor_end_index,
            )
            for segment in neighbor.boundaries:
                _fill_boundary(added.boundaries.add(), segment)


def _fill_boundary(written: Any, segment: BoundarySegment) -> None:
    written.lane_start_index, written.lane_end_index = segment.lane_start_index, segment.lane_end_index
    written.boundary_feature_id, written.boundary_type = segment.boundary_feature_id, segment.boundary_type
