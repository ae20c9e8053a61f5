"""Which records come from one drive: WOMD cuts a drive into windows that overlap, and a split must not cut it again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gold_data.conversion.index import IndexedRecord

SHARED_LANES = 2
"""Lanes (same id, same points) that two records must share to be one drive; one place of the ego is enough."""


def group_drives(records: Sequence[IndexedRecord]) -> list[str]:
    """The drive of each record, named by the first scenario id (in order of text) that belongs to it.

    Two records are one drive if the ego is at the same place in both (x, y, z to the millimetre, at any step) or if
    they share two lanes; and if both are one drive with a third.
    """
    if not records:
        return []
    together = _shared([record.ego_states for record in records]) >= 1
    together = together + (_shared([record.lanes for record in records]) >= SHARED_LANES)
    _, labels = connected_components(together, directed=False)
    names: dict[int, str] = {}
    for label, record in zip(labels, records, strict=True):
        names[label] = min(names.get(label, record.scenario_id), record.scenario_id)
    return [names[label] for label in labels]


def _shared(keys: Sequence[NDArray[np.unsignedinteger]]) -> coo_array:
    """(records, records) how many keys each two have in common."""
    own = [np.unique(one) for one in keys]
    owner = np.repeat(np.arange(len(own)), [len(one) for one in own])
    _, column = np.unique(np.concatenate(own), return_inverse=True)
    holds = coo_array((np.ones(len(owner), np.int32), (owner, column)), (len(own), int(column.max(initial=-1)) + 1))
    holds = holds.tocsr()
    return holds @ holds.T
