"""A trained policy: its network and all that is needed to drive with it, whatever made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.shards import ObservationBlock
from gold_train.environments.world import Task
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.student import Student
from gold_train.settings import RunSettings


@dataclass(frozen=True)
class Lineage:
    """What a policy was trained on."""

    manifest: str  # digest of the dataset's manifest
    statistics: str  # digest of the statistics that its observations are normalised by
    gold_data_version: str


@dataclass(frozen=True)
class Policy:
    """A network with its settings, the blocks that it reads in order, and where it comes from."""

    network: DecisionTransformer | Student
    settings: RunSettings
    blocks: tuple[ObservationBlock, ...]
    lineage: Lineage
    step: int  # updates that it was trained for
    returns: NDArray[np.float64]  # (101,) percentiles of the training episodes' returns


def target_returns(policy: Policy, tasks: Sequence[Task], gain: float | None = None) -> NDArray[np.float64]:
    """(n,) raw returns to ask for in these tasks (algorithms 2.0); `gain` in place of the setting's. Zero for a
    policy that is asked for none."""
    raise NotImplementedError
