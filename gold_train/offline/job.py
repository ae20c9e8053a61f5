"""A dataset and settings -> a trained policy in a run's folder; a training that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from rich.console import Console

from gold_data import Dataset, open_dataset
from gold_data.errors import DatasetError, OutputError
from gold_data.shards import ObservationBlock, write_whole_file
from gold_train.checkpoint import BEST
from gold_train.data.batch import Batches
from gold_train.data.opening import open_batches
from gold_train.data.scaling import return_percentiles, scaling_of
from gold_train.environments.opening import world_of
from gold_train.offline.resuming import has_begun, hold_against
from gold_train.offline.schedule import seed_weights
from gold_train.offline.state import LAST, Progress, load_state, save_state
from gold_train.offline.training import Start, Training
from gold_train.policies.columns import chosen_blocks, columns_of
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.runs.board import board_writer
from gold_train.runs.device import device_of
from gold_train.runs.validation import ValidationScenes
from gold_train.settings import OfflineRun, TransformerRun

SETTINGS: Final = "settings.json"
VALIDATION: Final = "validation"


def train(
    dataset: Path, run: Path, settings: OfflineRun, sources: Sequence[str] = (), console: Console | None = None
) -> Path:
    """Train a policy from a dataset's folder, or go on where a training in `run` was stopped; give its best checkpoint.

    `run` gets settings.json, metrics.jsonl, speed.jsonl, last.safetensors to go on from, and best.safetensors, the
    policy that drove the validation scenes best; `sources` is where their records are, if not where the dataset says.
    Raises DatasetError, SettingsError, OutputError and CheckpointError for what cannot be trained on or gone on with,
    before anything is written; TrainingError for a loss that is no number; StoppedError after SIGTERM or Ctrl-C.
    """
    shown = Console(stderr=True, highlight=False) if console is None else console
    begun = has_begun(run)
    opened = open_dataset(dataset)
    device = device_of(settings.training.device)
    if settings.training.tensorboard:
        board_writer()
    if settings.training.threads:
        torch.set_num_threads(settings.training.threads)
    blocks = chosen_blocks(settings.data.blocks, opened.observation_blocks)
    lineage = Lineage(opened.digest, opened.manifest.statistics_digest, opened.manifest.gold_data_version)
    if begun:
        policy, moments, progress = load_state(run / LAST)
        hold_against(run, policy, settings, lineage, blocks)
        if policy.step == settings.training.steps and (run / BEST).is_file():
            shown.print(f"{run}: is trained to the end already", highlight=False, markup=False, soft_wrap=True)
            return run / BEST
        start = Start(replace(policy, settings=settings), moments, progress)
    validate = None
    if settings.training.evaluate_every:
        if not opened.manifest.splits.get(VALIDATION) or not opened.manifest.splits[VALIDATION].episodes:
            raise DatasetError(
                f"{dataset}: has no {VALIDATION} scenes to choose the checkpoint by; convert it with some, or set "
                "training.evaluate_every=0, which takes the last one"
            )
        validate = ValidationScenes(
            world_of(opened, VALIDATION, sources=sources), settings.training.environments, device
        )
    batches = _batches(opened, settings, blocks, sources)
    if not begun:
        start = Start(_new_policy(opened, settings, blocks, lineage, batches), {}, Progress())
        if validate:
            validate.targets(start.policy)
        _begin(run, start)
    Training(run, start, settings, batches, validate, device).go_on(shown)
    return run / BEST


def _batches(
    dataset: Dataset, settings: OfflineRun, blocks: Sequence[ObservationBlock], sources: Sequence[str]
) -> Batches:
    return open_batches(
        dataset,
        settings.data,
        columns_of(blocks, dataset.observation_blocks),
        length=settings.model.context if isinstance(settings, TransformerRun) else 1,
        batch_size=settings.training.batch_size,
        seed=settings.training.seed,
        sources=sources,
    )


def _new_policy(
    dataset: Dataset,
    settings: OfflineRun,
    blocks: tuple[ObservationBlock, ...],
    lineage: Lineage,
    batches: Batches,
) -> Policy:
    columns = columns_of(blocks, dataset.observation_blocks)
    scaling = scaling_of(dataset, columns)
    normaliser = Normaliser(
        torch.from_numpy(scaling.mean),
        torch.from_numpy(scaling.standard_deviation),
        settings.data.min_std,
        settings.data.clip,
    )
    actions = batches.batch(0).actions.shape[-1]
    seed_weights(settings.training.seed)
    network = make_network(settings, normaliser, len(columns), actions)
    return Policy(network, settings, blocks, lineage, 0, return_percentiles(dataset))


def _begin(run: Path, start: Start) -> None:
    """Make the folder, so that from its first moment a training can be gone on with there."""
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{run}: cannot be made ({error}); choose another place") from error
    save_state(run / LAST, start.policy, start.moments, start.progress)
    text = json.dumps(start.policy.settings.model_dump(mode="json"), indent=1) + "\n"
    write_whole_file(run / SETTINGS, text.encode())
