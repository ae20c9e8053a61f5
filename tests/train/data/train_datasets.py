"""Small datasets of numbers, in which each row tells where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gold_data import Dataset
from gold_data.replay import Block
from gold_data.settings import Settings
from gold_data.shards import write_dataset

LAYOUT = (
    Block("place", ("episode", "step"), "number of the episode, of the step", 0.0, 1000.0),
    Block("noise", ("a", "b", "c"), "random", -5.0, 5.0),
)


def numbers(episode: int, steps: int, expert: bool = True) -> dict[str, Any]:
    """An episode in which everything is a function of its number and of each step's."""
    random = np.random.default_rng(episode)
    place = np.column_stack([np.full(steps + 1, episode), np.arange(steps + 1)])
    columns: dict[str, Any] = {
        "scenario_id": f"{episode:04x}",
        "ego_id": "7",
        "terminated": True,
        "truncated": False,
        "observations": np.column_stack([place, random.normal(size=(steps + 1, 3))]).astype(np.float32),
        "actions": random.uniform(-1, 1, (steps, 2)).astype(np.float32),
        "rewards": random.normal(size=steps).astype(np.float32),
        "costs": (random.random(steps) < 0.3).astype(np.float32),
    }
    return columns | ({"expert_actions": -columns["actions"]} if expert else {})


def written(root: Path, **splits: Sequence[Mapping[str, Any]]) -> Dataset:
    """A dataset of these episodes."""
    return write_dataset(root, splits, LAYOUT, Settings(), "numbers")
