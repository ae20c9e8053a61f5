"""A small policy and batches that are made up, to train on without a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from gold_data.settings import with_changes
from gold_data.shards import ObservationBlock
from gold_train.data.batch import Batch
from gold_train.offline.state import Progress, load_state, save_state
from gold_train.offline.training import Start, Training
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.runs.best import Best
from gold_train.runs.folder import LAST, has_begun
from gold_train.runs.seeds import seed_weights
from gold_train.runs.validation import Validate, Validation
from gold_train.settings import CloningRun, OfflineRun, TransformerRun, transformer_run

OBSERVATIONS, ACTIONS = 5, 2
QUIET = Console(quiet=True)

# Dropout, a bound on the gradients and a warm-up, so that going on has something to get wrong.
SMALL = {
    "training.steps": "12",
    "training.log_every": "4",
    "training.save_every": "5",
    "training.evaluate_every": "0",
    "training.batch_size": "3",
    "training.device": "cpu",
}


def dt_run(**more: str) -> TransformerRun:
    """A Decision Transformer of one block, width 8."""
    changes = {
        "model.width": "8",
        "model.context": "4",
        "model.heads": "2",
        "model.dropout": "0.3",
        "optimiser.warm_up": "0.25",
    }
    return with_changes(transformer_run("toy"), SMALL | changes | _dotted(more))


def bc_run(**more: str) -> CloningRun:
    """A student of one hidden layer."""
    return with_changes(CloningRun(), SMALL | {"model.hidden": "8"} | _dotted(more))


def _dotted(changes: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("__", "."): value for name, value in changes.items()}


def new_policy(settings: OfflineRun) -> Policy:
    """An untrained policy of two blocks."""
    normaliser = Normaliser(torch.full((OBSERVATIONS,), 0.5), torch.full((OBSERVATIONS,), 0.3), 0.01, 10.0)
    seed_weights(settings.training.seed)
    network = make_network(settings, normaliser, OBSERVATIONS, ACTIONS)
    blocks = (_block("ego", 0, 2), _block("pace", 2, OBSERVATIONS))
    lineage = Lineage("a" * 64, "b" * 64, "0.1.0")
    return Policy(network, settings, blocks, lineage, 0, np.linspace(0, 10, 101))


def _block(name: str, start: int, stop: int) -> ObservationBlock:
    names = tuple(f"{name} {number}" for number in range(stop - start))
    return ObservationBlock(name=name, start=start, stop=stop, names=names, digest=f"{start:064x}")


class MadeUp:
    """Batches that are a function of their number: the action is a fixed function of the observation."""

    def __init__(self, settings: OfflineRun, at: Callable[[int], None] = lambda step: None) -> None:
        """`at` is told the number of each batch before it is given."""
        self._length = settings.model.context if isinstance(settings, TransformerRun) else 1
        self._size, self._at = settings.training.batch_size, at
        self.broken: int | None = None

    def batch(self, step: int) -> Batch:
        self._at(step)
        shape = (self._size, self._length)
        random = torch.Generator().manual_seed(step)
        observations = torch.rand((*shape, OBSERVATIONS), generator=random)
        if step == self.broken:
            observations[1, -1, 2] = torch.nan
        targets = torch.stack((observations[..., 0] - observations[..., 1], observations[..., 2] - 0.5), dim=-1)
        mask = torch.ones(shape, dtype=torch.bool)
        mask[0, : self._length // 2] = False
        return Batch(
            observations,
            actions=targets.roll(1, dims=1),
            targets=targets,
            returns_to_go=torch.rand(shape, generator=random) * 10,
            timesteps=torch.arange(self._length).expand(shape),
            mask=mask,
        )

    def rows(self, step: int) -> str:
        return f"scene/{step} at 3"


def go_on(
    run: Path, settings: OfflineRun, batches: MadeUp | None = None, validate: Validate | None = None
) -> Best | None:
    """Train in this folder as the job does: begin, or go on from what is there."""
    if has_begun(run):
        start = Start(*load_state(run / LAST))
    else:
        run.mkdir(parents=True, exist_ok=True)
        start = Start(new_policy(settings), {}, Progress())
        save_state(run / LAST, start.policy, start.moments, start.progress)
    return Training(run, start, settings, batches or MadeUp(settings), validate, torch.device("cpu")).go_on(QUIET)


def found(success: float, contact: float = 0.0, cost: float = 0.5, returned: float = 50.0) -> Validation:
    """What a drive of the validation scenes may come to."""
    return Validation(
        scenes=10,
        success=success,
        success_late=success,
        contact=contact,
        at_fault=contact,
        out_of_road=0.0,
        returned=returned,
        cost=cost,
        completion=1.0,
    )
