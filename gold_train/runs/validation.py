"""What a policy in training is worth: the validation scenes, driven by it, and which checkpoint is the best by that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data import Dataset
from gold_data.errors import DatasetError, SettingsError
from gold_train.environments.opening import world_of
from gold_train.environments.world import World
from gold_train.evaluation.driving import drive
from gold_train.evaluation.metrics import Metrics, measure, parked
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import Policy, target_returns

VALIDATION: Final = "validation"


@dataclass(frozen=True)
class Validation:
    """Means over the validation scenes; what each means stands in gold_train/README.md."""

    scenes: int
    success: float
    success_late: float
    contact: float
    at_fault: float
    out_of_road: float
    returned: float
    cost: float
    completion: float

    @property
    def score(self) -> tuple[float, float, float]:
        """The greater the better: success less contact, then less cost, then more return; never the loss."""
        return self.success - self.contact, -self.cost, self.returned

    def as_row(self) -> dict[str, float]:
        """Each by its name."""
        return asdict(self)


Validate = Callable[[Policy], Validation]


class ValidationScenes:
    """The scenes of a world, parked ones left out, to be driven again and again."""

    def __init__(self, world: World, environments: int, device: torch.device) -> None:
        """`environments` scenes are driven at once. Raises DatasetError where there is none to drive."""
        self._world, self._device = world, device
        self._numbers = [number for number, task in enumerate(world.tasks) if not parked(task)]
        if not self._numbers:
            raise DatasetError(
                f"none of the {len(world.tasks)} validation scenes has a route to drive; convert more of them, or "
                "train with training.evaluate_every=0, which takes the last checkpoint for the best"
            )
        self._environments = min(environments, len(self._numbers))

    def targets(self, policy: Policy) -> NDArray[np.float64]:
        """(n,) raw returns to ask for in these scenes.

        Raises SettingsError where the policy's settings give none, as along a route where there is no route.
        """
        targets = target_returns(policy, [self._world.tasks[number] for number in self._numbers])
        if not np.isfinite(targets).all():
            raise SettingsError(
                "targets.mode=route: the validation scenes have no routes to ask a return for; choose quantile or fixed"
            )
        return targets

    def __call__(self, policy: Policy) -> Validation:
        """Drive each scene once, at the return that the policy's settings ask for. Raises as `targets` does."""
        actor = actor_of(policy, self._world.blocks, self._environments, self._device)
        traces = drive(actor, self._world, self._numbers, self.targets(policy), self._environments)
        tasks = [self._world.tasks[number] for number in self._numbers]
        return summary([measure(task, trace) for task, trace in zip(tasks, traces, strict=True)])


def summary(rows: list[Metrics]) -> Validation:
    """Means over the scenes, one row each."""

    def mean(values: list[float]) -> float:
        return float(np.mean(values))

    return Validation(
        scenes=len(rows),
        success=mean([row.success for row in rows]),
        success_late=mean([row.success_late for row in rows]),
        contact=mean([row.contact for row in rows]),
        at_fault=mean([row.at_fault for row in rows]),
        out_of_road=mean([row.out_of_road for row in rows]),
        returned=mean([row.returned for row in rows]),
        cost=mean([row.cost for row in rows]),
        completion=mean([row.completion for row in rows]),
    )


def open_validation(
    dataset: Dataset, sources: Sequence[str], environments: int, device: torch.device
) -> ValidationScenes:
    """The validation scenes of a dataset, in the batched engine. Raises DatasetError where it has none."""
    split = dataset.manifest.splits.get(VALIDATION)
    if not split or not split.episodes:
        raise DatasetError(
            f"{dataset.root}: has no {VALIDATION} scenes to choose the checkpoint by; convert it with some, or set "
            "training.evaluate_every=0, which takes the last one"
        )
    return ValidationScenes(world_of(dataset, VALIDATION, sources=sources), environments, device)
