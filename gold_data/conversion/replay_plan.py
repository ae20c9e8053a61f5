"""Which replays a check looks at: every record of its sources, or those that a dataset's episodes were driven from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gold_data.conversion.rows import Damaged
from gold_data.errors import DatasetError
from gold_data.shards import Dataset
from gold_data.sources import Source, find_sources, outlines
from gold_data.womd import Damage

_LINEAGE = ("scenario_id", "ego_id", "source", "offset", "crc")


@dataclass(frozen=True)
class Place:
    """Where a scenario is: a file, the byte in it, and the CRC-32C of the record there."""

    scenario_id: str
    source: Source
    offset: int
    crc: int


@dataclass(frozen=True)
class Contents:
    """What one file holds."""

    places: tuple[Place, ...]
    damaged: tuple[Damaged, ...]


@dataclass(frozen=True)
class Asked:
    """A replay to be checked: of the record's own car over the whole record, or of an episode's ego over its frames."""

    place: Place
    ego_id: str | None = None


@dataclass(frozen=True)
class ReplayPlan:
    """What is to be replayed, and what cannot be: damaged stretches, and episodes without a record."""

    asked: tuple[Asked, ...]
    damaged: tuple[Damaged, ...] = ()
    missing: tuple[Damaged, ...] = ()


Index = Callable[[Sequence[Source]], Iterable[Contents]]
"""Looks into many files, in their order."""


def contents_of(source: Source) -> Contents:
    """List what a file holds, checking every CRC; raises SourceError where it cannot be read."""
    places, damaged = [], []
    for found in outlines(source):
        if isinstance(found, Damage):
            damaged.append(Damaged(source=source.name, offset=found.offset, length=found.length, reason=found.reason))
        else:
            places.append(Place(found.outline.scenario_id, source, found.offset, found.crc))
    return Contents(tuple(places), tuple(damaged))


def plan_for_sources(paths: Sequence[str], index: Index) -> ReplayPlan:
    """Every record of the sources, with its own car as the ego; raises SourceError as `find_sources` does."""
    found = list(index(find_sources(paths)))
    return ReplayPlan(
        tuple(Asked(place) for contents in found for place in contents.places),
        tuple(damage for contents in found for damage in contents.damaged),
    )


def plan_for_dataset(dataset: Dataset, sources: Sequence[str], index: Index) -> ReplayPlan:
    """Each (scenario, ego) of a dataset's episodes once, in the episodes' order.

    The record is looked for in `sources` where any are given, else in the dataset's ScenarioNet database, else where
    its run.json says that the sources were. A file is the right one if its last name and the CRC-32C of the record at
    the episode's offset are; in the database the scenario's id decides. Raises DatasetError where nothing leads to
    records, SourceError where they cannot be read.
    """
    database = dataset.root / "scenarios"
    by_id = not sources and database.is_dir()
    paths = [str(database)] if by_id else list(sources) or _named_sources(dataset)
    places = [place for contents in index(find_sources(paths)) for place in contents.places]
    known = {(place.scenario_id,) if by_id else _key(place): place for place in reversed(places)}
    asked, missing = [], []
    for scenario_id, ego_id, source, offset, crc in _episodes(dataset):
        key = (scenario_id,) if by_id else (PurePosixPath(source).name, offset, crc)
        if key in known:
            asked.append(Asked(known[key], ego_id))
        else:
            reason = f"no record of episode {scenario_id}/{ego_id} in {', '.join(paths)}"
            missing.append(Damaged(source=source, offset=offset, length=0, reason=reason))
    return ReplayPlan(tuple(asked), missing=tuple(missing))


def _key(place: Place) -> tuple[str, int, int]:
    return PurePosixPath(place.source.name).name, place.offset, place.crc


def _episodes(dataset: Dataset) -> list[tuple[str, str, str, int, int]]:
    rows: dict[tuple[str, str, str, int, int], None] = {}
    for shard in dataset.shards():
        columns = dataset.read(shard, _LINEAGE)
        rows |= dict.fromkeys(zip(*(columns[name].tolist() for name in _LINEAGE), strict=True))
    return list(rows)


def _named_sources(dataset: Dataset) -> list[str]:
    run = dataset.root / "run.json"
    try:
        return [str(source) for source in json.loads(run.read_bytes())["sources"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise DatasetError(
            f"{dataset.root}: neither scenarios/ nor run.json leads to its records; give --source the folder that was "
            "converted"
        ) from None
