"""One WOMD record as a ScenarioNet description: the dict that ScenarioNet's own converter makes of it."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

import numpy as np

from gold_data.scenarionet.map import describe_map
from gold_data.scenarionet.signals import describe_signals
from gold_data.scenarionet.summary import summarise_numbers, summarise_objects
from gold_data.scenarionet.tracks import describe_tracks
from gold_data.womd.messages import EmptyFeature, Scenario

Description: TypeAlias = dict[str, Any]
"""ScenarioNet's description: id, version, length, tracks, dynamic_map_states, map_features, metadata."""

VERSION = "v1.2"
DATASET = "waymo"
LONGEST_ID = 200


class DescriptionError(ValueError):
    """A record that cannot be described; `str()` is a short reason, such as "sdc_track_index 12 of 10 tracks"."""


def describe(scenario: Scenario, source: str) -> Description:
    """Make the ScenarioNet description of a record.

    Metres, radians, metres a second in the record's world frame, float32, T = number of timestamps: a track's position
    is (T, 3), its velocity (T, 2), its length, width, height, heading and valid (T,); a polyline or polygon is (N, 3),
    a lane's width (N, 2). Tracks are padded with zeros (valid False) or cut to T; values of invalid steps and NaN stay
    as they are. `source` is the file that the record is from, as a relative name.

    It equals scenarionet/converter/waymo/utils.py (convert_waymo_scenario) followed by MetaDrive's
    ScenarioDescription.update_summaries, but for records at which these stop: a boundary that names no polyline, or
    indices outside its lane, adds no width; a track whose type is unset is an OTHER; a road line without points does
    not count for map_height_diff. The scenario id is taken whole (the converter cuts it at "|").

    Raises DescriptionError: no timestamps, an id that is not fit for a file name, a track or map feature id that occurs
    twice, an index in sdc_track_index or tracks_to_predict that is not a track's.
    """
    _check(scenario)
    length = len(scenario.timestamps_seconds)
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes infinite, as it does there
        tracks = describe_tracks(scenario.tracks, length)
        signals = describe_signals(scenario.dynamic_map_states, length)
        features = describe_map(scenario.map_features)
        objects = summarise_objects(tracks)
        return {
            "id": scenario.scenario_id,
            "version": VERSION,
            "length": length,
            "tracks": tracks,
            "dynamic_map_states": signals,
            "map_features": features,
            "metadata": {
                **_metadata(scenario, source, tracks),
                "object_summary": objects,
                "number_summary": summarise_numbers(objects, signals, features),
            },
        }


def file_name(scenario_id: str) -> str:
    """The name of a description's file in a database (ScenarioDescription.get_export_file_name).

    Raises DescriptionError where the id is empty, too long, or has characters that a file name should not have.
    """
    fit = 0 < len(scenario_id) <= LONGEST_ID and scenario_id.isascii() and scenario_id.isprintable()
    if not fit or "/" in scenario_id or "\\" in scenario_id:
        raise DescriptionError(f"scenario id {scenario_id[:LONGEST_ID]!r} is not fit for a file name")
    return f"sd_{DATASET}_{VERSION}_{scenario_id}.pkl"


def _metadata(scenario: Scenario, source: str, tracks: dict[str, Any]) -> dict[str, Any]:
    predicted = [(str(scenario.tracks[asked.track_index].id), asked) for asked in scenario.tracks_to_predict]
    return {
        "id": scenario.scenario_id,
        "coordinate": "waymo",
        "ts": scenario.timestamps_seconds.astype(np.float32),
        "metadrive_processed": False,
        "sdc_id": str(scenario.tracks[scenario.sdc_track_index].id),
        "dataset": DATASET,
        "scenario_id": scenario.scenario_id,
        "source_file": source,
        "track_length": len(scenario.timestamps_seconds),
        "current_time_index": scenario.current_time_index,
        "sdc_track_index": scenario.sdc_track_index,
        "objects_of_interest": [str(track_id) for track_id in scenario.objects_of_interest],
        "tracks_to_predict": {
            track_id: {
                "track_index": asked.track_index,
                "track_id": track_id,
                "difficulty": asked.difficulty,
                "object_type": tracks[track_id]["type"],
            }
            for track_id, asked in predicted
        },
    }


def _check(scenario: Scenario) -> None:
    file_name(scenario.scenario_id)
    if not len(scenario.timestamps_seconds):
        raise DescriptionError("no timestamps")
    _check_unique("tracks", [track.id for track in scenario.tracks])
    _check_unique("map features", [f.id for f in scenario.map_features if not isinstance(f, EmptyFeature)])
    count = len(scenario.tracks)
    if not 0 <= scenario.sdc_track_index < count:
        raise DescriptionError(f"sdc_track_index {scenario.sdc_track_index} of {count} tracks")
    for asked in scenario.tracks_to_predict:
        if not 0 <= asked.track_index < count:
            raise DescriptionError(f"track_index {asked.track_index} of {count} tracks in tracks_to_predict")


def _check_unique(kind: str, ids: list[int]) -> None:
    if len(set(ids)) < len(ids):
        (twice, _), *_ = Counter(ids).most_common(1)
        raise DescriptionError(f"two {kind} with id {twice}")
