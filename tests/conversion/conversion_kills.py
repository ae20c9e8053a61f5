"""A process that ends at one of its writes, without ending: from there on nothing more reaches the folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gold_data.conversion import unit
from gold_data.replay import ContactOnLog, DriveJob, Isolated, Tracked, drive_job

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}

_watching: list[Callable[[str, str], None]] = []


class Cut(OSError):  # noqa: N818  (as what a dead process never sees)
    """Nothing is written any more."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in CHANGES:
        return
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
        return
    path = arguments[1] if event == "os.rename" else arguments[0]
    if isinstance(path, str | bytes | os.PathLike):
        _watching[-1](event, os.fsdecode(path))


sys.addaudithook(_hook)


@contextmanager
def cut(out: Path, event: str, name: str, error: int | None = None) -> Iterator[list[str]]:
    """From the first `event` on whose path below `out` ends with `name`: that change and all later ones fail.

    With an `error` number only this one does, by it. The list names the change once it came.
    """
    came: list[str] = []

    def watch(what: str, path: str) -> None:
        inside = path.startswith(f"{out}{os.sep}") or not os.path.isabs(path)  # rmtree names what is in a folder
        if inside and (what, path.endswith(name)) == (event, True) and not came:
            came.append(path)
            if error is not None:
                raise OSError(error, os.strerror(error), path)
        if came and error is None and inside:
            raise Cut(0, "the process is dead", path)

    _watching.append(watch)
    try:
        yield came
    finally:
        _watching.remove(watch)


class Remembered:
    """The simulator's answers, asked for once a scenario in the whole session: these tests are not about driving."""

    answers: dict[tuple[str, str], Tracked | ContactOnLog] = {}  # noqa: RUF012
    asked = 0

    def __init__(self, function: object, time_limit: float) -> None:
        self.time_limit = time_limit

    def __enter__(self) -> Remembered:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, job: DriveJob) -> Tracked | ContactOnLog:
        Remembered.asked += 1
        name = job.description["id"], job.ego_id
        if name not in self.answers:
            with Isolated(drive_job, self.time_limit) as simulator:
                self.answers[name] = simulator(job)
        return self.answers[name]


def remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let units ask `Remembered`."""
    monkeypatch.setattr(unit, "Isolated", Remembered)
    Remembered.asked = 0
