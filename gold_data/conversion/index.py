"""The first look at a source: what records it holds, who in them could be driven, and by what a drive is known again.

One read at memory speed, before any simulator starts. What the record alone decides against is rejected here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.conversion.rows import Damaged
from gold_data.settings import ConvertSettings
from gold_data.sources import Outline, Source, outlines
from gold_data.trajectories.egos import Candidates, candidates
from gold_data.womd import Damage


@dataclass(frozen=True)
class IndexedRecord:
    """One record as the plan needs it."""

    scenario_id: str
    source: str
    offset: int
    length: int
    crc: int
    candidates: Candidates
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
    for found in outlines(source):
        if isinstance(found, Damage):
            damaged.append(Damaged(source=source.name, offset=found.offset, length=found.length, reason=found.reason))
            continue
        records.append(
            IndexedRecord(
                scenario_id=found.outline.scenario_id,
                source=source.name,
                offset=found.offset,
                length=found.length,
                crc=found.crc,
                candidates=candidates(found.outline, settings),
                ego_states=_ego_states(found.outline),
                lanes=_lane_keys(found.outline),
            )
        )
    return SourceIndex(source.name, source.size, tuple(records), tuple(damaged))


def _ego_states(outline: Outline) -> NDArray[np.uint64]:
    """Keys of the places in float32, as ScenarioNet keeps them: a drive is known again in either form."""
    if outline.sdc is None:
        return np.zeros(0, np.uint64)
    states = outline.states[outline.sdc]
    centre = np.column_stack([states[name][states["valid"]] for name in ("center_x", "center_y", "center_z")])
    with np.errstate(over="ignore"):
        millimetres = np.round(centre.astype(np.float32).astype(np.float64) * 1000) + 0.0  # makes -0.0 a 0.0
    places = np.unique(millimetres[np.isfinite(millimetres).all(axis=1)], axis=0)
    return np.array([_key(place.astype("<f8").tobytes(), 8) for place in places], np.uint64)


def _lane_keys(outline: Outline) -> NDArray[np.uint32]:
    with np.errstate(over="ignore"):
        lanes = [(name, points.astype("<f4")) for name, points in outline.lanes if len(points)]
    return np.array([_key(f"{name} ".encode() + points.tobytes(), 4) for name, points in lanes], np.uint32)


def _key(content: bytes, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=size).digest(), "little")
