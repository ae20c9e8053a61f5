"""Whether an offline training that was stopped may go on with the settings that it is given now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gold_train.offline.schedule import warm_up_steps
from gold_train.policies.policy import Policy
from gold_train.runs.same import changed_settings, refuse
from gold_train.settings import OfflineRun

# What changes neither what is learned nor what is written of it, rounding apart.
FREE: Final = frozenset(
    f"training.{name}" for name in ("steps", "save_every", "device", "compile", "threads", "tensorboard")
)


def hold_settings(run: Path, was: Policy, settings: OfflineRun) -> None:
    """Refuse to go on with settings by which the training would be another than the one that was begun.

    Raises SettingsError, which names each that changed, what it was and what it is now.
    """
    changed = changed_settings(was.settings, settings, FREE)
    before, after = was.settings.training.steps, settings.training.steps
    if warm_up_steps(settings.optimiser, before) != warm_up_steps(settings.optimiser, after):
        changed.append(f"training.steps {before} -> {after}, which makes another warm-up")
    elif settings.optimiser.decay != "constant" and before != after:
        changed.append(f"training.steps {before} -> {after}, which makes another {settings.optimiser.decay}")
    if after < was.step:
        changed.append(f"training.steps {before} -> {after}, and {was.step} are done")
    refuse(run, changed)
