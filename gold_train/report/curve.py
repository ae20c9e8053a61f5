"""Learning curves: what a run was worth as it went on, by the validation scenes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import DatasetError
from gold_train.checkpoint import load_policy
from gold_train.policies.policy import same_but_seed
from gold_train.report.algorithms import Algorithm
from gold_train.settings import IqlRun

FIGURES = ("success", "contact", "returned")
METRICS, SPEED = "metrics.jsonl", "speed.jsonl"


@dataclass(frozen=True)
class Curve:
    """One run."""

    run: Path
    algorithm: Algorithm
    group: str  # what it has in common with runs of other seeds
    best_step: int  # of its best checkpoint
    steps: NDArray[np.float64]  # (n,) environment steps; updates of what is trained offline
    minutes: NDArray[np.float64]  # (n,) that the training had taken
    figures: dict[str, NDArray[np.float64]]  # (n,) each of FIGURES

    @property
    def best_success(self) -> float:
        """Of its best checkpoint, on the validation scenes."""
        return self.at_best("success")

    def at_best(self, figure: str) -> float:
        """A figure of its best checkpoint, on the validation scenes."""
        return float(np.interp(self.best_step, self.steps, self.figures[figure]))


@dataclass(frozen=True)
class Band:
    """Several seeds: quartiles at steps, or minutes."""

    x: NDArray[np.float64]
    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]


def read_curve(run: Path) -> Curve | None:
    """Read a run's folder; None where it never drove the validation scenes.

    Raises CheckpointError where it has no policy, DatasetError where its metrics cannot be read.
    """
    policy = load_policy(run)
    settings = policy.settings
    rows = [row for row in _rows(run / METRICS) if row.get("kind") == "validation"]
    if not rows:
        return None
    actor = settings.learner.actor if isinstance(settings, IqlRun) else None
    steps = np.array([row["step"] for row in rows], np.float64)
    return Curve(
        run=run,
        algorithm=Algorithm(settings.kind, policy.lineage.guide_kind, actor),
        group=same_but_seed(policy),
        best_step=policy.step,
        steps=steps,
        minutes=minutes_at(_rows(run / SPEED), steps),
        figures={name: np.array([row[name] for row in rows], np.float64) for name in FIGURES},
    )


def minutes_at(rows: Sequence[dict[str, Any]], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) minutes that a training took up to these steps, by the rows of its speed.jsonl.

    A process that goes on with it counts its seconds from its own start; what it does again was not for nothing.
    """
    spent, total, before = {0.0: 0.0}, 0.0, 0.0
    for row in rows:
        seconds = float(row["all"])
        total += seconds - before if seconds >= before else seconds
        before = seconds
        spent[float(row["step"])] = total
    known = sorted(spent)
    return np.asarray(np.interp(steps, known, [spent[step] for step in known])) / 60.0


def band(curves: Sequence[Curve], figure: str, *, by_minutes: bool = False) -> Band | None:
    """Quartiles of a figure over seeds at the steps that all of them reached; None where they share none.

    `by_minutes` puts each step where half of the seeds had come to it.
    """
    first, last = max(curve.steps[0] for curve in curves), min(curve.steps[-1] for curve in curves)
    steps = np.unique(np.concatenate([curve.steps for curve in curves]))
    steps = steps[(first <= steps) & (steps <= last)]
    if not len(steps):
        return None
    at = [np.interp(steps, curve.steps, curve.figures[figure]) for curve in curves]
    low, middle, high = np.quantile(at, [0.25, 0.5, 0.75], axis=0)
    minutes = np.median([np.interp(steps, curve.steps, curve.minutes) for curve in curves], axis=0)
    return Band(minutes if by_minutes else steps, low, middle, high)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text().splitlines()]
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}); name the folder of a run") from error
