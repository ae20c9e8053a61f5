"""A lock that its holder's end releases, however that comes: one job in a folder, one attempt at a unit."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gold_data.errors import OutputError


@contextmanager
def held(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock on a file, made where it is missing, inside the block; False where the file system knows none.

    With `wait` until whoever holds it lets go, else BlockingIOError. Network file systems: NFS passes locks on to all
    its clients, Lustre does when it is mounted with `flock`, others may refuse. Raises OutputError where the file
    cannot be written.
    """
    try:
        file = path.open("ab")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error}); free the space or choose another place") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:
            yield False
            return
        if not os.fstat(file.fileno()).st_nlink:  # its holder ended and removed it between opening and locking
            raise BlockingIOError
        yield True
