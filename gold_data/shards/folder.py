"""Folders and files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from gold_data.errors import OutputError

PARTIAL = ".partial"


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a new folder beside `path` that takes its name, synced to the disk, when the block ends without an error.

    After an error nothing is left. A process killed inside the block leaves a folder whose name begins with a dot and
    ends with `.partial`: `is_partial` knows it. Raises OutputError when `path` is there already or cannot be written.
    """
    if os.path.lexists(path):
        raise OutputError(f"{path}: is there already and is never overwritten; remove it or choose another place")
    partial = _sibling(path)
    try:
        partial.mkdir(parents=True)
        yield partial
        _sync_tree(partial)
        partial.rename(path)
        _sync(path.parent)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise OutputError(f"{path}: cannot be written ({error}); free the space or choose another place") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def write_whole_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new, never a part.

    Raises OutputError when it cannot be written.
    """
    partial = _sibling(path)
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise OutputError(f"{path}: cannot be written ({error}); free the space or choose another place") from error


def is_partial(path: Path) -> bool:
    """Whether a name is that of a folder or file which was never finished."""
    return path.name.startswith(".") and path.name.endswith(PARTIAL)


def _sibling(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex}{PARTIAL}")


def _sync_tree(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            _sync(Path(place, name))
        _sync(Path(place))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
