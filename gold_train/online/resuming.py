"""Whether a guided training that was stopped may go on with the settings that it is given now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gold_train.policies.policy import Policy
from gold_train.runs.same import changed_settings, refuse
from gold_train.settings import OnlineRun

# What changes neither what is learned nor what is written of it, rounding apart. The steps are not among them: the
# curriculum is made of their shares.
FREE: Final = frozenset(f"training.{name}" for name in ("save_every", "device", "threads", "tensorboard"))


def hold_online_settings(run: Path, was: Policy, settings: OnlineRun) -> None:
    """Refuse to go on with settings by which the training would be another than the one that was begun.

    Raises SettingsError, which names each that changed, what it was and what it is now.
    """
    refuse(run, changed_settings(was.settings, settings, FREE))
