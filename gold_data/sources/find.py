"""What a user names (files, folders, patterns, URLs) -> the files of scenarios to read, in one order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from gold_data.errors import SourceError
from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.database import MAPPING_FILE, SUMMARY_FILE
from gold_data.sources.database import databases, word_on
from gold_data.sources.source import Kind, Source, readable
from gold_data.sources.stored import check_stored
from gold_data.sources.wrong_kind import kind_of

_READERS = 8
"""Files that are looked into at once: over a network each look is a wait."""


@dataclass(frozen=True)
class _Candidate:
    """A file that an argument leads to: `shown` is its path as the user wrote it, `asked` whether it must be one.

    `named` is whether it is the argument itself, `settled` whether a database has told what it is.
    """

    source: Source
    shown: str
    asked: bool
    named: bool = False
    settled: bool = False


def find_sources(paths: Sequence[str]) -> tuple[Source, ...]:
    """The TFRecord files and ScenarioNet pickles that the arguments lead to, ordered by argument and then by path.

    Below a folder, a file is one if it holds Scenario records or starts as a description, whatever it is called; other
    files are passed over, unless "tfrecord" is in their name, or it is that of a ScenarioNet pickle (sd_*.pkl). In a
    folder with a dataset_summary.pkl that is the database's word on all pickles below: what it lists and is not there,
    and what it does not list, is a source with a fault. A file that two arguments lead to counts for the first.

    Only first bytes are looked at, but of summaries and of a pickle that is an argument itself. Raises SourceError
    where an argument leads to none, where a file is of another kind or cannot be read, where a database leads out of
    its folder, and where two files would be written about under one name.
    """
    candidates = [candidate for index, path in enumerate(paths) for candidate in _candidates(path, index)]
    with ThreadPoolExecutor(_READERS) as pool:
        held = [candidate for candidate in pool.map(_told, candidates) if candidate is not None]
    for index, path in enumerate(paths):
        if all(candidate.source.argument != index for candidate in held):
            raise SourceError(
                f"{path} leads to no TFRecord files and no ScenarioNet pickles; give the folder that WOMD's scenario "
                "files or a database are in"
            )
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
            source = Source(name, location, index, info["size"], "womd")
            candidates.append(_Candidate(source, shown, asked, named=file == path))
    if len(candidates) == 1 and candidates[0].named:
        return candidates
    return _with_databases(candidates)


def _with_databases(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The same, by path, with what databases among them say: pickles that are not there are added to them."""
    by_name = {candidate.source.name: candidate for candidate in candidates}
    known = databases({name: candidate.source for name, candidate in by_name.items()})
    listed = {name: folder for folder, claims in known.items() for name in claims}
    told = []
    for name in sorted({*by_name, *listed}):
        candidate = by_name.get(name)
        if candidate is None:
            beside = by_name[str(PurePosixPath(listed[name], SUMMARY_FILE))]
            candidate = _Candidate(_missing(name, beside.source), name, asked=True)
        file = PurePosixPath(name)
        if file.name in (SUMMARY_FILE, MAPPING_FILE):
            continue
        word = word_on(name, known, there=name in by_name) if name in listed or file.suffix == ".pkl" else None
        if word is not None:
            source = replace(candidate.source, kind="scenarionet", claims=word.claims, fault=word.fault)
            candidate = replace(candidate, source=source, settled=True)
        told.append(candidate)
    return told


def _missing(name: str, beside: Source) -> Source:
    """A file that is not there, where `beside` shows how the files around it are to be found."""
    return Source(name, beside.location.removesuffix(beside.name) + name, beside.argument, 0, "scenarionet")


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _before_pattern(path: str) -> str:
    """The folder in which a pattern like folder/*.tfrecord starts to match."""
    return _folder_of(path[: min((path.find(sign) for sign in "*?[" if sign in path), default=len(path))])


def _told(candidate: _Candidate) -> _Candidate | None:
    """The candidate with its kind, or None where it is to be passed over."""
    if candidate.settled:
        return candidate
    file = PurePosixPath(candidate.source.name)
    if candidate.named and file.name in (SUMMARY_FILE, MAPPING_FILE):
        raise SourceError(f"{candidate.shown} tells of a ScenarioNet database and is no scenario; give its folder")
    if not candidate.named and file.match("sd_*.pkl"):
        return _of_kind(candidate, "scenarionet")
    try:
        with readable(candidate.shown), candidate.source.open() as opened:
            told = _of_kind(candidate, kind_of(opened, candidate.shown))
    except SourceError:
        if candidate.asked:
            raise
        return None
    if candidate.named and told.source.kind == "scenarionet":
        try:
            check_stored(told.source)
        except DescriptionError as error:
            raise SourceError(f"{candidate.shown}: {error}") from error
    return told


def _of_kind(candidate: _Candidate, kind: Kind) -> _Candidate:
    return replace(candidate, source=replace(candidate.source, kind=kind))
