"""The records of a TFRecord file: outlined all in one pass, described one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import google_crc32c
import numpy as np

from gold_data.errors import RecordError
from gold_data.scenarionet import Description, describe
from gold_data.scenarionet.tracks import OBJECT_TYPES
from gold_data.sources.outline import Outline, Outlined
from gold_data.sources.source import CHANGED, Source
from gold_data.womd import Damage, MalformedRecord, Scenario, decode, read_record, scan
from gold_data.womd.messages import STATE, Lane


def outline_records(source: Source) -> Iterator[Outlined | Damage]:
    """Outline every record of a file, in order; raises SourceError where it cannot be read."""
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


def describe_record(source: Source, offset: int, crc: int) -> Description:
    """Describe the record at byte `offset`; raises as `read_description` does."""
    with source.open() as file:
        data = read_record(file, offset, source.name)
    if google_crc32c.value(data) != crc:
        raise RecordError(source.name, offset, CHANGED)
    return describe(decode(data), source.name)


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
