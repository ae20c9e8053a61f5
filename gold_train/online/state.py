"""A guided training as it stands between two rounds: all that going on needs, the buffer's rows apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from gold_train.checkpoint import policy_content, policy_of, policy_tensors
from gold_train.errors import CheckpointError
from gold_train.policies.policy import Policy
from gold_train.runs.best import Best
from gold_train.runs.folder import LAST
from gold_train.tensor_file import read_tensor_file, write_tensor_file

ROOMS: Final = ("learner", "rollouts", "window")


@dataclass(frozen=True)
class Progress:
    """Where a guided training is; steps are the environments'."""

    steps: int = 0
    updates: int = 0
    logged: int = 0  # steps at the last row of means
    saved: int = 0  # steps at the last state
    evaluated: int = 0  # steps at which the validation scenes were driven last
    best: Best | None = None
    metrics_bytes: int = 0  # of metrics.jsonl: what is behind it was written after this state

    def as_plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"best": None if self.best is None else self.best.as_plain()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Progress:
        """What `as_plain` gave."""
        return cls(**{**plain, "best": Best.of(plain["best"])})


@dataclass(frozen=True)
class Saved:
    """Plain data and tensors of each part, as each gives and takes them itself; tensors by part, then by name."""

    progress: Progress
    curriculum: dict[str, Any]
    buffer: dict[str, Any]
    rollouts: dict[str, Any]
    tensors: Mapping[str, Mapping[str, torch.Tensor]] = field(default_factory=dict)


def save_online(run: Path, policy: Policy, saved: Saved) -> None:
    """Write a training's state, whole or not at all. Raises OutputError when it cannot be written."""
    content = policy_content(policy) | {
        "online": {
            "progress": saved.progress.as_plain(),
            "curriculum": saved.curriculum,
            "buffer": saved.buffer,
            "rollouts": saved.rollouts,
        }
    }
    parts = {f"{room}.{name}": one for room in ROOMS for name, one in saved.tensors.get(room, {}).items()}
    write_tensor_file(run / LAST, content, policy_tensors(policy) | parts)


def load_online(run: Path) -> tuple[Policy, Saved]:
    """Read a training's state. Raises CheckpointError as `load_policy` does, and for another kind of training's."""
    path = run / LAST
    content, tensors = read_tensor_file(path)
    policy = policy_of(path, content, tensors)
    try:
        plain: dict[str, dict[str, Any]] = content["online"]
        by_room = {
            room: {name.removeprefix(f"{room}."): tensors[name] for name in tensors if name.startswith(f"{room}.")}
            for room in ROOMS
        }
        saved = Saved(Progress.of(plain["progress"]), plain["curriculum"], plain["buffer"], plain["rollouts"], by_room)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: holds no guided training to go on with; name another run") from error
    return policy, saved
