"""Indices of sources as plain values, without files."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from gold_data.conversion.index import IndexedRecord, SourceIndex
from gold_data.conversion.rows import Damaged
from gold_data.trajectories.acceptance import Rejection
from gold_data.trajectories.egos import Candidate, Candidates

PARKED = Rejection("parked", 1.5, 10.0)


def indexed(
    scenario_id: str,
    source: str = "training/part-0",
    offset: int = 0,
    states: Collection[int] = (),
    lanes: Collection[int] = (),
    candidates: Sequence[Candidate] = (Candidate("7", 0, 91, None),),
    passed_over: int = 0,
) -> IndexedRecord:
    return IndexedRecord(
        scenario_id,
        source,
        offset,
        1000,
        offset + 1,
        Candidates(tuple(candidates), passed_over),
        np.array(list(states), np.uint64),
        np.array(list(lanes), np.uint32),
    )


def parked(scenario_id: str, source: str = "training/part-0", offset: int = 0) -> IndexedRecord:
    return indexed(scenario_id, source, offset, candidates=(Candidate("7", 0, 91, PARKED),))


def source_index(name: str, records: Sequence[IndexedRecord], damaged: int = 0) -> SourceIndex:
    stretches = tuple(
        Damaged(source=name, offset=10**6 + number, length=10, reason="torn") for number in range(damaged)
    )
    return SourceIndex(name, 10**6, tuple(records), stretches)
