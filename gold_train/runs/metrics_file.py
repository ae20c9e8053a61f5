"""What a training writes as it goes: a JSON object a line."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gold_data.errors import OutputError


class MetricsFile:
    """Rows are added at the end, by one training at a time."""

    def __init__(self, path: Path, keep: int | None = None) -> None:
        """`keep` bytes from the start stay, what was written after the state to go on from is cut off; None: all stays.

        Raises OutputError where the file is shorter, where another process writes it, or where it cannot be written.
        """
        self.path = path
        try:
            self._file = path.open("ab")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno == errno.EWOULDBLOCK:  # file systems that know no locks say something else
                    raise OutputError(
                        f"{path}: another training writes it now; end that one, or choose another run"
                    ) from error
            found = os.fstat(self._file.fileno()).st_size
            if keep is not None and found < keep:
                raise OutputError(f"{path}: has {found} bytes, {keep} were written; put it back, or begin another run")
            self._file.truncate(found if keep is None else keep)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written ({error}); free the space or choose another place") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row, so that who follows the file sees it now. Raises OutputError when it cannot be written."""
        try:
            self._file.write(json.dumps(row, allow_nan=False).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error}); free the space and go on") from error

    def written(self) -> int:
        """Bytes of the file, synced to the disk: a state that counts on them may be saved."""
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size
