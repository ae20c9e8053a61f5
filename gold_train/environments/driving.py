"""The recorded scenes of a driving dataset, to be driven in again in either engine."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from gymnasium.vector import VectorEnv

from gold_data import ConvertSettings, Dataset
from gold_data.errors import DatasetError, SettingsError
from gold_data.gym import DatasetScenes, DrivingEnv, DrivingVectorEnv, EgoScene, settings_of_dataset
from gold_data.replay import blocks
from gold_data.shards import described_blocks
from gold_train.environments.vector_of_one import VectorOfOne
from gold_train.environments.world import Task
from gold_train.threads import keep_threads_of_torch

LIMIT = 1.5
"""Recorded lengths after which an episode is cut off: success is told at 1.0 and at 1.5 of them (algorithms 2.7)."""

ENGINES = ("batched", "metadrive")


class Scenes(Protocol):
    """Scenes by number; each may be read from its record when it is asked for."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, number: int, /) -> EgoScene:
        """Scene `number`, from 0."""
        ...


class DrivingWorld:
    """Recorded scenes, one task each, in one engine; `scenes` and `settings` say what is driven and how."""

    def __init__(
        self,
        scenes: Scenes,
        settings: ConvertSettings,
        clusters: Sequence[str],
        engine: str = "batched",
        *,
        expert: bool = False,
        varied: bool = False,
    ) -> None:
        """`clusters` names for each scene what is not independent; episodes end on arrival or after 1.5 x the record.

        With `expert` the environments tell expert_actions; with `varied` the scenes' `courses` are there to draw
        variations by. Raises SettingsError for an engine that there is not, and for MetaDrive where episodes are to be
        varied; SceneError for a scene that no engine can drive.
        """
        if engine not in ENGINES:
            raise SettingsError(f"there is no engine {engine!r}; choose {' or '.join(ENGINES)}.")
        if varied and engine != "batched":
            raise SettingsError(f"{engine}: it drives records as they are; leave variation.* out, or choose batched.")
        ends = settings.ends.model_copy(update={"end": "arrival", "limit": LIMIT})
        self.settings = settings.model_copy(update={"ends": ends})
        self.blocks = described_blocks(blocks(settings.simulator.lidar_rays))
        self.scenes, self._engine, self._expert = scenes, engine, expert
        tasks, courses = [], []
        for number, cluster in enumerate(clusters):
            scene = scenes[number]
            tasks.append(_task(scene, cluster))
            if varied:
                courses.append(scene.course())
        self.tasks, self.courses = tuple(tasks), tuple(courses)
        self._compiled: DrivingVectorEnv | None = None

    def environments(self, number: int) -> VectorEnv[Any, Any, Any]:
        """See World; scenes are compiled once. MetaDrive allows one engine a process: it drives one environment.

        Raises SettingsError for more of those, SceneError for none.
        """
        if self._engine == "metadrive":
            if number != 1:
                raise SettingsError(f"{number} environments in MetaDrive: a process has one; ask for 1.")
            return VectorOfOne(DrivingEnv(self._one_by_one(), self.settings, engine="metadrive", expert=self._expert))
        keep_threads_of_torch()
        if self._compiled is None:
            self._compiled = DrivingVectorEnv(self._one_by_one(), 1, self.settings, expert=self._expert)
        return self._compiled.another(number)

    def alone(self, number: int) -> DrivingWorld:
        """See World; it holds the scene's record, and nothing that was compiled."""
        alone = copy.copy(self)
        alone.scenes, alone.tasks, alone._compiled = [self.scenes[number]], (self.tasks[number],), None
        return alone

    def _one_by_one(self) -> Iterator[EgoScene]:
        return (self.scenes[number] for number in range(len(self.tasks)))


def driving_world(
    dataset: Dataset,
    split: str,
    *,
    engine: str = "batched",
    sources: Sequence[str] = (),
    expert: bool = False,
    varied: bool = False,
) -> DrivingWorld:
    """Open the scenes of a split's undisturbed episodes; their records are looked for as DatasetScenes does.

    What is driven and seen is what the dataset's settings say; what is not independent is what was cut from one drive.
    Raises DatasetError for a split that is not there or has no such episode, and for a record that is not found.
    """
    scenes = DatasetScenes(dataset, split, sources)
    if not len(scenes):
        raise DatasetError(f"{dataset.root}: split {split!r} has no scene to drive; choose one of {_names(dataset)}")
    return DrivingWorld(scenes, settings_of_dataset(dataset), scenes.drives, engine, expert=expert, varied=varied)


def _names(dataset: Dataset) -> str:
    return ", ".join(dataset.splits)


def _task(scene: EgoScene, cluster: str) -> Task:
    made = scene.made()
    heading = np.unwrap(made.track.heading)
    return Task(
        scenario_id=made.scenario_id,
        ego_id=made.ego_id,
        frames=made.frames,
        route_length=made.route.length,
        turn=float(abs(heading[-1] - heading[0])),
        cluster=cluster,
    )
