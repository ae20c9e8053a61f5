"""What a shard derives from its own numbers, derived again: sums to go, lengths, offsets, the content's digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.shards.difference import Difference
from gold_data.shards.layout import LAYOUT, Axis
from gold_data.shards.manifest import SHARDS, Shard
from gold_data.shards.writer import content_digest
from gold_data.trajectories.trajectory import to_go

Arrays = Mapping[str, NDArray[Any]]

TO_GO = (("rewards", "returns_to_go", "return"), ("costs", "costs_to_go", "cost"))
"""What is summed, its sums from each step on, and the sum of a whole episode."""


def recompute(shard: Shard, arrays: Arrays) -> Iterator[Difference]:
    """Hold the derived arrays of one shard, all of them read, against what they are derived from.

    Every number has to be equal to the bit: each is a sum in float64, in one order, rounded once (writer.shard_arrays).
    """
    place = f"{SHARDS}/{shard.name}"
    content = content_digest(arrays)
    if content != shard.content_digest:
        yield Difference(f"{place}: content digest", shard.content_digest, content)
    starts = arrays["episode_start"]
    lengths = np.diff(starts)
    if starts[0] != 0 or starts[-1] != shard.steps or (lengths < 1).any():
        yield Difference(
            f"{place}: episode_start", _brief(starts), f"from 0 to {shard.steps}, each episode of one step or more"
        )
        return
    due: dict[str, NDArray[Any]] = {
        "length": lengths.astype(np.int32),
        "observation_start": starts + np.arange(len(starts)),
    }
    for summed, to_end, whole in TO_GO:
        parts = [to_go(arrays[summed][first:behind]) for first, behind in _spans(starts)]
        due[to_end], due[whole] = np.concatenate(parts), np.array([part[0] for part in parts])
    if {"ego_state", "log_state", "displacement_mean", "displacement_final"} <= arrays.keys():
        due |= _displacements(arrays, due["observation_start"])
    for name, values in due.items():
        yield from _compare(f"{place}: {name}", name, arrays[name], values, starts)
    for name, values in arrays.items():
        if LAYOUT[name].finite and values.dtype.kind == "f" and not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            yield Difference(f"{place}: {name} in row {row}", str(values[row]), "finite numbers")


def _displacements(arrays: Arrays, starts: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    apart = arrays["ego_state"][:, :2] - arrays["log_state"][:, :2]
    metres = [np.hypot(*apart[first:behind].T) for first, behind in _spans(starts)]
    return {
        "displacement_mean": np.array([one.mean() for one in metres], np.float32),
        "displacement_final": np.array([one[-1] for one in metres], np.float32),
    }


def _compare(
    place: str, name: str, stored: NDArray[Any], due: NDArray[Any], starts: NDArray[np.int64]
) -> Iterator[Difference]:
    """The first row that differs, and how many do."""
    other = np.flatnonzero(stored != due)
    if name.startswith("displacement"):  # numpy's pairwise means may round otherwise on another machine
        other = np.flatnonzero(~np.isclose(stored, due, rtol=1e-6, atol=0))
    if len(other):
        row = int(other[0])
        where = f"episode {row}"
        if LAYOUT[name].axis is Axis.STEP:
            episode = int(np.searchsorted(starts, row, side="right")) - 1
            where = f"episode {episode}, step {row - starts[episode]}"
        more = f" ({len(other)} rows differ)" if len(other) > 1 else ""
        yield Difference(f"{place} of {where}{more}", str(stored[row]), str(due[row]))


def _spans(starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    return list(pairwise(starts.tolist()))


def _brief(values: NDArray[Any]) -> str:
    return np.array2string(values, threshold=8)
