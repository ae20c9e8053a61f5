"""The toy's scripted expert, shown as a dataset in gold_data's own format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from gold_data import Dataset
from gold_data.settings import Settings
from gold_data.shards import write_dataset
from gold_train.environments.point_mass import BLOCKS, EGO, LIMIT, Layout, Points, layout_of, random_of
from gold_train.environments.point_mass_expert import MARGINS, NOISE, expert_push
from gold_train.environments.point_mass_world import ENGINE


class ToySettings(Settings):
    """`gold-train toy`: how many scenes of the toy, one episode each."""

    train: int = Field(150, ge=1, description="episodes to train on")
    validation: int = Field(50, ge=0, description="scenes to choose a checkpoint on")
    test: int = Field(200, ge=0, description="scenes to report on")
    seed: int = Field(0, ge=0, description="of the scenes and of the expert's noise")


def write_toy(out: Path, settings: ToySettings) -> Dataset:
    """Write the dataset; same settings, same bytes. Raises OutputError when `out` is there or cannot be written."""
    counts = {"train": settings.train, "validation": settings.validation, "test": settings.test}
    episodes = {
        split: demonstrations([layout_of(f"{settings.seed}-{split}-{number}") for number in range(count)])
        for split, count in counts.items()
    }
    return write_dataset(out, episodes, BLOCKS, settings, ENGINE)


def demonstrations(layouts: Sequence[Layout]) -> list[Mapping[str, ArrayLike]]:
    """One episode of the expert in each scene, as the columns of a shard.

    `actions` are what was executed, with its noise; `expert_actions` what it wanted. A scene's episode follows from
    its name alone.
    """
    if not layouts:
        return []
    points = Points(layouts, len(layouts))
    random = [random_of(layout.name, "expert") for layout in layouts]
    margin = np.array([one.uniform(*MARGINS) for one in random])
    noise = NOISE * np.array([one.standard_normal((LIMIT, 2)) for one in random])
    points.begin(np.arange(len(layouts)), np.arange(len(layouts)))
    observations, actions, wanted, results = [points.observations], [], [], []
    for step in range(LIMIT):
        push = expert_push(observations[-1], margin)
        wanted.append(np.clip(push, -1, 1).astype(np.float32))
        actions.append(np.clip(push + noise[:, step], -1, 1).astype(np.float32))
        points.step(actions[-1])
        observations.append(points.observations)
        results.append(points.results)
    ended = np.array([result.terminated | result.truncated for result in results])
    lengths = np.argmax(ended, axis=0) + 1

    def of(rows: Sequence[np.ndarray], index: int, more: int = 0) -> np.ndarray:
        return np.array([row[index] for row in rows[: lengths[index] + more]])

    return [
        {
            "observations": of(observations, index, 1),
            "actions": of(actions, index),
            "expert_actions": of(wanted, index),
            "rewards": of([result.rewards for result in results], index),
            "costs": of([result.costs for result in results], index),
            "flags": of([result.flags for result in results], index),
            "contact_bearing": of([result.contact_bearings for result in results], index),
            "scenario_id": layout.name,
            "ego_id": EGO,
            "terminated": results[lengths[index] - 1].terminated[index],
            "truncated": results[lengths[index] - 1].truncated[index],
            "arrived": results[lengths[index] - 1].terminated[index],
            "drive": layout.name,
        }
        for index, layout in enumerate(layouts)
    ]
