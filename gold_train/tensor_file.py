"""Tensors and plain data in one safetensors file: what is read of it is numbers and text, and nothing is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gold_data.shards import write_whole_file
from gold_train.errors import CheckpointError

FORMAT: Final = "gold-train checkpoint"
FORMAT_VERSION: Final = 1
# One key for everything: safetensors writes several keys in no fixed order.
KEY: Final = "gold_train"


def write_tensor_file(path: Path, content: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    """Write plain data and named tensors so that a reader finds the old file or the new, never a part.

    The bytes are a function of what is written alone. Raises OutputError when it cannot be written.
    """
    held = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "digest": _digest(content, held),
        "content": content,
    }
    write_whole_file(path, save(held, {KEY: json.dumps(header, sort_keys=True, allow_nan=False)}))


def read_tensor_file(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Read what `write_tensor_file` wrote: plain data, and tensors on the CPU.

    Raises CheckpointError for a file that is missing, cut, changed, foreign or of another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(KEY, "{}"))
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118, it is no mapping
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such checkpoint; name one that `gold-train` wrote") from error
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path}: is no whole safetensors file ({_first_line(error)}); nothing of it was run, take another copy"
        ) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError(f"{path}: is a safetensors file of something else; name one that `gold-train` wrote")
    if header.get("format_version") != FORMAT_VERSION:
        raise CheckpointError(
            f"{path}: has format version {header.get('format_version')!r} and this gold-train reads {FORMAT_VERSION}; "
            "install the version that wrote it"
        )
    content = header.get("content")
    if not isinstance(content, dict) or header.get("digest") != _digest(content, tensors):
        raise CheckpointError(f"{path}: does not have the digest that it says; it was changed, take another copy")
    return content, tensors


def _digest(content: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of plain data and of each tensor's name, type, shape and bytes."""
    known = hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        known.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        known.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return known.hexdigest()


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
