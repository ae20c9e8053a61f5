"""The folder that a job writes into: taken by one job at a time, and given back as it was if that never begins.

no plan.json, .units         a job that was killed before it began: nothing is lost
plan.json and .units         a job that can be resumed
manifest.json, no .units     a dataset; run.json is the last that is written, then .units goes
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from gold_data.conversion.lock import held
from gold_data.conversion.plan import PLAN, SETTINGS
from gold_data.conversion.unit import ROWS
from gold_data.errors import OutputError
from gold_data.shards.folder import is_partial
from gold_data.shards.manifest import MANIFEST
from gold_data.shards.verify import RUN

LOCK = "lock"
_BEFORE = frozenset({ROWS, SETTINGS})
"""What may lie in a folder whose job has no plan yet."""


def has_begun(out: Path) -> bool:
    """Whether the job in the folder has its plan: from there on it can be resumed."""
    return (out / PLAN).exists()


def is_finished(out: Path) -> bool:
    """Whether the folder is a dataset, of which at most the rows of its units are still to be removed."""
    return (out / MANIFEST).exists() and ((out / RUN).exists() or not (out / ROWS).exists())


@contextmanager
def taken(out: Path, resume: bool, console: Console) -> Iterator[None]:
    """Take the folder for one job, which ends with the block.

    What an earlier job has left half written is removed. If the job ends before it has begun (`has_begun`), whatever
    was made is removed. A finished dataset is left alone. Raises OutputError for a folder that is not fit, that
    another job works in, or that cannot be written.
    """
    made = _make(out, resume)
    if is_finished(out) and not (out / ROWS).exists():
        yield
        return
    with ExitStack() as stack:
        try:
            (out / ROWS).mkdir(exist_ok=True)
            alone = stack.enter_context(held(out / ROWS / LOCK, wait=False))
        except BlockingIOError as error:
            raise OutputError(f"{out}: another job works there now; wait for its end, or name another OUT.") from error
        except OSError as error:
            raise _unwritable(out, error) from error
        if not alone:
            text = f"gold-data: {out}: this file system knows no locks; see to it that no other job works there."
            console.print(text, soft_wrap=True, markup=False, highlight=False)
        if is_finished(out):
            shutil.rmtree(out / ROWS)
        else:
            _sweep(out)
        try:
            yield
        finally:
            if not has_begun(out):
                _give_back(out, made)


def _make(out: Path, resume: bool) -> list[Path]:
    """Make the folder, or take the one that is there; the folders that were made, innermost first."""
    new = [place for place in (out, *out.parents) if not place.exists()]
    try:
        if os.path.lexists(out) and (not out.is_dir() or any(out.iterdir())):
            _check(out, resume)
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(out, error) from error
    return new


def _check(out: Path, resume: bool) -> None:
    """Raise OutputError for what is there and cannot be gone on with."""
    unfinished = (out / ROWS).is_dir() and not is_finished(out)
    if not resume:
        if unfinished:
            raise OutputError(
                f"{out} holds a job that is not finished; go on with it by --resume, remove it, or name another OUT."
            )
        raise OutputError(f"{out} exists and is not an empty folder; name another OUT or remove it.")
    if unfinished and not has_begun(out):
        unfinished = all(path.name in _BEFORE or is_partial(path) for path in out.iterdir())
    if not unfinished and not (is_finished(out) and has_begun(out)):
        raise OutputError(f"{out} holds no conversion that could be resumed; name another OUT or remove it.")


def _sweep(out: Path) -> None:
    """Remove what was being written when an earlier job was killed."""
    for folder in (out, out / ROWS, out / "shards", out / "scenarios"):
        for path in folder.glob(".*"):
            if is_partial(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _give_back(out: Path, made: Sequence[Path]) -> None:
    shutil.rmtree(out / ROWS, ignore_errors=True)
    (out / SETTINGS).unlink(missing_ok=True)
    for folder in made:
        if any(folder.iterdir()):
            return
        folder.rmdir()


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(f"{out} cannot be written: {error.strerror}; name another OUT.")
