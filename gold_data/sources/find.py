"""What a user names (files, folders, patterns, URLs) -> the TFRecord files to read, in one order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from gold_data.errors import SourceError
from gold_data.sources.source import Source, readable
from gold_data.sources.wrong_kind import refuse_wrong_kind

_READERS = 8
"""Files that are looked into at once: over a network each look is a wait."""


@dataclass(frozen=True)
class _Candidate:
    """A file that an argument leads to: `shown` is its path as the user wrote it, `asked` whether it must be one."""

    source: Source
    shown: str
    asked: bool


def find_sources(paths: Sequence[str]) -> tuple[Source, ...]:
    """The TFRecord files that the arguments lead to, ordered by argument and then by path.

    Below a folder, a file is one if it holds Scenario records, whatever it is called; other files are passed over,
    unless "tfrecord" is in their name. A file that two arguments lead to counts for the first. Raises SourceError
    where an argument leads to none, where a file is of another kind or cannot be read, and where two files would be
    written about under one name.
    """
    candidates = [candidate for index, path in enumerate(paths) for candidate in _candidates(path, index)]
    with ThreadPoolExecutor(_READERS) as pool:
        held = [c for c, holds in zip(candidates, pool.map(_holds_scenarios, candidates), strict=True) if holds]
    for index, path in enumerate(paths):
        if all(candidate.source.argument != index for candidate in held):
            raise SourceError(f"{path} leads to no TFRecord files; give the folder that WOMD's scenario files are in")
    by_location: dict[str, _Candidate] = {}
    by_name: dict[str, _Candidate] = {}
    for candidate in held:
        if by_location.setdefault(candidate.source.location, candidate) is candidate:
            other = by_name.setdefault(candidate.source.name, candidate)
            if other is not candidate:
                raise SourceError(
                    f"{other.shown} and {candidate.shown} would both be written about as {candidate.source.name}; "
                    "give the folder above both instead"
                )
    return tuple(candidate.source for candidate in by_location.values())


def _candidates(argument: str, index: int) -> list[_Candidate]:
    """All files that one argument leads to, by path."""
    with readable(argument):
        system, path = fsspec.core.url_to_fs(argument)
        if isinstance(system, LocalFileSystem):
            path = os.path.abspath(path)  # for a name's sake: the folder of "." or ".." is to be called what it is
        files: dict[str, dict[str, Any]] = {}
        if system.isfile(path):
            root, shown_root = _folder_of(path), _folder_of(argument)
            files[path] = system.info(path)
        elif system.exists(path):
            root, shown_root = path, argument.rstrip("/")
            files = system.find(path, detail=True, on_error="raise")
        else:
            root, shown_root = _before_pattern(path), _before_pattern(argument)
            for match in system.glob(path):
                files.update(system.find(match, detail=True, on_error="raise"))
            if not files:
                raise SourceError(f"{argument}: there is no such file or folder; check the path")
    candidates = []
    for file, info in sorted(files.items()):
        if info["type"] == "file":
            below = file.removeprefix(root).lstrip("/")
            name = str(PurePosixPath(PurePosixPath(root).name, below))
            location = file if isinstance(system, LocalFileSystem) else system.unstrip_protocol(file)
            shown = argument if file == path else f"{shown_root}/{below}" if shown_root else below
            asked = file == path or "tfrecord" in PurePosixPath(file).name.lower()
            candidates.append(_Candidate(Source(name, location, index, info["size"], "womd"), shown, asked))
    return candidates


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _before_pattern(path: str) -> str:
    """The folder in which a pattern like folder/*.tfrecord starts to match."""
    return _folder_of(path[: min((path.find(sign) for sign in "*?[" if sign in path), default=len(path))])


def _holds_scenarios(candidate: _Candidate) -> bool:
    try:
        with readable(candidate.shown), candidate.source.open() as file:
            refuse_wrong_kind(file, candidate.shown)
    except SourceError:
        if candidate.asked:
            raise
        return False
    return True
