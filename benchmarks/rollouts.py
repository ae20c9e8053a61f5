"""Environment steps that reach the replay buffer: beside the environments alone, beside a learner, with a guide."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.material import Material
from benchmarks.row import Row
from benchmarks.timing import rate_over
from gold_data import ConvertSettings
from gold_data.gym.scenes import EgoScene
from gold_train.environments.driving import DrivingWorld
from gold_train.learners.iql import IqlLearner
from gold_train.learners.learner import Transitions
from gold_train.online.explorer import Explorer
from gold_train.online.replay_buffer import ReplayBuffer
from gold_train.online.rollouts import Rollouts
from gold_train.online.scene_order import SceneOrder
from gold_train.online.schedules import Alone, curriculum_of
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.settings import IqlRun, RunSettings, transformer_run
from gold_train.settings.online import GuidanceSettings, ReplaySettings

ENVIRONMENTS = (64, 256)
CAPACITY = 20_000
WHOLE_EPISODES = 10**12
"""Steps of a training so long that its first stage does not end."""
Step = Callable[[], None]


def measure_rollouts(material: Material) -> Iterator[Row]:
    """Rates of a CPU second, with one thread of torch and numba; beside a learner by the clock, which wants two cores.

    All policies are as they are drawn. Environments alone are given the actions that rollouts made before.
    """
    torch.set_num_threads(1)
    world = _world(material.scenes, material.settings)
    seconds = material.sizes.seconds
    for number in ENVIRONMENTS[: len(material.sizes.batches)]:
        student = _student(world)
        rollouts, buffer = _rollouts(world, number, None), _buffer(world)
        step, actions = _into_buffer(rollouts, buffer, student)
        alone = _fixed_actions(world, number, actions)
        guided, _ = _into_buffer(_rollouts(world, number, _guide(world)), _buffer(world), student)
        for _ in range(20):  # the buffer has rows, episodes are in their midst, everything is compiled
            step()
        guided()
        ours, own, quiet, busy, led = [], [], [], [], []
        for _ in range(material.sizes.turns):
            ours.append(rate_over(step, number, seconds).cpu)
            own.append(rate_over(alone, number, seconds).cpu)
            quiet.append(_by_clock(step, number, seconds))
            with _learning(world, buffer):
                busy.append(_by_clock(step, number, seconds))
            led.append(rate_over(guided, number, seconds).cpu)
        into = f"rows into the buffer, {number} environments"
        yield Row(f"{into}, student", "steps/s", tuple(ours), "environments, fixed actions", tuple(own))
        yield Row(f"{into}, learner beside, by the clock", "steps/s", tuple(busy), "nobody beside", tuple(quiet))
        yield Row(f"{into}, guide (DT, paper)", "steps/s", tuple(led), "student", tuple(ours))


def _world(scenes: Sequence[EgoScene], settings: ConvertSettings) -> DrivingWorld:
    return DrivingWorld(scenes, settings, [scene.scenario_id for scene in scenes])


def _size(world: DrivingWorld) -> int:
    return world.blocks[-1].stop


def _rollouts(world: DrivingWorld, number: int, guide: Policy | None) -> Rollouts:
    curriculum = Alone() if guide is None else curriculum_of(GuidanceSettings(), WHOLE_EPISODES, 0)
    order = SceneOrder(world.tasks, 0)
    return Rollouts(world, guide, np.arange(_size(world)), curriculum, order, number, 0)


def _buffer(world: DrivingWorld) -> ReplayBuffer:
    return ReplayBuffer(ReplaySettings(capacity=CAPACITY), 0, None, np.arange(_size(world)))


def _into_buffer(rollouts: Rollouts, buffer: ReplayBuffer, student: Student) -> tuple[Step, list[NDArray[np.float32]]]:
    """One round, and the actions of all rounds so far, the last ones."""
    explorer = Explorer(student, sampling_of(IqlRun()))
    actions: list[NDArray[np.float32]] = []

    def step() -> None:
        rows, _ = rollouts.step(explorer, buffer.added)
        buffer.add(rows)
        if len(actions) < 200:
            actions.append(rows.actions)

    return step, actions


def _fixed_actions(world: DrivingWorld, number: int, actions: list[NDArray[np.float32]]) -> Step:
    environments = world.environments(number)
    environments.reset(seed=0)
    taken = 0

    def step() -> None:
        nonlocal taken
        environments.step(actions[taken % len(actions)])
        taken += 1

    return step


@contextmanager
def _learning(world: DrivingWorld, buffer: ReplayBuffer) -> Iterator[None]:
    """A learner that makes update after update, on one batch, in a thread of its own."""
    learner, over = IqlLearner(_student(world), IqlRun()), threading.Event()
    batch: Transitions = buffer.batch(0)

    def learn() -> None:
        torch.set_num_threads(1)
        number = 0
        while not over.is_set():
            learner.update(batch, number, 0.0, measure=False)
            number += 1

    thread = threading.Thread(target=learn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _by_clock(step: Step, each: int, seconds: float) -> float:
    steps, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or not steps:
        step()
        steps += each
    return steps / spent


def _student(world: DrivingWorld) -> Student:
    made = _network(world, IqlRun())
    assert isinstance(made, Student)
    return made


def _guide(world: DrivingWorld) -> Policy:
    settings = transformer_run("paper")
    lineage = Lineage("", "", "")
    return Policy(_network(world, settings), settings, world.blocks, lineage, 0, np.full(101, 50.0))


def _network(world: DrivingWorld, settings: RunSettings) -> DecisionTransformer | Student:
    size = _size(world)
    torch.manual_seed(0)
    return make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 0.01, 10.0), size, 2)
