"""The first look at a file's scenarios: who is in each of them and where its lanes are, without describing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet.tracks import OBJECT_TYPES
from gold_data.sources.source import Source
from gold_data.womd import Damage, MalformedRecord, Scenario, decode, scan
from gold_data.womd.messages import STATE, Lane


@dataclass(frozen=True)
class Outline:
    """What a plan reads of a scenario with N tracks and T timestamps.

    `ids` and `kinds` (ScenarioNet's type names, "VEHICLE", ...) have one entry a track; `sdc` is the row of the
    record's own car, None where the record names none. `states` is (N, T) of dtype STATE: metres, radians, metres a
    second in the record's world frame; a track of fewer states is padded with such that are not valid, a longer one
    cut. `lanes` are lane ids and (M, 3) points in metres.
    """

    scenario_id: str
    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    sdc: int | None
    states: NDArray[np.void]
    lanes: tuple[tuple[str, NDArray[np.floating]], ...]


@dataclass(frozen=True)
class Outlined:
    """A record: byte `offset`, `length` of its data in bytes, CRC-32C of its data, and its outline."""

    offset: int
    length: int
    crc: int
    outline: Outline


def outlines(source: Source) -> Iterator[Outlined | Damage]:
    """Outline every record of a file, in order; what is damaged comes as womd.Damage.

    Raises SourceError where the file cannot be read.
    """
    with source.contents() as file:
        for frame in scan(file):
            if isinstance(frame, Damage):
                yield frame
                continue
            try:
                scenario = decode(frame.data(file))
            except MalformedRecord as error:
                yield Damage(frame.offset, frame.length, str(error))
                continue
            yield Outlined(frame.offset, frame.length, frame.crc, _outline(scenario))


def _outline(scenario: Scenario) -> Outline:
    tracks, length = scenario.tracks, len(scenario.timestamps_seconds)
    states = np.zeros((len(tracks), length), STATE)
    for row, track in zip(states, tracks, strict=True):
        kept = track.states[:length]
        row[: len(kept)] = kept
    return Outline(
        scenario_id=scenario.scenario_id,
        ids=tuple([str(track.id) for track in tracks]),
        kinds=tuple([OBJECT_TYPES[track.object_type] for track in tracks]),
        sdc=scenario.sdc_track_index if 0 <= scenario.sdc_track_index < len(tracks) else None,
        states=states,
        lanes=tuple([(str(lane.id), lane.polyline) for lane in scenario.map_features if isinstance(lane, Lane)]),
    )
