"""Who is evaluated, by name: policies from their files, with each gain that is asked for, and anchors."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_train.checkpoint import BEST, load_policy
from gold_train.environments.world import Task, World
from gold_train.errors import CheckpointError
from gold_train.evaluation.drivers import Driver, PolicyDriver
from gold_train.policies.columns import columns_of
from gold_train.policies.policy import Policy, same_but_seed, target_returns
from gold_train.settings import TransformerRun


@dataclass(frozen=True)
class Contender:
    """A driver with its name; of a policy also where it comes from."""

    name: str
    driver: Driver
    policy: Policy | None = None
    sha256: str | None = None  # of the policy's file
    gain: float | None = None  # in place of the one in its settings
    file: Path | None = None  # of the policy, as it was given or found in the run's folder

    def targets(self, tasks: Sequence[Task]) -> NDArray[np.float64]:
        """(n,) raw returns to ask for; NaN of who is asked for none.

        Raises SettingsError where a policy asks along the route, and there is none.
        """
        if self.policy is None or not isinstance(self.policy.settings, TransformerRun):
            return np.full(len(tasks), np.nan)
        return target_returns(self.policy, tasks, self.gain)

    @property
    def group(self) -> str | None:
        """What runs have in common that differ in their seed alone."""
        if self.policy is None:
            return None
        common = same_but_seed(self.policy)
        return common if self.gain is None else f"{common} x {self.gain:g}"


def policies(
    runs: Sequence[Path], gains: Sequence[float], world: World, kept: Path, device: str = "cpu"
) -> list[Contender]:
    """The policies of runs' folders (their best) or of single files, each once for every gain that it can take.

    Their files are copied into the folder `kept` first: a run that is still going on may replace its own. Raises
    CheckpointError for what is no policy, DatasetError where the world lacks a block that one reads, SettingsError
    for a gain of which no policy makes use.
    """
    names = _names(runs)
    found = []
    for number, (run, name) in enumerate(zip(runs, names, strict=True)):
        file = run / BEST if run.is_dir() else run
        copy = kept / f"{number}.safetensors"
        try:
            shutil.copyfile(file, copy)
        except OSError as error:
            raise CheckpointError(
                f"{file}: cannot be read ({error.strerror}); give the folder of a run that has been evaluated once, "
                "or the file of a policy"
            ) from error
        policy = _loaded(copy, file)
        columns_of(policy.blocks, world.blocks)
        sha256 = hashlib.sha256(copy.read_bytes()).hexdigest()
        driver = PolicyDriver(copy, device)
        settings = policy.settings
        takes_gain = isinstance(settings, TransformerRun) and settings.targets.mode == "route"
        if gains and takes_gain:
            found += [Contender(f"{name} x{gain:g}", driver, policy, sha256, gain, file) for gain in gains]
        else:
            found.append(Contender(name, driver, policy, sha256, None, file))
    if gains and all(one.gain is None for one in found):
        raise SettingsError("a gain was asked for, and no policy has targets of `route`; leave --gain out.")
    return found


def _loaded(copy: Path, file: Path) -> Policy:
    try:
        return load_policy(copy)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(str(copy), str(file))) from error


def _names(runs: Sequence[Path]) -> list[str]:
    """Short where that tells them apart: the folder's name; of a file, its own without its ending behind the folder's.

    `last` alone would say of no run which one it is.
    """
    short = [run.resolve().name if run.is_dir() else f"{run.resolve().parent.name} {run.stem}" for run in runs]
    return short if len(set(short)) == len(runs) else [str(run) for run in runs]
