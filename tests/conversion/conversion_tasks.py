"""Tasks for workers, which import them by this module's name."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from gold_data.errors import RecordError


def slow_double(number: int, report: Callable[[str], None]) -> int:
    """The first task takes longest."""
    report(f"begun {number}")
    time.sleep(1.0 if number == 0 else 0.0)
    report("done")
    return 2 * number


def process(number: int, report: Callable[[str], None]) -> int:
    """Which process does it."""
    return os.getpid()


def damaged(number: int, report: Callable[[str], None]) -> int:
    if number == 1:
        raise RecordError("training/part-0", 77, "it is torn")
    return number


def mistaken(number: int, report: Callable[[str], None]) -> int:
    raise ZeroDivisionError("a mistake")


def deadly(number: int, report: Callable[[str], None]) -> int:
    os._exit(9)


def dies_once(task: tuple[Path, int], report: Callable[[str], None]) -> int:
    """The first attempt at number 1 takes its worker with it, half done."""
    folder, number = task
    report(f"begun {number}")
    if number == 1 and not (folder / "died").exists():
        time.sleep(0.5)  # what was reported is sent a moment later
        (folder / "died").touch()
        os._exit(9)
    report("done")
    return 2 * number
