"""Small guided trainings in the toy, in seconds."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from gold_data.settings import with_changes
from gold_train.online.job import distill
from gold_train.settings import OnlineRun, online_run

QUIET = Console(quiet=True)

SMALL = {
    "training.steps": "240",
    "training.environments": "4",
    "training.log_every": "40",
    "training.save_every": "60",
    "training.evaluate_every": "120",
    "training.device": "cpu",
    "model.hidden": "8",
    "replay.start": "40",
    "replay.batch_size": "16",
    "replay.updates_per_step": "0.5",
}


def small(backbone: str = "iql", **more: str) -> OnlineRun:
    """A training of 240 steps in four environments; `learner__actor="pathwise"` changes learner.actor."""
    return with_changes(online_run(backbone, "toy"), SMALL | {name.replace("__", "."): it for name, it in more.items()})


def trained(dataset: Path, guide: Path | None, run: Path, settings: OnlineRun, begin_with: Path | None = None) -> Path:
    """Train, or go on, without a word; the run's folder."""
    distill(dataset, guide, run, settings, begin_with=begin_with, console=QUIET)
    return run
