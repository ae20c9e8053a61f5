"""A trained policy: its network and all that is needed to drive with it, whatever made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_data.shards import ObservationBlock
from gold_train.environments.world import Task
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.student import Student
from gold_train.settings import RunSettings, TransformerRun

COLLECTED = 0.95  # of a route's metres: there an episode arrives
ARRIVAL = 5.0  # reward for it


@dataclass(frozen=True)
class Lineage:
    """What a policy was trained on."""

    manifest: str  # digest of the dataset's manifest
    statistics: str  # digest of the statistics that its observations are normalised by
    gold_data_version: str
    guide: str | None = None  # SHA-256 of the guide's checkpoint; None: nobody guided it
    guide_kind: str | None = None  # `kind` of the guide's settings
    guide_form: str | None = None  # digest of what the guide has in common with those of other seeds
    begun_with: str | None = None  # SHA-256 of the checkpoint that the first weights are of; None: they were drawn


@dataclass(frozen=True)
class Policy:
    """A network with its settings, the blocks that it reads in order, and where it comes from."""

    network: DecisionTransformer | Student
    settings: RunSettings
    blocks: tuple[ObservationBlock, ...]
    lineage: Lineage
    step: int  # updates that it was trained for; of an online training, environment steps
    returns: NDArray[np.float64]  # (101,) percentiles of the training episodes' returns


def same_but_seed(policy: Policy) -> str:
    """SHA-256 of what a policy has in common with those of other seeds: settings, dataset, and whoever guided it."""
    settings = policy.settings.model_dump(mode="json")
    del settings["training"]["seed"]
    lineage = policy.lineage
    common = [settings, lineage.manifest, lineage.guide_form, lineage.begun_with is None]
    return hashlib.sha256(json.dumps(common, sort_keys=True).encode()).hexdigest()


def target_returns(policy: Policy, tasks: Sequence[Task], gain: float | None = None) -> NDArray[np.float64]:
    """(n,) raw returns to ask for in these tasks (algorithms 2.0); zero for a policy that is asked for none.

    `gain` stands in place of the setting's. Raises SettingsError where it is given and the targets do not have one, and
    where they are made of the length of routes that there are not.
    """
    if not isinstance(policy.settings, TransformerRun):
        return np.zeros(len(tasks))
    targets = policy.settings.targets
    if targets.mode == "route":
        lengths = np.array([task.route_length for task in tasks], dtype=np.float64)
        if np.isnan(lengths).any():
            lacking = tasks[int(np.isnan(lengths).argmax())].scenario_id
            raise SettingsError(f"targets.mode=route: {lacking} has no route; ask for a `quantile` or `fixed` return.")
        return (COLLECTED * lengths + ARRIVAL) * (targets.gain if gain is None else gain)
    if gain is not None:
        raise SettingsError(
            f"a gain of {gain} was asked for, and targets.mode={targets.mode} has none; "
            "leave it out, or evaluate a policy whose targets are of `route`."
        )
    if targets.mode == "fixed":
        return np.full(len(tasks), targets.fixed)
    return np.full(len(tasks), np.quantile(policy.returns, targets.quantile))
