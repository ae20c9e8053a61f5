"""Which of the files that were found is the one that a dataset names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from gold_data.sources.source import Source


def sources_called(name: str, sources: Iterable[Source]) -> list[Source]:
    """The sources with the file name of `name`, those first whose path ends as it does for the longest.

    The folders above a file may be called otherwise, where less or more of the path was given or it was moved.
    """
    wanted = PurePosixPath(name)
    same = [source for source in sources if PurePosixPath(source.name).name == wanted.name]
    return sorted(same, key=lambda source: -_shared_tail(source, wanted))


def _shared_tail(source: Source, wanted: PurePosixPath) -> int:
    parts = zip(reversed(PurePosixPath(source.location).parts), reversed(wanted.parts), strict=False)
    return next((number for number, (one, other) in enumerate(parts) if one != other), len(wanted.parts))
