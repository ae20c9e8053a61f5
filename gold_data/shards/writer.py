"""Trajectories -> one shard: written beside its place, read back, then renamed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import ArrayLike, NDArray

from gold_data.errors import OutputError
from gold_data.shards.folder import whole_folder
from gold_data.shards.layout import ATTRIBUTES, LAYOUT, STRING, STRING_DTYPE, Axis, Column, create_array
from gold_data.shards.manifest import FileRow, ShardRow
from gold_data.trajectories.trajectory import Trajectory, to_go


def write_shard(path: Path, trajectories: Sequence[Trajectory]) -> ShardRow:
    """Write driven episodes as one shard, in the order given, and give its row for the manifest.

    The files' bytes are a function of the trajectories alone (and of the codecs' version). Raises OutputError when
    `path` is there already or cannot be written, or when an episode does not fit the layout.
    """
    return write_episodes(path, [columns_of(trajectory) for trajectory in trajectories])


def write_episodes(path: Path, episodes: Sequence[Mapping[str, ArrayLike]]) -> ShardRow:
    """Write episodes of any environment as one shard: each a mapping from the layout's names to its values.

    Every required column of the layout that is not derived must be there; the optional ones are in all episodes or in
    none. T steps have T + 1 observations. Raises OutputError as `write_shard` does.
    """
    arrays = shard_arrays(path.name, episodes)
    wanted = content_digest(arrays)
    with whole_folder(path) as partial:
        group = zarr.create_group(partial, zarr_format=3, attributes=ATTRIBUTES)
        for name, values in arrays.items():
            create_array(group, LAYOUT[name], values)
        if content_digest(_read_back(partial, arrays)) != wanted:
            raise OutputError(f"{path}: reads back other values than were written; check the disk and run it again")
        files = tuple(
            FileRow.of(file.relative_to(partial).as_posix(), file.read_bytes())
            for file in sorted(partial.rglob("*"))
            if file.is_file()
        )
    return ShardRow(
        name=path.name, episodes=len(episodes), steps=len(arrays["rewards"]), content_digest=wanted, files=files
    )


def columns_of(trajectory: Trajectory) -> dict[str, ArrayLike]:
    """Lay a trajectory out as the layout's columns, derived ones left out."""
    lineage, displacement = trajectory.lineage, trajectory.displacement
    return {
        "observations": trajectory.observations,
        "actions": trajectory.actions,
        "expert_actions": trajectory.expert_actions,
        "rewards": trajectory.rewards,
        "costs": trajectory.costs,
        "flags": trajectory.flags,
        "contact_bearing": trajectory.contact_bearing,
        "ego_state": trajectory.ego_state,
        "log_state": trajectory.log_state,
        "scenario_id": trajectory.scenario_id,
        "ego_id": trajectory.ego_id,
        "terminated": trajectory.terminated,
        "truncated": trajectory.truncated,
        "arrived": trajectory.arrived,
        "source": lineage.source,
        "offset": lineage.offset,
        "crc": lineage.crc,
        "drive": lineage.drive,
        "demonstration": trajectory.demonstration,
        "start": trajectory.start,
        "start_offset": trajectory.start_offset,
        "noise": trajectory.noise,
        "displacement_mean": displacement.mean(),
        "displacement_final": displacement[-1],
        "route_length": trajectory.route_length,
    }


def shard_arrays(shard: str, episodes: Sequence[Mapping[str, ArrayLike]]) -> dict[str, NDArray[Any]]:
    """Put episodes end to end as the arrays of a shard, in the layout's order, with the derived columns.

    Raises OutputError, naming the shard and the episode, for a column that is missing, unknown, of another shape or
    type, or not finite.
    """
    if not episodes:
        raise OutputError(f"{shard}: a shard has at least one episode; write none when there is nothing to keep")
    names = _column_names(shard, episodes[0])
    sizes: dict[str, int] = {}
    rows = [_conform(f"{shard}: episode {number}", episode, names, sizes) for number, episode in enumerate(episodes)]
    lengths = np.array([len(row["rewards"]) for row in rows])
    returns_to_go = [to_go(row["rewards"]) for row in rows]
    costs_to_go = [to_go(row["costs"]) for row in rows]
    derived: dict[str, NDArray[Any]] = {
        "returns_to_go": np.concatenate(returns_to_go),
        "costs_to_go": np.concatenate(costs_to_go),
        "length": lengths.astype(np.int32),
        "return": np.array([values[0] for values in returns_to_go]),
        "cost": np.array([values[0] for values in costs_to_go]),
        "episode_start": np.concatenate([[0], np.cumsum(lengths)]),
        "observation_start": np.concatenate([[0], np.cumsum(lengths + 1)]),
    }
    arrays: dict[str, NDArray[Any]] = {}
    for column in LAYOUT.values():
        if column.derived:
            arrays[column.name] = derived[column.name]
        elif column.name in names:
            join = np.stack if column.axis is Axis.EPISODE else np.concatenate
            arrays[column.name] = join([row[column.name] for row in rows])
    return arrays


