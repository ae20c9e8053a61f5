"""Drives that recover, drawn fresh as often as one likes: what a dataset holds some of, without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.chance import generator
from gold_data.errors import SceneError
from gold_data.gym.scenes import EgoScene
from gold_data.replay.batched.demonstrating import Drives, TrackedScenes
from gold_data.replay.disturbance import together
from gold_data.replay.scene import Scene, make_scene
from gold_data.settings import ConvertSettings
from gold_data.trajectories.demonstrations import Course, course_of, draw_disturbance
from gold_data.trajectories.trajectory import to_go


@dataclass(frozen=True)
class Drawn:
    """N drives end to end, as gold_data.shards.windows_at cuts windows out of them."""

    columns: Mapping[str, NDArray[Any]]  # a row per step: the columns of a dataset's cache
    first: NDArray[np.int64]  # (N + 1,) row at which each drive begins
    scenes: NDArray[np.int64]  # (N,) in which scene each is


class Demonstrations:
    """Scenes in which the tracker drives along the record, disturbed as settings.demonstrations has it.

    Kept are, as in a dataset, the drives that arrive without cost.
    """

    def __init__(self, scenes: Iterable[EgoScene], settings: ConvertSettings) -> None:
        """Scenes are compiled one by one. Raises SceneError for no scene, and for one that cannot be driven."""
        self._settings = settings.demonstrations
        self._courses: list[Course] = []
        self.ids: list[str] = []  # scenario/ego of each scene

        def one_by_one() -> Iterator[Scene]:
            for scene in scenes:
                self._courses.append(course_of(scene.description, scene.ego_id))
                self.ids.append(f"{scene.scenario_id}/{scene.ego_id}")
                yield make_scene(scene.description, scene.ego_id)

        self._tracked = TrackedScenes(one_by_one(), settings)

    def draw(self, number: int, name: str, columns: NDArray[np.int64] | None = None) -> Drawn:
        """`number` drives, each scene's turn coming equally often, less those that are not kept.

        Of the observations these `columns` are given, in this order; None: all. A function of the scenes, the settings,
        and of what it is asked for. Raises SceneError where none is kept.
        """
        chance = generator(name, self._settings.key)
        scenes = np.resize(chance.permutation(len(self._courses)), number)
        drawn = [draw_disturbance(chance, self._courses[scene], self._settings) for scene in scenes.tolist()]
        drives = self._tracked.drive(scenes, together(drawn))
        kept = drives.arrived & (np.add.reduceat(drives.costs, drives.first[:-1]) == 0)
        if not kept.any():
            raise SceneError(f"none of {number} disturbed drives arrives without cost: disturb them less, or draw more")
        return Drawn(*_kept(drives, kept, columns), scenes[kept])


def _kept(
    drives: Drives, kept: NDArray[np.bool_], seen: NDArray[np.int64] | None
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    lengths = np.diff(drives.first)
    rows = np.repeat(kept, lengths)
    first = np.concatenate([[0], np.cumsum(lengths[kept])])
    columns: dict[str, NDArray[Any]] = {
        name: getattr(drives, name)[rows] for name in ("actions", "expert_actions", "rewards", "costs")
    }
    columns["observations"] = drives.observations[rows] if seen is None else drives.observations[np.ix_(rows, seen)]
    for sums, values in (("returns_to_go", "rewards"), ("costs_to_go", "costs")):
        columns[sums] = np.concatenate([to_go(part) for part in np.split(columns[values], first[1:-1])])
    columns["timesteps"] = (np.arange(first[-1]) - np.repeat(first[:-1], lengths[kept])).astype(np.int32)
    return columns, first
