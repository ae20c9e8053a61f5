"""WORK, the folder of a job: what stands there under a stage's name is whole, and was made as its record says.

WORK/<stage>               its result, a folder or a file
WORK/stages/<stage>.json   how it was made: the command, and what that took
WORK/partial/<stage>       a result while it is made, and what a stage that failed has left
WORK/lock                  held while a job or one of its stages runs
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gold_data.errors import OutputError
from gold_data.settings import Settings


class Made(Settings):
    """How a stage's result was made; seconds and bytes are those of all processes of its command."""

    stage: str
    written: str
    command: tuple[str, ...]
    exit_code: int
    began: str
    wall_seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    size_bytes: int
    gold_data: str


@dataclass(frozen=True)
class Workplace:
    """Where the results of a job are."""

    folder: Path

    def result(self, stage: str) -> Path:
        """Where the whole result is."""
        return self.folder / stage

    def partial(self, stage: str) -> Path:
        """Where it is made: under its own name, which commands may read a format from or write down."""
        return self.folder / "partial" / stage

    def made(self, stage: str) -> Made | None:
        """How the result was made; None where there is none.

        Raises OutputError for a result without a record of it.
        """
        result, record = self.result(stage), self._record(stage)
        if not os.path.lexists(result):
            return None
        try:
            return Made.model_validate_json(record.read_bytes())
        except (OSError, ValidationError) as error:
            raise OutputError(
                f"{result} is there, and {record} does not say how it was made; move it away, or give another --work."
            ) from error

    def prepare(self, stage: str, *, keep: bool) -> None:
        """Make room for a result in the making; what was left of an earlier one is removed unless it is to be kept."""
        if not keep:
            _remove(self.partial(stage))
        self.partial(stage).parent.mkdir(parents=True, exist_ok=True)

    def keep(self, made: Made) -> None:
        """Write the record, and give the result its name: the last step, so that what is there is whole."""
        record, partial = self._record(made.stage), self.partial(made.stage)
        record.parent.mkdir(exist_ok=True)
        new = record.with_suffix(".new")
        new.write_text(json.dumps(made.model_dump(mode="json"), indent=1) + "\n")
        for path in (partial, new):
            _sync(path)
        new.replace(record)
        _sync(record.parent)
        partial.rename(self.result(made.stage))
        _sync(self.folder)

    def forget(self, stage: str) -> None:
        """Remove a result, at once however large it is, and what is left of one in the making."""
        result = self.result(stage)
        self.prepare(stage, keep=False)
        if os.path.lexists(result):
            result.rename(self.partial(stage))
            _remove(self.partial(stage))
        self._record(stage).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the folder of what was being made, unless a stage that the recipe has no more has left something."""
        with suppress(OSError):
            (self.folder / "partial").rmdir()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, made where it is missing, for one job; what is started inherits that.

        A stage that outlives a killed job thus keeps the next one out. Raises OutputError where another holds it, and
        where it cannot be written, then or later.
        """
        lock = self.folder / "lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with lock.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise OutputError(
                        f"{self.folder}: another job, or a stage that one left behind, works there (`fuser {lock}` "
                        "says which process); wait for its end, or give another --work."
                    ) from error
                os.set_inheritable(file.fileno(), True)
                yield
        except OSError as error:
            raise OutputError(
                f"{self.folder}: cannot be written ({error}); mend that, or give another --work."
            ) from error

    def _record(self, stage: str) -> Path:
        return self.folder / "stages" / f"{stage}.json"


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(each.lstat().st_size for each in _tree(path) if not each.is_dir())


def _tree(path: Path) -> Iterator[Path]:
    """A file, or a folder with all that is in it, the innermost first; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        for each in path.iterdir():
            yield from _tree(each)
    yield path


def _sync(path: Path) -> None:
    for each in _tree(path):
        if not each.is_symlink():
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
