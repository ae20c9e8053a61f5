"""A dataset and settings -> a trained policy in a run's folder; a training that was stopped goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from gold_data import Dataset, open_dataset
from gold_data.gym import settings_of_dataset
from gold_data.replay import blocks as blocks_of_engine
from gold_data.shards import ObservationBlock, described_blocks
from gold_train.checkpoint import BEST
from gold_train.data.batch import Batches
from gold_train.data.opening import open_batches
from gold_train.offline.resuming import hold_settings
from gold_train.offline.state import Progress, load_state, save_state
from gold_train.offline.training import Start, Training
from gold_train.policies.columns import chosen_blocks, columns_of
from gold_train.policies.policy import Lineage
from gold_train.runs.board import board_writer
from gold_train.runs.device import device_of
from gold_train.runs.folder import LAST, begin, has_begun
from gold_train.runs.same import hold_origin
from gold_train.runs.untrained import untrained
from gold_train.runs.validation import open_validation
from gold_train.settings import OfflineRun, TransformerRun


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
        hold_origin(run, policy, lineage, blocks)
        hold_settings(run, policy, settings)
        if policy.step == settings.training.steps and (run / BEST).is_file():
            shown.print(f"{run}: is trained to the end already", highlight=False, markup=False, soft_wrap=True)
            return run / BEST
        start = Start(replace(policy, settings=settings), moments, progress)
    validate = None
    if settings.training.evaluate_every:
        validate = open_validation(opened, sources, settings.training.environments, device)
    batches = _batches(opened, settings, blocks, sources)
    if not begun:
        policy = untrained(opened, settings, blocks, lineage, batches.batch(0).actions.shape[-1])
        start = Start(policy, {}, Progress())
        if validate:
            validate.targets(policy)
        begin(run, settings, lambda: save_state(run / LAST, start.policy, start.moments, start.progress))
    Training(run, start, settings, batches, validate, device).go_on(shown)
    return run / BEST


def _batches(
    dataset: Dataset, settings: OfflineRun, blocks: Sequence[ObservationBlock], sources: Sequence[str]
) -> Batches:
    return open_batches(
        dataset,
        settings.data,
        columns_of(blocks, _observed(dataset, settings)),
        length=settings.model.context if isinstance(settings, TransformerRun) else 1,
        batch_size=settings.training.batch_size,
        seed=settings.training.seed,
        sources=sources,
    )


def _observed(dataset: Dataset, settings: OfflineRun) -> Sequence[ObservationBlock]:
    """What the observations of a batch are made of: the dataset's blocks, or those of today where it is driven anew."""
    if settings.data.online is None:
        return dataset.observation_blocks
    return described_blocks(blocks_of_engine(settings_of_dataset(dataset).simulator.lidar_rays))
