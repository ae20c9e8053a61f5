"""Where the record of an episode is: a dataset holds neither the map nor the other road users."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import google_crc32c

from gold_data.errors import GoldDataError, RecordError, SourceError
from gold_data.scenarionet import Description, DescriptionError, describe, file_name, load
from gold_data.shards import Dataset, Episode
from gold_data.sources import Source, find_sources
from gold_data.trajectories.acceptance import longest_run
from gold_data.womd import MalformedRecord, decode, read_record


@dataclass(frozen=True)
class FoundRecord:
    """The record of an episode, and the frame of it at which the episode begins."""

    description: Description
    first: int


@dataclass(frozen=True)
class NoRecord:
    """Why there is none, in one sentence."""

    reason: str


def find_record(dataset: Dataset, episode: Episode, sources: Sequence[str]) -> FoundRecord | NoRecord:
    """Find the record that an episode was driven from.

    It is looked for in `sources` (files, folders, patterns, URLs) where any are given, else in the dataset's
    ScenarioNet database, else where its run.json says that the sources were. A file is the right one if its name and
    the CRC-32C of the record at the episode's offset are. Raises SourceError where `sources` do not hold it.
    """
    if sources:
        return _begun(_in_sources(sources, episode), episode)
    database = _in_database(dataset, episode)
    if database is not None:
        return _begun(database, episode)
    named = _named_sources(dataset.root / "run.json")
    if not named:
        return NoRecord(
            f"{dataset.root}: neither scenarios/ nor run.json leads to the record of {episode.id}; "
            "give --source the folder that was converted"
        )
    try:
        return _begun(_in_sources(named, episode), episode)
    except GoldDataError as error:
        return NoRecord(str(error))


def _begun(description: Description, episode: Episode) -> FoundRecord:
    """What is driven of a record is the longest valid run of the ego; an episode may begin within."""
    run = longest_run(description["tracks"][episode["ego_id"]]["state"]["valid"])
    return FoundRecord(description, run.start + int(episode["start"]))


def _in_database(dataset: Dataset, episode: Episode) -> Description | None:
    try:
        name = file_name(episode["scenario_id"])
    except DescriptionError:
        return None
    found = (unit / name for unit in sorted((dataset.root / "scenarios").glob("*/")) if (unit / name).is_file())
    descriptions = (load(path) for path in found)
    return next((one for one in descriptions if episode["ego_id"] in one["tracks"]), None)


def _named_sources(run: Path) -> list[str]:
    try:
        return [str(source) for source in json.loads(run.read_bytes())["sources"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _in_sources(paths: Sequence[str], episode: Episode) -> Description:
    name, offset = str(episode["source"]), int(episode["offset"])
    found = find_sources(paths)
    # A file is known by its name alone: the folder above it is another where less or more of the path was given.
    for source in (one for one in found if PurePosixPath(one.name).name == PurePosixPath(name).name):
        description = _described(source, offset, int(episode["crc"]))
        if description is not None:
            return description
    raise SourceError(
        f"{', '.join(paths)}: holds no file {name} with the record of {episode.id} at byte {offset}; "
        "give --source the folder that was converted"
    )


def _described(source: Source, offset: int, crc: int) -> Description | None:
    """The record at an offset, or None where it is another one."""
    try:
        with source.open() as file:
            data = read_record(file, offset, source.name)
        return describe(decode(data), source.name) if google_crc32c.value(data) == crc else None
    except (RecordError, MalformedRecord, DescriptionError):
        return None
