"""Which episodes a report shows: some with another ego than the record's own car, some that were disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gold_data.shards import Dataset
from gold_data.views.record import NoRecord, Records
from gold_data.views.small_files import read_object

SHOWN = 3
_NAMES = ("scenario_id", "ego_id", "start", "start_offset", "noise")


@dataclass(frozen=True)
class Named:
    """An episode by its place in the dataset's order."""

    number: int
    scenario: str
    ego: str
    disturbed: bool


def named_episodes(dataset: Dataset) -> tuple[Named, ...]:
    """All episodes by scenario, ego and number; only the shards' small columns are read.

    Raises DatasetError where a shard cannot be read, or is none of driving.
    """
    return tuple(sorted(_named(dataset), key=lambda one: (one.scenario, one.ego, one.number)))


def _named(dataset: Dataset) -> Iterator[Named]:
    number = 0
    for shard in dataset.shards():
        columns = dataset.read(shard, _NAMES)
        disturbed = (columns["start"] > 0) | (columns["noise"] > 0) | np.any(columns["start_offset"] != 0, axis=1)
        for scenario, ego, off in zip(columns["scenario_id"], columns["ego_id"], disturbed, strict=True):
            yield Named(number, str(scenario), str(ego), bool(off))
            number += 1


def disturbed_episodes(episodes: tuple[Named, ...]) -> tuple[int, ...]:
    """Numbers of the first that were disturbed, each of another scenario where there are so many."""
    disturbed = [one for one in episodes if one.disturbed]
    first_of_each = list({one.scenario: one for one in reversed(disturbed)}.values())[::-1]
    rest = [one for one in disturbed if one not in first_of_each]
    return tuple(one.number for one in (first_of_each + rest)[:SHOWN])


def other_egos(dataset: Dataset, episodes: tuple[Named, ...], records: Records) -> tuple[int, ...] | NoRecord:
    """Numbers of the first undisturbed episodes, each of another scenario, whose ego is not the record's own car.

    The records say which car that is: without them there are none.
    """
    if read_object(dataset.root / "settings.json").get("ego", "sdc") == "sdc":
        return ()
    chosen: dict[str, int] = {}
    own_car: dict[str, str | None] = {}
    for one in episodes:
        if one.disturbed or one.scenario in chosen:
            continue
        if one.scenario not in own_car:
            record = records.of_episode(dataset.episode(one.number))
            if isinstance(record, NoRecord):
                return record
            own_car[one.scenario] = record.description["metadata"].get("sdc_id")
        if one.ego != own_car[one.scenario]:
            chosen[one.scenario] = one.number
        if len(chosen) == SHOWN:
            break
    return tuple(chosen.values())
