"""What the tests of isolation run in children, which import it by its name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """A number to be squared, and what goes wrong in its third step."""

    number: int
    fault: Literal["none", "kill", "segfault", "exit", "raise", "hang", "unsendable", "quit"] = "none"


@dataclass(frozen=True)
class Done:
    """The square with its history, and where it was made."""

    values: NDArray[np.float64]
    pid: int
    threads: int
    server_threads: int
    modules: frozenset[str]


class Unsendable:
    """What cannot be pickled."""

    def __reduce__(self) -> str:
        raise TypeError("not to be sent")


def square(task: Task, on_step: Callable[[int], None]) -> Done:
    """Square a number in five steps; go wrong in the third one."""
    values = np.full(20_000, float(task.number))
    for step in range(1, 6):
        on_step(step)
        if step == 3:
            _go_wrong(task.fault)
        values[step:] *= task.number
    np.ones((300, 300)) @ np.ones((300, 300))  # large enough for linear algebra to start threads, where it may
    threads = len(os.listdir("/proc/self/task"))
    modules = frozenset(name for name in ("metadrive", "shapely", "gold_data.replay.preload") if name in sys.modules)
    return Done(values, os.getpid(), threads, len(os.listdir(f"/proc/{os.getppid()}/task")), modules)


def before_the_first_step(task: Task, on_step: Callable[[int], None]) -> Done:
    """Go wrong before any step."""
    _go_wrong(task.fault)
    return square(task, on_step)


def unsendable(task: Task, on_step: Callable[[int], None]) -> object:
    """A result that no pipe carries."""
    on_step(1)
    return Unsendable()


def _go_wrong(fault: str) -> None:
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "segfault":
        ctypes.string_at(0)
    elif fault == "exit":
        os._exit(3)
    elif fault == "quit":
        sys.exit(4)
    elif fault == "raise":
        raise ValueError("a bad scene")
    elif fault == "hang":
        time.sleep(600)
