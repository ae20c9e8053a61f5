"""The buffer's rows on disk: what came between two states is one file, written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.errors import OutputError
from gold_train.errors import CheckpointError
from gold_train.tensor_file import read_tensor_file, write_tensor_file

PATTERN: Final = "rows-*.safetensors"


def write_segment(folder: Path, first: int, rows: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Write rows, the first of which has the number `first`; the segment as plain data.

    The same rows make the same file, also where a run that was killed wrote it before. Raises OutputError when it
    cannot be written.
    """
    stop = first + len(rows["rewards"])
    segment = {"file": f"rows-{first:012d}-{stop:012d}.safetensors", "first": first, "stop": stop}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); choose another place") from error
    write_tensor_file(
        folder / str(segment["file"]),
        {"first": first, "stop": stop},
        {name: torch.from_numpy(values) for name, values in rows.items()},
    )
    return segment


def read_segment(folder: Path, segment: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Read a segment's rows. Raises CheckpointError, with the file, for one that is missing, damaged or another."""
    path = folder / str(segment["file"])
    content, tensors = read_tensor_file(path)
    if content != {"first": segment["first"], "stop": segment["stop"]}:
        raise CheckpointError(f"{path}: holds other rows than those that its name says; take another copy of the run")
    return {name: np.asarray(tensor.numpy()) for name, tensor in tensors.items()}


def drop_segments(folder: Path, keep: Iterable[Mapping[str, Any]]) -> None:
    """Delete all segments in a folder but these. Raises OutputError where that fails."""
    names = {segment["file"] for segment in keep}
    for path in folder.glob(PATTERN):
        if path.name not in names:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"{path}: cannot be deleted ({error.strerror}); see who holds it") from error
