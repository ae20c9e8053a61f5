"""CPU seconds of all processes of a run, and a script that serves jobs in a process of its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil


def cpu_seconds(apart: int) -> float:
    """CPU seconds of this process, of those below it, and of those that these have outlived; `apart` is left out."""
    me = psutil.Process()
    processes = [me, *(child for child in me.children(recursive=True) if child.pid != apart)]
    return sum(sum(process.cpu_times()[:4]) for process in processes)


class Served:
    """A script that reads pickled jobs from its input and answers each with a pickle."""

    def __init__(self, script: Path) -> None:
        self._process = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self._process.pid

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
