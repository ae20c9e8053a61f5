"""Where the records of a dataset are: it holds neither the map nor the other road users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import DatasetError, GoldDataError, RecordError, SourceError
from gold_data.scenarionet import Description, DescriptionError, file_name, load
from gold_data.shards import Dataset, Episode
from gold_data.sources import Source, find_sources, read_description
from gold_data.trajectories.acceptance import longest_run
from gold_data.views.rejected_egos import RejectedEgo
from gold_data.views.small_files import read_object
from gold_data.womd import MalformedRecord


@dataclass(frozen=True)
class FoundRecord:
    """A record, and the frame of it at which an episode begins."""

    description: Description
    first: int


@dataclass(frozen=True)
class NoRecord:
    """Why there is none, in one sentence."""

    reason: str


class Records:
    """The records of a dataset, looked for where the user says, or where the dataset does.

    That is in `sources` (files, folders, patterns, URLs) where any are given, else in the dataset's ScenarioNet
    database, else where its run.json says that the sources were. A file is the right one if its name and the CRC-32C
    of the record at its offset are. Where `sources` are given, every look raises SourceError if they do not hold the
    record.
    """

    def __init__(self, dataset: Dataset, sources: Sequence[str] = ()) -> None:
        self._dataset, self._given = dataset, tuple(sources)
        # Egos and demonstrations of one record follow each other.
        self._last: tuple[tuple[str, int, int], Description] | None = None

    def check_given(self) -> None:
        """Raise SourceError where sources are given that lead to no records at all."""
        if self._given:
            _ = self._sources

    def of_episode(self, episode: Episode) -> FoundRecord | NoRecord:
        """Find the record that an episode was driven from: the one whose CRC-32C is the episode's."""
        place = str(episode["source"]), int(episode["offset"]), int(episode["crc"])
        found = self._find(episode.id, str(episode["scenario_id"]), str(episode["ego_id"]), *place)
        if isinstance(found, NoRecord):
            return found
        return FoundRecord(found, driven_frames(found, episode["ego_id"]).start + int(episode["start"]))

    def of_rejected(self, ego: RejectedEgo) -> Description | NoRecord:
        """Find the record of an ego that was not kept, in the same way."""
        return self._find(ego.id, ego.scenario, ego.ego, ego.source, ego.offset, ego.crc)

    def _find(self, asked: str, scenario: str, ego: str, source: str, offset: int, crc: int) -> Description | NoRecord:
        if not self._given:
            database = _in_database(self._dataset, scenario, ego)
            if database is not None:
                return database
            if not self._named:
                return NoRecord(
                    f"{self._dataset.root}: neither scenarios/ nor run.json leads to the record of {asked}; "
                    "give --source the folder that was converted"
                )
        place = source, offset, crc
        if self._last and self._last[0] == place:
            return self._last[1]
        try:
            found = _in_sources(self._sources, *place)
            if found is None:
                raise SourceError(
                    f"{', '.join(self._given or self._named)}: holds no file {source} with the record of {asked} "
                    f"at byte {offset}; give --source the folder that was converted"
                )
        except GoldDataError as error:
            if self._given:
                raise
            return NoRecord(str(error))
        self._last = place, found
        return found

    @cached_property
    def _sources(self) -> tuple[Source, ...]:
        return find_sources(self._given or self._named)

    @cached_property
    def _named(self) -> tuple[str, ...]:
        try:
            named = read_object(self._dataset.root / "run.json").get("sources")
        except DatasetError:
            return ()
        return tuple(map(str, named)) if isinstance(named, list) else ()


def driven_frames(description: Description, ego_id: str) -> slice:
    """What is driven of a record: the ego's longest valid run, in which all that it is driven by is a number."""
    return longest_run(_usable(description["tracks"][ego_id]["state"]))


def _usable(state: Description) -> NDArray[np.bool_]:
    numbers = (state["position"][:, :3], state["velocity"], state["heading"][:, None])
    finite = [np.isfinite(values).all(axis=1) for values in numbers]
    usable: NDArray[np.bool_] = np.logical_and.reduce([np.asarray(state["valid"], bool), *finite])
    return usable


def _in_database(dataset: Dataset, scenario: str, ego: str) -> Description | None:
    try:
        name = file_name(scenario)
    except DescriptionError:
        return None
    found = (unit / name for unit in sorted((dataset.root / "scenarios").glob("*/")) if (unit / name).is_file())
    descriptions = (load(path) for path in found)
    return next((one for one in descriptions if not ego or ego in one["tracks"]), None)


def _in_sources(sources: Sequence[Source], name: str, offset: int, crc: int) -> Description | None:
    # A file is known by its name alone: the folder above it is another where less or more of the path was given.
    for source in (one for one in sources if PurePosixPath(one.name).name == PurePosixPath(name).name):
        try:
            return read_description(source, offset, crc)
        except (RecordError, MalformedRecord, DescriptionError):
            continue  # a file of the same name from elsewhere, or one that was changed
    return None
