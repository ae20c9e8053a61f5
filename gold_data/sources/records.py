"""The records of a TFRecord file: outlined all in one pass, described one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from gold_data.errors import RecordError
from gold_data.scenarionet import Description, describe
from gold_data.scenarionet.tracks import OBJECT_TYPES
from gold_data.sources.outline import Outline, Outlined
from gold_data.sources.source import CHANGED, Source
from gold_data.womd import Damage, MalformedRecord, decode, read_record, scan
from gold_data.womd.messages import STATE
from gold_data.womd.reading import read_tables
from gold_data.womd.tables import LANE_KIND, Tables, rows_of


def outline_records(source: Source) -> Iterator[Outlined | Damage]:
    """Outline every record of a file, in order; raises SourceError where it cannot be read."""
    with source.contents() as file:
        for frame in scan(file):
            if isinstance(frame, Damage):
                yield frame
                continue
            try:
                tables = read_tables(frame.data(file))
            except MalformedRecord as error:
                yield Damage(frame.offset, frame.length, str(error))
                continue
            yield Outlined(frame.offset, frame.length, frame.crc, _outline(tables))


def describe_record(source: Source, offset: int, crc: int) -> Description:
    """Describe the record at byte `offset`; raises as `read_description` does."""
    with source.open() as file:
        data = read_record(file, offset, source.name)
    if google_crc32c.value(data) != crc:
        raise RecordError(source.name, offset, CHANGED)
    return describe(decode(data), source.name)


def _outline(tables: Tables) -> Outline:
    lanes = tables.map_features[tables.map_features["kind"] == LANE_KIND]
    spans, points = tables.lanes["polyline"][lanes["row"]], tables.xyz
    length = len(tables.timestamps_seconds)
    sdc = int(tables.scenario["sdc_track_index"][0])
    return Outline(
        scenario_id=tables.scenario_id,
        ids=tuple(map(str, tables.tracks["id"].tolist())),
        kinds=tuple([OBJECT_TYPES[kind] for kind in tables.tracks["object_type"].tolist()]),
        sdc=sdc if 0 <= sdc < len(tables.tracks) else None,
        states=_states(tables, length),
        lane_ids=tuple(map(str, lanes["id"].tolist())),
        lane_points=np.concatenate([points[:0], *[points[first:behind] for first, behind in rows_of(spans)]]),
        lane_start=np.concatenate([[0], np.cumsum(spans["behind"] - spans["first"])]),
    )


def _states(tables: Tables, length: int) -> NDArray[np.void]:
    """(N, T) states of the tracks; where every track has one for each timestamp, they lie so already."""
    first, behind = tables.tracks["states"]["first"], tables.tracks["states"]["behind"]
    if np.all(behind - first == length):
        return tables.states.reshape(-1, length) if length else np.zeros((len(first), 0), STATE)
    states = np.zeros((len(first), length), STATE)
    for row, start, end in zip(states, first.tolist(), behind.tolist(), strict=True):
        kept = tables.states[start:end][:length]
        row[: len(kept)] = kept
    return states
