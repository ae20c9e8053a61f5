"""The simulator as a function that fails on some scenarios, told by their names; importable, as a child asks."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable

from gold_data.replay import ContactOnLog, DriveJob, Tracked, drive_job


def faulty_drive(job: DriveJob, on_step: Callable[[int], None]) -> Tracked | ContactOnLog:
    """drive_job, but for scenarios whose name begins with a fault."""
    fault, _, step = job.description["id"].partition("-")
    if fault not in FAULTS:
        return drive_job(job, on_step)
    if step:
        on_step(int(step))
    return FAULTS[fault]()


def _raise() -> Tracked:
    raise ZeroDivisionError("at 0x7f00 in /some/place")


def _kill() -> Tracked:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _crash() -> Tracked:
    ctypes.string_at(0)
    raise AssertionError


def _exit() -> Tracked:
    os._exit(3)


def _hang() -> Tracked:
    time.sleep(600)
    raise AssertionError


FAULTS = {"raise": _raise, "kill": _kill, "crash": _crash, "exit": _exit, "hang": _hang}
