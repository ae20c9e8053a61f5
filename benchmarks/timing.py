"""CPU seconds of this process, ours and the reference's by turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gold_data.conversion.collector import settle_collector

Result = TypeVar("Result")
Work = Callable[[], object]


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds of one call, in all threads, with Python's collector settled as in the workers of a conversion."""
    settle_collector()
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def by_turns(ours: Work, reference: Work, repeats: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """CPU seconds of each, one after the other `repeats` times, after one that does not count.

    Machines are noisy over minutes: what stands beside each other in time is compared.
    """
    timed(ours), timed(reference)  # what is compiled or read on first use is so now
    pairs = [(timed(ours)[0], timed(reference)[0]) for _ in range(repeats)]
    return tuple(our for our, _ in pairs), tuple(their for _, their in pairs)


@dataclass(frozen=True)
class Rate:
    """Steps a second: of CPU, in all threads, and by the clock."""

    cpu: float
    clock: float


def rate_over(step: Work, each: int, seconds: float) -> Rate:
    """Of calls that make `each` steps, over so many seconds of CPU at least."""
    settle_collector()
    calls, spent, began, begin = 0, 0.0, time.perf_counter(), time.process_time()
    while spent < seconds:
        step()
        calls += 1
        spent = time.process_time() - begin
    return Rate(calls * each / spent, calls * each / (time.perf_counter() - began))
