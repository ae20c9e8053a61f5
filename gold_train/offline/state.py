"""A training as it stands between two updates: all that going on needs, in one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from gold_train.checkpoint import policy_content, policy_of, policy_tensors
from gold_train.errors import CheckpointError
from gold_train.policies.policy import Policy
from gold_train.runs.best import Best
from gold_train.runs.folder import LAST
from gold_train.tensor_file import read_tensor_file, write_tensor_file

OPTIMISER: Final = "optimiser."
LOSSES, NORMS = "window.losses", "window.gradient_norms"

Moments = Mapping[int, Mapping[str, torch.Tensor]]
"""What AdamW keeps of each parameter, by the parameter's number and the name that torch gives it."""


@dataclass(frozen=True)
class Progress:
    """Where a training is, beside its weights: the learning rate, the data's order and chance follow from the step."""

    evaluated: int | None = None  # step at which the validation scenes were driven last
    best: Best | None = None
    metrics_bytes: int = 0  # of metrics.jsonl: what is behind it was written after this state
    losses: torch.Tensor = field(default_factory=lambda: torch.zeros(0))  # of the updates since the last row
    norms: torch.Tensor = field(default_factory=lambda: torch.zeros(0))  # of their gradients


def save_state(path: Path, policy: Policy, moments: Moments, progress: Progress) -> None:
    """Write a training's state, whole or not at all. Raises OutputError when it cannot be written."""
    best = progress.best
    content = policy_content(policy) | {
        "training": {
            "evaluated": progress.evaluated,
            "best": None if best is None else best.as_plain(),
            "metrics_bytes": progress.metrics_bytes,
        }
    }
    kept = {f"{OPTIMISER}{number}.{name}": one for number, each in moments.items() for name, one in each.items()}
    window = {LOSSES: progress.losses, NORMS: progress.norms}
    write_tensor_file(path, content, policy_tensors(policy) | kept | window)


def load_state(path: Path) -> tuple[Policy, Moments, Progress]:
    """Read a training's state. Raises CheckpointError as `load_policy` does, and for a policy alone."""
    content, tensors = read_tensor_file(path)
    policy = policy_of(path, content, tensors)
    try:
        training: dict[str, Any] = content["training"]
        progress = Progress(
            evaluated=training["evaluated"],
            best=Best.of(training["best"]),
            metrics_bytes=int(training["metrics_bytes"]),
            losses=tensors[LOSSES],
            norms=tensors[NORMS],
        )
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name in tensors:
            if name.startswith(OPTIMISER):
                number, _, kind = name.removeprefix(OPTIMISER).partition(".")
                moments.setdefault(int(number), {})[kind] = tensors[name]
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: holds a policy and no training to go on with; name a run's {LAST}") from error
    return policy, moments, progress
