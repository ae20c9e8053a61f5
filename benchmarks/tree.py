"""CPU and wall seconds of a block of code, with all processes that it starts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Give a row that holds `cpu` and `wall` once the block has ended."""
    row: dict[str, float] = {}
    cpu, wall = _cpu(), time.perf_counter()
    yield row
    row["cpu"], row["wall"] = _cpu() - cpu, time.perf_counter() - wall


def _cpu() -> float:
    """CPU seconds of this process, of those below it, and of those that these have outlived."""
    me = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (me, *me.children(recursive=True)))
