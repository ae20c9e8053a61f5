"""The toy as a world: the scenes of a toy dataset, or any others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gymnasium.vector import VectorEnv

from gold_data import Dataset
from gold_data.errors import DatasetError
from gold_data.shards import described_blocks
from gold_train.environments.point_mass import BLOCKS, EGO, LIMIT, Layout, layout_of
from gold_train.environments.point_mass_env import PointMassVectorEnv
from gold_train.environments.world import Task

ENGINE = "point mass"
"""What a toy dataset's manifest names as its engine."""


class PointMassWorld:
    """Scenes of the toy, one task each: see World."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = tuple(layouts)
        self.blocks = described_blocks(BLOCKS)
        self.tasks = tuple(Task(layout.name, EGO, LIMIT, math.nan, math.nan, layout.name) for layout in layouts)

    def environments(self, number: int) -> VectorEnv[Any, Any, Any]:
        """`number` environments. Raises SceneError for none."""
        return PointMassVectorEnv(self.layouts, number)

    def alone(self, number: int) -> PointMassWorld:
        """The world of that task alone."""
        return PointMassWorld([self.layouts[number]])


def point_mass_world(dataset: Dataset, split: str) -> PointMassWorld:
    """Open the scenes of a toy dataset's split: their names say what they are.

    Raises DatasetError for a split that is not there or empty.
    """
    names = [
        str(name) for shard in dataset.shards(split) for name in dataset.read(shard, ["scenario_id"])["scenario_id"]
    ]
    if not names:
        raise DatasetError(f"{dataset.root}: split {split!r} has no scene; choose one of {', '.join(dataset.splits)}")
    return PointMassWorld([layout_of(name) for name in names])