def content_digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the decoded arrays in order of name: name, type, shape, little-endian bytes.

    It stays the same when a new version of a codec packs the same content into other bytes.
    """
    summary = hashlib.sha256()
    for name in sorted(arrays):
        values, column = arrays[name], LAYOUT[name]
        summary.update(f"{name} {column.dtype} {values.shape}\n".encode())
        if column.dtype == STRING:
            for text in values.tolist():
                encoded = text.encode()
                summary.update(len(encoded).to_bytes(8, "little") + encoded)
        else:
            summary.update(np.ascontiguousarray(values, dtype=column.numpy_dtype).data)
    return summary.hexdigest()


def _column_names(shard: str, episode: Mapping[str, ArrayLike]) -> frozenset[str]:
    given = {column.name for column in LAYOUT.values() if not column.derived}
    required = {name for name in given if LAYOUT[name].required}
    unknown, missing = sorted(set(episode) - given), sorted(required - set(episode))
    if unknown:
        raise OutputError(f"{shard}: the layout has no column {', '.join(unknown)} to be given; leave it out")
    if missing:
        raise OutputError(f"{shard}: an episode lacks the required {', '.join(missing)}; add it")
    return frozenset(episode)


def _conform(
    place: str, episode: Mapping[str, ArrayLike], names: frozenset[str], sizes: dict[str, int]
) -> dict[str, NDArray[Any]]:
    if set(episode) != names:
        odd = ", ".join(sorted(set(episode) ^ names))
        raise OutputError(f"{place}: {odd} is in some episodes of the shard and not in others; give it to all or none")
    steps = len(np.asarray(episode["rewards"]))
    if steps == 0:
        raise OutputError(f"{place}: has no steps; leave it out")
    row = {name: _typed(place, LAYOUT[name], episode[name]) for name in names}
    for name, values in row.items():
        column = LAYOUT[name]
        inner = values.shape if column.axis is Axis.EPISODE else values.shape[1:]
        leading = {Axis.STEP: (steps,), Axis.OBSERVATION: (steps + 1,)}.get(column.axis, ())
        if len(inner) == len(column.inner):
            for word, size in zip(column.inner, inner, strict=True):
                if isinstance(word, str):
                    sizes.setdefault(word, size)
        wanted = (*leading, *(sizes.get(word, 0) if isinstance(word, str) else word for word in column.inner))
        if values.shape != wanted:
            raise OutputError(f"{place}: {name} has shape {values.shape} where {wanted} is due; check who made it")
    return row


def _typed(place: str, column: Column, values: ArrayLike) -> NDArray[Any]:
    if column.dtype == STRING:
        if not isinstance(values, str):
            raise OutputError(f"{place}: {column.name} is {type(values).__name__} where text is due; check who made it")
        return np.asarray(values, dtype=STRING_DTYPE)
    given = np.asarray(values)
    integers = given.dtype.kind in "iu" and column.numpy_dtype.kind in "iu"
    if not integers and not np.can_cast(given.dtype, column.numpy_dtype, "same_kind"):
        raise OutputError(f"{place}: {column.name} is {given.dtype} where {column.dtype} is due; check who made it")
    with np.errstate(over="ignore"):  # an overflow is an infinity, which is refused below
        typed = given.astype(column.numpy_dtype)
    if integers and (typed != given).any():
        raise OutputError(f"{place}: {column.name} has values that {column.dtype} cannot hold; check who made it")
    if column.finite and typed.dtype.kind == "f" and not np.isfinite(typed).all():
        raise OutputError(f"{place}: {column.name} has values that are not finite; reject the episode before writing")
    return typed


def _read_back(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: np.asarray(zarr.open_array(folder / name, mode="r")[...]) for name in arrays}
