"""What a shard holds: the names, shapes, types, chunks and codecs of its arrays; every other file asks here.

A shard is a zarr v3 group. The steps of all its episodes lie end to end, `episode_start` delimits them; an episode of
T steps has T + 1 observations, delimited by `observation_start`. Each array is one file: one zarr shard of inner
chunks, packed by zstd and closed by a CRC-32C, without which most flipped bits would be read back in silence. Strings
are zarr's `string` (codec `vlen-utf8`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec, ZstdCodec

STRING_DTYPE = np.dtypes.StringDType()

CHUNK_ROWS = 4096
STRING = "string"
ATTRIBUTES = {"format": "gold-data shard", "format_version": 1}


class Axis(StrEnum):
    """What the rows of an array are; the name of its first dimension."""

    STEP = "step"  # S rows, all steps
    OBSERVATION = "observation"  # S + N rows, one more per episode
    EPISODE = "episode"  # N rows
    BOUNDARY = "boundary"  # N + 1 rows


@dataclass(frozen=True)
class Column:
    """One array: `inner` is the shape of a row, where a word stands for a size that the data decides."""

    name: str
    axis: Axis
    dtype: str
    about: str
    inner: tuple[int | str, ...] = ()
    required: bool = False
    derived: bool = False  # the writer computes it
    finite: bool = True

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        """The type of the array in memory."""
        return STRING_DTYPE if self.dtype == STRING else np.dtype(self.dtype)


def _step(name: str, dtype: str, about: str, *inner: int | str, **marks: bool) -> Column:
    return Column(name, Axis.STEP, dtype, about, inner, **marks)


def _observation(name: str, dtype: str, about: str, *inner: int | str, **marks: bool) -> Column:
    return Column(name, Axis.OBSERVATION, dtype, about, inner, **marks)


def _episode(name: str, dtype: str, about: str, *inner: int | str, **marks: bool) -> Column:
    return Column(name, Axis.EPISODE, dtype, about, inner, **marks)


_STATE = "x, y, z (m), heading (rad), vx, vy (m/s), yaw rate (rad/s) in the record's world frame"

LAYOUT: dict[str, Column] = {
    column.name: column
    for column in (
        _observation("observations", "<f4", "what was seen before each step and after the last", "D", required=True),
        _step("actions", "<f4", "as executed; driving: steering, throttle in [-1, 1]", "A", required=True),
        _step("rewards", "<f4", "reward of the step", required=True),
        _step("costs", "<f4", "cost of the step", required=True),
        _step("returns_to_go", "<f4", "sum of the rewards from the step to the end", required=True, derived=True),
        _step("costs_to_go", "<f4", "sum of the costs from the step to the end", required=True, derived=True),
        _episode("scenario_id", STRING, "the record's scenario id", required=True),
        _episode("ego_id", STRING, "track id of the car that was driven", required=True),
        _episode("length", "<i4", "steps", required=True, derived=True),
        _episode("terminated", "|b1", "ended by arrival or failure", required=True),
        _episode("truncated", "|b1", "ended by the time limit", required=True),
        _episode("return", "<f4", "sum of the episode's rewards", required=True, derived=True),
        _episode("cost", "<f4", "sum of the episode's costs", required=True, derived=True),
        Column("episode_start", Axis.BOUNDARY, "<i8", "first step row", required=True, derived=True),
        Column("observation_start", Axis.BOUNDARY, "<i8", "first observation row", required=True, derived=True),
        _step("expert_actions", "<f4", "what the tracker would do from that state", "A"),
        _step("flags", "<u2", "bits: contact kinds, line, out of road (gold_data.replay)"),
        _step("contact_bearing", "<f4", "rad in the ego's frame, left positive; NaN without contact", finite=False),
        _observation("ego_state", "<f8", f"the driven car: {_STATE}", 7),
        _observation("log_state", "<f8", f"the recorded car: {_STATE}", 7),
        _episode("arrived", "|b1", "reached the end of the route"),
        _episode("source", STRING, "file of the record, from the source's last folder on"),
        _episode("offset", "<i8", "the record's first byte in that file"),
        _episode("crc", "<u4", "unmasked CRC-32C of the record's bytes"),
        _episode("drive", STRING, "group of records that share one drive"),
        _episode("demonstration", "<i4", "0: the record followed; k: its k-th disturbed drive, from which it recovers"),
        _episode("start", "<i4", "step of the record at which the episode starts"),
        _episode("start_offset", "<f4", "start off the record: forward, left (m), heading (rad), speed (m/s)", 4),
        _episode("noise", "<f4", "amplitude of the disturbance on the actions"),
        _episode("displacement_mean", "<f4", "m between the driven and the recorded car, mean over the observations"),
        _episode("displacement_final", "<f4", "the same after the last step"),
        _episode("route_length", "<f4", "m"),
    )
}


def create_array(group: zarr.Group, column: Column, values: NDArray[Any]) -> None:
    """Write one whole array of a shard into an open zarr group: one metadata file and one data file."""
    rows = -(-max(len(values), 1) // CHUNK_ROWS) * CHUNK_ROWS
    array = group.create_array(
        column.name,
        shape=values.shape,
        dtype=column.dtype,
        chunks=(CHUNK_ROWS, *values.shape[1:]),
        shards=(rows, *values.shape[1:]),
        compressors=(ZstdCodec(level=3), Crc32cCodec()),
        dimension_names=[column.axis, *(f"{column.name}_{axis}" for axis in range(1, values.ndim))],
        attributes={"about": column.about},
        # An array of zeros must have its file too: what is not there is then known to be lost.
        config={"write_empty_chunks": True},
    )
    array[...] = values
