"""The first look at a source: what records it holds, who in them could be driven, and by what a drive is known again.

One read at memory speed, before any simulator starts. What the record alone decides against is rejected here.
"""

from __future__ import annotations

from dataclasses import dataclass

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from gold_data.conversion.rows import Damaged
from gold_data.settings import ConvertSettings
from gold_data.sources import Outline, Source, outlines
from gold_data.trajectories.egos import Candidates, candidates
from gold_data.womd import Damage

_WEIGHTS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
"""Odd numbers of many bits: sums of millimetres times these, modulo 2**64, differ where the places do."""


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
        millimetres = np.round(centre.astype(np.float32).astype(np.float64) * 1000)
    on_earth = (np.abs(millimetres) < 2**53).all(axis=1)  # and a number
    places = millimetres[on_earth].astype(np.int64).view(np.uint64)
    return np.unique(np.sum(places * _WEIGHTS, axis=1, dtype=np.uint64))


def _lane_keys(outline: Outline) -> NDArray[np.uint32]:
    with np.errstate(over="ignore"):
        points = outline.lane_points.astype("<f4")
    start = outline.lane_start.tolist()
    return np.array(
        [
            google_crc32c.extend(google_crc32c.value(name.encode()), points[first:behind].tobytes())
            for name, first, behind in zip(outline.lane_ids, start[:-1], start[1:], strict=True)
            if behind > first
        ],
        np.uint32,
    )
