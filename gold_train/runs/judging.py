"""The validation scenes, driven in the middle of a training: what came of it, and which checkpoint is best by that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gold_train.checkpoint import BEST, save_policy
from gold_train.policies.policy import Policy
from gold_train.runs.best import Best
from gold_train.runs.validation import Validate


@dataclass(frozen=True)
class Judged:
    """A drive of the validation scenes."""

    row: dict[str, Any]  # for metrics.jsonl
    best: Best
    told: str  # for who looks on


def judge(run: Path, policy: Policy, validate: Validate, best: Best | None, unit: str) -> Judged:
    """Drive the scenes with a policy, which becomes the run's best where it drove better than the `best` so far.

    `unit` is what its steps are. Raises as `validate` does, OutputError where the checkpoint cannot be written.
    """
    found = validate(policy)
    better = best is None or found.score > best.score
    if best is None or better:
        save_policy(run / BEST, policy)
        best = Best(policy.step, found.score)
    told = (
        f"after {policy.step} {unit} success {found.success:.3f}, contact {found.contact:.3f} in {found.scenes} "
        f"validation scenes{', the best so far' if better else ''}"
    )
    return Judged({"step": policy.step, "kind": "validation"} | found.as_row(), best, told)
