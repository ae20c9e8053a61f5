"""The small JSON files beside a dataset's manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gold_data.errors import DatasetError


def read_object(path: Path) -> dict[str, Any]:
    """Read a file of one JSON object, {} where there is no such file; raises DatasetError where it is none."""
    return _parsed(path, _content(path) or b"{}", ())


def read_rows(path: Path, *names: str) -> Iterator[dict[str, Any]]:
    """Read a file of one JSON object a line, none where there is no such file.

    Raises DatasetError where a line is none that has all `names`.
    """
    for line in _content(path).splitlines():
        yield _parsed(path, line, names)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); allow reading it") from error


def _parsed(path: Path, content: bytes, names: Sequence[str]) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DatasetError(f"{path}: cannot be read as JSON ({error}); fetch or convert the dataset again") from error
    if not isinstance(found, dict) or any(name not in found for name in names):
        expected = f"an object with {', '.join(names)}" if names else "an object"
        raise DatasetError(f"{path}: holds something else than {expected}; fetch or convert the dataset again")
    return found
