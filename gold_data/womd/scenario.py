"""Scenario message -> plain arrays, straight from the wire format.

Reading goes in two steps. The first walks through the messages down to those that are numbers alone (states, signals,
points, boundaries, neighbors) and notes where these stand; they are then decoded all at once, a kind at a time, and
the second step deals them out. Whatever bytes it is given, the result is that of
`decode_with_protobuf`, but for lists of more than a million entries, which it alone refuses.
"""

from __future__ import annotations

import numpy as np

from gold_data.womd.features import FeatureReader
from gold_data.womd.leaves import OBJECT_STATE, PREDICTION, SIGNAL_STATE
from gold_data.womd.limits import (
    MAX_ENTRIES,
    MAX_RECORD_SIZE,
    MAX_STEPS,
    MAX_TRACKS,
    MalformedRecord,
    check_count,
)
from gold_data.womd.messages import SIGNAL, RequiredPrediction, Scenario, Track
from gold_data.womd.uniform import Uniform
from gold_data.womd.varints import VarintMessages
from gold_data.womd.wire import FIXED64, LENGTH, VARINT, fields, int32, known, numbers, payloads, tag_of

_TIMESTAMPS = tag_of(1, FIXED64), tag_of(1, LENGTH)
_TRACKS = tag_of(2, LENGTH)
_OBJECTS_OF_INTEREST = tag_of(4, VARINT), tag_of(4, LENGTH)
_SCENARIO_ID = tag_of(5, LENGTH)
_SDC_TRACK_INDEX = tag_of(6, VARINT)
_DYNAMIC_MAP_STATES = tag_of(7, LENGTH)
_MAP_FEATURES = tag_of(8, LENGTH)
_CURRENT_TIME_INDEX = tag_of(10, VARINT)
_TRACKS_TO_PREDICT = tag_of(11, LENGTH)

_TRACK_ID, _OBJECT_TYPE, _STATES = tag_of(1, VARINT), tag_of(2, VARINT), tag_of(3, LENGTH)
_OBJECT_TYPES = 5
_LANE_STATES = tag_of(1, LENGTH)


def decode(data: bytes) -> Scenario:  # noqa: PLR0912 - one branch a field
    """The Scenario of a record's data (schemas/scenario.proto), in arrays of their own.

    Raises MalformedRecord where protobuf raises DecodeError, where the id is not UTF-8, and beyond the limits of
    gold_data.womd.limits.
    """
    check_count(len(data), MAX_RECORD_SIZE, "bytes")
    scenario_id = b""
    sdc_track_index = current_time_index = 0
    timestamps: list[bytes] = []
    objects_of_interest: list[int] = []
    tracks: list[tuple[int, int, int]] = []
    steps: list[int] = []
    features = FeatureReader(data)
    states = Uniform(OBJECT_STATE, data, depth=2)
    signals = Uniform(SIGNAL_STATE, data, depth=2)
    predictions = VarintMessages(PREDICTION, data, depth=1)
    feature_count = 0

    for field in fields(data, 0, len(data), 0):
        tag, value, length, count = field
        if tag == _MAP_FEATURES:
            feature_count += count
            check_count(feature_count, MAX_ENTRIES, "map features")
            for start in payloads(field):
                features.read(start, start + length)
        elif tag == _TRACKS:
            check_count(len(tracks) + count, MAX_TRACKS, "tracks")
            for start in payloads(field):
                tracks.append(_track(data, start, start + length, states))
        elif tag == _DYNAMIC_MAP_STATES:
            check_count(len(steps) + count, MAX_STEPS, "dynamic map states")
            for start in payloads(field):
                steps.append(_signals(data, start, start + length, signals))
        elif tag in _TIMESTAMPS:
            timestamps += [data[start : start + length] for start in payloads(field)]
            if length % 8:
                raise MalformedRecord("its timestamps are not a whole number of doubles")
        elif tag == _TRACKS_TO_PREDICT:
            predictions.add([field])
        elif tag in _OBJECTS_OF_INTEREST:
            objects_of_interest += map(int32, numbers(data, field))
        elif tag == _SCENARIO_ID:
            start = payloads(field)[-1]
            scenario_id = data[start : start + length]
        elif tag == _SDC_TRACK_INDEX:
            sdc_track_index = int32(value)
        elif tag == _CURRENT_TIME_INDEX:
            current_time_index = int32(value)

    state_rows = states.decode()
    signal_rows = signals.decode().view(SIGNAL)
    starts = [0, *(behind for _, _, behind in tracks)]
    return Scenario(
        scenario_id=_text(scenario_id),
        timestamps_seconds=np.frombuffer(b"".join(timestamps), "<f8").astype(np.float64),
        current_time_index=current_time_index,
        tracks=tuple(
            Track(id, kind, state_rows[first:behind]) for (id, kind, behind), first in zip(tracks, starts, strict=False)
        ),
        dynamic_map_states=tuple(signal_rows[first:behind] for first, behind in zip([0, *steps], steps, strict=False)),
        map_features=features.features(),
        sdc_track_index=sdc_track_index,
        objects_of_interest=tuple(objects_of_interest),
        tracks_to_predict=tuple(RequiredPrediction(*row) for row in predictions.decode().rows.tolist()),
    )


def _track(data: bytes, start: int, end: int, states: Uniform) -> tuple[int, int, int]:
    """A Track's id, object type, and the number of states up to its last one."""
    id = object_type = 0
    first = states.count
    for tag, value, length, count in fields(data, start, end, 1):
        if tag == _STATES:
            states.add(value, length, count)
        elif tag == _TRACK_ID:
            id = int32(value)
        elif tag == _OBJECT_TYPE:
            object_type = known(value, _OBJECT_TYPES, object_type)
    check_count(states.count - first, MAX_STEPS, "states in a track")
    return id, object_type, states.count


def _signals(data: bytes, start: int, end: int, signals: Uniform) -> int:
    """The number of signals up to the last one of a DynamicMapState."""
    for tag, value, length, count in fields(data, start, end, 1):
        if tag == _LANE_STATES:
            signals.add(value, length, count)
    return signals.count


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRecord(f"its scenario id {octets[:40]!r} is not UTF-8") from None
