"""The first look at a source: what records it holds, who in them could be driven, and by what a drive is known again.

One read at memory speed, before any simulator starts. What the record alone decides against is rejected here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.conversion.rows import Damaged
from gold_data.settings import AcceptanceSettings, ConvertSettings
from gold_data.sources import Source
from gold_data.trajectories.acceptance import RecordedTrack, Rejection, judge_record, longest_run
from gold_data.womd import Damage, Frame, Scenario, decode, scan
from gold_data.womd.messages import Lane, Track


@dataclass(frozen=True)
class Candidate:
    """An ego that could be driven: the valid run of frames that its episode spans, and why it is not, if it is not."""

    ego_id: str
    first: int
    last: int  # one past the last frame
    rejection: Rejection | None


@dataclass(frozen=True)
class IndexedRecord:
    """One record as the plan needs it."""

    scenario_id: str
    source: str
    offset: int
    length: int
    crc: int
    candidates: tuple[Candidate, ...]
    ego_states: NDArray[np.uint64]  # one number for each place (to the millimetre) that the SDC is recorded at
    lanes: NDArray[np.uint32]  # one number for each lane: id and points


@dataclass(frozen=True)
class SourceIndex:
    """Everything of one file."""

    source: str
    size: int
    records: tuple[IndexedRecord, ...]
    damaged: tuple[Damaged, ...]


def index_source(source: Source, settings: ConvertSettings) -> SourceIndex:
    """Read one file whole, checking both CRCs of every record. Raises SourceError where it cannot be read."""
    records: list[IndexedRecord] = []
    damaged: list[Damaged] = []
    with source.contents() as file:
        for frame in scan(file):
            if isinstance(frame, Damage):
                damaged.append(_damaged(source, frame, frame.reason))
                continue
            try:
                scenario = decode(frame.data(file))
            except ValueError as error:
                damaged.append(_damaged(source, frame, str(error)))
                continue
            records.append(
                IndexedRecord(
                    scenario_id=scenario.scenario_id,
                    source=source.name,
                    offset=frame.offset,
                    length=frame.length,
                    crc=frame.crc,
                    candidates=_candidates(scenario, settings.acceptance),
                    ego_states=_ego_states(scenario),
                    lanes=_lane_keys(scenario),
                )
            )
    return SourceIndex(source.name, source.size, tuple(records), tuple(damaged))


def _damaged(source: Source, stretch: Frame | Damage, reason: str) -> Damaged:
    return Damaged(source=source.name, offset=stretch.offset, length=stretch.length, reason=reason)


def recorded(track: Track) -> RecordedTrack:
    """A track's states as the rules of acceptance read them; one that holds what is no number is not valid."""
    states = track.states
    numbers = ("center_x", "center_y", "center_z", "heading", "velocity_x", "velocity_y")
    return RecordedTrack(
        position=np.column_stack([states["center_x"], states["center_y"]]),
        heading=states["heading"].astype(np.float64),
        velocity=np.column_stack([states["velocity_x"], states["velocity_y"]]).astype(np.float64),
        valid=np.logical_and.reduce([states["valid"], *(np.isfinite(states[name]) for name in numbers)]),
    )


def _sdc(scenario: Scenario) -> Track | None:
    known = 0 <= scenario.sdc_track_index < len(scenario.tracks)
    return scenario.tracks[scenario.sdc_track_index] if known else None


def _candidates(scenario: Scenario, settings: AcceptanceSettings) -> tuple[Candidate, ...]:
    track = _sdc(scenario)
    if track is None:
        return ()
    headings = np.concatenate([other.states["heading"][other.states["valid"]] for other in scenario.tracks])
    lanes = [feature.polyline for feature in scenario.map_features if isinstance(feature, Lane)]
    ego = recorded(track)
    run = longest_run(ego.valid)
    rejection = judge_record(ego, headings.astype(np.float64), lanes, settings)
    return (Candidate(str(track.id), run.start, run.stop, rejection),)


def _ego_states(scenario: Scenario) -> NDArray[np.uint64]:
    track = _sdc(scenario)
    if track is None:
        return np.zeros(0, np.uint64)
    states = track.states[track.states["valid"]]
    centre = np.column_stack([states["center_x"], states["center_y"], states["center_z"]])
    with np.errstate(over="ignore"):
        millimetres = np.round(centre * 1000) + 0.0  # which makes -0.0 a 0.0
    places = np.unique(millimetres[np.isfinite(millimetres).all(axis=1)], axis=0)
    return np.array([_key(place.astype("<f8").tobytes(), 8) for place in places], np.uint64)


def _lane_keys(scenario: Scenario) -> NDArray[np.uint32]:
    lanes = [feature for feature in scenario.map_features if isinstance(feature, Lane) and len(feature.polyline)]
    return np.array([_key(f"{lane.id} ".encode() + lane.polyline.tobytes(), 4) for lane in lanes], np.uint32)


def _key(content: bytes, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=size).digest(), "little")
