"""Tasks driven each in a child process, several at a time: MetaDrive has one engine a process, may crash and hang."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue

import torch

from gold_data.errors import SimulatorError
from gold_data.replay import Isolated
from gold_train.environments.world import World
from gold_train.evaluation.drivers import Driver
from gold_train.evaluation.trace import Trace


@dataclass(frozen=True)
class Refusal:
    """Why a task was not driven to its end: the kind of error, and at which step."""

    reason: str


@dataclass(frozen=True)
class LoneTask:
    """The only task of a world, with all that a process needs to drive it."""

    world: World
    driver: Driver
    target: float


def drive_alone(task: LoneTask, on_step: Callable[[int], None]) -> Trace:
    """Drive a task in this process; `on_step` is told each step's number before it is driven."""
    torch.set_num_threads(1)
    return task.driver.drive(task.world, [0], [task.target], 1, on_step)[0]


def drive_isolated(
    driver: Driver,
    world: World,
    numbers: Sequence[int],
    targets: Sequence[float],
    workers: int,
    time_limit: float,
) -> Iterator[Trace | Refusal]:
    """Drive tasks, `workers` at a time, each in a child that may take `time_limit` seconds for it; in their order.

    A task that raises, dies or takes too long is refused, the others go on. Raises MachineError where a child cannot
    be started.
    """
    with ExitStack() as stack:
        idle: SimpleQueue[Isolated[LoneTask, Trace]] = SimpleQueue()
        for _ in range(max(1, min(workers, len(numbers)))):
            idle.put(stack.enter_context(Isolated(drive_alone, time_limit)))
        reading = threading.Lock()  # a world may read a task's record where it is asked for it

        def driven(number: int, target: float) -> Trace | Refusal:
            simulator = idle.get()
            try:
                with reading:
                    task = LoneTask(world.alone(number), driver, target)
                return simulator(task)
            except SimulatorError as error:
                at = "before the first step" if error.step is None else f"at step {error.step}"
                return Refusal(f"{error.kind} {at}")
            finally:
                idle.put(simulator)

        pool = stack.enter_context(ThreadPoolExecutor(idle.qsize()))
        yield from pool.map(driven, numbers, targets)
