"""A dataset, a guide and settings -> a trained student in a run's folder; a training that was stopped goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from gold_data import Dataset, open_dataset
from gold_data.errors import SettingsError
from gold_data.shards import write_whole_file
from gold_train.checkpoint import BEST, load_policy
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.opening import world_of
from gold_train.environments.world import World
from gold_train.evaluation.metrics import episode_limit, parked
from gold_train.learners.cost_weight import CostWeight
from gold_train.learners.cvpo import CvpoLearner
from gold_train.learners.iql import IqlLearner
from gold_train.learners.learner import Learner
from gold_train.online.explorer import Explorer
from gold_train.online.gate import Gate
from gold_train.online.gated import Gated
from gold_train.online.replay_buffer import ReplayBuffer
from gold_train.online.resuming import hold_online_settings
from gold_train.online.rollouts import Rollouts
from gold_train.online.scene_order import SceneOrder
from gold_train.online.schedules import Alone, curriculum_of
from gold_train.online.state import Progress, load_online
from gold_train.online.training import GuidedTraining, Parts
from gold_train.online.variations import Variations
from gold_train.online.warm_start import warm_start
from gold_train.online.window import Window
from gold_train.policies.columns import chosen_blocks, columns_of
from gold_train.policies.network import action_size
from gold_train.policies.policy import Lineage, Policy, same_but_seed
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.runs.board import board_writer
from gold_train.runs.device import device_of
from gold_train.runs.folder import BUFFER, GUIDE, begin, has_begun
from gold_train.runs.same import hold_origin
from gold_train.runs.untrained import untrained
from gold_train.runs.validation import VALIDATION, open_validation
from gold_train.settings import CvpoRun, OnlineRun

TRAIN = "train"


def distill(
    dataset: Path,
    guide: Path | None,
    run: Path,
    settings: OnlineRun,
    *,
    begin_with: Path | None = None,
    sources: Sequence[str] = (),
    console: Console | None = None,
) -> Path:
    """Train a student in the training scenes of a dataset, guided or alone; give its best checkpoint (algorithms 2.5).

    `guide` is a run or a policy's file, frozen; `begin_with` one of behaviour cloning, whose weights the student begins
    with. `run` gets what an offline training gets, a copy of the guide, and the buffer's rows. Goes on where a training
    in `run` was stopped. Raises DatasetError, SettingsError, OutputError, SourceError and CheckpointError for what
    cannot be trained with, before anything is written; TrainingError for what is no number; StoppedError after SIGTERM
    or Ctrl-C.
    """
    shown = Console(stderr=True, highlight=False) if console is None else console
    training = settings.training
    begun = has_begun(run)
    opened = open_dataset(dataset)
    device = device_of(training.device)
    if training.tensorboard:
        board_writer()
    if training.threads:
        torch.set_num_threads(training.threads)
    guiding = None if guide is None else load_policy(guide)
    clone = None if begin_with is None else load_policy(begin_with)
    lineage = Lineage(
        opened.digest,
        opened.manifest.statistics_digest,
        opened.manifest.gold_data_version,
        guide=_digest(guide),
        guide_kind=None if guiding is None else guiding.settings.kind,
        guide_form=None if guiding is None else same_but_seed(guiding),
        begun_with=_digest(begin_with),
    )
    blocks = chosen_blocks(settings.data.blocks, opened.observation_blocks)
    expert = settings.distillation.expert > 0
    world = world_of(
        opened, TRAIN, engine=training.engine, sources=sources, expert=expert, varied=settings.variation.asked
    )
    saved = None
    if begun:
        policy, saved = load_online(run)
        hold_origin(run, policy, lineage, blocks)
        hold_online_settings(run, policy, settings)
        if saved.progress.steps >= training.steps and (run / BEST).is_file():
            shown.print(f"{run}: is trained to the end already", highlight=False, markup=False, soft_wrap=True)
            return run / BEST
        policy = replace(policy, settings=settings)
    else:
        size = int(np.prod(world.environments(1).single_action_space.shape or (1,)))
        policy = untrained(opened, settings, blocks, lineage, size)
        if clone is not None:
            warm_start(policy, clone)
    if guiding is not None and action_size(guiding.network) != action_size(policy.network):
        raise SettingsError(
            f"{guide}: its actions have {action_size(guiding.network)} numbers, those of {dataset} "
            f"{action_size(policy.network)}; name a guide of this environment"
        )
    policy.network.to(device)
    parts = _parts(opened, world, policy, guiding, settings, sources, device)
    validate = None
    if training.evaluate_every:
        validate = open_validation(opened, sources, training.environments, device)
    progress, window = Progress(), Window()
    if saved is not None:
        progress, window = saved.progress, Window.of(saved.tensors["window"])
        parts.learner.restore(saved.tensors["learner"])
        parts.curriculum.restore(saved.curriculum)
        parts.buffer.restore(run / BUFFER, saved.buffer)
        parts.rollouts.restore(saved.rollouts, saved.tensors["rollouts"])
    work = GuidedTraining(run, policy, settings, parts, progress, window, validate)
    if not begun:
        begin(run, settings, work.save_start)
        if guide is not None:
            write_whole_file(run / GUIDE, _file(guide).read_bytes())
    with closing(parts.rollouts):
        work.go_on(shown)
    return run / BEST


def _parts(
    dataset: Dataset,
    world: World,
    policy: Policy,
    guide: Policy | None,
    settings: OnlineRun,
    sources: Sequence[str],
    device: torch.device,
) -> Parts:
    training = settings.training
    columns = columns_of(policy.blocks, world.blocks)
    curriculum = Alone() if guide is None else curriculum_of(settings.guidance, training.steps, training.seed)
    environments = 1 if training.engine == "metadrive" else training.environments
    rollouts = Rollouts(
        world,
        guide,
        columns,
        curriculum,
        SceneOrder(world.tasks, training.seed),
        environments,
        training.seed,
        device,
        always_ask=settings.distillation.coefficient > 0,
        expert=settings.distillation.expert > 0,
        variations=_variations(world, settings),
    )
    gate = None
    if isinstance(curriculum, Gated) and guide is not None:
        validation = world_of(dataset, VALIDATION, sources=sources)
        gate = Gate(validation, guide, curriculum, training.environments, device)
    assert isinstance(policy.network, Student)
    stored = columns_of(policy.blocks, dataset.observation_blocks)
    scenes = [f"{task.scenario_id}/{task.ego_id}" for task in world.tasks]
    return Parts(
        learner=_learner(policy.network, settings, world),
        explorer=Explorer(policy.network, sampling_of(settings), device),
        rollouts=rollouts,
        curriculum=curriculum,
        buffer=ReplayBuffer(settings.replay, training.seed, dataset, stored, device, scenes),
        gate=gate,
    )


def _variations(world: World, settings: OnlineRun) -> Variations | None:
    if not settings.variation.asked or not isinstance(world, DrivingWorld):
        return None
    return Variations(world.courses, settings.variation, settings.training.seed)


def _learner(student: Student, settings: OnlineRun, world: World) -> Learner:
    if isinstance(settings, CvpoRun):
        limits = [episode_limit(task.frames) for task in world.tasks if not parked(task)]
        return CvpoLearner(student, settings, float(np.mean(limits)))
    learner = settings.learner
    controller = None
    if learner.cost_limit is not None:
        controller = CostWeight(learner.controller, learner.cost_limit, learner.cost_weight)
    return IqlLearner(student, settings, controller)


def _file(policy: Path) -> Path:
    return policy / BEST if policy.is_dir() else policy


def _digest(policy: Path | None) -> str | None:
    return None if policy is None else hashlib.sha256(_file(policy).read_bytes()).hexdigest()
