"""A description that ScenarioNet or MetaDrive stored, of whatever generation -> today's form, checked.

    made         version field        what it lacks, against today's form
    from 9/2023  v1.2                 nothing
    from 4/2023  MetaDrive v0.3.0.1   LANE_UNKNOWN: it says UNKNOWN and gives no width (some of v1.2 do so, too);
                                      the id in the metadata
    3/2023       MetaDrive v0.3.0.1   and driveways, tracks_to_predict, objects_of_interest, current_time_index, speed
                                      limits in km/h; sizes are one array, crossings are CROSS_WALK, signals damaged
    before       MetaDrive v0.3.0.1   and all metadata: `ts` stands beside the tracks, and so does `sdc_track_index`,
                                      which is the id of the SDC's track

Summaries are made anew, those in the file are not looked at.
"""

from __future__ import annotations

from typing import Any

from gold_data.scenarionet.description import DATASET, VERSION, Description, DescriptionError, file_name
from gold_data.scenarionet.expected import agree, entry, list_of, mapping, numbers, of_type
from gold_data.scenarionet.stored_map import restore_map
from gold_data.scenarionet.stored_signals import restore_signals
from gold_data.scenarionet.stored_tracks import restore_tracks
from gold_data.scenarionet.summary import summarise_numbers, summarise_objects

PARTS = ("id", "length", "tracks", "dynamic_map_states", "map_features")


def restore(stored: Any, source: str) -> Description:
    """Make the description that `describe` makes of a record, out of what a pickle holds.

    `source` is written down as the source file where the pickle names none. What a form never had is as in a record
    that does not have it: no objects of interest, none to predict, current_time_index 0. Raises DescriptionError where
    the pickle holds no description, lacks a part that its form has, contradicts itself, or a part is not what it should
    be; nothing else is mended.
    """
    if not isinstance(stored, dict) or not {"tracks", "map_features", "length"} <= stored.keys():
        raise DescriptionError("it holds no ScenarioNet description; leave it out")
    metadata = _metadata_of(stored)
    dataset = entry(metadata, "dataset", str, "the metadata")
    try:
        return _restored(stored, metadata, dataset, source)
    except DescriptionError as error:
        if dataset == DATASET:
            raise
        raise DescriptionError(
            f"made from {dataset!r}, it has another form than what is made from WOMD (leave it out): {error}"
        ) from None


def _metadata_of(stored: dict[str, Any]) -> dict[str, Any]:
    if "metadata" in stored:
        return of_type(stored["metadata"], dict, "the metadata")
    if not {"ts", "sdc_track_index"} <= stored.keys():
        raise DescriptionError(
            "it has no metadata, and neither `ts` nor `sdc_track_index` beside its tracks, so that nobody knows whose "
            "drive it is; make the database anew from WOMD"
        )
    return {
        "coordinate": "waymo",
        "ts": stored["ts"],
        "metadrive_processed": stored.get("metadrive_processed", False),
        "sdc_id": str(stored["sdc_track_index"]),
        "dataset": DATASET,
    }


def _restored(stored: dict[str, Any], metadata: dict[str, Any], dataset: str, source: str) -> Description:
    for part in PARTS:
        entry(stored, part, str if part == "id" else int if part == "length" else dict, "the description")
    scenario_id, length = stored["id"], stored["length"]
    _check(scenario_id, length, metadata)
    tracks = restore_tracks(stored["tracks"], length, dataset)
    signals = restore_signals(stored["dynamic_map_states"], length, dataset)
    features = restore_map(stored["map_features"])
    objects = summarise_objects(tracks)
    return {
        "id": scenario_id,
        "version": VERSION,
        "length": length,
        "tracks": tracks,
        "dynamic_map_states": signals,
        "map_features": features,
        "metadata": {
            "id": scenario_id,
            "coordinate": entry(metadata, "coordinate", str, "the metadata"),
            "ts": numbers(metadata, "ts", (length,), "the metadata"),
            "metadrive_processed": False,
            "sdc_id": _sdc(metadata, tracks),
            "dataset": dataset,
            "scenario_id": scenario_id,
            "source_file": _source_file(metadata, source),
            "track_length": length,
            "current_time_index": of_type(metadata.get("current_time_index", 0), int, "current_time_index"),
            "sdc_track_index": list(tracks).index(metadata["sdc_id"]),
            "objects_of_interest": list_of(metadata.get("objects_of_interest", []), str, "objects_of_interest"),
            "tracks_to_predict": _to_predict(metadata, tracks),
            "object_summary": objects,
            "number_summary": summarise_numbers(objects, signals, features),
        },
    }


def _check(scenario_id: str, length: int, metadata: dict[str, Any]) -> None:
    file_name(scenario_id)
    if length < 1:
        raise DescriptionError(f"it has {length} steps")
    agree(metadata, {"id": scenario_id, "scenario_id": scenario_id, "track_length": length}, "the description")
    if entry(metadata, "metadrive_processed", bool, "the metadata"):
        raise DescriptionError(
            "MetaDrive has changed it since it was made (metadrive_processed); use the file as it was made"
        )


def _sdc(metadata: dict[str, Any], tracks: dict[str, Any]) -> str:
    sdc_id = entry(metadata, "sdc_id", str, "the metadata")
    if sdc_id not in tracks:
        raise DescriptionError(f"its SDC, track {sdc_id}, is not among its {len(tracks)} tracks")
    agree(metadata, {"sdc_track_index": list(tracks).index(sdc_id)}, f"track {sdc_id}, the SDC,")
    return sdc_id


def _source_file(metadata: dict[str, Any], source: str) -> str:
    """The record's file as the pickle names it, without the folders of the machine that it was on."""
    named = of_type(metadata.get("source_file", source), str, "source_file")
    return named.rpartition("/")[2] if named.startswith("/") else named


def _to_predict(metadata: dict[str, Any], tracks: dict[str, Any]) -> dict[str, Any]:
    asked = mapping(metadata.get("tracks_to_predict", {}), "tracks_to_predict")
    order = list(tracks)
    for name, row in asked.items():
        index = entry(row, "track_index", int, f"track {name} of tracks_to_predict")
        if not 0 <= index < len(order) or order[index] != name:
            raise DescriptionError(f"track {name} of tracks_to_predict is not track number {index}")
    return {
        name: {
            "track_index": row["track_index"],
            "track_id": name,
            "difficulty": entry(row, "difficulty", int, f"track {name} of tracks_to_predict"),
            "object_type": tracks[name]["type"],
        }
        for name, row in asked.items()
    }
