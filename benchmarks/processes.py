"""Other processes: one that serves jobs in a fresh interpreter, and what a command with all below it takes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gold_data.errors import GoldDataError

ROOT = Path(__file__).parents[1]
LOOK = 0.1
"""Seconds between two looks at the processes of a command: what one does after the last look at it is missed."""


class Served:
    """A module that reads pickled jobs from its input and answers each with a pickle; see `serve`."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-m", module]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def ask(self, job: Any) -> Any:
        """The answer to one job."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(job, self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer jobs from the standard input until it ends; whatever else is printed goes to the standard error."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    while True:
        try:
            received = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        pickle.dump(answer(received), replies)
        replies.flush()


@dataclass(frozen=True)
class Taken:
    """What a command took, with all processes below it."""

    wall: float  # s
    cpu: float  # s
    peak: int  # bytes resident, all processes together; what they share counts for each


def watch(command: Sequence[str], allowed: Sequence[int] = (0,)) -> Taken:
    """Run a command to its end. Raises GoldDataError, with the last that it said, for any other exit code."""
    begin, peak = time.perf_counter(), 0
    spent: dict[int, float] = {}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        root = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _look(root, spent))
            time.sleep(LOOK)
        wall = time.perf_counter() - begin
        if process.returncode not in allowed:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise GoldDataError(
                f"{' '.join(command[:2])} ended with {process.returncode}: {' '.join(last)}; run it alone to see why."
            )
    return Taken(wall, sum(spent.values()), peak)


def _look(root: psutil.Process, spent: dict[int, float]) -> int:
    resident = 0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            spent[process.pid] = times.user + times.system
            resident += process.memory_info().rss
    return resident
